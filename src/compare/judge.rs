//! Judges rows: compares the hits with serial's first, and gives only right ones a speed. Functions of numbers;
//! nothing is measured here.

use std::cmp::Ordering;
use std::iter;
use std::num::NonZero;

use crate::compare::busy;
use crate::compare::row::{Reason, Row, SHORT_S, Scaling, Status, TimedRun};
use crate::compare::stats::{self, ALPHA, Corrected, Logs, Times};
use crate::compare::strategy::{Strategy, same_seed};
use crate::compare::trial::Trial;
use crate::darts::tally::Tally;
use crate::darts::tally::counted;
use crate::result::estimate::{Estimate, Interval};

/// Speed-ups from 1/1.02 to 1.02 count as the same speed as serial's.
pub const MARGIN: f64 = 0.02;

/// Standard deviations above this share of the mean are the sign of a busy machine.
const BUSY: f64 = 0.05;

impl Row {
    /// Judges a trial of at least one run on its own. Each run was timed in the same round as the run of
    /// `serial` at its index. The machine has `cores`.
    pub fn judge(trial: &Trial, serial: &Trial, scaling: Scaling, cores: usize) -> Row {
        let logs = trial.speed_ups(serial);
        let [test] = stats::corrected(&[logs])[..] else {
            unreachable!("one test for one row");
        };
        judged(trial, serial, logs, test, (scaling, cores))
    }

    /// Judges trials of at least one run each, serial first. Several rows are several tests, so p-values,
    /// intervals and verdicts are corrected for their number by Holm's method.
    pub fn judge_all(trials: &[Trial], scaling: Scaling, cores: usize) -> Vec<Row> {
        let Some(serial) = trials.first() else {
            return Vec::new();
        };
        let speed_ups: Vec<_> = trials.iter().map(|trial| trial.speed_ups(serial)).collect();
        // Serial is not compared with itself.
        let tests = iter::once(None).chain(stats::corrected(&speed_ups[1..]));
        let rows = trials.iter().zip(speed_ups).zip(tests);
        rows.map(|((trial, logs), test)| judged(trial, serial, logs, test, (scaling, cores)))
            .collect()
    }
}

/// Judges one trial by its speed-ups over `serial`, if it has any, and the corrected test of them.
fn judged(
    trial: &Trial,
    serial: &Trial,
    logs: Option<Logs>,
    test: Option<Corrected>,
    (scaling, cores): (Scaling, usize),
) -> Row {
    let sims = trial.plan.sims();
    let times = trial.times();
    let shown_run = trial.worst_run();
    let hits = trial
        .runs
        .get(shown_run)
        .map_or(trial.serial_hits, |run| run.hits);
    let estimate = Estimate::of(Tally { sims, hits });
    let distinct = trial.distinct_darts();
    let repeats = (distinct < sims).then(|| same_seed::repeats(&trial.plan, trial.workers));
    let speed_up = logs.map(|logs| logs.ratio(test.map_or(ALPHA, |test| test.alpha)));
    let over_serial = speed_up.filter(|_| trial.strategy != Strategy::Serial);
    let workers = trial.workers.get();
    let (status, reason) = match (by_answer(trial, hits, distinct), &logs) {
        (Some(status), _) => (status, None),
        (None, Some(logs)) => by_speed(trial, serial, logs, test, cores),
        (None, None) => (Status::Wrong, None),
    };
    Row {
        strategy: trial.strategy.clone(),
        workers,
        sims,
        mean_s: times.mean_s,
        sd_s: times.sd_s,
        min_s: times.min_s,
        cpu_s: trial.cpu_s(),
        cores_wanted: trial.cores_wanted,
        speed_up,
        hand_overs: trial.hand_overs(),
        p: test.map(|test| test.p),
        efficiency: over_serial.map(|ratio| ratio.value / workers as f64),
        serial_fraction: over_serial
            .and_then(|ratio| serial_fraction(ratio.value, workers, scaling)),
        sims_per_s: speed_up.map(|_| sims as f64 / times.mean_s),
        shown_run,
        hits,
        serial_hits: trial.serial_hits,
        lost: (trial.strategy != Strategy::SameSeed)
            .then(|| trial.serial_hits.saturating_sub(hits)),
        distinct,
        pi: estimate.pi,
        std_error: estimate.known_error(),
        honest_error: repeats.and_then(|n| Some(estimate.known_error()? * n.sqrt())),
        status,
        reason,
        verdict: sentence((status, reason), trial, serial, hits, distinct),
        runs: trial.runs.clone(),
    }
}

impl Trial {
    /// The index of the run whose hits are farthest from serial's; the first of several.
    fn worst_run(&self) -> usize {
        let off = |index: &usize| self.runs[*index].hits.abs_diff(self.serial_hits);
        (0..self.runs.len()).rev().max_by_key(off).unwrap_or(0)
    }

    /// How many different darts each run threw.
    fn distinct_darts(&self) -> u64 {
        if self.strategy == Strategy::SameSeed {
            same_seed::distinct_darts(&self.plan, self.workers)
        } else {
            self.plan.sims()
        }
    }

    /// The speed-ups over `serial`, each from two runs of the same round; `None` unless every run is an
    /// answer: serial's hits, from darts that all differ. Repeated darts may give serial's hits by chance, or
    /// because there are too few darts to repeat.
    fn speed_ups(&self, serial: &Trial) -> Option<Logs> {
        let is_shared = self.workers > NonZero::<usize>::MIN;
        let is_right = self.runs.iter().all(|run| run.hits == self.serial_hits)
            && !(self.strategy == Strategy::SameSeed && is_shared);
        let rate = |trial: &Trial, run: &TimedRun| trial.plan.sims() as f64 / run.elapsed_s;
        let pairs = self.runs.iter().zip(&serial.runs);
        is_right.then(|| Logs::of(pairs.map(|(run, base)| rate(self, run) / rate(serial, base))))
    }
}

/// See [`Row::serial_fraction`]. `None` for one worker.
fn serial_fraction(speed_up: f64, workers: usize, scaling: Scaling) -> Option<f64> {
    let w = workers as f64;
    (workers > 1).then(|| match scaling {
        Scaling::Strong => (1.0 / speed_up - 1.0 / w) / (1.0 - 1.0 / w),
        Scaling::Weak => (w - speed_up) / (w - 1.0),
    })
}

/// The status of a trial by its answers alone; `None` if its speed decides.
fn by_answer(trial: &Trial, hits: u64, distinct: u64) -> Option<Status> {
    let is_shared = trial.workers > NonZero::<usize>::MIN;
    match trial.strategy.known() {
        Some(Strategy::SameSeed) if distinct < trial.plan.sims() => Some(Status::Repeated),
        Some(Strategy::Race) if hits < trial.serial_hits => Some(Status::Lost),
        _ if hits != trial.serial_hits => Some(Status::Wrong),
        Some(Strategy::Serial) => Some(Status::Baseline),
        Some(Strategy::Race) if is_shared => Some(Status::Lucky),
        Some(Strategy::SameSeed) if is_shared => Some(Status::TooFewDarts),
        _ => None,
    }
}

/// The status of a right answer by its speed.
fn by_speed(
    trial: &Trial,
    serial: &Trial,
    logs: &Logs,
    test: Option<Corrected>,
    cores: usize,
) -> (Status, Option<Reason>) {
    // However sharp the ratio is, it is the ratio for the cores that the two got.
    if [trial, serial].map(busy::shortfall_of_trial) != [None; 2] {
        let ratio = logs.ratio(ALPHA).value;
        let [own, of_serial] = [trial, serial].map(|trial| busy::stretch(trial, cores));
        let status = match busy::told_from_1(ratio, own, of_serial) {
            Some(Ordering::Less) => Status::Slower,
            Some(_) => Status::Faster,
            None => Status::CannotTell,
        };
        return (status, Some(Reason::BusyMachine));
    }
    let interval = test.and_then(|test| Some((test, logs.interval(test.alpha)?)));
    let Some((test, Interval { low, high })) = interval else {
        return (Status::CannotTell, Some(Reason::TooFewRuns));
    };
    if 1.0 / (1.0 + MARGIN) <= low && high <= 1.0 + MARGIN {
        (Status::Same, None)
    } else if test.p > ALPHA {
        (Status::CannotTell, Some(reason(trial, serial)))
    } else if low > 1.0 {
        (Status::Faster, None)
    } else {
        (Status::Slower, None)
    }
}

/// The likeliest reason why several runs do not show a speed.
fn reason(trial: &Trial, serial: &Trial) -> Reason {
    let both = [trial.times(), serial.times()];
    let is_busy = |times: &Times| times.sd_s.is_some_and(|sd| sd > BUSY * times.mean_s);
    if both.iter().any(|times| times.mean_s < SHORT_S) {
        Reason::TooShort
    } else if trial.runs.len() > 2 && both.iter().any(is_busy) {
        Reason::BusyMachine
    } else {
        Reason::TooFewRuns
    }
}

/// A status as a sentence, with the losses in numbers. Without a comma, so that a spreadsheet takes it as one
/// field.
fn sentence(
    (status, reason): (Status, Option<Reason>),
    trial: &Trial,
    serial: &Trial,
    hits: u64,
    distinct: u64,
) -> String {
    let serial_hits = trial.serial_hits;
    let is_busy = reason == Some(Reason::BusyMachine);
    let text = match status {
        Status::Baseline => "the baseline",
        Status::Faster if is_busy => "faster than serial though the machine was busy",
        Status::Slower if is_busy => "slower than serial though the machine was busy",
        Status::Faster => "faster than serial",
        Status::Slower => "slower than serial",
        Status::Same => "the same as serial within 2 %",
        Status::CannotTell => match (reason, [trial, serial].map(busy::shortfall_of_trial)) {
            (Some(Reason::BusyMachine), [Some(cores), _]) => {
                return format!("cannot tell: the machine was busy ({cores})");
            }
            (Some(Reason::BusyMachine), [None, Some(cores)]) => {
                return format!("cannot tell: the machine was busy (serial: {cores})");
            }
            (Some(Reason::BusyMachine), [None, None]) => "cannot tell: the machine is busy",
            (Some(Reason::TooShort), _) => "cannot tell: the runs are too short",
            (Some(Reason::TooFewRuns) | None, _) => "cannot tell: too few runs",
        },
        Status::Lucky => "lost no hit this time; still a race",
        Status::TooFewDarts => {
            "no dart is repeated yet: the lesson needs more than one chunk of darts"
        }
        Status::Lost => {
            let lost = serial_hits - hits;
            let share = 100.0 * lost as f64 / serial_hits as f64;
            let all = counted(serial_hits, "hit");
            return format!("wrong: the race lost {lost} of {all} ({share:.2} %)");
        }
        Status::Repeated => {
            let sims = trial.plan.sims();
            return format!("wrong: {sims} darts thrown but only {distinct} distinct");
        }
        Status::Wrong if hits < serial_hits => {
            return format!(
                "WRONG: {} fewer than serial",
                counted(serial_hits - hits, "hit")
            );
        }
        Status::Wrong => {
            return format!(
                "WRONG: {} more than serial",
                counted(hits - serial_hits, "hit")
            );
        }
    };
    text.to_owned()
}
