//! A result as bytes. One struct, [`Record`], holds what every format says, so that the formats
//! cannot drift apart; each format is a function from it to bytes. Not here: files and terminals.

pub mod compare;
mod csv;
mod json;
pub mod plot;
mod text;
pub mod verify;

use std::time::Duration;

use serde::Serialize;

pub use self::csv::csv;
pub use self::json::{json, trace_line};
pub use self::text::{progress, quiet, text};
use crate::dart::CONTRACT;
use crate::estimate::Estimate;
use crate::kernel::Kernel;
use crate::plan::Plan;
use crate::run::Tally;
use crate::saved::{Part, Saved};

/// A result: the fields of the JSON object and of the CSV row, in their order. Fields of the first kind
/// are always there; those after `sims_per_s` only where they say something.
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
    /// Threads that really ran, on all machines; none known for a merged result.
    pub workers: Option<usize>,
    /// The kernel's name, or `lazy`; none known for a merged result.
    pub kernel: Option<&'static str>,
    /// Seconds the count took, before a resumed run's checkpoint and after; none known for a merged
    /// result.
    pub elapsed_s: Option<f64>,
    /// Darts thrown a second; none if they were not thrown, or over no time that is known.
    pub sims_per_s: Option<f64>,
    /// Of a shard, or of a partial result, the darts of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Whether darts are missing that were asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Of a merged result, the ranges that it was added up from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
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
    /// The record of `tally`, counted from `plan`'s first dart on by `method` on `workers` threads. If
    /// `elapsed` is not known, neither is the rate.
    pub fn new(
        plan: &Plan,
        tally: Tally,
        method: Method,
        workers: usize,
        elapsed: Option<Duration>,
    ) -> Record {
        // A clock too coarse to see a short run must not make the rate infinite.
        let elapsed_s = elapsed.map(|elapsed| elapsed.max(Duration::from_nanos(1)).as_secs_f64());
        let rate = elapsed_s.map(|elapsed_s| tally.sims as f64 / elapsed_s);
        let (method, kernel, sims_per_s) = match method {
            Method::Darts(kernel) => ("darts", kernel.name(), rate),
            Method::Lazy => ("lazy", "lazy", None),
        };
        Record {
            method,
            workers: Some(workers),
            kernel: Some(kernel),
            elapsed_s,
            sims_per_s,
            ..Record::bare(plan.seed(), plan.first(), tally)
        }
    }

    /// The record of saved results added up.
    pub fn merged(saved: Saved) -> Record {
        let whole = saved.of.unwrap_or(saved.end());
        let (first, tally) = (saved.first(), saved.tally());
        let partial = tally.sims < whole;
        Record {
            of: partial.then_some(whole),
            partial,
            parts: saved.parts,
            ..Record::bare(saved.seed, first, tally)
        }
    }

    fn bare(seed: u64, first: u64, tally: Tally) -> Record {
        Record {
            contract: CONTRACT,
            method: "darts",
            seed,
            first,
            sims: tally.sims,
            hits: tally.hits,
            estimate: Estimate::of(tally),
            workers: None,
            kernel: None,
            elapsed_s: None,
            sims_per_s: None,
            of: None,
            partial: false,
            parts: Vec::new(),
        }
    }
}
