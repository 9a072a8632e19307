//! Numbers as people type them, read exactly: no float is made on the way. Not here: what a number
//! is for; a caller adds its own bounds.

use std::time::Duration;

/// What [`sims`] takes, for an error message.
const SIMS: &str = "a whole number of darts from 1 to 2^64-1, such as 10000000, 10_000_000, 1e7, 2.5e9, 10M or 2^32";

/// A count of darts: decimal with optional underscores, fraction, exponent or one of k, M, G, T
/// (powers of 1000), or a power such as 2^32. It must come out whole, from 1 to 2^64 - 1.
pub(super) fn sims(text: &str) -> Result<u64, String> {
    let value = match text.split_once('^') {
        Some((base, exponent)) => power(base, exponent),
        None => decimal(text),
    };
    value
        .filter(|sims| *sims > 0)
        .ok_or_else(|| SIMS.to_owned())
}

/// A seed: decimal or hexadecimal after 0x, from 0 to 2^64 - 1.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => digits(hex, 16).and_then(|hex| u64::from_str_radix(&hex, 16).ok()),
        None => digits(text, 10).and_then(|decimal| decimal.parse().ok()),
    }
    .ok_or_else(|| "a whole number from 0 to 2^64-1, such as 42 or 0x2a".to_owned())
}

/// Part I of N, from 1/N to N/N.
pub(super) fn shard(text: &str) -> Result<(u64, u64), String> {
    let number = |text| digits(text, 10)?.parse().ok();
    text.split_once('/')
        .and_then(|(i, n)| Some((number(i)?, number(n)?)))
        .filter(|(i, n)| (1..=*n).contains(i))
        .ok_or_else(|| "I/N, the I-th of N parts, from 1/N to N/N, such as 3/64".to_owned())
}

/// A standard error to reach: a float above 0.
pub(super) fn error(text: &str) -> Result<f64, String> {
    let error = text.parse().ok();
    error
        .filter(|error: &f64| *error > 0.0 && error.is_finite())
        .ok_or_else(|| "a number above 0, such as 1e-6".to_owned())
}

/// A length of time: a decimal and one of ns, us, ms, s, m, h, d; a whole number of nanoseconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let unit = text
        .find(|c: char| c.is_ascii_alphabetic() || c == 'µ')
        .unwrap_or(text.len());
    // The unit as a power of ten of nanoseconds, times a small number.
    let (exponent, times) = match &text[unit..] {
        "ns" => (0, 1),
        "us" | "µs" => (3, 1),
        "ms" => (6, 1),
        "s" => (9, 1),
        "m" | "min" => (9, 60),
        "h" => (9, 3_600),
        "d" => (9, 86_400),
        _ => (0, 0),
    };
    scaled(&text[..unit], exponent)
        .filter(|_| times > 0)
        .and_then(|nanos| nanos.checked_mul(times))
        .map(Duration::from_nanos)
        .ok_or_else(|| {
            "a time with its unit (ns, us, ms, s, m, h, d), such as 2ms or 1.5s".to_owned()
        })
}

fn power(base: &str, exponent: &str) -> Option<u64> {
    let base: u64 = digits(base, 10)?.parse().ok()?;
    base.checked_pow(digits(exponent, 10)?.parse().ok()?)
}

fn decimal(text: &str) -> Option<u64> {
    let (mantissa, exponent) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 3),
        (at, 'M') => (&text[..at], 6),
        (at, 'G') => (&text[..at], 9),
        (at, 'T') => (&text[..at], 12),
        _ => match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
                (mantissa, digits(exponent, 10)?.parse().ok()?)
            }
            None => (text, 0),
        },
    };
    scaled(mantissa, exponent)
}

/// A decimal times a power of ten, if that is whole.
fn scaled(mantissa: &str, exponent: u32) -> Option<u64> {
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (digits(whole, 10)?, digits(fraction, 10)?),
        None => (digits(mantissa, 10)?, String::new()),
    };
    let fraction = fraction.trim_end_matches('0');
    let zeros = u32::checked_sub(exponent, fraction.len().try_into().ok()?)?;
    let value: u64 = (whole + fraction).parse().ok()?;
    match value {
        0 => Some(0),
        _ => value.checked_mul(10u64.checked_pow(zeros)?),
    }
}

/// The digits of `text` without the underscores between them; `None` if anything else is there.
fn digits(text: &str, radix: u32) -> Option<String> {
    let ends_in_digits = !text.is_empty() && !text.starts_with('_') && !text.ends_with('_');
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    (ends_in_digits && digits.chars().all(|c| c.is_digit(radix))).then_some(digits)
}
