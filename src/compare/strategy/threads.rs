//! threads: start a thread for each worker, each with its own share of the darts, and join them all.
//!
//! Threads share the memory of the process, so a worker simply reads the task and returns its hits;
//! no two threads ever write to the same place. Starting a thread takes some ten microseconds.
//!
//! The comparison shows a speed-up near the number of cores if all shares take equally long. The
//! shares are cut beforehand, so the run is as slow as its slowest worker: if a different program
//! takes one core away, the other workers finish and wait. Compare with `pool` and `queue`, whose
//! workers take work as they go. With a wait for input (`io_wait`) more workers than cores still
//! help: a waiting thread needs no core.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::compare::strategy::task::Task;
use crate::engine::crew::join;
use crate::engine::recorder::{Recorder, Worker};
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let hits = on_threads(task, task.shares(), log, |share| share.hits().sum::<u64>())?;
    Ok(hits.iter().sum())
}

/// Runs `work` on a thread of its own for each of `shares`, and returns the results in their order.
pub(crate) fn on_threads<T: Send>(
    task: &Task,
    shares: impl Iterator<Item = Task>,
    log: &Recorder,
    work: impl Fn(Share) -> T + Sync,
) -> Result<Vec<T>, Error> {
    let stop = &AtomicBool::new(false);
    let end_all = |_: &Error| stop.store(true, Ordering::Relaxed);
    let work = &|task, number| {
        let worker = log.worker(number);
        work(Share { task, worker, stop })
    };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (number, share) in shares.enumerate() {
            let thread = task.spawn(scope, number, move || work(share, number));
            // If it did not start, end the others: the scope waits for them.
            threads.push(thread.inspect_err(end_all)?);
        }
        Ok(threads.into_iter().map(join).collect())
    })
}

/// The share of one thread.
pub(crate) struct Share<'a> {
    pub(crate) task: Task,
    pub(crate) worker: Worker<'a>,
    stop: &'a AtomicBool,
}

impl Share<'_> {
    /// The chunks, one after the other, until a thread that did not start stops them all.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = u64> {
        let chunks = self.task.plan.chunks();
        chunks.take_while(|_| !self.stop.load(Ordering::Relaxed))
    }

    /// The hits of each chunk.
    pub(crate) fn hits(&self) -> impl Iterator<Item = u64> {
        let chunks = self.chunks();
        chunks.map(|chunk| self.task.hits_by(&self.worker, chunk))
    }
}
