//! The burn-in: every chunk is counted twice, by different workers and counters, until the time is over
//! or two counts differ. One loop with two schedules: all workers at once, or one core after the other.

use std::fmt;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::engine::clock::Stopwatch;
use crate::engine::cores::{Core, Pinning};
use crate::engine::counter::Counter;
use crate::engine::crew::Crew;
use crate::engine::progress::Progress;
use crate::error::Error;

/// The result of a burn-in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BurnIn {
    /// The number of chunks that were counted twice.
    pub chunks: u64,
    /// The mismatch that ended the burn-in early.
    pub mismatch: Option<Mismatch>,
}

/// Two counts of a chunk that differ.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The seed.
    pub seed: u64,
    /// The chunk.
    pub chunk: u64,
    /// The two counts, in the order in which they were made.
    pub counts: [Counted; 2],
    /// The hits by [`contract::count_chunk`], which show the wrong one of the two counts.
    pub reference: u32,
}

/// One count of a whole chunk.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Counted {
    /// The name of the counter.
    pub counter: String,
    /// The worker, from 0.
    pub worker: usize,
    /// The CPU cores on which the count began and ended, where the system reports them.
    pub cores: Option<(usize, usize)>,
    /// The hits.
    pub hits: u32,
}

/// The counts of one core in a burn-in core by core.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CoreTally {
    /// The core.
    pub core: Core,
    /// The number of counts of a chunk that the core made; each chunk takes two.
    pub counts: u64,
    /// The darts that the core counted with the first counter, and the time that they took.
    timed: (u64, Duration),
}

impl CoreTally {
    /// The core's darts per second of processor time with the first counter, which does not depend on
    /// what else the machine does; `None` if the core did not get to count with it.
    pub fn sims_per_s(&self) -> Option<f64> {
        let (sims, time) = self.timed;
        (sims > 0).then(|| sims as f64 / time.as_secs_f64().max(1e-9))
    }
}

/// Chunks that a worker counts before all workers meet: a few milliseconds, so that a burn-in ends on
/// time and meeting costs next to nothing.
const CHUNKS_A_SHARE: u64 = 64;

/// Chunks that a core counts before the next core does: some ten milliseconds, so that its clock rate has
/// time to rise.
const CHUNKS_A_CORE: u64 = 1024;

/// Counts the chunks of `seed` from the first on, each twice, by different workers (if there are two)
/// and different counters in turn, until two counts differ or `watch` breaks, which
/// sees the number of chunks that were checked, every few milliseconds.
///
/// # Errors
/// With fewer than two counters (one may be there twice), if the operating system refuses the threads, and
/// those of a GPU.
pub fn burn_in(
    seed: u64,
    counters: &[Counter],
    workers: NonZero<usize>,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<BurnIn, Error> {
    check_counters(counters)?;
    let (crew, workers) = (Crew::new(workers, None)?, workers.get());
    let step = workers as u64 * CHUNKS_A_SHARE;
    let all_at_once = |round: usize, pass: usize, first: u64| {
        let counter = &counters[(round + pass) % counters.len()];
        // In the second pass each worker checks a different worker's share, and not always the same
        // one's.
        let shift = pass * (1 + round % (workers - 1).max(1)) % workers;
        let count_share = |worker| {
            let share = ((worker + shift) % workers) as u64;
            count(counter, worker, seed, first + share * CHUNKS_A_SHARE)
        };
        let shares = crew.each(workers, || false, count_share)?;
        let mut shares = shares.into_iter().collect::<Result<Vec<_>, _>>()?;
        shares.rotate_right(shift);
        Ok(shares.into_iter().flatten().collect())
    };
    count_twice(seed, step, all_at_once, watch)
}

/// A burn-in that runs on one core at a time, so that each core gets its full power and clock rate, and a
/// wrong count can be traced to a core. Each chunk is counted by a core, and then by the next one in the
/// order of `pinning`, with different counters, which change once every core has had
/// its turn. `cores` is the number of cores that take part.
///
/// # Errors
/// With fewer than two counters, if the operating system refuses to pin the calling thread, and those of a
/// GPU.
pub fn burn_in_by_core(
    seed: u64,
    counters: &[Counter],
    pinning: &Pinning,
    cores: NonZero<usize>,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<(BurnIn, Vec<CoreTally>), Error> {
    check_counters(counters)?;
    let tally = |core| CoreTally {
        core,
        counts: 0,
        timed: (0, Duration::ZERO),
    };
    let cores = pinning.cores_of(cores.get());
    let mut tallies: Vec<CoreTally> = cores.into_iter().map(tally).collect();
    let core_by_core = |round: usize, pass: usize, first: u64| {
        let worker = (round + pass) % tallies.len();
        let index = (round / tallies.len() + pass) % counters.len();
        let (tally, counter) = (&mut tallies[worker], &counters[index]);
        let chunks = first..first + CHUNKS_A_CORE;
        let stopwatch = Stopwatch::start();
        let hits = pinning.on(worker, || counter.chunk_hits(seed, chunks))??;
        if index == 0 {
            let spent = stopwatch.spent();
            tally.timed.0 += CHUNKS_A_CORE * u64::from(CHUNK_DARTS);
            tally.timed.1 += spent.cpu.unwrap_or(spent.elapsed);
        }
        tally.counts += CHUNKS_A_CORE;
        let cores = Some((tally.core.cpu, tally.core.cpu));
        let counted = |hits| Counted {
            counter: counter.name().to_owned(),
            worker,
            cores,
            hits,
        };
        Ok(hits.into_iter().map(counted).collect())
    };
    let found = count_twice(seed, CHUNKS_A_CORE, core_by_core, watch)?;
    Ok((found, tallies))
}

fn check_counters(counters: &[Counter]) -> Result<(), Error> {
    if counters.len() < 2 {
        let message = "a burn-in takes two counters or more; the same one twice is allowed";
        return Err(Error::Invalid(message.to_owned()));
    }
    Ok(())
}

/// The loop of a burn-in. In each round the `schedule` counts the next `step` chunks in two passes: it gets
/// the round, the pass (0 or 1) and the first chunk, and gives the counts in the order of the chunks.
fn count_twice(
    seed: u64,
    step: u64,
    mut schedule: impl FnMut(usize, usize, u64) -> Result<Vec<Counted>, Error>,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<BurnIn, Error> {
    let mut chunks = 0;
    let mut mismatch = None;
    for round in 0.. {
        let first = schedule(round, 0, chunks)?;
        let second = schedule(round, 1, chunks)?;
        let mut pairs = (chunks..).zip(first.into_iter().zip(second));
        if let Some((chunk, (a, b))) = pairs.find(|(_, (a, b))| a.hits != b.hits) {
            mismatch = Some(Mismatch {
                seed,
                chunk,
                counts: [a, b],
                reference: contract::count_chunk(seed, chunk, 0..CHUNK_DARTS),
            });
            break;
        }
        chunks += step;
        if watch(Progress::new(chunks, None)).is_break() {
            break;
        }
    }
    Ok(BurnIn { chunks, mismatch })
}

/// Counts a worker's share of whole chunks, a chunk at a time. A GPU takes all of them at once.
fn count(counter: &Counter, worker: usize, seed: u64, first: u64) -> Result<Vec<Counted>, Error> {
    let step = if counter.is_device() {
        CHUNKS_A_SHARE
    } else {
        1
    };
    let mut counts = Vec::new();
    for chunk in (first..first + CHUNKS_A_SHARE).step_by(step as usize) {
        let before = core();
        let hits = counter.chunk_hits(seed, chunk..chunk + step)?;
        let cores = before.zip(core()).filter(|_| !counter.is_device());
        counts.extend(hits.into_iter().map(|hits| Counted {
            counter: counter.name().to_owned(),
            worker,
            cores,
            hits,
        }));
    }
    Ok(counts)
}

/// The CPU core that the calling thread runs on.
#[cfg(target_os = "linux")]
fn core() -> Option<usize> {
    Some(rustix::thread::sched_getcpu())
}

#[cfg(not(target_os = "linux"))]
fn core() -> Option<usize> {
    None
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} counted {} hits ", self.counter, self.hits)?;
        match self.cores {
            None => write!(f, "as worker {}", self.worker),
            Some((core, after)) if core == after => write!(f, "on CPU core {core}"),
            Some((before, after)) => write!(f, "on CPU cores {before} and {after}"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.counts;
        write!(
            f,
            "chunk {} of seed {}: {first}, {second}; the reference counts {}",
            self.chunk, self.seed, self.reference
        )
    }
}
