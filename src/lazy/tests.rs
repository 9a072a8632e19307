//! The law of the whole, and helpers for the tests of the parts.
//!
//! All seeds are fixed, so a test passes always or never. Bounds are in standard deviations: with different
//! seeds, correct code would exceed a bound of 5 about once in a million times. A chi-square statistic of d
//! degrees of freedom, with mean d, standard deviation sqrt(2d) and a longer tail, would exceed a bound of 6
//! about once in 10,000 times.

use std::convert::Infallible;
use std::f64::consts::FRAC_PI_4;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::TryRng;
use rayon::prelude::*;

use crate::darts::contract::generator;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::whole;
use crate::kernel::Kernel;
use crate::lazy;
use crate::result::estimate::Estimate;

/// floor(pi/4 * 2^126).
pub(super) const PI_4: u128 = 0x3243_f6a8_885a_308d_3131_98a2_e037_0734;

/// Words that a test chose. The last one repeats.
pub(super) struct Script(pub(super) Vec<u32>);

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

/// How many standard deviations `heads` of `n` coins differ from a coin of probability `p`.
fn coin_z(heads: u64, n: u64, p: f64) -> f64 {
    let n = n as f64;
    (heads as f64 - n * p) / (n * p * (1.0 - p)).sqrt()
}

/// Throws `coin` a million times and compares it with probability `p`.
pub(super) fn assert_coin(name: &str, p: f64, mut coin: impl FnMut(&mut ChaCha8Rng) -> bool) {
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

/// Compares counts with a law, given as probabilities. Cells with an expectation under 10 are put together.
pub(super) fn assert_law(name: &str, counts: &[u64], law: &[f64]) {
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

/// The probabilities of Binomial(n, p) at 0..=n, from the middle outwards so that none underflows.
pub(super) fn binomial_law(n: u64, p: f64) -> Vec<f64> {
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

/// Checks that the mean and the variance of standardised values are within 5 standard deviations.
pub(super) fn assert_standard(name: &str, z: &[f64]) {
    let n = z.len() as f64;
    let mean = z.iter().sum::<f64>() / n;
    let variance = z.iter().map(|z| z * z).sum::<f64>() / n;
    assert!(mean.abs() < 5.0 / n.sqrt(), "{name}: mean {mean}");
    assert!(
        (variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
        "{name}: variance {variance}"
    );
}

/// The high half and the low half of a 256-bit product.
pub(super) fn wide(a: u128, b: u128) -> (u128, u128) {
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

/// The whole distribution of up to 12 darts, over a million seeds.
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

/// How many standard deviations `hits` among `n` darts are off. The difference to n pi/4 is taken in
/// integers, in units of 2^-62, since f64 could not hold n pi/4.
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

/// Compares the two methods on a million darts with 2,000 seeds each. The means of two samples from one law
/// have a standard deviation of sd * sqrt(2/2000), and the logarithms of their variances one of sqrt(4/1999).
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
        let plan = Plan::first(seed, SIMS).unwrap();
        whole::count(&plan, Kernel::detect(), std::num::NonZero::<usize>::MIN)
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

/// The estimate keeps its digits where the counts do not fit into a float.
#[test]
fn the_estimate_is_right_at_the_largest_counts() {
    for n in [1_000_000_000_000_000_000, u64::MAX] {
        // z standard errors above pi, in integers: pi/4 * n + z * sd.
        for shift in [-2.0, 0.0, 1.5] {
            let sd = (n as f64 * FRAC_PI_4 * (1.0 - FRAC_PI_4)).sqrt();
            let middle = (u128::from(n) * (PI_4 >> 64)) >> 62;
            let hits = (middle as i128 + (shift * sd) as i128) as u64;
            let e = Estimate::of(Tally { sims: n, hits });
            let std_error = 4.0 * sd / n as f64;
            assert!(
                (e.std_error / std_error - 1.0).abs() < 1e-6,
                "{n}: {}",
                e.std_error
            );
            let off = (e.pi - std::f64::consts::PI) / std_error;
            assert!((off - shift).abs() < 1e-5, "{n}: {off}");
            let [low, high] = [e.ci95.low, e.ci95.high]
                .map(|end| (end - e.pi) / std_error / 1.959_963_984_540_054);
            assert!(
                (low + 1.0).abs() < 1e-5 && (high - 1.0).abs() < 1e-5,
                "{n}: {low} {high}"
            );
        }
    }
}

fn assert_hits(seed: u64, sims: u64, hits: u64) {
    let counted = lazy::count(seed, sims).unwrap().hits;
    assert_eq!(counted, hits, "seed {seed}, {sims} darts");
}

#[test]
fn value_stability_lazy() {
    assert_hits(1, 1_000_000, 785_432);
    assert_hits(1, 1_000_000_000, 785_405_935);
}

#[test]
fn value_stability_most_lazy_darts() {
    let sims = 1_000_000_000_000_000_000;
    assert_hits(1, sims, 785_398_163_236_284_798);
    assert_hits(42, u64::MAX, 14_488_038_919_856_380_796);
}
