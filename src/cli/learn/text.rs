//! The texts of the lessons, from one file, filled in and wrapped.

use std::fmt::Display;

use crate::cli::io::stdout::ascii;
use crate::report::columns::{self, Align, TextStyle};

const TEXTS: &str = include_str!("texts.txt");

/// The values of the names in a text.
pub(crate) type Values<'a> = &'a [(&'a str, &'a dyn Display)];

/// A section of the texts.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    lines: &'static str,
}

impl Text {
    /// The section of that name, up to the next.
    pub(crate) fn of(section: &str) -> Text {
        let (_, after) = TEXTS
            .split_once(&format!("\n[{section}]\n"))
            .unwrap_or_default();
        let lines = after.split_once("\n[").map_or(after, |(lines, _)| lines);
        Text { lines }
    }

    /// The lines of a key; `None` without such a key.
    pub(crate) fn get(self, key: &str) -> Option<Vec<&'static str>> {
        let mut lines = self.lines.lines().map(|line| (line, line.split_once(": ")));
        let first = lines.find_map(|(line, pair)| match pair {
            Some((found, text)) if found == key => Some(text),
            None if line.strip_suffix(':') == Some(key) => Some(""),
            _ => None,
        })?;
        let more = lines.map(|(line, _)| line);
        let more = more.take_while(|line| line.starts_with([' ', '|']));
        Some([first].into_iter().chain(more).collect())
    }

    /// The text of a key as it is, on one line.
    pub(crate) fn raw(self, key: &str) -> String {
        let lines = self.get(key);
        // A missing text is seen, and fails the tests.
        let lines = lines.map(|lines| lines.into_iter().map(str::trim).collect::<Vec<_>>());
        lines.map_or_else(|| format!("{{{key}}}"), |lines| lines.join(" "))
    }

    /// The text of a key, filled in, on one line.
    pub(crate) fn fill(self, key: &str, values: Values) -> String {
        filled(&self.raw(key), values)
    }

    /// The text of a key, filled in, in lines of a terminal.
    pub(crate) fn say(self, key: &str, values: Values) -> String {
        let lines = self.get(key).unwrap_or_default();
        let literal: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.strip_prefix('|'))
            .collect();
        if literal.is_empty() {
            wrapped(&self.fill(key, values), "")
        } else {
            filled(&(literal.join("\n") + "\n"), values)
        }
    }

    /// A table. Its header is the text of a key, with a bar between two columns; all but the first column, which is
    /// left, are `aligned`.
    pub(crate) fn table(self, header: &str, aligned: Align, rows: Vec<Vec<String>>) -> String {
        let names = self.raw(header);
        let names: Vec<String> = names.split('|').map(str::to_owned).collect();
        let mut aligns = vec![aligned; names.len()];
        aligns[0] = Align::Left;
        let all: Vec<Vec<String>> = [names]
            .into_iter()
            .chain(rows)
            .map(|row| row.iter().map(|cell| style().shown(cell)).collect())
            .collect();
        let lines = columns::lines(&aligns, &all);
        lines
            .iter()
            .map(|line| format!("  {}\n", line.trim_end()))
            .collect()
    }
}

/// How text is shown.
fn style() -> TextStyle {
    TextStyle {
        ascii: ascii(),
        ..TextStyle::default()
    }
}

/// The text in lines of a terminal, all but the first after `indent`.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    style().wrapped(text, indent)
}

fn filled(text: &str, values: Values) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), &value.to_string())
    })
}

/// "0, 1, 2".
pub(crate) fn listed<T: ToString>(list: &[T]) -> String {
    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
    list.join(", ")
}

/// The lines in two columns, the first half on the left.
pub(crate) fn in_two_columns(lines: &[String]) -> String {
    let half = lines.len().div_ceil(2);
    let (left, right) = lines.split_at(half);
    let width = left
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0)
        + 4;
    let mut out = String::new();
    for (i, line) in left.iter().enumerate() {
        let beside = right.get(i).map_or("", String::as_str);
        out += &format!("  {}\n", format!("{line:<width$}{beside}").trim_end());
    }
    out
}
