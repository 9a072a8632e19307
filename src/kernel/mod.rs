//! The fast count of the hits among one chunk's darts, for every instruction set worth having.
//!
//! [`Kernel`] says which instruction sets this CPU has and calls one of them once a chunk. The count
//! itself is written once: `count` tests darts, `chacha` draws them, both over the vector operations
//! of `lanes`, which `x86`, `neon` and `portable` implement. The tests hold every kernel to
//! [`crate::darts::contract`] bit for bit.
//!
//! ```text
//! count(places):                                     # L lanes, G groups of L blocks
//!     for each G groups that lie wholly in places:   # 16 darts a block; a dart stays in its lane
//!         words = ChaCha8 of all the blocks, a block a lane; between them, the groups take turns:
//!             half a double round of group 1, the same of group 2, ...
//!         for each group:
//!             d = X^2 + Y^2 of each word             # its cell's lower corner
//!             hits += d < 2^30 - BAND                # the whole cell is inside
//!             flag each lane with a d within BAND of 2^30
//!     draw the flagged blocks again, L at a time; for their darts within BAND draw the fine words,
//!         again a lane each, and test exactly
//!     treat the blocks of groups that an end of places cuts like flagged ones, and count their
//!         decided darts too
//! ```
//!
//! Sources: RFC 8439 for ChaCha; a block a lane is how libsodium, BLAKE3 and rand_chacha draw theirs.
//!
//! The band: a point of the cell is at most 1 away from its lower corner in each direction, so its
//! squared distance differs from d by less than 2 (|X| + |Y|) + 2, which near the circle is at most
//! 2 sqrt(2) 2^15 + 2 < 2^17. About one dart in 5,000 lies in the band; the circle really cuts one
//! cell in 16,000, but telling those apart costs more than it saves.
//!
//! What the order of the source is for. Figures are of the count, on a Zen 4 core at about 3.7 GHz with
//! rustc 1.95, the best of many samples, as shares of the rate of what stands here: 3.56 G darts/s with
//! AVX-512, 2.46 AVX2, 1.20 SSE4.1. (Bare keystream: 4.34, 2.80, 1.35 here; 4.56, 2.68, 1.30 in C with
//! vector extensions, gcc 12 -O3. Zen 4 takes two passes for 512 bits; Zen 5 gains more.)
//!
//! - Two groups. One: 0.89 with AVX-512, 0.83 AVX2, 0.81 SSE4.1. Three, which do not fit into the
//!   registers: 0.95, 0.85, 0.88.
//! - The double rounds are a loop, not written out: then two groups of AVX-512 stay in its 32 registers
//!   (192 instructions a double round, no load, no store). Written out, the compiler spills: 0.87,
//!   0.80, 0.86. The constant columns of the first round are drawn once a chunk, by hand, because the
//!   compiler can move them out of the chunk's loop only if the rounds are written out: 0.92 without,
//!   with AVX-512.
//! - Half a double round of each group in turn. Operation by operation over a group's four quarter
//!   rounds: the same with AVX-512, 0.97 AVX2, 0.63 SSE4.1, whose 16 registers overflow. An order
//!   forced by inline assembly: 0.91 to 0.97 with AVX-512.
//! - The byte shuffles that rotate by 16 and 8 are hidden from the compiler, which else makes two
//!   shuffles of one: 0.90 with AVX2, 0.89 SSE4.1 (see `x86`).
//!
//! What was tried and is no faster:
//!
//! - The upper halves of two squares in one vector of 16-bit lanes, which saves a fifth of the test's
//!   operations on paper: 0.99 with AVX-512, 1.00 AVX2, 0.86 SSE4.1.
//! - For `portable`: arrays operation by operation 0.5; the test's loop over words outside and over
//!   lanes inside 0.94; a running minimum, which SSE2 has not, 0.95; the squares lane by lane 0.95.
//! - Undecided darts settled one by one with a block each: 0.95 (AVX2 on Zen 3). The flagged blocks' 16
//!   words classified one by one: 0.98 with AVX-512. Settling now costs 1.0 % with AVX-512, 1.6 AVX2
//!   and 2.1 SSE4.1.

use std::fmt;
use std::ops::Range;

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::error::Error;

mod chacha;
mod count;
mod lanes;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;
#[cfg(feature = "gpu")]
mod settle;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use count::classify;
#[cfg(feature = "gpu")]
pub use settle::is_cut;

use chacha::{Keystream, Stream};
use count::{Count, Fastest};
use lanes::Job;

/// A way to count that this CPU is known to have: only detection makes one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Isa);

/// The instruction sets, fastest first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Isa {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Sse41,
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon,
    Portable,
}

impl Kernel {
    /// The names of all kernels, of this CPU or not, fastest first.
    pub const NAMES: [&'static str; 5] = ["avx512", "avx2", "sse4.1", "neon", "portable"];

    /// The kernels that this CPU has, fastest first; the last is always `portable`.
    pub fn available() -> impl Iterator<Item = Kernel> {
        [
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"))
                .then_some(Isa::Avx512),
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("avx2").then_some(Isa::Avx2),
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("sse4.1").then_some(Isa::Sse41),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            std::arch::is_aarch64_feature_detected!("neon").then_some(Isa::Neon),
            Some(Isa::Portable),
        ]
        .into_iter()
        .flatten()
        .map(Kernel)
    }

    /// The fastest kernel that this CPU has.
    pub fn detect() -> Kernel {
        Self::available().next().unwrap_or(Kernel(Isa::Portable))
    }

    /// The kernel called `name`, one of [`Kernel::NAMES`].
    ///
    /// # Errors
    /// If this CPU has no such kernel. The message lists the kernels that it has.
    pub fn named(name: &str) -> Result<Kernel, Error> {
        Self::available()
            .find(|kernel| kernel.name() == name)
            .ok_or_else(|| {
                let available: Vec<_> = Self::available().map(Kernel::name).collect();
                let available = available.join(", ");
                Error::Invalid(format!(
                    "this CPU has no kernel '{name}', only {available}"
                ))
            })
    }

    /// The kernel's name, as `--kernel` takes it.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Isa::Sse41 => "sse4.1",
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Isa::Neon => "neon",
            Isa::Portable => "portable",
        }
    }

    /// Hits among the darts at `places` of chunk `chunk`, equal to [`contract::count_chunk`].
    ///
    /// # Panics
    /// If `places` ends past [`CHUNK_DARTS`].
    pub fn count_chunk(self, key: &Key, chunk: u64, places: Range<u32>) -> u32 {
        check(&places);
        let stream = Stream::new(key, chunk);
        self.run(Fastest { stream, places })
    }

    /// The same, drawing `groups` groups of blocks at a time, 1 to 3: for tests.
    #[doc(hidden)]
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

    /// The exclusive or of the coarse words of `chunk`, drawn `groups` groups of blocks at a time, 1
    /// to 3: the keystream without the dart test. The fastest of them is the bound that the bench
    /// `kernels` compares the count with.
    #[doc(hidden)]
    pub fn keystream(self, key: &Key, chunk: u64, groups: u32) -> u32 {
        let stream = Stream::new(key, chunk);
        match groups {
            1 => self.run(Keystream::<1>(stream)),
            2 => self.run(Keystream::<2>(stream)),
            3 => self.run(Keystream::<3>(stream)),
            _ => panic!("1 to 3 groups, not {groups}"),
        }
    }

    /// The hits among darts that the coarse word alone does not decide: `darts` says of each its chunk,
    /// counted from `first`, times [`CHUNK_DARTS`], plus its place. None if it does decide one of them.
    #[cfg(feature = "gpu")]
    #[doc(hidden)]
    pub fn settle(self, key: &Key, first: u64, darts: &[u32]) -> Option<u32> {
        let hits = self.run(settle::Settle { key, first, darts });
        (hits != settle::STRAY).then_some(hits)
    }

    fn run(self, job: impl Job) -> u32 {
        match self.0 {
            // SAFETY: only `available` makes a Kernel, and it makes this one only after it
            // detected avx512f and avx512bw.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { x86::avx512(job) },
            // SAFETY: as above, having detected avx2.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { x86::avx2(job) },
            // SAFETY: as above, having detected sse4.1.
            #[cfg(target_arch = "x86_64")]
            Isa::Sse41 => unsafe { x86::sse41(job) },
            // SAFETY: as above, having detected neon.
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Isa::Neon => unsafe { neon::neon(job) },
            Isa::Portable => portable::portable(job),
        }
    }
}

/// What the kernels' generic code counts at 16 lanes over plain arrays, drawing `groups` groups of
/// blocks at a time, 1 to 3: so that tests reach it on any CPU. It is slow.
#[doc(hidden)]
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

fn check(places: &Range<u32>) {
    assert!(places.end <= CHUNK_DARTS, "a chunk has {CHUNK_DARTS} darts");
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kernel({})", self.name())
    }
}

/// The key of a seed, made once for a run.
#[derive(Clone, Copy)]
pub struct Key([u32; 8]);

impl Key {
    /// The contract's key for `seed`.
    pub fn new(seed: u64) -> Key {
        let bytes = contract::generator(seed).get_seed();
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|j| bytes[4 * i + j]));
        Key(std::array::from_fn(word))
    }

    /// The words 4 to 11 of ChaCha's state.
    #[cfg(feature = "gpu")]
    pub(crate) fn words(&self) -> [u32; 8] {
        self.0
    }
}
