//! The rows of a comparison: strategies of this crate and of the caller's own, on numbers of workers.

use std::ffi::OsString;
use std::num::NonZero;
use std::sync::Arc;

use crate::compare::busy;
use crate::compare::own::{Count, Own, StrategyName};
use crate::compare::row::{Scaling, Setup, TimedRun};
use crate::compare::strategy::Strategy;
use crate::compare::strategy::task::{Counted, Task};
use crate::compare::trial::Trial;
use crate::darts::plan::Plan;
use crate::engine::clock::Stopwatch;
use crate::engine::cores::{self, Pinning};
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
use crate::engine::recorder::Recorder;
use crate::engine::whole;
use crate::error::Error;
use crate::kernel::Kernel;

/// The rows of a comparison, and what they run with.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Lineup {
    /// The strategies besides serial, which always runs: it is the baseline. [`Lineup::with`] adds your own.
    pub strategies: Vec<Strategy>,
    /// The numbers of workers, each for every strategy but serial.
    pub workers: Vec<NonZero<usize>>,
    /// The number of timed runs of each row.
    pub runs: NonZero<usize>,
    /// The kernel of all strategies.
    pub kernel: Kernel,
    /// The cores that workers are pinned to, if they are.
    pub pinning: Option<Pinning>,
    /// The command that starts a worker process, to which the library adds the words of its
    /// protocol, such as `pi-mc worker`. Only [`Strategy::Processes`] needs it.
    pub worker: Vec<OsString>,
    /// The GPU of [`Strategy::Gpu`].
    #[cfg(feature = "gpu")]
    pub device: Option<Device>,
    /// The caller's own strategies, after the others.
    pub(crate) own: Vec<Own>,
}

/// Serial alone, seven times, with the fastest kernel.
impl Default for Lineup {
    fn default() -> Lineup {
        Lineup {
            strategies: Vec::new(),
            workers: Vec::new(),
            runs: NonZero::<usize>::MIN.saturating_add(6),
            kernel: Kernel::detect(),
            pinning: None,
            worker: Vec::new(),
            #[cfg(feature = "gpu")]
            device: None,
            own: Vec::new(),
        }
    }
}

impl Lineup {
    /// Numbers of workers to compare: 1, 2, 4 and so on below `most`, and `most`.
    pub fn doubling_up_to(most: NonZero<usize>) -> Vec<NonZero<usize>> {
        let doubling = (0..usize::BITS).filter_map(|power| NonZero::new(1 << power));
        doubling
            .take_while(|workers| *workers < most)
            .chain([most])
            .collect()
    }

    /// Adds a strategy of your own: a function that counts a task's hits, under a name. It runs in turn with the
    /// others and is judged as they are: hits first, then speed.
    ///
    /// [`Task::hits`] counts a chunk, and [`Task::shares`] cuts the work into one share for each worker. The name
    /// has up to 40 letters, digits, spaces and `-_.+`, and is no strategy of pi-mc; [`run`](crate::compare::run) checks that.
    ///
    /// ```
    /// use std::num::NonZero;
    /// use std::ops::ControlFlow::Continue;
    ///
    /// use pi_mc::compare::{self, Lineup, Setup};
    ///
    /// let mut lineup = Lineup::default().with("backwards", |task| {
    ///     Ok(task.plan.chunks().rev().map(|chunk| task.hits(chunk)).sum())
    /// });
    /// lineup.workers = vec![NonZero::<usize>::MIN];
    /// let outcome = compare::run(&Setup::default(), &[200_000], &lineup, None, |_| Continue(()))?;
    /// let row = &outcome.comparisons[0].rows[1];
    /// assert_eq!((row.strategy.name(), row.hits), ("backwards", row.serial_hits));
    /// # Ok::<(), pi_mc::Error>(())
    /// ```
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        count: impl Fn(&Task) -> Result<u64, Error> + Send + Sync + 'static,
    ) -> Lineup {
        self.own.push(Own {
            name: name.into(),
            count: Arc::new(count),
        });
        self
    }

    /// The entries of a comparison of `sims` darts, not run yet: serial first, then each strategy with each number
    /// of workers.
    pub(crate) fn entries(&self, setup: &Setup, sims: u64) -> Result<Vec<Entry>, Error> {
        let one = NonZero::<usize>::MIN;
        let known = self.strategies.iter().copied().map(StrategyName::Known);
        let mut strategies: Vec<_> = known.map(|name| (name, None)).collect();
        for own in &self.own {
            let name = StrategyName::own(&own.name)?;
            if strategies.iter().any(|(other, _)| *other == name) {
                return Err(Error::Invalid(format!(
                    "two strategies are called '{name}'"
                )));
            }
            strategies.push((name, Some(&own.count)));
        }
        let mut entries = vec![self.entry(setup, sims, Strategy::Serial.into(), None, one)?];
        for (name, own) in strategies {
            let workers: &[_] = if !name.has_one_row() {
                &self.workers
            } else if name == Strategy::Serial {
                &[] // It is the first entry.
            } else {
                &[one]
            };
            for n in workers {
                entries.push(self.entry(setup, sims, name.clone(), own, *n)?);
            }
        }
        Ok(entries)
    }

    /// An entry that has not run yet, nor knows serial's hits.
    fn entry(
        &self,
        setup: &Setup,
        sims: u64,
        strategy: StrategyName,
        own: Option<&Arc<Count>>,
        workers: NonZero<usize>,
    ) -> Result<Entry, Error> {
        let all = match setup.scaling {
            Scaling::Strong => Some(sims),
            Scaling::Weak => sims.checked_mul(workers.get() as u64),
        };
        let all = all.ok_or_else(|| {
            Error::Invalid(format!(
                "{sims} darts for each of {workers} workers: all together must stay below 2^64"
            ))
        })?;
        let plan = Plan::from_start(setup.seed, setup.first, all)?;
        let wanted = || busy::cores_wanted(strategy.known(), &plan, workers, cores::cores());
        Ok(Entry {
            trial: Trial {
                cores_wanted: setup.io_wait.is_zero().then(wanted).flatten(),
                ..Trial::new(strategy, plan, workers, 0)
            },
            task: Task {
                io_wait: setup.io_wait,
                worker: self.worker.clone(),
                pinning: self.pinning.clone(),
                #[cfg(feature = "gpu")]
                device: self.device.clone(),
                ..Task::new(plan, self.kernel, workers)
            },
            own: own.cloned(),
        })
    }
}

/// A row of a comparison while it runs: what was measured so far, and what each run counts.
pub(crate) struct Entry {
    pub(crate) trial: Trial,
    pub(crate) task: Task,
    /// The function, if it is a caller's own.
    own: Option<Arc<Count>>,
}

impl Entry {
    /// How many workers run the task.
    pub(crate) fn workers(&self) -> usize {
        match self.trial.strategy.known() {
            Some(strategy) => strategy.workers(&self.task),
            None => whole::workers(&self.task.plan, Some(self.task.workers)).get(),
        }
    }

    /// Runs the task once.
    pub(crate) fn run(&self) -> Result<TimedRun, Error> {
        let stopwatch = Stopwatch::start();
        let Counted { hits, hand_overs } = match (&self.own, self.trial.strategy.known()) {
            (Some(count), _) => Counted::hits(count(&self.task)?),
            (None, Some(strategy)) => strategy.run(&self.task, &Recorder::off())?,
            (None, None) => unreachable!("a caller's own strategy has a function"),
        };
        let spent = stopwatch.spent();
        Ok(TimedRun {
            elapsed_s: spent.elapsed.as_secs_f64(),
            cpu_s: spent.cpu.map(|time| time.as_secs_f64()),
            hits,
            hand_overs,
        })
    }
}
