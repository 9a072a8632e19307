//! The texts that each parser takes and refuses.

use std::num::NonZero;
use std::time::Duration;

use crate::cli::parse::number::{
    DARTS, SIMS, darts, duration, error, seed, shard, sims, time_limit, workers,
};

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
        ("2**64-1", u64::MAX),
        ("2^64-2", u64::MAX - 1),
        ("2^16-2", 65_534),
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
    let refused = "0 -1 -1e6 abc 1.5 1.50 1e20 2^64 2^65-1 2^0-1 2^-1 7-1 1e5-1 1e e5 1e-3 1.5001k \
        .5 5. _1 1_ 1__ 0e5 0k k ^ 2^ ^2 0^3 18446744073709551616 1e99999999999999999999 \
        2^99999999999 99999999999999T 1,000 0x10 +5 NaN inf ١٢ 1e5k 1kk π";
    for typed in refused.split(' ').chain(["", " ", "1 000"]) {
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
        ("2^64-2", u64::MAX - 1..u64::MAX),
        ("2^48-2..2^48", (1 << 48) - 2..1 << 48),
        ("18446744073709551614..2^64-1", u64::MAX - 1..u64::MAX),
    ] {
        assert_eq!(darts(typed), Ok(read), "{typed}");
    }
    let refused = "-1 1.5 x .. 5.. ..5 5..5 6..5 1...3 1..=3 1..2..3 1-3 2^64 18446744073709551615 \
        1..18446744073709551616 +1";
    for typed in refused.split(' ').chain([""]) {
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
        ("2^64-2", u64::MAX - 1),
        ("2^0-1", 0),
    ] {
        assert_eq!(seed(typed), Ok(read), "{typed}");
    }
    let refused = "18446744073709551616 -1 2^64 0x2^3 0x 0x10000000000000000 0xg 1e3 s";
    for typed in refused.split(' ').chain([""]) {
        let message = "expected a whole number from 0 to 2^64-1, such as 42 or 0x2a";
        assert_eq!(seed(typed), Err(message.to_owned()), "{typed}");
    }
}

#[test]
fn workers_are_1_to_4096_or_auto() {
    assert_eq!(workers("1"), Ok(NonZero::new(1)));
    assert_eq!(workers("4096"), Ok(NonZero::new(4096)));
    assert_eq!(workers("auto"), Ok(None));
    let refused = "0 4097 -1 two 1.5 99999999999999999999999 AUTO";
    for typed in refused.split(' ').chain([""]) {
        let message = "expected a whole number from 1 to 4096, or auto";
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
    let refused = "2 -2s 1.5ns s 1x 1e99s 1000000d 30s1m 1m1m 1m1min 1h30 30m-5s 1m,30s 5.s .s 1es 1e-10s \
        200000d200000d 1e99999999999999999999s 1µ";
    for typed in refused.split(' ').chain(["", "1m 30s"]) {
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
