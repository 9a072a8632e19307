//! A comparison while it runs: its progress, and what a signal leaves of it. The library times runs that cannot be
//! interrupted, so a thread of its own waits for signals, and prints the rounds that are complete.

use std::mem;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::io::failure::print_error;
use crate::cli::io::progress::{Progress, When};
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::is_unread;
use crate::compare::measure::RunsDone;
use crate::compare::row::Comparison;
use crate::report;

/// How often to check whether to stop: too seldom to slow the runs that are timed.
const LOOK: Duration = Duration::from_millis(50);

/// A comparison that runs.
#[derive(Clone)]
pub(crate) struct Rounds(Arc<Mutex<State>>);

struct State {
    progress: Progress,
    /// A line of progress that was not due when its run began. The thread that waits for signals shows it.
    waiting: Option<Vec<String>>,
    /// A comparison of each size that has a complete round.
    complete: Vec<Comparison>,
    /// The size that is being compared, and its complete rounds.
    place: (usize, usize),
    sizes: usize,
    /// When the size was begun.
    began: Instant,
    /// Whether all rows are complete and only timelines are missing.
    is_at_timelines: bool,
    /// Whether the comparison's results are about to be printed as always.
    is_over: bool,
}

impl Rounds {
    /// Begins to wait for signals, and if `is_for_stdout`, for a closed stdout. A signal ends the program: it calls
    /// `print` with what is complete. Worker processes then end by themselves, since their stdin closes. If the system
    /// refuses a thread for it, the comparison only ends later.
    pub(crate) fn watch(
        is_for_stdout: bool,
        print: impl Fn(Vec<Comparison>) + Send + 'static,
    ) -> Result<Rounds> {
        let rounds = Rounds(Arc::new(Mutex::new(State {
            progress: Progress::new(When::Auto),
            waiting: Some(vec![
                "counting the hits that every row must have".to_owned(),
            ]),
            complete: Vec::new(),
            place: (0, 0),
            sizes: 1,
            began: Instant::now(),
            is_at_timelines: false,
            is_over: false,
        })));
        let (signals, watched) = (Signals::watch()?, rounds.clone());
        let watch = move || {
            loop {
                thread::sleep(LOOK);
                let caught = signals.caught();
                // A run that ends now waits for the lock, and is not counted.
                let mut state = watched.lock();
                if caught.is_none() && !(is_for_stdout && is_unread()) {
                    state.show_waiting();
                    continue;
                }
                if state.is_over {
                    signals.stop_at_second();
                    return;
                }
                state.progress.end();
                let Some(code) = caught else {
                    process::exit(0);
                };
                signals.stop_at_second();
                state.print(&print);
                process::exit(code.into());
            }
        };
        let _ = thread::Builder::new().spawn(watch);
        Ok(rounds)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a run is done, and shows what is next.
    pub(crate) fn note(&self, runs: &RunsDone) {
        let mut state = self.lock();
        let state = &mut *state;
        let (size, sizes) = runs.size;
        let place = (size, runs.rounds());
        let before = mem::replace(&mut state.place, place);
        state.sizes = sizes;
        if place.0 != before.0 {
            state.began = Instant::now();
        }
        if place != before {
            state.complete.truncate(size - 1);
            state.complete.extend(runs.comparison());
        }
        let began = state.began;
        // Drawn between runs, and once in a long run: more often would slow what is timed.
        state.waiting = Some(parts(runs, began));
        state.show_waiting();
    }

    /// Shows how many timelines are recorded.
    pub(crate) fn show(&self, line: String) {
        let mut state = self.lock();
        state.is_at_timelines = true;
        state.waiting = Some(vec![line]);
        state.show_waiting();
    }

    /// Ends the progress. From now on a signal does not print anything.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.waiting = None;
        state.progress.end();
        state.is_over = true;
    }
}

impl State {
    /// Shows the line that waits, if it is due.
    fn show_waiting(&mut self) {
        let waiting = &mut self.waiting;
        if waiting.is_some() {
            self.progress.show(|| waiting.take().unwrap_or_default());
        }
    }

    /// Prints what is complete.
    fn print(&mut self, print: impl Fn(Vec<Comparison>)) {
        let complete = mem::take(&mut self.complete);
        if complete.is_empty() {
            print_error("interrupted before a round of timed runs was complete: no row to show");
            return;
        }
        if self.is_at_timelines {
            print_error(
                "interrupted after all runs, while timelines were recorded: none is written",
            );
        }
        if complete.len() < self.sizes {
            print_error(&format!(
                "interrupted after {} of {} numbers of darts",
                complete.len(),
                self.sizes
            ));
        }
        print(complete);
    }
}

/// The row at work, the runs that are done and the time left.
fn parts(runs: &RunsDone, began: Instant) -> Vec<String> {
    let row = runs.next().map_or_else(String::new, |(strategy, workers)| {
        format!("{strategy} on {workers}: ")
    });
    let size = match runs.size {
        (_, 1) => String::new(),
        (size, sizes) => format!("size {size} of {sizes}, "),
    };
    let (done, total) = (runs.done, runs.total);
    // Rows differ, but every round runs each of them once.
    let left = (done > 0).then(|| {
        began
            .elapsed()
            .div_f64(done as f64)
            .mul_f64((total - done) as f64)
    });
    let runs = format!("{size}{row}{done} of {total} runs");
    [Some(runs), left.map(report::time_left)]
        .into_iter()
        .flatten()
        .collect()
}
