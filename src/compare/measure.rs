//! Runs every row of a comparison in turn. Every round runs each row once, so that a drift of the machine's
//! speed affects all rows alike.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsString;
use std::num::NonZero;
use std::time::{Duration, SystemTime};

use crate::compare::busy;
#[cfg(feature = "gpu")]
use crate::compare::launch;
use crate::compare::row::{Comparison, Row, Scaling, TimedRun, Trial};
use crate::compare::strategy::Strategy;
use crate::compare::strategy::protocol::StrategyError;
use crate::compare::strategy::task::Task;
use crate::darts::contract::CONTRACT;
use crate::darts::plan::Plan;
use crate::engine::clock::Stopwatch;
use crate::engine::cores::{self, Pinning};
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

/// Runs the comparison. Every round runs each row once, so that a drift of the machine's speed hits
/// all rows alike. Between runs it tells `progress` how many are done, and of how many.
///
/// # Errors
/// Those of [`Strategy::count`], and [`Error::TooMany`] if the darts grow too many with the workers.
pub fn compare(
    settings: &Settings,
    mut progress: impl FnMut(usize, usize),
) -> Result<Comparison, StrategyError> {
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
    #[cfg_attr(
        not(feature = "gpu"),
        expect(unused_mut, reason = "only a GPU's row gets more")
    )]
    let mut rows = Row::judge_all(&trials, settings.scaling);
    #[cfg(feature = "gpu")]
    launch::measure(settings, &mut rows)?;

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
        rows,
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
) -> Result<Vec<Timeline>, StrategyError> {
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
    /// [`Error::TooMany`] if the darts grow too many with the workers, and those of [`Plan::range`].
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
                all.ok_or(Error::TooMany {
                    sims: self.plan.sims(),
                    workers: workers.get(),
                })?
            }
        };
        let plan = Plan::range(self.plan.seed(), self.plan.first(), sims)?;
        let wanted = || busy::cores_wanted(strategy, &plan, workers, cores::cores());
        Ok(Trial {
            cores_wanted: self.io_wait.is_zero().then(wanted).flatten(),
            ..Trial::new(strategy, plan, workers, 0)
        })
    }

    fn task(&self, trial: &Trial) -> Task {
        self.task_of(trial.plan, trial.workers)
    }

    pub(crate) fn task_of(&self, plan: Plan, workers: NonZero<usize>) -> Task {
        Task {
            io_wait: self.io_wait,
            worker: self.worker.clone(),
            pinning: self.pinning.clone(),
            #[cfg(feature = "gpu")]
            device: self.device.clone(),
            ..Task::new(plan, self.kernel, workers)
        }
    }

    /// Runs a trial once.
    fn run(&self, trial: &Trial) -> Result<TimedRun, StrategyError> {
        let task = self.task(trial);
        let stopwatch = Stopwatch::start();
        let hits = trial.strategy.count(&task)?;
        let spent = stopwatch.spent();
        Ok(TimedRun {
            elapsed_s: spent.elapsed.as_secs_f64(),
            cpu_s: spent.cpu.map(|time| time.as_secs_f64()),
            hits,
        })
    }
}
