//! The fast count of the hits among one chunk's darts, for every instruction set worth having.
//!
//! [`Kernel`] knows which instruction sets this CPU has, and calls one of them once a chunk. The count
//! itself is written once: `count` tests darts and `chacha` draws them, both with the vector operations
//! of `lanes`, which `avx512`, `x86` and `neon` implement by intrinsics; `portable` has loops of its own, and
//! `avx512` tests four words at a time in bytes, with or without VNNI. The tests
//! compare every kernel with [`crate::darts::contract`] bit for bit. docs/benchmarks.md says what the
//! order of the source gains, and what was tried in vain.
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
//!     draw the flagged blocks again, L at a time; decide their darts within BAND exactly, those whose
//!         cells the circle cuts by their fine words, again a lane each
//!     treat the blocks of groups that an end of places cuts like flagged ones, and count their
//!         decided darts too
//! ```
//!
//! Sources: RFC 8439 for ChaCha. libsodium, BLAKE3 and rand_chacha also draw a block a lane.
//!
//! The band: a point of the cell is at most 1 away from the cell's lower corner in each direction, so its
//! squared distance differs from d by less than 2 (|X| + |Y|) + 2, which near the circle is at most
//! 2 sqrt(2) 2^15 + 2 = 92,684 < 3 * 2^15. About one dart in 7,000 lies in the band. The circle really cuts one
//! cell in 16,000, but telling those apart in the loop costs more than it saves.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::darts::contract::CHUNK_DARTS;
use crate::error::Error;

#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod chacha;
#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, unreachable_pub, reason = "public for the suite")
)]
mod count;
#[cfg(feature = "internals")]
pub mod hooks;
mod lanes;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;
#[cfg(feature = "gpu")]
mod settle;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use chacha::Key;
#[cfg(feature = "internals")]
pub use count::{classify, is_cut};

use chacha::Stream;
use count::{Fastest, Job};

/// A way to count that this CPU is known to have. Only detection makes one.
///
/// ```
/// use pi_mc::Kernel;
/// use pi_mc::kernel::Key;
///
/// let key = Key::new(42);
/// for kernel in Kernel::available() {
///     assert_eq!(kernel.count_chunk(&key, 0, 0..1_000), 790, "{kernel}");
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kernel(Isa);

/// The instruction sets, fastest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Isa {
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(all(target_arch = "x86_64", feature = "internals"))]
    Avx512Unpacked,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Sse41,
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon,
    Portable,
}

impl Kernel {
    /// The names of all kernels, whether or not this CPU has them, fastest first.
    pub const NAMES: &[&str] = &["avx512", "avx2", "sse4.1", "neon", "portable"];

    /// The kernels that this CPU has, fastest first; the last is always `portable`.
    pub fn available() -> impl Iterator<Item = Kernel> {
        let mut last = "";
        Self::detected()
            .filter(move |kernel| std::mem::replace(&mut last, kernel.name()) != kernel.name())
    }

    /// The kernels that this CPU has, with the slower ones of the same name.
    fn detected() -> impl Iterator<Item = Kernel> {
        #[cfg(target_arch = "x86_64")]
        let avx512 = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        [
            #[cfg(target_arch = "x86_64")]
            (avx512 && is_x86_feature_detected!("avx512vnni")).then_some(Isa::Avx512Vnni),
            #[cfg(target_arch = "x86_64")]
            avx512.then_some(Isa::Avx512),
            #[cfg(all(target_arch = "x86_64", feature = "internals"))]
            avx512.then_some(Isa::Avx512Unpacked),
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
                Error::Invalid(format!("this CPU has no kernel '{name}', only {available}"))
            })
    }

    /// The kernel's name, as `--kernel` takes it.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Vnni | Isa::Avx512 => "avx512",
            #[cfg(all(target_arch = "x86_64", feature = "internals"))]
            Isa::Avx512Unpacked => "avx512",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Isa::Sse41 => "sse4.1",
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Isa::Neon => "neon",
            Isa::Portable => "portable",
        }
    }

    /// Counts the hits among the darts at `places` of chunk `chunk`; equal to
    /// [`contract::count_chunk`](crate::darts::contract::count_chunk).
    ///
    /// # Panics
    /// If `places` ends past [`CHUNK_DARTS`].
    pub fn count_chunk(self, key: &Key, chunk: u64, places: Range<u32>) -> u32 {
        check(&places);
        let stream = Stream::new(key, chunk);
        self.run(Fastest { stream, places })
    }

    /// Counts the hits among darts that the coarse word alone does not decide. In `darts`, each is its chunk,
    /// counted from `first`, times [`CHUNK_DARTS`], plus its place. `None` if the coarse word decides one.
    #[cfg(feature = "gpu")]
    pub fn settle(self, key: &Key, first: u64, darts: &[u32]) -> Option<u32> {
        let hits = self.run(settle::Settle { key, first, darts });
        (hits != settle::STRAY).then_some(hits)
    }

    fn run(self, job: impl Job) -> u32 {
        match self.0 {
            // SAFETY: only `detected` makes a Kernel, and it makes this one only after it has
            // detected avx512f, avx512bw and avx512vnni.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Vnni => unsafe { avx512::vnni(job) },
            // SAFETY: as above, having detected avx512f and avx512bw.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { avx512::avx512(job) },
            // SAFETY: as above.
            #[cfg(all(target_arch = "x86_64", feature = "internals"))]
            Isa::Avx512Unpacked => unsafe { avx512::unpacked(job) },
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

fn check(places: &Range<u32>) {
    assert!(places.end <= CHUNK_DARTS, "a chunk has {CHUNK_DARTS} darts");
}

impl FromStr for Kernel {
    type Err = Error;

    fn from_str(name: &str) -> Result<Kernel, Error> {
        Kernel::named(name)
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kernel({})", self.name())
    }
}
