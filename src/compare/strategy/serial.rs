//! serial: one loop on the calling thread, chunk after chunk.
//!
//! It is the baseline. Its hits are the right ones, because nothing can go wrong in a plain loop,
//! and its time is the one that every other strategy has to beat. Speed-ups are measured against the
//! best serial program, not against a parallel program on one worker, which would hide the cost of
//! parallelism.

use crate::compare::strategy::task::Task;
use crate::engine::recorder::Recorder;

pub(crate) fn count(task: &Task, log: &Recorder) -> u64 {
    let worker = log.worker(0);
    let mut total = 0;
    for chunk in task.plan.chunks() {
        total += task.hits_by(&worker, chunk);
    }
    total
}

impl Task {
    /// Counts all of the plan's hits on the calling thread.
    pub fn count_here(&self) -> u64 {
        count(self, &Recorder::off())
    }
}
