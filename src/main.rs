//! The program `pi-mc`. It exits with 0 on success, 1 on failure and 2 on invalid usage. Every error is one line on
//! stderr.

use std::process::ExitCode;

use pi_mc::cli;

fn main() -> ExitCode {
    cli::main().unwrap_or_else(|error| {
        // A closed pipe ends the program quietly: its reader has read enough.
        cli::io::failure::report(&error).unwrap_or(ExitCode::SUCCESS)
    })
}
