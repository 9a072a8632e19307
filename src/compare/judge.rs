//! The gate: compares the hits with serial's first, and gives only right ones a speed.

use std::num::NonZero;

use serde::{Deserialize, Serialize};

use crate::compare::Scaling;
use crate::compare::stats::{self, ALPHA, Corrected, Logs, Measured, Times};
use crate::compare::strategy::{Strategy, same_seed};
use crate::compare::verdict::{self, Reason, Status};
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::result::estimate::Estimate;

/// Some systems count processor time in ticks of 10 ms: all runs of a row together must be long beside that.
const LONG_BESIDE_TICKS_S: f64 = 0.1;

/// One timed run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// Seconds it took.
    pub elapsed_s: f64,
    /// Seconds of processor time that it took, in user and system mode, all threads and the processes that
    /// it started together. Not known where the system does not tell, as on Windows.
    pub cpu_s: Option<f64>,
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
    /// The cores that it would keep at work on an idle machine, if that is known; see [`Row::cores_wanted`].
    pub cores_wanted: Option<f64>,
    /// Every timed run, in order.
    pub runs: Vec<Timed>,
}

/// A strategy on a number of workers, judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// The mean of the runs' `cpu_s`; not known unless each has one.
    pub cpu_s: Option<f64>,
    /// The cores that it would keep at work from start to end on an idle machine. Not known of ways in which
    /// workers sleep by design, as at a lock, in a queue or for their input.
    pub cores_wanted: Option<f64>,
    /// How many times serial's darts a second, if all hits are serial's. With strong scaling that
    /// is the ratio of the times, with weak scaling Gustafson's scaled speed-up.
    pub speed_up: Option<Measured>,
    /// How likely such a speed-up is by chance alone, corrected for the number of rows; unknown for a
    /// single run, and for serial itself.
    pub p: Option<f64>,
    /// `speed_up` over `workers`: 1 is perfect.
    pub efficiency: Option<f64>,
    /// The share of the work that behaves as if it were serial: with strong scaling Karp and
    /// Flatt's (1/S - 1/w) / (1 - 1/w) (CACM 33, 1990), with weak scaling Gustafson's
    /// (w - S) / (w - 1). Below 0 where workers help each other, as by their caches.
    pub serial_fraction: Option<f64>,
    /// Darts a second in the mean, if all hits are serial's.
    pub sims_per_s: Option<f64>,
    /// Which of `runs`, from 0, is farthest from serial's hits: the one that `hits` is of.
    pub shown_run: usize,
    /// The hits of that run.
    pub hits: u64,
    /// The hits that serial gives for these darts.
    pub serial_hits: u64,
    /// How many fewer that run has than serial; unknown where darts are repeated.
    pub lost: Option<u64>,
    /// How many different darts each run threw.
    pub distinct: u64,
    /// The estimate of that run.
    pub pi: f64,
    /// The standard error that as many darts claim; unknown if all hit or none does.
    pub std_error: Option<f64>,
    /// The standard error that the estimate has, where darts are repeated.
    pub honest_error: Option<f64>,
    /// What to think of it.
    pub status: Status,
    /// Why the speed-up is not known, if it is not.
    pub reason: Option<Reason>,
    /// What to think of it, in words without a comma.
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
            cores_wanted: None,
            runs: Vec::new(),
        }
    }

    /// The place of the run whose hits are farthest from serial's, the first of those.
    fn worst_run(&self) -> usize {
        let off = |place: &usize| self.runs[*place].hits.abs_diff(self.serial_hits);
        (0..self.runs.len()).rev().max_by_key(off).unwrap_or(0)
    }

    /// The mean processor time of its runs, if each has one.
    fn mean_cpu_s(&self) -> Option<f64> {
        let sum = self.runs.iter().map(|run| run.cpu_s).sum::<Option<f64>>()?;
        (!self.runs.is_empty()).then(|| sum / self.runs.len() as f64)
    }

    /// How many different darts each run threw.
    fn distinct_darts(&self) -> u64 {
        if self.strategy == Strategy::SameSeed {
            same_seed::distinct_darts(&self.plan, self.workers)
        } else {
            self.plan.sims()
        }
    }

    /// The speed-ups, if every run is an answer: serial's hits, and of darts that all differ. The hits
    /// of repeated darts may be serial's by chance, or because there are too few darts to repeat.
    fn speed_ups(&self, serial: &Trial) -> Option<Logs> {
        let is_shared = self.workers > NonZero::<usize>::MIN;
        let is_right = self.runs.iter().all(|run| run.hits == self.serial_hits)
            && !(self.strategy == Strategy::SameSeed && is_shared);
        let rate = |trial: &Trial, run: &Timed| trial.plan.sims() as f64 / run.elapsed_s;
        // Each run over the run of `serial` at its place.
        let pairs = self.runs.iter().zip(&serial.runs);
        is_right.then(|| Logs::of(pairs.map(|(run, base)| rate(self, run) / rate(serial, base))))
    }
}

impl Row {
    /// Judges a trial of at least one run by itself. Each run was timed in the same round as the run of
    /// `serial` at its place.
    pub fn judge(trial: &Trial, serial: &Trial, scaling: Scaling) -> Row {
        let pair = [serial.clone(), trial.clone()];
        let [_, row] = <[Row; 2]>::try_from(Row::judge_all(&pair, scaling)).unwrap_or_else(|_| {
            unreachable!("there is a row for each trial");
        });
        row
    }

    /// Judges trials of at least one run, of which the first is serial. Several rows are several tests:
    /// intervals and verdicts are corrected for their number, by [`stats::holm`].
    pub fn judge_all(trials: &[Trial], scaling: Scaling) -> Vec<Row> {
        let Some((serial, others)) = trials.split_first() else {
            return Vec::new();
        };
        let speed_ups: Vec<_> = others.iter().map(|trial| trial.speed_ups(serial)).collect();
        let tests = stats::corrected(&speed_ups);

        let mut rows = vec![Row::unjudged(serial)];
        rows[0].take_speed(serial.speed_ups(serial), None, scaling);
        rows[0].decide(serial, None);
        for ((trial, logs), test) in others.iter().zip(speed_ups).zip(tests) {
            let mut row = Row::unjudged(trial);
            row.take_speed(logs, test, scaling);
            row.decide(trial, logs.map(|logs| (&rows[0], logs, test)));
            rows.push(row);
        }
        rows
    }

    /// How many cores it got in the mean of its runs: processor time over time on the clock. Not known of runs
    /// that took less than a tenth of a second together.
    pub fn cores(&self) -> Option<f64> {
        let mean_s = self.times.mean_s;
        let is_long = mean_s * self.runs.len() as f64 >= LONG_BESIDE_TICKS_S;
        Some(self.cpu_s? / mean_s).filter(|_| is_long)
    }

    /// All that needs no comparison.
    fn unjudged(trial: &Trial) -> Row {
        let shown_run = trial.worst_run();
        let hits = trial
            .runs
            .get(shown_run)
            .map_or(trial.serial_hits, |run| run.hits);
        let sims = trial.plan.sims();
        let estimate = Estimate::of(Tally { sims, hits });
        let distinct = trial.distinct_darts();
        let repeats = (distinct < sims).then(|| same_seed::repeats(&trial.plan, trial.workers));
        Row {
            strategy: trial.strategy,
            workers: trial.workers.get(),
            sims,
            times: Times::of(trial.runs.iter().map(|run| run.elapsed_s)),
            cpu_s: trial.mean_cpu_s(),
            cores_wanted: trial.cores_wanted,
            speed_up: None,
            p: None,
            efficiency: None,
            serial_fraction: None,
            sims_per_s: None,
            shown_run,
            hits,
            serial_hits: trial.serial_hits,
            lost: (trial.strategy != Strategy::SameSeed)
                .then(|| trial.serial_hits.saturating_sub(hits)),
            distinct,
            pi: estimate.pi,
            std_error: estimate.known_error(),
            honest_error: repeats.and_then(|n| Some(estimate.known_error()? * n.sqrt())),
            status: Status::Baseline,
            reason: None,
            verdict: String::new(),
            runs: trial.runs.clone(),
        }
    }

    /// Its speed, if it has one.
    fn take_speed(&mut self, logs: Option<Logs>, test: Option<Corrected>, scaling: Scaling) {
        let Some(logs) = logs else {
            return;
        };
        let speed_up = logs.ratio(test.map_or(ALPHA, |test| test.alpha));
        self.speed_up = Some(speed_up);
        self.p = test.map(|test| test.p);
        self.sims_per_s = Some(self.sims as f64 / self.times.mean_s);
        if self.strategy != Strategy::Serial {
            self.efficiency = Some(speed_up.value / self.workers as f64);
            self.serial_fraction = serial_fraction(speed_up.value, self.workers, scaling);
        }
    }

    /// What to think of it, by its answers first and then by its speed.
    fn decide(&mut self, trial: &Trial, speed: Option<(&Row, Logs, Option<Corrected>)>) {
        (self.status, self.reason) = match verdict::by_answer(trial, self.hits, self.distinct) {
            Some(status) => (status, None),
            None => match speed {
                Some((serial, logs, test)) => verdict::by_speed(self, serial, &logs, test),
                None => (Status::Wrong, None),
            },
        };
        self.verdict = verdict::sentence(self, speed.map(|(serial, ..)| serial));
    }
}

/// See [`Row::serial_fraction`]. One worker has none.
fn serial_fraction(speed_up: f64, workers: usize, scaling: Scaling) -> Option<f64> {
    let w = workers as f64;
    (workers > 1).then(|| match scaling {
        Scaling::Strong => (1.0 / speed_up - 1.0 / w) / (1.0 - 1.0 / w),
        Scaling::Weak => (w - speed_up) / (w - 1.0),
    })
}
