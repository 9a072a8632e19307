//! The kernels with other numbers of groups, the bare keystream, and 16 lanes on any CPU: for the suite and
//! the benches. They take half of the library's compile time, so only feature `internals` has them.

use std::ops::Range;

#[cfg(target_arch = "x86_64")]
use crate::kernel::Isa;
use crate::kernel::chacha::{self, COARSE_BLOCKS, Key, Stream};
use crate::kernel::count::{Body, Count, Job};
use crate::kernel::lanes::{MAX_LANES, square};
use crate::kernel::{Kernel, check, portable};

impl Kernel {
    /// [`Kernel::available`], with the slower ones of the same name, which no run picks.
    pub fn variants() -> impl Iterator<Item = Kernel> {
        Self::detected()
    }

    /// A name that no other variant has.
    pub fn variant(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Vnni => "avx512/vnni",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => "avx512/no-vnni",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Unpacked => "avx512/unpacked",
            _ => self.name(),
        }
    }

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

    /// Whether the dart test gives all words with the upper half `y` their shares and flags.
    pub fn tests_rightly(self, y: u16) -> bool {
        self.run(Row(y)) == 1
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

/// 1 if [`Body::test`] agrees with its bands, word by word, for all words with this upper half.
struct Row(u16);

impl Job for Row {
    #[inline(always)]
    fn run<S: Body>(self, simd: S) -> u32 {
        let mut is_right = true;
        for first in (0..=u32::from(u16::MAX)).step_by(16 * S::LANES) {
            let mut words = [simd.splat(0); 16];
            let (mut sum, mut undecided) = (0, 0);
            for (vector, first) in words.iter_mut().zip((first..).step_by(S::LANES)) {
                let mut lanes = [0; MAX_LANES];
                for (l, word) in (0..S::LANES as u32).zip(&mut lanes) {
                    *word = u32::from(self.0) << 16 | (first + l);
                    let offset = square(*word).wrapping_add(S::TO_OFFSET);
                    if offset <= S::UNDECIDED {
                        undecided |= 1 << l;
                        sum += S::code(*word);
                    } else {
                        sum += S::HIT * (offset >> 31);
                    }
                }
                *vector = simd.load(&lanes);
            }
            let (shares, flags) = simd.test(&words);
            let shares: u32 = simd.store(shares).iter().sum();
            is_right &= (shares, flags) == (sum, undecided);
        }
        is_right.into()
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
