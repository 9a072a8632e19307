//! The program's main job: throw the darts and print the result. Here are the ends that a run can come
//! to, and everybody who looks at it on the way; not here: how each of them does that.

use std::mem;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use pi_mc::report::Method;
use pi_mc::{Plan, Record, Tally, course, lazy, run};
use rand::TryRng;
use rand::rngs::SysRng;

use super::args::{self, RunArgs};
use super::checkpoint::Checkpoint;
use super::output::{colour, complain, print};
use super::progress::{Ends, Progress};
use super::signals::Signals;
use super::trace::Trace;

/// Darts of a run of which nothing says how many.
const SIMS: u64 = 10_000_000;

/// Counts the darts that `args` asks for and prints the result.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode> {
    match args.method {
        args::Method::Lazy => lazy(args),
        #[cfg(feature = "mpi")]
        args::Method::Darts if args.mpi => super::mpi::run(args),
        args::Method::Darts => darts(args),
    }
}

fn lazy(args: &RunArgs) -> Result<ExitCode> {
    let plan = whole(args)?;
    let start = Instant::now();
    let tally = lazy::count(plan.seed(), plan.sims())?;
    let record = Record::new(&plan, tally, Method::Lazy, 1, Some(start.elapsed()));
    print(&record, &args.output, colour())
}

fn darts(args: &RunArgs) -> Result<ExitCode> {
    let checkpoint = args.checkpoint.as_deref().map(Checkpoint::open);
    let mut checkpoint = checkpoint.transpose()?;
    let held = checkpoint.as_ref().and_then(Checkpoint::held);
    let whole = match held {
        None => whole(args)?,
        // What the command line does not say, the checkpoint does.
        Some(held) => Plan::new(
            args.seed.unwrap_or(held.seed),
            asked_sims(args).unwrap_or(held.of.unwrap_or(held.end())),
        )?,
    };
    let plan = match args.shard {
        Some((number, of)) => whole.shard(number, of)?,
        None => whole,
    };
    // A checkpoint of unknown age makes a whole of unknown age.
    let time_before = match held {
        None => Some(Duration::ZERO),
        Some(held) => held
            .elapsed_s
            .and_then(|elapsed_s| Duration::try_from_secs_f64(elapsed_s).ok()),
    };
    let done = match &checkpoint {
        Some(checkpoint) => checkpoint.done(&plan)?,
        None => Tally::default(),
    };
    let trace = args.trace.as_deref().map(|path| Trace::open(path, done));
    let mut trace = trace.transpose()?;

    let rest = plan.part(done.sims..plan.sims()).unwrap_or(plan);
    let workers = run::workers(&rest, args.workers);
    let start = Instant::now();
    let record = |tally, partial| Record {
        of: (partial || args.shard.is_some()).then_some(whole.sims()),
        partial,
        ..Record::new(
            &plan,
            tally,
            Method::Darts(args.kernel),
            workers.get(),
            time_before.map(|before| before + start.elapsed()),
        )
    };
    // Now, and not after hours, is the time to learn that it cannot be written.
    if let Some(checkpoint) = &checkpoint {
        checkpoint.save(&record(done, done.sims < plan.sims()))?;
    }

    let signals = Signals::watch()?;
    let ends = Ends {
        sims: plan.sims(),
        target_error: args.target_error,
        deadline: args.time_limit.and_then(|limit| start.checked_add(limit)),
    };
    let is_late = || ends.deadline.is_some_and(|end| Instant::now() >= end);
    let is_reached = |tally| {
        let target = args.target_error;
        target.is_some_and(|target| course::is_reached(tally, target))
    };
    let next_stop = |sims| {
        let mark = args.trace.as_ref().map(|_| course::next_mark(sims));
        let check = args.target_error.map(|_| course::next_check(sims));
        mark.into_iter().chain(check).min().unwrap_or(u64::MAX)
    };
    let mut progress = Progress::new(args.progress, done)?;
    let mut complained = false;
    let seen = |tally| {
        let mut goes_on = !is_reached(tally);
        if let Some(trace) = &mut trace {
            trace.seen(tally);
            goes_on &= !trace.is_unread();
        }
        if let Some(checkpoint) = &mut checkpoint {
            let saved = checkpoint.save_if_due(|| record(tally, tally.sims < plan.sims()));
            if let Err(error) = saved
                && !mem::replace(&mut complained, true)
            {
                progress.complain(&format!("{error:#}; the run goes on and will try again"));
            }
        }
        progress.seen(tally, &ends);
        match goes_on {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    let counted = match is_reached(done) {
        true => Ok(done),
        false => run::walk(
            &plan,
            args.kernel,
            workers,
            done,
            next_stop,
            || signals.caught().is_some() || is_late(),
            seen,
        ),
    };
    progress.end();
    let tally = counted?;

    let is_whole = tally.sims == plan.sims() || is_reached(tally);
    let caught = signals.caught().filter(|_| !is_whole);
    if caught.is_some() {
        signals.stop_at_next();
    }
    let record = record(tally, !is_whole && (caught.is_some() || !is_late()));
    let saved = checkpoint.map(|checkpoint| checkpoint.save(&record));
    let traced = trace.map(|trace| trace.end(tally));
    let printed = print(&record, &args.output, colour()).map(drop);
    let mut code = caught.map_or(ExitCode::SUCCESS, ExitCode::from);
    let results = [saved, traced, Some(printed)].into_iter().flatten();
    for error in results.filter_map(Result::err) {
        complain(&format!("{error:#}"));
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

/// All the darts that the command line asks for, before they are cut into shards.
pub(super) fn whole(args: &RunArgs) -> Result<Plan> {
    let sims = asked_sims(args).unwrap_or(SIMS);
    Ok(Plan::new(seed_or_drawn(args.seed)?, sims)?)
}

/// How many darts are asked for, if the command line says; with another end than their number, no
/// number is one.
fn asked_sims(args: &RunArgs) -> Option<u64> {
    let other_end = args.time_limit.is_some() || args.target_error.is_some();
    args.sims.or(other_end.then_some(u64::MAX))
}

/// The seed asked for, or else one from the operating system, below 2^53: every JSON reader then
/// keeps it exactly.
pub(super) fn seed_or_drawn(asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(seed) => Ok(seed),
        None => SysRng
            .try_next_u64()
            .map(|seed| seed >> (64 - 53))
            .context("could not draw a seed from the operating system"),
    }
}
