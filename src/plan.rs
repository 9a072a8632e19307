//! Which darts to count: a seed and a range of dart numbers, cut at the chunks of the contract.
//! All arithmetic on what somebody typed is checked here, once. Not here: who counts which chunk.

use std::num::NonZero;
use std::ops::Range;

use crate::dart::CHUNK_DARTS;
use crate::error::Error;

/// A range of the darts of one seed: at least one, ending below dart 2^64.
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
    /// [`Error::Range`] if `sims` is 0.
    pub fn new(seed: u64, sims: u64) -> Result<Plan, Error> {
        Plan::range(seed, 0, sims)
    }

    /// `sims` darts of `seed`, from dart number `first` on.
    ///
    /// # Errors
    /// [`Error::Range`] if `sims` is 0 or `first + sims` exceeds 2^64 - 1.
    pub fn range(seed: u64, first: u64, sims: u64) -> Result<Plan, Error> {
        match first.checked_add(sims) {
            Some(_) if sims > 0 => Ok(Plan { seed, first, sims }),
            _ => Err(Error::Range { first, sims }),
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

    /// How many darts there are.
    pub fn sims(&self) -> u64 {
        self.sims
    }

    /// The numbers of the chunks that the darts lie in, never none.
    pub fn chunks(&self) -> Range<u64> {
        let chunk = |dart| dart / u64::from(CHUNK_DARTS);
        chunk(self.first)..chunk(self.first + (self.sims - 1)) + 1
    }

    /// The places of the darts in `chunk`: all of them but in the first chunk and the last.
    ///
    /// # Panics
    /// May panic if `chunk` is not among [`Plan::chunks`].
    pub fn places(&self, chunk: u64) -> Range<u32> {
        let base = chunk * u64::from(CHUNK_DARTS);
        let place = |dart: u64| (dart - base).min(CHUNK_DARTS.into()) as u32;
        place(self.first.max(base))..place(self.first + self.sims)
    }

    /// The plan cut at chunk borders into at most `n` plans, one after the other, whose sizes
    /// differ by at most one chunk; fewer than `n` if there are fewer chunks.
    pub fn shares(&self, n: NonZero<usize>) -> impl Iterator<Item = Plan> {
        let chunks = self.chunks();
        let len = u128::from(chunks.end - chunks.start);
        let n = len.min(n.get() as u128);
        let (first, end) = (self.first, self.first + self.sims);
        // The dart at which share i begins: between the plan's ends, a chunk's first dart.
        let cut = move |i: u128| {
            let chunk = chunks.start + (len * i / n) as u64;
            chunk
                .checked_mul(CHUNK_DARTS.into())
                .map_or(end, |dart| dart.clamp(first, end))
        };
        let seed = self.seed;
        (0..n).map(move |i| Plan {
            seed,
            first: cut(i),
            sims: cut(i + 1) - cut(i),
        })
    }
}
