//! A plain `pi-mc`: runs the simulation, applies its limits and observers, and prints the result.

pub(crate) mod args;
mod checkpoint;
mod job;
mod limits;
#[cfg(feature = "mpi")]
mod mpi;
mod observers;
mod start;
mod trace;

use std::process::ExitCode;

use crate::engine::clock::Stopwatch;
use crate::engine::walk::Walk;
use crate::lazy;
use crate::result::machine::Machine;
use crate::result::record::{Method, Record};
use anyhow::Result;

use crate::cli::io::failure;
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::{colour, print};
use crate::cli::run::args::RunArgs;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::{Job, Options, Work};
use crate::cli::run::limits::Limits;
use crate::cli::run::observers::Observers;
use crate::cli::run::start::Run;

/// Does the run that the arguments ask for, and prints its result.
pub(crate) fn run(args: RunArgs) -> Result<ExitCode> {
    let job = Job::new(args)?;
    match &job.work {
        Work::Lazy => draw(&job),
        #[cfg(feature = "mpi")]
        Work::Mpi => mpi::run(&job),
        #[cfg(not(feature = "mpi"))]
        Work::Mpi => unreachable!("a job of MPI is refused"),
        Work::Darts(options) => throw(&job, (**options).clone()),
    }
}

/// Lazy darts.
fn draw(job: &Job) -> Result<ExitCode> {
    let plan = job.plan()?;
    let stopwatch = Stopwatch::start();
    let tally = lazy::count(plan.seed(), plan.sims())?;
    let method = Method::Lazy;
    let record = Record::new(&plan, tally, method);
    let spent = stopwatch.spent();
    let record = Record {
        machine: Some(Machine::this(method.name(), stopwatch.started())),
        ..record.counted_by(method.name(), 1, Some(spent))
    };
    print(&record, job.format, colour())?;
    Ok(ExitCode::SUCCESS)
}

/// Throws the darts until the first limit is reached, or a signal comes.
fn throw(job: &Job, mut options: Options) -> Result<ExitCode> {
    let checkpoint = options.checkpoint.as_deref();
    let mut checkpoint = checkpoint.map(Checkpoint::open).transpose()?;
    let (run, mut walk) = Run::start(job, &mut options, checkpoint.as_mut())?;
    let limits = Limits::new(&run.plan, &options, run.start);
    let mut observers = Observers::open(&options, checkpoint, &run)?;
    // Now, and not after hours, is the time to learn that it cannot be written.
    observers.begin(|| run.record(run.resumed, !run.is_all(run.resumed)))?;
    let signals = Signals::watch()?;
    let stop = || signals.caught().is_some() || limits.is_late();

    let counted = count(&run, &mut walk, &limits, &mut observers, stop);
    if let Err(error) = counted {
        observers.end_progress();
        // A GPU that failed after hours has counted something until then.
        if !error.taints_tally() {
            observers.save(|| run.record(walk.tally(), true))?;
        }
        return Err(error.into());
    }
    let tally = walk.tally();
    let timeline = walk.timeline();
    observers.end_progress();
    let caught = signals.caught().filter(|_| !limits.is_reached(tally));
    // Whoever is to read a picture may never do.
    if caught.is_some() || observers.draws() {
        signals.stop_at_second();
    }
    let is_cut_short = !limits.is_reached(tally) && (caught.is_some() || !limits.is_late());
    let record = run.record(tally, is_cut_short);
    let is_printed = !observers.takes_stdout();
    let mut results = observers.finish(&record, timeline);
    if is_printed {
        results.push(print(&record, job.format, colour()));
    }
    let failed = failure::report_all(results);
    Ok(failed.unwrap_or(caught.map_or(ExitCode::SUCCESS, ExitCode::from)))
}

/// Counts on from what the run holds already.
fn count(
    run: &Run,
    walk: &mut Walk,
    limits: &Limits,
    observers: &mut Observers,
    stop: impl Fn() -> bool + Sync,
) -> Result<(), crate::error::Error> {
    if limits.is_reached(run.resumed) {
        return Ok(());
    }
    while let Some(tally) = walk.step(limits.next_stop(walk.tally().sims), &stop)? {
        observers.observe(tally, limits, || run.record(tally, !run.is_all(tally)));
        if limits.is_reached(tally) || observers.is_unread() {
            break;
        }
    }
    Ok(())
}
