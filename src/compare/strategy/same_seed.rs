//! same-seed: every worker starts its random numbers at the same place. Wrong on purpose.
//!
//! It happens when a process forks after it has seeded its generator, or when every worker is given
//! the same seed: all of them throw the same darts. As many are thrown as were asked for, but only
//! one worker's are different.
//!
//! The comparison shows an estimate that looks fine, and that is the danger: it is as good as that
//! of one worker, while the error bar is computed for all darts and is too small. No speed is
//! shown, for the work was not done. The cure is a stream of random numbers for each part of the
//! work: here every chunk has its own, so each dart is thrown once, whoever throws it.

use std::num::NonZero;

use super::Task;
use super::threads::on_threads;
use crate::error::Error;
use crate::plan::Plan;

pub(super) fn count(task: &Task) -> Result<u64, Error> {
    let same = task.shares().map(|share| Task {
        plan: from_the_start(&task.plan, &share.plan),
        ..share
    });
    let hits = on_threads(task, same, |share| share.hits().sum::<u64>())?;
    Ok(hits.iter().sum())
}

/// As many darts as `share` has, but from the first dart of `plan` on: here is the mistake.
fn from_the_start(plan: &Plan, share: &Plan) -> Plan {
    plan.part(0..share.sims()).unwrap_or(*share)
}

/// How many different darts are thrown: as many as the largest share has.
pub(in crate::compare) fn distinct_darts(plan: &Plan, workers: NonZero<usize>) -> u64 {
    plan.shares(workers)
        .map(|share| share.sims())
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::compare::strategy::tests::task;

    /// The dart numbers that the workers throw, counted one by one.
    #[test]
    fn same_seed_throws_as_many_distinct_darts_as_it_says() {
        for (sims, workers) in [(1, 2), (65_537, 2), (200_000, 2), (300_000, 3), (70_000, 8)] {
            let task = task(sims, workers);
            let (mut thrown, mut distinct) = (0, HashSet::new());
            for share in task.shares() {
                let darts = from_the_start(&task.plan, &share.plan);
                thrown += darts.sims();
                distinct.extend(darts.first()..darts.first() + darts.sims());
            }
            assert_eq!(thrown, sims);
            assert_eq!(
                distinct.len() as u64,
                distinct_darts(&task.plan, task.workers),
                "{sims}"
            );
        }
    }
}
