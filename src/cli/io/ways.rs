//! An option of compare that was typed without the command is answered with the command to type.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::cli::io::failure::Usage;

/// What to say instead of `error`, if what was `typed` would do for compare.
pub(crate) fn to_compare(
    error: &clap::Error,
    typed: &[String],
    program: &Command,
) -> Option<Usage> {
    if !typed.first()?.starts_with('-') {
        return None;
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let option = text(ContextKind::InvalidArg)?.split(' ').next()?;
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let own = own_option(program, option)?;
            let value = if own.get_action().takes_values() {
                let value = value(typed, option).filter(|value| is_taken(program, option, value));
                format!(" {}", value.unwrap_or("..."))
            } else {
                String::new()
            };
            Some(Usage(format!(
                "'{option}' is an option of compare: pi-mc compare {option}{value}"
            )))
        }
        ErrorKind::ValueValidation => {
            let list = text(ContextKind::InvalidValue)?;
            is_taken(program, option, list).then(|| {
                Usage(format!(
                    "'{option}' takes one number here, and several in compare: pi-mc compare {option} \
                     {list}"
                ))
            })
        }
        _ => None,
    }
}

/// The option of compare that is called `--long`, unless it is hidden.
fn own_option<'a>(program: &'a Command, option: &str) -> Option<&'a Arg> {
    let long = option.strip_prefix("--")?;
    let mut options = program.find_subcommand("compare")?.get_arguments();
    options.find(|option| !option.is_hide_set() && option.get_long() == Some(long))
}

/// The value that was typed for an option.
fn value<'a>(typed: &'a [String], option: &str) -> Option<&'a str> {
    let mut words = typed.iter().skip_while(|word| !word.starts_with(option));
    match words.next()?.strip_prefix(option)? {
        "" => words.next().map(String::as_str),
        value => value.strip_prefix('='),
    }
}

/// Whether compare takes the value, which can stand in a message as it is.
fn is_taken(program: &Command, option: &str, value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ",.^_-".contains(c);
    let words = ["pi-mc", "compare", option, value];
    value.chars().all(is_plain) && program.clone().try_get_matches_from(words).is_ok()
}
