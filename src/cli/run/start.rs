//! Which darts a run counts: those that the command line asks for, and where it says nothing, those that
//! its checkpoint is for.

use std::time::{Duration, Instant, SystemTime};

use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::clock::{Spent, cpu_time, cpu_time_since};
use crate::engine::walk::Walk;
use crate::result::machine::Machine;
use crate::result::record::{Goal, Method, Record};
use anyhow::{Result, bail};

use crate::cli::io::file::Target;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::{Job, Options, SIMS};

/// One run of the program.
pub(crate) struct Run {
    /// The darts of the whole that it may be a shard of; none if something else is to end it.
    total: Option<u64>,
    is_shard: bool,
    /// The variables that told which, with their values.
    shard_from: Option<String>,
    /// Its own darts.
    pub(crate) plan: Plan,
    /// Those that its checkpoint holds already.
    pub(crate) resumed: Tally,
    /// How long those took, on the clock and in processor time, if that is known.
    before: [Option<Duration>; 2],
    /// The machine that counts all darts, those before too; none if several do.
    machine: Option<Machine>,
    /// What counts.
    kernel: String,
    workers: usize,
    pub(crate) start: Instant,
    /// The processor time of this process at the start.
    cpu_start: Option<Duration>,
}

impl Run {
    /// The run that `job` asks for, and the walk through its darts. What `options` leaves open, and the
    /// checkpoint says, is put there; the checkpoint is told what the run is for.
    pub(crate) fn start(
        job: &Job,
        options: &mut Options,
        checkpoint: Option<&mut Checkpoint>,
    ) -> Result<(Run, Walk)> {
        let held = checkpoint.as_ref().and_then(|checkpoint| checkpoint.held());
        let goal = goal(job, options, held)?;
        let seed = job.seed.or(held.map(|held| held.seed));
        let whole = Plan::new(seed_or_drawn(seed)?, goal.sims.unwrap_or(u64::MAX))?;
        let mut plan = match options.shard {
            Some((number, of)) => whole.shard(number, of)?,
            None => whole,
        };
        // No goal but a time that is over: the run is as long as what the checkpoint holds.
        if let Some(held) = held.filter(|_| goal.sims.is_none() && !options.has_limit()) {
            if held.sims == 0 {
                bail!("the checkpoint has no darts and no goal; name one with '--sims'");
            }
            plan = plan.part(0..held.sims.min(plan.sims()))?;
        }
        let (before, made_on) = (taken_before(held), counted_before(held));
        let resumed = match checkpoint {
            Some(checkpoint) => checkpoint.resume(&plan, goal.clone())?,
            None => Tally::default(),
        };
        // Before the clock starts: a GPU's driver takes its time, which is no rate of counting, and the
        // machine is read from files.
        let counter = job.kernel.counter()?;
        let this = Machine::this(counter.name(), SystemTime::now());
        let pinning = job.pinning.as_ref();
        let (start, cpu_start) = (Instant::now(), cpu_time());
        let mut walk = Walk::pinned(&plan, counter, job.workers, resumed, pinning)?;
        if options.timeline.is_some() {
            walk.record();
        }
        let workers = walk.workers();
        let this = this.pinned(pinning, workers);
        let run = Run {
            total: goal.sims,
            is_shard: options.shard.is_some(),
            shard_from: options.shard_from.clone(),
            plan,
            resumed,
            before,
            machine: one_machine(made_on, this),
            kernel: walk.counter().to_owned(),
            workers,
            start,
            cpu_start,
        };
        Ok((run, walk))
    }

    /// Whether `tally` holds all darts of the run.
    pub(crate) fn is_all(&self, tally: Tally) -> bool {
        tally.sims == self.plan.sims()
    }

    /// The record of `tally`, counted up to now.
    pub(crate) fn record(&self, tally: Tally, partial: bool) -> Record {
        let [elapsed, cpu] = self.before;
        let elapsed = elapsed.map(|before| before.saturating_add(self.start.elapsed()));
        let cpu = cpu.and_then(|before| before.checked_add(cpu_time_since(self.cpu_start)?));
        let record = Record::new(&self.plan, tally, Method::Darts);
        let spent = elapsed.map(|elapsed| Spent { elapsed, cpu });
        Record {
            total: self.total.filter(|_| partial || self.is_shard),
            partial,
            machine: self.machine.clone(),
            shard_from: self.shard_from.clone(),
            // A merged result as a checkpoint may know it without the elapsed time.
            cpu_s: cpu.map(|cpu| cpu.as_secs_f64()),
            ..record.counted_by(&self.kernel, self.workers, spent)
        }
    }
}

/// How long the darts of a checkpoint took, on the clock and in processor time. One of unknown age makes a
/// whole of unknown age.
fn taken_before(held: Option<&Record>) -> [Option<Duration>; 2] {
    let Some(held) = held else {
        return [Some(Duration::ZERO); 2];
    };
    let elapsed = |elapsed_s| Duration::try_from_secs_f64(elapsed_s).ok();
    [held.elapsed_s.and_then(elapsed), held.cpu_time()]
}

/// The machine of a checkpoint's darts, if it has any: one, several, or one that nobody knows.
fn counted_before(held: Option<&Record>) -> Option<Option<Machine>> {
    let held = held.filter(|held| held.sims > 0)?;
    Some(held.machine.clone())
}

/// The machine that made all darts: `before`, if there were any before, and `this` one are the same.
fn one_machine(before: Option<Option<Machine>>, this: Machine) -> Option<Machine> {
    match before {
        None => Some(this),
        Some(before) => before.filter(|before| before.is_same(&this)),
    }
}

/// What the run is for: a number of darts or a target error from the command line is a new goal, and
/// otherwise the checkpoint's stays.
fn goal(job: &Job, options: &mut Options, held: Option<&Record>) -> Result<Goal> {
    let mut sims = job.sims;
    if let Some(held) = held {
        let kept = held.goal.clone().unwrap_or_else(|| Goal {
            sims: Some(held.total.unwrap_or(held.end())),
            ..Goal::default()
        });
        if sims.is_none() && options.target_error.is_none() {
            sims = kept.sims;
            options.target_error = kept.target_error;
        }
        options.shard = options.shard.or(kept.shard);
        if let (None, Some(trace)) = (&options.trace, kept.trace) {
            options.trace = Some(Target::of(trace.as_ref())?);
            options.check_distinct()?;
        }
    } else if !options.has_limit() {
        sims = sims.or(Some(SIMS));
    }
    let trace = match &options.trace {
        Some(Target::Regular(path)) => {
            let name = path.to_str().map(str::to_owned);
            if name.is_none() && options.checkpoint.is_some() {
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
        target_error: options.target_error,
        shard: options.shard,
        trace,
    })
}
