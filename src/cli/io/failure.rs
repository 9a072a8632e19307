//! From an error to one line on stderr and an exit code: 2 for invalid usage, 1 for any other failure.
//! A closed pipe is neither: its reader has read enough.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The exit code of invalid usage.
const USAGE: u8 = 2;

/// Invalid usage, in one line.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

impl Usage {
    /// clap's message without its advice on usage, folded into one line, with the word nearest to one
    /// that is mistyped. The arguments of `program` began with `first`.
    pub(crate) fn new(error: &clap::Error, program: &Command, first: Option<&OsStr>) -> Usage {
        let message = error.render().to_string();
        let lines = message
            .lines()
            .map(str::trim)
            .take_while(|line| {
                !line.starts_with("Usage:") && !line.starts_with("For more information")
            })
            .filter(|line| !line.is_empty());
        let (tips, lines): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("tip: "));
        let mut folded = lines.join(" ");
        if let Some(nearest) = nearest(error, program, first) {
            folded += &format!("; {nearest}");
        } else {
            for tip in tips {
                folded += &tip.replacen("tip:", ";", 1);
            }
        }
        Usage(folded.strip_prefix("error: ").unwrap_or(&folded).to_owned())
    }
}

/// Which right word is nearest to the one that `error` is about, if one is near.
fn nearest(error: &clap::Error, program: &Command, first: Option<&OsStr>) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let commands = || {
        program
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
    };
    let (what, typed, right): (_, _, Vec<String>) = match error.kind() {
        ErrorKind::InvalidValue => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(right)) => {
                ("value", text(ContextKind::InvalidValue)?, right.clone())
            }
            _ => return None,
        },
        ErrorKind::InvalidSubcommand | ErrorKind::ArgumentConflict => (
            "subcommand",
            text(ContextKind::InvalidSubcommand)?,
            commands().collect(),
        ),
        ErrorKind::UnknownArgument => {
            let typed = text(ContextKind::InvalidArg)?;
            if typed.starts_with("--") {
                let command = first.and_then(|first| program.find_subcommand(first));
                let options = command.unwrap_or(program).get_arguments();
                let options = options.filter(|option| !option.is_hide_set());
                let names = options.filter_map(|option| option.get_long());
                let names = names
                    .chain(["help"])
                    .chain(command.is_none().then_some("version"));
                (
                    "argument",
                    typed,
                    names.map(|name| format!("--{name}")).collect(),
                )
            } else {
                ("subcommand", typed, commands().collect())
            }
        }
        _ => return None,
    };
    let distance = |right: &str| {
        let [typed, right] = [typed, right].map(|word| word.trim_start_matches('-').to_lowercase());
        // Up to a third of the letters may be wrong, left out, put in or swapped.
        let most = typed.chars().count().max(right.chars().count()) / 3;
        Some(strsim::osa_distance(&typed, &right)).filter(|distance| (1..=most).contains(distance))
    };
    let near = right
        .iter()
        .filter_map(|right| Some((distance(right)?, right)));
    let (_, nearest) = near.min_by_key(|(distance, _)| *distance)?;
    Some(format!("a similar {what} exists: '{nearest}'"))
}

/// Prints the error, and returns the exit code for it; `None` for a closed pipe.
pub fn report(error: &anyhow::Error) -> Option<ExitCode> {
    if is_closed_pipe(error) {
        return None;
    }
    print_error(&format!("{error:#}"));
    if error.is::<Usage>() {
        Some(USAGE.into())
    } else {
        Some(ExitCode::FAILURE)
    }
}

/// Prints what failed of several results, all of it, and returns the exit code for the last; `None` if nothing
/// did but for closed pipes.
pub(crate) fn report_all(results: Vec<anyhow::Result<()>>) -> Option<ExitCode> {
    let errors = results.into_iter().filter_map(Result::err);
    errors.filter_map(|error| report(&error)).last()
}

/// Whether the error comes from writing to a reader that went away.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let is_closed = |io: &io::Error| io.kind() == io::ErrorKind::BrokenPipe;
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(is_closed))
}

/// Prints one line on stderr. If even that cannot be written, there is nobody left to tell.
pub(crate) fn print_error(message: &str) {
    // A file's name may hold a new line, or what a terminal obeys.
    let mut line = String::from("pi-mc: ");
    for letter in message.chars() {
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    let _ = writeln!(io::stderr(), "{line}");
}
