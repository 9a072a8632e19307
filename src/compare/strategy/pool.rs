//! pool: threads that take the next chunk whenever they are free. It is the program's own engine.
//!
//! ```text
//! next = 0, shared by all threads
//! every thread:  repeat   chunk = next++ (one atomic addition)
//!                         if there is no such chunk, stop
//!                         own += hits of chunk
//! total = the sum of every thread's own
//! ```
//!
//! A thread asks for work once per chunk of 65,536 darts, so two threads hardly ever meet at the
//! counter; and a fast thread takes more chunks than a slow one. The comparison shows a speed-up
//! near the number of cores, even if one of them is busy with something else. The loop itself is in
//! src/engine/crew.rs.

use crate::compare::strategy::task::Task;
use crate::engine::crew::{Crew, Deal};
use crate::engine::recorder::Recorder;
use crate::engine::whole;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let threads = whole::workers(&task.plan, Some(task.workers));
    let pool = Crew::new(threads, task.pinning.as_ref())?;
    let deal = Deal::InOrder { stop: || false };
    let chunks = task.plan.chunks();
    let (_, total) = pool.sum(chunks, log, deal, |chunks, worker| {
        chunks.map(|chunk| task.hits_by(worker, chunk)).sum()
    })?;
    Ok(total)
}
