//! serial: one loop on the calling thread, chunk after chunk.
//!
//! It is the baseline. Its hits are the right ones, because nothing can go wrong in a plain loop,
//! and its time is what every other strategy has to beat. A speed-up is measured against the best
//! serial program, not against a parallel program on one worker, which would hide what parallelism
//! costs.

use crate::compare::strategy::Task;
use crate::engine::recorder::Recorder;

pub(crate) fn count(task: &Task, log: &Recorder) -> u64 {
    let worker = log.worker(0);
    let mut total = 0;
    for chunk in task.plan.chunks() {
        total += task.hits_by(&worker, chunk);
    }
    total
}
