//! The command line: from what was typed to a result on stdout and an exit code. Only this part of the
//! crate knows clap, terminals, files and signals. Each command's file holds its arguments, its examples
//! and its work.

mod baseline;
mod compare;
mod dart;
mod explain;
pub mod io;
mod merge;
pub mod parse;
mod run;
mod shell;
mod verify;
mod worker;

use std::process::ExitCode;

use crate::cli::io::{signals, stdout as output, ways};

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::compare::CompareArgs;
use crate::cli::dart::DartArgs;
use crate::cli::explain::ExplainArgs;
use crate::cli::io::failure::Usage;
use crate::cli::merge::MergeArgs;
use crate::cli::run::args::{EXAMPLES, RunArgs};
use crate::cli::shell::{CompletionsArgs, HelpArgs, ManArgs};
use crate::cli::verify::VerifyArgs;

/// Estimates π by throwing random darts, on every core.
///
/// A seed always gives exactly the same count, whatever the threads, machine or CPU.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_long_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
#[command(bin_name = "pi-mc", override_usage = "pi-mc [OPTIONS] [COMMAND]")]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    Compare(CompareArgs),
    Dart(DartArgs),
    Explain(ExplainArgs),
    Merge(MergeArgs),
    Verify(VerifyArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
    // Nobody who reads the list of commands needs to be told.
    #[command(hide = true)]
    Help(HelpArgs),
}

/// The commands that help, completions and manual pages show.
const COMMANDS: [&str; 8] = [
    "compare",
    "dart",
    "explain",
    "merge",
    "verify",
    "completions",
    "man",
    "help",
];

/// Does what the command line asks for.
pub fn main() -> Result<ExitCode> {
    signals::fail_at_size_limits()?;
    let mut typed = std::env::args_os().skip(1);
    if typed.next().is_some_and(|first| first == worker::NAME) {
        return worker::work(typed);
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            let words = std::env::args_os().skip(1);
            let words: Vec<_> = words.map(|word| word.to_string_lossy().into()).collect();
            if let Some(usage) = ways::to_compare(&error, &words, &Args::command()) {
                return Err(usage.into());
            }
            let mut typed = std::env::args_os().skip(1);
            return Err(Usage::new(&error, &Args::command(), typed.next().as_deref()).into());
        }
        Err(help) => return print_help(&help),
    };
    match args.command {
        None => run::run(args.run),
        Some(Command::Compare(args)) => compare::compare(args),
        Some(Command::Explain(args)) => explain::explain(&args),
        Some(Command::Dart(args)) => dart::dart(&args),
        Some(Command::Merge(args)) => merge::merge(&args),
        Some(Command::Verify(args)) => verify::verify(&args),
        Some(Command::Completions(args)) => shell::completions(&args, Args::command()),
        Some(Command::Man(args)) => shell::manual(&args, Args::command()),
        Some(Command::Help(args)) => help(args.command.as_deref()),
    }
}

/// Prints what `pi-mc COMMAND --help` prints.
fn help(command: Option<&str>) -> Result<ExitCode> {
    let asked = ["pi-mc"].into_iter().chain(command).chain(["--help"]);
    match Args::try_parse_from(asked) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(help) => print_help(&help),
    }
}

/// Prints what --help and --version ask for. clap's own printing ignores a full disk.
fn print_help(help: &clap::Error) -> Result<ExitCode> {
    let text = help.render();
    let text = if output::colour() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    output::print_text(&text)?;
    Ok(ExitCode::SUCCESS)
}
