//! Two experiments on the lock of [`gil`](crate::compare::strategy::gil): what a switch between a load and a store
//! loses, and how long a short wait takes beside a thread that computes.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::compare::strategy::gil::Gil;
use crate::compare::strategy::task::Task;
use crate::darts::plan::Plan;
use crate::engine::crew::on_two;
use crate::engine::recorder::Recorder;
use crate::engine::timeline::{self, Timeline};
use crate::error::Error;
use crate::kernel::Kernel;

/// Where a thread that adds 1 to x may hand the lock over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// Between the load and the store.
    BeforeStore,
    /// Only after the store.
    AfterStore,
}

/// The outcome of [`race`].
pub(crate) struct Turns {
    /// The value of x at the end.
    pub(crate) x: u64,
    /// How often a thread handed the lock over.
    pub(crate) hand_overs: u64,
    pub(crate) timeline: Timeline,
}

/// The additions that make one span of a timeline.
const BATCH: u64 = 50_000;

/// Two threads add 1 to x, `adds` times each, and take turns at the lock.
pub(crate) fn race(adds: u64, switch: Switch) -> Result<Turns, Error> {
    let (gil, x) = (Gil::default(), AtomicU64::new(0));
    let log = Recorder::new(2, Instant::now());
    on_two(|number| {
        let worker = log.worker(number);
        let mut left = adds;
        gil.take(&worker);
        while left > 0 {
            let batch = left.min(BATCH);
            worker.add(|| {
                for _ in 0..batch {
                    let seen = x.load(Ordering::Relaxed);
                    if switch == Switch::BeforeStore {
                        gil.hand_over_if_wanted(&worker);
                    }
                    x.store(seen + 1, Ordering::Relaxed);
                    if switch == Switch::AfterStore {
                        gil.hand_over_if_wanted(&worker);
                    }
                }
            });
            left -= batch;
        }
        gil.release();
    })?;
    let x = x.into_inner();
    Ok(Turns {
        x,
        hand_overs: gil.hand_overs(),
        timeline: log.timeline(timeline::name("gil", 2), x),
    })
}

/// The company of a thread that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Nothing.
    Nobody,
    /// A thread that computes, without a lock.
    Thread,
    /// A thread that computes, and shares a lock with the one that waits.
    UnderGil,
}

/// The mean time that one of `waits` waits of `wait` takes.
pub(crate) fn short_waits(
    waits: u32,
    wait: Duration,
    beside: Beside,
    kernel: Kernel,
) -> Result<Duration, Error> {
    let (gil, done) = (Gil::default(), AtomicBool::new(false));
    let off = Recorder::off();
    let task = Task::new(Plan::first(0, 1 << 16)?, kernel, NonZero::<usize>::MIN);
    let is_locked = beside == Beside::UnderGil;
    let compute = || {
        let worker = off.worker(1);
        if is_locked {
            gil.take(&worker);
        }
        while !done.load(Ordering::Relaxed) {
            task.hits(0);
            if is_locked {
                gil.hand_over_if_wanted(&worker);
            }
        }
        if is_locked {
            gil.release();
        }
    };
    thread::scope(|scope| {
        if beside != Beside::Nobody {
            let started = thread::Builder::new().spawn_scoped(scope, compute);
            started.map_err(|source| Error::threads(2, source))?;
        }
        let worker = off.worker(0);
        gil.take(&worker);
        let start = Instant::now();
        for _ in 0..waits {
            gil.release();
            thread::sleep(wait);
            gil.take(&worker);
        }
        let mean = start.elapsed() / waits;
        done.store(true, Ordering::Relaxed);
        gil.release();
        Ok(mean)
    })
}
