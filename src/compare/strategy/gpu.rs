//! gpu: the same chunks on a graphics card, thousands of threads at a time.
//!
//! A card has far more arithmetic than a CPU, and is far away: to launch a batch and read it back takes a
//! fraction of a millisecond, in which a CPU counts a million darts. Each of its threads draws a block of
//! random words; a dart that these do not decide goes into a list, which the CPU settles.
//!
//! The comparison shows that a run has to be long before the distance does not matter. Only a plan that
//! falls into many equal pieces that need not talk to each other gains so much.

use crate::compare::strategy::task::Task;
use crate::engine::crew::Crew;
use crate::engine::gpu::flights::Flights;
use crate::engine::recorder::Recorder;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let Some(device) = &task.device else {
        return Err(Error::NoAdapter {
            name: String::new(),
            available: Vec::new(),
        });
    };
    let crew = Crew::new(task.workers, None)?;
    let mut flights = Flights::new(device.clone());
    let tally = flights.count(&task.plan, &crew, log, || false)?;
    Ok(tally.hits)
}
