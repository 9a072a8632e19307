//! serial: one loop on the calling thread, chunk after chunk.
//!
//! It is the baseline. Its hits are the right ones, because nothing can go wrong in a plain loop,
//! and its time is what every other strategy has to beat. A speed-up is measured against the best
//! serial program, not against a parallel program on one worker, which would hide what parallelism
//! costs.

use super::Task;

pub(super) fn count(task: &Task) -> u64 {
    let mut total = 0;
    for chunk in task.plan.chunks() {
        total += task.hits(chunk);
    }
    total
}
