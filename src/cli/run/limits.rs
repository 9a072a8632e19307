//! Ends a run at the first of its limits: its number of darts, its standard error, its time.

use std::time::{Duration, Instant};

use crate::cli::run::start::Run;
use crate::darts::tally::Tally;
use crate::result::estimate::Estimate;
use crate::result::milestones;

/// The limits of one run.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// The darts of the whole run.
    sims: u64,
    target_error: Option<f64>,
    deadline: Option<Instant>,
    /// Whether the run stops at every mark.
    stops_at_marks: bool,
}

impl Limits {
    /// The limits of a run that begins now.
    pub(crate) fn of(run: &Run) -> Limits {
        let job = &run.job;
        Limits {
            sims: run.plan.sims(),
            target_error: job.target_error,
            // A time that no clock reaches is no limit.
            deadline: job
                .time_limit
                .and_then(|limit| Instant::now().checked_add(limit)),
            stops_at_marks: job.trace.is_some() || job.plot.is_some() || job.checkpoint.is_some(),
        }
    }

    /// Whether the time is up.
    pub(crate) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// Whether all darts are thrown, or the standard error is small enough.
    pub(crate) fn is_reached(&self, tally: Tally) -> bool {
        let is_small = |target| milestones::is_reached(tally, target);
        tally.sims == self.sims || self.target_error.is_some_and(is_small)
    }

    /// The number of darts at which a run that holds `sims` must stop next, so that the limits and the observers
    /// see it there.
    pub(crate) fn next_stop(&self, sims: u64) -> u64 {
        let check = self.target_error.map(|_| milestones::next_check(sims));
        let mark = self.stops_at_marks.then(|| milestones::next_mark(sims));
        check.into_iter().chain(mark).min().unwrap_or(u64::MAX)
    }

    /// The number of darts; `None` if that is all that can be numbered.
    pub(crate) fn sims(&self) -> Option<u64> {
        (self.sims < u64::MAX).then_some(self.sims)
    }

    /// How long a run that holds `tally` goes on at this rate; `None` if no end is in sight.
    pub(crate) fn left(&self, tally: Tally, sims_per_s: f64) -> Option<Duration> {
        // The standard error falls with the square root of the darts.
        let target = self.target_error.map(|target| {
            let ratio = Estimate::of(tally).std_error / target;
            tally.sims as f64 * ratio * ratio
        });
        let sims = self.sims().map(|sims| sims as f64);
        let counted = [target, sims].into_iter().flatten().map(|sims| {
            let s = (sims - tally.sims as f64).max(0.0) / sims_per_s;
            Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX)
        });
        let now = Instant::now();
        let timed = self.deadline.map(|end| end.saturating_duration_since(now));
        counted.chain(timed).min()
    }
}
