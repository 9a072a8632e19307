//! Numbers as people type them, read exactly: no float is made on the way.

use std::num::NonZero;
use std::ops::Range;
use std::time::Duration;

/// What [`sims`] takes, for an error message.
const SIMS: &str = "a whole number of darts from 1 to 2^64-1, such as 10000000, 10_000_000, 1e7, 2.5e9, 10M or 2^32";

/// A count of darts: a decimal with or without one of k, M, G, T (powers of 1000), or a power such as
/// 2^32 or 2^32-1. It must come out whole, from 1 to 2^64 - 1.
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

/// What [`darts`] takes, for an error message.
const DARTS: &str = "the number of a dart from 0 to 2^64-2, such as 12, 1e6 or 2^48, or some in a row, such as 10..20, darts 10 to 19";

/// Numbers of darts: one, or a range that ends before its second number. They are typed like counts of
/// darts, or in hexadecimal after 0x, from 0 to 2^64 - 2; a range holds at least one.
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

/// A seed, from 0 to 2^64 - 1: decimal, hexadecimal after 0x, or a power such as 2^32 or 2^32-1.
pub fn seed(text: &str) -> Result<u64, String> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => digits(hex, 16).and_then(|hex| u64::from_str_radix(&hex, 16).ok()),
        None => digits(text, 10)
            .and_then(|decimal| decimal.parse().ok())
            .or_else(|| power(text)),
    }
    .ok_or_else(|| "a whole number from 0 to 2^64-1, such as 42 or 0x2a".to_owned())
}

/// The most threads that can be asked for; far more than any machine has cores.
const MAX_WORKERS: usize = 4096;

/// A number of threads; `None` leaves it to the engine.
pub type Workers = Option<NonZero<usize>>;

/// `auto`, or a number of threads from 1 to `MAX_WORKERS`.
pub fn workers(text: &str) -> Result<Workers, String> {
    if text == "auto" {
        return Ok(None);
    }
    let workers = text.parse().ok();
    workers
        .filter(|workers: &NonZero<usize>| workers.get() <= MAX_WORKERS)
        .map(Some)
        .ok_or_else(|| format!("a whole number from 1 to {MAX_WORKERS}, or auto"))
}

/// Part I of N, from 1/N to N/N.
pub fn shard(text: &str) -> Result<(u64, u64), String> {
    let number = |text| digits(text, 10)?.parse().ok();
    text.split_once('/')
        .and_then(|(i, n)| Some((number(i)?, number(n)?)))
        .filter(|(i, n)| (1..=*n).contains(i))
        .ok_or_else(|| "I/N, the I-th of N parts, from 1/N to N/N, such as 3/64".to_owned())
}

/// A standard error to reach: a float above 0.
pub fn error(text: &str) -> Result<f64, String> {
    let error = text.parse().ok();
    error
        .filter(|error: &f64| *error > 0.0 && error.is_finite())
        .ok_or_else(|| "a number above 0, such as 1e-6".to_owned())
}

/// A length of time: decimals, each with a unit, the units from the longest to the shortest. It must
/// come out as a whole number of nanoseconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    nanoseconds(text).map(Duration::from_nanos).ok_or_else(|| {
        "a time with its unit (ns, us, ms, s, m, h, d), such as 2ms, 1.5s or 1h30m".to_owned()
    })
}

/// A [`duration`] above 0.
pub fn time_limit(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("a time above 0, such as 30s or 1.5h".to_owned()),
        limit => Ok(limit),
    }
}

fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum: u64 = 0;
    let mut shortest = u64::MAX;
    loop {
        // An e between digits is an exponent, and every other letter belongs to a unit.
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

/// A power, or the number before it: 2^32, 2^32-1.
fn power(text: &str) -> Option<u64> {
    let (power, less) = match text.strip_suffix("-1") {
        Some(power) => (power, 1),
        None => (text, 0),
    };
    let (base, exponent) = power.split_once('^')?;
    let base: u128 = digits(base, 10)?.parse().ok()?;
    let power = base.checked_pow(digits(exponent, 10)?.parse().ok()?)?;
    power.checked_sub(less)?.try_into().ok()
}

/// A decimal, which may have a fraction and an exponent, times a power of ten, if that is whole.
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

/// The digits of `text` without the underscores between them; `None` if anything else is there.
fn digits(text: &str, radix: u32) -> Option<String> {
    let ends_in_digits = !text.is_empty() && !text.starts_with('_') && !text.ends_with('_');
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    (ends_in_digits && digits.chars().all(|c| c.is_digit(radix))).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_darts_are_read_exactly() {
        for (typed, read) in [
            ("100000", 100_000),
            ("100_000", 100_000),
            ("1e5", 100_000),
            ("1E+5", 100_000),
            ("2.5e3", 2_500),
            ("0.25e2", 25),
            ("10k", 10_000),
            ("10K", 10_000),
            ("2M", 2_000_000),
            ("0.001G", 1_000_000),
            ("0.0000001T", 100_000),
            (".5k", 500),
            ("2500e-2", 25),
            ("2^16", 65_536),
            ("2^16-1", 65_535),
            ("2^64-1", u64::MAX),
            ("10^5", 100_000),
            ("007", 7),
            ("18446744073709551615", u64::MAX),
            ("18446744073709.551615M", u64::MAX),
        ] {
            assert_eq!(sims(typed), Ok(read), "{typed}");
        }
    }

    #[test]
    fn bad_counts_of_darts_are_refused() {
        for typed in [
            "0",
            "-1",
            "-1e6",
            "abc",
            "1.5",
            "1.50",
            "1e20",
            "2^64",
            "2^64-2",
            "2^65-1",
            "2^0-1",
            "2^-1",
            "7-1",
            "1e5-1",
            "",
            " ",
            "1e",
            "e5",
            "1e-3",
            "1.5001k",
            ".5",
            "5.",
            "_1",
            "1_",
            "1__",
            "0e5",
            "0k",
            "k",
            "^",
            "2^",
            "^2",
            "0^3",
            "18446744073709551616",
            "1e99999999999999999999",
            "2^99999999999",
            "99999999999999T",
            "1 000",
            "1,000",
            "0x10",
            "+5",
            "NaN",
            "inf",
            "١٢",
            "1e5k",
            "1kk",
            "π",
        ] {
            assert_eq!(sims(typed), Err(SIMS.to_owned()), "{typed}");
        }
    }

    #[test]
    fn darts_are_a_number_or_a_range_that_ends_before_its_second_number() {
        for (typed, read) in [
            ("0", 0..1),
            ("1e6", 1_000_000..1_000_001),
            ("1_000", 1_000..1_001),
            ("2^48", 1 << 48..(1 << 48) + 1),
            ("0x10", 16..17),
            ("10..20", 10..20),
            ("0..1", 0..1),
            ("1.5k..1.6k", 1_500..1_600),
            ("18446744073709551614", u64::MAX - 1..u64::MAX),
            (
                "18446744073709551614..18446744073709551615",
                u64::MAX - 1..u64::MAX,
            ),
        ] {
            assert_eq!(darts(typed), Ok(read), "{typed}");
        }
        for typed in [
            "",
            "-1",
            "1.5",
            "x",
            "..",
            "5..",
            "..5",
            "5..5",
            "6..5",
            "1...3",
            "1..=3",
            "1..2..3",
            "1-3",
            "2^64",
            "18446744073709551615",
            "1..18446744073709551616",
            "+1",
        ] {
            assert_eq!(darts(typed), Err(DARTS.to_owned()), "{typed}");
        }
    }

    #[test]
    fn seeds_are_decimal_or_hex() {
        for (typed, read) in [
            ("0", 0),
            ("42", 42),
            ("0x2a", 42),
            ("18446744073709551615", u64::MAX),
            ("0xFFFF_ffff_FFFF_ffff", u64::MAX),
            ("2^32", 1 << 32),
            ("2^64-1", u64::MAX),
            ("2^0-1", 0),
        ] {
            assert_eq!(seed(typed), Ok(read), "{typed}");
        }
        for typed in [
            "18446744073709551616",
            "-1",
            "2^64",
            "0x2^3",
            "0x",
            "0x10000000000000000",
            "0xg",
            "1e3",
            "s",
            "",
        ] {
            let message = "a whole number from 0 to 2^64-1, such as 42 or 0x2a";
            assert_eq!(seed(typed), Err(message.to_owned()), "{typed}");
        }
    }

    #[test]
    fn workers_are_1_to_4096_or_auto() {
        assert_eq!(workers("1"), Ok(NonZero::new(1)));
        assert_eq!(workers("4096"), Ok(NonZero::new(4096)));
        assert_eq!(workers("auto"), Ok(None));
        for typed in [
            "0",
            "4097",
            "-1",
            "two",
            "1.5",
            "",
            "99999999999999999999999",
            "AUTO",
        ] {
            let message = "a whole number from 1 to 4096, or auto";
            assert_eq!(workers(typed), Err(message.to_owned()), "{typed}");
        }
    }

    #[test]
    fn shards_are_i_of_n() {
        assert_eq!(shard("1/1"), Ok((1, 1)));
        assert_eq!(shard("3/64"), Ok((3, 64)));
        for typed in ["0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/2/3", ""] {
            let message = shard(typed).unwrap_err();
            assert!(message.contains("3/64"), "{typed}: {message}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        for (typed, nanos) in [
            ("1ns", 1),
            ("2us", 2_000),
            ("2µs", 2_000),
            ("2.5ms", 2_500_000),
            ("1.5s", 1_500_000_000),
            ("10m", 600_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1d", 86_400_000_000_000),
            ("0s", 0),
            (".5s", 500_000_000),
            ("1e3s", 1_000_000_000_000),
            ("1E+3ms", 1_000_000_000),
            ("1e-3s", 1_000_000),
            ("1e-9s", 1),
            ("1_000ns", 1_000),
            ("1m30s", 90_000_000_000),
            ("1d2h3min4s5ms6us7ns", 93_784_005_006_007),
            ("1.5h30m", 7_200_000_000_000),
            ("0m0s", 0),
        ] {
            assert_eq!(duration(typed), Ok(Duration::from_nanos(nanos)), "{typed}");
        }
        for typed in [
            "2",
            "-2s",
            "1.5ns",
            "s",
            "",
            "1x",
            "1e99s",
            "1000000d",
            "30s1m",
            "1m1m",
            "1m1min",
            "1h30",
            "30m-5s",
            "1m 30s",
            "1m,30s",
            "5.s",
            ".s",
            "1es",
            "1e-10s",
            "200000d200000d",
            "1e99999999999999999999s",
            "1µ",
        ] {
            let message = duration(typed).unwrap_err();
            assert!(message.contains("1.5s"), "{typed}: {message}");
        }
        let zero = time_limit("0s").unwrap_err();
        assert!(zero.contains("30s"), "{zero}");
    }

    #[test]
    fn errors_are_above_0() {
        assert_eq!(error("1e-6"), Ok(1e-6));
        for typed in ["0", "-1", "nan", "inf", "1e-6x", ""] {
            let message = error(typed).unwrap_err();
            assert!(message.contains("1e-6"), "{typed}: {message}");
        }
    }
}
