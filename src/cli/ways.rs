//! Ways in: an option of compare that was typed without the command is answered with the command.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::failure::Usage;

/// What to say instead of `error`, if what was `typed` would do for compare.
pub(super) fn to_compare(
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
    let argument = text(ContextKind::InvalidArg)?;
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let compare = program.find_subcommand("compare")?;
            let own = |option: &&Arg| !option.is_hide_set();
            let mut options = compare.get_arguments().filter(own);
            let long = argument.strip_prefix("--")?;
            let option = options.find(|option| option.get_long() == Some(long))?;
            let value = if option.get_action().takes_values() {
                let value = value(typed, argument).unwrap_or("...");
                format!(" {value}")
            } else {
                String::new()
            };
            Some(Usage(format!(
                "'{argument}' is an option of compare: pi-mc compare {argument}{value}"
            )))
        }
        ErrorKind::ValueValidation => {
            let option = argument.split(' ').next()?;
            let list = text(ContextKind::InvalidValue).filter(|list| list.contains(','))?;
            let takes_lists = ["--workers", "--sims"].contains(&option) && is_plain(list);
            takes_lists.then(|| {
                Usage(format!(
                    "'{option}' takes one number here, and several in compare: pi-mc compare {option} \
                     {list}"
                ))
            })
        }
        _ => None,
    }
}

/// The value that was typed for an option, if it can stand in a message.
fn value<'a>(typed: &'a [String], option: &str) -> Option<&'a str> {
    let mut words = typed.iter().skip_while(|word| !word.starts_with(option));
    let value = match words.next()?.strip_prefix(option)? {
        "" => words.next()?,
        value => value.strip_prefix('=')?,
    };
    is_plain(value).then_some(value)
}

fn is_plain(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ",.^_-".contains(c);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain)
}
