//! Compares a comparison with an earlier one of the same work, row by row: what became faster, and what slower.
//! Functions of numbers; nothing is measured here.
//!
//! Only rows of as many darts are compared, since speed depends on their number. The seed may differ: another
//! seed's darts take as long.

use std::cmp::Ordering;

use serde::Serialize;
use strum::IntoStaticStr;

use crate::compare::busy;
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Row, Setup};
use crate::compare::stats::{self, ALPHA, Logs, Measured};
use crate::engine::machine::Machine;
use crate::result::estimate::Interval;

/// The change of a row's speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::Display, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// The whole interval of the ratio is above 1.
    Faster,
    /// The whole interval is below 1.
    Slower,
    /// The whole interval is within the tolerance.
    Same,
    /// The noise hides the change.
    CannotTell,
    /// One of the two rows had too few cores, which may explain the change.
    BusyMachine,
    /// One of the two rows has wrong hits, and so no speed.
    Wrong,
}

impl Change {
    /// The name, as in JSON and CSV.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The name of a row, by which it is paired.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct RowName {
    /// The strategy.
    #[serde(flatten)]
    pub strategy: StrategyName,
    /// The workers.
    pub workers: usize,
    /// The darts.
    pub sims: u64,
}

impl RowName {
    fn of(row: &Row) -> RowName {
        RowName {
            strategy: row.strategy.clone(),
            workers: row.workers,
            sims: row.sims,
        }
    }
}

/// A row compared with its partner in the baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RowChange {
    /// The name of both rows.
    #[serde(flatten)]
    pub name: RowName,
    /// The row's mean time, in seconds.
    pub mean_s: f64,
    /// The partner's mean time, in seconds.
    pub baseline_mean_s: f64,
    /// The row's speed over its partner's: above 1 it is faster. The interval is corrected for the number of
    /// rows.
    pub speed: Option<Measured>,
    /// The change.
    pub change: Change,
    /// Whether the row is slower by more than the tolerance, beyond its noise.
    pub fails: bool,
    /// Whether one of the two rows had too few cores, which makes the times uncertain.
    #[serde(rename = "busy")]
    pub is_busy: bool,
}

/// The changes of all rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BaselineReport {
    /// The share by which a row may be slower.
    pub tolerance: f64,
    /// The machine and the time of the baseline.
    pub baseline: Machine,
    /// The machine and the time of the comparison.
    pub machine: Machine,
    /// The rows that have a partner.
    pub rows: Vec<RowChange>,
    /// The rows that the baseline does not have.
    pub only_here: Vec<RowName>,
    /// The rows that only the baseline has.
    pub only_in_baseline: Vec<RowName>,
}

impl BaselineReport {
    /// The tolerance in percent, rounded as it was typed.
    pub fn tolerance_percent(&self) -> f64 {
        (1e8 * self.tolerance).round() / 1e6
    }
}

/// Why two comparisons are not compared.
#[derive(Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// The baseline is from a different machine or kernel; holds the first difference.
    #[error("its {0}")]
    Machine(String),

    /// The baseline is of different work; holds the first difference.
    #[error("its {0}; only the same work can be compared")]
    Work(String),

    /// The two have no row in common.
    #[error("it has no row of the same strategy, workers and darts")]
    NoRow,
}

/// Earlier comparisons, which differ only in size, and how to compare with them.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Baseline {
    /// The comparisons.
    pub comparisons: Vec<Comparison>,
    /// The share by which a row may be slower.
    pub tolerance: f64,
    /// Whether a different machine or kernel is no obstacle.
    pub any_machine: bool,
}

impl Baseline {
    /// The baseline of these comparisons, on the same machine and kernel, with no tolerance.
    pub fn of(comparisons: Vec<Comparison>) -> Baseline {
        Baseline {
            comparisons,
            tolerance: 0.0,
            any_machine: false,
        }
    }

    /// The numbers of darts of its comparisons.
    pub fn sizes(&self) -> Vec<u64> {
        self.comparisons.iter().map(|one| one.sims).collect()
    }

    /// Whether comparisons of these sizes, run with `setup` on `machine`, can be compared with the baseline.
    ///
    /// # Errors
    /// The first difference that makes speeds incomparable.
    pub fn check(
        &self,
        setup: &Setup,
        machine: &Machine,
        sizes: &[u64],
    ) -> Result<(), BaselineError> {
        let earlier = self.comparisons.first().ok_or(BaselineError::NoRow)?;
        let difference = machine.difference(&earlier.machine);
        if let Some((what, [here, there])) = difference.filter(|_| !self.any_machine) {
            let difference = format!("{what} is {there}, here {here}");
            return Err(BaselineError::Machine(difference));
        }
        let differs = |what, [there, here]: [String; 2]| {
            Err(BaselineError::Work(format!(
                "{what} is {there}, here {here}"
            )))
        };
        let both = [&earlier.setup, setup];
        if earlier.setup.scaling != setup.scaling {
            return differs("scaling", both.map(|one| one.scaling.name().to_owned()));
        }
        if earlier.setup.io_wait != setup.io_wait {
            let waits = both.map(|one| format!("{} s", one.io_wait.as_secs_f64()));
            return differs("wait", waits);
        }
        let earlier_sizes = self.sizes();
        if !sizes.iter().any(|sims| earlier_sizes.contains(sims)) {
            let list = |sizes: &[u64]| {
                let all: Vec<_> = sizes.iter().map(u64::to_string).collect();
                all.join(",")
            };
            return differs("number of darts", [list(&earlier_sizes), list(sizes)]);
        }
        Ok(())
    }

    /// Compares `comparisons`, which differ only in size, with the baseline row by row. Several rows are several
    /// tests, corrected by Holm's method.
    ///
    /// # Errors
    /// Those of [`Baseline::check`], and [`BaselineError::NoRow`] if the two have no row in common.
    pub fn compare_with(
        &self,
        comparisons: &[Comparison],
    ) -> Result<BaselineReport, BaselineError> {
        let (Some(now), Some(earlier)) = (comparisons.first(), self.comparisons.first()) else {
            return Err(BaselineError::NoRow);
        };
        let sizes: Vec<u64> = comparisons.iter().map(|one| one.sims).collect();
        self.check(&now.setup, &now.machine, &sizes)?;

        let (rows, earlier_rows) = (all_rows(comparisons), all_rows(&self.comparisons));
        let pairs: Vec<(&Row, &Row)> = rows
            .iter()
            .filter_map(|row| Some((*row, partner(row, &earlier_rows)?)))
            .collect();
        if pairs.is_empty() {
            return Err(BaselineError::NoRow);
        }
        let speeds: Vec<_> = pairs.iter().map(|(row, other)| speed(row, other)).collect();
        let tests = stats::corrected(&speeds);
        let changes = pairs.iter().zip(speeds).zip(tests);
        let changes = changes.map(|(((row, other), logs), test)| {
            let alpha = test.map_or(ALPHA, |test| test.alpha);
            let is_busy = busy::worst([*row, *other]).is_some();
            let (change, fails) = match logs {
                None => (Change::Wrong, false),
                Some(logs) if is_busy => {
                    let stretches = [(row, now), (other, earlier)]
                        .map(|(row, of)| busy::stretch_of_row(row, of.machine.cores));
                    judge_busy(logs.ratio(alpha).value, stretches, self.tolerance)
                }
                Some(logs) => judge(logs.interval(alpha), self.tolerance),
            };
            RowChange {
                name: RowName::of(row),
                mean_s: row.mean_s,
                baseline_mean_s: other.mean_s,
                speed: logs.map(|logs| logs.ratio(alpha)),
                change,
                fails,
                is_busy,
            }
        });
        Ok(BaselineReport {
            tolerance: self.tolerance,
            baseline: earlier.machine.clone(),
            machine: now.machine.clone(),
            rows: changes.collect(),
            only_here: without_partner(&rows, &earlier_rows),
            only_in_baseline: without_partner(&earlier_rows, &rows),
        })
    }
}

fn all_rows(comparisons: &[Comparison]) -> Vec<&Row> {
    comparisons.iter().flat_map(|one| &one.rows).collect()
}

/// The row among `others` that has the same name.
fn partner<'a>(row: &Row, others: &[&'a Row]) -> Option<&'a Row> {
    let mut others = others.iter().copied();
    others.find(|other| RowName::of(other) == RowName::of(row))
}

fn without_partner(rows: &[&Row], others: &[&Row]) -> Vec<RowName> {
    let alone = rows.iter().filter(|row| partner(row, others).is_none());
    alone.map(|row| RowName::of(row)).collect()
}

/// The speed of a row over its partner's, if both have one. The two were not timed in the same rounds, so
/// their runs are not paired.
fn speed(row: &Row, other: &Row) -> Option<Logs> {
    row.sims_per_s.and(other.sims_per_s)?;
    let [these, those] = [row, other].map(|row| row.runs.iter().map(|run| run.elapsed_s));
    Some(Logs::unpaired(those, these))
}

/// The change of a row of which, or of its partner, cores were missing, and whether it fails. `stretches` are the most
/// that this can have stretched the times of the row and of its partner.
fn judge_busy(speed: f64, [own, partner]: [f64; 2], tolerance: f64) -> (Change, bool) {
    match busy::told_from_1(speed, own, partner) {
        Some(Ordering::Less) => (Change::Slower, speed * own < 1.0 / (1.0 + tolerance)),
        Some(_) => (Change::Faster, false),
        None => (Change::BusyMachine, false),
    }
}

/// The change of a row with this interval of its speed over the baseline's, and whether it fails.
fn judge(interval: Option<Interval>, tolerance: f64) -> (Change, bool) {
    let Some(Interval { low, high }) = interval else {
        return (Change::CannotTell, false);
    };
    let least = 1.0 / (1.0 + tolerance);
    let change = if least <= low && high <= 1.0 + tolerance {
        Change::Same
    } else if low > 1.0 {
        Change::Faster
    } else if high < 1.0 {
        Change::Slower
    } else {
        Change::CannotTell
    };
    (change, high < least)
}

#[cfg(test)]
mod tests;
