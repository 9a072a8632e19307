//! same-seed: every worker starts its random numbers at the same place. Wrong on purpose.
//!
//! It happens when a process forks after it has seeded its generator, or when every worker is given
//! the same seed: all of them throw the same darts. The number of darts is right, but the darts of
//! all workers but one are repeats.
//!
//! The comparison shows an estimate that looks fine, and that is the danger: it is only as good as
//! that of one worker, but its error bar is computed for all darts and is too small. The comparison
//! shows no speed, since the work was not done. The cure is a stream of random numbers for each part
//! of the work: here every chunk has its own, so each dart is thrown once, by any worker.

use std::num::NonZero;

use crate::compare::strategy::task::Task;
use crate::compare::strategy::threads::on_threads;
use crate::darts::plan::Plan;
use crate::engine::recorder::Recorder;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let same = task.shares().map(|share| Task {
        plan: from_the_start(&task.plan, &share.plan),
        ..share
    });
    let hits = on_threads(task, same, log, |own| own.hits().sum::<u64>())?;
    Ok(hits.iter().sum())
}

/// As many darts as `share` has, but from the first dart of `plan` on: this is the mistake.
fn from_the_start(plan: &Plan, share: &Plan) -> Plan {
    plan.part(0..share.sims()).unwrap_or(*share)
}

/// The darts that each worker throws, mistake included.
#[cfg(feature = "report")]
pub(crate) fn thrown_by_each(plan: &Plan, workers: NonZero<usize>) -> Vec<Plan> {
    let shares = plan.shares(workers);
    shares.map(|share| from_the_start(plan, &share)).collect()
}

/// The number of different darts: those of the largest share.
pub(crate) fn distinct_darts(plan: &Plan, workers: NonZero<usize>) -> u64 {
    plan.shares(workers)
        .map(|share| share.sims())
        .max()
        .unwrap_or(0)
}

/// The factor by which repeats raise the variance of the estimate: the sum, over all different darts, of the
/// squared number of times that each is thrown, divided by the darts thrown. With equal shares it is the
/// number of workers.
pub(crate) fn repeats(plan: &Plan, workers: NonZero<usize>) -> f64 {
    let mut sizes: Vec<u64> = plan.shares(workers).map(|share| share.sims()).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.push(0);
    // With shares in descending order, n workers throw the darts between the n-th size and the next.
    let squares = sizes
        .array_windows()
        .zip(1u32..)
        .map(|([more, less], throwers)| (more - less) as f64 * f64::from(throwers).powi(2));
    squares.sum::<f64>() / plan.sims() as f64
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::compare::strategy::task::tests::task;

    /// Counts, one by one, how often each dart number is thrown.
    #[test]
    fn same_seed_throws_as_many_distinct_darts_as_it_says() {
        for (sims, workers) in [(1, 2), (65_537, 2), (200_000, 2), (300_000, 3), (70_000, 8)] {
            let task = task(sims, workers);
            let (mut thrown, mut times) = (0, HashMap::new());
            for share in task.shares() {
                let darts = from_the_start(&task.plan, &share.plan);
                thrown += darts.sims();
                for dart in darts.start()..darts.end() {
                    *times.entry(dart).or_insert(0u64) += 1;
                }
            }
            assert_eq!(thrown, sims);
            let distinct = distinct_darts(&task.plan, task.workers);
            assert_eq!(times.len() as u64, distinct, "{sims}");
            let squares: u64 = times.values().map(|n| n * n).sum();
            let repeats = repeats(&task.plan, task.workers);
            assert!(
                (repeats - squares as f64 / sims as f64).abs() < 1e-12,
                "{sims}"
            );
        }
    }
}
