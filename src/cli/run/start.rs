//! Starts a run: decides which darts it counts, by the command line first and by its checkpoint otherwise.

use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};

use crate::cli::io::file::Target;
use crate::cli::parse::choice::counter;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::shard::Shard;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::{Job, SIMS};
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::clock::{Spent, Stopwatch};
use crate::engine::walk::Walk;
use crate::result::machine::Machine;
use crate::result::record::{Goal, Method, Record};

/// One run of the program.
pub(crate) struct Run {
    /// What was asked for, filled up from the checkpoint.
    pub(crate) job: Job,
    /// The darts of the whole that it may be a shard of; `None` if another limit is to end it.
    total: Option<u64>,
    /// Its own darts.
    pub(crate) plan: Plan,
    /// The darts that its checkpoint holds already.
    pub(crate) resumed: Tally,
    /// The elapsed and the processor time of those darts, if it is known.
    before: [Option<Duration>; 2],
    /// The machine that counts all darts, those before too; `None` if several do.
    machine: Option<Machine>,
    /// The name of what counts.
    kernel: String,
    workers: usize,
    watch: Stopwatch,
}

impl Run {
    /// The run that `job` asks for, and the walk through its darts. What the job leaves open is taken from the
    /// checkpoint, which then learns what the run is for.
    pub(crate) fn start(mut job: Job, checkpoint: Option<&mut Checkpoint>) -> Result<(Run, Walk)> {
        let held = checkpoint.as_ref().and_then(|checkpoint| checkpoint.held());
        let goal = goal(&mut job, held)?;
        let seed = job.seed.or(held.map(|held| held.seed));
        let whole = Plan::new(seed_or_drawn(seed)?, goal.sims.unwrap_or(u64::MAX))?;
        let mut plan = match &job.shard {
            Some(shard) => whole.shard(shard.number, shard.of)?,
            None => whole,
        };
        // Its only goal was a time, which is over: the run is as long as what the checkpoint holds.
        if let Some(held) = held.filter(|_| goal.sims.is_none() && !job.has_limit()) {
            if held.sims == 0 {
                bail!("the checkpoint has no darts and no goal; name one with '--sims'");
            }
            plan = plan.part(0..held.sims.min(plan.sims()))?;
        }
        let (before, made_on) = (taken_before(held), counted_before(held));
        let total = goal.sims;
        let resumed = match checkpoint {
            Some(checkpoint) => checkpoint.resume(&plan, goal)?,
            None => Tally::default(),
        };
        // Before the clock starts: a GPU's driver takes its time, which is no rate of counting, and the
        // machine is read from files.
        let counter = counter(job.kernel.as_deref())?;
        let kernel = counter.name().to_owned();
        let this = Machine::this(&kernel, SystemTime::now());
        let pinning = job.pinning.as_ref();
        let watch = Stopwatch::start();
        let mut walk = Walk::pinned(&plan, counter, job.workers, resumed, pinning)?;
        if job.timeline.is_some() {
            walk.record();
        }
        let workers = walk.workers();
        let machine = one_machine(made_on, this.pinned(pinning, workers));
        let run = Run {
            job,
            total,
            plan,
            resumed,
            before,
            machine,
            kernel,
            workers,
            watch,
        };
        Ok((run, walk))
    }

    /// The record of `tally`, counted up to now, of a run that goes on.
    pub(crate) fn record_so_far(&self, tally: Tally) -> Record {
        self.record(tally, tally.sims < self.plan.sims())
    }

    /// The record of `tally`, counted up to now.
    pub(crate) fn record(&self, tally: Tally, partial: bool) -> Record {
        let since = self.watch.spent();
        let [elapsed, cpu] = self.before;
        let elapsed = elapsed.map(|before| before.saturating_add(since.elapsed));
        let cpu = cpu.and_then(|before| before.checked_add(since.cpu?));
        let record = Record::new(&self.plan, tally, Method::Darts);
        let spent = elapsed.map(|elapsed| Spent { elapsed, cpu });
        let shard = self.job.shard.as_ref();
        Record {
            total: self.total.filter(|_| partial || shard.is_some()),
            partial,
            machine: self.machine.clone(),
            shard_from: shard.and_then(|shard| shard.from.clone()),
            // A merged result as a checkpoint may have no elapsed time.
            cpu_s: cpu.map(|cpu| cpu.as_secs_f64()),
            ..record.counted_by(&self.kernel, self.workers, spent)
        }
    }
}

/// The elapsed and the processor time of a checkpoint's darts. If a part of a time is unknown, so is the whole.
fn taken_before(held: Option<&Record>) -> [Option<Duration>; 2] {
    let Some(held) = held else {
        return [Some(Duration::ZERO); 2];
    };
    let elapsed = |elapsed_s| Duration::try_from_secs_f64(elapsed_s).ok();
    [held.elapsed_s.and_then(elapsed), held.cpu_time()]
}

/// The machine of a checkpoint's darts, if it has any: one, or `None` for several or an unknown one.
fn counted_before(held: Option<&Record>) -> Option<Option<Machine>> {
    let held = held.filter(|held| held.sims > 0)?;
    Some(held.machine.clone())
}

/// The machine of all darts: this one, unless others were counted `before` on a different one.
fn one_machine(before: Option<Option<Machine>>, this: Machine) -> Option<Machine> {
    match before {
        None => Some(this),
        Some(before) => before.filter(|before| before.is_same(&this)),
    }
}

/// What the run is for. A number of darts or a target error from the command line is a new goal; otherwise the
/// checkpoint's stays.
fn goal(job: &mut Job, held: Option<&Record>) -> Result<Goal> {
    let mut sims = job.sims;
    if let Some(held) = held {
        let kept = held.goal.clone().unwrap_or_else(|| Goal {
            sims: Some(held.total.unwrap_or(held.end())),
            ..Goal::default()
        });
        if sims.is_none() && job.target_error.is_none() {
            sims = kept.sims;
            job.target_error = kept.target_error;
        }
        if let (None, Some((number, of))) = (&job.shard, kept.shard) {
            let from = None;
            job.shard = Some(Shard { number, of, from });
        }
        if let (None, Some(trace)) = (&job.trace, kept.trace) {
            job.trace = Some(Target::of(trace.as_ref())?);
            job.check_distinct()?;
        }
    } else if !job.has_limit() {
        sims = sims.or(Some(SIMS));
    }
    let trace = match &job.trace {
        Some(Target::Regular(path)) => {
            let name = path.to_str().map(str::to_owned);
            if name.is_none() && job.checkpoint.is_some() {
                bail!(
                    "a checkpoint cannot keep the name of the trace '{}', which is not UTF-8; rename it",
                    path.display()
                );
            }
            name
        }
        _ => None,
    };
    Ok(Goal {
        sims,
        target_error: job.target_error,
        shard: job.shard.as_ref().map(|shard| (shard.number, shard.of)),
        trace,
        marks: Vec::new(),
    })
}
