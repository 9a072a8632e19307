//! The properties of a terminal, and texts that fit it.

use std::env;
use std::io::{self, IsTerminal};

/// The columns of a terminal that does not report its size.
const COLUMNS: usize = 80;

/// The columns that stderr has at this moment, if it is a terminal.
pub(crate) fn columns() -> usize {
    let size = terminal_size::terminal_size_of(io::stderr());
    size.map_or(COLUMNS, |(columns, _)| columns.0.into())
}

/// The columns that stdout has at this moment, if it is a terminal.
pub(crate) fn stdout_columns() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(COLUMNS, |(columns, _)| columns.0.into())
}

/// Whether stderr takes only lines of text, if it is a terminal.
pub(crate) fn is_dumb() -> bool {
    !takes_escapes() || env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether the console of Windows understands escapes, once they are enabled.
#[cfg(windows)]
pub(crate) fn takes_escapes() -> bool {
    use std::sync::OnceLock;
    static ENABLED: OnceLock<bool> = OnceLock::new();
    // `None` without a console.
    *ENABLED.get_or_init(|| anstyle_query::windows::enable_ansi_colors().unwrap_or(true))
}

#[cfg(not(windows))]
pub(crate) fn takes_escapes() -> bool {
    true
}

/// Whether this command is in the foreground of the terminal that stderr goes to, as a shell's background job is not.
/// A terminal that does not control this process knows no jobs.
#[cfg(unix)]
pub(crate) fn is_in_foreground() -> bool {
    use nix::unistd::{getpgrp, tcgetpgrp};
    tcgetpgrp(io::stderr()).map_or(true, |foreground| foreground == getpgrp())
}

#[cfg(not(unix))]
pub(crate) fn is_in_foreground() -> bool {
    true
}

/// The columns that a terminal gives to `text`: two to the letters of East Asia and to pictures.
pub(crate) fn width(text: &str) -> usize {
    let columns = |letter| if letter < '\u{2e80}' { 1 } else { 2 };
    text.chars().map(columns).sum()
}

/// A line of stderr, broken at spaces where a terminal would break it inside a word.
pub(crate) fn wrapped(line: &str) -> String {
    if io::stderr().is_terminal() && !is_dumb() {
        wrap(line, columns())
    } else {
        line.to_owned()
    }
}

/// The text in lines of at most `columns`, broken at spaces. A longer word has a line of its own.
pub(crate) fn wrap(text: &str, columns: usize) -> String {
    let mut lines = String::new();
    let mut taken = 0;
    for word in text.split(' ') {
        // The second of two spaces, which is no word, stays at the end of its line.
        if taken > 0 && !word.is_empty() && taken + 1 + width(word) > columns {
            lines.push('\n');
            taken = 0;
        } else if !lines.is_empty() {
            lines.push(' ');
            taken += 1;
        }
        lines += word;
        taken += width(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{width, wrap};

    #[test]
    fn lines_break_at_spaces_and_lose_nothing() {
        let text = "pi-mc: could not read  'a file': it is not there";
        for columns in 0..60 {
            let lines = wrap(text, columns);
            assert_eq!(lines.replace('\n', " "), text, "{columns}");
            for line in lines.lines().map(str::trim_end) {
                assert!(width(line) <= columns || !line.contains(' '), "{line:?}");
            }
        }
        assert_eq!(wrap("ab cd ef", 5), "ab cd\nef");
        assert_eq!(wrap("ab cd ef", 4), "ab\ncd\nef");
    }
}
