//! `--dry-run`: how many darts a run would throw, how accurate it would be, and how long it would take.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::io::stdout::{Format, print_data, print_text};
use crate::cli::parse::choice::counter;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::Job;
use crate::cli::run::start::Run;
use crate::darts::plan::Plan;
use crate::engine::walk::Walk;
use crate::report;
use crate::result::forecast::{Cost, Forecast, sims_for};

/// How long the probe counts.
const PROBE: Duration = Duration::from_millis(50);

/// Prints what `job` would take. Nothing that it counts is kept.
pub(crate) fn show(job: Job) -> Result<ExitCode> {
    let checkpoint = job.checkpoint.as_deref();
    let checkpoint = checkpoint.map(Checkpoint::open).transpose()?;
    let seed = checkpoint
        .as_ref()
        .and_then(|open| Some(open.held.as_ref()?.seed));
    let (run, walk) = Run::start(job, checkpoint.as_ref())?;
    let (workers, kernel) = (walk.workers(), walk.counter().to_owned());
    drop(walk);
    let sims_per_s = probe(&run, workers)?;

    let held = run.resumed.sims;
    let wanted = run.job.target_error.map_or(u64::MAX, sims_for);
    let in_time = run
        .job
        .time_limit
        .map_or(u64::MAX, |limit| (limit.as_secs_f64() * sims_per_s) as u64);
    let sims = run
        .plan
        .sims()
        .min(wanted)
        .min(in_time.saturating_add(held));
    let own = run.plan.part(0..sims.max(1).min(run.plan.sims()));
    let chunks = own.unwrap_or(run.plan).chunks();
    let cost = |sims: u64, left: u64| Cost::new(sims, left as f64 / sims_per_s);
    let forecast = Forecast {
        seed: run.job.seed.or(seed),
        cost: cost(sims, sims.saturating_sub(held)),
        held: Some(held).filter(|held| *held > 0),
        chunks: chunks.end - chunks.start,
        workers,
        kernel,
        sims_per_s,
        shard: run.plan.as_shard(),
        whole: run
            .job
            .shard
            .as_ref()
            .and(run.goal.sims)
            .map(|all| cost(all, all)),
    };
    match run.job.format {
        Format::Json => print_data(&(serde_json::to_string(&forecast)? + "\n")),
        _ => print_text(&report::forecast(&forecast)),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The rate at which `workers` count, in darts per second.
fn probe(run: &Run, workers: usize) -> Result<f64> {
    let darts = Plan::first(run.plan.seed(), u64::MAX)?;
    let walk = Walk::of(darts).counter(counter(run.job.kernel.as_deref())?);
    let walk = walk.workers(std::num::NonZero::new(workers));
    let mut walk = walk.pinned(run.job.pinning.clone()).start()?;
    // A GPU's first batches are small, and they are not waited for here.
    let start = Instant::now();
    let is_over = || start.elapsed() >= PROBE;
    while walk.step(u64::MAX, is_over)?.is_some() {}
    Ok(walk.tally().sims as f64 / start.elapsed().as_secs_f64())
}
