//! How a run goes, on stderr: one line drawn over and over on a terminal, or if it is asked for anyway,
//! a line now and then. Nothing at all in the first half second. Not here: what the line says.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use pi_mc::{Tally, report};

use super::args::When;
use super::ends::Ends;
use super::output::{complain, to_line_start};

/// A run that is over by then shows nothing.
const FIRST: Duration = Duration::from_millis(500);
/// Between lines that stay.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Progress of a run; see the module.
pub(super) struct Progress {
    /// The line on a terminal; none if lines are to stay.
    bar: Option<ProgressBar>,
    start: Instant,
    /// When there is something to show; never, if nobody wants it.
    due: Option<Instant>,
    /// The darts counted before this run.
    before: u64,
}

impl Progress {
    pub(super) fn new(when: When, before: Tally) -> Result<Progress> {
        let (start, on_terminal) = (Instant::now(), io::stderr().is_terminal());
        let wanted = when == When::Always || (when == When::Auto && on_terminal);
        let bar = match wanted && on_terminal {
            true => {
                Some(ProgressBar::no_length().with_style(ProgressStyle::with_template("{msg}")?))
            }
            false => None,
        };
        Ok(Progress {
            bar,
            start,
            due: wanted.then_some(start + FIRST),
            before: before.sims,
        })
    }

    /// Shows how far a run is that `ends` end, if it is time to.
    pub(super) fn seen(&mut self, tally: Tally, ends: &Ends) {
        let now = Instant::now();
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        let rate = (tally.sims - self.before) as f64 / (now - self.start).as_secs_f64();
        let line = report::progress(tally, ends.sims(), rate, ends.left(tally, rate, now));
        match &self.bar {
            Some(bar) => {
                bar.set_message(line);
                to_line_start();
            }
            None => {
                complain(&line);
                self.due = Some(now + BETWEEN_LINES);
            }
        }
    }

    /// Says on stderr what went wrong, and leaves the progress where it is.
    pub(super) fn complain(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| complain(message)),
            None => complain(message),
        }
    }

    /// Removes what is drawn over and over.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
