//! A walk that somebody watches: what each worker does, steps in slow motion, and pauses that do not count.

use std::fmt;

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::tally::Tally;
#[cfg(feature = "cli")]
use crate::engine::clock::Spent;
use crate::engine::counter::Way;
use crate::engine::crew::Deal;
#[cfg(feature = "live")]
use crate::engine::timeline::Load;
use crate::engine::timeline::{self, Timeline};
use crate::engine::walk::Walk;
use crate::error::Error;

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("plan", &self.plan)
            .field("counter", &self.counter)
            .field("workers", &self.workers())
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

impl Walk {
    /// The timeline of the count so far; empty without
    /// [`WalkBuilder::with_timeline`](crate::engine::walk::WalkBuilder::with_timeline).
    pub fn timeline(&self) -> Timeline {
        let name = timeline::name("pi-mc", self.workers());
        self.log.timeline(name, self.tally.hits - self.resumed.hits)
    }

    /// The time that a GPU took for the batches counted.
    #[cfg(all(feature = "gpu", feature = "internals"))]
    pub fn device_busy(&self) -> std::time::Duration {
        let flights = self.flights.as_ref();
        flights.map_or(std::time::Duration::ZERO, |flights| flights.busy)
    }

    /// The work of each worker so far; empty without a timeline.
    #[cfg(feature = "live")]
    pub(crate) fn loads(&self) -> Vec<Load> {
        self.log.loads()
    }

    /// Counts on to `until` darts of the plan, but at most one chunk on each thread, and returns the new tally:
    /// [`Walk::step`] in slow motion, which would leave so few chunks to the first thread that is free. Returns `None`
    /// when there is nothing left to do. A GPU counts all chunks at once.
    ///
    /// # Errors
    /// As [`Walk::step`].
    pub fn step_each(&mut self, until: u64) -> Result<Option<Tally>, Error> {
        let Some(rest) = self.rest(until)? else {
            return Ok(None);
        };
        let end = (rest.chunks().start + self.workers() as u64).checked_mul(CHUNK_DARTS.into());
        let end = end.map_or(rest.end(), |end| end.min(rest.end()));
        let plan = rest.part(0..end - rest.start())?;
        let counted = match self.counter.way.clone() {
            #[cfg(feature = "gpu")]
            Way::Device(_) => return self.step(until, || false),
            Way::Chunk(count) => {
                let deal = || Deal::<fn() -> bool>::OneEach;
                self.count_chunks(plan, &*count, deal)?
            }
        };
        Ok(Some(self.add(counted)))
    }

    /// Leaves a pause between two steps out of the time spent.
    #[cfg(feature = "live")]
    pub(crate) fn leave_out(&mut self, pause: Spent) {
        self.watch.leave_out(pause);
    }

    /// The pauses left out so far.
    #[cfg(feature = "cli")]
    pub(crate) fn left_out(&self) -> Spent {
        self.watch.left_out()
    }
}
