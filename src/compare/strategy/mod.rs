//! The strategies: ways to count one plan, right and wrong. Each has a file of its own that can be read
//! alone, with its purpose, the lesson of the comparison, and the code. All of them count the same chunks
//! with the same kernel; they differ only in how their workers share the work.
//!
//! Strategies pass a `log` along for timelines: through it, a `worker` notes when it counts, waits, or adds
//! to a counter. In a timed run the log is off and does nothing.
//!
//! Read the files in this order: `serial`, `pool`, `threads`, `gil`, `queue`, `processes`, then three ways to
//! share a counter, `lock`, `atomic` and `race`, and last `same_seed`, which shares too much. `process_pool`,
//! `turns` and `look_then_take` are experiments of `pi-mc learn`.

mod atomic;
pub(crate) mod gil;
#[cfg(feature = "gpu")]
mod gpu;
mod lock;
#[cfg(feature = "cli")]
pub(crate) mod look_then_take;
mod pool;
#[cfg(feature = "cli")]
pub(crate) mod process_pool;
mod processes;
#[cfg(feature = "internals")]
pub mod protocol;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod protocol;
mod queue;
mod race;
pub(crate) mod same_seed;
pub(crate) mod serial;
pub(crate) mod task;
mod threads;
#[cfg(feature = "cli")]
pub(crate) mod turns;

use std::time::Instant;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::compare::strategy::task::Counted;
pub use crate::compare::strategy::task::Task;
use crate::engine::recorder::Recorder;
use crate::engine::timeline::{self, Timeline};
use crate::engine::whole;
use crate::error::Error;

/// A way to count a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
#[derive(strum::Display, strum::EnumString, strum::IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case", parse_err_ty = Error, parse_err_fn = unknown)]
#[non_exhaustive]
pub enum Strategy {
    /// One loop on the calling thread: the baseline.
    Serial,
    /// The program's own engine: a pool of threads that take the next chunk by adding 1 to one
    /// atomic number.
    Pool,
    /// One thread per worker, started and joined by hand, each with a contiguous share.
    Threads,
    /// Threads that take turns at one lock, as CPython's do: a model of its global interpreter lock.
    Gil,
    /// Workers take chunk numbers from one queue until it is empty: a slow worker takes fewer.
    Queue,
    /// One child process per worker, which sends its hits over a pipe: nothing is shared.
    Processes,
    /// Every hit adds 1 to one counter under a mutex: right, and slow.
    Lock,
    /// Every hit adds 1 to one counter atomically: right, and less slow.
    Atomic,
    /// Every hit reads one counter and then writes one more: writes in between are lost.
    Race,
    /// Every worker throws the same darts, as processes do that copy one generator.
    SameSeed,
    /// A GPU counts, and the workers settle the darts that it leaves undecided. Not among
    /// [`Strategy::ALL`], since few machines have one.
    #[cfg(feature = "gpu")]
    Gpu,
}

impl Strategy {
    /// All strategies that every machine can run, in reading order.
    pub const ALL: &[Strategy] = Self::VARIANTS.first_chunk::<10>().unwrap();

    /// All strategies of this build, `gpu` last if it has it.
    pub fn every() -> impl Iterator<Item = Strategy> + Clone {
        Self::VARIANTS.iter().copied()
    }

    /// The strategy's name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the strategy should give serial's hits. The others are wrong on purpose.
    pub fn is_right(self) -> bool {
        !matches!(self, Strategy::Race | Strategy::SameSeed)
    }

    /// How many workers run a task.
    pub(crate) fn workers(self, task: &Task) -> usize {
        match self {
            Strategy::Serial => 1,
            _ => whole::workers(&task.plan, Some(task.workers)).get(),
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

    /// Counts the task's hits.
    ///
    /// # Errors
    /// If a thread does not start, a worker cannot be pinned to its core, a GPU fails, or a worker process does
    /// not start or fails. No thread or process is left running.
    pub fn count(self, task: &Task) -> Result<u64, Error> {
        Ok(self.run(task, &Recorder::off())?.hits)
    }

    /// Counts the task's hits, and records which worker does what, and when.
    ///
    /// # Errors
    /// Those of [`Strategy::count`].
    pub fn timeline(self, task: &Task) -> Result<Timeline, Error> {
        let workers = self.workers(task);
        let log = Recorder::new(workers, Instant::now());
        let counted = self.run(task, &log)?;
        Ok(log.timeline(timeline::name(self.name(), workers), counted.hits))
    }

    /// Counts the task's hits, records who does what if `log` is on, and counts how often a lock was handed over.
    pub(crate) fn run(self, task: &Task, log: &Recorder) -> Result<Counted, Error> {
        let hits = match self {
            Strategy::Serial => task.start(0, || serial::count(task, log))?,
            Strategy::Pool => pool::count(task, log)?,
            Strategy::Threads => threads::count(task, log)?,
            Strategy::Gil => return gil::count(task, log),
            Strategy::Queue => queue::count(task, log)?,
            Strategy::Processes => processes::count(task, log)?,
            Strategy::Lock => lock::count(task, log)?,
            Strategy::Atomic => atomic::count(task, log)?,
            Strategy::Race => race::count(task, log)?,
            Strategy::SameSeed => same_seed::count(task, log)?,
            #[cfg(feature = "gpu")]
            Strategy::Gpu => gpu::count(task, log)?,
        };
        Ok(Counted::hits(hits))
    }
}

/// For saved comparisons.
impl TryFrom<String> for Strategy {
    type Error = Error;

    fn try_from(name: String) -> Result<Strategy, Error> {
        name.parse()
    }
}

fn unknown(name: &str) -> Error {
    Error::Invalid(match name {
        #[cfg(not(feature = "gpu"))]
        "gpu" => {
            "a row of a GPU, but this pi-mc was built without GPUs; build it with cargo's '--features gpu'"
                .to_owned()
        }
        _ => format!("unknown strategy {name:?}"),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::compare::strategy::task::tests::task;

    /// Three threads start with years of work each, and the fourth is refused: none of them panics or waits
    /// for more work, and all of them end. For each strategy the test runs itself again in a shell that
    /// leaves room for four stacks of a gigabyte, and half of one for the rest.
    #[test]
    fn a_refused_thread_ends_the_others_and_is_an_error() {
        const STRATEGY: &str = "PI_MC_TEST_WITH_FEW_STACKS";
        const NAME: &str = "a_refused_thread_ends_the_others_and_is_an_error";
        let on_threads = Strategy::ALL
            .iter()
            .copied()
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
