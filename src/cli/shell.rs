//! What a shell and its manual want to know of the command line. Both are made in memory first: their
//! writers panic if they cannot write.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Args;
use super::output::write_stdout;

/// Prints the completion script for `shell`.
pub(super) fn completions(shell: Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "pi-mc", &mut script);
    write_stdout(&String::from_utf8(script)?)
}

/// Prints the manual page of the program, or of one of its commands.
pub(super) fn manual(command: Option<&str>) -> Result<ExitCode> {
    let mut program = Args::command();
    program.build();
    let command = match command {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .context("there is no such command")?,
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    write_stdout(&String::from_utf8(page)?)
}
