//! processes: start a child process for each worker, and read its hits from a pipe.
//!
//! Processes share no memory, so they cannot disturb each other: there is nothing to lock, and a
//! crash takes only one of them. For the same reason every input and result has to be sent. Each
//! child gets its share as arguments and prints one number. In Python, whose threads take turns at one
//! lock, this is the usual way to use all cores.
//!
//! The comparison shows the speed of `threads` less the time to start: a process costs about a
//! hundred times what a thread does. For short runs that is all one sees; for long ones it does not
//! matter.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use crate::compare::strategy::{Task, protocol};
use crate::engine::recorder::Recorder;
use crate::engine::timeline::Lane;
use crate::error::{Error, ProcessError};

pub(crate) fn count(task: &Task, log: &Recorder) -> Result<u64, Error> {
    let shares: Vec<Task> = task.shares().collect();
    let workers = shares.len();
    let failed = |number, failure| Error::Process {
        number,
        workers,
        failure,
    };

    let mut children = Children(Vec::new());
    for (share, number) in shares.iter().zip(1..) {
        let child = task.start(number - 1, || start(share, log))?;
        children.0.push(child.map_err(|why| failed(number, why))?);
    }
    let mut total = 0;
    for (child, number) in children.0.iter_mut().zip(1..) {
        let (hits, lane) = answer(child).map_err(|why| failed(number, why))?;
        total += hits;
        log.adopt(number - 1, lane);
    }
    Ok(total)
}

/// Starts a child that counts `share`. Its stdin is a pipe that closes when this process ends,
/// however it ends: the sign for the child to end too.
fn start(share: &Task, log: &Recorder) -> Result<Child, ProcessError> {
    let (program, arguments) = share.worker.split_first().ok_or(ProcessError::NoCommand)?;
    Command::new(program)
        .args(arguments)
        .args(protocol::write_arguments(share, log))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ProcessError::Start)
}

/// Waits for a child to end and reads its answer; or says what it did instead.
fn answer(child: &mut Child) -> Result<(u64, Lane), ProcessError> {
    let stdout = read(child.stdout.take())?;
    let stderr = read(child.stderr.take())?;
    let status = child.wait().map_err(ProcessError::Read)?;
    if status.success() {
        let (hits, spans) = protocol::read_answer(&stdout)?;
        let lane = Lane {
            process: child.id(),
            thread: child.id(),
            spans,
        };
        Ok((hits, lane))
    } else {
        Err(ProcessError::Failed {
            pid: child.id(),
            status,
            said: stderr.trim().to_owned(),
        })
    }
}

/// All that comes out of a pipe.
fn read(pipe: Option<impl Read>) -> Result<String, ProcessError> {
    let mut text = String::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_string(&mut text).map_err(ProcessError::Read)?;
    }
    Ok(text)
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
