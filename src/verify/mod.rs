//! Checks that this machine counts right: known answers, every chunk counted twice by different workers
//! and kernels, and saved results counted again.

pub mod burn_in;

use std::fmt;
use std::num::NonZero;
use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::engine::counter::Counter;
use crate::engine::crew::Crew;
use crate::engine::walk::{Team, Walk};
use crate::error::Error;
pub use crate::verify::burn_in::{Turn, burn_in_by_core};

/// A problem whose answer is known, from an implementation that shares no code with this one. Named
/// after the sizes of the NAS parallel benchmarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 2^24 darts.
    S,
    /// 2^28.
    W,
    /// 2^30.
    A,
    /// 2^32.
    B,
    /// 2^36.
    C,
}

impl Class {
    /// All of them, smallest first.
    pub const ALL: [Class; 5] = [Class::S, Class::W, Class::A, Class::B, Class::C];

    /// Its name, as `--class` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Class::S => "S",
            Class::W => "W",
            Class::A => "A",
            Class::B => "B",
            Class::C => "C",
        }
    }

    /// The seed of all classes.
    pub const SEED: u64 = 271_828_183;

    /// Its darts.
    pub fn sims(self) -> u64 {
        1 << match self {
            Class::S => 24,
            Class::W => 28,
            Class::A => 30,
            Class::B => 32,
            Class::C => 36,
        }
    }

    /// The hits among them.
    pub fn hits(self) -> u64 {
        match self {
            Class::S => 13_176_242,
            Class::W => 210_836_832,
            Class::A => 843_347_544,
            Class::B => 3_373_285_898,
            Class::C => 53_971_920_517,
        }
    }
}

/// A count held to what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Who counted.
    pub counter: String,
    /// The darts, and the hits that they should have.
    pub expected: Part,
    /// The hits that were counted.
    pub hits: u64,
    /// How long that took.
    pub elapsed: Duration,
}

impl Check {
    /// Whether the count is what it should be.
    pub fn is_right(&self) -> bool {
        self.hits == self.expected.hits
    }
}

/// Counts a problem whose answer is known; see [`recount`].
///
/// # Errors
/// As there.
pub fn known(
    class: Class,
    counter: impl Into<Counter>,
    team: impl Into<Team>,
    watch: impl FnMut(Tally) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    let part = Part {
        first: 0,
        sims: class.sims(),
        hits: class.hits(),
    };
    recount(Class::SEED, part, counter, team, watch)
}

/// Counts a part of a saved result again. `watch` sees the tally about ten times a second; if it
/// breaks, there is no result.
///
/// # Errors
/// If the part holds no dart, if the operating system refuses the
/// threads, if it refuses to pin them.
pub fn recount(
    seed: u64,
    part: Part,
    counter: impl Into<Counter>,
    team: impl Into<Team>,
    mut watch: impl FnMut(Tally) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    let plan = Plan::range(seed, part.first, part.sims)?;
    let counter = counter.into();
    let name = counter.name().to_owned();
    let Team { workers, pinning } = team.into();
    let (asked, none) = (Some(workers), Tally::default());
    let start = Instant::now();
    let mut walk = Walk::pinned(&plan, counter, asked, none, pinning.as_ref())?;
    while let Some(tally) = walk.step(u64::MAX, || false)? {
        if watch(tally).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(Check {
        counter: name,
        expected: part,
        hits: walk.tally().hits,
        elapsed: start.elapsed(),
    }))
}

/// The chance that one wrong part among `of` is not among the `recounted` ones, if each part is as
/// likely to be the wrong one.
pub fn chance_missed(recounted: usize, of: usize) -> f64 {
    1.0 - recounted as f64 / of as f64
}

/// Chunks that a worker counts before all meet: a few milliseconds, so that a burn-in ends soon when it
/// should, and meeting costs next to nothing.
const CHUNKS_A_TURN: u64 = 64;

/// What a burn-in found.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnIn {
    /// The chunks that were counted twice.
    pub chunks: u64,
    /// What ended it before its time.
    pub mismatch: Option<Mismatch>,
}

/// Two counts of a chunk that differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The seed.
    pub seed: u64,
    /// The chunk.
    pub chunk: u64,
    /// The two counts, in the order in which they were made.
    pub counts: [Counted; 2],
    /// The hits by [`contract::count_chunk`], counted when it was found: who is to blame.
    pub reference: u32,
}

impl Mismatch {
    fn new(seed: u64, chunk: u64, counts: [Counted; 2]) -> Mismatch {
        Mismatch {
            seed,
            chunk,
            counts,
            reference: contract::count_chunk(seed, chunk, 0..CHUNK_DARTS),
        }
    }
}

/// One count of a whole chunk.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Who counted.
    pub counter: String,
    /// The worker, from 0.
    pub worker: usize,
    /// The CPU cores that it ran on when it began and when it ended, where the system tells.
    pub cores: Option<(usize, usize)>,
    /// The hits.
    pub hits: u32,
}

/// Counts the chunks of `seed` from the first on, each twice, by different workers (if there are two)
/// and different counters (if there are two) in turn, until `stop` is true or two counts differ.
/// `seen` is told, every few milliseconds, how many chunks were checked.
///
/// # Errors
/// If the operating system refuses the threads, and those of a GPU.
pub fn burn_in(
    seed: u64,
    counters: &[Counter],
    workers: NonZero<usize>,
    stop: impl Fn() -> bool,
    mut seen: impl FnMut(u64),
) -> Result<BurnIn, Error> {
    let (crew, workers) = (Crew::new(workers, None)?, workers.get());
    let turn = workers as u64 * CHUNKS_A_TURN;
    let (mut checked, mut mismatch) = (0, None);
    for round in 0.. {
        let pair = [0, 1].map(|i| &counters[(round + i) % counters.len()]);
        let share = |worker: usize| {
            let first = checked + worker as u64 * CHUNKS_A_TURN;
            first..first + CHUNKS_A_TURN
        };
        let first = crew.each(
            workers,
            || false,
            |worker| count(pair[0], seed, share(worker)),
        )?;
        let first = first.into_iter().collect::<Result<Vec<_>, _>>()?;
        // Each then checks another's share, and not always the same one's.
        let other = |worker| (worker + 1 + round % (workers - 1).max(1)) % workers;
        let mismatches = crew.each(
            workers,
            || false,
            |worker| {
                let share = share(other(worker));
                let second = count(pair[1], seed, share.clone())?;
                let mut counts = share.zip(first[other(worker)].iter().zip(second));
                let found = counts.find(|(_, (first, second))| first.0 != second.0);
                Ok(found.map(|(chunk, (first, second))| {
                    (chunk, [(other(worker), *first), (worker, second)])
                }))
            },
        )?;
        let mismatches = mismatches.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let found = mismatches.into_iter().flatten().min_by_key(|found| found.0);
        if let Some((chunk, [first, second])) = found {
            let counted = |counter: &Counter, (worker, (hits, cores))| Counted {
                counter: counter.name().to_owned(),
                worker,
                cores,
                hits,
            };
            let counts = [counted(pair[0], first), counted(pair[1], second)];
            mismatch = Some(Mismatch::new(seed, chunk, counts));
            break;
        }
        checked += turn;
        seen(checked);
        if stop() {
            break;
        }
    }
    Ok(BurnIn {
        chunks: checked,
        mismatch,
    })
}

/// The hits of a chunk, and the CPU cores that counted it: see [`Counted`].
type Count = (u32, Option<(usize, usize)>);

/// Counts a worker's share of whole chunks, a chunk at a time. A GPU takes all of them at once.
fn count(counter: &Counter, seed: u64, share: Range<u64>) -> Result<Vec<Count>, Error> {
    if counter.is_device() {
        let hits = counter.chunk_hits(seed, share)?;
        return Ok(hits.into_iter().map(|hits| (hits, None)).collect());
    }
    let mut counts = Vec::new();
    for chunk in share {
        let before = core();
        let hits = counter.chunk_hits(seed, chunk..chunk + 1)?;
        counts.extend(hits.into_iter().map(|hits| (hits, before.zip(core()))));
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
        let Mismatch {
            seed,
            chunk,
            counts: [first, second],
            reference,
        } = self;
        write!(
            f,
            "chunk {chunk} of seed {seed}: {first}, {second}; the reference counts {reference}"
        )
    }
}
