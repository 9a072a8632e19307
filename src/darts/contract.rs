//! The dart contract, version 1: what a seed means, and the slow, obvious count that defines it.
//!
//! Every other way of counting in this crate (any kernel, any number of workers, any range, any machine)
//! must give exactly these hits. Any change here makes a different contract and breaks every stored result.
//! The code throws one dart at a time and draws all twelve of its bytes, because its whole job is to be
//! plainly right.
//!
//! ```text
//! key      ChaCha8Rng::seed_from_u64(seed)
//! chunk    dart d is at place i = d mod 65536 of chunk c = d / 65536; chunk c reads stream c
//! coarse   w = word i of the stream; X, Y = its low and high 16 bits, signed:
//!          the dart lies in the cell [X, X+1) x [Y, Y+1), in units of 2^-15, of [-1, 1)^2
//! fine     fx, fy = words 65536 + 2i and 65536 + 2i + 1: where in the cell
//! hit      A = 2 (X 2^32 + fx) + 1, B = 2 (Y 2^32 + fy) + 1 (the centre of the dart's 48-bit
//!          sub-cell, in units of 2^-48): a hit if and only if A^2 + B^2 <= 2^96
//! ```

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The version of the contract that this crate follows.
pub const CONTRACT: u32 = 1;

/// Darts in a chunk. Chunk c holds the darts `c * CHUNK_DARTS .. (c + 1) * CHUNK_DARTS`.
pub const CHUNK_DARTS: u32 = 1 << 16;

/// The generator of `seed`, at word 0 of stream 0.
pub(crate) fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Whether the dart with coarse word `coarse` and fine words `fx`, `fy` hits the disc.
///
/// Exact: A and B are below 2^49, so the sum of their squares is below 2^99.
pub fn is_hit(coarse: u32, fx: u32, fy: u32) -> bool {
    let centre =
        |cell: u16, fine: u32| 2 * ((i128::from(cell as i16) << 32) + i128::from(fine)) + 1;
    let a = centre(coarse as u16, fx);
    let b = centre((coarse >> 16) as u16, fy);
    a * a + b * b <= 1 << 96
}

/// The verdict of [`is_hit`] if it is the same for all fine words, otherwise `None`: the circle cuts about one
/// cell in 16,000.
///
/// A cell lies on one side of each axis, so the darts nearest to the centre and farthest from it are in its
/// corners.
pub fn coarse_verdict(coarse: u32) -> Option<bool> {
    let corners = [(0, 0), (0, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX)];
    let [hit, others @ ..] = corners.map(|(fx, fy)| is_hit(coarse, fx, fy));
    (others == [hit; 3]).then_some(hit)
}

/// The coarse and the two fine words of the darts at `places` of chunk `chunk`.
///
/// # Panics
/// If `places` ends past [`CHUNK_DARTS`].
pub fn words(seed: u64, chunk: u64, places: Range<u32>) -> impl Iterator<Item = [u32; 3]> + use<> {
    assert!(places.end <= CHUNK_DARTS, "a chunk has {CHUNK_DARTS} darts");
    let reader = |word: u32| {
        let mut stream = generator(seed);
        stream.set_stream(chunk);
        stream.set_word_pos(word.into());
        stream
    };
    let mut coarse = reader(places.start);
    let mut fine = reader(CHUNK_DARTS + 2 * places.start);
    places.map(move |_| [coarse.next_u32(), fine.next_u32(), fine.next_u32()])
}

/// The reference: hits among the darts at `places` of chunk `chunk`, one dart at a time.
///
/// # Panics
/// If `places` ends past [`CHUNK_DARTS`].
pub fn count_chunk(seed: u64, chunk: u64, places: Range<u32>) -> u32 {
    words(seed, chunk, places)
        .map(|[coarse, fx, fy]| u32::from(is_hit(coarse, fx, fy)))
        .sum()
}
