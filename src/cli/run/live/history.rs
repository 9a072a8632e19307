//! What the screen shows of a run's past, gathered between its steps.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::cli::run::live::scene::Worker;
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::darts::replay::{self, Dart};
use crate::darts::tally::Tally;
use crate::engine::timeline::Load;
use crate::engine::walk::Walk;

/// The most darts that the largest screen shows.
const MOST_DARTS: usize = 8_000;
/// Darts that are new in a picture, if more than [`ALL_NEW`] have landed since the one before: with all of them new, the
/// square only flickers.
const FEW_NEW: u64 = 100;
const ALL_NEW: u64 = 2_000;

/// The least ratio of the darts of two points of the curve, and the ratio at which a step ends so that there is one.
const APART: f64 = 1.06;
const STEP: f64 = 1.2;
/// From here on, a step is short enough anyway.
const LONG: u64 = 1 << 32;

/// The time over which a worker's rate and load are averaged.
const LATELY: Duration = Duration::from_secs(1);

/// See the module.
pub(crate) struct History {
    plan: Plan,
    /// The darts that have been looked at.
    seen: u64,
    pub(crate) darts: Vec<Dart>,
    pub(crate) points: Vec<Tally>,
    /// The workers' loads at the latest pictures.
    loads: VecDeque<(Instant, Vec<Load>)>,
    pub(crate) workers: Vec<Worker>,
}

impl History {
    /// The history of a run that was at `marks` before it comes to `walk`.
    pub(crate) fn new(walk: &Walk, marks: &[Tally]) -> History {
        let mut history = History {
            plan: *walk.plan(),
            seen: walk.tally().sims,
            darts: Vec::new(),
            points: marks.to_vec(),
            loads: VecDeque::new(),
            workers: Vec::new(),
        };
        history.pass(walk.tally());
        history
    }

    /// Notes that the run has come to `tally`.
    pub(crate) fn pass(&mut self, tally: Tally) {
        let last = self.points.last().map_or(0.0, |point| point.sims as f64);
        if tally.sims as f64 >= last * APART && tally.sims > 0 {
            self.points.push(tally);
        }
    }

    /// The number of darts at which a run that holds `sims` should stop for the curve's sake.
    pub(crate) fn next_point(sims: u64) -> u64 {
        if sims >= LONG {
            u64::MAX
        } else {
            ((sims as f64 * STEP) as u64).max(sims + 1)
        }
    }

    /// Looks at the run before it is drawn.
    pub(crate) fn look_at(&mut self, walk: &Walk, now: Instant) {
        let sims = walk.tally().sims;
        let new = sims - self.seen;
        let taken = if self.darts.is_empty() {
            new.min(MOST_DARTS as u64)
        } else if new > ALL_NEW {
            FEW_NEW
        } else {
            new
        };
        self.seen = sims;
        let end = walk.coverage.end().unwrap_or_default();
        let first = end.saturating_sub(taken).max(self.plan.start());
        let landed = replay::darts(self.plan.seed(), first..end);
        self.darts.extend(landed);
        let surplus = self.darts.len().saturating_sub(MOST_DARTS);
        self.darts.drain(..surplus);
        self.weigh(walk.loads(), now);
    }

    /// Compares the workers' loads with those of a second ago.
    fn weigh(&mut self, loads: Vec<Load>, now: Instant) {
        while self
            .loads
            .get(1)
            .is_some_and(|(then, _)| now - *then >= LATELY)
        {
            self.loads.pop_front();
        }
        let before = self.loads.front();
        let passed = before.map_or(Duration::ZERO, |(then, _)| now - *then);
        let passed = passed.as_secs_f64();
        let worker = |(i, load): (usize, &Load)| {
            let before = before.map_or(Load::default(), |(_, loads)| loads[i]);
            let per_s = |n: u64| if passed > 0.0 { n as f64 / passed } else { 0.0 };
            Worker {
                chunks: load.chunks,
                rate: per_s(load.chunks - before.chunks) * f64::from(CHUNK_DARTS),
                busy: per_s(load.busy_ns - before.busy_ns) / 1e9,
            }
        };
        self.workers = loads.iter().enumerate().map(worker).collect();
        self.loads.push_back((now, loads));
    }
}
