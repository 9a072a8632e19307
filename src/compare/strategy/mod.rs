//! The ways to run one plan, right and wrong. Each has a file of its own that can be read alone:
//! what it does, why one would, what the comparison shows, and the code. All of them count the same
//! chunks with the same kernel; only the way of working differs.
//!
//! A `log` takes notes for a timeline: a `worker` tells it what takes time, as it counts, waits, or adds to
//! a counter. In a run that is timed it is off, and does nothing.
//!
//! Read them in this order: `serial`, `pool`, `threads`, `queue`, `processes`, then three ways to
//! share a counter, `lock`, `atomic` and `race`, and last `same_seed`, which shares too much.

mod atomic;
#[cfg(feature = "gpu")]
mod gpu;
mod lock;
mod pool;
mod processes;
pub mod protocol;
mod queue;
mod race;
mod same_seed;
mod serial;
mod threads;

use std::ffi::OsString;
use std::fmt;
use std::num::NonZero;
use std::panic;
use std::thread;
use std::time::{Duration, Instant};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(feature = "report")]
pub(crate) use crate::compare::strategy::same_seed::thrown_by_each;
pub(crate) use crate::compare::strategy::same_seed::{distinct_darts, repeats};
use crate::darts::plan::Plan;
use crate::engine::cores::{Pinning, on_core_of};
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
use crate::engine::recorder::{Recorder, Worker};
use crate::engine::timeline::{self, Activity, Timeline};
use crate::engine::walk;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

/// A plan to count, in whatever way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The darts.
    pub plan: Plan,
    /// The kernel.
    pub kernel: Kernel,
    /// How many threads or processes share the work. No more of them run than there are chunks.
    pub workers: NonZero<usize>,
    /// How long to wait before each chunk is counted, as if its input came over a network.
    pub io_wait: Duration,
    /// The command that starts a worker process, to which the library adds the words of its
    /// protocol (see [`crate::compare::strategy::protocol`]). Empty if there is none.
    pub worker: Vec<OsString>,
    /// The cores that workers are kept on, if they are: worker i, a thread or a process, on the i-th.
    pub pinning: Option<Pinning>,
    /// What [`Strategy::Gpu`] counts on.
    #[cfg(feature = "gpu")]
    pub device: Option<Device>,
}

impl Task {
    /// A task without waits or worker processes, whose workers run anywhere.
    pub fn new(plan: Plan, kernel: Kernel, workers: NonZero<usize>) -> Task {
        Task {
            plan,
            kernel,
            workers,
            io_wait: Duration::ZERO,
            worker: Vec::new(),
            pinning: None,
            #[cfg(feature = "gpu")]
            device: None,
        }
    }

    /// Starts the worker of that number: what `start` starts stays on its core, if it has one.
    fn start<T>(&self, number: usize, start: impl FnOnce() -> T) -> Result<T, Error> {
        on_core_of(self.pinning.as_ref(), number, start)
    }

    /// Starts a thread that is the worker of that number.
    fn spawn<'scope, T: Send + 'scope>(
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

    /// [`Task::hits`], of which `worker` takes notes if its run is recorded.
    fn hits_by(&self, worker: &Worker, chunk: u64) -> u64 {
        if !self.io_wait.is_zero() {
            worker.wait(Activity::Io, || thread::sleep(self.io_wait));
        }
        worker.count(chunk..chunk + 1, || {
            let key = Key::new(self.plan.seed());
            let places = self.plan.places(chunk);
            u64::from(self.kernel.count_chunk(&key, chunk, places))
        })
    }

    /// Counts all of the plan's hits here, on the calling thread.
    pub fn count_here(&self) -> u64 {
        serial::count(self, &Recorder::off())
    }

    /// [`Task::count_here`] of which `log` takes notes, if it is on: what a worker process does.
    pub fn count_noting(&self, log: &Recorder) -> u64 {
        serial::count(self, log)
    }

    /// The work cut into one contiguous share for each worker; fewer if there are fewer chunks. A share is
    /// counted wherever its worker was started.
    pub fn shares(&self) -> impl Iterator<Item = Task> {
        self.plan.shares(self.workers).map(|plan| Task {
            plan,
            workers: NonZero::<usize>::MIN,
            pinning: None,
            ..self.clone()
        })
    }
}

/// A way to run a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// One loop on the calling thread: the baseline.
    Serial,
    /// The program's own engine: a pool of threads that take the next chunk by adding 1 to one
    /// atomic number.
    Pool,
    /// One thread a worker, started and joined by hand, each with a contiguous share.
    Threads,
    /// Workers take chunk numbers from one queue until it is empty: a slow worker takes fewer.
    Queue,
    /// One child process a worker, which sends its hits over a pipe: nothing is shared.
    Processes,
    /// Every hit adds 1 to one counter under a mutex: right, and slow.
    Lock,
    /// Every hit adds 1 to one counter atomically: right, and less slow.
    Atomic,
    /// Every hit reads one counter and then writes one more: what others write in between is lost.
    Race,
    /// Every worker throws the same darts, as processes do that copy one generator.
    SameSeed,
    /// A GPU counts, and the workers settle what it leaves undecided. Only where there is a GPU, so not
    /// among [`Strategy::ALL`].
    #[cfg(feature = "gpu")]
    Gpu,
}

impl Strategy {
    /// All of them, right ones first.
    pub const ALL: [Strategy; 9] = [
        Strategy::Serial,
        Strategy::Pool,
        Strategy::Threads,
        Strategy::Queue,
        Strategy::Processes,
        Strategy::Lock,
        Strategy::Atomic,
        Strategy::Race,
        Strategy::SameSeed,
    ];

    /// All of them, and where this was built for GPUs, theirs.
    pub fn every() -> impl Iterator<Item = Strategy> + Clone {
        let all = Self::ALL.into_iter();
        #[cfg(feature = "gpu")]
        let all = all.chain([Strategy::Gpu]);
        all
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::Serial => "serial",
            Strategy::Pool => "pool",
            Strategy::Threads => "threads",
            Strategy::Queue => "queue",
            Strategy::Processes => "processes",
            Strategy::Lock => "lock",
            Strategy::Atomic => "atomic",
            Strategy::Race => "race",
            Strategy::SameSeed => "same-seed",
            #[cfg(feature = "gpu")]
            Strategy::Gpu => "gpu",
        }
    }

    /// Whether it should give serial's hits. The others are there to be wrong.
    pub fn is_right(self) -> bool {
        !matches!(self, Strategy::Race | Strategy::SameSeed)
    }

    /// How many workers a task has in this way.
    pub(crate) fn workers(self, task: &Task) -> usize {
        match self {
            Strategy::Serial => 1,
            _ => walk::workers(&task.plan, Some(task.workers)).get(),
        }
    }

    /// Whether the number of workers makes no difference.
    pub(crate) fn has_one_row(self) -> bool {
        match self {
            Strategy::Serial => true,
            #[cfg(feature = "gpu")]
            Strategy::Gpu => true,
            _ => false,
        }
    }

    /// Counts the task's hits in this way.
    ///
    /// # Errors
    /// If a thread does not start, [`Error::Process`] if a worker process does
    /// not, or fails, if one is not kept on its core. None leaves a thread or a process
    /// running. Those of a GPU.
    pub fn count(self, task: &Task) -> Result<u64, Error> {
        self.count_noting(task, &Recorder::off())
    }

    /// Counts the task's hits in this way, and records which worker did what, and when.
    ///
    /// # Errors
    /// Those of [`Strategy::count`].
    pub fn record(self, task: &Task) -> Result<Timeline, Error> {
        let workers = self.workers(task);
        let log = Recorder::new(workers, Instant::now());
        let hits = self.count_noting(task, &log)?;
        Ok(log.timeline(timeline::name(self.name(), workers), hits))
    }

    fn count_noting(self, task: &Task, log: &Recorder) -> Result<u64, Error> {
        match self {
            Strategy::Serial => task.start(0, || serial::count(task, log)),
            Strategy::Pool => pool::count(task, log),
            Strategy::Threads => threads::count(task, log),
            Strategy::Queue => queue::count(task, log),
            Strategy::Processes => processes::count(task, log),
            Strategy::Lock => lock::count(task, log),
            Strategy::Atomic => atomic::count(task, log),
            Strategy::Race => race::count(task, log),
            Strategy::SameSeed => same_seed::count(task, log),
            #[cfg(feature = "gpu")]
            Strategy::Gpu => gpu::count(task, log),
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Strategy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Strategy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strategy, D::Error> {
        let name = String::deserialize(deserializer)?;
        let mut all = Strategy::every();
        let found = all.find(|strategy| strategy.name() == name);
        found.ok_or_else(|| match name.as_str() {
            #[cfg(not(feature = "gpu"))]
            "gpu" => D::Error::custom(
                "a row of a GPU, but this pi-mc was built without GPUs; build it with cargo's '--features gpu'",
            ),
            _ => D::Error::custom(format_args!("unknown strategy {name:?}")),
        })
    }
}

/// Waits for a thread and returns its result. If it panicked, so does the caller.
fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|message| panic::resume_unwind(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn task(sims: u64, workers: usize) -> Task {
        let plan = Plan::new(42, sims).unwrap();
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

    #[test]
    fn without_a_command_there_is_no_worker_process() {
        let error = Strategy::Processes.count(&task(200_000, 2)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "worker process 1 of 2 could not start: there is no command for worker processes"
        );
    }

    /// Three threads start and have work for years, the fourth is refused: none of them panics or
    /// waits for more work, and all of them end. For each strategy the test runs itself again in a
    /// shell that leaves room for four stacks of a gigabyte, and half of one for the rest.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_refused_thread_ends_the_others_and_is_an_error() {
        const STRATEGY: &str = "PI_MC_TEST_WITH_FEW_STACKS";
        const NAME: &str = "a_refused_thread_ends_the_others_and_is_an_error";
        let on_threads = Strategy::ALL
            .into_iter()
            .filter(|strategy| !matches!(strategy, Strategy::Serial | Strategy::Processes));
        if let Ok(name) = std::env::var(STRATEGY) {
            let mut on_threads = on_threads;
            let strategy = on_threads.find(|strategy| strategy.name() == name).unwrap();
            let error = strategy.count(&task(u64::MAX, 16)).unwrap_err();
            assert_eq!(error.to_string(), "could not start 16 worker threads");
            return;
        }
        for strategy in on_threads {
            let output = std::process::Command::new("timeout")
                .args(["60", "sh", "-c", "ulimit -v 4700000 && exec \"$@\"", "sh"])
                .arg(std::env::current_exe().unwrap())
                .args([NAME, "--nocapture"])
                .env(STRATEGY, strategy.name())
                .env("RUST_MIN_STACK", (1 << 30).to_string())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{strategy}: {said}{error}");
            assert!(said.contains("1 passed"), "{strategy}: {said}");
        }
    }
}
