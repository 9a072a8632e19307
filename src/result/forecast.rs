//! What a run would take: its darts, its standard error and its time.

use std::f64::consts::FRAC_PI_4;

use serde::Serialize;

use crate::darts::tally::Tally;
use crate::result::estimate::Estimate;

/// What a run would take, by the rate of a probe.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// The seed; `None` if it is to be drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The run, or its shard or range.
    #[serde(flatten)]
    pub cost: Cost,
    /// The darts that its checkpoint holds already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<u64>,
    /// The chunks of its darts.
    pub chunks: u64,
    /// The number of threads.
    pub workers: usize,
    /// The kernel.
    pub kernel: String,
    /// Darts per second, all threads together.
    pub sims_per_s: f64,
    /// The number of the shard, from 1, and the number of shards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<(u64, u64)>,
    /// All shards together, one after another at the same rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole: Option<Cost>,
}

/// Darts to count, how accurate they are, and how long they take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// How many.
    pub sims: u64,
    /// The standard error to expect of the estimate; `None` for fewer than two darts.
    pub std_error: Option<f64>,
    /// Elapsed time of the count in seconds, without darts that are counted already.
    pub elapsed_s: f64,
}

impl Cost {
    /// Of so many darts, counted in `elapsed_s` seconds.
    pub fn new(sims: u64, elapsed_s: f64) -> Cost {
        Cost {
            sims,
            std_error: Estimate::of(expected(sims)).known_error(),
            elapsed_s,
        }
    }
}

/// The hits to expect of so many darts.
fn expected(sims: u64) -> Tally {
    let hits = (sims as f64 * FRAC_PI_4).round() as u64;
    Tally { sims, hits }
}

/// How many darts a standard error of at most `target` is expected to take; 2^64 - 1 if no number of darts gives it.
pub fn sims_for(target: f64) -> u64 {
    let mut sims = Tally::default().next_check();
    while sims < u64::MAX && !expected(sims).reaches(target) {
        sims = expected(sims).next_check();
    }
    sims
}
