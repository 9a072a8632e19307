//! lock: all threads add to one counter, which a mutex protects.
//!
//! Adding 1 is three steps: read, add, write. The mutex lets one thread at a time take all three,
//! so no hit is lost. The threads lock it once for every hit, as a first parallel program might.
//!
//! The comparison shows the right answer and a speed-up below 1: the threads count their darts in
//! parallel, but wait for each other to note every single hit. More workers make it worse. The cure
//! is to share less often: in `threads`, each thread adds up its own hits and shares one number at
//! the end.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::compare::strategy::task::Task;
use crate::compare::strategy::threads::on_threads;
use crate::engine::recorder::{Recorder, Worker};
use crate::engine::timeline::Activity;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let total = Mutex::new(0);
    on_threads(task, task.shares(), log, |share| {
        for hits in share.hits() {
            share.worker.add(|| {
                for _ in 0..hits {
                    *lock(&total, &share.worker) += 1;
                }
            });
        }
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Locks the counter, and notes the wait if it is not free.
fn lock<'a>(total: &'a Mutex<u64>, worker: &Worker) -> MutexGuard<'a, u64> {
    let wait = || total.lock().unwrap_or_else(PoisonError::into_inner);
    let free = total.try_lock();
    free.unwrap_or_else(|_| worker.wait(Activity::Lock, wait))
}
