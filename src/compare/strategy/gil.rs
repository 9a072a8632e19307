//! gil: threads that take turns at one lock, as threads of CPython do. A model: no Python runs here.
//!
//! It is modelled on CPython with its global interpreter lock (3.2 and later, `take_gil` and `drop_gil`). A thread
//! counts only while it holds the lock. A thread that has waited for 5 ms asks for it, and the holder hands it over
//! after the chunk at hand; a chunk itself cannot be interrupted, just as a call into C cannot. While a thread waits
//! for its input, it lets go of the lock. The system chooses the next thread.
//!
//! The comparison shows the speed of one core for any number of workers, but the speed of `threads` if the work is
//! waiting (`io_wait`). Pure Python computes like this row. NumPy and pi_mc let go of the lock while they compute, so
//! they are like `threads`. So is free-threaded Python (3.13t, 3.14t); ask `sys._is_gil_enabled()`, since an extension
//! that is not marked for it turns the lock on again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::compare::strategy::task::{Counted, Task};
use crate::compare::strategy::threads::on_threads;
use crate::engine::recorder::{Recorder, Worker};
use crate::engine::timeline::Activity;
use crate::error::Error;

/// The hits, and the hand-overs.
pub(crate) fn count(task: &Task, log: &Recorder) -> Result<Counted, Error> {
    let gil = Gil::default();
    let hits = on_threads(task, task.shares(), log, |share| {
        let mut own = 0;
        gil.take(&share.worker);
        for chunk in share.chunks() {
            if share.task.waits() {
                gil.release();
                share.task.wait(&share.worker, chunk);
                gil.take(&share.worker);
            }
            own += share.task.count_chunk(&share.worker, chunk);
            gil.hand_over_if_wanted(&share.worker);
        }
        gil.release();
        own
    })?;
    Ok(Counted {
        hits: hits.iter().sum(),
        hand_overs: Some(gil.hand_overs()),
    })
}

/// The time that a thread waits before it asks for the lock: CPython's `sys.getswitchinterval()`.
const INTERVAL: Duration = Duration::from_millis(5);

/// A lock that threads hand to each other.
#[derive(Default)]
pub(crate) struct Gil {
    state: Mutex<State>,
    /// The lock has become free.
    free: Condvar,
    /// A thread has taken the lock.
    taken: Condvar,
    /// A thread has waited for too long.
    wanted: AtomicBool,
}

#[derive(Default)]
struct State {
    is_held: bool,
    /// How often the lock was taken.
    switches: u64,
    hand_overs: u64,
}

impl Gil {
    /// Takes the lock, and notes the wait if it is not free.
    pub(crate) fn take(&self, worker: &Worker) {
        let state = self.state();
        if state.is_held {
            worker.wait(Activity::Gil, || self.take_when_free(state));
        } else {
            self.take_when_free(state);
        }
    }

    fn take_when_free(&self, mut state: MutexGuard<State>) {
        while state.is_held {
            let seen = state.switches;
            let woken = self.free.wait_timeout(state, INTERVAL);
            let (locked, waited) = woken.unwrap_or_else(PoisonError::into_inner);
            state = locked;
            // If the lock went from one thread to another meanwhile, the new one has its 5 ms first.
            if waited.timed_out() && state.is_held && state.switches == seen {
                self.wanted.store(true, Ordering::Relaxed);
            }
        }
        state.is_held = true;
        state.switches += 1;
        self.wanted.store(false, Ordering::Relaxed);
        self.taken.notify_all();
    }

    /// Lets go of the lock.
    pub(crate) fn release(&self) {
        self.state().is_held = false;
        self.free.notify_one();
    }

    /// If another thread has asked for the lock, lets it have the lock, and takes the lock again afterwards.
    pub(crate) fn hand_over_if_wanted(&self, worker: &Worker) {
        if !self.wanted.load(Ordering::Relaxed) {
            return;
        }
        worker.wait(Activity::Gil, || {
            let mut state = self.state();
            let seen = state.switches;
            state.is_held = false;
            state.hand_overs += 1;
            self.free.notify_one();
            // Otherwise this thread, which is awake already, would take it again before the other wakes up.
            while state.switches == seen {
                let woken = self.taken.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
            self.take_when_free(state);
        });
    }

    /// How often the lock was handed over.
    pub(crate) fn hand_overs(&self) -> u64 {
        self.state().hand_overs
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::iter;
    use std::sync::atomic::AtomicU64;
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::compare::sizes;
    use crate::compare::strategy::Strategy;
    use crate::compare::strategy::task::tests::task;
    use crate::kernel::Kernel;

    /// Far longer than any turn takes, even on a busy machine. Without hand-overs, a test would wait for ever.
    const LIMIT: Duration = Duration::from_secs(60);

    /// The darts that take serial this long.
    fn darts(milliseconds: f64) -> u64 {
        (sizes::probe(Kernel::detect(), Duration::ZERO).unwrap() * milliseconds / 1e3) as u64
    }

    #[test]
    fn no_two_threads_count_at_the_same_time() {
        for (sims, workers, io_wait) in [
            (darts(40.0), 3, Duration::ZERO),
            (3_000_000, 8, Duration::from_micros(300)),
        ] {
            let task = Task {
                io_wait,
                ..task(sims, workers)
            };
            let timeline = Strategy::Gil.timeline(&task).unwrap();
            let mut counts: Vec<_> = timeline.spans().filter(|span| span.chunks > 0).collect();
            let chunks = task.plan.chunks().count();
            assert_eq!(counts.len(), chunks, "no spans have merged");
            counts.sort_by_key(|span| span.start_ns);
            for [one, next] in counts.array_windows() {
                assert!(one.end_ns <= next.start_ns, "{one:?} {next:?}");
            }
        }
    }

    #[test]
    fn a_thread_that_waits_gets_its_turn_beside_one_that_counts_without_end() {
        let (gil, had_a_turn) = (Gil::default(), AtomicBool::new(false));
        let off = Recorder::off();
        gil.take(&off.worker(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                gil.take(&off.worker(1));
                had_a_turn.store(true, Ordering::Relaxed);
                gil.release();
            });
            let start = Instant::now();
            let mut turns = iter::repeat_with(|| gil.hand_over_if_wanted(&off.worker(0)));
            let found =
                turns.find(|()| had_a_turn.load(Ordering::Relaxed) || start.elapsed() > LIMIT);
            gil.release();
            assert!(found.is_some() && start.elapsed() <= LIMIT, "no turn");
        });
    }

    /// A thread waits 5 ms for each turn, so in 200 ms there are up to 40; a busy machine has fewer.
    #[test]
    fn two_threads_hand_over_and_one_alone_does_not() {
        let hand_overs = |milliseconds, workers| {
            let task = task(darts(milliseconds), workers);
            count(&task, &Recorder::off()).unwrap().hand_overs
        };
        assert_eq!(hand_overs(50.0, 1), Some(0));
        let mut longer = iter::successors(Some(200.0), |time| Some(2.0 * time)).take(4);
        assert!(longer.any(|time| hand_overs(time, 2) >= Some(5)));
    }

    /// One thread loads, hands over, and then stores: the other's addition in between is lost.
    #[test]
    fn a_switch_between_load_and_store_loses_what_was_stored_in_between() {
        let (gil, total) = (Gil::default(), AtomicU64::new(0));
        let off = Recorder::off();
        gil.take(&off.worker(0));
        let seen = total.load(Ordering::Relaxed);
        thread::scope(|scope| {
            scope.spawn(|| {
                gil.take(&off.worker(1));
                total.fetch_add(1_000, Ordering::Relaxed);
                gil.release();
            });
            let start = Instant::now();
            while gil.hand_overs() == 0 && start.elapsed() < LIMIT {
                gil.hand_over_if_wanted(&off.worker(0));
            }
            // If the other had its turn only now, nothing would be lost.
            total.store(seen + 1, Ordering::Relaxed);
            gil.release();
        });
        assert_eq!(total.into_inner(), 1);
    }
}
