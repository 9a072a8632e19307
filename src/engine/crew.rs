//! A crew: threads that count together, and share the chunks of a plan.

use std::io;
use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

use crate::engine::cores::{Pinning, cores, on_core_of};
use crate::engine::recorder::{Recorder, Worker};
use crate::error::Error;

/// The longest step of a walk. All threads meet at its end, which costs less than a chunk.
const TICK: Duration = Duration::from_millis(100);

/// Extra time for each thread of a crowd, because its threads start anew in each step.
const TICK_A_THREAD: Duration = Duration::from_micros(100);

/// A thread takes up to [`MOST_A_BATCH`] chunks at a time, but few enough that it takes at least
/// [`BATCHES_A_THREAD`] times. So the counter that all cores write is no bottleneck, and no thread waits
/// long for the last batch.
const MOST_A_BATCH: u64 = 16;
const BATCHES_A_THREAD: u64 = 256;

/// How threads get their chunks.
pub(crate) enum Deal<S> {
    /// In order, each as soon as it is free, until `stop` is true. At least one chunk is taken.
    InOrder { stop: S },
    /// At most one each: chunk c to thread c mod the number of threads.
    OneEach,
}

/// Threads that count together.
pub(crate) struct Crew {
    threads: Threads,
    /// The core of each thread; `None` if threads may run anywhere.
    pinning: Option<Pinning>,
}

enum Threads {
    /// Only the calling thread.
    Alone,
    /// No more threads than cores. They stay, and wait between two pieces of work.
    Pool(ThreadPool),
    /// More threads than cores. They start anew for each piece of work: idle threads of a pool look for work
    /// in each other's queues, which made 4,096 of them 400 times slower.
    Crowd(Crowd),
}

/// Threads that start with each piece of work.
struct Crowd {
    workers: NonZero<usize>,
    /// Whether the operating system refused a thread: the others then stop.
    refused: AtomicBool,
}

impl Crew {
    /// Exactly `workers` threads; the calling thread if `workers` is 1.
    ///
    /// # Errors
    /// If the operating system refuses a thread, or to pin one.
    pub(crate) fn new(workers: NonZero<usize>, pinning: Option<&Pinning>) -> Result<Crew, Error> {
        let threads = if workers.get() == 1 {
            Threads::Alone
        } else if workers <= cores() {
            let pool = pool(workers.get(), pinning);
            Threads::Pool(pool.map_err(|refusal| refusal.error)?)
        } else {
            let refused = AtomicBool::new(false);
            Threads::Crowd(Crowd { workers, refused })
        };
        let pinning = pinning.cloned();
        Ok(Crew { threads, pinning })
    }

    /// As many threads as the operating system allows, but at most `workers`, and no more than cores.
    ///
    /// # Errors
    /// If the operating system refuses to pin a thread.
    pub(crate) fn up_to(workers: NonZero<usize>, pinning: Option<&Pinning>) -> Result<Crew, Error> {
        let pool = largest_pool(workers.min(cores()).get(), pinning)?;
        Ok(Crew {
            threads: pool.map_or(Threads::Alone, Threads::Pool),
            pinning: pinning.cloned(),
        })
    }

    /// The calling thread, not pinned.
    pub(crate) fn alone() -> Crew {
        Crew {
            threads: Threads::Alone,
            pinning: None,
        }
    }

    /// How many threads there are.
    pub(crate) fn workers(&self) -> NonZero<usize> {
        match &self.threads {
            Threads::Alone => NonZero::<usize>::MIN,
            Threads::Pool(pool) => {
                NonZero::new(pool.current_num_threads()).unwrap_or(NonZero::<usize>::MIN)
            }
            Threads::Crowd(crowd) => crowd.workers,
        }
    }

    /// The longest step of a walk with this crew.
    pub(crate) fn tick(&self) -> Duration {
        match &self.threads {
            Threads::Crowd(crowd) => TICK + TICK_A_THREAD * crowd.workers.get() as u32,
            _ => TICK,
        }
    }

    /// Whether a thread was refused, so that the work of all others is in vain.
    fn is_refused(&self) -> bool {
        matches!(&self.threads, Threads::Crowd(crowd) if crowd.refused.load(Ordering::Relaxed))
    }

    /// Does `work` on each of the first `most` threads, and returns the results in the order of the threads'
    /// numbers, which count from 0. A pool uses all of its threads unless `most` is 1. A crowd starts no more
    /// threads once `is_over`.
    ///
    /// # Errors
    /// If the operating system refuses a thread of a crowd, or to pin one or the calling thread.
    pub(crate) fn each<T: Send>(
        &self,
        most: usize,
        is_over: impl Fn() -> bool,
        work: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        let pinning = self.pinning.as_ref();
        let alone = || Ok(vec![on_core_of(pinning, 0, || work(0))?]);
        match &self.threads {
            _ if most <= 1 => alone(),
            Threads::Alone => alone(),
            Threads::Pool(pool) => Ok(pool.broadcast(|thread| work(thread.index()))),
            Threads::Crowd(crowd) => crowd.each(most, pinning, is_over, work),
        }
    }

    /// Adds up `hits` of `chunks`, dealt as `deal` says, and returns the chunk after the last one taken, and the
    /// sum. `log` records each worker.
    ///
    /// # Errors
    /// As [`Crew::each`].
    pub(crate) fn sum(
        &self,
        chunks: Range<u64>,
        log: &Recorder,
        deal: Deal<impl Fn() -> bool + Sync>,
        hits: impl Fn(Range<u64>, &Worker) -> u64 + Sync,
    ) -> Result<(u64, u64), Error> {
        let Range { start, end } = chunks;
        let most = usize::try_from(end - start).unwrap_or(usize::MAX);
        let stop = match deal {
            Deal::InOrder { stop } => stop,
            Deal::OneEach => {
                let threads = self.workers().get() as u64;
                let end = end.min(start + threads);
                let own = |number| {
                    let is_own = |chunk: &u64| chunk % threads == number as u64;
                    (start..end)
                        .find(is_own)
                        .map_or(0, |chunk| hits(chunk..chunk + 1, &log.worker(number)))
                };
                let sum = self.each(threads as usize, || false, own)?.iter().sum();
                return Ok((end, sum));
            }
        };
        let batch = (end - start) / (self.workers().get() as u64 * BATCHES_A_THREAD);
        let batch = batch.clamp(1, MOST_A_BATCH);
        let next = AtomicU64::new(start);
        let work = |number| {
            let worker = log.worker(number);
            let mut own = 0;
            let mut is_first = true;
            while (is_first && next.load(Ordering::Relaxed) == start) || !stop() {
                is_first = false;
                let first = next.fetch_add(batch, Ordering::Relaxed);
                if first >= end || self.is_refused() {
                    break;
                }
                own += hits(first..end.min(first + batch), &worker);
            }
            own
        };
        let sum = self.each(most, &stop, work)?.iter().sum();
        Ok((next.into_inner().min(end), sum))
    }
}

impl Crowd {
    /// [`Crew::each`] for a crowd.
    fn each<T: Send>(
        &self,
        most: usize,
        pinning: Option<&Pinning>,
        is_over: impl Fn() -> bool,
        work: impl Fn(usize) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        let work = &work;
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for number in 0..most.min(self.workers.get()) {
                // The first thread always works.
                if number > 0 && is_over() {
                    break;
                }
                let start = || named(number).spawn_scoped(scope, move || work(number));
                let started = on_core_of(pinning, number, start).and_then(|started| {
                    let workers = self.workers.get();
                    started.map_err(|source| Error::threads(workers, source))
                });
                match started {
                    Ok(thread) => threads.push(thread),
                    Err(error) => {
                        self.refused.store(true, Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
            Ok(threads.into_iter().map(join).collect())
        })
    }
}

/// Waits for a thread and returns its result. If the thread panicked, so does the caller.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Does `work` as workers 0 and 1: as 0 on the calling thread, as 1 on a new one.
#[cfg(feature = "cli")]
pub(crate) fn on_two(work: impl Fn(usize) + Sync) -> Result<(), Error> {
    thread::scope(|scope| {
        let other = named(1).spawn_scoped(scope, || work(1));
        let other = other.map_err(|source| Error::threads(2, source))?;
        work(0);
        join(other);
        Ok(())
    })
}

/// A builder of a thread that the system's tables show as "worker 0" and so on.
fn named(number: usize) -> thread::Builder {
    thread::Builder::new().name(format!("worker {number}"))
}

/// Why a pool lacks a thread.
struct Refusal {
    error: Error,
    /// The threads started before it; `None` if the operating system would start it, but not pin it.
    before: Option<usize>,
}

/// A pool of as many threads as the operating system allows, at most `most`. `None` if it allows only one.
///
/// # Errors
/// If the operating system refuses to pin a thread.
fn largest_pool(most: usize, pinning: Option<&Pinning>) -> Result<Option<ThreadPool>, Error> {
    let mut wanted = most;
    while wanted > 1 {
        match pool(wanted, pinning) {
            Ok(pool) => return Ok(Some(pool)),
            Err(Refusal { error, before }) => wanted = before.ok_or(error)?.min(wanted - 1),
        }
    }
    Ok(None)
}

/// A pool of `workers` threads.
fn pool(workers: usize, pinning: Option<&Pinning>) -> Result<ThreadPool, Refusal> {
    let mut started = 0;
    let mut refusal = None;
    let spawn = |worker: ThreadBuilder| {
        let number = worker.index();
        let start = || named(number).spawn(|| worker.run());
        let (error, before) = match on_core_of(pinning, number, start) {
            Ok(Ok(_)) => {
                started += 1;
                return Ok(());
            }
            Ok(Err(source)) => (Error::threads(workers, source), Some(started)),
            Err(error) => (error, None),
        };
        refusal = Some(Refusal { error, before });
        Err(io::ErrorKind::Other.into())
    };
    let pool = ThreadPoolBuilder::new()
        .num_threads(workers)
        .spawn_handler(spawn)
        .build();
    pool.map_err(|error| {
        refusal.unwrap_or_else(|| Refusal {
            error: Error::threads(workers, io::Error::other(error)),
            before: Some(started),
        })
    })
}
