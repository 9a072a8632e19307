//! Shows a command's progress on stderr. A terminal shows one line that is drawn over and over. A dumb terminal, and
//! any other stderr if asked for, gets a line now and then. A command of less than half a second shows nothing.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::io::failure::print_error;
use crate::cli::io::stdout::{in_locale, is_dumb};

/// Time from the start to the first line.
const FIRST: Duration = Duration::from_millis(500);
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
#[derive(Clone)]
pub(crate) struct Progress {
    /// The line on a terminal; `None` if lines stay.
    bar: Option<ProgressBar>,
    /// When to show the next line; `None` for never.
    due: Option<Instant>,
}

impl Progress {
    /// A display that shows nothing yet.
    pub(crate) fn new(when: When) -> Result<Progress> {
        let on_terminal = io::stderr().is_terminal();
        let wanted = when == When::Always || (when == When::Auto && on_terminal);
        let bar = if wanted && on_terminal && !is_dumb() {
            let style = ProgressStyle::with_template("{msg}")?;
            Some(ProgressBar::no_length().with_style(style))
        } else {
            None
        };
        Ok(Progress {
            bar,
            due: wanted.then(|| Instant::now() + FIRST),
        })
    }

    /// Shows `line` if it is due.
    pub(crate) fn show(&mut self, line: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        match &self.bar {
            Some(bar) => {
                bar.set_message(in_locale(&line()).into_owned());
                to_line_start();
            }
            None => {
                print_error(&line());
                self.due = Some(now + BETWEEN_LINES);
            }
        }
    }

    /// Prints an error, and keeps the progress line below it.
    pub(crate) fn print_error(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| print_error(message)),
            None => print_error(message),
        }
    }

    /// Removes the line that is drawn over and over.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Moves the cursor to the start of the terminal's line. If it stayed at the end, the terminal would write its ^C on the
/// next line, and clearing would leave this one behind. A failure is ignored.
fn to_line_start() {
    let _ = io::stderr().write_all(b"\r");
}
