//! Which darts a run counts: those that the command line asks for, and where it says nothing, those that
//! its checkpoint is for.

use std::time::{Duration, Instant};

use anyhow::Result;
use pi_mc::engine::Walk;
use pi_mc::record::Goal;
use pi_mc::{Method, Plan, Record, Tally};

use super::checkpoint::Checkpoint;
use super::job::{Job, Options, SIMS};
use crate::cli::file::Target;
use crate::cli::seed::seed_or_drawn;

/// One run of the program.
pub(super) struct Run {
    /// The darts of the whole that it may be a shard of; none if something else is to end it.
    total: Option<u64>,
    is_shard: bool,
    /// The variables that told which, with their values.
    shard_from: Option<String>,
    /// Its own darts.
    pub(super) plan: Plan,
    /// Those that its checkpoint holds already.
    pub(super) resumed: Tally,
    /// How long those took, if that is known.
    before: Option<Duration>,
    /// What counts.
    kernel: String,
    workers: usize,
    pub(super) start: Instant,
}

impl Run {
    /// The run that `job` asks for, and the walk through its darts. What `options` leaves open, and the
    /// checkpoint says, is put there; the checkpoint is told what the run is for.
    pub(super) fn start(
        job: &Job,
        options: &mut Options,
        checkpoint: Option<&mut Checkpoint>,
    ) -> Result<(Run, Walk)> {
        let held = checkpoint.as_ref().and_then(|checkpoint| checkpoint.held());
        let goal = goal(job, options, held)?;
        let sims = match (goal.sims, held) {
            (Some(sims), _) => sims,
            // Nothing is asked for that is not there.
            (None, Some(held)) if !options.has_limit() => held.end(),
            (None, _) => u64::MAX,
        };
        let seed = job.seed.or(held.map(|held| held.seed));
        let whole = Plan::new(seed_or_drawn(seed)?, sims)?;
        let plan = match options.shard {
            Some((number, of)) => whole.shard(number, of)?,
            None => whole,
        };
        // A checkpoint of unknown age makes a whole of unknown age.
        let before = match held {
            None => Some(Duration::ZERO),
            Some(held) => held
                .elapsed_s
                .and_then(|elapsed_s| Duration::try_from_secs_f64(elapsed_s).ok()),
        };
        let resumed = match checkpoint {
            Some(checkpoint) => checkpoint.resume(&plan, goal.clone())?,
            None => Tally::default(),
        };
        // Before the clock starts: a driver takes its time, which is no rate of counting.
        let counter = job.kernel.counter()?;
        let start = Instant::now();
        let mut walk = Walk::new(&plan, counter, job.workers, resumed)?;
        if options.timeline.is_some() {
            walk.record();
        }
        let run = Run {
            total: goal.sims,
            is_shard: options.shard.is_some(),
            shard_from: options.shard_from.clone(),
            plan,
            resumed,
            before,
            kernel: walk.counter().to_owned(),
            workers: walk.workers(),
            start,
        };
        Ok((run, walk))
    }

    /// Whether `tally` holds all darts of the run.
    pub(super) fn is_all(&self, tally: Tally) -> bool {
        tally.sims == self.plan.sims()
    }

    /// The record of `tally`, counted up to now.
    pub(super) fn record(&self, tally: Tally, partial: bool) -> Record {
        let elapsed = self
            .before
            .map(|before| before.saturating_add(self.start.elapsed()));
        let record = Record::new(&self.plan, tally, Method::Darts);
        Record {
            total: self.total.filter(|_| partial || self.is_shard),
            partial,
            shard_from: self.shard_from.clone(),
            ..record.counted_by(&self.kernel, self.workers, elapsed)
        }
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
        Some(Target::Regular(path)) => path.to_str().map(str::to_owned),
        _ => None,
    };
    Ok(Goal {
        sims,
        target_error: options.target_error,
        shard: options.shard,
        trace,
    })
}
