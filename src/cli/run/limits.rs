//! Ends a run at the first of its limits: its number of darts, its standard error, its time.

use std::time::{Duration, Instant};

use crate::cli::run::start::Run;
use crate::darts::tally::Tally;
use crate::result::estimate::Estimate;

impl Run {
    /// Whether the time is up, without the pauses `left_out` of it.
    pub(crate) fn is_late(&self, left_out: Duration) -> bool {
        self.end(left_out).is_some_and(|end| Instant::now() >= end)
    }

    /// The end of the time limit, after pauses.
    fn end(&self, left_out: Duration) -> Option<Instant> {
        self.deadline?.checked_add(left_out)
    }

    /// Whether all darts are thrown, or the standard error is small enough.
    pub(crate) fn is_over(&self, tally: Tally) -> bool {
        let is_small = |target| tally.reaches(target);
        tally.sims == self.plan.sims() || self.job.target_error.is_some_and(is_small)
    }

    /// The number of darts at which a run that holds `tally` must stop next, so that the limits and the observers
    /// see it there.
    pub(crate) fn next_stop(&self, tally: Tally) -> u64 {
        let job = &self.job;
        let has_marks = job.trace.is_some() || job.plot.is_some() || job.checkpoint.is_some();
        let check = job.target_error.map(|_| tally.next_check());
        let mark = has_marks.then(|| tally.next_mark());
        let stops = [check, mark, self.next_cut(tally.sims)];
        stops.into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// The number of darts to throw; `None` if that is all that can be numbered.
    pub(crate) fn sims(&self) -> Option<u64> {
        Some(self.plan.sims()).filter(|sims| *sims < u64::MAX)
    }

    /// How long a run that holds `tally` goes on at this rate, after the pauses `left_out` of its time; `None` if no end
    /// is in sight.
    pub(crate) fn left(
        &self,
        tally: Tally,
        sims_per_s: f64,
        left_out: Duration,
    ) -> Option<Duration> {
        // The standard error falls with the square root of the darts.
        let target = self.job.target_error.map(|target| {
            let ratio = Estimate::of(tally).std_error / target;
            tally.sims as f64 * ratio * ratio
        });
        let sims = self.sims().map(|sims| sims as f64);
        let counted = [target, sims].into_iter().flatten().map(|sims| {
            let s = (sims - tally.sims as f64).max(0.0) / sims_per_s;
            Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX)
        });
        let now = Instant::now();
        let timed = self
            .end(left_out)
            .map(|end| end.saturating_duration_since(now));
        counted.chain(timed).min()
    }
}
