//! The hidden command that a worker process of compare runs: it counts one share on the calling thread
//! and prints the hits. Its arguments and answer are those of [`crate::compare::strategy::protocol`].

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::process::{self, ExitCode};
use std::thread;

use crate::compare::strategy::{protocol, serial};
use anyhow::{Context, Result};

use crate::cli::io::failure::Usage;
use crate::cli::io::stdout::print_text;

/// The command's name. Help and completions do not show it, since only this program calls it.
pub(crate) const NAME: &str = "worker";

/// What runs in this process, on Linux. A name may be that of a different program by now.
const RUNNING: &str = "/proc/self/exe";

/// The command that starts a worker process, up to the words of the protocol.
pub(crate) fn command() -> Result<Vec<OsString>> {
    let program = if cfg!(target_os = "linux") && Path::new(RUNNING).exists() {
        RUNNING.into()
    } else {
        std::env::current_exe().context("could not find this program's own file")?
    };
    Ok(vec![program.into(), NAME.into()])
}

/// Counts the share that the arguments ask for. Ends at once when stdin closes, since the parent is gone then.
pub(crate) fn work(arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let (task, log) =
        protocol::read_arguments(arguments).map_err(|error| Usage(error.to_string()))?;
    let watch = || {
        let _ = io::stdin().read(&mut [0]);
        process::exit(1);
    };
    // Without this thread, the worst case is that it counts to the end and nobody reads the answer.
    let _ = thread::Builder::new().spawn(watch);
    let hits = serial::count(&task, &log);
    let spans = log.lane(0).unwrap_or_default().spans;
    print_text(&protocol::write_answer(hits, &spans))?;
    Ok(ExitCode::SUCCESS)
}
