//! Darts whose hits are known, counted again.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::darts::plan::Plan;
use crate::darts::tally::Part;
use crate::engine::cores::Pinning;
use crate::engine::counter::Counter;
use crate::engine::progress::Progress;
use crate::engine::walk::Walk;
use crate::error::Error;

/// A count, with the hits that it should have.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Check {
    /// The name of the counter.
    pub counter: String,
    /// The darts, and the hits that they should have.
    pub expected: Part,
    /// The hits that were counted.
    pub hits: u64,
    /// The time that the count took.
    pub elapsed: Duration,
}

impl Check {
    /// Whether the count has the expected hits.
    pub fn is_right(&self) -> bool {
        self.hits == self.expected.hits
    }
}

/// Threads that count, and where.
#[derive(Clone, Debug)]
pub struct Team {
    /// How many.
    pub workers: NonZero<usize>,
    /// The core of each; without, they run anywhere.
    pub pinning: Option<Pinning>,
}

/// Counts a part again, as [`recount`](crate::verify::recount) does.
///
/// # Errors
/// If the part holds no dart, or if the operating system refuses to start the threads or to pin them.
pub fn count(
    seed: u64,
    part: Part,
    counter: Counter,
    Team { workers, pinning }: Team,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    let plan = Plan::from_start(seed, part.first, part.sims)?;
    let name = counter.name().to_owned();
    let start = Instant::now();
    let walk = Walk::of(plan).counter(counter).workers(workers);
    let mut walk = walk.pinned(pinning).start()?;
    while let Some(tally) = walk.step(u64::MAX, || false)? {
        let progress = Progress {
            hits: tally.hits,
            ..Progress::new(tally.sims, Some(part.sims))
        };
        if watch(progress).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(Check {
        counter: name,
        expected: part,
        hits: walk.tally().hits,
        elapsed: start.elapsed(),
    }))
}
