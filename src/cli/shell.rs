//! `pi-mc completions`, `pi-mc man` and the arguments of `pi-mc help`: the command line described for a
//! shell, a manual and a person. Script and page are made in memory first, since their writers panic if
//! they cannot write.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::COMMANDS;
use crate::cli::io::stdout::print_text;

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_long_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  pi-mc completions bash > /usr/share/bash-completion/completions/pi-mc
  pi-mc completions fish > ~/.config/fish/completions/pi-mc.fish";

/// Print the manual page, in roff
#[derive(clap::Args)]
#[command(after_long_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// The command to print the page of; without it, the page of pi-mc
    #[arg(value_name = "COMMAND", value_parser = COMMANDS)]
    command: Option<String>,
}

const MAN_EXAMPLES: &str = "\
Examples:
  pi-mc man | man -l -
  pi-mc man > /usr/share/man/man1/pi-mc.1
  pi-mc man compare > /usr/share/man/man1/pi-mc-compare.1";

/// Print the help of a command
#[derive(clap::Args)]
#[command(after_long_help = HELP_EXAMPLES)]
pub(crate) struct HelpArgs {
    /// The command; without it, the help of pi-mc
    #[arg(value_name = "COMMAND", value_parser = COMMANDS)]
    pub(crate) command: Option<String>,
}

const HELP_EXAMPLES: &str = "\
Examples:
  pi-mc help compare                         what pi-mc compare --help prints";

/// Prints the completion script of `program`.
pub(crate) fn completions(args: &CompletionsArgs, mut program: Command) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "pi-mc", &mut script);
    print_text(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page of `program`, or of one of its commands.
pub(crate) fn manual(args: &ManArgs, mut program: Command) -> Result<ExitCode> {
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .context("there is no such command")?,
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    print_text(&String::from_utf8(page)?)?;
    Ok(ExitCode::SUCCESS)
}
