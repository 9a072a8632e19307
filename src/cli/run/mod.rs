//! A plain `pi-mc`: runs the simulation, applies its limits and observers, and prints the result.

pub(super) mod args;
mod checkpoint;
mod job;
mod limits;
#[cfg(feature = "mpi")]
mod mpi;
mod observers;
mod trace;

use std::num::NonZero;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use pi_mc::engine::{self, Walk};
use pi_mc::{Kernel, Method, Plan, Record, Tally, lazy};

use self::args::RunArgs;
use self::checkpoint::Checkpoint;
use self::job::{Job, Options, Work};
use self::limits::Limits;
use self::observers::Observers;
use super::failure;
use super::output::{colour, print};
use super::signals::Signals;

/// Does the run that the arguments ask for, and prints its result.
pub(super) fn run(args: RunArgs) -> Result<ExitCode> {
    let job = Job::new(args)?;
    match &job.work {
        Work::Lazy => draw(&job),
        #[cfg(feature = "mpi")]
        Work::Mpi => mpi::run(&job),
        #[cfg(not(feature = "mpi"))]
        Work::Mpi => unreachable!("a job of MPI is refused"),
        Work::Darts(options) => throw(&job, options),
    }
}

/// Lazy darts.
fn draw(job: &Job) -> Result<ExitCode> {
    let plan = job.plan()?;
    let start = Instant::now();
    let tally = lazy::count(plan.seed(), plan.sims())?;
    let method = Method::Lazy;
    let record =
        Record::new(&plan, tally, method).counted_by(method.name(), 1, Some(start.elapsed()));
    print(&record, job.format, colour())?;
    Ok(ExitCode::SUCCESS)
}

/// Throws the darts until the first limit is reached, or a signal comes.
fn throw(job: &Job, options: &Options) -> Result<ExitCode> {
    let checkpoint = options.checkpoint.as_deref();
    let checkpoint = checkpoint.map(Checkpoint::open).transpose()?;
    let run = Run::new(job, options, checkpoint.as_ref())?;
    let limits = Limits::new(&run.plan, options, run.start);
    let mut observers = Observers::open(options, checkpoint, run.resumed)?;
    observers.begin(|| run.record(run.resumed, !run.is_all(run.resumed)))?;
    let signals = Signals::watch()?;
    let stop = || signals.caught().is_some() || limits.is_late();

    let tally = count(&run, &limits, &mut observers, stop)?;
    observers.end_progress();
    let caught = signals.caught().filter(|_| !limits.is_reached(tally));
    if caught.is_some() {
        signals.stop_at_next();
    }
    let is_cut_short = !limits.is_reached(tally) && (caught.is_some() || !limits.is_late());
    let record = run.record(tally, is_cut_short);
    let mut results = observers.finish(&record);
    results.push(print(&record, job.format, colour()));
    let errors = results.into_iter().filter_map(Result::err);
    let failed = errors.filter_map(|error| failure::report(&error)).last();
    Ok(failed.unwrap_or(caught.map_or(ExitCode::SUCCESS, ExitCode::from)))
}

/// Counts on from what the run holds already.
fn count(
    run: &Run,
    limits: &Limits,
    observers: &mut Observers,
    stop: impl Fn() -> bool + Sync,
) -> Result<Tally> {
    if limits.is_reached(run.resumed) {
        return Ok(run.resumed);
    }
    let mut walk = Walk::new(&run.plan, run.kernel, run.workers, run.resumed)?;
    while let Some(tally) = walk.step(limits.next_stop(walk.tally().sims), &stop) {
        observers.observe(tally, limits, || run.record(tally, !run.is_all(tally)));
        if limits.is_reached(tally) || observers.is_unread() {
            break;
        }
    }
    Ok(walk.tally())
}

/// One run of the program: which darts it counts, and how.
struct Run {
    /// The whole that it may be a shard of.
    whole: Plan,
    is_shard: bool,
    /// Its own darts.
    plan: Plan,
    /// Those that its checkpoint holds already.
    resumed: Tally,
    /// How long those took, if that is known.
    before: Option<Duration>,
    kernel: Kernel,
    workers: NonZero<usize>,
    start: Instant,
}

impl Run {
    /// What `job` asks for, and where it says nothing, its checkpoint.
    fn new(job: &Job, options: &Options, checkpoint: Option<&Checkpoint>) -> Result<Run> {
        let held = checkpoint.and_then(Checkpoint::held);
        let whole = match held {
            None => job.plan()?,
            Some(held) => Plan::new(
                job.seed.unwrap_or(held.seed),
                job.sims.unwrap_or(held.total.unwrap_or(held.end())),
            )?,
        };
        let plan = match options.shard {
            Some((number, of)) => whole.shard(number, of)?,
            None => whole,
        };
        let resumed = match checkpoint {
            Some(checkpoint) => checkpoint.resumed(&plan)?,
            None => Tally::default(),
        };
        // A checkpoint of unknown age makes a whole of unknown age.
        let before = match held {
            None => Some(Duration::ZERO),
            Some(held) => held
                .elapsed_s
                .and_then(|elapsed_s| Duration::try_from_secs_f64(elapsed_s).ok()),
        };
        let rest = plan.part(resumed.sims..plan.sims()).unwrap_or(plan);
        Ok(Run {
            whole,
            is_shard: options.shard.is_some(),
            plan,
            resumed,
            before,
            kernel: job.kernel,
            workers: engine::workers(&rest, job.workers),
            start: Instant::now(),
        })
    }

    /// Whether `tally` holds all darts of the run.
    fn is_all(&self, tally: Tally) -> bool {
        tally.sims == self.plan.sims()
    }

    /// The record of `tally`, counted up to now.
    fn record(&self, tally: Tally, partial: bool) -> Record {
        let elapsed = self.before.map(|before| before + self.start.elapsed());
        Record {
            total: (partial || self.is_shard).then_some(self.whole.sims()),
            partial,
            ..Record::new(&self.plan, tally, Method::Darts).counted_by(
                self.kernel.name(),
                self.workers.get(),
                elapsed,
            )
        }
    }
}
