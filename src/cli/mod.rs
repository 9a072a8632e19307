//! The command line: what was typed becomes a plan, and a result becomes bytes on stdout. Only this
//! part of the crate knows clap, terminals and exit codes; nothing below it does.

mod args;
mod checkpoint;
mod compare;
mod ends;
mod file;
mod merge;
#[cfg(feature = "mpi")]
mod mpi;
mod number;
mod output;
mod progress;
mod run;
mod shell;
mod signals;
mod trace;
mod verify;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use pi_mc::compare::strategy::RANGE;

use self::args::{Args, Command, RangeArgs};
pub(crate) use self::output::complain;

/// The exit code of a command line that cannot be obeyed.
const USAGE: u8 = 2;

/// The most bytes of a saved result that are read: a merged one of a million parts.
const MAX_LINE: u64 = 100_000_000;

/// Reads the command line, obeys it and writes the answer.
pub(crate) fn main() -> Result<ExitCode> {
    let mut own = std::env::args_os().skip(1);
    if own.next().is_some_and(|first| first == RANGE) {
        return match RangeArgs::try_parse_from(own) {
            Ok(args) => compare::range(args),
            Err(error) => usage(&args::one_line(&error)),
        };
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => return usage(&args::one_line(&error)),
        // --help and --version. clap's own printing would pass over a full disk in silence.
        Err(help) => {
            let help = help.render();
            return output::write_stdout(&match output::colour() {
                true => help.ansi().to_string(),
                false => help.to_string(),
            });
        }
    };
    match args.command {
        None => match args.run.check() {
            Ok(()) => run::run(&args.run),
            Err(error) => usage(&error),
        },
        Some(Command::Compare(args)) => match args.strategies() {
            Ok(strategies) => compare::compare(args, strategies),
            Err(error) => usage(&error),
        },
        Some(Command::Merge(args)) => merge::merge(&args),
        Some(Command::Verify(args)) => verify::verify(&args),
        Some(Command::Completions(args)) => shell::completions(args.shell),
        Some(Command::Man(args)) => shell::manual(args.command.as_deref()),
    }
}

/// Says what is wrong with a command line that cannot be obeyed.
fn usage(error: &str) -> Result<ExitCode> {
    complain(error);
    Ok(USAGE.into())
}
