//! The program `pi-mc`: from a command line to an exit code. 0 is success, 1 a failure, 2 a command
//! line that cannot be obeyed; every error is one line on stderr.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main().unwrap_or_else(|error| {
        cli::complain(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}
