//! lock: all threads add to one counter, which a mutex protects.
//!
//! Adding 1 is three steps: read, add, write. The mutex lets one thread at a time take all three,
//! so no hit is lost. It is locked once for every hit, as a first parallel program might do it.
//!
//! The comparison shows the right answer and a speed-up below 1: the threads count their darts in
//! parallel, but wait for each other to note every single hit. More workers make it worse. The cure
//! is to share less often: `threads` adds up its own hits and shares one number at the end.

use std::sync::{Mutex, PoisonError};

use super::Task;
use super::threads::on_threads;
use crate::error::Error;

pub(super) fn count(task: &Task) -> Result<u64, Error> {
    let total = Mutex::new(0);
    on_threads(task, task.shares(), |share| {
        for hits in share.hits() {
            for _ in 0..hits {
                *total.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            }
        }
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}
