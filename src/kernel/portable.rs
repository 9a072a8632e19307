//! [`Lanes`] over plain arrays, for any CPU.

use crate::kernel::chacha::{self, Stream};
use crate::kernel::count::{self, TO_OFFSET, UNDECIDED};
use crate::kernel::lanes::{Job, Lanes, MAX_LANES};

/// Vectors of `L` words as arrays. If `BY_LANE`, each lane's block is drawn and tested on its own, in
/// scalar source, which the compiler turns into the vectors that every CPU of the target has: on
/// x86-64 (SSE2) twice as fast as operation by operation over arrays.
#[derive(Clone, Copy)]
pub(super) struct Arrays<const L: usize, const BY_LANE: bool>;

/// One word at a time.
pub(super) type Scalar = Arrays<1, false>;
#[expect(non_upper_case_globals, reason = "the value of a type without fields")]
pub(super) const Scalar: Scalar = Arrays;

/// The kernel `portable`.
pub(super) fn portable(job: impl Job) -> u32 {
    job.run(Arrays::<4, true>)
}

/// The generic code at 16 lanes, which CPUs without AVX-512 would otherwise not test.
pub(super) fn sixteen_lanes(job: impl Job) -> u32 {
    job.run(Arrays::<16, false>)
}

impl<const L: usize, const BY_LANE: bool> Lanes for Arrays<L, BY_LANE> {
    type Vector = [u32; L];
    const LANES: usize = L;
    const GROUPS: usize = 1;

    #[inline(always)]
    fn load(self, words: &[u32; MAX_LANES]) -> [u32; L] {
        each(|l| words[l])
    }

    #[inline(always)]
    fn store(self, a: [u32; L]) -> [u32; MAX_LANES] {
        let mut words = [0; MAX_LANES];
        words[..L].copy_from_slice(&a);
        words
    }

    #[inline(always)]
    fn splat(self, word: u32) -> [u32; L] {
        [word; L]
    }

    #[inline(always)]
    fn add(self, a: [u32; L], b: [u32; L]) -> [u32; L] {
        each(|l| a[l].wrapping_add(b[l]))
    }

    #[inline(always)]
    fn xor(self, a: [u32; L], b: [u32; L]) -> [u32; L] {
        each(|l| a[l] ^ b[l])
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: [u32; L]) -> [u32; L] {
        each(|l| a[l].rotate_left(LEFT as u32))
    }

    #[inline(always)]
    fn squares(self, a: [u32; L]) -> [u32; L] {
        each(|l| count::square(a[l]))
    }

    #[inline(always)]
    fn top_bit(self, a: [u32; L]) -> [u32; L] {
        each(|l| a[l] >> 31)
    }

    #[inline(always)]
    fn min(self, a: [u32; L], b: [u32; L]) -> [u32; L] {
        each(|l| a[l].min(b[l]))
    }

    #[inline(always)]
    fn at_most(self, a: [u32; L], limit: u32) -> u32 {
        (0..L).fold(0, |bits, l| bits | u32::from(a[l] <= limit) << l)
    }

    /// The loop over lanes must be the outer one for the compiler to give each lane its block.
    #[inline(always)]
    fn groups<const G: usize>(
        self,
        stream: &Stream,
        numbers: [[u32; L]; G],
    ) -> [[[u32; L]; 16]; G] {
        if !BY_LANE {
            return chacha::interleaved(self, stream, numbers);
        }
        let mut groups = [[[0; L]; 16]; G];
        for g in 0..G {
            for l in 0..L {
                let [block] = chacha::interleaved(Scalar, stream, [[numbers[g][l]]]);
                for i in 0..16 {
                    groups[g][i][l] = block[i][0];
                }
            }
        }
        groups
    }

    /// SSE2 has no minimum of unsigned words, so the top bit of `near` says whether any dart is
    /// undecided: only such an offset is not negative and becomes so.
    #[inline(always)]
    fn test(self, words: &[[u32; L]; 16]) -> ([u32; L], u32) {
        if !BY_LANE {
            return count::test(self, words);
        }
        let mut squares = [[0; L]; 16];
        for i in 0..16 {
            squares[i] = self.squares(words[i]);
        }
        let mut hits = [0; L];
        let mut undecided = [0; L];
        for l in 0..L {
            let mut near = 0;
            for square in &squares {
                let offset = square[l].wrapping_add(TO_OFFSET);
                hits[l] += offset >> 31;
                near |= offset.wrapping_sub(UNDECIDED + 1) & !offset;
            }
            undecided[l] = near >> 31 << l;
        }
        (hits, undecided.iter().fold(0, |bits, bit| bits | bit))
    }
}

/// A word for each lane.
#[inline(always)]
fn each<const L: usize>(word: impl Fn(usize) -> u32) -> [u32; L] {
    if L == MAX_LANES {
        out_of_line(word)
    } else {
        in_line(word)
    }
}

#[inline(always)]
fn in_line<const L: usize>(word: impl Fn(usize) -> u32) -> [u32; L] {
    let mut words = [0; L];
    for (l, out) in words.iter_mut().enumerate() {
        *out = word(l);
    }
    words
}

/// In line, 16 lanes of three groups take the compiler minutes, and only tests have so many.
#[inline(never)]
fn out_of_line<const L: usize>(word: impl Fn(usize) -> u32) -> [u32; L] {
    in_line(word)
}
