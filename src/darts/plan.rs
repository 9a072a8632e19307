//! A plan: which darts to count, as a seed and a range of dart numbers, cut at the chunks of the contract.
//! All arithmetic on numbers that a person typed is checked here, once.

use std::fmt;
use std::iter;
use std::num::NonZero;
use std::ops::Range;

use crate::darts::contract::CHUNK_DARTS;
use crate::error::Error;

/// A range of the darts of one seed that ends below dart 2^64. Only a shard can be empty.
///
/// A part of a plan remembers the whole, and a shard its number, so the record of a shard says which part of
/// which run it is.
///
/// ```
/// use pi_mc::Plan;
///
/// let whole = Plan::first(42, 1_000_000)?;
/// let shard = whole.shard(2, 3)?;
/// assert_eq!(shard.to_string(), "darts 327680 to 655359 of seed 42");
/// assert_eq!(shard.total(), Some(1_000_000));
/// assert_eq!(Plan::new(42, 0..1_000_000)?, whole);
/// # Ok::<(), pi_mc::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    seed: u64,
    start: u64,
    sims: u64,
    /// Where the whole ends that this is a part of.
    whole: Option<u64>,
    /// Its number and the number of shards, if it is a shard of a seed's first darts.
    shard: Option<(u64, u64)>,
}

impl Plan {
    /// The darts of `seed` with the numbers in `range`.
    ///
    /// # Errors
    /// If `range` is empty.
    pub fn new(seed: u64, range: Range<u64>) -> Result<Plan, Error> {
        Plan::from_start(seed, range.start, range.end.saturating_sub(range.start))
    }

    /// The first `n` darts of `seed`.
    ///
    /// # Errors
    /// If `n` is 0.
    pub fn first(seed: u64, n: u64) -> Result<Plan, Error> {
        Plan::new(seed, 0..n)
    }

    /// `sims` darts of `seed`, from dart `start` on.
    pub(crate) fn from_start(seed: u64, start: u64, sims: u64) -> Result<Plan, Error> {
        match start.checked_add(sims) {
            Some(_) if sims > 0 => Ok(Plan {
                seed,
                start,
                sims,
                whole: None,
                shard: None,
            }),
            _ => Err(no_range(start, sims)),
        }
    }

    /// The seed of the darts.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of the first dart.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The number of darts.
    pub fn sims(&self) -> u64 {
        self.sims
    }

    /// The number of the dart after the last.
    pub fn end(&self) -> u64 {
        self.start + self.sims
    }

    /// The end of the whole plan that this one is a part of, if it was cut from one.
    pub fn total(&self) -> Option<u64> {
        self.whole
    }

    /// The number of this shard, from 1, and the number of shards, if it is a shard of the first darts of a seed.
    pub fn as_shard(&self) -> Option<(u64, u64)> {
        self.shard
    }

    /// The numbers of the chunks that hold the darts.
    pub fn chunks(&self) -> Range<u64> {
        let start = self.start / u64::from(CHUNK_DARTS);
        match self.sims {
            0 => start..start,
            sims => start..(self.start + (sims - 1)) / u64::from(CHUNK_DARTS) + 1,
        }
    }

    /// A part of the plan. `darts` counts from the plan's first dart.
    ///
    /// # Errors
    /// If `darts` is empty or ends past the plan.
    pub fn part(&self, darts: Range<u64>) -> Result<Plan, Error> {
        let start = self.start.wrapping_add(darts.start);
        let sims = darts.end.saturating_sub(darts.start);
        if darts.end > self.sims {
            return Err(no_range(start, sims));
        }
        Ok(Plan {
            whole: self.whole.or(Some(self.end())),
            ..Plan::from_start(self.seed, start, sims)?
        })
    }

    /// The parts of the plan, in order, without the darts in `counted`, ranges that are in order.
    pub(crate) fn without(&self, counted: impl Iterator<Item = Range<u64>>) -> Vec<Plan> {
        let mut start = self.start;
        let mut missing = Vec::new();
        for counted in counted.chain(iter::once(self.end()..self.end())) {
            let sims = counted.start.saturating_sub(start);
            if sims > 0 {
                missing.push(Plan {
                    start,
                    sims,
                    whole: self.whole.or(Some(self.end())),
                    shard: None,
                    ..*self
                });
            }
            start = start.max(counted.end);
        }
        missing
    }

    /// Part `number`, from 1, of the plan cut at chunk borders into `of` parts, whose sizes differ by
    /// at most one chunk. If there are more parts than chunks, some are empty.
    ///
    /// # Errors
    /// Unless `1 <= number <= of`.
    pub fn shard(&self, number: u64, of: u64) -> Result<Plan, Error> {
        if !(1..=of).contains(&number) {
            let message =
                format!("shard {number}/{of}: shards are numbered from 1/{of} to {of}/{of}");
            return Err(Error::Invalid(message));
        }
        Ok(self.numbered(number, of))
    }

    fn numbered(&self, number: u64, of: u64) -> Plan {
        let is_first = self.start == 0 && self.whole.is_none();
        Plan {
            shard: is_first.then_some((number, of)),
            ..self.between(number - 1, number, of)
        }
    }

    /// The number of the shard that holds `dart`, of the plan cut into `of` shards.
    pub(crate) fn shard_with(&self, dart: u64, of: u64) -> u64 {
        let chunks = self.chunks();
        let len = u128::from(chunks.end - chunks.start);
        let chunk = u128::from(dart / u64::from(CHUNK_DARTS) - chunks.start);
        // Shard i ends before chunk floor(i * len / of), so this is the first that ends after the dart's chunk.
        ((chunk + 1) * u128::from(of)).div_ceil(len) as u64
    }

    /// The darts between cuts `i` and `j`, of the cuts 0 to `n` that make `n` equal parts.
    fn between(&self, i: u64, j: u64, n: u64) -> Plan {
        let chunks = self.chunks();
        let len = u128::from(chunks.end - chunks.start);
        let (start, end) = (self.start, self.end());
        // Between the plan's ends, a cut lies before a chunk's first dart.
        let cut = |i: u64| {
            let chunk = chunks.start + (len * u128::from(i) / u128::from(n)) as u64;
            chunk
                .checked_mul(CHUNK_DARTS.into())
                .map_or(end, |dart| dart.clamp(start, end))
        };
        Plan {
            seed: self.seed,
            start: cut(i),
            sims: cut(j) - cut(i),
            whole: self.whole.or(Some(end)),
            shard: None,
        }
    }

    /// The places of the plan's darts in `chunk`: all places, except in the first chunk and the last.
    ///
    /// # Panics
    /// May panic if `chunk` is not among [`Plan::chunks`].
    pub fn places(&self, chunk: u64) -> Range<u32> {
        let base = chunk * u64::from(CHUNK_DARTS);
        let place = |dart: u64| (dart - base).min(CHUNK_DARTS.into()) as u32;
        place(self.start.max(base))..place(self.end())
    }

    /// All `n` shards of the plan, in order, as [`Plan::shard`] numbers them.
    pub fn shards(&self, n: u64) -> impl Iterator<Item = Plan> + use<> {
        let plan = *self;
        (1..=n).map(move |number| plan.numbered(number, n))
    }

    /// The plan cut at chunk borders into `n` consecutive plans, or as many as there are chunks, whose sizes
    /// differ by at most one chunk.
    pub fn shares(&self, n: NonZero<usize>) -> impl Iterator<Item = Plan> + use<> {
        let chunks = self.chunks();
        let n = (n.get() as u64).min(chunks.end - chunks.start);
        let plan = *self;
        (0..n).map(move |i| plan.between(i, i + 1, n))
    }
}

/// `darts 0 to 999 of seed 42`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { seed, start, .. } = self;
        match self.sims {
            0 => write!(f, "no darts of seed {seed}"),
            sims => write!(f, "darts {start} to {} of seed {seed}", start + (sims - 1)),
        }
    }
}

fn no_range(start: u64, sims: u64) -> Error {
    Error::Invalid(format!(
        "{sims} darts from dart {start} on: a range holds at least 1 dart and ends below 2^64"
    ))
}
