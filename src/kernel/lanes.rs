//! The vector operations that a kernel needs, as one trait, and the work that is done with them.
//!
//! A value of a type that implements [`Lanes`] is the proof that its instructions may run: it exists
//! only inside that instruction set's trampoline. Operations take it, so they are safe to call.
//! All of them are `#[inline(always)]`, as is all work, because a function of its own would not have
//! the trampoline's instructions.

use crate::kernel::chacha::{self, Stream};
use crate::kernel::count;

/// The most lanes of any instruction set.
pub(super) const MAX_LANES: usize = 16;

/// Work that is the same for every instruction set; a trampoline runs it.
pub(super) trait Job {
    /// Must be `#[inline(always)]`.
    fn run<S: Lanes>(self, simd: S) -> u32;
}

/// An instruction set whose vectors have [`Self::LANES`] lanes of 32 bits.
pub(super) trait Lanes: Copy {
    /// A word in each lane.
    type Vector: Copy;
    /// The lanes: 4, 8 or 16.
    const LANES: usize;
    /// How many groups of blocks the fastest count draws at a time: 1 or 2.
    const GROUPS: usize;

    /// The first [`Self::LANES`] words.
    fn load(self, words: &[u32; MAX_LANES]) -> Self::Vector;
    /// The lanes, then zeros.
    fn store(self, a: Self::Vector) -> [u32; MAX_LANES];
    fn splat(self, word: u32) -> Self::Vector;

    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn xor(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Rotates left by `LEFT` bits: 16, 12, 8 or 7. `RIGHT` is what is left of 32.
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: Self::Vector) -> Self::Vector;

    /// The sum of the squares of the two signed halves of each lane: a multiply-add of 16-bit pairs.
    fn squares(self, a: Self::Vector) -> Self::Vector;
    /// The top bit of each lane, as 0 or 1.
    fn top_bit(self, a: Self::Vector) -> Self::Vector;
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Bit l is set if lane l is at most `limit`.
    fn at_most(self, a: Self::Vector, limit: u32) -> u32;

    /// See [`chacha::interleaved`], which an instruction set replaces only if another order of the
    /// same operations is faster.
    #[inline(always)]
    fn groups<const G: usize>(
        self,
        stream: &Stream,
        numbers: [Self::Vector; G],
    ) -> [[Self::Vector; 16]; G] {
        chacha::interleaved(self, stream, numbers)
    }

    /// See [`count::test`]; likewise.
    #[inline(always)]
    fn test(self, words: &[Self::Vector; 16]) -> (Self::Vector, u32) {
        count::test(self, words)
    }
}

/// Where each byte comes from if words are rotated left by `left` bits, 8 or 16.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
))]
pub(super) const fn byte_rotation(left: i32) -> [u8; 16] {
    let mut sources = [0; 16];
    let mut i = 0;
    while i < 16 {
        sources[i] = (i / 4 * 4 + (i + 4 - left as usize / 8) % 4) as u8;
        i += 1;
    }
    sources
}
