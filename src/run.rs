//! Walks over the chunks of a plan, on the calling thread or on a pool of threads, and adds up the
//! hits. Threads only decide who counts which chunk: hits are whole numbers and every chunk has its
//! own stream, so no number of workers can change the sum. Not here: what is timed or printed.
//!
//! Threads take the chunks one by one in order, so that at any time the chunks begun are the first
//! ones: whenever a walk is stopped, what it holds is a range of darts that begins where the plan does.

use std::num::NonZero;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::dart::CHUNK_DARTS;
use crate::error::Error;
use crate::kernel::{Kernel, Key};
use crate::plan::Plan;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Darts thrown.
    pub sims: u64,
    /// Those of them that hit, at most `sims`.
    pub hits: u64,
}

/// Chunks that repay the start of a thread: about half a millisecond of counting. Without this a
/// pool made runs of up to a million darts slower (by 0.2 of the whole process, at 131,072 darts).
const CHUNKS_A_THREAD: usize = 16;

/// How often a walk lets itself be looked at. All threads meet for it, which costs less than a chunk.
const TICK: Duration = Duration::from_millis(100);

/// The threads to count `plan` on: those `asked` for, but no more than there are chunks, since a
/// chunk is what a thread takes; if none are asked for, the cores that this process may use, but
/// no more than the plan repays.
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
    Ok(Crew::new(workers)?.count(plan, kernel, || false))
}

/// Counts the plan's hits as [`count`] does, from where `done` ends, and lets itself be looked at on
/// the way: at every number of darts that `next_stop` names (the first above the one it is given),
/// every tenth of a second or so, and at the end. It ends before the plan does if `seen` breaks, or
/// once `stop` is true; the chunks begun by then are counted, and at least one is.
///
/// # Errors
/// [`Error::Threads`] if the operating system refuses the threads.
pub fn walk(
    plan: &Plan,
    kernel: Kernel,
    workers: NonZero<usize>,
    mut done: Tally,
    next_stop: impl Fn(u64) -> u64,
    stop: impl Fn() -> bool + Sync,
    mut seen: impl FnMut(Tally) -> ControlFlow<()>,
) -> Result<Tally, Error> {
    let crew = Crew::new(workers)?;
    while done.sims < plan.sims() {
        let stretch = plan.part(done.sims..next_stop(done.sims).min(plan.sims()))?;
        let tick = Instant::now() + TICK;
        let counted = crew.count(&stretch, kernel, || stop() || Instant::now() >= tick);
        done.sims += counted.sims;
        done.hits += counted.hits;
        if seen(done).is_break() || stop() {
            break;
        }
    }
    Ok(done)
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
    fn count(&self, plan: &Plan, kernel: Kernel, stop: impl Fn() -> bool + Sync) -> Tally {
        let key = Key::new(plan.seed());
        let hits = |chunk| u64::from(kernel.count_chunk(&key, chunk, plan.places(chunk)));
        let (end, hits) = self.sum(plan.chunks(), stop, hits);
        let sims = match end == plan.chunks().end {
            true => plan.sims(),
            false => end * u64::from(CHUNK_DARTS) - plan.first(),
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
        match chunks.end - chunks.start > 1 {
            true => drop(self.each(|_| work())),
            false => work(),
        }
        (next.into_inner().min(chunks.end), sum.into_inner())
    }
}
