//! A queue whose calls are each safe, and two workers that look first and take then: cell 14 of the notebook,
//! `while not queue.empty(): queue.get()`. Wrong on purpose.

use std::collections::VecDeque;
use std::sync::{Barrier, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::crew::on_two;
use crate::error::Error;

/// A step of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Asked whether the queue is empty. It was not.
    NotEmpty,
    /// Took this item.
    Got(u64),
    /// Waited for an item until it was stopped.
    Waits,
}

/// Two workers and a queue with one `item`. Both look before either takes, which is forced here. One of them then
/// finds nothing, and is stopped after `limit`. Returns the steps in order, each with its worker, 1 or 2.
pub(crate) fn look_then_take(item: u64, limit: Duration) -> Result<Vec<(usize, Step)>, Error> {
    let queue = Queue::default();
    queue.put(item);
    let (steps, both_have_looked) = (Mutex::new(Vec::new()), Barrier::new(2));
    let note = |worker, step| lock(&steps).push((worker, step));
    on_two(|number| {
        let worker = number + 1;
        let is_empty = queue.is_empty();
        if !is_empty {
            note(worker, Step::NotEmpty);
        }
        both_have_looked.wait();
        if !is_empty {
            note(worker, queue.get(limit).map_or(Step::Waits, Step::Got));
        }
    })?;
    Ok(steps.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// A queue, first in, first out. Each call locks it.
#[derive(Default)]
pub(crate) struct Queue {
    items: Mutex<VecDeque<u64>>,
    not_empty: Condvar,
}

impl Queue {
    pub(crate) fn put(&self, item: u64) {
        lock(&self.items).push_back(item);
        self.not_empty.notify_one();
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.items).is_empty()
    }

    /// Takes the first item, and waits for one up to `limit`.
    pub(crate) fn get(&self, limit: Duration) -> Option<u64> {
        let items = lock(&self.items);
        let woken = self
            .not_empty
            .wait_timeout_while(items, limit, |items| items.is_empty());
        let (mut items, _) = woken.unwrap_or_else(PoisonError::into_inner);
        items.pop_front()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
