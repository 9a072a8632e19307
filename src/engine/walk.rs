//! The engine: threads that share the chunks of a plan and add up the hits. Threads only decide who
//! counts which chunk: hits are whole numbers and every chunk has its own stream, so no number of
//! workers can change the sum.
//!
//! Threads take the chunks in order from one counter, so the chunks begun are always the first ones.
//! Whenever a count is stopped, what it holds is a range of darts that begins where the plan does.

use std::num::NonZero;
#[cfg(feature = "gpu")]
use std::time::Duration;
use std::time::Instant;

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::cores::{Pinning, cores};
use crate::engine::counter::{Count, Counter, Way};
use crate::engine::crew::Crew;
#[cfg(feature = "gpu")]
use crate::engine::gpu::flights::Flights;
use crate::engine::recorder::Recorder;
use crate::engine::timeline::{self, Timeline};
use crate::error::Error;
use crate::kernel::{Kernel, Key};

/// Chunks that repay the start of a thread: about half a millisecond of counting. Without this a
/// pool made runs of up to a million darts slower (by 0.2 of the whole process, at 131,072 darts).
const CHUNKS_A_THREAD: usize = 16;

/// The threads to count `plan` on. If `asked` for, that number, but no more than there are chunks,
/// since a chunk is what a thread takes. Otherwise the cores that this process may use, but no more
/// than the plan repays.
pub fn workers(plan: &Plan, asked: Option<NonZero<usize>>) -> NonZero<usize> {
    let chunks = plan.chunks();
    let chunks = usize::try_from(chunks.end - chunks.start).unwrap_or(usize::MAX);
    let at_most = |most| NonZero::new(most).unwrap_or(NonZero::<usize>::MIN);
    match (asked, chunks / CHUNKS_A_THREAD) {
        (Some(asked), _) => asked.min(at_most(chunks)),
        // Asking for the cores reads files: not for a run that one thread does best.
        (None, 0 | 1) => NonZero::<usize>::MIN,
        (None, repaid) => cores().min(at_most(repaid)),
    }
}

/// Counts the plan's hits on `workers` threads, or if that is 1, on the calling thread.
///
/// # Errors
/// If the operating system refuses the threads.
pub fn count(plan: &Plan, kernel: Kernel, workers: NonZero<usize>) -> Result<Tally, Error> {
    let stretch = Stretch {
        plan: *plan,
        new: plan.chunks().start,
    };
    let count = move |key: &Key, chunk, places| kernel.count_chunk(key, chunk, places);
    stretch.count(&Crew::new(workers, None)?, &count, &Recorder::off(), || {
        false
    })
}

/// Threads that count, and where.
#[derive(Clone, Debug)]
pub struct Team {
    /// How many.
    pub workers: NonZero<usize>,
    /// The core of each; without, they run anywhere.
    pub pinning: Option<Pinning>,
}

impl From<NonZero<usize>> for Team {
    fn from(workers: NonZero<usize>) -> Team {
        Team {
            workers,
            pinning: None,
        }
    }
}

/// A count of a plan, a step at a time. The caller looks at the tally between steps, and decides
/// whether to go on.
///
/// ```
/// use pi_mc::{Kernel, Plan, Tally, Walk};
///
/// let plan = Plan::new(42, 10_000_000)?;
/// let mut walk = Walk::new(&plan, Kernel::detect(), None, Tally::default())?;
/// while let Some(tally) = walk.step(u64::MAX, || false)? {
///     assert_eq!(tally, walk.tally());
/// }
/// assert_eq!(walk.tally().sims, plan.sims());
/// # Ok::<(), pi_mc::Error>(())
/// ```
pub struct Walk {
    plan: Plan,
    counter: Counter,
    crew: Crew,
    /// What a GPU is counting ahead.
    #[cfg(feature = "gpu")]
    flights: Option<Flights>,
    /// What was counted before.
    resumed: Tally,
    tally: Tally,
    /// The most threads that a step had.
    threads: u64,
    stopped: bool,
    /// When it was made, before its threads.
    origin: Instant,
    log: Recorder,
}

impl Walk {
    /// A walk through `plan` that begins after the darts in `resumed`, which were counted before. It has
    /// the threads that [`workers`] says; of those that nobody asked for, as many as the operating
    /// system allows.
    ///
    /// # Errors
    /// If the operating system refuses a thread that was asked for.
    pub fn new(
        plan: &Plan,
        counter: impl Into<Counter>,
        asked: Option<NonZero<usize>>,
        resumed: Tally,
    ) -> Result<Walk, Error> {
        Walk::pinned(plan, counter, asked, resumed, None)
    }

    /// [`Walk::new`], with each of the threads on a core of its own.
    ///
    /// # Errors
    /// As there, and if the operating system refuses to pin one of them.
    pub fn pinned(
        plan: &Plan,
        counter: impl Into<Counter>,
        asked: Option<NonZero<usize>>,
        resumed: Tally,
        pinning: Option<&Pinning>,
    ) -> Result<Walk, Error> {
        let origin = Instant::now();
        let rest = plan.part(resumed.sims..plan.sims()).unwrap_or(*plan);
        let workers = workers(&rest, asked);
        let crew = match asked {
            Some(_) => Crew::new(workers, pinning)?,
            None => Crew::up_to(workers, pinning)?,
        };
        Ok(Walk {
            plan: *plan,
            counter: counter.into(),
            crew,
            #[cfg(feature = "gpu")]
            flights: None,
            resumed,
            tally: resumed,
            threads: 0,
            stopped: false,
            origin,
            log: Recorder::off(),
        })
    }

    /// The name of what counts.
    pub fn counter(&self) -> &str {
        self.counter.name()
    }

    /// How many threads count, or settle what a GPU leaves undecided.
    pub fn workers(&self) -> usize {
        self.crew.workers().get()
    }

    /// How long a GPU was busy with batches that are counted: for benchmarks.
    #[cfg(feature = "gpu")]
    #[doc(hidden)]
    pub fn device_busy(&self) -> Duration {
        self.flights.as_ref().map_or(Duration::ZERO, Flights::busy)
    }

    /// Records from now on which worker counts what, and when.
    pub fn record(&mut self) {
        self.log = Recorder::new(self.workers(), self.origin);
    }

    /// What was recorded of the count, if it ends now; nothing without [`Walk::record`].
    pub fn timeline(&self) -> Timeline {
        let name = timeline::name("pi-mc", self.workers());
        self.log.timeline(name, self.tally.hits - self.resumed.hits)
    }

    /// All that was counted so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Counts on to `until` darts of the plan, or for about a tenth of a second, whichever comes
    /// first, and returns the new tally. Once `stop` is true the step ends after the chunks begun, at
    /// least one of them, and is the last. Returns `None` when there is nothing left to do.
    ///
    /// # Errors
    /// If the operating system refuses a thread, and if it refuses to pin
    /// it. A step that needs no more threads than an earlier one had is then done by the calling thread. A GPU
    /// that fails or counts wrong is an error. After an error the tally stays what it was.
    pub fn step(
        &mut self,
        until: u64,
        stop: impl Fn() -> bool + Sync,
    ) -> Result<Option<Tally>, Error> {
        let done = self.tally.sims;
        if self.stopped || done >= self.plan.sims() {
            return Ok(None);
        }
        let end = until.max(done + 1).min(self.plan.sims());
        let plan = self.plan.part(done..end)?;
        let tick = Instant::now() + self.crew.tick();
        let is_over = || stop() || Instant::now() >= tick;
        let counted = match &self.counter.way {
            #[cfg(feature = "gpu")]
            Way::Device(device) => {
                let start = || Flights::new(device.clone());
                let flights = self.flights.get_or_insert_with(start);
                flights.count(&plan, &self.crew, &self.log, is_over)?
            }
            Way::Chunk(count) => {
                // The last step may have ended within a chunk.
                let is_continued =
                    self.tally != self.resumed && plan.first() % u64::from(CHUNK_DARTS) != 0;
                let stretch = Stretch {
                    plan,
                    new: plan.chunks().start + u64::from(is_continued),
                };
                let count = |crew| stretch.count(crew, &**count, &self.log, is_over);
                let chunks = plan.chunks();
                let wanted = (chunks.end - chunks.start).min(self.workers() as u64);
                let counted = match count(&self.crew) {
                    Err(_) if wanted <= self.threads => count(&Crew::alone())?,
                    counted => counted?,
                };
                self.threads = self.threads.max(wanted);
                counted
            }
        };
        self.tally.sims += counted.sims;
        self.tally.hits += counted.hits;
        self.stopped = stop();
        Ok(Some(self.tally))
    }
}

/// Darts to count in one go.
struct Stretch {
    plan: Plan,
    /// The first chunk that nothing of was counted before.
    new: u64,
}

impl Stretch {
    /// Counts all of it, or until `stop` its first chunks.
    fn count(
        &self,
        crew: &Crew,
        count: &Count,
        log: &Recorder,
        stop: impl Fn() -> bool + Sync,
    ) -> Result<Tally, Error> {
        let plan = &self.plan;
        let key = Key::new(plan.seed());
        let hits = |chunk| u64::from(count(&key, chunk, plan.places(chunk)));
        let (end, hits) = crew.sum(plan.chunks(), log, stop, |chunks, worker| {
            let new = chunks.start.max(self.new)..chunks.end;
            worker.count(new, || chunks.map(hits).sum())
        })?;
        let sims = if end == plan.chunks().end {
            plan.sims()
        } else {
            end * u64::from(CHUNK_DARTS) - plan.first()
        };
        Ok(Tally { sims, hits })
    }
}
