//! race: all threads add to one counter, and nothing protects it. Wrong on purpose.
//!
//! For every hit, a thread reads the counter and then writes one more, as `total += 1` does in most
//! languages. If two threads read the same number, both write the same number, and one hit is lost.
//! Both steps are atomic here: Rust refuses the plain version, which would be undefined behaviour.
//!
//! The comparison shows fewer hits than `serial` has, a different number each time, so π comes out
//! too small. One worker loses nothing, and in a short run several may lose nothing either, by luck:
//! a race that passes a test is still a race. `lock` and `atomic` are the two cures.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::compare::strategy::task::Task;
use crate::compare::strategy::threads::on_threads;
use crate::engine::recorder::Recorder;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    count_with(task, log, || ())
}

/// `pause` runs between each read and its write; only the test that forces the race needs one.
fn count_with<F>(task: &Task, log: &Recorder, pause: F) -> Result<u64, Error>
where
    F: Fn() + Sync,
{
    let total = AtomicU64::new(0);
    on_threads(task, task.shares(), log, |share| {
        for hits in share.hits() {
            share.worker.add(|| {
                for _ in 0..hits {
                    let seen = total.load(Ordering::Relaxed);
                    pause(); // only in a test
                    total.store(seen + 1, Ordering::Relaxed);
                }
            });
        }
    })?;
    Ok(total.into_inner())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Barrier;

    use super::*;
    use crate::compare::strategy::task::tests::task;

    /// Forced, not hoped for: both threads read the 0 of the start before either writes its 1.
    #[test]
    fn a_race_loses_updates_and_never_invents_one() {
        thread_local!(static MET: Cell<bool> = const { Cell::new(false) });
        let task = task(131_072, 2);
        let both_have_read = Barrier::new(2);
        let between = || {
            if !MET.replace(true) {
                both_have_read.wait();
            }
        };
        let hits = count_with(&task, &Recorder::off(), between).unwrap();
        assert!(0 < hits && hits < task.count_here(), "{hits}");
    }
}
