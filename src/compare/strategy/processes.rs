//! processes: start a child process for each worker, and read its hits from a pipe.
//!
//! Processes share no memory, so they cannot disturb each other: there is nothing to lock, and a
//! crash ends only one of them. For the same reason every input and result has to be sent: each
//! child gets its share as arguments and prints one number. In Python, whose threads take turns at
//! one lock, this is the usual way to use all cores.
//!
//! The comparison shows the speed of `threads`, less the time to start: starting a process takes
//! about a hundred times as long as starting a thread. That time dominates short runs, and does not
//! matter in long ones.

use std::collections::VecDeque;
use std::io;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use crate::compare::strategy::protocol;
use crate::compare::strategy::task::Task;
use crate::engine::clock::note_child;
use crate::engine::recorder::Recorder;
use crate::engine::timeline::Lane;
use crate::error::Error;

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let shares: Vec<Task> = task.shares().collect();
    let workers = shares.len();
    let failed = |number, why: String| failed(number, workers, &why);

    let mut children = Children::default();
    for (number, share) in shares.iter().enumerate() {
        let child = task.start(number, || start(share, log, &[]))?;
        children.push(child.map_err(|why| failed(number, why))?);
    }
    let mut total = 0;
    for number in 0..workers {
        let (hits, lane) = children.answer().map_err(|why| failed(number, why))?;
        total += hits;
        log.adopt(number, lane);
    }
    Ok(total)
}

/// The error of a child.
pub(crate) fn failed(number: usize, workers: usize, why: &str) -> Error {
    Error::Failed(format!("worker process {number} of {workers} {why}"))
}

/// Starts a child that counts `share`, with `more` arguments. Its stdin is a pipe that closes when this process ends,
/// however it ends: the sign for the child to end too.
pub(crate) fn start(share: &Task, log: &Recorder, more: &[&str]) -> Result<Child, String> {
    let Some((program, arguments)) = share.worker.split_first() else {
        return Err("could not start: there is no command for worker processes".to_owned());
    };
    note_child();
    Command::new(program)
        .args(arguments)
        .args(protocol::write_arguments(share, log))
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("did not start: {error}"))
}

/// The reason of an error that came from a pipe.
pub(crate) fn unread(error: &io::Error) -> String {
    format!("could not be read: {error}")
}

/// The answer of a child that has ended, from all that it wrote.
pub(crate) fn read(
    pid: u32,
    stdout: &str,
    stderr: &str,
    status: ExitStatus,
) -> Result<(u64, Lane), String> {
    if !status.success() {
        let said = match stderr.trim() {
            "" => String::new(),
            said => format!(": {said}"),
        };
        return Err(format!("(process {pid}) failed: {status}{said}"));
    }
    let (hits, lane) = protocol::read_answer(stdout)
        .ok_or_else(|| format!("answered {stdout:?} instead of its hits"))?;
    let lane = Lane {
        process: pid,
        thread: pid,
        ..lane
    };
    Ok((hits, lane))
}

/// Waits for a child to end, and returns all that it wrote to stdout and stderr. The two are read together, since a
/// child that has filled one pipe waits for its reader.
fn wait(mut child: Child) -> io::Result<(String, String, ExitStatus)> {
    // If this closed now, the child would end.
    let _stdin = child.stdin.take();
    let Output {
        stdout,
        stderr,
        status,
    } = child.wait_with_output()?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(&stdout), text(&stderr), status))
}

/// The children of a run. Dropping them ends those that still run.
#[derive(Default)]
pub(crate) struct Children(pub(crate) VecDeque<Child>);

impl Children {
    fn push(&mut self, child: Child) {
        self.0.push_back(child);
    }

    /// Waits for the child that was started first to end, and reads its answer.
    fn answer(&mut self) -> Result<(u64, Lane), String> {
        let child = self.0.pop_front().ok_or("was not started")?;
        let pid = child.id();
        let (stdout, stderr, status) = wait(child).map_err(|error| unread(&error))?;
        read(pid, &stdout, &stderr, status)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Either fails only for a child that has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
