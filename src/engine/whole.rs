//! Counts a whole plan in one go: on how many threads, and how many hits. A [`Walk`](crate::engine::walk::Walk) takes
//! the same plan step by step.

use std::num::NonZero;
use std::sync::OnceLock;

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::cores::cores;
use crate::engine::counter::Count;
use crate::engine::crew::{Crew, Deal};
use crate::engine::recorder::Recorder;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

/// Chunks that repay the start of a thread: about half a millisecond of counting. Without this limit, a pool
/// slowed runs of up to a million darts down (the whole process by a fifth, at 131,072 darts).
const CHUNKS_A_THREAD: usize = 16;

/// The number of threads to count `plan` on: `asked`, but no more than the plan has chunks, because threads
/// take whole chunks. By default the cores that this process may use, but no more than the plan repays.
pub fn workers(plan: &Plan, asked: Option<NonZero<usize>>) -> NonZero<usize> {
    let chunks = plan.chunks();
    let chunks = usize::try_from(chunks.end - chunks.start).unwrap_or(usize::MAX);
    let at_most = |most| NonZero::new(most).unwrap_or(NonZero::<usize>::MIN);
    match (asked, chunks / CHUNKS_A_THREAD) {
        (Some(asked), _) => asked.min(at_most(chunks)),
        // To look for cores is to read files, which a run for one thread need not do.
        (None, 0 | 1) => NonZero::<usize>::MIN,
        (None, repaid) => cores().min(at_most(repaid)),
    }
}

/// Counts the plan's hits on `workers` threads; on the calling thread if `workers` is 1.
///
/// # Errors
/// If the operating system refuses a thread.
pub fn count(plan: &Plan, kernel: Kernel, workers: NonZero<usize>) -> Result<Tally, Error> {
    let count = move |key: &Key, chunk, places| kernel.count_chunk(key, chunk, places);
    let (crew, log) = (Crew::new(workers, None)?, Recorder::off());
    let deal = Deal::InOrder { stop: || false };
    count_on(&crew, plan, &count, plan.chunks().start, &log, deal)
}

/// Counts the plan on `crew`, or as many of its first chunks as `deal` deals. `new` is the first chunk of which no
/// dart was counted before.
pub(crate) fn count_on(
    crew: &Crew,
    plan: &Plan,
    count: &Count,
    new: u64,
    log: &Recorder,
    deal: Deal<impl Fn() -> bool + Sync>,
) -> Result<Tally, Error> {
    let key = Key::new(plan.seed());
    let impossible = OnceLock::new();
    let hits = |chunk| {
        let places = plan.places(chunk);
        let darts = places.end - places.start;
        let hits = count(&key, chunk, places);
        if hits > darts {
            let _ = impossible.set(format!("{hits} hits among {darts} darts of chunk {chunk}"));
        }
        u64::from(hits)
    };
    let (end, hits) = crew.sum(plan.chunks(), log, deal, |chunks, worker| {
        let new = chunks.start.max(new)..chunks.end;
        worker.count(new, || chunks.map(hits).sum())
    })?;
    if let Some(message) = impossible.into_inner() {
        return Err(Error::Wrong(format!("the counter found {message}")));
    }
    let sims = if end == plan.chunks().end {
        plan.sims()
    } else {
        end * u64::from(CHUNK_DARTS) - plan.start()
    };
    Ok(Tally { sims, hits })
}
