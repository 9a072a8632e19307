//! Answers to words that other programs have: the command line that does it.

use std::slice;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::cli::parse::number;
use crate::compare::strategy::Strategy;

/// The most numbers of workers that an answer names.
const MOST: usize = 16;

/// The command to type, if the arguments `typed` made `error` with a word that means something to `program`.
pub(crate) fn answer(error: &clap::Error, program: &Command, typed: &[String]) -> Option<String> {
    let command = typed
        .first()
        .and_then(|first| program.find_subcommand(first));
    let invalid = || context(error, ContextKind::InvalidArg);
    let lines = match error.kind() {
        ErrorKind::InvalidSubcommand | ErrorKind::ArgumentConflict => {
            let name = context(error, ContextKind::InvalidSubcommand)?;
            match program.find_subcommand(name) {
                Some(named) => vec![behind(named, error, program)?],
                None => word(name, program, command, typed)?,
            }
        }
        ErrorKind::UnknownArgument => match invalid()?.strip_prefix("--") {
            Some(name) => vec![option(name, program, command)?],
            None => word(invalid()?, program, command, typed)?,
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
                return None;
            };
            vec![self::value(invalid()?, value, command)?]
        }
        _ => return None,
    };
    Some(format!("type 'pi-mc {}'", lines.join("' or 'pi-mc ")))
}

/// For a word where a command or nothing was expected.
fn word(
    word: &str,
    program: &Command,
    command: Option<&Command>,
    typed: &[String],
) -> Option<Vec<String>> {
    let command = command.map_or("", Command::get_name);
    if number::sims(word).is_ok() && ["", "compare"].contains(&command) {
        let mut before = typed
            .iter()
            .skip_while(|word| !["-n", "--sims"].contains(&word.as_str()));
        return Some(match before.nth(1) {
            Some(first) => vec![format!("compare -n {first},{word}")],
            None if command.is_empty() => vec![format!("-n {word}")],
            None => vec![format!("{command} -n {word}")],
        });
    }
    if !command.is_empty() {
        return None;
    }
    if Strategy::every().any(|strategy| strategy.name() == word) {
        return Some(vec![format!("compare {word}"), format!("explain {word}")]);
    }
    let commands = [program].into_iter().chain(program.get_subcommands());
    let found = commands.filter_map(|command| {
        let option = visible(command).find(|option| option.get_long() == Some(word))?;
        Some(line(program, command, &usage(option)))
    });
    let found: Vec<String> = found.take(1).collect();
    (!found.is_empty()).then_some(found)
}

/// For options before the command `named`: the command's options of the same names.
fn behind(named: &Command, error: &clap::Error, program: &Command) -> Option<String> {
    let before = match error.get(ContextKind::PriorArg)? {
        ContextValue::String(one) => slice::from_ref(one),
        ContextValue::Strings(all) => all,
        _ => return None,
    };
    let names = before
        .iter()
        .filter_map(|option| option.strip_prefix("--")?.split(' ').next());
    let own =
        names.filter_map(|name| visible(named).find(|option| option.get_long() == Some(name)));
    let words: Vec<String> = own.map(usage).collect();
    (!words.is_empty()).then(|| line(program, named, &words.join(" ")))
}

/// For an unknown option `--name`: the option that has `name` among its values.
fn option(name: &str, program: &Command, command: Option<&Command>) -> Option<String> {
    let all = || [program].into_iter().chain(program.get_subcommands());
    let commands: Vec<&Command> = command.map_or_else(|| all().collect(), |command| vec![command]);
    let takes = |arg: &&Arg| {
        let values = arg.get_possible_values();
        values.iter().any(|value| value.get_name() == name)
    };
    let options = commands.iter().filter_map(|command| {
        let mut options = visible(command).filter(|arg| arg.get_long().is_some());
        let option = options.find(takes)?.get_long()?;
        Some(line(program, command, &format!("--{option} {name}")))
    });
    let words = commands.iter().filter_map(|command| {
        visible(command)
            .filter(|arg| arg.is_positional())
            .find(takes)?;
        Some(line(program, command, name))
    });
    options.chain(words).next()
}

/// For the value of an option or an argument that takes others.
fn value(option: &str, value: &str, command: Option<&Command>) -> Option<String> {
    let command = command.map(Command::get_name);
    let is_option = |name: &str| option.starts_with(name);
    if is_option("--workers") {
        // For compare, something else is wrong with a list.
        if command == Some("compare") && value.contains(',') {
            return None;
        }
        return Some(format!("compare -w {}", numbers_of_workers(value)?));
    }
    if is_option("--sims") {
        let parts: Vec<&str> = value.split(',').collect();
        let is_group = |part: &&str| part.len() == 3 && part.bytes().all(|c| c.is_ascii_digit());
        if parts.len() > 1 && parts[1..].iter().all(is_group) {
            let number = parts.join("_");
            number::sims(&number).ok()?;
            let command = command.map_or(String::new(), |command| format!("{command} "));
            return Some(format!("{command}-n {number}"));
        }
        // For compare, something else is wrong with a list.
        let are_numbers = command != Some("compare")
            && parts.len() > 1
            && parts.iter().all(|part| number::sims(part).is_ok());
        return are_numbers.then(|| format!("compare -n {value}"));
    }
    let is_strategy = command == Some("compare") && !is_option("--");
    (is_strategy && number::sims(value).is_ok()).then(|| format!("compare -n {value}"))
}

/// The numbers in a list, 1,2,4, or a range, 1-4, 1..4 or 1:4, as a list.
fn numbers_of_workers(text: &str) -> Option<String> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
    let numbers = text.split(',').map(number).collect::<Option<Vec<_>>>();
    if numbers.is_some_and(|numbers| numbers.len() > 1) {
        return Some(text.to_owned());
    }
    let mut separators = ["..", "-", ":"].into_iter();
    let (first, last) = separators.find_map(|separator| text.split_once(separator))?;
    let range = number(first)?..=number(last)?;
    let (numbers, has_more) = (range.clone().take(MOST), range.count() > MOST);
    let mut numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    if has_more {
        numbers = vec![first.to_owned(), last.to_owned()];
    }
    (!numbers.is_empty()).then(|| numbers.join(","))
}

/// The arguments that help shows.
fn visible(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_hide_set())
}

/// How to type an option.
fn usage(option: &Arg) -> String {
    let name = option.get_long().unwrap_or_default();
    let values = option
        .get_value_names()
        .filter(|_| option.get_action().takes_values());
    let values = values.and_then(|names| names.first());
    let value = values.map_or(String::new(), |value| format!(" {value}"));
    format!("--{name}{value}")
}

/// The words after `pi-mc`.
fn line(program: &Command, command: &Command, words: &str) -> String {
    if command.get_name() == program.get_name() {
        words.to_owned()
    } else {
        format!("{} {words}", command.get_name())
    }
}

/// A text that clap keeps about its error.
pub(crate) fn context(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}
