//! A plain `pi-mc`: runs the simulation, applies its limits and observers, and prints the result.

pub(crate) mod args;
mod checkpoint;
mod dry_run;
mod job;
mod lazy;
mod limits;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "mpi")]
mod mpi;
mod observers;
mod parts;
mod start;
mod trace;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::cli::io::failure::{self, print_error};
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::{colour, print};
use crate::cli::parse::shard;
use crate::cli::run::args::RunArgs;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::{Job, Mode};
#[cfg(feature = "live")]
use crate::cli::run::live::View;
use crate::cli::run::observers::Observers;
use crate::cli::run::start::Run;
use crate::engine::walk::Walk;
use crate::error::Error;

/// Does the run that the arguments ask for, and prints its result.
pub(crate) fn run(args: RunArgs) -> Result<ExitCode> {
    let job = Job::new(args)?;
    match job.mode {
        Mode::Lazy => lazy::draw(&job),
        #[cfg(feature = "mpi")]
        Mode::Mpi => mpi::run(job),
        Mode::DryRun => dry_run::show(job),
        Mode::Darts => throw(job),
    }
}

/// Says on stderr that several tasks each do the same run, if the launcher started several and nothing shares the
/// darts among them.
fn warn_of_tasks(job: &Job) {
    let is_part = job.shard.is_some() || job.range.is_some();
    let Some(tasks) = shard::first_of_several().filter(|_| !is_part) else {
        return;
    };
    let each = match job.seed {
        Some(_) => "counts the same darts",
        None => "counts all darts, with a seed of its own",
    };
    print_error(&format!(
        "{tasks}: each task {each}; share them with '--mpi', or '--shard env' and 'pi-mc merge'"
    ));
}

/// Throws the darts until the first limit is reached or a signal comes.
fn throw(job: Job) -> Result<ExitCode> {
    warn_of_tasks(&job);
    let checkpoint = job.checkpoint.as_deref();
    let checkpoint = checkpoint.map(Checkpoint::open).transpose()?;
    let (run, mut walk) = Run::start(job, checkpoint.as_ref())?;
    let mut observers = Observers::open(&run, checkpoint)?;
    // A checkpoint that cannot be written is an error now, and not after hours.
    observers.begin(&walk)?;
    let signals = Signals::watch()?;

    let stop = || signals.caught().is_some() || run.is_late(Duration::ZERO);

    #[cfg(feature = "live")]
    let counted = if run.job.live {
        View::open(&walk, &observers)?.count(&run, &mut walk, &mut observers, &signals)
    } else {
        count(&run, &mut walk, &mut observers, stop)
    };
    #[cfg(not(feature = "live"))]
    let counted = count(&run, &mut walk, &mut observers, stop);
    if let Err(error) = counted {
        observers.end_progress();
        // A GPU that fails after hours has counted something until then.
        if !error.taints_tally() {
            observers.save(&observers.record(&walk, true))?;
        }
        return Err(error.into());
    }
    let tally = walk.tally();
    let timeline = walk.timeline();
    observers.end_progress();
    let is_over = run.is_over(tally);
    let caught = signals.caught().filter(|_| !is_over);
    // The reader of a picture may never read.
    if caught.is_some() || observers.draws() {
        signals.stop_at_second();
    }
    let is_late = run.is_late(walk.left_out().elapsed);
    let is_cut_short = !is_over && (caught.is_some() || !is_late);
    let record = observers.record(&walk, is_cut_short);
    let is_printed = !observers.takes_stdout();
    let mut results = observers.finish(&record, timeline);
    if is_printed {
        results.push(print(&record, run.job.format, colour()));
    }
    let failed = failure::report_all(results);
    Ok(failed.unwrap_or(caught.map_or(ExitCode::SUCCESS, ExitCode::from)))
}

/// Counts on from the darts that the run holds already.
fn count(
    run: &Run,
    walk: &mut Walk,
    observers: &mut Observers<'_>,
    stop: impl Fn() -> bool + Sync,
) -> Result<(), Error> {
    if run.is_over(run.resumed) {
        return Ok(());
    }
    while let Some(tally) = walk.step(run.next_stop(walk.tally()), &stop)? {
        observers.observe(walk);
        if run.is_over(tally) || observers.is_unread() {
            break;
        }
    }
    Ok(())
}
