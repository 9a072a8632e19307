//! The hidden command that a worker process of compare runs: it counts one share on the calling thread
//! and prints the hits. What it is told and what it answers is [`crate::compare::strategy::protocol`]'s.

use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{self, ExitCode};
use std::thread;

use crate::compare::strategy::{protocol, serial};
use anyhow::{Context, Result};

use crate::cli::io::failure::Usage;
use crate::cli::io::stdout::print_text;

/// Its name. It is not among the commands that help and completions show, since only this program
/// itself calls it.
pub(crate) const NAME: &str = "worker";

/// The command that starts a worker process, up to the words of the protocol.
pub(crate) fn command() -> Result<Vec<OsString>> {
    let program = std::env::current_exe().context("could not find this program's own file")?;
    Ok(vec![program.into(), NAME.into()])
}

/// Counts the share that the arguments say. Ends at once when stdin does: whoever asked is gone.
pub(crate) fn work(arguments: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let asked = protocol::read_arguments(arguments).map_err(|error| Usage(error.to_string()))?;
    let watch = || {
        let _ = io::stdin().read(&mut [0]);
        process::exit(1);
    };
    // Refused a thread, it counts to the end for nobody at the worst.
    let _ = thread::Builder::new().spawn(watch);
    let (task, log) = asked;
    let hits = serial::count(&task, &log);
    let spans = log.lane(0).unwrap_or_default().spans;
    print_text(&protocol::write_answer(hits, &spans))?;
    Ok(ExitCode::SUCCESS)
}
