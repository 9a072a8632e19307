//! The engine: threads that share the chunks of a plan and add up the hits. Threads only decide who
//! counts which chunk: hits are whole numbers and every chunk has its own stream, so no number of
//! workers can change the sum.
//!
//! Threads take the chunks in order from one counter, so the chunks begun are always the first ones.
//! Whenever a count is stopped, what it holds is a range of darts that begins where the plan does.

use std::io;
use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

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

/// What a thread beyond the cores adds to it: such threads start anew in each step.
const TICK_A_THREAD: Duration = Duration::from_micros(100);

/// A thread takes several chunks at a time, at most [`MOST_A_BATCH`], where it takes at least
/// [`BATCHES_A_THREAD`] times: the counter that all cores write is then no bottleneck, and the last
/// batch leaves nobody waiting for long.
const MOST_A_BATCH: u64 = 16;
const BATCHES_A_THREAD: u64 = 256;

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
    Crew::new(workers)?.count(plan, &counter, || false)
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
/// let mut walk = engine::Walk::new(&plan, Kernel::detect(), None, Tally::default())?;
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
    tally: Tally,
    /// Whether a step was done: the threads can be had.
    begun: bool,
    stopped: bool,
}

impl Walk {
    /// A walk through `plan` that begins after the darts in `resumed`, which were counted before. It has
    /// the threads that [`workers`] says; of those that nobody asked for, as many as the operating
    /// system allows.
    ///
    /// # Errors
    /// [`Error::Threads`] if the operating system refuses a thread that was asked for.
    pub fn new(
        plan: &Plan,
        counter: impl Into<Counter>,
        asked: Option<NonZero<usize>>,
        resumed: Tally,
    ) -> Result<Walk, Error> {
        let rest = plan.part(resumed.sims..plan.sims()).unwrap_or(*plan);
        let workers = workers(&rest, asked);
        let crew = match asked {
            Some(_) => Crew::new(workers)?,
            None => Crew::up_to(workers),
        };
        Ok(Walk {
            plan: *plan,
            counter: counter.into(),
            crew,
            tally: resumed,
            begun: false,
            stopped: false,
        })
    }

    /// How many threads count.
    pub fn workers(&self) -> usize {
        self.crew.workers().get()
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
    /// [`Error::Threads`] if the operating system refuses a thread in the first step. Later on, the step
    /// is done without it.
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
        let stretch = self.plan.part(done..end)?;
        let tick = Instant::now() + self.crew.tick();
        let is_over = || stop() || Instant::now() >= tick;
        let counted = match self.crew.count(&stretch, &self.counter, is_over) {
            Err(_) if self.begun => Crew::Alone.count(&stretch, &self.counter, is_over)?,
            counted => counted?,
        };
        self.tally.sims += counted.sims;
        self.tally.hits += counted.hits;
        self.begun = true;
        self.stopped = stop();
        Ok(Some(self.tally))
    }
}

/// Threads that count together.
pub(crate) enum Crew {
    /// None but the calling one.
    Alone,
    /// No more threads than cores. They stay, and wait between two pieces of work.
    Pool(ThreadPool),
    /// More threads than cores. They are started anew for each piece of work: idle threads of one
    /// pool look for work in each other's queues, which made 4,096 of them 400 times slower.
    Crowd(Crowd),
}

/// Threads that are not there yet.
pub(crate) struct Crowd {
    workers: NonZero<usize>,
    /// Whether one of them was refused: the others then stop.
    refused: AtomicBool,
}

impl Crew {
    /// Exactly `workers` threads, or if that is 1, the calling one.
    ///
    /// # Errors
    /// [`Error::Threads`] if the operating system refuses one of them.
    pub(crate) fn new(workers: NonZero<usize>) -> Result<Crew, Error> {
        if workers.get() == 1 {
            Ok(Crew::Alone)
        } else if workers <= cores() {
            let pool = pool(workers.get()).map_err(|refused| Error::Threads {
                workers: workers.get(),
                source: refused.source,
            });
            Ok(Crew::Pool(pool?))
        } else {
            let refused = AtomicBool::new(false);
            Ok(Crew::Crowd(Crowd { workers, refused }))
        }
    }

    /// At most `workers` threads, and no more than cores: as many as the operating system allows.
    pub(crate) fn up_to(workers: NonZero<usize>) -> Crew {
        let mut wanted = workers.min(cores()).get();
        while wanted > 1 {
            match pool(wanted) {
                Ok(pool) => return Crew::Pool(pool),
                Err(refused) => wanted = refused.started.min(wanted - 1),
            }
        }
        Crew::Alone
    }

    /// How many threads there are.
    pub(crate) fn workers(&self) -> NonZero<usize> {
        match self {
            Crew::Alone => NonZero::<usize>::MIN,
            Crew::Pool(pool) => {
                NonZero::new(pool.current_num_threads()).unwrap_or(NonZero::<usize>::MIN)
            }
            Crew::Crowd(crowd) => crowd.workers,
        }
    }

    /// The longest step.
    fn tick(&self) -> Duration {
        match self {
            Crew::Crowd(crowd) => TICK + TICK_A_THREAD * crowd.workers.get() as u32,
            _ => TICK,
        }
    }

    /// Whether a thread was refused, so that the work of all others is for nothing.
    fn is_refused(&self) -> bool {
        matches!(self, Crew::Crowd(crowd) if crowd.refused.load(Ordering::Relaxed))
    }

    /// What `work` gives on each of the first `most` threads, in the order of their numbers, from 0
    /// on. A pool does it on all of its threads, unless `most` is 1. Of a crowd, no more threads start
    /// once `is_over`.
    ///
    /// # Errors
    /// [`Error::Threads`] if the operating system refuses one of a crowd.
    pub(crate) fn each<T: Send>(
        &self,
        most: usize,
        is_over: impl Fn() -> bool,
        work: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        match self {
            _ if most <= 1 => Ok(vec![work(0)]),
            Crew::Alone => Ok(vec![work(0)]),
            Crew::Pool(pool) => Ok(pool.broadcast(|thread| work(thread.index()))),
            Crew::Crowd(crowd) => crowd.each(most, is_over, work),
        }
    }

    /// Counts the plan, or until `stop` its first chunks.
    fn count(
        &self,
        plan: &Plan,
        counter: &Counter,
        stop: impl Fn() -> bool + Sync,
    ) -> Result<Tally, Error> {
        let key = Key::new(plan.seed());
        let hits = |chunk| u64::from(counter.count_chunk(&key, chunk, plan.places(chunk)));
        let (end, hits) = self.sum(plan.chunks(), stop, hits)?;
        let sims = if end == plan.chunks().end {
            plan.sims()
        } else {
            end * u64::from(CHUNK_DARTS) - plan.first()
        };
        Ok(Tally { sims, hits })
    }

    /// The sum of `hits` of `chunks`, taken in order until `stop` is true, and where it ended. The
    /// first chunk does not ask.
    ///
    /// # Errors
    /// As [`Crew::each`].
    pub(crate) fn sum(
        &self,
        chunks: Range<u64>,
        stop: impl Fn() -> bool + Sync,
        hits: impl Fn(u64) -> u64 + Sync,
    ) -> Result<(u64, u64), Error> {
        let Range { start, end } = chunks;
        let most = usize::try_from(end - start).unwrap_or(usize::MAX);
        let batch = (end - start) / (self.workers().get() as u64 * BATCHES_A_THREAD);
        let batch = batch.clamp(1, MOST_A_BATCH);
        let next = AtomicU64::new(start);
        let work = |_| {
            let mut own = 0;
            let mut is_first = true;
            while (is_first && next.load(Ordering::Relaxed) == start) || !stop() {
                is_first = false;
                let first = next.fetch_add(batch, Ordering::Relaxed);
                if first >= end || self.is_refused() {
                    break;
                }
                own += (first..end.min(first + batch)).map(&hits).sum::<u64>();
            }
            own
        };
        let sum = self.each(most, &stop, work)?.iter().sum();
        Ok((next.into_inner().min(end), sum))
    }
}

impl Crowd {
    /// See [`Crew::each`].
    fn each<T: Send>(
        &self,
        most: usize,
        is_over: impl Fn() -> bool,
        work: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        let work = &work;
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for number in 0..most.min(self.workers.get()) {
                // The first one works whatever happens.
                if number > 0 && is_over() {
                    break;
                }
                match named(number).spawn_scoped(scope, move || work(number)) {
                    Ok(thread) => threads.push(thread),
                    Err(source) => {
                        self.refused.store(true, Ordering::Relaxed);
                        let workers = self.workers.get();
                        return Err(Error::Threads { workers, source });
                    }
                }
            }
            let join = |thread: ScopedJoinHandle<T>| match thread.join() {
                Ok(result) => result,
                Err(panic) => resume_unwind(panic),
            };
            Ok(threads.into_iter().map(join).collect())
        })
    }
}

/// A thread that the system's tables show as "worker 0" and so on.
fn named(number: usize) -> thread::Builder {
    thread::Builder::new().name(format!("worker {number}"))
}

/// A thread was refused.
struct Refused {
    /// How many were started before it.
    started: usize,
    source: io::Error,
}

/// A pool of `workers` threads.
fn pool(workers: usize) -> Result<ThreadPool, Refused> {
    let mut started = 0;
    let mut refusal = None;
    let spawn = |worker: ThreadBuilder| match named(worker.index()).spawn(|| worker.run()) {
        Ok(_) => {
            started += 1;
            Ok(())
        }
        Err(error) => {
            refusal = Some(error);
            Err(io::ErrorKind::Other.into())
        }
    };
    let pool = ThreadPoolBuilder::new()
        .num_threads(workers)
        .spawn_handler(spawn)
        .build();
    pool.map_err(|error| Refused {
        started,
        source: refusal.unwrap_or(io::Error::other(error)),
    })
}
