//! Walks over the chunks of a plan, on the calling thread or on a pool of threads, and adds up the
//! hits. Threads only decide who counts which chunk: hits are whole numbers and every chunk has its
//! own stream, so no number of workers can change the sum. Not here: what is timed or printed.

use std::num::NonZero;
use std::thread;

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::error::Error;
use crate::kernel::{Kernel, Key};
use crate::plan::Plan;

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Darts thrown, at least 1.
    pub sims: u64,
    /// Those of them that hit, at most `sims`.
    pub hits: u64,
}

/// Chunks that repay the start of a thread: about half a millisecond of counting. Without this a
/// pool made runs of up to a million darts slower (by 0.2 of the whole process, at 131,072 darts).
const CHUNKS_A_THREAD: usize = 16;

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
fn cores() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Counts the plan's hits on `workers` threads, or if that is 1, on the calling thread.
///
/// # Errors
/// [`Error::Threads`] if the operating system refuses the threads.
pub fn count(plan: &Plan, kernel: Kernel, workers: NonZero<usize>) -> Result<Tally, Error> {
    let key = Key::new(plan.seed());
    let hits = |chunk| u64::from(kernel.count_chunk(&key, chunk, plan.places(chunk)));
    Ok(Tally {
        sims: plan.sims(),
        hits: sum(plan, workers, hits)?,
    })
}

/// The sum of `hits` of the plan's chunks, on `workers` threads or the calling one.
pub(crate) fn sum(
    plan: &Plan,
    workers: NonZero<usize>,
    hits: impl Fn(u64) -> u64 + Send + Sync,
) -> Result<u64, Error> {
    Ok(match workers.get() {
        1 => plan.chunks().map(hits).sum(),
        workers => ThreadPoolBuilder::new()
            .num_threads(workers)
            .build()
            .map_err(|source| Error::Threads {
                workers,
                source: source.into(),
            })?
            .install(|| plan.chunks().into_par_iter().map(hits).sum()),
    })
}
