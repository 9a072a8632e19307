//! The machine that the lessons run on, and what they all do with it. Sizes are times: a probe finds how many darts
//! take so long here.

use std::ffi::OsString;
use std::num::NonZero;
use std::slice;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::cli::learn::text::Text;
use crate::cli::worker;
use crate::compare::sizes;
use crate::compare::strategy::{Strategy, Task};
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::clock::Stopwatch;
use crate::engine::cores::cores;
use crate::engine::timeline::{Lane, Timeline};
use crate::engine::whole;
use crate::kernel::Kernel;
use crate::report;
use crate::report::columns::WIDTH;

/// The seed of all darts whose number a lesson prints.
pub(crate) const SEED: u64 = 42;

/// The darts of a chunk.
pub(crate) const CHUNK: u64 = CHUNK_DARTS as u64;

/// A machine in use needs less than this share of the cores that a quiet one would.
pub(crate) const QUIET: f64 = 0.75;

/// A lesson that is ready to ask.
pub(crate) struct Ready {
    /// The values of the names in the question and the answers.
    pub(crate) asked: Vec<(&'static str, String)>,
    /// The end of the keys of other texts for this machine; empty if there are none.
    pub(crate) variant: &'static str,
    /// Runs the lesson.
    pub(crate) run: Box<dyn FnOnce() -> Result<Shown>>,
}

impl Ready {
    /// A lesson that asks with these values.
    pub(crate) fn new(
        asked: Vec<(&'static str, String)>,
        run: impl FnOnce() -> Result<Shown> + 'static,
    ) -> Ready {
        Ready {
            asked,
            variant: "",
            run: Box::new(run),
        }
    }
}

/// The outcome of a lesson.
pub(crate) struct Shown {
    /// Its pages, in order.
    pub(crate) pages: Vec<String>,
    /// The figures, for the file of answers.
    pub(crate) measured: Value,
}

/// The machine.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) cores: usize,
    pub(crate) kernel: Kernel,
    /// The darts that one core counts in a second.
    rate: f64,
    /// The command that starts a worker process.
    worker: Vec<OsString>,
}

impl Room {
    pub(crate) fn enter() -> Result<Room> {
        let kernel = Kernel::detect();
        Ok(Room {
            cores: cores().get(),
            kernel,
            rate: sizes::probe(kernel, Duration::ZERO)?,
            worker: worker::command()?,
        })
    }

    /// The darts that take one core so many milliseconds, at least a chunk for each worker.
    pub(crate) fn darts(&self, ms: f64, workers: usize) -> u64 {
        ((self.rate * ms / 1e3) as u64).max(CHUNK * workers as u64)
    }

    /// A task of `sims` darts.
    pub(crate) fn task(&self, sims: u64, workers: usize) -> Result<Task> {
        let plan = Plan::first(SEED, sims)?;
        Ok(Task {
            worker: self.worker.clone(),
            ..Task::new(plan, self.kernel, at_least_one(workers))
        })
    }

    /// Counts the first darts of a seed.
    pub(crate) fn tally(&self, seed: u64, sims: u64, workers: usize) -> Result<Tally> {
        let plan = Plan::first(seed, sims)?;
        Ok(whole::count(&plan, self.kernel, at_least_one(workers))?)
    }

    /// A task of `chunks` chunks, each of which waits first.
    pub(crate) fn waits(&self, chunks: u64, wait: Duration, workers: usize) -> Result<Task> {
        Ok(Task {
            io_wait: wait,
            ..self.task(chunks * CHUNK, workers)?
        })
    }
}

fn at_least_one(workers: usize) -> NonZero<usize> {
    NonZero::new(workers).unwrap_or(NonZero::<usize>::MIN)
}

/// A strategy's run.
pub(crate) struct Run {
    pub(crate) hits: u64,
    pub(crate) s: f64,
    /// The mean number of cores at work; `None` where the system does not report it.
    pub(crate) cores: Option<f64>,
}

impl Run {
    /// A run that `stopwatch` timed.
    pub(crate) fn of(hits: u64, stopwatch: &Stopwatch) -> Run {
        let spent = stopwatch.spent();
        let s = spent.elapsed.as_secs_f64();
        Run {
            hits,
            s,
            cores: spent.cpu.map(|cpu| cpu.as_secs_f64() / s),
        }
    }
}

/// Runs a strategy once.
pub(crate) fn run(strategy: Strategy, task: &Task) -> Result<Run> {
    let stopwatch = Stopwatch::start();
    let hits = strategy.count(task)?;
    Ok(Run::of(hits, &stopwatch))
}

/// The fastest of several runs.
pub(crate) fn fastest(strategy: Strategy, task: &Task, runs: usize) -> Result<Run> {
    let mut fastest = run(strategy, task)?;
    for _ in 1..runs {
        let next = run(strategy, task)?;
        if next.s < fastest.s {
            fastest = next;
        }
    }
    Ok(fastest)
}

/// Runs a strategy once, and records who does what.
pub(crate) fn recorded(strategy: Strategy, task: &Task) -> Result<(Timeline, Run)> {
    let stopwatch = Stopwatch::start();
    let timeline = strategy.timeline(task)?;
    let run = Run::of(timeline.hits, &stopwatch);
    Ok((timeline, run))
}

/// A timeline in characters, in the columns of a page.
pub(crate) fn lanes(timeline: &Timeline) -> String {
    report::lanes(slice::from_ref(timeline), WIDTH)
}

/// The cores that a worker ran on.
pub(crate) fn ran_on(lane: &Lane) -> String {
    const MOST: usize = 6;
    let cores: Vec<String> = lane.cores.iter().map(ToString::to_string).collect();
    match cores.len() {
        0 => Text::of("all").raw("not-told"),
        n if n > MOST => format!("{}, ...", cores[..MOST].join(", ")),
        _ => cores.join(", "),
    }
}
