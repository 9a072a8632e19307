//! The command line: from what a person types to a result on stdout and an exit code. Only this room knows
//! clap, terminals, files and signals. Each command's file holds its arguments, examples and work.

mod compare;
mod dart;
mod explain;
#[cfg_attr(
    not(feature = "internals"),
    allow(unreachable_pub, reason = "public for the suite")
)]
mod io;
mod learn;
mod merge;
#[cfg_attr(
    not(feature = "internals"),
    allow(unreachable_pub, reason = "public for the suite")
)]
mod parse;
mod run;
mod shell;
mod verify;
mod worker;

#[cfg(feature = "internals")]
pub mod hooks {
    //! Hooks for the suite and the fuzz targets.
    pub use crate::cli::io::saved;
    pub use crate::cli::parse::number;
}

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::cli::compare::CompareArgs;
use crate::cli::dart::DartArgs;
use crate::cli::explain::ExplainArgs;
use crate::cli::io::failure::{self, Usage};
use crate::cli::io::signals;
use crate::cli::io::stdout::{Colour, colour, print_text};
use crate::cli::learn::LearnArgs;
use crate::cli::merge::MergeArgs;
use crate::cli::parse::deferred::Deferred;
use crate::cli::run::args::{EXAMPLES, RunArgs};
use crate::cli::shell::{CompletionsArgs, ManArgs};
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

    /// When to colour text on stdout: auto, always or never
    ///
    /// auto colours it on a terminal, and heeds NO_COLOR, CLICOLOR and CLICOLOR_FORCE.
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        global = true
    )]
    #[arg(
        help_heading = "Output",
        hide_possible_values = true,
        hide_short_help = true
    )]
    color: Colour,
}

#[derive(Subcommand)]
enum Command {
    /// Time serial against parallel on the same darts, and check every answer
    ///
    /// Strategies: serial (the baseline, always included), pool (the program's own engine), threads, gil (a model of
    /// Python's threads), queue, processes, lock, atomic, and two that are wrong on purpose: race and same-seed.
    Compare(Deferred<CompareArgs>),
    /// Replay single darts: their random words, where they land, hit or miss
    ///
    /// The coarse word, 32 random bits, says in which cell of a fine grid a dart lies, and two fine words say
    /// where in the cell. If the whole cell hits, or misses, the coarse word decides the dart. docs/contract.md
    /// defines them.
    Dart(Deferred<DartArgs>),
    /// Explain a strategy of compare on one screen, with its code
    Explain(Deferred<ExplainArgs>),
    /// Learn threads, locks, pools, queues, processes and seeds: ten lessons that run
    ///
    /// Each lesson asks, runs, shows, and ends with a sentence to take home. In a terminal you vote first. Without a
    /// terminal, and in a notebook, it prints straight through.
    Learn(Deferred<LearnArgs>),
    /// Add up saved results: the shards of a run, in any order
    ///
    /// A shard is a part of a run, counted with --shard. A saved result is what --format json prints, and what a
    /// checkpoint holds. A file may have one per line or several in an array, in any layout.
    Merge(Deferred<MergeArgs>),
    /// Check that this machine counts right: known answers, a burn-in, or saved results
    ///
    /// A kernel is code that counts with one kind of vector instructions. All must give the same hits.
    Verify(Deferred<VerifyArgs>),
    /// Print a completion script for a shell
    Completions(Deferred<CompletionsArgs>),
    /// Print the manual page, in roff
    Man(Deferred<ManArgs>),
}

/// Does the work that the command line asks for, and reports an error in one line on stderr.
pub fn main() -> ExitCode {
    run_command().unwrap_or_else(|error| {
        // A closed pipe ends the program quietly: its reader has read enough.
        failure::report(&error).unwrap_or(ExitCode::SUCCESS)
    })
}

fn run_command() -> Result<ExitCode> {
    signals::fail_at_size_limits()?;
    // Shells expand patterns such as shard-*.json; on Windows the program does.
    let typed = with_colour_last(wild::args_os().collect());
    let first = typed.get(1);
    if first.is_some_and(|first| first == worker::NAME) {
        return worker::work(typed.into_iter().skip(2));
    }
    let args = match Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            return Err(Usage::new(error, &program(), &typed[1..]).into());
        }
        Err(help) => return print_help(&help, &typed),
    };
    args.color.choose();
    match args.command {
        None => run::run(args.run),
        Some(Command::Compare(Deferred(args))) => compare::compare(args),
        Some(Command::Explain(Deferred(args))) => explain::explain(&args),
        Some(Command::Learn(Deferred(args))) => learn::learn(&args),
        Some(Command::Dart(Deferred(args))) => dart::dart(&args),
        Some(Command::Merge(Deferred(args))) => merge::merge(&args),
        Some(Command::Verify(Deferred(args))) => verify::verify(&args),
        Some(Command::Completions(Deferred(args))) => shell::completions(&args, Args::command()),
        Some(Command::Man(Deferred(args))) => shell::manual(&args, program()),
    }
}

/// The description of the whole program, with the options of all commands.
fn program() -> clap::Command {
    let mut program = Args::command();
    program.build();
    program
}

/// The words `typed`, with a `--color` before a command moved behind it: all other options of a run conflict with
/// commands.
fn with_colour_last(mut typed: Vec<OsString>) -> Vec<OsString> {
    let words = match typed.get(1).and_then(|word| word.to_str()) {
        Some("--color") => 2,
        Some(word) if word.starts_with("--color=") => 1,
        _ => return typed,
    };
    let command = typed.get(1 + words);
    if command.is_some_and(|command| Args::command().find_subcommand(command).is_some()) {
        typed[1..=1 + words].rotate_right(1);
    }
    typed
}

/// Prints the answer to --help or --version, for which clap parses nothing else. clap's own printing ignores a full
/// disk.
fn print_help(help: &clap::Error, typed: &[OsString]) -> Result<ExitCode> {
    let joined = typed
        .iter()
        .find_map(|word| word.to_str()?.strip_prefix("--color="));
    let mut after = typed.iter().skip_while(|word| *word != "--color");
    let asked = joined.or_else(|| after.nth(1)?.to_str());
    let asked = asked.and_then(|asked| Colour::from_str(asked, false).ok());
    asked.unwrap_or(Colour::Auto).choose();
    let text = help.render();
    print_text(&if colour() {
        text.ansi().to_string()
    } else {
        text.to_string()
    })?;
    Ok(ExitCode::SUCCESS)
}
