//! The mean of the estimates of several runs, each with its own seed or its own darts: what a pool of
//! processes with a seed each computes. It differs from the estimate of one long run, which throws other
//! darts. [`merge`](crate::merge) adds up the shards of one run.

use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::result::estimate::{Interval, Z95};
use crate::result::merge::{MergeError, Parts, checked, nothing};
use crate::result::record::Record;

/// The mean of the estimates of several runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Average {
    /// The mean of the estimates, in which each run has the same weight.
    pub pi: f64,
    /// The standard error of the mean: the root of the sum of the squared errors, over the number of
    /// runs. `None` if the error of a run is unknown.
    pub std_error: Option<f64>,
    /// The 95 % interval, the mean ± 1.96 standard errors.
    pub ci95: Option<Interval>,
    /// How many of the runs' own 95 % intervals hold pi.
    pub hold_pi: usize,
    /// How many are expected to: 95 % of the runs.
    pub hold_pi_expected: f64,
    /// The darts of all runs together.
    pub sims: u64,
    /// The runs, in the order in which they were given.
    pub runs: Vec<AveragedRun>,
}

/// One of the runs that were averaged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AveragedRun {
    /// The run's seed.
    pub seed: u64,
    /// The number of the first dart.
    pub first: u64,
    /// Darts thrown.
    pub sims: u64,
    /// The hits among them.
    pub hits: u64,
    /// The run's estimate of pi.
    pub pi: f64,
    /// The standard error of the estimate; `None` if all darts hit or none does.
    pub std_error: Option<f64>,
    /// The 95 % interval of the estimate.
    pub ci95: Interval,
}

impl AveragedRun {
    /// Whether the run's own interval holds pi.
    pub fn holds_pi(&self) -> bool {
        self.ci95.holds(PI)
    }
}

/// Averages the estimates of `records`, each with the name by which errors call it.
///
/// # Errors
/// If there are no records, if one holds no dart, if two share darts, which would count twice, if all
/// darts together are too many to be numbered, or if a record fails [`Record::check`].
pub fn average<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Result<Average, MergeError> {
    let mut runs = Runs::default();
    for (name, record) in records {
        runs.add(&name.to_string(), record)?;
    }
    runs.average()
}

/// The runs added so far, of each of which it keeps about two hundred bytes and the name.
#[derive(Default)]
pub(crate) struct Runs {
    runs: Vec<AveragedRun>,
    parts: Parts,
    /// The first record without a dart.
    empty: Option<Arc<str>>,
}

impl Runs {
    /// Adds `record`, with the name by which errors call it.
    ///
    /// # Errors
    /// If it fails [`Record::check`].
    pub(crate) fn add(&mut self, name: &str, record: &Record) -> Result<(), MergeError> {
        let name = checked(name, record)?;
        self.parts.add(&name, record);
        self.runs.push(averaged(record));
        if record.sims == 0 {
            self.empty.get_or_insert(name);
        }
        Ok(())
    }

    /// The average.
    ///
    /// # Errors
    /// Those of [`average`].
    pub(crate) fn average(self) -> Result<Average, MergeError> {
        let Runs { runs, parts, empty } = self;
        if runs.is_empty() {
            return Err(nothing());
        }
        if let Some(name) = empty {
            return Err(MergeError::Other(format!(
                "{name} holds no darts, so it has no estimate to average"
            )));
        }
        let mut sims = runs.iter().map(|run| run.sims);
        let sims = sims
            .try_fold(0, u64::checked_add)
            .ok_or_else(|| MergeError::Other("all darts together must stay below 2^64".into()))?;
        parts.check_apart()?;

        let n = runs.len() as f64;
        let pi = runs.iter().map(|run| run.pi).sum::<f64>() / n;
        let squares = runs.iter().map(|run| Some(run.std_error?.powi(2)));
        let std_error = squares.sum::<Option<f64>>().map(|sum| sum.sqrt() / n);
        Ok(Average {
            pi,
            std_error,
            ci95: std_error.map(|error| [pi - Z95 * error, pi + Z95 * error].into()),
            hold_pi: runs.iter().filter(|run| run.holds_pi()).count(),
            hold_pi_expected: 95.0 * n / 100.0,
            sims,
            runs,
        })
    }
}

fn averaged(record: &Record) -> AveragedRun {
    let estimate = record.estimate();
    AveragedRun {
        seed: record.seed,
        first: record.first,
        sims: record.sims,
        hits: record.hits,
        pi: estimate.pi,
        std_error: estimate.known_error(),
        ci95: estimate.ci95,
    }
}
