//! queue: one thread puts the numbers of the chunks into a queue, and the workers take them out.
//!
//! It is the pattern for work that arrives over time, or whose parts differ in length: a worker that
//! is free takes the next part. The queue holds at most 1,024 numbers, so that a long run needs no
//! more memory than a short one; while it is full, the thread that fills it sleeps. Dropping the
//! sender is the sign that no more will come.
//!
//! The comparison shows a little less than the speed of `pool`, which does the same with one atomic
//! number. The queue costs two more locks per chunk, which is little compared with its 65,536 darts.
//! With a queue of single darts the workers would mostly wait for each other.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::compare::strategy::task::Task;
use crate::engine::crew::join;
use crate::engine::recorder::{Recorder, Worker};
use crate::engine::timeline::Activity;
use crate::engine::whole;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let (sender, receiver) = mpsc::sync_channel(1024);
    let receiver = Arc::new(Mutex::new(receiver));
    thread::scope(move |scope| {
        let mut workers = Vec::new();
        for number in 0..whole::workers(&task.plan, Some(task.workers)).get() {
            let receiver = Arc::clone(&receiver);
            let work = move || work(task, &receiver, &log.worker(number));
            workers.push(task.spawn(scope, number, work)?);
        }
        // Only the workers hold the receiver now. If all of them end, sending fails.
        drop(receiver);
        for chunk in task.plan.chunks() {
            if sender.send(chunk).is_err() {
                break;
            }
        }
        drop(sender);
        Ok(workers.into_iter().map(join::<u64>).sum())
    })
}

/// Counts chunks from the queue until it is empty and its sender gone.
fn work(task: &Task, queue: &Mutex<Receiver<u64>>, worker: &Worker) -> u64 {
    let mut own = 0;
    while let Some(chunk) = worker.wait(Activity::Queue, || take(queue)) {
        own += task.hits_by(worker, chunk);
    }
    own
}

/// The next number in the queue; `None` once it is empty and the sender gone. The lock is free again
/// when this returns, so the other workers can take chunks while this one is counted.
fn take(queue: &Mutex<Receiver<u64>>) -> Option<u64> {
    queue.lock().ok()?.recv().ok()
}
