//! `--mpi`: one run shared by the processes that an MPI launcher started, on any number of hosts. Each
//! rank counts its shard, one reduce adds them up, and rank 0 prints.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::topology::{Color, SimpleCommunicator};
use mpi::traits::{Communicator, Root};
use pi_mc::{Method, Plan, Record, Tally, engine};

use super::job::Job;
use crate::cli::failure::print_error;
use crate::cli::output::print;

/// The rank that draws the seed, and prints.
const ROOT: i32 = 0;

/// Counts this rank's share. An error of one rank ends the job, as the others would wait for it for
/// ever.
pub(super) fn run(job: &Job) -> Result<ExitCode> {
    // Threads count, but only this one talks.
    let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)
        .context("could not start MPI, which '--mpi' needs")?;
    let world = universe.world();
    let result = on_rank(job, &world);
    result.or_else(|error| {
        print_error(&format!("rank {}: {error:#}", world.rank()));
        world.abort(1)
    })
}

fn on_rank(job: &Job, world: &SimpleCommunicator) -> Result<ExitCode> {
    let (rank, root) = (world.rank(), world.process_at_rank(ROOT));
    let mut asked = [0; 2];
    if rank == ROOT {
        let whole = job.plan()?;
        asked = [whole.seed(), whole.sims()];
    }
    let start = Instant::now();
    root.broadcast_into(&mut asked);
    let [seed, sims] = asked;
    let whole = Plan::new(seed, sims)?;
    let shard = whole.shard(rank as u64 + 1, world.size() as u64)?;

    let workers = engine::workers(
        &shard,
        Some(job.workers.unwrap_or_else(|| fair_share(world))),
    );
    let tally = engine::count(&shard, job.kernel, workers)?;

    let own = [tally.sims, tally.hits, workers.get() as u64];
    let mut sum = [0; 3];
    if rank != ROOT {
        root.reduce_into(&own, SystemOperation::sum());
        return Ok(ExitCode::SUCCESS);
    }
    root.reduce_into_root(&own, &mut sum, SystemOperation::sum());
    let [sims, hits, workers] = sum;
    if sims != whole.sims() {
        bail!("the ranks counted {sims} darts, not {}", whole.sims());
    }
    let record = Record::new(&whole, Tally { sims, hits }, Method::Darts).counted_by(
        job.kernel.name(),
        workers as usize,
        Some(start.elapsed()),
    );
    // Not to a terminal, whatever it looks like: launchers let ranks write to one of their own.
    print(&record, job.format, false)?;
    Ok(ExitCode::SUCCESS)
}

/// This rank's part of the cores that it shares with other ranks: those of its host that may run on the
/// same ones. A launcher may have bound each rank to cores of its own, or none.
fn fair_share(world: &SimpleCommunicator) -> NonZero<usize> {
    let host = world.split_shared(0);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status
        .lines()
        .find(|line| line.starts_with("Cpus_allowed:"));
    let mut hasher = DefaultHasher::new();
    allowed.hash(&mut hasher);
    let colour = Color::with_value((hasher.finish() >> 33) as i32);
    let (rank, ranks) = match host.split_by_color(colour) {
        Some(sharing) => (sharing.rank() as usize, sharing.size() as usize),
        None => (0, 1),
    };
    // What does not divide goes to the first ranks, a core each.
    let share = (engine::cores().get() + ranks - 1 - rank) / ranks;
    NonZero::new(share).unwrap_or(NonZero::<usize>::MIN)
}
