//! A plan: which darts to count, as a seed and a range of dart numbers, cut at the chunks of the contract.
//! All arithmetic on numbers that a person typed is checked here, once.

use std::num::NonZero;
use std::ops::Range;

use crate::darts::contract::CHUNK_DARTS;
use crate::error::Error;

/// A range of the darts of one seed that ends below dart 2^64. Only a shard can be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    seed: u64,
    first: u64,
    sims: u64,
}

impl Plan {
    /// The first `sims` darts of `seed`.
    ///
    /// # Errors
    /// If `sims` is 0.
    pub fn new(seed: u64, sims: u64) -> Result<Plan, Error> {
        Plan::range(seed, 0, sims)
    }

    /// `sims` darts of `seed`, from dart number `first` on.
    ///
    /// # Errors
    /// If `sims` is 0 or `first + sims` exceeds 2^64 - 1.
    pub fn range(seed: u64, first: u64, sims: u64) -> Result<Plan, Error> {
        match first.checked_add(sims) {
            Some(_) if sims > 0 => Ok(Plan { seed, first, sims }),
            _ => Err(no_range(first, sims)),
        }
    }

    /// The seed of the darts.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of the first dart.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number of darts.
    pub fn sims(&self) -> u64 {
        self.sims
    }

    /// The numbers of the chunks that hold the darts.
    pub fn chunks(&self) -> Range<u64> {
        let start = self.first / u64::from(CHUNK_DARTS);
        match self.sims {
            0 => start..start,
            sims => start..(self.first + (sims - 1)) / u64::from(CHUNK_DARTS) + 1,
        }
    }

    /// A part of the plan. `darts` counts from the plan's first dart.
    ///
    /// # Errors
    /// If `darts` is empty or ends past the plan.
    pub fn part(&self, darts: Range<u64>) -> Result<Plan, Error> {
        let first = self.first.wrapping_add(darts.start);
        let sims = darts.end.saturating_sub(darts.start);
        if darts.end > self.sims {
            return Err(no_range(first, sims));
        }
        Plan::range(self.seed, first, sims)
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
        Ok(self.between(number - 1, number, of))
    }

    /// The darts between cuts `i` and `j`, of the cuts 0 to `n` that make `n` equal parts.
    fn between(&self, i: u64, j: u64, n: u64) -> Plan {
        let chunks = self.chunks();
        let len = u128::from(chunks.end - chunks.start);
        let first = self.first;
        let end = self.first + self.sims;
        // Between the plan's ends, a cut lies before a chunk's first dart.
        let cut = |i: u64| {
            let chunk = chunks.start + (len * u128::from(i) / u128::from(n)) as u64;
            chunk
                .checked_mul(CHUNK_DARTS.into())
                .map_or(end, |dart| dart.clamp(first, end))
        };
        Plan {
            seed: self.seed,
            first: cut(i),
            sims: cut(j) - cut(i),
        }
    }

    /// The places of the plan's darts in `chunk`: all places, except in the first chunk and the last.
    ///
    /// # Panics
    /// May panic if `chunk` is not among [`Plan::chunks`].
    pub fn places(&self, chunk: u64) -> Range<u32> {
        let base = chunk * u64::from(CHUNK_DARTS);
        let place = |dart: u64| (dart - base).min(CHUNK_DARTS.into()) as u32;
        place(self.first.max(base))..place(self.first + self.sims)
    }

    /// The plan cut at chunk borders into `n` consecutive plans, or as many as there are chunks, whose sizes
    /// differ by at most one chunk.
    pub fn shares(&self, n: NonZero<usize>) -> impl Iterator<Item = Plan> {
        let chunks = self.chunks();
        let n = (n.get() as u64).min(chunks.end - chunks.start);
        let plan = *self;
        (0..n).map(move |i| plan.between(i, i + 1, n))
    }
}

fn no_range(first: u64, sims: u64) -> Error {
    Error::Invalid(format!(
        "{sims} darts from dart {first} on: a range holds at least 1 dart and ends below 2^64"
    ))
}
