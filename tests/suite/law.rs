//! Over many seeds, the hits are distributed like those of independent darts.

use std::f64::consts::FRAC_PI_4;

use pi_mc::engine::whole;
use pi_mc::{Estimate, Kernel, Plan};
use rayon::prelude::*;

/// A thousand fixed seeds of a million darts. With z the standardised hits of a seed, nearly normal:
///
/// - the mean of 1,000 z has standard deviation 1/sqrt(1000) = 0.0316;
/// - their variance has mean 1 and standard deviation sqrt(2/999) = 0.0447;
/// - the number of 95 % intervals that hold pi is Binomial(1000, 0.95): mean 950, standard
///   deviation sqrt(1000 * 0.95 * 0.05) = 6.89. (The coverage of Wilson's interval at a million
///   darts differs from 0.95 by less than 0.0005: half a seed.)
///
/// Each bound is 4 standard deviations, so correct code would fail for one choice of seeds in 5,000. The
/// seeds are fixed, so the result never changes.
#[test]
fn a_thousand_seeds_scatter_as_they_should() {
    const SEEDS: u64 = 1_000;
    const SIMS: f64 = 1e6;
    let tallies: Vec<_> = (0..SEEDS)
        .into_par_iter()
        .map(|seed| {
            let plan = Plan::first(seed, SIMS as u64).unwrap();
            whole::count(&plan, Kernel::detect(), std::num::NonZero::<usize>::MIN).unwrap()
        })
        .collect();

    let sd = (SIMS * FRAC_PI_4 * (1.0 - FRAC_PI_4)).sqrt();
    let z: Vec<f64> = tallies
        .iter()
        .map(|t| (t.hits as f64 - SIMS * FRAC_PI_4) / sd)
        .collect();
    let mean = z.iter().sum::<f64>() / SEEDS as f64;
    let variance = z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / (SEEDS - 1) as f64;
    let held = tallies.iter().filter(|tally| {
        let ci95 = Estimate::of(**tally).ci95;
        (ci95.low..=ci95.high).contains(&std::f64::consts::PI)
    });
    let held = held.count();

    assert!(mean.abs() < 4.0 * 0.0316, "mean {mean}");
    assert!((variance - 1.0).abs() < 4.0 * 0.0447, "variance {variance}");
    assert!(
        (950 - 28..=950 + 28).contains(&held),
        "{held} of 1000 intervals hold pi"
    );
}
