//! What ends a run, the first of them to come: its darts, its standard error, its time. Not here:
//! signals, which no run asks for.

use std::time::{Duration, Instant};

use pi_mc::{Estimate, Plan, Tally, course};

use super::args::RunArgs;

/// The ends of one run.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    sims: u64,
    target_error: Option<f64>,
    deadline: Option<Instant>,
}

impl Ends {
    pub(super) fn new(args: &RunArgs, plan: &Plan, start: Instant) -> Ends {
        Ends {
            sims: plan.sims(),
            target_error: args.target_error,
            // A time that no clock reaches is no end.
            deadline: args.time_limit.and_then(|limit| start.checked_add(limit)),
        }
    }

    /// Whether the time is up.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// Whether all darts are thrown, or the standard error is small enough.
    pub(super) fn is_reached(&self, tally: Tally) -> bool {
        let is_small = |target| course::is_reached(tally, target);
        tally.sims == self.sims || self.target_error.is_some_and(is_small)
    }

    /// Where a run that holds `sims` darts must be looked at next, to see that it has reached its end.
    pub(super) fn next_check(&self, sims: u64) -> u64 {
        match self.target_error {
            Some(_) => course::next_check(sims),
            None => u64::MAX,
        }
    }

    /// How many darts there are at the most, unless that is all that can be numbered.
    pub(super) fn sims(&self) -> Option<u64> {
        (self.sims < u64::MAX).then_some(self.sims)
    }

    /// How long a run that holds `tally` goes on at this rate, if any end is in sight.
    pub(super) fn left(&self, tally: Tally, sims_per_s: f64, now: Instant) -> Option<Duration> {
        // The standard error falls as the root of the darts.
        let target = self.target_error.map(|target| {
            let ratio = Estimate::of(tally).std_error / target;
            tally.sims as f64 * ratio * ratio
        });
        let sims = self.sims().map(|sims| sims as f64);
        let counted = [target, sims].into_iter().flatten().map(|sims| {
            let s = (sims - tally.sims as f64).max(0.0) / sims_per_s;
            Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX)
        });
        let timed = self.deadline.map(|end| end.saturating_duration_since(now));
        counted.chain(timed).min()
    }
}
