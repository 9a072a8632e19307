//! Tasks on workers that stay and take one after the other: in which order, and by whom.

use std::time::Instant;

use anyhow::Result;

use crate::compare::strategy::Task;
use crate::compare::strategy::process_pool::{self, Finished};
use crate::engine::recorder::Recorder;
use crate::engine::timeline::{Activity, Span, Timeline};

/// Counts the task's chunks on a pool of processes. Returns the processes, and their timeline.
pub(crate) fn on_processes(task: &Task) -> Result<(Vec<Finished>, Timeline)> {
    let log = Recorder::new(task.workers.get(), Instant::now());
    let finished = process_pool::count(task, &log)?;
    let hits = finished.iter().map(|child| child.x).sum();
    Ok((finished, log.timeline("processes".to_owned(), hits)))
}

/// The tasks in the order in which workers took them, each with its worker.
pub(crate) fn taken(timeline: &Timeline) -> Vec<(usize, u64)> {
    in_order(timeline, |wait, _| wait.start_ns)
}

/// The tasks in the order in which workers completed them.
pub(crate) fn completed(timeline: &Timeline) -> Vec<u64> {
    let events = in_order(timeline, |_, count| count.end_ns);
    events.into_iter().map(|(_, task)| task).collect()
}

/// The tasks, each with its worker, in the order of a time of the task's wait and count.
fn in_order(timeline: &Timeline, time: fn(&Span, &Span) -> u64) -> Vec<(usize, u64)> {
    let mut events = Vec::new();
    for (lane, worker) in timeline.lanes.iter().zip(0..) {
        for [wait, count] in lane.spans.array_windows() {
            if count.activity == Activity::Count {
                events.push((time(wait, count), worker, count.first_chunk));
            }
        }
    }
    events.sort_unstable();
    let events = events.into_iter();
    events.map(|(_, worker, task)| (worker, task)).collect()
}
