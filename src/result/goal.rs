//! The goal of a run, as a checkpoint keeps it: how many darts or which error it was to reach, with which trace,
//! and the marks it has passed.

use serde::Serialize;

use crate::darts::tally::Tally;
use crate::result::estimate::absurdity;
use crate::result::milestones;

/// The most parts that a run lists: some 60 kilobytes.
pub(crate) const MAX_PARTS: u64 = 1000;

/// The purpose of a run, which a checkpoint keeps for the run that resumes it. Without a number of darts
/// and a target error the run had no end of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Goal {
    /// The darts of the whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sims: Option<u64>,
    /// The standard error to stop at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_error: Option<f64>,
    /// How many parts the result is to list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<u64>,
    /// The file of the run's trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Darts and hits after 1, 2, 5, 10, ... darts, as far as the run has counted. Earlier versions saved
    /// none, so the first ones are missing if the run was resumed from such a checkpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<(u64, u64)>,
}

impl Goal {
    /// Whether a run that holds `tally` can have this goal.
    pub(crate) fn is_possible(&self, tally: Tally) -> bool {
        let is_error = |error: f64| error > 0.0 && error.is_finite();
        self.sims != Some(0)
            && self.target_error.is_none_or(is_error)
            && self
                .parts
                .is_none_or(|parts| (1..=MAX_PARTS).contains(&parts))
            && self.leads_to(tally)
    }

    /// Whether the marks are consecutive up to `tally`, and their hits can lead to those of `tally`.
    fn leads_to(&self, tally: Tally) -> bool {
        let Some((first, _)) = self.marks.first() else {
            return true;
        };
        let is_in_order = |[a, b]: &[(u64, u64); 2]| {
            let hits = b.1.checked_sub(a.1);
            let sims = b.0.checked_sub(a.0);
            let tally = sims.zip(hits).map(|(sims, hits)| Tally { sims, hits });
            tally.is_some_and(|step| step.hits <= step.sims && absurdity(step).is_none())
        };
        let path = [&[(0, 0)], &self.marks[..], &[(tally.sims, tally.hits)]].concat();
        let all = milestones::marks().chain([u64::MAX]);
        let expected = all.skip_while(|mark| mark < first);
        let expected = expected.take_while(|mark| *mark <= tally.sims);
        path.array_windows().all(is_in_order) && self.marks.iter().map(|mark| mark.0).eq(expected)
    }
}
