//! The command line: what was typed becomes a plan, and a result becomes bytes on stdout. Only this
//! part of the crate knows clap, terminals and exit codes; nothing below it does.

mod args;
mod checkpoint;
mod compare;
mod merge;
#[cfg(feature = "mpi")]
mod mpi;
mod number;
mod output;
mod progress;
mod run;
mod signals;
mod trace;
mod verify;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use self::args::{Args, Command};
pub(crate) use self::output::complain;

/// The exit code of a command line that cannot be obeyed.
const USAGE: u8 = 2;

/// The most bytes of a saved result that are read: a merged one of a million parts.
const MAX_LINE: u64 = 100_000_000;

/// Reads the command line, obeys it and writes the answer.
pub(crate) fn main() -> Result<ExitCode> {
    match Args::try_parse() {
        Ok(Args { command: None, run }) => match run.check() {
            Ok(()) => run::run(&run),
            Err(error) => {
                complain(&error);
                Ok(USAGE.into())
            }
        },
        Ok(Args {
            command: Some(Command::Compare(args)),
            ..
        }) => compare::compare(args),
        Ok(Args {
            command: Some(Command::Merge(args)),
            ..
        }) => merge::merge(&args),
        Ok(Args {
            command: Some(Command::Verify(args)),
            ..
        }) => verify::verify(&args),
        Ok(Args {
            command: Some(Command::Range(args)),
            ..
        }) => compare::range(args),
        Err(error) if error.use_stderr() => {
            complain(&args::one_line(&error));
            Ok(USAGE.into())
        }
        // --help and --version. clap's own printing would pass over a full disk in silence.
        Err(help) => {
            let help = help.render();
            output::write_stdout(&if output::colour() {
                help.ansi().to_string()
            } else {
                help.to_string()
            })
        }
    }
}
