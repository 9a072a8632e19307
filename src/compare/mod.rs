//! Serial against parallel, on the very same darts: every way of running a plan is timed, and none
//! is praised before its answer has been compared with serial's. Not here: how a way works
//! ([`strategy`]), the statistics of its times ([`timing`]), or how a comparison is printed
//! ([`crate::report`]).

pub mod machine;
pub mod strategy;
pub mod timing;

use std::num::NonZero;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;

use self::machine::Machine;
use self::strategy::{Strategy, Task, distinct_darts};
use self::timing::{Ratio, Times};
use crate::dart::CONTRACT;
use crate::error::Error;
use crate::estimate::Estimate;
use crate::kernel::Kernel;
use crate::plan::Plan;
use crate::run::{self, Tally};

/// What to compare.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The darts; with [`Scaling::Weak`] those of one worker.
    pub plan: Plan,
    /// The kernel that all strategies count with.
    pub kernel: Kernel,
    /// The numbers of workers, each for every strategy but serial.
    pub workers: Vec<NonZero<usize>>,
    /// The strategies besides serial, which is always there: it is the baseline.
    pub strategies: Vec<Strategy>,
    /// How often each is timed, at least once.
    pub runs: NonZero<usize>,
    /// How often each is run before that, untimed.
    pub warmup: usize,
    /// Whether the darts grow with the workers.
    pub scaling: Scaling,
    /// How long every chunk waits before it is counted.
    pub io_wait: Duration,
    /// The program that counts a range as a child process: `pi-mc` itself.
    pub program: PathBuf,
}

/// What stays the same as workers are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// The darts of the whole: how much sooner is it done? (G. M. Amdahl, AFIPS 1967)
    Strong,
    /// The darts of each worker: how much more is done? (J. L. Gustafson, CACM 31, 1988)
    Weak,
}

/// Every timed run of every strategy, summed up.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The version of the dart contract.
    pub contract: u32,
    /// The seed of the darts.
    pub seed: u64,
    /// The darts, as the settings have them.
    pub sims: u64,
    /// What stays the same as workers are added.
    pub scaling: Scaling,
    /// Seconds that every chunk waits before it is counted.
    pub io_wait_s: f64,
    /// Untimed runs of each row before the timed ones.
    pub warmup: usize,
    /// Where it was measured.
    pub machine: Machine,
    /// A row a strategy and number of workers; the first is serial.
    pub rows: Vec<Row>,
}

/// One timed run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Seconds it took.
    pub elapsed_s: f64,
    /// The hits it gave.
    pub hits: u64,
}

/// A strategy on a number of workers.
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
    pub runs: Vec<Run>,
}

impl Comparison {
    /// The rows whose strategy should give serial's hits and did not. A strategy that is there to
    /// be wrong is never among them.
    pub fn faults(&self) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(|row| row.strategy.is_right() && row.hits != row.serial_hits)
    }
}

/// Runs the comparison. Rows are interleaved, each once in turn, so that a drift of the machine hits
/// all alike. `progress` is told, between runs, how many are done of how many.
///
/// # Errors
/// Those of [`Strategy::count`], and [`Error::TooMany`] if the darts grow too many with the workers.
pub fn compare(
    settings: &Settings,
    mut progress: impl FnMut(usize, usize),
) -> Result<Comparison, Error> {
    let serial = [(Strategy::Serial, NonZero::<usize>::MIN)];
    let others = settings
        .strategies
        .iter()
        .filter(|strategy| **strategy != Strategy::Serial);
    let others = others.flat_map(|s| settings.workers.iter().map(|workers| (*s, *workers)));
    let cases = serial.into_iter().chain(others);
    let mut cases: Vec<_> = cases
        .map(|(strategy, workers)| Case::new(settings, strategy, workers))
        .collect::<Result<_, _>>()?;
    // Once for the same darts, and only when all plans are known to be possible.
    for number in 0..cases.len() {
        let (before, cases) = cases.split_at_mut(number);
        let Task { plan, kernel, .. } = &cases[0].task;
        cases[0].serial_hits = match before.iter().find(|case| case.task.plan == *plan) {
            Some(case) => case.serial_hits,
            None => run::count(plan, *kernel, NonZero::<usize>::MIN)?.hits,
        };
    }

    let rounds = settings.warmup + settings.runs.get();
    let total = rounds * cases.len();
    for round in 0..rounds {
        for number in 0..cases.len() {
            progress(round * cases.len() + number, total);
            let case = &mut cases[number];
            let start = Instant::now();
            let hits = case.strategy.count(&case.task)?;
            let elapsed_s = start.elapsed().as_secs_f64();
            if round >= settings.warmup {
                case.runs.push(Run { elapsed_s, hits });
            }
        }
    }
    progress(total, total);

    let serial = Baseline {
        sims: settings.plan.sims(),
        runs: cases[0].runs.clone(),
    };
    Ok(Comparison {
        contract: CONTRACT,
        seed: settings.plan.seed(),
        sims: settings.plan.sims(),
        scaling: settings.scaling,
        io_wait_s: settings.io_wait.as_secs_f64(),
        warmup: settings.warmup,
        machine: Machine::this(settings.kernel),
        rows: cases
            .into_iter()
            .map(|case| case.row(&serial, settings.scaling))
            .collect(),
    })
}

/// A row before it is summed up.
struct Case {
    strategy: Strategy,
    task: Task,
    serial_hits: u64,
    runs: Vec<Run>,
}

impl Case {
    /// A case of the comparison that has not run yet, nor been counted serially.
    fn new(
        settings: &Settings,
        strategy: Strategy,
        workers: NonZero<usize>,
    ) -> Result<Case, Error> {
        let Settings { plan, kernel, .. } = settings;
        let sims = match settings.scaling {
            Scaling::Strong => plan.sims(),
            Scaling::Weak => {
                let all = plan.sims().checked_mul(workers.get() as u64);
                all.ok_or(Error::TooMany {
                    sims: plan.sims(),
                    workers: workers.get(),
                })?
            }
        };
        let plan = Plan::range(plan.seed(), plan.first(), sims)?;
        let (io_wait, program) = (settings.io_wait, settings.program.clone());
        let task = Task {
            plan,
            kernel: *kernel,
            workers,
            io_wait,
            program,
        };
        Ok(Case {
            strategy,
            task,
            serial_hits: 0,
            runs: Vec::new(),
        })
    }

    fn row(self, serial: &Baseline, scaling: Scaling) -> Row {
        let Case {
            strategy,
            task,
            serial_hits,
            runs,
        } = self;
        Row::new(
            strategy,
            task.plan,
            task.workers,
            serial_hits,
            runs,
            serial,
            scaling,
        )
    }
}

/// Serial's runs, which every row is measured against.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// Darts thrown in each.
    pub sims: u64,
    /// The runs, one a round.
    pub runs: Vec<Run>,
}

impl Row {
    /// Sums up the `runs` of a strategy, at least one, of which each was timed in the same round as
    /// the run of `serial` at its place. The gate is here: hits first, then speed.
    pub fn new(
        strategy: Strategy,
        plan: Plan,
        workers: NonZero<usize>,
        serial_hits: u64,
        runs: Vec<Run>,
        serial: &Baseline,
        scaling: Scaling,
    ) -> Row {
        let sims = plan.sims();
        let times = Times::of(runs.iter().map(|run| run.elapsed_s));
        let hits = runs.iter().map(|run| run.hits);
        let hits = hits
            .max_by_key(|hits| hits.abs_diff(serial_hits))
            .unwrap_or(serial_hits);
        let mut row = Row {
            strategy,
            workers: workers.get(),
            sims,
            times,
            speed_up: None,
            efficiency: None,
            serial_fraction: None,
            sims_per_s: None,
            hits,
            serial_hits,
            verdict: String::new(),
            runs,
        };
        if hits == serial_hits && !repeats_darts(&row, &plan) {
            let rate = |sims: u64, run: &Run| sims as f64 / run.elapsed_s;
            let pairs = row.runs.iter().zip(&serial.runs);
            let speed_up =
                Ratio::of(pairs.map(|(run, base)| rate(sims, run) / rate(serial.sims, base)));
            row.sims_per_s = Some(sims as f64 / times.mean_s);
            row.speed_up = Some(speed_up);
            if strategy != Strategy::Serial {
                let w = workers.get() as f64;
                row.efficiency = Some(speed_up.mean / w);
                row.serial_fraction = (w > 1.0).then(|| match scaling {
                    Scaling::Strong => (1.0 / speed_up.mean - 1.0 / w) / (1.0 - 1.0 / w),
                    Scaling::Weak => (w - speed_up.mean) / (w - 1.0),
                });
            }
        }
        row.verdict = verdict(&row, &plan);
        row
    }
}

/// Whether the row's runs threw darts twice. Such hits may be serial's by chance, and are no answer.
fn repeats_darts(row: &Row, plan: &Plan) -> bool {
    row.strategy == Strategy::SameSeed && distinct_darts(plan, row.workers) < row.sims
}

/// What to think of a row, in words and, where it is wrong, in numbers.
fn verdict(row: &Row, plan: &Plan) -> String {
    let Row {
        workers,
        sims,
        hits,
        serial_hits,
        ..
    } = *row;
    let wrong = hits != serial_hits;
    match row.strategy {
        Strategy::Race if wrong => {
            let lost = serial_hits.saturating_sub(hits);
            let share = 100.0 * lost as f64 / serial_hits as f64;
            format!("wrong, as a race is: lost {lost} of {serial_hits} hits ({share:.2} %)")
        }
        Strategy::Race if workers > 1 => "lost no hit this time; still a race".to_owned(),
        Strategy::SameSeed if repeats_darts(row, plan) => {
            let distinct = distinct_darts(plan, workers);
            let estimate = Estimate::of(Tally { sims, hits });
            let off = (estimate.pi - std::f64::consts::PI).abs() / estimate.std_error;
            format!(
                "wrong, as repeated darts are: {sims} thrown, {distinct} distinct; \
                 {off:.1} standard errors off π"
            )
        }
        _ if wrong => {
            let (more, fewer) = (
                hits.saturating_sub(serial_hits),
                serial_hits.saturating_sub(hits),
            );
            match more {
                0 => format!("WRONG: {fewer} hits fewer than serial"),
                more => format!("WRONG: {more} hits more than serial"),
            }
        }
        Strategy::Serial => "the baseline".to_owned(),
        _ => match row.speed_up {
            Some(Ratio { ci95: None, .. }) => "inconclusive: one run does not show its noise",
            Some(ratio) if ratio.is_inconclusive() => "inconclusive: less than the noise",
            Some(ratio) if ratio.mean > 1.0 => "faster than serial",
            _ => "slower than serial",
        }
        .to_owned(),
    }
}
