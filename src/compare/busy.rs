//! Whether a row had the cores that it would keep at work on a machine of its own. Functions of numbers;
//! nothing is measured here.
//!
//! Processor time over time on the clock is the number of cores that a run got: what other programs, a
//! hypervisor or a quota took is not in it. A shortfall is the machine's fault only where the way of working
//! neither sleeps nor waits for a lock, and then what it wants follows from the size of its shares.
//!
//! Two other measures were looked at. The switches that a thread did not ask for (ru_nivcsw) do not tell how
//! long it was away. The time on Linux's run queue (schedstat) does, and would judge locks too; but every
//! thread has its own, workers beyond the cores wait there for each other, and what a hypervisor takes is
//! not in it.

use std::fmt;
use std::num::NonZero;

use super::gate::Row;
use super::strategy::Strategy;
use super::verdict::SHORT_S;
use crate::plan::Plan;

/// Less than this share of the cores wanted is the sign of a busy machine: what is left over for the start
/// of threads and the end of the last share is less than that.
const LEAST: f64 = 0.8;

/// Some systems count processor time in ticks of 10 ms: all runs of a row together must be long beside that.
const LONG_BESIDE_TICKS_S: f64 = 0.1;

/// Starts must be so much shorter than the run, or they are what it waits for.
const LONG_BESIDE_STARTS: f64 = 20.0;

/// Cores that a row got in the mean, and those that it wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cores {
    /// Processor time over time on the clock.
    pub got: f64,
    /// What it would keep at work on an idle machine.
    pub wanted: f64,
}

/// `1.3 of 2 cores`.
impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cores { got, wanted } = self;
        let s = if *wanted == 1.0 { "" } else { "s" };
        let decimals = usize::from(wanted.fract() > 0.0);
        write!(f, "{got:.1} of {wanted:.decimals$} core{s}")
    }
}

/// How many of `cores` a strategy keeps at work from start to end, if it never sleeps: where shares differ,
/// some are done before the others. Not known where workers wait for one another by design.
pub(super) fn cores_wanted(
    strategy: Strategy,
    plan: &Plan,
    workers: NonZero<usize>,
    cores: NonZero<usize>,
) -> Option<f64> {
    match strategy {
        Strategy::Serial => Some(1.0),
        Strategy::Pool
        | Strategy::Threads
        | Strategy::Processes
        | Strategy::Atomic
        | Strategy::Race
        | Strategy::SameSeed => {
            // With more workers than cores, as if each stayed on its core: the least that they want.
            let mut darts = vec![0; cores.min(workers).get()];
            let places = darts.len();
            for (worker, share) in plan.shares(workers).enumerate() {
                darts[worker % places] += share.sims();
            }
            let most = darts.iter().max()?;
            Some(plan.sims() as f64 / *most as f64)
        }
        _ => None,
    }
}

/// The cores of a row that got much less than it wanted; `None` if it got them, or nobody can tell.
pub fn shortfall(row: &Row) -> Option<Cores> {
    let (got, wanted) = (row.cores()?, row.cores_wanted?);
    let mean_s = row.times.mean_s;
    let start_s = match row.strategy {
        Strategy::Processes => 2e-3,
        _ => 4e-5,
    };
    let is_long = mean_s >= SHORT_S
        && mean_s * row.runs.len() as f64 >= LONG_BESIDE_TICKS_S
        && mean_s >= LONG_BESIDE_STARTS * start_s * row.workers as f64;
    (is_long && got < LEAST * wanted).then_some(Cores { got, wanted })
}

/// The row with the largest shortfall, if there is one.
pub fn worst<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<(&'a Row, Cores)> {
    let short = rows
        .into_iter()
        .filter_map(|row| Some((row, shortfall(row)?)));
    let share = |(_, Cores { got, wanted }): &(&Row, Cores)| got / wanted;
    short.min_by(|a, b| share(a).total_cmp(&share(b)))
}
