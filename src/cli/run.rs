//! The program's main job: throw the darts and print the result. Here are the ends that a run can come
//! to, and everybody who looks at it on the way; not here: how each of them does that.

use std::io::{self, IsTerminal};
use std::mem;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use pi_mc::report::Method;
use pi_mc::{Plan, Record, Tally, course, lazy, report, run};
use rand::TryRng;
use rand::rngs::SysRng;

use super::args::{self, RunArgs, When};
use super::checkpoint::Checkpoint;
use super::ends::Ends;
use super::file;
use super::output::{colour, complain, print};
use super::progress::Progress;
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
    let checkpoint = checkpoint.transpose()?;
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
    let mut onlookers = Onlookers::new(args, checkpoint, done)?;

    let rest = plan.part(done.sims..plan.sims()).unwrap_or(plan);
    let workers = run::workers(&rest, args.workers);
    let start = Instant::now();
    let record = |tally: Tally, partial| Record {
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
    if let Some(checkpoint) = &onlookers.checkpoint {
        checkpoint.save(&record(done, done.sims < plan.sims()))?;
    }

    let (signals, ends) = (Signals::watch()?, Ends::new(args, &plan, start));
    let marked = args.trace.is_some() || args.plot.is_some();
    let next_stop = |sims| match marked {
        true => ends.next_check(sims).min(course::next_mark(sims)),
        false => ends.next_check(sims),
    };
    let stop = || signals.caught().is_some() || ends.is_late();
    let seen = |tally| {
        onlookers.seen(tally, &ends, || record(tally, tally.sims < plan.sims()));
        match ends.is_reached(tally) || onlookers.is_unread() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let counted = match ends.is_reached(done) {
        true => Ok(done),
        false => run::walk(&plan, args.kernel, workers, done, next_stop, stop, seen),
    };
    onlookers.progress.end();
    let tally = counted?;

    let is_whole = ends.is_reached(tally);
    let caught = signals.caught().filter(|_| !is_whole);
    if caught.is_some() {
        signals.stop_at_next();
    }
    let record = record(tally, !is_whole && (caught.is_some() || !ends.is_late()));
    let mut results = onlookers.end(args, tally, &record);
    results.push(print(&record, &args.output, colour()).map(drop));
    let mut code = caught.map_or(ExitCode::SUCCESS, ExitCode::from);
    for error in results.into_iter().filter_map(Result::err) {
        complain(&format!("{error:#}"));
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

/// Everybody who looks at a run on the way.
struct Onlookers {
    trace: Option<Trace>,
    checkpoint: Option<Checkpoint>,
    /// Where the run was at each mark, if there is to be a picture.
    course: Option<Vec<Tally>>,
    progress: Progress,
    /// Whether it was said that the checkpoint cannot be written.
    complained: bool,
}

impl Onlookers {
    /// Opens or checks what they are to write to, so that a bad path fails before the run starts.
    fn new(args: &RunArgs, checkpoint: Option<Checkpoint>, done: Tally) -> Result<Onlookers> {
        if let Some(plot) = &args.plot {
            file::check(plot)?;
        }
        let trace = args.trace.as_deref().map(|path| Trace::open(path, done));
        // On one terminal a trace and a line drawn over and over would spoil each other.
        let on_stdout = args.trace.as_deref() == Some(Path::new("-"));
        let progress = match on_stdout && io::stdout().is_terminal() {
            true => When::Never,
            false => args.progress,
        };
        Ok(Onlookers {
            trace: trace.transpose()?,
            checkpoint,
            course: args.plot.as_ref().map(|_| vec![done]),
            progress: Progress::new(progress, done)?,
            complained: false,
        })
    }

    fn seen(&mut self, tally: Tally, ends: &Ends, record: impl Fn() -> Record) {
        if let Some(trace) = &mut self.trace {
            trace.seen(tally);
        }
        if let Some(course) = &mut self.course
            && course::is_mark(tally.sims)
        {
            course.push(tally);
        }
        if let Some(checkpoint) = &mut self.checkpoint
            && let Err(error) = checkpoint.save_if_due(record)
            && !mem::replace(&mut self.complained, true)
        {
            let message = format!("{error:#}; the run goes on and will try again");
            self.progress.complain(&message);
        }
        self.progress.seen(tally, ends);
    }

    /// Whether the trace is for a reader that went away.
    fn is_unread(&self) -> bool {
        self.trace.as_ref().is_some_and(Trace::is_unread)
    }

    /// Writes what comes at the end; all of it, whatever fails.
    fn end(self, args: &RunArgs, tally: Tally, record: &Record) -> Vec<Result<()>> {
        let mut results = Vec::new();
        results.extend(self.checkpoint.map(|checkpoint| checkpoint.save(record)));
        results.extend(self.trace.map(|trace| trace.end(tally)));
        if let (Some(path), Some(mut course)) = (&args.plot, self.course) {
            course.push(tally);
            // The end may be a mark, or where this run began.
            course.dedup();
            let svg = report::plot::run(record, &course).map_err(anyhow::Error::from_boxed);
            results.push(svg.and_then(|svg| file::replace(path, svg.as_bytes())));
        }
        results
    }
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
