//! gpu: the same chunks on a graphics card, thousands of threads at a time.
//!
//! A card can do far more arithmetic than a CPU, but it is far away: launching a batch and reading it back
//! takes a fraction of a millisecond, in which a CPU counts a million darts. Each thread of the card draws a
//! block of random words, and lists the few darts that these do not decide; the CPU settles them.
//!
//! The comparison shows that the distance matters less and less as runs get longer. Only work that falls into
//! many equal parts that need not talk to each other gains so much.

use crate::compare::strategy::task::Task;
use crate::engine::crew::Crew;
use crate::engine::gpu::flights::Flights;
use crate::engine::recorder::Recorder;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let device = task.device.clone().ok_or_else(none)?;
    let crew = Crew::new(task.workers, None)?;
    let mut flights = Flights::new(device);
    let tally = flights.count(&task.plan, &crew, log, || false)?;
    Ok(tally.hits)
}

/// The error of a task without a GPU.
fn none() -> Error {
    Error::NoAdapter {
        name: String::new(),
        available: Vec::new(),
    }
}
