//! From an error to one line on stderr and an exit code: 2 for invalid usage, 1 for any other failure. A closed
//! pipe is neither: its reader has read enough.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::io::answer::{answer, context};
use crate::cli::io::stdout::in_locale;
use crate::cli::io::terminal::wrapped;
use crate::printable::printable;

/// The exit code of invalid usage.
const USAGE: u8 = 2;

/// Invalid usage, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

impl Usage {
    /// clap's message in one line, without its advice on usage, and with the closest word to a mistyped one.
    /// `typed` are the arguments of `program`.
    pub(crate) fn new(mut error: clap::Error, program: &Command, typed: &[OsString]) -> Usage {
        let first = typed.first().map(OsString::as_os_str);
        let command = first.and_then(|first| program.find_subcommand(first));
        let mut words = command.into_iter().flat_map(Command::get_positionals);
        let takes_names = words.any(|word| !word.get_possible_values().is_empty());
        if let Some(message) = option_of_another_command(&error, program, first) {
            return Usage(message);
        }
        error.remove(ContextKind::Usage);
        let tips = error.remove(ContextKind::Suggested);
        let mut message = folded(&error.render().to_string());
        let words = typed.iter().map(|word| word.to_string_lossy().into_owned());
        if context(&error, ContextKind::InvalidSubcommand) == Some("help") {
            // Many programs have such a command.
            message += "; type 'pi-mc --help' or 'pi-mc COMMAND --help'";
        } else if let Some(answer) = answer(&error, program, &words.collect::<Vec<_>>()) {
            message += &format!("; {answer}");
        } else if let Some(nearest) = nearest(&error, program, first) {
            message += &format!("; {nearest}");
        } else if let Some(ContextValue::StyledStrs(tips)) = tips.filter(|_| !takes_names) {
            for tip in tips {
                message += &format!("; {tip}");
            }
        }
        Usage(message)
    }
}

/// The lines of clap's message as one. Its last paragraph only says that there is help.
fn folded(rendered: &str) -> String {
    let message = rendered.strip_prefix("error: ").unwrap_or(rendered);
    let message = message.trim_end().rsplit_once("\n\n");
    let message = message.map_or(rendered, |(message, _)| message);
    let lines = message.lines().map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// The way to an option that was typed without its command.
fn option_of_another_command(
    error: &clap::Error,
    program: &Command,
    first: Option<&OsStr>,
) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument || program.find_subcommand(first?).is_some() {
        return None;
    }
    let typed = context(error, ContextKind::InvalidArg)?;
    let long = Some(typed.strip_prefix("--")?);
    let (command, option) = program.get_subcommands().find_map(|command| {
        let mut options = command.get_arguments().filter(|arg| !arg.is_hide_set());
        Some((command, options.find(|arg| arg.get_long() == long)?))
    })?;
    let takes_values = option.get_action().takes_values();
    let (command, value) = (command.get_name(), if takes_values { " ..." } else { "" });
    Some(format!(
        "'{typed}' is an option of {command}: pi-mc {command} {typed}{value}"
    ))
}

/// The closest word to the mistyped one that `error` is about, if any is close.
fn nearest(error: &clap::Error, program: &Command, first: Option<&OsStr>) -> Option<String> {
    let unknown = match error.kind() {
        ErrorKind::UnknownArgument => context(error, ContextKind::InvalidArg),
        _ => context(error, ContextKind::InvalidSubcommand),
    };
    let (what, typed, right): (_, _, Vec<String>) =
        match (unknown, error.get(ContextKind::ValidValue)) {
            (_, Some(ContextValue::Strings(values))) => {
                let typed = context(error, ContextKind::InvalidValue)?;
                ("value", typed, values.clone())
            }
            (Some(typed), _) if typed.starts_with("--") => {
                let command = first.and_then(|first| program.find_subcommand(first));
                let everywhere = program.get_arguments().filter(|_| command.is_some());
                let everywhere = everywhere.filter(|option| option.is_global_set());
                let options = command.unwrap_or(program).get_arguments();
                let options = options.chain(everywhere);
                let options = options.filter(|option| !option.is_hide_set());
                let names = options.filter_map(|option| option.get_long());
                let version = command.is_none().then_some("version");
                let names = names.chain(["help"]).chain(version);
                (
                    "argument",
                    typed,
                    names.map(|name| format!("--{name}")).collect(),
                )
            }
            (Some(typed), _) => {
                let names = program.get_subcommands().map(Command::get_name);
                ("subcommand", typed, names.map(str::to_owned).collect())
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
pub(crate) fn report(error: &anyhow::Error) -> Option<ExitCode> {
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

/// Prints every error among several results, and returns the exit code for the last; `None` if there is none but
/// closed pipes.
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

/// Prints one line on stderr. A failure to write it is ignored, since there is nowhere left to report it.
pub(crate) fn print_error(message: &str) {
    let line = format!("pi-mc: {}", printable(&in_locale(message)));
    // At once, so that the lines of other programs do not come in between.
    let _ = io::stderr().write_all((wrapped(&line) + "\n").as_bytes());
}
