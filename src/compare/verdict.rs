//! What to think of a row: a status that a program can test, and the same as a sentence. Functions of
//! numbers; nothing is measured here.

use std::num::NonZero;

use serde::{Deserialize, Serialize};

use crate::compare::busy;
use crate::compare::judge::{Row, Trial};
use crate::compare::stats::{ALPHA, Corrected, Logs};
use crate::compare::strategy::Strategy;
use crate::result::estimate::Interval;

/// Speed-ups from 1/1.02 to 1.02 are the same as serial's.
pub const MARGIN: f64 = 0.02;

/// Shorter runs than this show more of the machine's noise than of the strategy.
pub const SHORT_S: f64 = 0.02;

/// Standard deviations of more than this share of the mean are those of a busy machine.
const BUSY: f64 = 0.05;

/// What to think of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is serial, which the others are held to.
    Baseline,
    /// Right, and faster than serial.
    Faster,
    /// Right, and slower than serial.
    Slower,
    /// Right, and the whole interval of the speed-up lies within [`MARGIN`] of 1.
    Same,
    /// Right, but how fast is not known; [`Reason`] says why.
    CannotTell,
    /// A race that happened to lose nothing.
    Lucky,
    /// A race that lost hits.
    Lost,
    /// Darts were thrown more than once.
    Repeated,
    /// Too few darts for any to be thrown more than once.
    TooFewDarts,
    /// A strategy that should give serial's hits gave others.
    Wrong,
}

/// Why a speed-up is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// One run, or few that differ.
    TooFewRuns,
    /// The row or serial got far fewer cores than it wanted (see [`busy`]), or the times of the same work
    /// differ widely.
    BusyMachine,
    /// The runs are over before the noise is.
    TooShort,
}

impl Status {
    /// The name, as in JSON and CSV.
    pub fn name(self) -> &'static str {
        match self {
            Status::Baseline => "baseline",
            Status::Faster => "faster",
            Status::Slower => "slower",
            Status::Same => "same",
            Status::CannotTell => "cannot-tell",
            Status::Lucky => "lucky",
            Status::Lost => "lost",
            Status::Repeated => "repeated",
            Status::TooFewDarts => "too-few-darts",
            Status::Wrong => "wrong",
        }
    }

    /// Whether the row's hits are no answer.
    pub fn is_wrong(self) -> bool {
        matches!(self, Status::Lost | Status::Repeated | Status::Wrong)
    }
}

impl Reason {
    /// The name, as in JSON and CSV.
    pub fn name(self) -> &'static str {
        match self {
            Reason::TooFewRuns => "too-few-runs",
            Reason::BusyMachine => "busy-machine",
            Reason::TooShort => "too-short",
        }
    }
}

/// The status of a trial by its answers alone; none if only its speed decides.
pub(crate) fn by_answer(trial: &Trial, hits: u64, distinct: u64) -> Option<Status> {
    let shared = trial.workers > NonZero::<usize>::MIN;
    match trial.strategy {
        Strategy::SameSeed if distinct < trial.plan.sims() => Some(Status::Repeated),
        Strategy::Race if hits < trial.serial_hits => Some(Status::Lost),
        _ if hits != trial.serial_hits => Some(Status::Wrong),
        Strategy::Serial => Some(Status::Baseline),
        Strategy::Race if shared => Some(Status::Lucky),
        Strategy::SameSeed if shared => Some(Status::TooFewDarts),
        _ => None,
    }
}

/// The status of a right answer by its speed: the ratios of its runs to serial's, as the test of them
/// was corrected.
pub(crate) fn by_speed(
    row: &Row,
    serial: &Row,
    logs: &Logs,
    test: Option<Corrected>,
) -> (Status, Option<Reason>) {
    // However sharp the ratio is, it is that of the cores that they got.
    if busy::worst([row, serial]).is_some() {
        return (Status::CannotTell, Some(Reason::BusyMachine));
    }
    let Some((test, Interval { low, high })) =
        test.and_then(|test| Some((test, logs.interval(test.alpha)?)))
    else {
        return (Status::CannotTell, Some(Reason::TooFewRuns));
    };
    if 1.0 / (1.0 + MARGIN) <= low && high <= 1.0 + MARGIN {
        (Status::Same, None)
    } else if test.p > ALPHA {
        (Status::CannotTell, Some(reason(row, serial)))
    } else if low > 1.0 {
        (Status::Faster, None)
    } else {
        (Status::Slower, None)
    }
}

/// The likeliest reason why a row of several runs does not show its speed.
fn reason(row: &Row, serial: &Row) -> Reason {
    let both = [row.times, serial.times];
    let is_busy = |sd: f64, mean: f64| sd > BUSY * mean;
    if both.iter().any(|times| times.mean_s < SHORT_S) {
        Reason::TooShort
    } else if row.runs.len() > 2
        && both
            .iter()
            .any(|times| times.sd_s.is_some_and(|sd| is_busy(sd, times.mean_s)))
    {
        Reason::BusyMachine
    } else {
        Reason::TooFewRuns
    }
}

/// The row's status as a sentence, with what was lost in numbers; `serial` is what its speed was held to. It
/// has no comma, so that a spreadsheet takes it as one field.
pub(crate) fn sentence(row: &Row, serial: Option<&Row>) -> String {
    let Row {
        sims,
        hits,
        serial_hits,
        distinct,
        ..
    } = *row;
    match (row.status, row.reason) {
        (Status::Baseline, _) => "the baseline".to_owned(),
        (Status::Faster, _) => "faster than serial".to_owned(),
        (Status::Slower, _) => "slower than serial".to_owned(),
        (Status::Same, _) => "the same as serial within 2 %".to_owned(),
        (Status::CannotTell, Some(Reason::BusyMachine)) => {
            let of_serial = || serial.and_then(busy::shortfall);
            match (busy::shortfall(row), of_serial()) {
                (Some(cores), _) => format!("cannot tell: the machine was busy ({cores})"),
                (None, Some(cores)) => {
                    format!("cannot tell: the machine was busy (serial: {cores})")
                }
                (None, None) => "cannot tell: the machine is busy".to_owned(),
            }
        }
        (Status::CannotTell, Some(Reason::TooShort)) => {
            "cannot tell: the runs are too short".to_owned()
        }
        (Status::CannotTell, _) => "cannot tell: too few runs".to_owned(),
        (Status::Lucky, _) => "lost no hit this time; still a race".to_owned(),
        (Status::TooFewDarts, _) => {
            "no dart is repeated yet: the lesson needs more than one chunk of darts".to_owned()
        }
        (Status::Lost, _) => {
            let lost = serial_hits - hits;
            let share = 100.0 * lost as f64 / serial_hits as f64;
            format!("wrong: the race lost {lost} of {serial_hits} hits ({share:.2} %)")
        }
        (Status::Repeated, _) => {
            format!("wrong: {sims} darts thrown but only {distinct} distinct")
        }
        (Status::Wrong, _) if hits < serial_hits => {
            format!("WRONG: {} hits fewer than serial", serial_hits - hits)
        }
        (Status::Wrong, _) => format!("WRONG: {} hits more than serial", hits - serial_hits),
    }
}
