//! ChaCha8's keystream (RFC 8439, with eight rounds), a block a lane, several groups of blocks at a
//! time.

use crate::kernel::Key;
use crate::kernel::count::COARSE_BLOCKS;
use crate::kernel::lanes::{Job, Lanes, MAX_LANES};
use crate::kernel::portable::Scalar;

/// A chunk's stream: the state before the first round, with block number 0.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    start: [u32; 16],
    /// The same after the first round's columns 1, 2 and 3: the block number is in column 0.
    begun: [u32; 16],
}

impl Stream {
    pub(super) fn new(key: &Key, chunk: u64) -> Stream {
        let mut start = [0; 16];
        // "expand 32-byte k", as RFC 8439 section 2.3 has it.
        start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        start[4..12].copy_from_slice(&key.0);
        // Words 12 and 13 number the block. A chunk reads 12,288 blocks, so 13 stays 0.
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

/// `G` groups of a block a lane: `[g][i]` holds word i of the blocks numbered `numbers[g]`.
///
/// A group waits for its own results; meanwhile the next runs.
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

/// Two groups of a block a lane, of which each lane is of a chunk of its own: the low and the high words
/// of their numbers.
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

/// `G` groups of blocks numbered from `first` on.
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

/// The exclusive or of a chunk's coarse words, drawn `G` groups at a time.
pub(super) struct Keystream<const G: usize>(pub(super) Stream);

impl<const G: usize> Job for Keystream<G> {
    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) -> u32 {
        let step = (G * S::LANES) as u32;
        let whole = COARSE_BLOCKS / step * step;
        let mut sum = simd.splat(0);
        for first in (0..whole).step_by(step as usize) {
            sum = fold(simd, sum, simd.groups::<G>(&self.0, numbers(simd, first)));
        }
        for first in (whole..COARSE_BLOCKS).step_by(S::LANES) {
            sum = fold(simd, sum, simd.groups::<1>(&self.0, numbers(simd, first)));
        }
        simd.store(sum).iter().fold(0, |xor, word| xor ^ word)
    }
}

#[inline(always)]
fn fold<S: Lanes, const G: usize>(
    simd: S,
    mut sum: S::Vector,
    groups: [[S::Vector; 16]; G],
) -> S::Vector {
    for words in groups {
        for word in words {
            sum = simd.xor(sum, word);
        }
    }
    sum
}
