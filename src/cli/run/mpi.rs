//! `--mpi`: one run shared by the processes that an MPI launcher started, on any number of hosts. Each
//! rank counts its share of the missing darts. Every second the ranks agree whether to go on, and every few seconds
//! rank 0 gathers what all have counted into the checkpoint, and at the end into the result.
//!
//! All ranks count until a second after they last agreed, so nobody waits for long: rank 0 counts less in a second in
//! which it writes the checkpoint.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::topology::{Color, SimpleCommunicator};
use mpi::traits::{Communicator, CommunicatorCollectives, Root};

use crate::cli::io::failure::print_error;
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::print;
use crate::cli::parse::choice::counter;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::Job;
use crate::cli::run::start::Run;
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::coverage::Coverage;
use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::engine::clock::{Spent, Stopwatch};
use crate::engine::cores::cores;
use crate::engine::walk::{Walk, WalkBuilder};
use crate::result::record::{Method, Record};

/// Stands for a processor time that the system does not report.
const UNKNOWN: u64 = u64::MAX;

/// The rank that draws the seed, keeps the checkpoint, and prints.
const ROOT: i32 = 0;

/// The time between two agreements of the ranks.
const PERIOD: Duration = Duration::from_secs(1);

/// Counts this rank's share. An error of one rank ends the job, since the others would wait for it for ever.
pub(crate) fn run(job: Job) -> Result<ExitCode> {
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

fn on_rank(job: Job, world: &SimpleCommunicator) -> Result<ExitCode> {
    let rank = world.rank();
    let workers = job.workers;
    let pinning = job.pinning.clone();
    let kernel = job.kernel.clone();
    let limit = job.time_limit;
    let mut head = if rank == ROOT {
        Some(Head::start(job)?)
    } else {
        None
    };

    let watch = Stopwatch::start();
    let (plan, missing) = shared(world, head.as_ref())?;
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let (workers, taken) = fair_share(world, workers);
    let walk = WalkBuilder {
        only: Some(share(&missing, rank as u64, world.size() as u64)),
        ..Walk::of(plan)
    };
    let walk = walk.counter(counter(kernel.as_deref())?).workers(workers);
    let walk = walk.pinned(pinning.map(|cores| cores.after(taken)));
    let mut walk = walk.start()?;
    // A launcher passes Ctrl-C on to all ranks, as TERM, and leaves them some seconds. A signal may also come to one
    // rank alone.
    let signals = Signals::watch()?;
    let is_late = || deadline.is_some_and(|end| Instant::now() >= end);
    let mut next = Instant::now() + PERIOD;
    loop {
        let stop = || signals.caught().is_some() || is_late();
        let has_more = loop {
            let has_more = walk.step_to(next, u64::MAX, stop)?.is_some();
            // A step also ends at a gap.
            if !has_more || stop() || Instant::now() >= next {
                break has_more;
            }
        };
        let is_due = head.as_mut().is_some_and(Head::is_due);
        let signal = signals.caught().unwrap_or(0);
        let is_left = walk.coverage.gap().is_some();
        let own = [has_more, is_due, is_left].map(u8::from);
        let mut all = [0; 4];
        let own = [own[0], own[1], own[2], signal];
        world.all_reduce_into(&own, &mut all, SystemOperation::max());
        next = Instant::now() + PERIOD;
        let [has_more, is_due, is_left, signal] = all;
        let is_over = has_more == 0 || signal != 0;
        let caught = Some(signal).filter(|signal| *signal != 0 && is_left != 0);
        if is_over || is_due != 0 {
            let gathered = gather(world, &walk, &watch)?;
            if let Some((head, gathered)) = head.as_mut().zip(gathered) {
                // Before the end is known, a run that goes on is partial.
                let is_cut = !is_over || caught.is_some();
                let record = head.record(&gathered, is_cut, walk.counter(), &watch)?;
                head.save(&record)?;
                if is_over {
                    // No colour: launchers let ranks write to a terminal of their own.
                    print(&record, head.run.job.format, false)?;
                }
            }
        }
        if is_over {
            // A launcher kills the others once a rank has failed, and a signal counts as a failure.
            world.barrier();
            return Ok(caught.map_or(ExitCode::SUCCESS, ExitCode::from));
        }
    }
}

/// What only the root has: the run, its checkpoint, and the darts that it holds.
struct Head {
    run: Run,
    checkpoint: Option<Checkpoint>,
    held: Vec<Part>,
    missing: Vec<Plan>,
    /// The elapsed and the processor time before this run, where they are known.
    before: [Option<Duration>; 2],
    has_complained: bool,
}

/// The parts that all ranks have counted, their workers, and their processor time, if it is known.
struct Gathered {
    parts: Vec<Part>,
    workers: usize,
    cpu: Option<Duration>,
}

impl Head {
    fn start(job: Job) -> Result<Head> {
        let checkpoint = job.checkpoint.as_deref();
        let checkpoint = checkpoint.map(Checkpoint::open).transpose()?;
        let (run, walk) = Run::start(job, checkpoint.as_ref())?;
        let kept = &run.job;
        let in_order = [
            ("a target error", kept.target_error.is_some()),
            ("a trace", kept.trace.is_some()),
            ("a shard", kept.shard.is_some()),
            ("a range", kept.range.is_some()),
            ("parts", kept.parts.is_some()),
        ];
        if let Some((name, _)) = in_order.iter().find(|(_, given)| *given) {
            bail!("the checkpoint is of a run with {name}, which '--mpi' cannot go on with");
        }
        let mut head = Head {
            held: walk.coverage.parts(),
            missing: walk.coverage.missing(),
            before: [None; 2],
            run,
            checkpoint,
            has_complained: false,
        };
        // A checkpoint that cannot be written is an error now, and not after hours.
        let record = walk.record();
        let elapsed = record.elapsed_s.map(Duration::try_from_secs_f64);
        head.before = match head.held[..] {
            [] => [Some(Duration::ZERO); 2],
            _ => [elapsed.and_then(Result::ok), record.cpu_time()],
        };
        let first = Record {
            partial: !head.missing.is_empty(),
            total: head.run.goal.sims.filter(|_| !head.missing.is_empty()),
            ..record
        };
        if let Some(checkpoint) = &mut head.checkpoint {
            checkpoint.save(&first, &head.run.goal, &[])?;
        }
        Ok(head)
    }

    fn is_due(&mut self) -> bool {
        self.checkpoint.as_mut().is_some_and(Checkpoint::is_due)
    }

    /// The record of all darts counted, which is partial if the run `is_cut` short, or if there are gaps. The ranks may
    /// be on several machines, so the record names none.
    fn record(
        &self,
        gathered: &Gathered,
        is_cut: bool,
        kernel: &str,
        watch: &Stopwatch,
    ) -> Result<Record> {
        let plan = self.run.plan;
        let parts = [&self.held[..], &gathered.parts].concat();
        let tally: Tally = parts.iter().map(Part::tally).sum();
        let parts = Coverage::with(parts).parts();
        let first = parts.first().map_or(plan.start(), |part| part.first);
        let has_gaps = parts.len() > 1 || first != plan.start();
        let partial = tally.sims < plan.sims() && (is_cut || has_gaps);
        let record = Record {
            first,
            partial,
            total: self.run.goal.sims.filter(|_| partial),
            parts: if has_gaps {
                parts.into_iter().map(Into::into).collect()
            } else {
                Vec::new()
            },
            ..Record::new(&plan, tally, Method::Darts)
        };
        let [elapsed, cpu] = self.before;
        let cpu = cpu.and_then(|before| before.checked_add(gathered.cpu?));
        let elapsed = elapsed.map(|before| before.saturating_add(watch.spent().elapsed));
        let spent = elapsed.map(|elapsed| Spent { elapsed, cpu });
        let record = Record {
            cpu_s: cpu.map(|cpu| cpu.as_secs_f64()),
            ..record.counted_by(kernel, gathered.workers, spent)
        };
        record.check()?;
        Ok(record)
    }

    /// Saves the checkpoint, if there is one. A run goes on if that fails, until its end.
    fn save(&mut self, record: &Record) -> Result<()> {
        let Some(checkpoint) = &mut self.checkpoint else {
            return Ok(());
        };
        let saved = checkpoint.save(record, &self.run.goal, &[]);
        match saved {
            Err(error) if record.partial && !self.has_complained => {
                self.has_complained = true;
                print_error(&format!("{error:#}; the run goes on and will try again"));
                Ok(())
            }
            Err(_) if record.partial => Ok(()),
            saved => saved,
        }
    }
}

/// The run's plan, and its missing darts, from the root to all ranks.
fn shared(world: &SimpleCommunicator, head: Option<&Head>) -> Result<(Plan, Vec<Plan>)> {
    let root = world.process_at_rank(ROOT);
    let mut asked = [0; 3];
    let mut ranges = Vec::new();
    if let Some(head) = head {
        let ends = |plan: &Plan| [plan.start(), plan.end()];
        ranges = head.missing.iter().flat_map(ends).collect();
        asked = [
            head.run.plan.seed(),
            head.run.plan.end(),
            ranges.len() as u64,
        ];
    }
    root.broadcast_into(&mut asked);
    let [seed, end, len] = asked;
    ranges.resize(len as usize, 0);
    root.broadcast_into(&mut ranges[..]);
    let plan = Plan::first(seed, end)?;
    let missing = ranges.chunks_exact(2);
    let missing = missing.map(|ends| plan.part(ends[0]..ends[1]));
    Ok((plan, missing.collect::<Result<_, _>>()?))
}

/// Share `i` of `n` equal ones of the `missing` darts, cut at chunk borders.
fn share(missing: &[Plan], i: u64, n: u64) -> Vec<Plan> {
    let all: u64 = missing.iter().map(Plan::sims).sum();
    // The number of the dart at which share `i` begins.
    let cut = |i: u64| {
        let mut left = (u128::from(all) * u128::from(i) / u128::from(n)) as u64;
        for gap in missing {
            if left < gap.sims() {
                let dart = gap.start() + left;
                return (dart - dart % u64::from(CHUNK_DARTS)).max(gap.start());
            }
            left -= gap.sims();
        }
        u64::MAX
    };
    let (begin, end) = (cut(i), cut(i + 1));
    let part = |gap: &Plan| {
        let place = |dart: u64| dart.clamp(gap.start(), gap.end()) - gap.start();
        gap.part(place(begin)..place(end)).ok()
    };
    missing.iter().filter_map(part).collect()
}

/// What all ranks have counted so far, at the root. Each rank sends its workers, its nanoseconds of processor time,
/// and three numbers for each of its parts.
fn gather(world: &SimpleCommunicator, walk: &Walk, watch: &Stopwatch) -> Result<Option<Gathered>> {
    let root = world.process_at_rank(ROOT);
    let cpu = watch.spent().cpu;
    let cpu = cpu.and_then(|cpu| cpu.as_nanos().try_into().ok());
    let mut own = vec![walk.workers() as u64, cpu.unwrap_or(UNKNOWN)];
    let parts = walk.coverage.parts().into_iter();
    own.extend(parts.flat_map(|part| [part.first, part.sims, part.hits]));
    let len = own.len() as i32;
    if world.rank() != ROOT {
        root.gather_into(&len);
        root.gather_varcount_into(&own[..]);
        return Ok(None);
    }
    let mut lens = vec![0; world.size() as usize];
    root.gather_into_root(&len, &mut lens[..]);
    let starts: Vec<i32> = lens
        .iter()
        .scan(0, |end, len| {
            *end += len;
            Some(*end - len)
        })
        .collect();
    let mut all = vec![0u64; lens.iter().sum::<i32>() as usize];
    let mut sorted = PartitionMut::new(&mut all[..], &lens[..], &starts[..]);
    root.gather_varcount_into_root(&own[..], &mut sorted);

    let mut gathered = Gathered {
        parts: Vec::new(),
        workers: 0,
        cpu: Some(Duration::ZERO),
    };
    for (rank, (start, len)) in starts.iter().zip(&lens).enumerate() {
        let [workers, nanos, parts @ ..] = &all[*start as usize..(start + len) as usize] else {
            bail!("rank {rank} did not send a tally");
        };
        gathered.workers += *workers as usize;
        let cpu = (*nanos != UNKNOWN).then_some(Duration::from_nanos(*nanos));
        gathered.cpu = gathered.cpu.and_then(|sum| sum.checked_add(cpu?));
        gathered
            .parts
            .extend(parts.chunks_exact(3).map(|part| Part {
                first: part[0],
                sims: part[1],
                hits: part[2],
            }));
    }
    Ok(Some(gathered))
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
