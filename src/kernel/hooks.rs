//! The kernels with other numbers of groups, the bare keystream, and 16 lanes on any CPU: for the suite and
//! the benches. They take half of the library's compile time, so only feature `internals` has them.

use std::ops::Range;

use crate::kernel::chacha::{self, COARSE_BLOCKS, Key, Stream};
use crate::kernel::count::{Body, Count, Job};
use crate::kernel::{Kernel, check, portable};

impl Kernel {
    /// [`Kernel::count_chunk`], drawing `groups` groups of blocks at a time.
    ///
    /// # Panics
    /// Unless `groups` is 1, 2 or 3.
    pub fn count_chunk_grouped(
        self,
        key: &Key,
        chunk: u64,
        places: Range<u32>,
        groups: u32,
    ) -> u32 {
        check(&places);
        let stream = Stream::new(key, chunk);
        match groups {
            1 => self.run(Count::<1> { stream, places }),
            2 => self.run(Count::<2> { stream, places }),
            3 => self.run(Count::<3> { stream, places }),
            _ => panic!("1 to 3 groups, not {groups}"),
        }
    }

    /// The exclusive or of the coarse words of `chunk`, drawn `groups` groups of blocks at a time: the
    /// keystream without the dart test. The fastest of them bounds the speed of a count.
    ///
    /// # Panics
    /// Unless `groups` is 1, 2 or 3.
    pub fn keystream(self, key: &Key, chunk: u64, groups: u32) -> u32 {
        let stream = Stream::new(key, chunk);
        match groups {
            1 => self.run(Keystream::<1>(stream)),
            2 => self.run(Keystream::<2>(stream)),
            3 => self.run(Keystream::<3>(stream)),
            _ => panic!("1 to 3 groups, not {groups}"),
        }
    }
}

/// [`Kernel::count_chunk_grouped`] by the generic code at 16 lanes over plain arrays, which runs on any CPU,
/// slowly.
///
/// # Panics
/// Unless `groups` is 1, 2 or 3.
pub fn count_chunk_by_16_lanes(key: &Key, chunk: u64, places: Range<u32>, groups: u32) -> u32 {
    check(&places);
    let stream = Stream::new(key, chunk);
    match groups {
        1 => portable::sixteen_lanes(Count::<1> { stream, places }),
        2 => portable::sixteen_lanes(Count::<2> { stream, places }),
        3 => portable::sixteen_lanes(Count::<3> { stream, places }),
        _ => panic!("1 to 3 groups, not {groups}"),
    }
}

/// The exclusive or of a chunk's coarse words, drawn `G` groups at a time.
struct Keystream<const G: usize>(Stream);

impl<const G: usize> Job for Keystream<G> {
    #[inline(always)]
    fn run<S: Body>(self, simd: S) -> u32 {
        let step = (G * S::LANES) as u32;
        let whole = COARSE_BLOCKS / step * step;
        let mut sum = simd.splat(0);
        for first in (0..whole).step_by(step as usize) {
            sum = fold(
                simd,
                sum,
                simd.groups::<G>(&self.0, chacha::numbers(simd, first)),
            );
        }
        for first in (whole..COARSE_BLOCKS).step_by(S::LANES) {
            sum = fold(
                simd,
                sum,
                simd.groups::<1>(&self.0, chacha::numbers(simd, first)),
            );
        }
        simd.store(sum).iter().fold(0, |xor, word| xor ^ word)
    }
}

#[inline(always)]
fn fold<S: Body, const G: usize>(
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
