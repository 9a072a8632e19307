//! A result as bytes. One struct, [`Record`], holds what every format says, so that the formats
//! cannot drift apart; each format is a function from it to bytes. Not here: files and terminals.

pub mod compare;
mod csv;
mod json;
mod text;

use std::time::Duration;

use serde::Serialize;

pub use self::csv::csv;
pub use self::json::json;
pub use self::text::{quiet, text};
use crate::dart::CONTRACT;
use crate::estimate::Estimate;
use crate::kernel::Kernel;
use crate::plan::Plan;
use crate::run::Tally;

/// A finished run: the fields of the JSON object and of the CSV row, in their order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The version of the dart contract that the hits follow.
    pub contract: u32,
    /// How the hits were drawn: `darts` or `lazy`.
    pub method: &'static str,
    /// The seed.
    pub seed: u64,
    /// The number of the first dart.
    pub first: u64,
    /// Darts thrown.
    pub sims: u64,
    /// Darts that hit.
    pub hits: u64,
    /// The estimate of pi, its standard error and 95 % interval.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// Threads that really ran.
    pub workers: usize,
    /// The kernel's name, or `lazy`.
    pub kernel: &'static str,
    /// Seconds the count took.
    pub elapsed_s: f64,
    /// Darts thrown a second; none if they were not thrown.
    pub sims_per_s: Option<f64>,
}

/// How the hits of a record were drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every dart thrown, by this kernel.
    Darts(Kernel),
    /// By [`crate::lazy`].
    Lazy,
}

impl Record {
    /// The record of a run of `plan` by `method` on `workers` threads that gave `tally`.
    pub fn new(
        plan: &Plan,
        tally: Tally,
        method: Method,
        workers: usize,
        elapsed: Duration,
    ) -> Record {
        // A clock too coarse to see a short run must not make the rate infinite.
        let elapsed_s = elapsed.max(Duration::from_nanos(1)).as_secs_f64();
        let (method, kernel, sims_per_s) = match method {
            Method::Darts(kernel) => ("darts", kernel.name(), Some(tally.sims as f64 / elapsed_s)),
            Method::Lazy => ("lazy", "lazy", None),
        };
        Record {
            contract: CONTRACT,
            method,
            seed: plan.seed(),
            first: plan.first(),
            sims: tally.sims,
            hits: tally.hits,
            estimate: Estimate::of(tally),
            workers,
            kernel,
            elapsed_s,
            sims_per_s,
        }
    }
}
