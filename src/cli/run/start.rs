//! Starts a run: decides which darts it counts, by the command line first and by its checkpoint otherwise.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::cli::io::failure::{Usage, print_error};
use crate::cli::io::file::Target;
use crate::cli::io::stdout::Format;
use crate::cli::parse::choice::counter;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::shard::Shard;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::Job;
use crate::cli::run::trace::own_file;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::walk::Walk;
use crate::result::goal::Goal;
use crate::result::record::Record;

/// One run of the program.
pub(crate) struct Run {
    /// The job, with its gaps filled in from the checkpoint.
    pub(crate) job: Job,
    pub(crate) goal: Goal,
    /// Its own darts.
    pub(crate) plan: Plan,
    /// The numbers of its darts at which a part of `--parts` ends and the next begins.
    pub(crate) cuts: Vec<u64>,
    /// Whether its darts are counted in order: its checkpoint, if there is one, has no gaps.
    pub(crate) is_in_order: bool,
    /// The darts that its checkpoint holds already.
    pub(crate) resumed: Tally,
    /// The end of the time limit; `None` without one, and for a time that no clock reaches.
    pub(crate) deadline: Option<Instant>,
}

impl Run {
    /// The run that `job` asks for, and the walk through its darts. The checkpoint fills in whatever the job leaves
    /// open.
    pub(crate) fn start(mut job: Job, checkpoint: Option<&Checkpoint>) -> Result<(Run, Walk)> {
        let held = checkpoint.and_then(|checkpoint| checkpoint.held.as_ref());
        let goal = goal(&mut job, held)?;
        let seed = job.seed.or(held.map(|held| held.seed));
        let seed = seed_or_drawn(seed)?;
        let whole = Plan::first(seed, goal.sims.unwrap_or(u64::MAX))?;
        let mut plan = match (&job.shard, &job.range) {
            (Some(shard), _) => whole.shard(shard.number, shard.of)?,
            (None, Some(range)) => Plan::new(seed, range.clone())?,
            (None, None) => whole,
        };
        let has_end = goal.sims.is_some() || job.range.is_some() || job.has_limit();
        // Its only goal was a time, which is over: the run ends where the checkpoint does.
        if let Some(held) = held.filter(|_| !has_end) {
            if held.sims == 0 || held.has_gaps() {
                let has = if held.sims == 0 { "no darts" } else { "gaps" };
                bail!("the checkpoint has {has} and no goal; name one with '--sims'");
            }
            plan = plan.part(0..held.sims.min(plan.sims()))?;
        }
        let cuts = cuts(&plan, goal.parts);
        let mut walk = Walk::of(plan);
        if let Some(checkpoint) = checkpoint {
            walk = checkpoint.resume(walk)?;
        }
        let is_in_order = held
            .is_none_or(|held| held.sims == 0 || held.first == plan.start() && !held.has_gaps());
        if !is_in_order {
            require_no_order(&job)?;
        }
        // Before the clock starts: a GPU's driver takes its time, which is no rate of counting.
        let counter = counter(job.kernel.as_deref())?;
        let limit = job.time_limit;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        walk = walk.counter(counter).workers(job.workers);
        walk = walk.pinned(job.pinning.clone());
        if job.timeline.is_some() || job.live {
            walk = walk.with_timeline();
        }
        let draws = job.plot.is_some() || job.timeline.is_some();
        if job.format != Format::Json && checkpoint.is_none() && !draws {
            walk = walk.without_cpu_name();
        }
        let walk = walk.start()?;
        let run = Run {
            job,
            goal,
            plan,
            cuts,
            is_in_order,
            resumed: walk.tally(),
            deadline,
        };
        Ok((run, walk))
    }

    /// The record of the run without its parts, which may have reached its goal before the end of its plan. But a part
    /// of a run, which is to be merged, and a run with gaps are whole only there.
    pub(crate) fn record(&self, walk: &Walk, partial: bool) -> Record {
        let Job { shard, range, .. } = &self.job;
        let is_shard = shard.is_some() && self.goal.sims.is_some();
        let is_part = range.is_some() || is_shard || !self.is_in_order;
        let partial = partial || is_part && walk.tally().sims < self.plan.sims();
        Record {
            total: self.goal.sims.filter(|_| partial || shard.is_some()),
            partial,
            range: range.as_ref().map(|range| (range.start, range.end)),
            shard_from: shard.as_ref().and_then(|shard| shard.from.clone()),
            ..walk.record()
        }
    }
}

/// The numbers of darts at which `plan` is cut into `parts` parts, or as many as it has chunks, the end left out.
fn cuts(plan: &Plan, parts: Option<u64>) -> Vec<u64> {
    let shards = plan.shards(parts.unwrap_or(1));
    let mut cuts: Vec<u64> = shards.map(|shard| shard.end() - plan.start()).collect();
    cuts.dedup();
    cuts.retain(|cut| (1..plan.sims()).contains(cut));
    cuts
}

/// Refuses what needs the darts in order.
fn require_no_order(job: &Job) -> Result<(), Usage> {
    let ordered = [
        ("trace", job.trace.is_some()),
        ("plot", job.plot.is_some()),
        ("target-error", job.target_error.is_some()),
        ("parts", job.parts.is_some()),
    ];
    match ordered.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(Usage(format!(
            "the checkpoint has gaps, and '--{name}' needs the darts in order; fill the gaps without it first"
        ))),
    }
}

/// The goal of the run. A number of darts or a target error from the command line is a new goal; otherwise the
/// checkpoint's stays.
fn goal(job: &mut Job, held: Option<&Record>) -> Result<Goal> {
    let mut sims = job.sims;
    if let Some(held) = held {
        let kept = held.goal.clone().unwrap_or_else(|| Goal {
            sims: Some(held.total.unwrap_or(held.end())).filter(|_| held.range.is_none()),
            ..Goal::default()
        });
        let has_new_range = job.range.is_some();
        // Only a checkpoint has a goal; any other result takes a number of darts as a new one.
        let shard = held.shard.filter(|_| held.goal.is_some() || sims.is_none());
        let is_shard = shard.is_some_and(|held| {
            let shard = job.shard.as_ref();
            !has_new_range && shard.is_none_or(|shard| (shard.number, shard.of) == held)
        });
        if sims.is_none() && job.target_error.is_none() {
            sims = kept.sims.filter(|_| !has_new_range);
            job.target_error = kept.target_error;
        } else if is_shard {
            // A shard begins where the number of all darts puts it.
            if let Some(sims) = sims.filter(|sims| Some(*sims) != kept.sims) {
                let whole = kept
                    .sims
                    .map_or("no number of".to_owned(), |kept| kept.to_string());
                bail!(
                    "the checkpoint has a shard of {whole} darts, not of '-n {sims}'; leave '-n' out, or use \
                     another file"
                );
            }
            sims = kept.sims;
        }
        job.parts = job.parts.or(kept.parts);
        if let (None, None, Some((number, of))) = (&job.shard, &job.range, shard) {
            let from = None;
            job.shard = Some(Shard { number, of, from });
        }
        if let (None, None, None, Some((first, end))) =
            (job.sims, &job.shard, &job.range, held.range)
        {
            job.range = Some(first..end);
        }
        if let (None, Some(trace)) = (&job.trace, kept.trace) {
            // Somebody else may have written the checkpoint, with the name of any file.
            if let Some(own) = own_file(trace.as_ref(), held) {
                print_error(&format!(
                    "the trace goes on in '{trace}', which the checkpoint names"
                ));
                job.trace = Some(Target::Regular(own));
                job.check_distinct()?;
            } else {
                print_error(&format!(
                    "no trace is written: the checkpoint names '{trace}', which holds no trace of this run; type \
                     '--trace {trace}' to write it there"
                ));
            }
        }
    } else if !job.has_limit() && job.range.is_none() {
        sims = sims.or(Some(job.default_sims()));
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
    if job.parts.is_some() && sims.is_none() && job.range.is_none() {
        let message = "'--parts' cuts a known number of darts; name one with '-n'";
        return Err(Usage(message.to_owned()).into());
    }
    Ok(Goal {
        sims,
        target_error: job.target_error,
        parts: job.parts,
        trace,
        marks: Vec::new(),
    })
}
