//! The lazy method's parts, one by one and with every branch forced, then the law of the whole.
//!
//! All seeds are fixed, so a test passes always or never. Bounds are standard deviations: right code
//! with other seeds would pass a bound of 5 but for about one time in a million, and a chi-square
//! statistic of d degrees of freedom, which has mean d and standard deviation sqrt(2d) and a longer
//! tail, one of 6 but for about one time in 10,000.

use std::convert::Infallible;
use std::f64::consts::FRAC_PI_4;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::TryRng;
use rayon::prelude::*;

use super::binomial::{self, *};
use super::strips::*;
use crate::dart::generator;
use crate::{Estimate, Kernel, Plan, lazy, run};

/// Words that a test chose, and after them only the last one.
struct Script(Vec<u32>);

impl TryRng for Script {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(match self.0.len() {
            1 => self.0[0],
            _ => self.0.remove(0),
        })
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        Ok(u64::from(self.try_next_u32()?) << 32 | u64::from(low))
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        unimplemented!("the sampler draws words")
    }
}

/// How many standard deviations `heads` of `n` coins are off a coin of probability `p`.
fn coin_z(heads: u64, n: u64, p: f64) -> f64 {
    let n = n as f64;
    (heads as f64 - n * p) / (n * p * (1.0 - p)).sqrt()
}

/// Throws `coin` a million times and holds it to probability `p`.
fn assert_coin(name: &str, p: f64, mut coin: impl FnMut(&mut ChaCha8Rng) -> bool) {
    const N: u64 = 1_000_000;
    let mut words = generator(5);
    let heads = (0..N).filter(|_| coin(&mut words)).count() as u64;
    match p {
        0.0 => assert_eq!(heads, 0, "{name}"),
        1.0 => assert_eq!(heads, N, "{name}"),
        p => assert!(
            coin_z(heads, N, p).abs() < 5.0,
            "{name}: {heads} of {N}, not {p}"
        ),
    }
}

/// Holds counts to a law, given as probabilities; cells that expect under 10 are put together.
fn assert_law(name: &str, counts: &[u64], law: &[f64]) {
    assert_eq!(counts.len(), law.len(), "{name}");
    let n = counts.iter().sum::<u64>() as f64;
    assert!(
        (law.iter().sum::<f64>() - 1.0).abs() < 1e-9,
        "{name}: {}",
        law.iter().sum::<f64>()
    );
    let (mut chi_square, mut cells) = (0.0, 0);
    let mut add = |count: f64, expected: f64| {
        if expected > 0.0 {
            chi_square += (count - expected).powi(2) / expected;
            cells += 1;
        }
    };
    let mut rest = (0.0, 0.0);
    for (count, p) in counts.iter().zip(law) {
        if n * p < 10.0 {
            rest = (rest.0 + *count as f64, rest.1 + n * p);
        } else {
            add(*count as f64, n * p);
        }
    }
    add(rest.0, rest.1.max(f64::MIN_POSITIVE.sqrt()));
    let freedom = f64::from(cells - 1);
    let off = (chi_square - freedom) / (2.0 * freedom).sqrt();
    assert!(off < 6.0, "{name}: chi-square {chi_square} of {freedom}");
}

/// The probabilities of Binomial(n, p) at 0..=n, from the middle outwards so that none is lost.
fn binomial_law(n: u64, p: f64) -> Vec<f64> {
    let mode = (n as f64 * p) as usize;
    let mut law = vec![0.0; n as usize + 1];
    law[mode] = 1.0;
    let odds = p / (1.0 - p);
    for k in mode..n as usize {
        law[k + 1] = law[k] * odds * (n as f64 - k as f64) / (k as f64 + 1.0);
    }
    for k in (0..mode).rev() {
        law[k] = law[k + 1] / odds * (k as f64 + 1.0) / (n as f64 - k as f64);
    }
    let sum: f64 = law.iter().sum();
    law.iter().map(|weight| weight / sum).collect()
}

/// Mean and variance of standardised values: `n` of them, off by less than 5 standard deviations.
fn assert_standard(name: &str, z: &[f64]) {
    let n = z.len() as f64;
    let mean = z.iter().sum::<f64>() / n;
    let variance = z.iter().map(|z| z * z).sum::<f64>() / n;
    assert!(mean.abs() < 5.0 / n.sqrt(), "{name}: mean {mean}");
    assert!(
        (variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
        "{name}: variance {variance}"
    );
}

// binomial.rs, from the bottom up.

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
        // The high word comes first, and of a word its low half.
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

/// The 256 bits of a product: its high half and its low half.
fn wide(a: u128, b: u128) -> (u128, u128) {
    let halves = |x: u128| (x >> 64, x & u128::from(u64::MAX));
    let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
    let low = halves(a0 * b0);
    let (one, other) = (halves(a1 * b0), halves(a0 * b1));
    let middle = low.0 + one.1 + other.1;
    (
        a1 * b1 + one.0 + other.0 + (middle >> 64),
        middle << 64 | low.1,
    )
}

#[test]
fn exponential_coins() {
    for (a, b) in [(0u32, 1), (1, 1000), (1, 2), (9, 10), (1, 1)] {
        assert_coin("exp", (-f64::from(a) / f64::from(b)).exp(), |words| {
            exp_minus(words, |words, j| ratio(words, a.into(), j * b as u128))
        });
    }
}

/// s, as the sampler takes it for h.
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
    // Words that agree to the first coin and to no second one, so that the first j is odd or even.
    assert!(!discrete(&mut Script(vec![0, u32::MAX]), h, s, 12, s - 1));
}

/// At the ends of what is ever drawn: k from 1 to 13 s - 1, h from the least one, on both sides of
/// where the factors change, and where the exponent goes in parts.
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
        // phi averaged over i with weight i^3; of a k too large to sum, phi(0) = 2/3.
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

/// A proposal far out that the step to the discrete Gaussian lets pass and the step to the binomial
/// does not, which chance would not show: then the next one, in the middle.
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
    assert_eq!(binomial::half(&mut Script(script), 1025), 513);
}

/// One coin a bit, and what is left of a word; then both sides of where the sampler changes, even and
/// odd, and where its factors change. The law goes from 12 standard deviations below to 12 above.
#[test]
fn halves_of_small_and_middling_numbers() {
    for n in [
        1u64, 2, 3, 12, 63, 64, 65, 200, 1024, 1025, 1026, 1537, 32_765, 32_767, 32_768, 1_000_001,
    ] {
        let mut words = generator(n);
        let mut counts = vec![0; n as usize + 1];
        for _ in 0..300_000 {
            counts[binomial::half(&mut words, n) as usize] += 1;
        }
        assert_law(&format!("half of {n}"), &counts, &binomial_law(n, 0.5));
    }
    assert_eq!(binomial::half(&mut generator(1), 0), 0);
}

/// Where f64 would give even numbers only, and up to the widest numbers that there are.
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
        let draws: Vec<u64> = (0..200_000)
            .map(|_| binomial::half(&mut words, n))
            .collect();
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

// strips.rs: the geometry, in integers.

/// floor(pi/4 * 2^126).
const PI_4: u128 = 0x3243_f6a8_885a_308d_3131_98a2_e037_0734;

#[test]
fn heights_are_exact() {
    assert_eq!(height(1, 0), 1 << 123);
    assert_eq!(height(1, 2), 1 << 122);
    assert_eq!(height(1, 1), (1 << 125) / 5);
    for k in 1..=60 {
        let mut words = generator(k.into());
        for _ in 0..200 {
            let t = below(&mut words, (1 << k) + 1);
            let by = (1 << (2 * k)) + u128::from(t).pow(2);
            // quotient * by <= 2^123 * 4^k < (quotient + 1) * by, in 256 bits.
            let shift = 123 + 2 * k;
            let numerator = match shift {
                128.. => (1 << (shift - 128), 0),
                _ => (0, 1 << shift),
            };
            let quotient = height(k, t);
            assert!(wide(quotient, by) <= numerator, "f({t}/2^{k})");
            assert!(numerator < wide(quotient + 1, by), "f({t}/2^{k})");
        }
    }
}

/// Every strip to level 16: it holds f, its children lie in it, and the slots that hit or miss for
/// sure are as many as there can be.
#[test]
fn every_strip_holds_the_circle_and_its_children() {
    for k in 1..=16 {
        for t in 1..1 << k {
            let ends = [
                height(k + 1, 2 * t),
                height(k + 1, 2 * t + 1),
                height(k + 1, 2 * t + 2),
            ];
            // The strip's bottom, its middle and its children's, in units of 2^-(2k+5).
            let [l, r] = [ends[0], ends[2]].map(|end| 4 * low(k, t, end));
            let bottoms = [l, l.midpoint(r), r];
            let inner = ends.map(|end| low(k + 1, 2 * t, end));
            for (bottom, child) in bottoms.into_iter().zip(inner) {
                assert!(
                    bottom <= child && child + 4 <= bottom + 16,
                    "strip ({k}, {t})"
                );
            }
            assert!(sure_slots(k, t, ends) <= 48, "strip ({k}, {t})");
            // f at eighths of it, with 32 more bits: L <= f < L + 4u, and a unit for the floor.
            for eighth in 0..=8 {
                let f = height(k + 3, 8 * t + eighth) >> (118 - 2 * k - 32);
                let bottom = (l * u128::from(8 - eighth) + r * u128::from(eighth)) << 29;
                assert!(
                    bottom <= f + 1 && f <= bottom + (16 << 32),
                    "strip ({k}, {t})"
                );
            }
        }
    }
}

/// The area that hits for sure is at most pi/4, and with all that is undecided at least that, at
/// every level; what is undecided is what the tree says it is.
#[test]
fn the_areas_close_in_on_a_quarter_of_pi() {
    // In units of 2^-126. A strip's slot is 2^-(3k+7), a corner's as well.
    let slot = |k: u32| 1u128 << (126 - 3 * k - 7);
    let (mut sure, mut strips) = (0, Vec::new());
    for k in 0..16 {
        let mut children = Vec::new();
        for t in strips {
            let ends = [2 * t, 2 * t + 1, 2 * t + 2].map(|t| height(k + 1, t));
            sure += u128::from(sure_slots(k, t, ends)) * slot(k);
            children.extend([2 * t, 2 * t + 1]);
        }
        sure += u128::from(corner_slots(k)) * slot(k);
        children.insert(0, 1);
        strips = children;
        let undecided = strips.len() as u128 * 64 * slot(k + 1) + 16 * slot(k);
        assert!(sure <= PI_4 && PI_4 <= sure + undecided, "level {k}");
    }
}

#[test]
fn darts_are_dealt_evenly() {
    // With the last word repeated: every slot of a dart is its 7 bits.
    assert_eq!(
        deal(&mut Script(vec![0]), 9, [16, 24, 100, 128]),
        [9, 0, 0, 0]
    );
    assert_eq!(
        deal(&mut Script(vec![u32::MAX]), 9, [16, 24, 100, 128]),
        [0, 0, 0, 9]
    );
    assert_eq!(
        deal(&mut Script(vec![16]), 1, [16, 24, 100, 128]),
        [0, 1, 0, 0]
    );
    assert_eq!(
        deal(&mut Script(vec![15]), 1, [16, 24, 100, 128]),
        [1, 0, 0, 0]
    );
    for m in [1u64, 2, 9, 10, 11, 1000, 5000] {
        let mut words = generator(m);
        let mut sums = [0; 4];
        for _ in 0..400_000 / m {
            let dealt = deal(&mut words, m, [8, 16, 53, 64]);
            assert_eq!(dealt.iter().sum::<u64>(), m);
            for (sum, dealt) in sums.iter_mut().zip(dealt) {
                *sum += dealt;
            }
        }
        let mut sums_of_128 = [0; 4];
        for _ in 0..400_000 / m {
            let dealt = deal(&mut words, m, [16, 24, 101, 128]);
            for (sum, dealt) in sums_of_128.iter_mut().zip(dealt) {
                *sum += dealt;
            }
        }
        let law = [16.0, 8.0, 77.0, 27.0].map(|slots| slots / 128.0);
        assert_law(&format!("{m} darts to 128"), &sums_of_128, &law);
        assert_law(
            &format!("{m} darts"),
            &sums,
            &[8.0, 8.0, 37.0, 11.0].map(|slots| slots / 64.0),
        );
    }
}

/// Levels that chance hardly ever reaches: darts are put there. What a strip of level k should hold
/// in hits is the share of it below f: by Simpson's rule, whose error is far below the strip's height.
#[test]
fn deep_strips_hit_by_their_share_below_the_circle() {
    const DARTS: u64 = 1000;
    for k in 1..=50 {
        let mut words = generator(k.into());
        let (mut off, mut variance) = (0.0, 0.0);
        for _ in 0..200 {
            let t = 1 + below(&mut words, (1 << k) - 1);
            let f = [2 * t, 2 * t + 1, 2 * t + 2].map(|t| height(k + 1, t));
            let unit = 1u128 << (120 - 2 * k);
            // Above the bottom's left end, in units of u; the strip is 4 high.
            let above =
                |height: u128, t: u128| (height as i128 - (t * unit) as i128) as f64 / unit as f64;
            let [l, r] = [f[0], f[2]].map(|end| low(k, t, end));
            let mean = (above(f[0], l) + above(f[2], r)) / 6.0
                + 4.0 / 6.0 * (above(f[1], l) / 2.0 + above(f[1], r) / 2.0);
            let share = mean / 4.0;
            let hits = strip(&mut words, k, t, [f[0], f[2]], DARTS).unwrap();
            off += hits as f64 - DARTS as f64 * share;
            variance += DARTS as f64 * share * (1.0 - share);
        }
        assert!(
            off.abs() < 5.0 * variance.sqrt(),
            "level {k}: {off} of {}",
            variance.sqrt()
        );
    }
}

#[test]
fn a_dart_that_stays_undecided_is_an_error() {
    let t = 12_345;
    let ends = [height(59, t), height(59, t + 1)];
    assert!(strip(&mut generator(1), 59, t, ends, 1 << 20).is_err());
    assert!(strip(&mut generator(1), 60, t, ends, 1).is_err());
    assert!(strip(&mut generator(1), 60, t, ends, 0).is_ok());
    // Zeros keep a dart in the corner for ever.
    assert!(hits(&mut Script(vec![0]), 1).is_err());
}

// The law of the whole.

/// Up to 12 darts the whole distribution, over a million seeds.
#[test]
fn few_darts_hit_by_the_binomial_law() {
    (1..=12u64).into_par_iter().for_each(|n| {
        let mut counts = vec![0; n as usize + 1];
        for seed in 0..1_000_000 {
            counts[lazy::count(seed, n).unwrap().hits as usize] += 1;
        }
        assert_law(&format!("{n} darts"), &counts, &binomial_law(n, FRAC_PI_4));
    });
}

fn assert_binomial(n: u64, seeds: u64) {
    let draws: Vec<u64> = (0..seeds)
        .into_par_iter()
        .map(|seed| lazy::count(seed, n).unwrap().hits)
        .collect();
    let mut counts = vec![0; n as usize + 1];
    for hits in draws {
        counts[hits as usize] += 1;
    }
    assert_law(&format!("{n} darts"), &counts, &binomial_law(n, FRAC_PI_4));
}

#[test]
fn a_thousand_darts_hit_by_the_binomial_law() {
    assert_binomial(1000, 1_000_000);
}

#[test]
fn a_million_darts_hit_by_the_binomial_law() {
    assert_binomial(1_000_000, 100_000);
}

/// How many standard deviations `hits` among `n` darts are off: the difference to n pi/4 is taken in
/// integers, of 2^-62, since n pi/4 exceeds what f64 holds.
fn z(hits: u64, n: u64) -> f64 {
    let pi_4 = (PI_4 >> 64) as i128;
    let off = (i128::from(hits) << 62) - i128::from(n) * pi_4;
    let sd = (n as f64 * FRAC_PI_4 * (1.0 - FRAC_PI_4)).sqrt();
    off as f64 / 2f64.powi(62) / sd
}

fn assert_scatter(n: u64, seeds: u64) {
    let draws: Vec<u64> = (0..seeds)
        .into_par_iter()
        .map(|seed| lazy::count(seed, n).unwrap().hits)
        .collect();
    let zs: Vec<f64> = draws.iter().map(|hits| z(*hits, n)).collect();
    assert_standard(&format!("{n} darts"), &zs);
    let mut counts = [0; 16];
    for hits in draws {
        counts[hits as usize % 16] += 1;
    }
    if seeds >= 1000 {
        assert_law(&format!("{n} darts, mod 16"), &counts, &[1.0 / 16.0; 16]);
    }
}

#[test]
fn a_million_million_darts_scatter_as_they_should() {
    assert_scatter(1_000_000_000_000, 2_000);
}

#[test]
#[ignore = "half a minute"]
fn a_quintillion_darts_scatter_as_they_should() {
    assert_scatter(1_000_000_000_000_000_000, 200);
    assert_scatter(u64::MAX, 50);
}

#[test]
#[ignore = "half a minute"]
fn ten_times_the_seeds() {
    assert_binomial(1000, 10_000_000);
    assert_binomial(1_000_000, 1_000_000);
}

/// The two methods on a million darts, 2,000 seeds each: the means of two samples from one law
/// differ by sd * sqrt(2/2000), and the logarithms of their variances by sqrt(4/1999).
#[test]
fn lazy_and_thrown_darts_follow_one_law() {
    const SIMS: u64 = 1_000_000;
    let sample = |hits: &(dyn Fn(u64) -> u64 + Sync)| {
        let z: Vec<f64> = (0..2_000u64)
            .into_par_iter()
            .map(|seed| z(hits(seed), SIMS))
            .collect();
        let mean = z.iter().sum::<f64>() / 2_000.0;
        (
            mean,
            z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / 1_999.0,
        )
    };
    let lazy = sample(&|seed| lazy::count(seed, SIMS).unwrap().hits);
    let thrown = sample(&|seed| {
        let plan = Plan::new(seed, SIMS).unwrap();
        run::count(&plan, Kernel::detect(), std::num::NonZero::<usize>::MIN)
            .unwrap()
            .hits
    });
    let means = (lazy.0 - thrown.0) / (2.0f64 / 2_000.0).sqrt();
    let variances = (lazy.1 / thrown.1).ln() / (4.0f64 / 1_999.0).sqrt();
    assert!(
        means.abs() < 5.0,
        "means differ by {means} standard deviations"
    );
    assert!(
        variances.abs() < 5.0,
        "variances differ by {variances} standard deviations"
    );
}

/// The estimate holds its digits where the counts do not fit a float.
#[test]
fn the_estimate_is_right_at_the_largest_counts() {
    for n in [1_000_000_000_000_000_000, u64::MAX] {
        // z standard errors above pi, in integers: pi/4 * n + z * sd.
        for shift in [-2.0, 0.0, 1.5] {
            let sd = (n as f64 * FRAC_PI_4 * (1.0 - FRAC_PI_4)).sqrt();
            let middle = (u128::from(n) * (PI_4 >> 64)) >> 62;
            let hits = (middle as i128 + (shift * sd) as i128) as u64;
            let e = Estimate::of(run::Tally { sims: n, hits });
            let std_error = 4.0 * sd / n as f64;
            assert!(
                (e.std_error / std_error - 1.0).abs() < 1e-6,
                "{n}: {}",
                e.std_error
            );
            let off = (e.pi - std::f64::consts::PI) / std_error;
            assert!((off - shift).abs() < 1e-5, "{n}: {off}");
            let [low, high] = e
                .ci95
                .map(|end| (end - e.pi) / std_error / 1.959_963_984_540_054);
            assert!(
                (low + 1.0).abs() < 1e-5 && (high - 1.0).abs() < 1e-5,
                "{n}: {low} {high}"
            );
        }
    }
}

#[test]
fn value_stability_lazy() {
    for (seed, sims, hits) in [
        (1, 1_000_000, 785_432),
        (1, 1_000_000_000, 785_405_935),
        (1, 1_000_000_000_000_000_000, 785_398_163_236_284_798),
        (42, u64::MAX, 14_488_038_919_856_380_796),
    ] {
        assert_eq!(
            lazy::count(seed, sims).unwrap().hits,
            hits,
            "seed {seed}, {sims} darts"
        );
    }
}
