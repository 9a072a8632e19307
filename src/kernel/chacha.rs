//! ChaCha8's keystream (RFC 8439, but eight rounds), one block a lane and several groups of blocks at a
//! time; and the layout of a chunk's stream.

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::kernel::lanes::{Lanes, MAX_LANES, Scalar};

/// Darts whose coarse words fill one ChaCha block.
pub(super) const BLOCK_DARTS: u32 = 16;
/// Blocks of a chunk that hold coarse words. The fine words begin at the block of this number.
pub(super) const COARSE_BLOCKS: u32 = CHUNK_DARTS / BLOCK_DARTS;

/// A seed's key, made once for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    seed: u64,
    words: [u32; 8],
}

impl Key {
    /// The contract's key for `seed`.
    pub fn new(seed: u64) -> Key {
        let bytes = contract::generator(seed).get_seed();
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|j| bytes[4 * i + j]));
        Key {
            seed,
            words: std::array::from_fn(word),
        }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The key: words 4 to 11 of ChaCha's state.
    pub fn words(&self) -> [u32; 8] {
        self.words
    }
}

/// A chunk's stream: the state before the first round, with block number 0.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    start: [u32; 16],
    /// The state after columns 1, 2 and 3 of the first round. The block number is in column 0.
    begun: [u32; 16],
}

impl Stream {
    pub(super) fn new(key: &Key, chunk: u64) -> Stream {
        let mut start = [0; 16];
        // "expand 32-byte k", as RFC 8439 section 2.3 has it.
        start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        start[4..12].copy_from_slice(&key.words);
        // Words 12 and 13 number the block. A chunk reads 12,288 blocks, so word 13 stays 0.
        start[14] = chunk as u32;
        start[15] = (chunk >> 32) as u32;

        let mut begun = start.map(|word| [word]);
        quarter_round(Scalar, &mut begun, 1, 5, 9, 13);
        quarter_round(Scalar, &mut begun, 2, 6, 10, 14);
        quarter_round(Scalar, &mut begun, 3, 7, 11, 15);
        Stream {
            start,
            begun: begun.map(|[word]| word),
        }
    }
}

/// Draws `G` groups, one block a lane: `[g][i]` holds word i of the blocks numbered `numbers[g]`.
///
/// The groups take turns, because the operations of one group have to wait for each other.
#[inline(always)]
pub(super) fn interleaved<S: Lanes, const G: usize>(
    simd: S,
    stream: &Stream,
    numbers: [S::Vector; G],
) -> [[S::Vector; 16]; G] {
    let mut states = [splat(simd, &stream.begun); G];
    for (state, numbers) in states.iter_mut().zip(numbers) {
        state[12] = numbers;
        quarter_round(simd, state, 0, 4, 8, 12);
    }
    diagonals(simd, &mut states);
    for _ in 1..4 {
        columns(simd, &mut states);
        diagonals(simd, &mut states);
    }
    let mut start = splat(simd, &stream.start);
    for (state, numbers) in states.iter_mut().zip(numbers) {
        start[12] = numbers;
        for (word, start) in state.iter_mut().zip(start) {
            *word = simd.add(*word, start);
        }
    }
    states
}

/// Draws two groups, one block a lane, where each lane belongs to a different chunk. `chunks` holds the low
/// and the high words of the chunks' numbers.
#[cfg(feature = "gpu")]
#[inline(always)]
pub(super) fn scattered<S: Lanes>(
    simd: S,
    key: &Key,
    chunks: [S::Vector; 2],
    numbers: [S::Vector; 2],
) -> [[S::Vector; 16]; 2] {
    let mut start = splat(simd, &Stream::new(key, 0).start);
    [start[14], start[15]] = chunks;
    let mut states = [start; 2];
    for (state, numbers) in states.iter_mut().zip(numbers) {
        state[12] = numbers;
    }
    for _ in 0..4 {
        columns(simd, &mut states);
        diagonals(simd, &mut states);
    }
    for (state, numbers) in states.iter_mut().zip(numbers) {
        start[12] = numbers;
        for (word, start) in state.iter_mut().zip(start) {
            *word = simd.add(*word, start);
        }
    }
    states
}

#[inline(always)]
fn splat<S: Lanes>(simd: S, state: &[u32; 16]) -> [S::Vector; 16] {
    let mut vectors = [simd.splat(0); 16];
    for (vector, word) in vectors.iter_mut().zip(state) {
        *vector = simd.splat(*word);
    }
    vectors
}

#[inline(always)]
fn columns<S: Lanes, const G: usize>(simd: S, states: &mut [[S::Vector; 16]; G]) {
    for state in states {
        quarter_round(simd, state, 0, 4, 8, 12);
        quarter_round(simd, state, 1, 5, 9, 13);
        quarter_round(simd, state, 2, 6, 10, 14);
        quarter_round(simd, state, 3, 7, 11, 15);
    }
}

#[inline(always)]
fn diagonals<S: Lanes, const G: usize>(simd: S, states: &mut [[S::Vector; 16]; G]) {
    for state in states {
        quarter_round(simd, state, 0, 5, 10, 15);
        quarter_round(simd, state, 1, 6, 11, 12);
        quarter_round(simd, state, 2, 7, 8, 13);
        quarter_round(simd, state, 3, 4, 9, 14);
    }
}

/// RFC 8439 section 2.1.
#[inline(always)]
fn quarter_round<S: Lanes>(
    simd: S,
    s: &mut [S::Vector; 16],
    a: usize,
    b: usize,
    c: usize,
    d: usize,
) {
    s[a] = simd.add(s[a], s[b]);
    s[d] = simd.rotate::<16, 16>(simd.xor(s[d], s[a]));
    s[c] = simd.add(s[c], s[d]);
    s[b] = simd.rotate::<12, 20>(simd.xor(s[b], s[c]));
    s[a] = simd.add(s[a], s[b]);
    s[d] = simd.rotate::<8, 24>(simd.xor(s[d], s[a]));
    s[c] = simd.add(s[c], s[d]);
    s[b] = simd.rotate::<7, 25>(simd.xor(s[b], s[c]));
}

/// The numbers of `G` groups of blocks from `first` on.
#[inline(always)]
pub(super) fn numbers<S: Lanes, const G: usize>(simd: S, first: u32) -> [S::Vector; G] {
    let mut lanes = [0; MAX_LANES];
    for (l, lane) in lanes.iter_mut().enumerate() {
        *lane = l as u32;
    }
    let lanes = simd.load(&lanes);
    let mut numbers = [lanes; G];
    for (g, number) in numbers.iter_mut().enumerate() {
        *number = simd.add(lanes, simd.splat(first + (g * S::LANES) as u32));
    }
    numbers
}
