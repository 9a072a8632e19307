//! The program `pi-mc`. It exits with 0 on success, 1 on failure and 2 on invalid usage. Every error is one line on
//! stderr.

use std::process::ExitCode;

use pi_mc::cli;

fn main() -> ExitCode {
    cli::main()
}
