//! The ways to run one plan, right and wrong, each in a function and a few lines that teach. All of
//! them count the same chunks with the same kernel; only the way of working differs. Not here:
//! timing, or when a strategy may be praised.

use std::fmt;
use std::io::Read;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::kernel::{Kernel, Key};
use crate::plan::Plan;
use crate::run::{self, Crew};

/// The first argument that makes `pi-mc` count a range as a worker process.
pub const RANGE: &str = "range";

/// One plan to be counted, in whatever way.
#[derive(Clone, Debug)]
pub struct Task {
    /// The darts.
    pub plan: Plan,
    /// The kernel.
    pub kernel: Kernel,
    /// How many threads or processes share the work; never more of them run than there are chunks.
    pub workers: NonZero<usize>,
    /// How long every chunk waits before it is counted, as if its input came over a network.
    pub io_wait: Duration,
    /// The program that counts a range as a child process.
    pub program: PathBuf,
}

/// A way to run a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// One loop on the calling thread: the baseline.
    Serial,
    /// The rayon pool, the program's own engine: its threads take the next chunk by adding 1 to one
    /// atomic number, once a chunk, so none waits long.
    Pool,
    /// One thread a worker by hand, a contiguous share each, then joined: the whole is done when
    /// the slowest share is.
    Threads,
    /// Workers pull chunk numbers from one first-in-first-out channel until it is empty: a slow
    /// worker takes fewer.
    Queue,
    /// One child process a worker, results over pipes, in order: nothing is shared, and starting
    /// costs a hundred times what a thread's start does.
    Processes,
    /// Every hit adds 1 to one counter under a mutex: right, and slow, for at any time one worker
    /// counts and the others wait.
    Lock,
    /// Every hit is one atomic add: right, and less slow; the cache line still travels.
    Atomic,
    /// Every hit is an atomic load, then an atomic store of one more. There is no undefined
    /// behaviour, yet what another worker stores between the two is lost.
    Race,
    /// Every worker starts its generator at the same place, as forked processes that share a seed
    /// do: the same darts again and again, and an error bar that knows nothing of it.
    SameSeed,
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

    /// The name, as `--strategy` takes it.
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
        }
    }

    /// Whether it should give serial's hits. The others are there to be wrong.
    pub fn is_right(self) -> bool {
        !matches!(self, Strategy::Race | Strategy::SameSeed)
    }

    /// Counts the task's hits in this way.
    ///
    /// # Errors
    /// [`Error::Threads`] if a thread does not start, [`Error::Process`] if a child process does
    /// not, or fails; then none is left running.
    pub fn count(self, task: &Task) -> Result<u64, Error> {
        match self {
            Strategy::Serial => Ok(task.count_here()),
            Strategy::Pool => pool(task),
            Strategy::Threads => threads(task),
            Strategy::Queue => queue(task),
            Strategy::Processes => processes(task),
            Strategy::Lock => lock(task),
            Strategy::Atomic => atomic(task),
            Strategy::Race => race(task, || ()),
            Strategy::SameSeed => same_seed(task),
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

impl Task {
    /// Counts a chunk of `plan`, after the wait.
    fn counter(&self, plan: Plan) -> impl Fn(u64) -> u64 + Send + Sync {
        let (kernel, io_wait, key) = (self.kernel, self.io_wait, Key::new(plan.seed()));
        move |chunk| {
            if !io_wait.is_zero() {
                thread::sleep(io_wait);
            }
            u64::from(kernel.count_chunk(&key, chunk, plan.places(chunk)))
        }
    }

    /// The hits of this task's own darts, chunk after chunk: what a worker process does.
    pub fn count_here(&self) -> u64 {
        self.plan.chunks().map(self.counter(self.plan)).sum()
    }
}

/// Runs `work` on a thread for each share of the plan and joins them in order.
fn on_threads<T: Send>(task: &Task, work: impl Fn(Plan) -> T + Sync) -> Result<Vec<T>, Error> {
    let work = &work;
    thread::scope(|scope| {
        let handles: Vec<_> = task
            .plan
            .shares(task.workers)
            .map(|share| thread::Builder::new().spawn_scoped(scope, move || work(share)))
            .collect::<Result<_, _>>()
            .map_err(|source| refused(task, source))?;
        Ok(handles.into_iter().map(join).collect())
    })
}

/// A panic of a worker is this thread's too.
fn join<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn refused(task: &Task, source: std::io::Error) -> Error {
    Error::Threads {
        workers: task.workers.get(),
        source: source.into(),
    }
}

fn pool(task: &Task) -> Result<u64, Error> {
    let crew = Crew::new(run::workers(&task.plan, Some(task.workers)))?;
    let (_, hits) = crew.sum(task.plan.chunks(), || false, task.counter(task.plan));
    Ok(hits)
}

fn threads(task: &Task) -> Result<u64, Error> {
    Ok(on_threads(task, |share| {
        share.chunks().map(task.counter(share)).sum::<u64>()
    })?
    .iter()
    .sum())
}

fn queue(task: &Task) -> Result<u64, Error> {
    // Bounded, so that a long run's queue stays small.
    let (sender, receiver) = mpsc::sync_channel(1024);
    let receiver = Mutex::new(receiver);
    let next = || {
        receiver
            .lock()
            .ok()
            .and_then(|receiver| receiver.recv().ok())
    };
    thread::scope(|scope| {
        let sender = sender;
        let workers = run::workers(&task.plan, Some(task.workers)).get();
        let work = || {
            std::iter::from_fn(next)
                .map(task.counter(task.plan))
                .sum::<u64>()
        };
        let handles: Vec<_> = (0..workers)
            .map(|_| thread::Builder::new().spawn_scoped(scope, work))
            .collect::<Result<_, _>>()
            .map_err(|source| refused(task, source))?;
        for chunk in task.plan.chunks() {
            if sender.send(chunk).is_err() {
                break;
            }
        }
        drop(sender);
        Ok(handles.into_iter().map(join).sum())
    })
}

fn lock(task: &Task) -> Result<u64, Error> {
    let total = Mutex::new(0u64);
    on_threads(task, |share| {
        for hits in share.chunks().map(task.counter(share)) {
            for _ in 0..hits {
                *total
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
            }
        }
    })?;
    Ok(total
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner()))
}

fn atomic(task: &Task) -> Result<u64, Error> {
    let total = AtomicU64::new(0);
    on_threads(task, |share| {
        for hits in share.chunks().map(task.counter(share)) {
            for _ in 0..hits {
                total.fetch_add(1, Ordering::Relaxed);
            }
        }
    })?;
    Ok(total.into_inner())
}

/// `window` is what happens between a load and its store: nothing, unless a test widens it.
fn race(task: &Task, window: impl Fn() + Sync) -> Result<u64, Error> {
    let total = AtomicU64::new(0);
    on_threads(task, |share| {
        for hits in share.chunks().map(task.counter(share)) {
            for _ in 0..hits {
                let seen = total.load(Ordering::Relaxed);
                window();
                total.store(seen + 1, Ordering::Relaxed);
            }
        }
    })?;
    Ok(total.into_inner())
}

/// The darts that the worker with `share` throws when all start at the first dart of `plan`.
fn repeated(plan: &Plan, share: Plan) -> Plan {
    Plan::range(plan.seed(), plan.first(), share.sims()).unwrap_or(share)
}

fn same_seed(task: &Task) -> Result<u64, Error> {
    let count = |share| {
        let darts = repeated(&task.plan, share);
        darts.chunks().map(task.counter(darts)).sum::<u64>()
    };
    Ok(on_threads(task, count)?.iter().sum())
}

/// How many different darts [`Strategy::SameSeed`] throws: all start at the same one, so as many as
/// the longest share has.
pub fn distinct_darts(plan: &Plan, workers: usize) -> u64 {
    let shares = NonZero::new(workers).map(|workers| plan.shares(workers));
    shares
        .into_iter()
        .flatten()
        .map(|share| share.sims())
        .max()
        .unwrap_or(0)
}

/// The children of a run. However the run ends, none is left.
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Either fails only for a child that has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Each child gets its range as arguments and answers with its hits. It also gets a pipe as its
/// stdin, which closes when this process ends, however it ends: the sign to end too.
fn processes(task: &Task) -> Result<u64, Error> {
    let shares: Vec<_> = task.plan.shares(task.workers).collect();
    let workers = shares.len();
    let error = |number, what| Error::Process {
        number,
        workers,
        what,
    };
    let mut children = Children(Vec::new());
    for (share, number) in shares.iter().zip(1..) {
        let child = Command::new(&task.program)
            .arg(RANGE)
            .arg(format!("--seed={}", share.seed()))
            .arg(format!("--first={}", share.first()))
            .arg(format!("--sims={}", share.sims()))
            .arg(format!("--kernel={}", task.kernel.name()))
            .arg(format!("--io-wait={}ns", task.io_wait.as_nanos()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| error(number, format!("did not start: {e}")))?;
        children.0.push(child);
    }
    let mut total = 0;
    for (child, number) in children.0.iter_mut().zip(1..) {
        let answer = answer(child).map_err(|what| error(number, what))?;
        total += answer;
    }
    Ok(total)
}

/// What a child says, once it has ended well; or what it did instead.
fn answer(child: &mut Child) -> Result<u64, String> {
    let read = |pipe: Option<&mut dyn Read>| {
        let mut text = String::new();
        pipe.map_or(Ok(0), |pipe| pipe.read_to_string(&mut text))
            .map(|_| text)
    };
    let unread = |e: std::io::Error| format!("could not be read: {e}");
    let stdout = read(child.stdout.as_mut().map(|pipe| pipe as _)).map_err(unread)?;
    let stderr = read(child.stderr.as_mut().map(|pipe| pipe as _)).map_err(unread)?;
    let status = child
        .wait()
        .map_err(|e| format!("could not be waited for: {e}"))?;
    if !status.success() {
        let (pid, said) = (child.id(), stderr.trim());
        let colon = if said.is_empty() { "" } else { ": " };
        return Err(format!("(process {pid}) failed: {status}{colon}{said}"));
    }
    stdout
        .trim()
        .parse()
        .map_err(|_| format!("answered {:?} instead of its hits", stdout.trim()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::HashSet;
    use std::sync::Barrier;

    use super::*;

    fn task(sims: u64, workers: usize) -> Task {
        Task {
            plan: Plan::new(42, sims).unwrap(),
            kernel: Kernel::detect(),
            workers: NonZero::new(workers).unwrap(),
            io_wait: Duration::ZERO,
            program: PathBuf::new(),
        }
    }

    /// Forced, not hoped for: both threads load the 0 of the start before either stores its 1.
    #[test]
    fn a_race_loses_updates_and_never_invents_one() {
        thread_local!(static MET: Cell<bool> = const { Cell::new(false) });
        let task = task(131_072, 2);
        let both_have_loaded = Barrier::new(2);
        let window = || {
            if !MET.replace(true) {
                both_have_loaded.wait();
            }
        };
        let hits = race(&task, window).unwrap();
        assert!(
            0 < hits && hits < Strategy::Serial.count(&task).unwrap(),
            "{hits}"
        );
    }

    #[test]
    fn a_race_of_one_worker_loses_nothing() {
        let task = task(131_072, 1);
        assert_eq!(
            race(&task, || ()).unwrap(),
            Strategy::Serial.count(&task).unwrap()
        );
    }

    /// The dart numbers that the workers throw, counted one by one.
    #[test]
    fn same_seed_throws_as_many_distinct_darts_as_it_says() {
        for (sims, workers) in [(1, 2), (65_537, 2), (200_000, 2), (300_000, 3), (70_000, 8)] {
            let Task { plan, workers, .. } = task(sims, workers);
            let (mut thrown, mut distinct) = (0, HashSet::new());
            for darts in plan.shares(workers).map(|share| repeated(&plan, share)) {
                thrown += darts.sims();
                distinct.extend(darts.first()..darts.first() + darts.sims());
            }
            assert_eq!(thrown, sims);
            assert_eq!(
                distinct.len() as u64,
                distinct_darts(&plan, workers.get()),
                "{sims}"
            );
        }
    }
}
