//! A comparison held to an earlier one of the same work, row by row: what became faster, and what slower.
//! Functions of numbers; nothing is measured here.
//!
//! Only rows of as many darts are compared: speed depends on their number, so a rate of another number would
//! say something else. Another seed throws other darts in the same time, so the seed may differ.

use serde::Serialize;

use crate::compare::busy;
use crate::compare::row::{Comparison, Row, Scaling};
use crate::compare::stats::{self, ALPHA, Logs, Ratio};
use crate::compare::strategy::Strategy;
use crate::result::machine::Machine;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The whole interval of the ratio is above 1.
    Faster,
    /// The whole interval is below 1.
    Slower,
    /// The whole interval is within the tolerance.
    Same,
    /// The noise hides it.
    CannotTell,
    /// One of the two had too few cores: the times are those of a busy machine.
    #[serde(rename = "busy-machine")]
    Busy,
    /// One of the two has wrong hits, and so no speed.
    Wrong,
}

impl Change {
    /// The name, as in JSON and CSV.
    pub fn name(self) -> &'static str {
        match self {
            Change::Faster => "faster",
            Change::Slower => "slower",
            Change::Same => "same",
            Change::CannotTell => "cannot-tell",
            Change::Busy => "busy-machine",
            Change::Wrong => "wrong",
        }
    }
}

/// Which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    /// The strategy.
    pub strategy: Strategy,
    /// Its workers.
    pub workers: usize,
    /// Its darts.
    pub sims: u64,
}

impl Name {
    fn of(row: &Row) -> Name {
        Name {
            strategy: row.strategy,
            workers: row.workers,
            sims: row.sims,
        }
    }
}

/// A row beside its partner in the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Held {
    /// Which row.
    #[serde(flatten)]
    pub name: Name,
    /// Its mean time, in seconds.
    pub mean_s: f64,
    /// That of the baseline.
    pub baseline_mean_s: f64,
    /// Its speed over the baseline's: above 1 it is faster. The interval is corrected for the number of rows.
    pub speed: Option<Ratio>,
    /// What became of it.
    pub change: Change,
    /// Whether it is slower by more than the tolerance, beyond its noise.
    pub fails: bool,
}

/// A comparison held to its baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// The share by which a row may be slower.
    pub tolerance: f64,
    /// Where and when the baseline was measured.
    pub baseline: Machine,
    /// Where and when this was.
    pub machine: Machine,
    /// The rows that have a partner.
    pub rows: Vec<Held>,
    /// Those that are only here.
    pub only_here: Vec<Name>,
    /// Those that are only in the baseline.
    pub only_in_baseline: Vec<Name>,
}

impl Against {
    /// The tolerance in percent, without the rounding that is left of one typed so.
    pub fn tolerance_percent(&self) -> f64 {
        (1e8 * self.tolerance).round() / 1e6
    }
}

/// Why two comparisons are not compared.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum BaselineError {
    /// It was measured on another machine, or with another kernel.
    #[error("it has {what} {there}, this {here}")]
    Machine {
        /// What differs.
        what: &'static str,
        /// What the baseline has.
        there: String,
        /// What this has.
        here: String,
    },

    /// It is of other work.
    #[error("it has {what} {there}, this {here}: only the same work can be compared")]
    Work {
        /// What differs.
        what: &'static str,
        /// What the baseline has.
        there: String,
        /// What this has.
        here: String,
    },

    /// They have no row in common.
    #[error("it has no row of the same strategy, workers and darts")]
    NoRow,
}

/// What must be the same for two comparisons to be compared.
#[derive(Clone, Debug)]
pub struct Work {
    /// The machine, with the kernel.
    pub machine: Machine,
    /// What stays the same as workers are added.
    pub scaling: Scaling,
    /// Seconds that each chunk waits.
    pub io_wait_s: f64,
    /// The numbers of darts.
    pub sims: Vec<u64>,
}

impl Work {
    /// That of comparisons that differ in their size only.
    pub fn of(comparisons: &[Comparison]) -> Option<Work> {
        let first = comparisons.first()?;
        Some(Work {
            machine: first.machine.clone(),
            scaling: first.scaling,
            io_wait_s: first.io_wait_s,
            sims: comparisons.iter().map(|one| one.sims).collect(),
        })
    }

    /// Whether `baseline` can be its baseline. Another machine is all the same if it may be `any_machine`.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, baseline: &Work, any_machine: bool) -> Result<(), BaselineError> {
        let difference = self.machine.difference(&baseline.machine);
        if let Some((what, [here, there])) = difference.filter(|_| !any_machine) {
            return Err(BaselineError::Machine { what, there, here });
        }
        let differs =
            |what, [there, here]: [String; 2]| Err(BaselineError::Work { what, there, here });
        let both = [baseline, self];
        if baseline.scaling != self.scaling {
            return differs("scaling", both.map(|work| work.scaling.name().to_owned()));
        }
        if baseline.io_wait_s != self.io_wait_s {
            return differs("waits of", both.map(|work| format!("{} s", work.io_wait_s)));
        }
        if !self.sims.iter().any(|sims| baseline.sims.contains(sims)) {
            let list = |work: &Work| {
                let all = work.sims.iter().map(u64::to_string);
                all.collect::<Vec<_>>().join(",")
            };
            return differs("darts:", both.map(list));
        }
        Ok(())
    }
}

/// Holds `comparisons` to the `baseline`, row by row. Several rows are several tests, corrected by [`stats::holm`].
///
/// # Errors
/// [`BaselineError::NoRow`] if they have none in common.
pub fn hold<'a>(
    comparisons: &'a [Comparison],
    baseline: &'a [Comparison],
    tolerance: f64,
) -> Result<Against, BaselineError> {
    let (Some(here), Some(there)) = (comparisons.first(), baseline.first()) else {
        return Err(BaselineError::NoRow);
    };
    let all = |comparisons: &'a [Comparison]| -> Vec<&'a Row> {
        comparisons.iter().flat_map(|one| &one.rows).collect()
    };
    let (these, those) = (all(comparisons), all(baseline));
    let partner = |row: &Row, others: &[&'a Row]| {
        let mut others = others.iter().copied();
        others.find(|other| Name::of(other) == Name::of(row))
    };
    let pairs = these
        .iter()
        .filter_map(|row| Some((*row, partner(row, &those)?)));
    let pairs: Vec<(&Row, &Row)> = pairs.collect();
    if pairs.is_empty() {
        return Err(BaselineError::NoRow);
    }
    let speeds: Vec<_> = pairs.iter().map(|(row, other)| speed(row, other)).collect();
    let tests = stats::corrected(&speeds);
    let rows = pairs.iter().zip(speeds).zip(tests);
    let rows = rows.map(|(((row, other), logs), test)| {
        let alpha = test.map_or(ALPHA, |test| test.alpha);
        let is_busy = busy::worst([*row, *other]).is_some();
        let (change, fails) = match logs {
            None => (Change::Wrong, false),
            Some(_) if is_busy => (Change::Busy, false),
            Some(logs) => judge(logs.interval(alpha), tolerance),
        };
        Held {
            name: Name::of(row),
            mean_s: row.times.mean_s,
            baseline_mean_s: other.times.mean_s,
            speed: logs.map(|logs| logs.ratio(alpha)),
            change,
            fails,
        }
    });
    let alone = |rows: &[&Row], others: &[&'a Row]| {
        let alone = rows.iter().filter(|row| partner(row, others).is_none());
        alone.map(|row| Name::of(row)).collect()
    };
    Ok(Against {
        tolerance,
        baseline: there.machine.clone(),
        machine: here.machine.clone(),
        rows: rows.collect(),
        only_here: alone(&these, &those),
        only_in_baseline: alone(&those, &these),
    })
}

/// The speed of a row over that of its partner, if both have one. They were not timed in the same rounds, so
/// their runs are no pairs.
fn speed(row: &Row, other: &Row) -> Option<Logs> {
    row.sims_per_s.and(other.sims_per_s)?;
    let [these, those] = [row, other].map(|row| row.runs.iter().map(|run| run.elapsed_s));
    Some(Logs::unpaired(those, these))
}

/// What became of a row with this interval of its speed over the baseline's, and whether that fails.
fn judge(interval: Option<[f64; 2]>, tolerance: f64) -> (Change, bool) {
    let Some([low, high]) = interval else {
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
