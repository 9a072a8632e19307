//! Shows a command's progress on stderr. A terminal shows one line that is drawn over and over, as long as the command
//! is in its foreground. A dumb terminal, and any other stderr if asked for, gets a line now and then. A command of
//! less than half a second shows nothing.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::cli::io::failure::print_error;
use crate::cli::io::stdout::in_locale;
use crate::cli::io::terminal::{columns, is_dumb, is_in_foreground, width};
use crate::printable::printable;

/// Time from the start to the first line.
const FIRST: Duration = Duration::from_millis(500);
/// Time between lines that are drawn over each other.
const BETWEEN_DRAWS: Duration = Duration::from_millis(100);
/// Time between lines that stay.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// When to show progress.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// If stderr is a terminal
    Auto,
    /// Even if it is not: a line every ten seconds
    Always,
    /// Not at all
    Never,
}

/// A progress display; see the module.
pub(crate) struct Progress {
    when: When,
    /// Whether stderr is a terminal that can draw one line over another.
    can_draw: bool,
    /// The columns of the line on the terminal; 0 if there is none.
    drawn: usize,
    /// When to show the next line; `None` for never.
    due: Option<Instant>,
}

impl Progress {
    /// A display that shows nothing yet.
    pub(crate) fn new(when: When) -> Progress {
        let on_terminal = io::stderr().is_terminal();
        let is_wanted = when == When::Always || (when == When::Auto && on_terminal);
        Progress {
            when,
            can_draw: on_terminal && !is_dumb(),
            drawn: 0,
            due: is_wanted.then(|| Instant::now() + FIRST),
        }
    }

    /// Shows a line if it is due. `parts` are joined by commas; a terminal that is too narrow shows the first ones.
    pub(crate) fn show(&mut self, parts: impl FnOnce() -> Vec<String>) {
        let now = Instant::now();
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        let is_in_foreground = is_in_foreground();
        if self.can_draw && is_in_foreground {
            self.due = Some(now + BETWEEN_DRAWS);
            // The last column stays free, since some terminals go on to the next line after it.
            let room = columns().saturating_sub(1);
            let line = fit(&parts(), room);
            let spaces = " ".repeat(self.drawn.min(room).saturating_sub(width(&line)));
            // A terminal that became narrower has broken the line before in two.
            let erase = if self.drawn > room { "\r\x1b[J" } else { "" };
            // With the cursor at the end, the terminal would write its ^C on the next line.
            self.draw(&format!("{erase}\r{line}{spaces}\r"));
            self.drawn = width(&line);
        } else if self.when == When::Always || is_in_foreground {
            self.due = Some(now + BETWEEN_LINES);
            print_error(&parts().join(", "));
        }
    }

    /// Prints an error where the progress line was.
    pub(crate) fn print_error(&mut self, message: &str) {
        self.end();
        print_error(message);
    }

    /// Removes the line that is drawn over and over, unless the shell has the terminal now.
    pub(crate) fn end(&mut self) {
        if self.drawn > 0 && is_in_foreground() {
            let room = columns().saturating_sub(1);
            let spaces = " ".repeat(self.drawn.min(room));
            // Notebooks know \r and no escapes. The escape, to the end of the screen, removes a line that a narrower
            // terminal has broken in two.
            self.draw(&format!("\r{spaces}\r\x1b[J"));
        }
        self.drawn = 0;
    }

    /// Writes to the terminal at once. A failure is ignored.
    fn draw(&self, text: &str) {
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

/// As many of the first `parts` as fit into `columns`, joined by commas; the first is cut if even that is too long.
fn fit(parts: &[String], columns: usize) -> String {
    let lines = (1..=parts.len()).rev().map(|n| parts[..n].join(", "));
    let mut lines = lines.map(|line| printable(&in_locale(&line)).into_owned());
    let first = || {
        let first = parts.first().map_or("", String::as_str);
        let mut first = printable(&in_locale(first)).into_owned();
        while width(&first) > columns {
            first.pop();
        }
        first
    };
    lines
        .find(|line| width(line) <= columns)
        .unwrap_or_else(first)
}

#[cfg(test)]
mod tests {
    use super::{fit, width};

    #[test]
    fn a_line_fits_any_width_and_loses_its_last_parts_first() {
        let parts = ["7.00 G darts", "2.00 G darts/s", "名前"].map(str::to_owned);
        for columns in 0..60 {
            assert!(width(&fit(&parts, columns)) <= columns, "{columns}");
        }
        assert_eq!(fit(&parts, 34), "7.00 G darts, 2.00 G darts/s, 名前");
        assert_eq!(fit(&parts, 33), "7.00 G darts, 2.00 G darts/s");
        assert_eq!(fit(&parts, 12), "7.00 G darts");
        assert_eq!(fit(&parts, 5), "7.00 ");
        let escape = ["a\x1b[2Jb\n".to_owned()];
        assert_eq!(fit(&escape, 20), "a\\u{1b}[2Jb\\n");
    }
}
