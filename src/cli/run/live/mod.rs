//! `--live`: a run to watch. It counts as ever, on its own threads; the picture is drawn between two steps, on stderr.
//! Slow motion only makes the steps shorter, and waits between them, which is no time of the run. So neither the
//! pace nor a pause can change a hit.

mod board;
mod curve;
mod dots;
mod draw;
mod history;
mod keys;
mod lanes;
mod look;
mod pace;
mod panel;
mod scene;
#[cfg(test)]
mod tests;

use std::env;
use std::mem;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::io::screen::Screen;
use crate::cli::io::signals::{self, Signals};
use crate::cli::io::stdout::ascii;
use crate::cli::run::live::history::History;
use crate::cli::run::live::keys::{Action, action};
use crate::cli::run::live::look::Look;
use crate::cli::run::live::pace::{Due, Pace, Tempo};
use crate::cli::run::live::scene::Scene;
use crate::cli::run::observers::Observers;
use crate::cli::run::start::Run;
use crate::engine::clock::Stopwatch;
use crate::engine::walk::Walk;
use crate::error::Error;

/// The time between two pictures.
const FRAME: Duration = Duration::from_millis(100);

/// The least time that a run is shown: the last picture of a shorter one stays for the rest of it.
const LEAST: Duration = Duration::from_secs(1);

/// A run on the screen.
pub(crate) struct View {
    screen: Screen,
    history: History,
    tempo: Tempo,
    has_help: bool,
    look: Look,
    /// When to draw the next picture.
    due: Instant,
}

impl View {
    /// A view of the run that `walk` begins or resumes.
    pub(crate) fn open(walk: &Walk, observers: &Observers) -> Result<View> {
        Ok(View {
            screen: Screen::open()?,
            history: History::new(walk, observers.marks()),
            tempo: Tempo::new(),
            has_help: false,
            look: Look {
                // See https://no-color.org.
                colour: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
                ascii: ascii(),
            },
            due: Instant::now(),
        })
    }

    /// Counts on from the darts that the run holds already, until its end, a signal or the key that ends it.
    pub(crate) fn count(
        &mut self,
        run: &Run,
        walk: &mut Walk,
        observers: &mut Observers<'_>,
        signals: &Signals,
    ) -> Result<(), Error> {
        if run.is_over(run.resumed) {
            return Ok(());
        }
        let start = Instant::now();
        let mut last = start;
        loop {
            // Between two steps.
            let between = Stopwatch::start();
            let mut stands_still = self.tempo.stands_still();
            if self.screen.obey_signals() {
                stands_still = true;
                last = Instant::now();
                self.due = last;
            }
            let now = Instant::now();
            let due = self.tempo.due(now - mem::replace(&mut last, now));
            self.draw_if_due(run, walk, observers, false);
            let wait = match due {
                Due::Nothing(wait) => wait.min(self.due.saturating_duration_since(Instant::now())),
                _ => Duration::ZERO,
            };
            let keys = self.screen.keys(wait);
            if self.obey(&keys) {
                return Ok(());
            }
            if self.screen.is_lost() && self.tempo.stands_still() {
                self.tempo = Tempo::new();
            }
            if stands_still {
                walk.leave_out(between.spent());
            }
            let left_out = walk.left_out().elapsed;
            let stop = || signals.caught().is_some() || run.is_late(left_out);

            let sims = walk.tally().sims;
            let next_stop = run.next_stop(walk.tally());
            let until = next_stop.min(History::next_point(sims));
            let step = match due {
                // The keys may have changed the pace.
                _ if !keys.is_empty() => Ok(Some(walk.tally())),
                Due::Nothing(_) => Ok(Some(walk.tally())),
                Due::Darts(darts) => walk.step(until.min(sims.saturating_add(darts)), stop),
                Due::Round => walk.step_each(next_stop),
                Due::All => walk.step(until, stop),
            };
            let Some(tally) = step? else { break };
            if tally.sims > sims {
                observers.observe(walk);
                self.history.pass(tally);
            }
            if run.is_over(tally) || observers.is_unread() || stop() {
                break;
            }
        }
        self.linger(start, run, walk, observers, signals);
        if self.screen.is_lost() {
            observers
                .print_error("the terminal was lost; the run went on without '--live'".to_owned());
        }
        Ok(())
    }

    /// Does what the keys say. Returns whether they end the run.
    fn obey(&mut self, keys: &[char]) -> bool {
        for action in keys.iter().filter_map(|key| action(*key)) {
            match action {
                Action::Pause => self.tempo.is_paused ^= true,
                Action::Faster => self.tempo.change(true),
                Action::Slower => self.tempo.change(false),
                Action::Help => self.has_help ^= true,
                Action::Interrupt => signals::interrupt(),
                Action::End => return true,
            }
            self.due = Instant::now();
        }
        false
    }

    /// Draws the run if it is time to.
    fn draw_if_due(&mut self, run: &Run, walk: &Walk, observers: &Observers, is_over: bool) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        self.due = now + FRAME;
        self.history.look_at(walk, now);
        let tally = walk.tally();
        // Slow motion has no rate, and no end in sight.
        let counted = (tally.sims - run.resumed.sims) as f64;
        let spent = walk.spent().elapsed.as_secs_f64();
        let is_full = self.tempo.pace() == Pace::Full && spent > 0.0;
        let rate = is_full.then(|| counted / spent);
        let left = rate.and_then(|rate| run.left(tally, rate, walk.left_out().elapsed));
        let scene = Scene {
            seed: run.plan.seed(),
            sims: run.sims(),
            tally,
            darts: &self.history.darts,
            points: &self.history.points,
            workers: &self.history.workers,
            rate,
            left: left.filter(|_| !is_over),
            pace: self.tempo.pace(),
            is_paused: self.tempo.is_paused,
            is_over,
            has_help: self.has_help,
            note: observers.held().last().map(String::as_str),
            look: self.look,
        };
        self.screen
            .draw(|frame| draw::draw(frame.buffer_mut(), &scene));
    }

    /// Shows the end of a short run until there was time to see it, or if it is paused, until a key ends that.
    fn linger(
        &mut self,
        start: Instant,
        run: &Run,
        walk: &Walk,
        observers: &Observers,
        signals: &Signals,
    ) {
        loop {
            let rest = LEAST.saturating_sub(start.elapsed());
            let is_seen = rest.is_zero() && !self.tempo.is_paused;
            if is_seen || signals.caught().is_some() || observers.is_unread() {
                return;
            }
            self.screen.obey_signals();
            self.draw_if_due(run, walk, observers, true);
            let keys = self.screen.keys(FRAME);
            if self.obey(&keys) || !self.screen.is_shown() {
                return;
            }
        }
    }
}
