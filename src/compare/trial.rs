//! A row before it is judged: its darts and its timed runs.

use std::num::NonZero;

use crate::compare::own::StrategyName;
use crate::compare::row::{TimedRun, cores};
use crate::compare::stats::Times;
use crate::darts::plan::Plan;

/// A strategy on a number of workers with its runs, before it is judged.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Trial {
    /// The strategy.
    pub strategy: StrategyName,
    /// The darts of each run.
    pub plan: Plan,
    /// The workers.
    pub workers: NonZero<usize>,
    /// Serial's hits for these darts.
    pub serial_hits: u64,
    /// See [`Row::cores_wanted`](crate::compare::Row::cores_wanted).
    pub cores_wanted: Option<f64>,
    /// Every timed run, in order.
    pub runs: Vec<TimedRun>,
}

impl Trial {
    /// A trial of `plan` that has not run yet.
    pub fn new(
        strategy: impl Into<StrategyName>,
        plan: Plan,
        workers: NonZero<usize>,
        serial_hits: u64,
    ) -> Trial {
        Trial {
            strategy: strategy.into(),
            plan,
            workers,
            serial_hits,
            cores_wanted: None,
            runs: Vec::new(),
        }
    }

    /// Mean, standard deviation and minimum of the elapsed times.
    pub(crate) fn times(&self) -> Times {
        Times::of(self.runs.iter().map(|run| run.elapsed_s))
    }

    /// See [`Row::cpu_s`](crate::compare::Row::cpu_s).
    pub(crate) fn cpu_s(&self) -> Option<f64> {
        self.mean(|run| run.cpu_s)
    }

    /// See [`Row::hand_overs`](crate::compare::Row::hand_overs).
    pub(crate) fn hand_overs(&self) -> Option<f64> {
        self.mean(|run| run.hand_overs.map(|n| n as f64))
    }

    /// The mean of a figure that every run has; `None` if one lacks it, or without runs.
    fn mean(&self, figure: impl Fn(&TimedRun) -> Option<f64>) -> Option<f64> {
        let sum = self.runs.iter().map(figure).sum::<Option<f64>>()?;
        (!self.runs.is_empty()).then(|| sum / self.runs.len() as f64)
    }

    /// See [`Row::cores`](crate::compare::Row::cores).
    pub(crate) fn cores(&self) -> Option<f64> {
        cores(self.times().mean_s, self.cpu_s(), self.runs.len())
    }
}
