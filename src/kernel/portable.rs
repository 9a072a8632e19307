//! The kernel for any CPU: each lane's block is drawn and tested on its own, in scalar source, which the
//! compiler turns into the vectors that every CPU of the target has. On x86-64 (SSE2) that is twice as
//! fast as operation by operation over arrays.

use crate::kernel::chacha::{self, Stream};
use crate::kernel::count::{Body, Job, TO_OFFSET, UNDECIDED};
use crate::kernel::lanes::{Arrays, Lanes, Scalar};

/// Blocks drawn at a time.
const L: usize = 4;

/// Runs `job` lane by lane.
pub(super) fn portable(job: impl Job) -> u32 {
    job.run(Arrays::<L>)
}

/// Runs `job` as generic code at 16 lanes, which CPUs without AVX-512 would otherwise not test.
#[cfg(feature = "internals")]
pub(super) fn sixteen_lanes(job: impl Job) -> u32 {
    job.run(Arrays::<16>)
}

impl Body for Arrays<L> {
    const GROUPS: usize = 1;

    /// The loop over lanes must be the outer one for the compiler to give each lane its block.
    #[inline(always)]
    fn groups<const G: usize>(
        self,
        stream: &Stream,
        numbers: [[u32; L]; G],
    ) -> [[[u32; L]; 16]; G] {
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

#[cfg(feature = "internals")]
impl Body for Arrays<16> {}
