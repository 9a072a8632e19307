//! The gate: compares the hits with serial's first, and gives only right ones a speed.

use std::num::NonZero;

use serde::Serialize;

use super::Scaling;
use super::strategy::{Strategy, distinct_darts};
use super::timing::{Ratio, Times};
use crate::estimate::Estimate;
use crate::plan::Plan;
use crate::tally::Tally;

/// One timed run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Timed {
    /// Seconds it took.
    pub elapsed_s: f64,
    /// The hits it gave.
    pub hits: u64,
}

/// A strategy on a number of workers and what it did, before it is judged.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The strategy.
    pub strategy: Strategy,
    /// The darts of each run.
    pub plan: Plan,
    /// The workers.
    pub workers: NonZero<usize>,
    /// The hits that serial gives for these darts.
    pub serial_hits: u64,
    /// Every timed run, in order.
    pub runs: Vec<Timed>,
}

/// A strategy on a number of workers, judged.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The strategy's name.
    pub strategy: Strategy,
    /// Workers asked for; there are never more than chunks.
    pub workers: usize,
    /// Darts thrown in each run.
    pub sims: u64,
    /// Mean, standard deviation and minimum of the seconds.
    #[serde(flatten)]
    pub times: Times,
    /// How many times serial's darts a second, if all hits are serial's. With strong scaling that
    /// is the ratio of the times, with weak scaling Gustafson's scaled speed-up.
    pub speed_up: Option<Ratio>,
    /// `speed_up` over `workers`: 1 is perfect.
    pub efficiency: Option<f64>,
    /// The share of the work that behaves as if it were serial: with strong scaling Karp and
    /// Flatt's (1/S - 1/w) / (1 - 1/w) (CACM 33, 1990), with weak scaling Gustafson's
    /// (w - S) / (w - 1). Below 0 where workers help each other, as by their caches.
    pub serial_fraction: Option<f64>,
    /// Darts a second in the mean, if all hits are serial's.
    pub sims_per_s: Option<f64>,
    /// The hits of the run that is farthest from serial's.
    pub hits: u64,
    /// The hits that serial gives for these darts.
    pub serial_hits: u64,
    /// What to think of it, in words.
    pub verdict: String,
    /// Every timed run, in order.
    pub runs: Vec<Timed>,
}

impl Trial {
    /// A trial of `plan` that has not run yet.
    pub fn new(strategy: Strategy, plan: Plan, workers: NonZero<usize>, serial_hits: u64) -> Trial {
        Trial {
            strategy,
            plan,
            workers,
            serial_hits,
            runs: Vec::new(),
        }
    }

    /// The hits of the run that is farthest from serial's.
    fn worst_hits(&self) -> u64 {
        self.runs
            .iter()
            .map(|run| run.hits)
            .max_by_key(|hits| hits.abs_diff(self.serial_hits))
            .unwrap_or(self.serial_hits)
    }

    /// How many different darts each run threw.
    fn distinct_darts(&self) -> u64 {
        if self.strategy == Strategy::SameSeed {
            distinct_darts(&self.plan, self.workers)
        } else {
            self.plan.sims()
        }
    }

    /// Whether every run is an answer: serial's hits, and of darts that all differ. The hits of
    /// repeated darts may be serial's by chance.
    fn is_right(&self) -> bool {
        self.worst_hits() == self.serial_hits && self.distinct_darts() == self.plan.sims()
    }

    /// How many times serial's darts a second: each run over the run of `serial` at its place.
    fn speed_up(&self, serial: &Trial) -> Ratio {
        let rate = |trial: &Trial, run: &Timed| trial.plan.sims() as f64 / run.elapsed_s;
        let pairs = self.runs.iter().zip(&serial.runs);
        Ratio::of(pairs.map(|(run, base)| rate(self, run) / rate(serial, base)))
    }
}

impl Row {
    /// Judges a trial of at least one run. Each run was timed in the same round as the run of
    /// `serial` at its place.
    pub fn judge(trial: &Trial, serial: &Trial, scaling: Scaling) -> Row {
        let times = Times::of(trial.runs.iter().map(|run| run.elapsed_s));
        let mut row = Row {
            strategy: trial.strategy,
            workers: trial.workers.get(),
            sims: trial.plan.sims(),
            times,
            speed_up: None,
            efficiency: None,
            serial_fraction: None,
            sims_per_s: None,
            hits: trial.worst_hits(),
            serial_hits: trial.serial_hits,
            verdict: String::new(),
            runs: trial.runs.clone(),
        };
        if trial.is_right() {
            let speed_up = trial.speed_up(serial);
            row.speed_up = Some(speed_up);
            row.sims_per_s = Some(row.sims as f64 / times.mean_s);
            if trial.strategy != Strategy::Serial {
                row.efficiency = Some(speed_up.mean / row.workers as f64);
                row.serial_fraction = serial_fraction(speed_up.mean, trial.workers, scaling);
            }
        }
        row.verdict = verdict(&row, trial.distinct_darts());
        row
    }
}

/// See [`Row::serial_fraction`]. One worker has none.
fn serial_fraction(speed_up: f64, workers: NonZero<usize>, scaling: Scaling) -> Option<f64> {
    let w = workers.get() as f64;
    (w > 1.0).then(|| match scaling {
        Scaling::Strong => (1.0 / speed_up - 1.0 / w) / (1.0 - 1.0 / w),
        Scaling::Weak => (w - speed_up) / (w - 1.0),
    })
}

/// What to think of a row, in words and, where it is wrong, in numbers.
fn verdict(row: &Row, distinct: u64) -> String {
    let Row {
        sims,
        hits,
        serial_hits,
        ..
    } = *row;
    match row.strategy {
        Strategy::SameSeed if distinct < sims => {
            let estimate = Estimate::of(Tally { sims, hits });
            let off = (estimate.pi - std::f64::consts::PI).abs() / estimate.std_error;
            format!(
                "wrong, as repeated darts are: {sims} thrown, {distinct} distinct; \
                 {off:.1} standard errors off π"
            )
        }
        Strategy::Race if hits != serial_hits => {
            let lost = serial_hits.saturating_sub(hits);
            let share = 100.0 * lost as f64 / serial_hits as f64;
            format!("wrong, as a race is: lost {lost} of {serial_hits} hits ({share:.2} %)")
        }
        Strategy::Race if row.workers > 1 => "lost no hit this time; still a race".to_owned(),
        _ if hits < serial_hits => {
            format!("WRONG: {} hits fewer than serial", serial_hits - hits)
        }
        _ if hits > serial_hits => {
            format!("WRONG: {} hits more than serial", hits - serial_hits)
        }
        Strategy::Serial => "the baseline".to_owned(),
        _ => conclusion(row.speed_up).to_owned(),
    }
}

/// What to think of the speed of a right answer.
fn conclusion(speed_up: Option<Ratio>) -> &'static str {
    match speed_up {
        Some(Ratio { ci95: None, .. }) => "inconclusive: one run does not show its noise",
        Some(ratio) if ratio.is_inconclusive() => "inconclusive: less than the noise",
        Some(ratio) if ratio.mean > 1.0 => "faster than serial",
        _ => "slower than serial",
    }
}
