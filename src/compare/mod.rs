//! Serial against parallel, on the very same darts: times every way of running a plan, and shows no
//! speed before the answer is known to be serial's.
//!
//! - [`strategy`]: the ways, a file each.
//! - [`baseline`]: held to an earlier comparison.
//! - [`sizes`]: how many darts take long enough to time, and from how many on a strategy pays off.
//! - [`strategy::protocol`]: the protocol between a comparison and its worker processes.
//! - `gate`: hits first, then speed.
//! - [`busy`]: whether a row had the cores that it wanted.
//! - [`verdict`]: what to think of a row.
//! - [`laws`]: the law by which a strategy scales.
//! - [`saved`]: written as JSON, and read again.
//! - [`stats`]: the statistics of run times.

pub mod baseline;
pub mod busy;
pub mod judge;
pub mod laws;
pub mod saved;
pub mod sizes;
pub mod stats;
pub mod strategy;
pub mod verdict;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsString;
use std::num::NonZero;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

pub use crate::compare::judge::{Row, Timed, Trial};
use crate::compare::strategy::Strategy;
use crate::compare::strategy::protocol::TaskError;
use crate::compare::strategy::task::Task;
use crate::darts::contract::CONTRACT;
use crate::darts::plan::Plan;
use crate::engine::clock::{cpu_time, cpu_time_since};
use crate::engine::cores::Pinning;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
use crate::engine::timeline::Timeline;
use crate::engine::walk;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::result::machine::Machine;

/// What to compare.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The darts; with [`Scaling::Weak`] those of one worker.
    pub plan: Plan,
    /// The kernel that all strategies count with.
    pub kernel: Kernel,
    /// The darts a second by which the number of darts was chosen, if it was; see [`sizes`].
    pub probed_sims_per_s: Option<f64>,
    /// The numbers of workers, each for every strategy but serial.
    pub workers: Vec<NonZero<usize>>,
    /// The strategies besides serial, which is always there: it is the baseline.
    pub strategies: Vec<Strategy>,
    /// How often each is timed, at least once.
    pub runs: NonZero<usize>,
    /// How often each is run before that, untimed.
    pub warmup: usize,
    /// Whether the darts grow with the workers.
    pub scaling: Scaling,
    /// How long to wait before each chunk is counted.
    pub io_wait: Duration,
    /// The command that starts a worker process, to which the library adds the words of its
    /// protocol (see [`strategy::protocol`]). Only [`Strategy::Processes`] needs it; empty if there is none.
    pub worker: Vec<OsString>,
    /// The cores that workers are kept on, if they are.
    pub pinning: Option<Pinning>,
    /// What [`Strategy::Gpu`] counts on.
    #[cfg(feature = "gpu")]
    pub device: Option<Device>,
}

/// What stays the same as workers are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// The darts of the whole: how much sooner is it done? (G. M. Amdahl, AFIPS 1967)
    Strong,
    /// The darts of each worker: how much more is done? (J. L. Gustafson, CACM 31, 1988)
    Weak,
}

impl Scaling {
    /// Both of them.
    pub const ALL: [Scaling; 2] = [Scaling::Strong, Scaling::Weak];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Scaling::Strong => "strong",
            Scaling::Weak => "weak",
        }
    }
}

/// Every timed run of every strategy, summed up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The version of the dart contract.
    pub contract: u32,
    /// The seed of the darts.
    pub seed: u64,
    /// The number of the first dart.
    pub first: u64,
    /// The darts, as the settings have them.
    pub sims: u64,
    /// The darts a second of the probe that chose `sims`; unknown if a person chose.
    pub probed_sims_per_s: Option<f64>,
    /// What stays the same as workers are added.
    pub scaling: Scaling,
    /// Seconds to wait before each chunk is counted.
    pub io_wait_s: f64,
    /// Untimed runs of each row before the timed ones.
    pub warmup: usize,
    /// Where it was measured.
    pub machine: Machine,
    /// A row for each strategy and number of workers; the first is serial.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The rows whose strategy should give serial's hits and did not. A strategy that is there to
    /// be wrong is never among them.
    pub fn faults(&self) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(|row| row.strategy.is_right() && row.hits != row.serial_hits)
    }
}

/// Runs the comparison. Every round runs each row once, so that a drift of the machine's speed hits
/// all rows alike. Between runs it tells `progress` how many are done, and of how many.
///
/// # Errors
/// Those of [`Strategy::count`], and if the darts grow too many with the workers.
pub fn compare(
    settings: &Settings,
    mut progress: impl FnMut(usize, usize),
) -> Result<Comparison, TaskError> {
    let machine = Machine::this(settings.kernel.name(), SystemTime::now());
    let mut trials = settings.trials()?;
    let most = trials
        .iter()
        .map(|trial| trial.strategy.workers(&settings.task(trial)));
    let machine = machine.pinned(settings.pinning.as_ref(), most.max().unwrap_or(1));
    count_serially(&mut trials, settings.kernel)?;

    let rounds = settings.warmup + settings.runs.get();
    let total = rounds * trials.len();
    let mut done = 0;
    for round in 0..rounds {
        for trial in &mut trials {
            progress(done, total);
            let timed = settings.run(trial)?;
            if round >= settings.warmup {
                trial.runs.push(timed);
            }
            done += 1;
        }
    }
    progress(done, total);
    Ok(Comparison {
        contract: CONTRACT,
        seed: settings.plan.seed(),
        first: settings.plan.first(),
        sims: settings.plan.sims(),
        probed_sims_per_s: settings.probed_sims_per_s,
        scaling: settings.scaling,
        io_wait_s: settings.io_wait.as_secs_f64(),
        warmup: settings.warmup,
        machine,
        rows: Row::judge_all(&trials, settings.scaling),
    })
}

/// Runs each row of a comparison once more, and records which worker does what, and when. Between runs
/// it tells `progress` how many are done, and of how many. It is not for timing: taking notes may slow
/// a run.
///
/// # Errors
/// As [`compare`].
pub fn record(
    settings: &Settings,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<Timeline>, TaskError> {
    let trials = settings.trials()?;
    let mut timelines = Vec::new();
    for trial in &trials {
        progress(timelines.len(), trials.len());
        timelines.push(trial.strategy.record(&settings.task(trial))?);
    }
    progress(timelines.len(), trials.len());
    Ok(timelines)
}

/// Counts the hits that every trial is held to, once for the same darts.
fn count_serially(trials: &mut [Trial], kernel: Kernel) -> Result<(), Error> {
    let mut known = HashMap::new();
    for trial in trials {
        let sims = trial.plan.sims();
        trial.serial_hits = match known.entry(sims) {
            Entry::Occupied(hits) => *hits.get(),
            Entry::Vacant(unknown) => {
                let tally = walk::count(&trial.plan, kernel, NonZero::<usize>::MIN)?;
                *unknown.insert(tally.hits)
            }
        };
    }
    Ok(())
}

impl Settings {
    /// Whether the darts of every row can be numbered, before any is run.
    ///
    /// # Errors
    /// If the darts grow too many with the workers, and those of [`Plan::range`].
    pub fn check(&self) -> Result<(), Error> {
        self.trials().map(drop)
    }

    /// What is to be tried, none of it run yet: serial first, then each strategy with each number of
    /// workers.
    fn trials(&self) -> Result<Vec<Trial>, Error> {
        let mut trials = vec![self.trial(Strategy::Serial, NonZero::<usize>::MIN)?];
        for strategy in &self.strategies {
            if strategy.has_one_row() {
                if *strategy != Strategy::Serial {
                    trials.push(self.trial(*strategy, NonZero::<usize>::MIN)?);
                }
            } else {
                for workers in &self.workers {
                    trials.push(self.trial(*strategy, *workers)?);
                }
            }
        }
        Ok(trials)
    }

    fn trial(&self, strategy: Strategy, workers: NonZero<usize>) -> Result<Trial, Error> {
        let sims = match self.scaling {
            Scaling::Strong => self.plan.sims(),
            Scaling::Weak => {
                let all = self.plan.sims().checked_mul(workers.get() as u64);
                all.ok_or_else(|| {
                    Error::Invalid(format!(
                        "{} darts for each of {workers} workers: all together must stay below 2^64",
                        self.plan.sims()
                    ))
                })?
            }
        };
        let plan = Plan::range(self.plan.seed(), self.plan.first(), sims)?;
        let wanted = || busy::cores_wanted(strategy, &plan, workers, crate::engine::cores::cores());
        Ok(Trial {
            cores_wanted: self.io_wait.is_zero().then(wanted).flatten(),
            ..Trial::new(strategy, plan, workers, 0)
        })
    }

    fn task(&self, trial: &Trial) -> Task {
        Task {
            io_wait: self.io_wait,
            worker: self.worker.clone(),
            pinning: self.pinning.clone(),
            #[cfg(feature = "gpu")]
            device: self.device.clone(),
            ..Task::new(trial.plan, self.kernel, trial.workers)
        }
    }

    /// Runs a trial once.
    fn run(&self, trial: &Trial) -> Result<Timed, TaskError> {
        let task = self.task(trial);
        let (cpu_start, start) = (cpu_time(), Instant::now());
        let hits = trial.strategy.count(&task)?;
        let elapsed_s = start.elapsed().as_secs_f64();
        Ok(Timed {
            elapsed_s,
            cpu_s: cpu_time_since(cpu_start).map(|time| time.as_secs_f64()),
            hits,
        })
    }
}
