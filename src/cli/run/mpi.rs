//! `--mpi`: one run shared by the processes that an MPI launcher started, on any number of hosts. Each
//! rank counts its shard, rank 0 gathers the tallies and prints their sum.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mpi::Threading;
use mpi::topology::{Color, SimpleCommunicator};
use mpi::traits::{Communicator, Root};

use crate::cli::io::failure::print_error;
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::print;
use crate::cli::parse::choice::counter;
use crate::cli::run::job::Job;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::clock::{Spent, Stopwatch};
use crate::engine::cores::cores;
use crate::engine::walk::Walk;
use crate::result::merge::merge_partial;
use crate::result::record::{Method, Record};

/// Stands for a processor time that the system does not report.
const UNKNOWN: u64 = u64::MAX;

/// The rank that draws the seed, and prints.
const ROOT: i32 = 0;

/// Counts this rank's share. An error of one rank ends the job, since the others would wait for it for ever.
pub(crate) fn run(job: &Job) -> Result<ExitCode> {
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
    let watch = Stopwatch::start();
    root.broadcast_into(&mut asked);
    let [seed, sims] = asked;
    let whole = Plan::first(seed, sims)?;
    let shard = whole.shard(rank as u64 + 1, world.size() as u64)?;

    let (asked, taken) = fair_share(world, job.workers);
    let pinning = job.pinning.clone().map(|cores| cores.after(taken));
    let counter = counter(job.kernel.as_deref())?;
    let walk = Walk::of(shard).counter(counter).workers(asked);
    let mut walk = walk.pinned(pinning).start()?;
    // A launcher passes Ctrl-C on to all ranks, as TERM, and leaves them some seconds.
    let signals = Signals::watch()?;
    while walk
        .step(u64::MAX, || signals.caught().is_some())?
        .is_some()
    {}

    let Tally { sims, hits } = walk.tally();
    // Before it waits for others, which MPI does at full speed.
    let cpu = watch.spent().cpu;
    let cpu = cpu.and_then(|cpu| cpu.as_nanos().try_into().ok());
    let cpu = cpu.unwrap_or(UNKNOWN);
    let own = [shard.start(), sims, hits, walk.workers() as u64, cpu];
    if rank != ROOT {
        root.gather_into(&own);
        return Ok(ExitCode::SUCCESS);
    }
    let mut all = vec![0; own.len() * world.size() as usize];
    root.gather_into_root(&own, &mut all);
    let record = sum(&whole, &all, walk.counter(), watch)?;
    // No colour: launchers let ranks write to a terminal of their own.
    print(&record, job.format, false)?;
    Ok(match signals.caught().filter(|_| record.partial) {
        Some(code) => code.into(),
        None => ExitCode::SUCCESS,
    })
}

/// The record of all ranks' darts. Each rank sends five numbers: its first dart, its darts, its hits, its workers and
/// its nanoseconds of processor time. The ranks may be on several machines, so the record names none.
fn sum(whole: &Plan, all: &[u64], kernel: &str, watch: Stopwatch) -> Result<Record> {
    let mut records = Vec::new();
    let mut workers = 0;
    let mut cpu = Some(Duration::ZERO);
    for (rank, counted) in all.chunks_exact(5).enumerate() {
        let [first, sims, hits, threads, nanos] = *counted else {
            bail!("rank {rank} sent something else than a tally");
        };
        workers += threads as usize;
        let own = (nanos != UNKNOWN).then_some(Duration::from_nanos(nanos));
        cpu = cpu.and_then(|sum| sum.checked_add(own?));
        if sims > 0 {
            let range = Plan::from_start(whole.seed(), first, sims)?;
            let mut record = Record::new(&range, Tally { sims, hits }, Method::Darts);
            record.total = Some(whole.sims());
            records.push((format!("rank {rank}"), record));
        }
    }
    let mut record = merge_partial(records.iter().map(|(name, record)| (name, record)))?;
    if !record.partial {
        // It holds all darts, whichever rank counted which part.
        record.parts = Vec::new();
    }
    let elapsed = watch.spent().elapsed;
    let spent = Spent { elapsed, cpu };
    Ok(record.counted_by(kernel, workers, Some(spent)))
}

/// The workers of this rank, and how many workers the ranks before it have. A rank has the workers asked for, or
/// else its part of the cores that it shares with those ranks of its host that may run on the same cores. A
/// launcher may have bound each rank to cores of its own, or none.
fn fair_share(
    world: &SimpleCommunicator,
    asked: Option<NonZero<usize>>,
) -> (NonZero<usize>, usize) {
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
    // The remainder of the division goes to the first ranks, a core each.
    let all = cores().get();
    let share = |rank| {
        let share = NonZero::new((all + ranks - 1 - rank) / ranks);
        asked.or(share).unwrap_or(NonZero::<usize>::MIN)
    };
    (share(rank), (0..rank).map(|rank| share(rank).get()).sum())
}
