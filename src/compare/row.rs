//! The data of a comparison: timed runs, trials, rows, statuses. Nothing is measured or judged here; see
//! [`measure`](crate::compare::measure) and `judge`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use crate::compare::own::StrategyName;
use crate::compare::stats::Measured;
use crate::compare::strategy::Strategy;
use crate::engine::machine::Machine;
use crate::error::Error;

/// Shorter runs, in seconds, show more of the machine's noise than of the strategy.
pub(crate) const SHORT_S: f64 = 0.02;

/// Some systems count processor time in ticks of 10 ms, so all runs of a row together must be much longer.
const LONG_BESIDE_TICKS_S: f64 = 0.1;

/// The most runs of each row, and to warm up: a larger number is a typing mistake.
pub(crate) const MAX_RUNS: usize = 10_000;

/// The quantity that stays the same as workers are added.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = Error, parse_err_fn = unknown)]
#[non_exhaustive]
pub enum Scaling {
    /// The darts of the whole: how much sooner is it done? (G. M. Amdahl, AFIPS 1967)
    Strong,
    /// The darts of each worker: how much more is done? (J. L. Gustafson, CACM 31, 1988)
    Weak,
}

impl Scaling {
    /// The name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

fn unknown(name: &str) -> Error {
    Error::Invalid(format!("unknown scaling {name:?}"))
}

/// The settings of a comparison, which are saved with it. Two comparisons with the same scaling and wait are
/// of the same work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Setup {
    /// The seed of the darts.
    pub seed: u64,
    /// The number of the first dart.
    pub first: u64,
    /// Whether the darts grow with the workers.
    pub scaling: Scaling,
    /// How long to wait before each chunk is counted.
    pub io_wait: Duration,
    /// The number of untimed runs of each row before the timed ones.
    pub warmup: usize,
}

/// The darts of seed 0, with strong scaling and one run to warm up.
impl Default for Setup {
    fn default() -> Setup {
        Setup {
            seed: 0,
            first: 0,
            scaling: Scaling::Strong,
            io_wait: Duration::ZERO,
            warmup: 1,
        }
    }
}

/// One timed run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct TimedRun {
    /// Elapsed seconds.
    pub elapsed_s: f64,
    /// Seconds of processor time in user and system mode, all threads and started processes added up.
    /// `None` where the system does not report it, as on Windows once a child was started.
    pub cpu_s: Option<f64>,
    /// The hits that the run counted.
    pub hits: u64,
    /// How often a thread handed the lock over because another had asked for it; `None` for all strategies but
    /// [`Strategy::Gil`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand_overs: Option<u64>,
}

/// A strategy on a number of workers, judged.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Row {
    /// The strategy.
    #[serde(flatten)]
    pub strategy: StrategyName,
    /// The workers asked for. No more of them run than there are chunks.
    pub workers: usize,
    /// The darts of each run.
    pub sims: u64,
    /// The mean elapsed time of a run, in seconds.
    pub mean_s: f64,
    /// The standard deviation of the elapsed times (with n - 1); `None` for a single run.
    pub sd_s: Option<f64>,
    /// The shortest elapsed time.
    pub min_s: f64,
    /// The mean processor time of a run, in seconds; `None` unless every run has one.
    pub cpu_s: Option<f64>,
    /// The cores that the row would keep at work from start to end on an idle machine. `None` for strategies
    /// whose workers sleep by design: at a lock, in a queue, or for their input.
    pub cores_wanted: Option<f64>,
    /// The darts a second, as a multiple of serial's; `None` unless all hits are serial's. With strong
    /// scaling this is the ratio of the times, with weak scaling Gustafson's scaled speed-up.
    pub speed_up: Option<Measured>,
    /// The mean number of hand-overs of a run (see [`TimedRun::hand_overs`]).
    pub hand_overs: Option<f64>,
    /// The probability of such a speed-up by chance alone, corrected for the number of rows; `None` for a
    /// single run, and for serial itself.
    pub p: Option<f64>,
    /// `speed_up` over `workers`: 1 is perfect.
    pub efficiency: Option<f64>,
    /// The share of the work that behaves as if it were serial: with strong scaling Karp and
    /// Flatt's (1/S - 1/w) / (1 - 1/w) (CACM 33, 1990), with weak scaling Gustafson's
    /// (w - S) / (w - 1). Below 0 where workers help each other, as by their caches.
    pub serial_fraction: Option<f64>,
    /// Mean darts a second; `None` unless all hits are serial's.
    pub sims_per_s: Option<f64>,
    /// The run shown, an index into `runs`: the one whose hits are farthest from serial's.
    pub shown_run: usize,
    /// The hits of the run shown.
    pub hits: u64,
    /// Serial's hits for these darts.
    pub serial_hits: u64,
    /// How many hits the run shown has fewer than serial; `None` where darts are repeated.
    pub lost: Option<u64>,
    /// How many different darts each run threw.
    pub distinct: u64,
    /// The estimate of π from the run shown.
    pub pi: f64,
    /// The standard error that so many darts claim; `None` if all of them hit, or none.
    pub std_error: Option<f64>,
    /// The true standard error, where darts are repeated.
    pub honest_error: Option<f64>,
    /// The verdict, for a program.
    pub status: Status,
    /// Why the speed-up is unknown, if it is; or [`Reason::BusyMachine`] for one that is beyond all that missing
    /// cores explain, though its times are uncertain.
    pub reason: Option<Reason>,
    /// The verdict in words, without a comma.
    pub verdict: String,
    /// Every timed run, in order.
    pub runs: Vec<TimedRun>,
}

impl Row {
    /// The mean number of cores at work: processor time over elapsed time. `None` for runs that took less than a
    /// tenth of a second together.
    pub fn cores(&self) -> Option<f64> {
        cores(self.mean_s, self.cpu_s, self.runs.len())
    }
}

/// See [`Row::cores`].
pub(crate) fn cores(mean_s: f64, cpu_s: Option<f64>, runs: usize) -> Option<f64> {
    let is_long = mean_s * runs as f64 >= LONG_BESIDE_TICKS_S;
    Some(cpu_s? / mean_s).filter(|_| is_long)
}

/// The verdict on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::Display, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Status {
    /// Serial, which all others are compared with.
    Baseline,
    /// Right, and faster than serial.
    Faster,
    /// Right, and slower than serial.
    Slower,
    /// Right, and as fast as serial, within 2 %.
    Same,
    /// Right, but the speed is unknown; [`Reason`] says why.
    CannotTell,
    /// A race that happened to lose nothing.
    Lucky,
    /// A race that lost hits.
    Lost,
    /// Darts were thrown more than once.
    Repeated,
    /// Too few darts for any to be thrown more than once.
    TooFewDarts,
    /// A strategy that should give serial's hits did not.
    Wrong,
}

impl Status {
    /// The name, as in JSON and CSV.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the row's hits are no answer.
    pub fn is_wrong(self) -> bool {
        matches!(self, Status::Lost | Status::Repeated | Status::Wrong)
    }
}

/// Why a speed-up is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::Display, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// A single run, or a few that differ.
    TooFewRuns,
    /// The row or serial got far fewer cores than it wanted (see `compare/busy.rs`), or the
    /// times of the same work differ widely.
    BusyMachine,
    /// The runs are too short to stand out from the noise.
    TooShort,
}

impl Reason {
    /// The name, as in JSON and CSV.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// All rows of a comparison of one size.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Comparison {
    /// The settings.
    pub setup: Setup,
    /// The darts of each row; with [`Scaling::Weak`] those of one worker.
    pub sims: u64,
    /// The machine that ran it, with the kernel and the pinned cores.
    pub machine: Machine,
    /// Whether it was stopped before all runs were done. The rows then have the runs of all complete rounds.
    pub partial: bool,
    /// A row for each strategy and number of workers; the first is serial.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The rows whose strategy should give serial's hits and did not. A strategy that is wrong on purpose is
    /// never among them.
    pub fn faults(&self) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(|row| row.strategy.is_right() && row.hits != row.serial_hits)
    }
}

/// The strategies of `rows`: those of this crate in reading order, then the caller's own.
pub(crate) fn strategies<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> Vec<StrategyName> {
    let is_there = |strategy: &Strategy| rows.clone().any(|row| row.strategy == *strategy);
    let known = Strategy::every().filter(is_there).map(StrategyName::Known);
    let mut strategies: Vec<_> = known.collect();
    for row in rows.clone() {
        if !strategies.contains(&row.strategy) {
            strategies.push(row.strategy.clone());
        }
    }
    strategies
}
