//! The command line: what was typed becomes a plan, and a result becomes bytes on stdout. Only this
//! part of the crate knows clap, terminals and exit codes; nothing below it does.

mod args;
mod compare;
mod number;
mod output;
mod run;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use self::args::{Args, Command};
pub(crate) use self::output::complain;

/// The exit code of a command line that cannot be obeyed.
const USAGE: u8 = 2;

/// Reads the command line, obeys it and writes the answer.
pub(crate) fn main() -> Result<ExitCode> {
    match Args::try_parse() {
        Ok(Args { command: None, run }) => run::run(&run),
        Ok(Args {
            command: Some(Command::Compare(args)),
            ..
        }) => compare::compare(args),
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
