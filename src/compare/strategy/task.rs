//! The task that every strategy gets: a plan, a kernel and a number of workers, with the small steps that
//! strategies share, such as starting a worker and counting one chunk.

use std::ffi::OsString;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use crate::darts::plan::Plan;
use crate::engine::cores::{Pinning, on_core_of};
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
use crate::engine::recorder::{Recorder, Worker};
use crate::engine::timeline::Activity;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

/// A plan to count, and the means to count it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Task {
    /// The darts.
    pub plan: Plan,
    /// The kernel.
    pub kernel: Kernel,
    /// How many threads or processes share the work. At most one per chunk runs.
    pub workers: NonZero<usize>,
    /// How long to wait before each chunk is counted, as if its input came over a network.
    pub io_wait: Duration,
    /// A chunk that waits longer than the others, and how long.
    pub slow_chunk: Option<(u64, Duration)>,
    /// The command that starts a worker process, to which the library adds the arguments of its
    /// protocol (see `compare/strategy/protocol.rs`). Empty if no strategy needs one.
    pub worker: Vec<OsString>,
    /// The cores to pin workers to, if any: worker i, a thread or a process, to the i-th.
    pub pinning: Option<Pinning>,
    /// The GPU that [`Strategy::Gpu`](crate::compare::strategy::Strategy::Gpu) counts on.
    #[cfg(feature = "gpu")]
    pub device: Option<Device>,
}

impl Task {
    /// A task without waits, worker processes or pinned workers.
    pub fn new(plan: Plan, kernel: Kernel, workers: NonZero<usize>) -> Task {
        Task {
            plan,
            kernel,
            workers,
            io_wait: Duration::ZERO,
            slow_chunk: None,
            worker: Vec::new(),
            pinning: None,
            #[cfg(feature = "gpu")]
            device: None,
        }
    }

    /// Runs `start`, which starts the worker of that number, pinned to the worker's core if it has one.
    pub(crate) fn start<T>(&self, number: usize, start: impl FnOnce() -> T) -> Result<T, Error> {
        on_core_of(self.pinning.as_ref(), number, start)
    }

    /// Starts a thread that is the worker of that number.
    pub(crate) fn spawn<'scope, T: Send + 'scope>(
        &self,
        scope: &'scope thread::Scope<'scope, '_>,
        number: usize,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> Result<thread::ScopedJoinHandle<'scope, T>, Error> {
        let start = || thread::Builder::new().spawn_scoped(scope, work);
        let workers = self.workers.get();
        self.start(number, start)?
            .map_err(|source| Error::threads(workers, source))
    }

    /// Counts the hits of one chunk of the plan, after the wait: the work that all strategies do.
    pub fn hits(&self, chunk: u64) -> u64 {
        self.hits_by(&Recorder::off().worker(0), chunk)
    }

    /// Like [`Task::hits`]; `worker` takes notes for a timeline if the run is recorded.
    pub(crate) fn hits_by(&self, worker: &Worker, chunk: u64) -> u64 {
        if self.waits() {
            self.wait(worker, chunk);
        }
        self.count_chunk(worker, chunk)
    }

    /// Whether chunks wait first.
    pub(crate) fn waits(&self) -> bool {
        !self.io_wait.is_zero() || self.slow_chunk.is_some()
    }

    /// How long a chunk waits first.
    pub(crate) fn wait_before(&self, chunk: u64) -> Duration {
        let slow = self.slow_chunk.filter(|(slow, _)| *slow == chunk);
        slow.map_or(self.io_wait, |(_, wait)| wait)
    }

    /// Waits before a chunk.
    pub(crate) fn wait(&self, worker: &Worker, chunk: u64) {
        let wait = self.wait_before(chunk);
        worker.wait(Activity::Io, || thread::sleep(wait));
    }

    /// The hits of one chunk, without the wait.
    pub(crate) fn count_chunk(&self, worker: &Worker, chunk: u64) -> u64 {
        worker.count(chunk..chunk + 1, || {
            let key = Key::new(self.plan.seed());
            let places = self.plan.places(chunk);
            u64::from(self.kernel.count_chunk(&key, chunk, places))
        })
    }

    /// Cuts the work into one contiguous share for each worker, fewer if there are fewer chunks. A share
    /// is counted on the core where its worker was started.
    pub fn shares(&self) -> impl Iterator<Item = Task> {
        self.plan.shares(self.workers).map(|plan| Task {
            plan,
            workers: NonZero::<usize>::MIN,
            pinning: None,
            ..self.clone()
        })
    }
}

/// The outcome of one run of a strategy.
pub(crate) struct Counted {
    pub(crate) hits: u64,
    /// How often a thread handed the lock of [`gil`](crate::compare::strategy::gil) over because another had asked for
    /// it; `None` for all other strategies.
    pub(crate) hand_overs: Option<u64>,
}

impl Counted {
    /// The outcome of a strategy that hands no lock over.
    pub(crate) fn hits(hits: u64) -> Counted {
        Counted {
            hits,
            hand_overs: None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn task(sims: u64, workers: usize) -> Task {
        let plan = Plan::first(42, sims).unwrap();
        Task::new(plan, Kernel::detect(), NonZero::new(workers).unwrap())
    }

    #[test]
    fn shares_are_the_whole_and_ask_for_one_worker() {
        let task = Task {
            io_wait: Duration::from_nanos(1),
            worker: vec!["program".into()],
            ..task(300_000, 3)
        };
        let shares: Vec<_> = task.shares().collect();
        let plans: Vec<_> = task.plan.shares(task.workers).collect();
        assert_eq!(shares.len(), 3);
        for (share, plan) in shares.into_iter().zip(plans) {
            let expected = Task {
                plan,
                workers: NonZero::<usize>::MIN,
                ..task.clone()
            };
            assert_eq!(share, expected);
        }
    }
}
