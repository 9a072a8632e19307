//! The engine: threads that share the chunks of a plan and add up the hits. Threads only decide who
//! counts which chunk: hits are whole numbers and every chunk has its own stream, so no number of
//! workers can change the sum.
//!
//! Threads take the chunks in order from one counter, so the chunks begun are always the first ones.
//! Whenever a count is stopped, what it holds is a range of darts that begins where the plan does.

use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::dart::CHUNK_DARTS;
use crate::error::Error;
use crate::kernel::{Kernel, Key};
use crate::plan::Plan;
use crate::tally::Tally;

/// Chunks that repay the start of a thread: about half a millisecond of counting. Without this a
/// pool made runs of up to a million darts slower (by 0.2 of the whole process, at 131,072 darts).
const CHUNKS_A_THREAD: usize = 16;

/// The longest step of a [`Walk`]. All threads meet at its end, which costs less than a chunk.
const TICK: Duration = Duration::from_millis(100);

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

/// The cores that this process may use, as its affinity and its control group allow.
pub fn cores() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Counts the plan's hits on `workers` threads, or if that is 1, on the calling thread.
///
/// # Errors
/// [`Error::Threads`] if the operating system refuses the threads.
pub fn count(plan: &Plan, kernel: Kernel, workers: NonZero<usize>) -> Result<Tally, Error> {
    let counter = kernel.into();
    Ok(Crew::new(workers)?.count(plan, &counter, || false))
}

/// What counts a chunk's hits among the darts at some places: see [`Kernel::count_chunk`].
type Count = dyn Fn(&Key, u64, Range<u32>) -> u32 + Send + Sync;

/// A named way to count a chunk: a kernel, or any function that a caller puts on trial.
pub struct Counter {
    name: String,
    count: Box<Count>,
}

impl Counter {
    /// `count` under a name. It takes what [`Kernel::count_chunk`] takes.
    pub fn new(
        name: impl Into<String>,
        count: impl Fn(&Key, u64, Range<u32>) -> u32 + Send + Sync + 'static,
    ) -> Counter {
        Counter {
            name: name.into(),
            count: Box::new(count),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hits among the darts at `places` of chunk `chunk`.
    pub fn count_chunk(&self, key: &Key, chunk: u64, places: Range<u32>) -> u32 {
        (self.count)(key, chunk, places)
    }
}

impl From<Kernel> for Counter {
    fn from(kernel: Kernel) -> Counter {
        Counter::new(kernel.name(), move |key, chunk, places| {
            kernel.count_chunk(key, chunk, places)
        })
    }
}

/// A count of a plan, a step at a time. The caller looks at the tally between steps, and decides
/// whether to go on.
///
/// ```
/// use pi_mc::{Kernel, Plan, Tally, engine};
///
/// let plan = Plan::new(42, 10_000_000)?;
/// let workers = engine::workers(&plan, None);
/// let mut walk = engine::Walk::new(&plan, Kernel::detect(), workers, Tally::default())?;
/// while let Some(tally) = walk.step(u64::MAX, || false) {
///     assert_eq!(tally, walk.tally());
/// }
/// assert_eq!(walk.tally().sims, plan.sims());
/// # Ok::<(), pi_mc::Error>(())
/// ```
pub struct Walk {
    plan: Plan,
    counter: Counter,
    crew: Crew,
    tally: Tally,
    stopped: bool,
}

impl Walk {
    /// A walk through `plan` on `workers` threads that begins after the darts in `resumed`, which
    /// were counted before.
    ///
    /// # Errors
    /// [`Error::Threads`] if the operating system refuses the threads.
    pub fn new(
        plan: &Plan,
        counter: impl Into<Counter>,
        workers: NonZero<usize>,
        resumed: Tally,
    ) -> Result<Walk, Error> {
        Ok(Walk {
            plan: *plan,
            counter: counter.into(),
            crew: Crew::new(workers)?,
            tally: resumed,
            stopped: false,
        })
    }

    /// All that was counted so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Counts on to `until` darts of the plan, or for about a tenth of a second, whichever comes
    /// first, and returns the new tally. Once `stop` is true the step ends after the chunks begun, at
    /// least one of them, and is the last. Returns `None` when there is nothing left to do.
    pub fn step(&mut self, until: u64, stop: impl Fn() -> bool + Sync) -> Option<Tally> {
        let done = self.tally.sims;
        if self.stopped || done >= self.plan.sims() {
            return None;
        }
        let end = until.max(done + 1).min(self.plan.sims());
        let stretch = self.plan.part(done..end).ok()?;
        let tick = Instant::now() + TICK;
        let counted = self
            .crew
            .count(&stretch, &self.counter, || stop() || Instant::now() >= tick);
        self.tally.sims += counted.sims;
        self.tally.hits += counted.hits;
        self.stopped = stop();
        Some(self.tally)
    }
}

/// Threads that count together; none but the calling one if there is no pool.
pub(crate) struct Crew(Option<ThreadPool>);

impl Crew {
    /// `workers` threads, or if that is 1, the calling one.
    pub(crate) fn new(workers: NonZero<usize>) -> Result<Crew, Error> {
        let pool = match workers.get() {
            1 => None,
            workers => Some(
                ThreadPoolBuilder::new()
                    .num_threads(workers)
                    .build()
                    .map_err(|source| Error::Threads {
                        workers,
                        source: source.into(),
                    })?,
            ),
        };
        Ok(Crew(pool))
    }

    /// What `work` gives on each thread, in the order of their numbers, from 0 on.
    pub(crate) fn each<T: Send>(&self, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        match &self.0 {
            Some(pool) => pool.broadcast(|thread| work(thread.index())),
            None => vec![work(0)],
        }
    }

    /// Counts the plan, or until `stop` its first chunks.
    fn count(&self, plan: &Plan, counter: &Counter, stop: impl Fn() -> bool + Sync) -> Tally {
        let key = Key::new(plan.seed());
        let hits = |chunk| u64::from(counter.count_chunk(&key, chunk, plan.places(chunk)));
        let (end, hits) = self.sum(plan.chunks(), stop, hits);
        let sims = if end == plan.chunks().end {
            plan.sims()
        } else {
            end * u64::from(CHUNK_DARTS) - plan.first()
        };
        Tally { sims, hits }
    }

    /// The sum of `hits` of `chunks`, taken in order until `stop` is true, and where it ended. The
    /// first chunk does not ask.
    pub(crate) fn sum(
        &self,
        chunks: Range<u64>,
        stop: impl Fn() -> bool + Sync,
        hits: impl Fn(u64) -> u64 + Sync,
    ) -> (u64, u64) {
        let (next, sum) = (AtomicU64::new(chunks.start), AtomicU64::new(0));
        let work = || {
            let mut own = 0;
            while next.load(Ordering::Relaxed) == chunks.start || !stop() {
                let chunk = next.fetch_add(1, Ordering::Relaxed);
                if chunk >= chunks.end {
                    break;
                }
                own += hits(chunk);
            }
            sum.fetch_add(own, Ordering::Relaxed);
        };
        if chunks.end - chunks.start > 1 {
            self.each(|_| work());
        } else {
            work();
        }
        (next.into_inner().min(chunks.end), sum.into_inner())
    }
}
