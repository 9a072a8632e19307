//! A pool of child processes that stay, and take one chunk after the other, as Python's `ProcessPoolExecutor` does.
//!
//! ```text
//! parent     one thread for each child:   repeat   take the next chunk from the queue
//!                                                  write it to the child, read the answer
//!                                         close the child's stdin: the end mark
//! child      until its stdin ends:        read a chunk, wait, count, add the hits to x, answer with x
//! ```
//!
//! Every child has a number x of its own, and so has the parent, which stays 0: processes share no memory.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::compare::strategy::processes::{self, Children, failed, start, unread};
use crate::compare::strategy::protocol;
use crate::compare::strategy::task::Task;
use crate::engine::crew::join;
use crate::engine::recorder::{Recorder, Worker};
use crate::engine::timeline::Lane;
use crate::engine::whole;
use crate::error::Error;

/// The number that each process adds its hits to: its own.
static X: AtomicU64 = AtomicU64::new(0);

/// This process's x.
pub(crate) fn x() -> u64 {
    X.load(Ordering::Relaxed)
}

/// A child after the run.
pub(crate) struct Finished {
    /// Its process id.
    pub(crate) id: u32,
    /// Its x at the end.
    pub(crate) x: u64,
    /// Whether it ran when its work was done, before it was joined.
    pub(crate) was_alive: bool,
}

/// Counts the task's chunks on child processes.
pub(crate) fn count(task: &Task, log: &Recorder) -> Result<Vec<Finished>, Error> {
    let workers = whole::workers(&task.plan, Some(task.workers)).get();
    let mut children = Children::default();
    for number in 0..workers {
        let child = task.start(number, || start(task, log, &[protocol::BY_CHUNK]))?;
        children
            .0
            .push_back(child.map_err(|why| failed(number, workers, &why))?);
    }
    let queue = &Mutex::new(task.plan.chunks());
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (child, number) in children.0.iter_mut().zip(0..) {
            let feed = move || {
                let (finished, lane) =
                    feed(child, task, queue).map_err(|why| failed(number, workers, &why))?;
                log.adopt(number, lane);
                Ok(finished)
            };
            let thread = thread::Builder::new().spawn_scoped(scope, feed);
            threads.push(thread.map_err(|source| Error::threads(workers, source))?);
        }
        threads.into_iter().map(join).collect()
    })
}

/// Gives a child chunks from the queue until it is empty, and joins the child.
fn feed(
    child: &mut Child,
    task: &Task,
    queue: &Mutex<Range<u64>>,
) -> Result<(Finished, Lane), String> {
    let unreadable = |error: io::Error| unread(&error);
    let id = child.id();
    let mut requests = child.stdin.take().ok_or("has no stdin")?;
    let mut answers = BufReader::new(child.stdout.take().ok_or("has no stdout")?);
    let outcome = ask(&mut requests, &mut answers, task, queue);
    let was_alive = child.try_wait().map_err(unreadable)?.is_none();
    drop(requests);
    let mut rest = String::new();
    answers.read_to_string(&mut rest).map_err(unreadable)?;
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut said).map_err(unreadable)?;
    }
    let status = child.wait().map_err(unreadable)?;
    if status.success() {
        outcome?;
    }
    // A child that failed says why. The broken pipe that it leaves does not.
    let (x, lane) = processes::read(id, &rest, &said, status)?;
    Ok((Finished { id, x, was_alive }, lane))
}

/// Asks a child for one chunk after the other from the queue.
fn ask(
    requests: &mut impl Write,
    answers: &mut impl BufRead,
    task: &Task,
    queue: &Mutex<Range<u64>>,
) -> Result<(), String> {
    while let Some(chunk) = take(queue) {
        let wait = task.wait_before(chunk).as_nanos();
        let mut answer = String::new();
        let asked = writeln!(requests, "{chunk} {wait}");
        asked
            .and_then(|()| answers.read_line(&mut answer))
            .map_err(|error| unread(&error))?;
        let x = answer.trim_end().parse::<u64>();
        x.map_err(|_| format!("answered {answer:?} instead of its x"))?;
    }
    Ok(())
}

/// The next chunk in the queue: one locked step that looks and takes.
fn take(queue: &Mutex<Range<u64>>) -> Option<u64> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// The work of a child: counts the chunk that a line asks for, and returns the answer to it.
///
/// # Errors
/// If [`count`] writes no such line.
pub(crate) fn answer(task: &Task, worker: &Worker, line: &str) -> Result<String, Error> {
    let numbers = line.split_once(' ');
    let numbers = numbers.and_then(|(chunk, wait)| Some((chunk.parse().ok()?, wait.parse().ok()?)));
    let expected = || protocol::refused(line, "a chunk of its task and a wait in nanoseconds");
    let (chunk, wait) = numbers.ok_or_else(expected)?;
    if !task.plan.chunks().contains(&chunk) {
        return Err(expected());
    }
    let task = Task {
        io_wait: Duration::from_nanos(wait),
        ..task.clone()
    };
    let hits = task.hits_by(worker, chunk);
    Ok(format!("{}\n", X.fetch_add(hits, Ordering::Relaxed) + hits))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::compare::strategy::task::tests::task;

    /// The message of a run whose children run this shell script.
    fn failure(script: &str) -> String {
        let task = Task {
            worker: ["sh", "-c", script].map(Into::into).into(),
            ..task(300_000, 1)
        };
        let Err(error) = count(&task, &Recorder::off()) else {
            panic!("{script} counts");
        };
        error.to_string()
    }

    /// The pipe of a child that has ended is broken, which explains nothing.
    #[test]
    fn a_child_that_fails_says_why() {
        let message = failure("echo no room >&2; exit 3");
        assert!(
            message.ends_with(" failed: exit status: 3: no room"),
            "{message}"
        );
        let message = failure("read chunk; echo 5; exit 4");
        assert!(message.ends_with(" failed: exit status: 4"), "{message}");
        let message = failure("echo hello; cat > /dev/null");
        assert!(
            message.ends_with("answered \"hello\\n\" instead of its x"),
            "{message}"
        );
    }
}
