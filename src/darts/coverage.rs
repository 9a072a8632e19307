//! Which darts of a plan are counted, and which are missing: usually its first ones and the rest, but a sum of some
//! of its parts has gaps.

use std::collections::VecDeque;

use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};

/// The counted and the missing darts of a plan. The missing ones are counted in order.
pub(crate) struct Coverage {
    /// The ranges counted: those that were there first, then in the order in which they were counted.
    parts: Vec<Part>,
    missing: VecDeque<Plan>,
}

impl Coverage {
    /// Of `plan`, `parts` are counted, which are in order.
    pub(crate) fn new(plan: Plan, parts: Vec<Part>) -> Coverage {
        let missing = plan.without(parts.iter().map(Part::range));
        Coverage {
            parts,
            missing: missing.into(),
        }
    }

    /// Nothing is counted; what is missing is `ranges`.
    pub(crate) fn of(ranges: Vec<Plan>) -> Coverage {
        Coverage {
            parts: Vec::new(),
            missing: ranges.into(),
        }
    }

    /// Counted are `parts`, and nothing is missing.
    #[cfg(feature = "mpi")]
    pub(crate) fn with(parts: Vec<Part>) -> Coverage {
        Coverage {
            parts,
            missing: VecDeque::new(),
        }
    }

    /// The missing darts, in order.
    #[cfg(feature = "mpi")]
    pub(crate) fn missing(&self) -> Vec<Plan> {
        self.missing.iter().copied().collect()
    }

    /// The number of missing darts.
    pub(crate) fn left(&self) -> u64 {
        self.missing.iter().map(Plan::sims).sum()
    }

    /// The first missing darts in a row; `None` if all are counted.
    pub(crate) fn gap(&self) -> Option<&Plan> {
        self.missing.front()
    }

    /// The number of the dart after those counted last.
    pub(crate) fn end(&self) -> Option<u64> {
        self.parts.last()?.end()
    }

    /// Notes that the first missing darts were counted, so many and so many hits.
    pub(crate) fn count(&mut self, Tally { sims, hits }: Tally) {
        let Some(gap) = self.missing.pop_front() else {
            return;
        };
        let first = gap.start();
        match self.parts.last_mut() {
            Some(last) if last.end() == Some(first) => {
                last.sims += sims;
                last.hits += hits;
            }
            _ => self.parts.push(Part { first, sims, hits }),
        }
        if let Ok(rest) = gap.part(sims..gap.sims()) {
            self.missing.push_front(rest);
        }
    }

    /// The ranges counted, in order; one if there are no gaps between them, and none without a dart.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let mut parts = self.parts.clone();
        parts.sort_by_key(|part| part.first);
        let is_one = |[a, b]: &[Part; 2]| a.end() == Some(b.first);
        if parts.len() > 1 && parts.array_windows().all(is_one) {
            let first = parts[0].first;
            let Tally { sims, hits } = parts.iter().map(Part::tally).sum();
            parts = vec![Part { first, sims, hits }];
        }
        parts
    }
}
