//! The walk through a plan: threads share its chunks and add up the hits. Threads only decide who counts which
//! chunk. Hits are whole numbers and every chunk has its own stream, so no number of workers can change
//! the sum.
//!
//! Threads take the chunks in order from one counter, so a count that is stopped holds a range of darts that
//! begins where the plan does. A walk that resumes a count with gaps fills them in order.

mod watched;

use std::num::NonZero;
use std::time::{Duration, Instant};

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::coverage::Coverage;
use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::engine::clock::{Spent, Stopwatch};
use crate::engine::cores::Pinning;
use crate::engine::counter::{Count, Counter, Way};
use crate::engine::crew::{Crew, Deal};
#[cfg(feature = "gpu")]
use crate::engine::gpu::flights::Flights;
use crate::engine::machine::Machine;
use crate::engine::recorder::Recorder;
use crate::engine::whole;
use crate::error::Error;
use crate::kernel::Kernel;

/// The end of an earlier walk, from which a walk goes on.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    /// The elapsed and the processor time, where they are known.
    pub(crate) elapsed: Option<Duration>,
    pub(crate) cpu: Option<Duration>,
    /// The machine that counted, if it is known and only one.
    pub(crate) machine: Option<Machine>,
    /// What it counted, in order: the plan's first darts, or ranges with gaps.
    pub(crate) parts: Vec<Part>,
}

/// The settings of a [`Walk`]. Without any, the fastest kernel counts on as many threads as the plan repays.
#[derive(Clone, Debug)]
#[must_use = "only `start` makes a walk"]
pub struct WalkBuilder {
    pub(crate) plan: Plan,
    pub(crate) before: Option<Before>,
    /// The ranges to count instead of all missing darts, in order.
    pub(crate) only: Option<Vec<Plan>>,
    pub(crate) counter: Option<Counter>,
    pub(crate) workers: Option<NonZero<usize>>,
    pub(crate) pinning: Option<Pinning>,
    pub(crate) has_timeline: bool,
    pub(crate) has_cpu_name: bool,
}

impl WalkBuilder {
    /// Counts with `counter`, such as a kernel.
    pub fn counter(self, counter: impl Into<Counter>) -> WalkBuilder {
        WalkBuilder {
            counter: Some(counter.into()),
            ..self
        }
    }

    /// Counts on so many threads, at most one a chunk. With `None`, on as many as the plan repays and the
    /// operating system allows, but no more than the cores that this process may use.
    pub fn workers(self, workers: impl Into<Option<NonZero<usize>>>) -> WalkBuilder {
        WalkBuilder {
            workers: workers.into(),
            ..self
        }
    }

    /// Keeps each thread on a core of its own.
    pub fn pinned(self, pinning: impl Into<Option<Pinning>>) -> WalkBuilder {
        WalkBuilder {
            pinning: pinning.into(),
            ..self
        }
    }

    /// Notes which worker counts which chunks, and when, for [`Walk::timeline`].
    pub fn with_timeline(self) -> WalkBuilder {
        WalkBuilder {
            has_timeline: true,
            ..self
        }
    }

    /// Gives the CPU's architecture as its name: for a record that does not show the name, which takes Linux a
    /// tenth of a millisecond to report.
    pub fn without_cpu_name(self) -> WalkBuilder {
        WalkBuilder {
            has_cpu_name: false,
            ..self
        }
    }

    /// Starts the threads. They count when the walk is stepped.
    ///
    /// # Errors
    /// If the operating system refuses a thread that was asked for, or to pin one.
    pub fn start(self) -> Result<Walk, Error> {
        let counter = self.counter.unwrap_or_else(|| Kernel::detect().into());
        let watch = Stopwatch::start();
        let parts = self.before.iter().flat_map(|it| it.parts.clone());
        let parts: Vec<Part> = parts.collect();
        let resumed: Tally = parts.iter().map(Part::tally).sum();
        let coverage = match self.only {
            Some(ranges) => Coverage::of(ranges),
            None => Coverage::new(self.plan, parts),
        };
        let rest = self.plan.part(0..coverage.left());
        let workers = whole::workers(&rest.unwrap_or(self.plan), self.workers);
        let pinning = self.pinning.as_ref();
        let crew = match self.workers {
            Some(_) => Crew::new(workers, pinning)?,
            None => Crew::up_to(workers, pinning)?,
        };
        let log = if self.has_timeline {
            Recorder::new(crew.workers().get(), watch.origin())
        } else {
            Recorder::off()
        };
        Ok(Walk {
            plan: self.plan,
            counter,
            crew,
            pinning: self.pinning,
            has_cpu_name: self.has_cpu_name,
            #[cfg(feature = "gpu")]
            flights: None,
            before: self.before,
            resumed,
            tally: resumed,
            coverage,
            threads: 0,
            stopped: false,
            watch,
            // Until the first step; a whole checkpoint has none.
            spent: Spent {
                elapsed: Duration::ZERO,
                cpu: watch.spent().cpu.map(|_| Duration::ZERO),
            },
            log,
        })
    }
}

/// A count of a plan in steps. Between two steps, the caller looks at the tally and decides whether to go on.
///
/// ```
/// use pi_mc::{Plan, Walk};
///
/// let plan = Plan::first(42, 10_000_000)?;
/// let mut walk = Walk::of(plan).start()?;
/// while let Some(tally) = walk.step(u64::MAX, || false)? {
///     assert_eq!(tally, walk.tally());
/// }
/// assert_eq!(walk.record().hits, 7_854_904);
/// # Ok::<(), pi_mc::Error>(())
/// ```
pub struct Walk {
    plan: Plan,
    counter: Counter,
    crew: Crew,
    pinning: Option<Pinning>,
    has_cpu_name: bool,
    /// The batches that a GPU counts ahead.
    #[cfg(feature = "gpu")]
    flights: Option<Flights>,
    before: Option<Before>,
    /// The darts counted before this walk.
    resumed: Tally,
    tally: Tally,
    /// Which darts are counted, and which are missing.
    pub(crate) coverage: Coverage,
    /// The most threads that any step had.
    threads: u64,
    stopped: bool,
    /// Started before the threads.
    watch: Stopwatch,
    /// The time up to the end of the last step.
    spent: Spent,
    log: Recorder,
}

impl Walk {
    /// A walk through `plan`, to be started.
    pub fn of(plan: Plan) -> WalkBuilder {
        WalkBuilder {
            plan,
            before: None,
            only: None,
            counter: None,
            workers: None,
            pinning: None,
            has_timeline: false,
            has_cpu_name: true,
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The end of the walk that this one goes on from.
    pub(crate) fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    /// The time from the start to the end of the last step, without that of an earlier walk.
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// The machine, which has been counting since the start of this walk.
    pub fn machine(&self) -> Machine {
        let this = if self.has_cpu_name {
            Machine::this
        } else {
            Machine::without_name
        };
        this(self.counter(), self.watch.started()).pinned(self.pinning.as_ref(), self.workers())
    }

    /// The counter's name.
    pub fn counter(&self) -> &str {
        self.counter.name()
    }

    /// How many threads count, or settle the darts that a GPU leaves undecided.
    pub fn workers(&self) -> usize {
        self.crew.workers().get()
    }

    /// The tally so far, with the darts counted before this walk.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Counts on to `until` darts of the plan, or for about a tenth of a second, whichever comes first, and
    /// returns the new tally. Once `stop` is true, the step ends after the chunks begun, at least one, and is
    /// the last step. Returns `None` when there is nothing left to do.
    ///
    /// # Errors
    /// If a GPU fails, if a GPU or a counter counts wrong, or if the operating system refuses a thread or to pin one, unless an
    /// earlier step had as many threads: then the calling thread does the step. An error leaves the tally
    /// as it was.
    pub fn step(
        &mut self,
        until: u64,
        stop: impl Fn() -> bool + Sync,
    ) -> Result<Option<Tally>, Error> {
        let tick = Instant::now() + self.crew.tick();
        self.step_to(tick, until, stop)
    }

    /// [`Walk::step`], but to a time, and not for a tenth of a second.
    pub(crate) fn step_to(
        &mut self,
        time: Instant,
        until: u64,
        stop: impl Fn() -> bool + Sync,
    ) -> Result<Option<Tally>, Error> {
        let Some(plan) = self.rest(until)? else {
            return Ok(None);
        };
        let is_over = || stop() || Instant::now() >= time;
        let counted = match self.counter.way.clone() {
            #[cfg(feature = "gpu")]
            Way::Device(device) => {
                let flights = self.flights.get_or_insert_with(|| Flights::new(device));
                flights.count(&plan, &self.crew, &self.log, is_over)?
            }
            Way::Chunk(count) => {
                let deal = || Deal::InOrder { stop: &is_over };
                self.count_chunks(plan, &*count, deal)?
            }
        };
        self.stopped = stop();
        Ok(Some(self.add(counted)))
    }

    /// The next darts to count, to `until` in all, but at least one; `None` if the walk is over.
    fn rest(&self, until: u64) -> Result<Option<Plan>, Error> {
        let Some(gap) = self.coverage.gap().filter(|_| !self.stopped) else {
            return Ok(None);
        };
        let left = until.saturating_sub(self.tally.sims).max(1);
        gap.part(0..left.min(gap.sims())).map(Some)
    }

    /// Adds what a step has counted, and returns the new tally.
    fn add(&mut self, counted: Tally) -> Tally {
        self.tally = [self.tally, counted].into_iter().sum();
        self.coverage.count(counted);
        self.spent = self.watch.spent();
        self.tally
    }

    /// Counts `plan` chunk by chunk. If the operating system refuses a thread that an earlier step had, the
    /// calling thread counts alone.
    fn count_chunks<S: Fn() -> bool + Sync>(
        &mut self,
        plan: Plan,
        count: &Count,
        deal: impl Fn() -> Deal<S>,
    ) -> Result<Tally, Error> {
        let chunks = plan.chunks();
        // The last step may have ended within a chunk.
        let is_continued = self.tally != self.resumed
            && self.coverage.end() == Some(plan.start())
            && !plan.start().is_multiple_of(u64::from(CHUNK_DARTS));
        let new = chunks.start + u64::from(is_continued);
        let threads = (chunks.end - chunks.start).min(self.workers() as u64);
        let count_with = |crew: &Crew| whole::count_on(crew, &plan, count, new, &self.log, deal());
        let counted = match count_with(&self.crew) {
            Err(Error::Refused { .. }) if threads <= self.threads => count_with(&Crew::alone())?,
            counted => counted?,
        };
        self.threads = self.threads.max(threads);
        Ok(counted)
    }
}
