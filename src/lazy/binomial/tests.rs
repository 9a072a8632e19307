//! The sampler's parts, from the bottom up, with every branch forced; then the halves.

use crate::darts::contract::generator;
use crate::lazy::binomial::*;
use crate::lazy::tests::{Script, assert_coin, assert_law, assert_standard, binomial_law, wide};

#[test]
fn a_ratio_is_compared_to_the_digit_that_decides() {
    // 1/3 is 0.5555... in base 16.
    let third = |digits: &[u32]| ratio(&mut Script(digits.to_vec()), 1, 3);
    let equal = 0x5555_5555;
    assert!(third(&[equal - 1]) && !third(&[equal + 1]));
    assert!(third(&[equal, equal - 1]) && !third(&[equal, equal + 1]));
    assert!(third(&[equal, equal, equal, 0]) && !third(&[equal, equal, equal, u32::MAX]));
    let always = |a, b| ratio(&mut Script(vec![u32::MAX]), a, b);
    assert!(always(3, 3) && always((1 << 96) - 1, (1 << 96) - 1));
    assert!(!ratio(&mut Script(vec![0]), 0, 3));
    let widest = (1 << 96) - 1;
    for (a, b) in [
        (1, 3),
        (2, 3),
        (5, 7),
        (widest / 3, widest),
        (1 << 63, 1 << 64),
    ] {
        assert_coin("ratio", a as f64 / b as f64, |words| ratio(words, a, b));
    }
}

#[test]
fn below_throws_away_what_would_favour_some() {
    // 2^64 mod 3 is 1: the product of word 0 has the one low half that is thrown away.
    let mut words = Script(vec![0, 0, u32::MAX]);
    assert_eq!(below(&mut words, 3), 2);
    assert_eq!(below(&mut Script(vec![0]), 4), 0);
    let mut words = generator(1);
    let mut counts = [0; 7];
    for _ in 0..700_000 {
        counts[below(&mut words, 7) as usize] += 1;
    }
    assert_law("below 7", &counts, &[1.0 / 7.0; 7]);
}

#[test]
fn the_gaussian_table_decides_by_its_last_bit() {
    let draw = |drawn: u128| {
        // The high word comes first, and the low half of a word.
        let parts = [64, 96, 0, 32].map(|shift| (drawn >> shift) as u32);
        gaussian(&mut Script(parts.to_vec()))
    };
    assert_eq!(draw(0), 0);
    assert_eq!(draw(u128::MAX), 12);
    for (q, end) in GAUSSIAN.into_iter().enumerate() {
        assert_eq!(draw(end - 1), q as u64);
        assert_eq!(draw(end), q as u64 + 1);
    }
}

/// The table again, in 127-bit fixed point: exp(-1/2) by its series, and powers of it.
#[test]
fn the_gaussian_table_is_right() {
    const ONE: u128 = 1 << 127;
    let root = {
        // exp(-1/2) = sum (-1/2)^j / j!
        let (mut plus, mut minus, mut term) = (0, 0, ONE);
        for j in 1..60 {
            if j % 2 == 1 {
                plus += term
            } else {
                minus += term
            }
            term /= 2 * j;
        }
        plus - minus
    };
    let times = |a: u128, b: u128| wide(a, b).0 << 1 | wide(a, b).1 >> 127;
    let mut weights = vec![ONE];
    let mut step = root;
    for _ in 1..=12 {
        // exp(-q^2/2) to exp(-(q+1)^2/2) is exp(-(2q+1)/2).
        weights.push(times(weights[weights.len() - 1], step));
        step = times(times(step, root), root);
    }
    let sum: u128 = weights.iter().map(|weight| weight >> 2).sum(); // units of 2^-125
    let mut cumulative = 0;
    for (q, end) in GAUSSIAN.into_iter().enumerate() {
        cumulative += weights[q] >> 2;
        // end / 2^128 = cumulative / sum: the high 128 bits of end * sum.
        let off = wide(end, sum).0.abs_diff(cumulative);
        assert!(off < 1 << 6, "entry {q} is off by {off} of 2^125");
    }
}

#[test]
fn exponential_coins() {
    for (a, b) in [(0u32, 1), (1, 1000), (1, 2), (9, 10), (1, 1)] {
        assert_coin("exp", (-f64::from(a) / f64::from(b)).exp(), |words| {
            exp_minus(words, |words, j| ratio(words, a.into(), j * b as u128))
        });
    }
}

/// The sampler's s for h.
fn step(h: u64) -> u64 {
    (1..).find(|s| 2 * s * s >= h).unwrap()
}

#[test]
fn the_step_to_the_discrete_gaussian() {
    for h in [513u64, 514, 600, 20_000, 1 << 30] {
        let s = step(h);
        for (q, x) in [
            (0, 0),
            (0, s - 1),
            (1, 0),
            (1, s - 1),
            (2, s / 2),
            (4, 1),
            (5, s - 1),
        ] {
            let k = (q * s + x) as f64;
            let exponent = k * (k + 1.0) / h as f64 - (q * q) as f64 / 2.0;
            assert_coin(
                &format!("h {h}, q {q}, x {x}"),
                (-exponent).exp(),
                |words| discrete(words, h, s, q, x),
            );
        }
    }
    // The widest numbers: n = 2^64 - 1.
    let (h, s) = (1 << 63, 1 << 31);
    assert_coin("widest", (-4.5f64).exp(), |words| {
        discrete(words, h, s, 4, s - 1)
    });
    // Words that accept the first coin and no second one, so that the first j is odd or even.
    assert!(!discrete(&mut Script(vec![0, u32::MAX]), h, s, 12, s - 1));
}

/// At the ends of the ranges that are drawn: k from 1 to 13 s - 1, h from the smallest one, on both sides of
/// the change of factors, and where the exponent goes in parts.
#[test]
fn the_step_to_the_binomial() {
    let mut in_parts = 0;
    for h in [513u64, 514, 1000, (1 << 14) - 1, 1 << 14, 40_000] {
        let s = step(h);
        for k in [1, s, 3 * s, 6 * s, 9 * s, 13 * s - 1] {
            assert!(2 * k <= h, "the series of delta needs k/h <= 1/2");
            let y = |i| i as f64 / h as f64;
            let delta: f64 = (1..=k).map(|i| 2.0 * (y(i).atanh() - y(i))).sum();
            in_parts += u32::from(((k * (k + 1) / 2) as f64).powi(2) > (h as f64).powi(3));
            assert_coin(&format!("h {h}, k {k}"), (-delta).exp(), |words| {
                thinned(words, h, k)
            });
        }
    }
    assert!(in_parts > 0);
    // No delta: k = 0 has no i to draw.
    assert_coin("k 0", 1.0, |words| thinned(words, 513, 0));
    assert_coin("k 0, wide", 1.0, |words| thinned(words, 1 << 63, 0));
}

#[test]
fn a_term_of_delta() {
    for (h, k) in [
        (513, 1),
        (513, 2),
        (513, 220),
        (1 << 14, 1177),
        (1 << 62, 1 << 33),
    ] {
        // phi averaged over i with weight i^3. If k is too large to sum, phi(0) = 2/3.
        let expected = match k {
            0..0x10_0000 => {
                let phi = |y: f64| match y {
                    ..0.01 => 2.0 / 3.0 + 0.4 * y * y,
                    y => 2.0 * (y.atanh() - y) / y.powi(3),
                };
                let cubes: f64 = (1..=k).map(|i| (i as f64).powi(3)).sum();
                let phis = (1..=k).map(|i| (i as f64).powi(3) * phi(i as f64 / h as f64));
                phis.sum::<f64>() / cubes
            }
            _ => 2.0 / 3.0,
        };
        assert_coin(&format!("h {h}, k {k}"), expected, |words| {
            term(words, h, k)
        });
    }
}

/// A proposal far out that passes the step to the discrete Gaussian but not the step to the binomial, which
/// chance would never show; then a proposal in the middle.
#[test]
fn a_proposal_must_pass_both_steps() {
    const NO: u32 = u32::MAX;
    let mut script = vec![NO, NO, NO, NO]; // q = 12
    script.extend([NO, NO]); // x = s - 1 = 16, so k = 220
    for _ in 0..22 {
        script.extend([NO, 0, NO]); // a whole 1 of the exponent: j = 1 always, j = 2, not j = 3
    }
    script.push(NO); // not j = 1 of what is left of it
    script.push(0); // j = 1 of the first part of delta
    script.extend([NO, NO, NO, NO, NO]); // i = 220, three times 220/220
    script.extend([0, 0, 0]); // phi's first term, and true
    script.push(NO); // not j = 2: thrown away
    script.extend([0, 0, 0, 0]); // q = 0
    script.extend([1, 0]); // x = 0
    script.push(NO); // exp(0)
    script.push(NO); // no delta
    script.extend([NO, NO]); // the upper side
    assert_eq!(half(&mut Script(script), 1025), 513);
}

/// Coins drawn as bits, with a rest of a word; then both sides of the change of sampler, even and odd, and of
/// the change of factors. The law goes from 12 standard deviations below to 12 above.
#[test]
fn halves_of_small_and_middling_numbers() {
    for n in [
        1u64, 2, 3, 12, 63, 64, 65, 200, 1024, 1025, 1026, 1537, 32_765, 32_767, 32_768, 1_000_001,
    ] {
        let mut words = generator(n);
        let mut counts = vec![0; n as usize + 1];
        for _ in 0..300_000 {
            counts[half(&mut words, n) as usize] += 1;
        }
        assert_law(&format!("half of {n}"), &counts, &binomial_law(n, 0.5));
    }
    assert_eq!(half(&mut generator(1), 0), 0);
}

/// Numbers for which f64 would give only even results, up to the largest.
#[test]
fn halves_of_large_numbers() {
    for n in [
        1 << 40,
        (1 << 53) + 1,
        1 << 55,
        (1 << 62) + 1,
        (1 << 63) - 1,
        1 << 63,
        u64::MAX - 1,
        u64::MAX,
    ] {
        let mut words = generator(n);
        let draws: Vec<u64> = (0..200_000).map(|_| half(&mut words, n)).collect();
        // Twice the distance from n/2 is whole; the standard deviation of the draw is sqrt(n)/2.
        let z = draws
            .iter()
            .map(|x| (2 * i128::from(*x) - i128::from(n)) as f64 / (n as f64).sqrt());
        assert_standard(&format!("half of {n}"), &z.collect::<Vec<_>>());
        let mut counts = [0; 64];
        for x in draws {
            counts[x as usize % 64] += 1;
        }
        assert_law(&format!("half of {n}, mod 64"), &counts, &[1.0 / 64.0; 64]);
    }
}
