//! Reads numbers as people type them, exactly: no value goes through a float on the way.

use std::num::NonZero;
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context, Result};
use rand::TryRng;
use rand::rngs::SysRng;

use crate::result::goal::MAX_PARTS;

/// The numbers that [`sims`] takes, for its error.
const SIMS: &str = "expected a whole number of darts from 1 to 2^64-1, such as 10000000, 10_000_000, 1e7, 2.5e9, 10M or 2^32";

/// Reads a number of darts: a decimal with or without one of k, M, G, T (powers of 1000), or a power such as 2^32,
/// less any number: 2^32-1. The value must be whole, from 1 to 2^64 - 1.
pub fn sims(text: &str) -> Result<u64, String> {
    let (number, exponent) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 3),
        Some((at, 'M')) => (&text[..at], 6),
        Some((at, 'G')) => (&text[..at], 9),
        Some((at, 'T')) => (&text[..at], 12),
        _ => (text, 0),
    };
    let is_plain = exponent == 0 || !number.contains(['e', 'E']);
    let read = decimal(number, exponent).filter(|_| is_plain);
    read.or_else(|| power(text))
        .filter(|sims| *sims > 0)
        .ok_or_else(|| SIMS.to_owned())
}

/// The numbers that [`darts`] takes, for its error.
const DARTS: &str = "expected the number of a dart from 0 to 2^64-2, such as 12, 1e6 or 2^48, or some in a row, such as 10..20, darts 10 to 19";

/// Reads which darts: one, or a range that ends before its second number and holds at least one. Their numbers are
/// typed like [`sims`] or in hexadecimal after 0x, from 0 to 2^64 - 2.
pub fn darts(text: &str) -> Result<Range<u64>, String> {
    let number = |text| seed(text).or_else(|_| sims(text)).ok();
    let range = match text.split_once("..") {
        Some((first, end)) => number(first).zip(number(end)),
        None => number(text).and_then(|first| Some((first, first.checked_add(1)?))),
    };
    range
        .map(|(first, end)| first..end)
        .filter(|range| !range.is_empty())
        .ok_or_else(|| DARTS.to_owned())
}

/// Reads the range of darts that a run counts, typed like [`darts`]: A..B, which ends before B.
pub fn range(text: &str) -> Result<Range<u64>, String> {
    let range = darts(text).ok().filter(|_| text.contains(".."));
    range.ok_or_else(|| {
        "expected A..B, the darts A to B-1 with 0 <= A < B <= 2^64-1, such as 1e6..2e6".to_owned()
    })
}

/// Reads a seed, from 0 to 2^64 - 1: decimal, hexadecimal after 0x, or a power such as 2^32 or 2^32-1.
pub fn seed(text: &str) -> Result<u64, String> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => digits(hex, 16).and_then(|hex| u64::from_str_radix(&hex, 16).ok()),
        None => digits(text, 10)
            .and_then(|decimal| decimal.parse().ok())
            .or_else(|| power(text)),
    }
    .ok_or_else(|| "expected a whole number from 0 to 2^64-1, such as 42 or 0x2a".to_owned())
}

/// The seed asked for, or else one from the operating system, below 2^53 because every JSON reader keeps such a
/// number exactly. Seeds are drawn nowhere else.
pub(crate) fn seed_or_drawn(asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(seed) => Ok(seed),
        None => SysRng
            .try_next_u64()
            .map(|seed| seed >> (64 - 53))
            .context("could not draw a seed from the operating system"),
    }
}

/// The most threads that can be asked for; far more than any machine has cores.
const MAX_WORKERS: usize = 4096;

/// A number of threads; `None` leaves it to the engine.
pub type Workers = Option<NonZero<usize>>;

/// Reads `auto`, or a number of threads from 1 to `MAX_WORKERS`.
pub fn workers(text: &str) -> Result<Workers, String> {
    if text == "auto" {
        return Ok(None);
    }
    let workers = text.parse().ok();
    workers
        .filter(|workers: &NonZero<usize>| workers.get() <= MAX_WORKERS)
        .map(Some)
        .ok_or_else(|| format!("expected a whole number from 1 to {MAX_WORKERS}, or auto"))
}

/// Reads part I of N, from 1/N to N/N.
pub fn shard(text: &str) -> Result<(u64, u64), String> {
    let number = |text| digits(text, 10)?.parse().ok();
    text.split_once('/')
        .and_then(|(i, n)| Some((number(i)?, number(n)?)))
        .filter(|(i, n)| (1..=*n).contains(i))
        .ok_or_else(|| {
            "expected I/N, the I-th of N parts, from 1/N to N/N, such as 3/64".to_owned()
        })
}

/// Reads a number of parts from 1 to `MAX_PARTS`.
pub fn parts(text: &str) -> Result<u64, String> {
    let parts = text.parse().ok();
    parts
        .filter(|parts| (1..=MAX_PARTS).contains(parts))
        .ok_or_else(|| format!("expected a whole number of parts from 1 to {MAX_PARTS}"))
}

/// Reads a standard error to reach: a float above 0.
pub fn error(text: &str) -> Result<f64, String> {
    let error = text.parse().ok();
    error
        .filter(|error: &f64| *error > 0.0 && error.is_finite())
        .ok_or_else(|| "expected a number above 0, such as 1e-6".to_owned())
}

/// Reads a length of time: decimals, each with a unit, the units from the longest to the shortest. The sum must be a
/// whole number of nanoseconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    nanoseconds(text).map(Duration::from_nanos).ok_or_else(|| {
        "expected a time with its unit (ns, us, ms, s, m, h, d), such as 2ms, 1.5s or 1h30m"
            .to_owned()
    })
}

/// Reads a [`duration`] above 0.
pub fn time_limit(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("expected a time above 0, such as 30s or 1.5h".to_owned()),
        limit => Ok(limit),
    }
}

fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum: u64 = 0;
    let mut shortest = u64::MAX;
    loop {
        // An e between digits begins an exponent; every other letter belongs to a unit.
        let is_number = |c: char| c.is_ascii_digit() || "._eE+-".contains(c);
        let (number, after) = rest.split_at(rest.find(|c| !is_number(c))?);
        let is_unit = |c: char| c.is_ascii_alphabetic() || c == 'µ';
        let (unit, after) = after.split_at(after.find(|c| !is_unit(c)).unwrap_or(after.len()));
        // The unit in nanoseconds, as a small number times a power of ten.
        let (times, exponent) = match unit {
            "ns" => (1, 0),
            "us" | "µs" => (1, 3),
            "ms" => (1, 6),
            "s" => (1, 9),
            "m" | "min" => (60, 9),
            "h" => (3_600, 9),
            "d" => (86_400, 9),
            _ => return None,
        };
        let length = times * 10u64.pow(exponent);
        if length >= shortest {
            return None;
        }
        shortest = length;
        let nanos = decimal(number, exponent.into())?.checked_mul(times)?;
        sum = sum.checked_add(nanos)?;
        if after.is_empty() {
            return Some(sum);
        }
        rest = after;
    }
}

/// Reads a power, or a number below a power: 2^32, 2^32-1, 2^64-2.
fn power(text: &str) -> Option<u64> {
    let (power, less) = match text.rsplit_once('-') {
        Some((power, less)) => (power, digits(less, 10)?.parse().ok()?),
        None => (text, 0),
    };
    // cmd takes ^ for itself.
    let (base, exponent) = power.split_once("**").or(power.split_once('^'))?;
    let base: u128 = digits(base, 10)?.parse().ok()?;
    let power = base.checked_pow(digits(exponent, 10)?.parse().ok()?)?;
    power.checked_sub(less)?.try_into().ok()
}

/// Reads a decimal with or without a fraction and an exponent, times a power of ten; `None` if it is not whole.
fn decimal(text: &str, exponent: i64) -> Option<u64> {
    let (mantissa, own) = match text.split_once(['e', 'E']) {
        Some((mantissa, own)) => {
            let (sign, own) = match own.strip_prefix('-') {
                Some(own) => (-1, own),
                None => (1, own.strip_prefix('+').unwrap_or(own)),
            };
            (
                mantissa,
                sign * i64::from(digits(own, 10)?.parse::<i32>().ok()?),
            )
        }
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        // .5 is a number, and 5. is not.
        Some(("", fraction)) => (String::new(), digits(fraction, 10)?),
        Some((whole, fraction)) => (digits(whole, 10)?, digits(fraction, 10)?),
        None => (digits(mantissa, 10)?, String::new()),
    };
    let all = format!("{whole}{fraction}");
    let significant = all.trim_end_matches('0');
    let zeros = exponent + own + (whole.len() as i64 - significant.len() as i64);
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let value: u64 = significant.parse().ok()?;
    value.checked_mul(10u64.checked_pow(zeros.try_into().ok()?)?)
}

/// The digits of `text` without the underscores between them; `None` if `text` has anything else.
fn digits(text: &str, radix: u32) -> Option<String> {
    let ends_in_digits = !text.is_empty() && !text.starts_with('_') && !text.ends_with('_');
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    (ends_in_digits && digits.chars().all(|c| c.is_digit(radix))).then_some(digits)
}

#[cfg(test)]
mod tests;
