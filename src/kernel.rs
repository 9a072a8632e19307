//! The fast count of the hits among one chunk's darts, for every instruction set worth having.
//!
//! One generic body, written in scalar source for the compiler to vectorise; what differs per
//! instruction set is a trampoline of a few lines. Not here: what a hit is (that is [`crate::dart`],
//! to which every kernel is held bit for bit by the tests), and which chunks to count.
//!
//! ```text
//! count(places):
//!     for each group of L blocks that lies wholly in places:        # L lanes, 16 darts a block
//!         lane l: words = ChaCha8 block (first + l)                  # a dart never leaves its lane
//!         d = X^2 + Y^2 of each word                                 # its cell's lower corner
//!         hits += d < 2^30 - BAND                                    # the whole cell is inside
//!         flag the block if any d is within BAND of 2^30
//!     for each flagged block: draw it again, and for its darts within BAND fetch the fine words
//!         and test exactly
//!     darts of the group that an end of places cuts: one block at a time, the same two tests
//! ```
//!
//! The band: a point of the cell is at most 1 away from its lower corner in each direction, so its
//! squared distance differs from d by less than 2 (|X| + |Y|) + 2, which near the circle is at most
//! 2 sqrt(2) 2^15 + 2 < 2^17. About one dart in 5,000 lies in the band; the circle really cuts one
//! cell in 16,000, but telling those apart costs more than it saves.
//!
//! What was tried and is slower, as a share of the rate of what stands here (AVX2 on a Zen 3 core,
//! rustc 1.95): the squares in scalar source, which the compiler does with two multiplications beyond
//! 128 bits, 0.91; the test's loop over words outside and over lanes inside, 0.99, and 0.94 in the
//! portable kernel; undecided darts settled one by one with a block each, 0.95; two darts as 16-bit
//! halves of a lane, which saves a tenth of the test on paper, 0.54, as it is no longer vectorised.

use std::fmt;
use std::ops::Range;

use crate::dart::{self, CHUNK_DARTS};
use crate::error::Error;

/// Darts whose coarse words come out of one ChaCha block.
const BLOCK_DARTS: u32 = 16;
/// Blocks of a chunk that hold coarse words; the fine words begin at this block.
const COARSE_BLOCKS: u32 = CHUNK_DARTS / BLOCK_DARTS;
/// How far from 2^30 the squared distance of a cell's lower corner leaves the cell undecided.
const BAND: u32 = 1 << 17;

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
    Portable,
}

impl Kernel {
    /// The names of all kernels, of this CPU or not, fastest first.
    pub const NAMES: [&'static str; 4] = ["avx512", "avx2", "sse4.1", "portable"];

    /// The kernels that this CPU has, fastest first; the last is always `portable`.
    pub fn available() -> impl Iterator<Item = Kernel> {
        [
            // Of AVX-512 only F and BW: rustc 1.95 miscompiles DQ together with VL
            // (rust-lang/rust issue 158622).
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"))
                .then_some(Isa::Avx512),
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("avx2").then_some(Isa::Avx2),
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("sse4.1").then_some(Isa::Sse41),
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
    /// [`Error::Kernel`] if this CPU has no such kernel; it lists those it has.
    pub fn named(name: &str) -> Result<Kernel, Error> {
        Self::available()
            .find(|kernel| kernel.name() == name)
            .ok_or_else(|| Error::Kernel {
                name: name.to_owned(),
                available: Self::available()
                    .map(Kernel::name)
                    .collect::<Vec<_>>()
                    .join(", "),
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
            Isa::Portable => "portable",
        }
    }

    /// Hits among the darts at `places` of chunk `chunk`, equal to [`dart::count_chunk`].
    ///
    /// # Panics
    /// If `places` ends past [`CHUNK_DARTS`].
    pub fn count_chunk(self, key: &Key, chunk: u64, places: Range<u32>) -> u32 {
        assert!(places.end <= CHUNK_DARTS, "a chunk has {CHUNK_DARTS} darts");
        self.run::<false>(Stream::new(key, chunk), places)
    }

    /// The exclusive or of the coarse words of `chunk`: the keystream without the dart test. It
    /// is the bound that the bench `kernels` compares the count with.
    #[doc(hidden)]
    pub fn keystream(self, key: &Key, chunk: u64) -> u32 {
        self.run::<true>(Stream::new(key, chunk), 0..CHUNK_DARTS)
    }

    fn run<const BARE: bool>(self, stream: Stream, places: Range<u32>) -> u32 {
        match self.0 {
            // SAFETY: only `available` makes a Kernel, and it makes this one only after it
            // detected avx512f and avx512bw.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { x86::avx512::<BARE>(stream, places) },
            // SAFETY: as above, having detected avx2.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { x86::avx2::<BARE>(stream, places) },
            // SAFETY: as above, having detected sse4.1.
            #[cfg(target_arch = "x86_64")]
            Isa::Sse41 => unsafe { x86::sse41::<BARE>(stream, places) },
            Isa::Portable => body::<4, BARE>(stream, places, |words| words.map(square)),
        }
    }
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
        let bytes = dart::generator(seed).get_seed();
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|j| bytes[4 * i + j]));
        Key(std::array::from_fn(word))
    }
}

/// A chunk's stream: the ChaCha state before the first round, with block number 0.
#[derive(Clone, Copy)]
struct Stream([u32; 16]);

impl Stream {
    fn new(key: &Key, chunk: u64) -> Stream {
        let mut state = [0; 16];
        // "expand 32-byte k", as RFC 8439 section 2.3 has it.
        state[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        state[4..12].copy_from_slice(&key.0);
        // Words 12 and 13 number the block. A chunk reads 12,288 blocks, so 13 stays 0.
        state[14] = chunk as u32;
        state[15] = (chunk >> 32) as u32;
        Stream(state)
    }

    /// ChaCha8's block `number`: eight rounds over the state, then the state added.
    ///
    /// The double rounds stand written out: as a loop over them they cost 5/6 of the speed.
    #[inline(always)]
    fn block(&self, number: u32) -> [u32; 16] {
        let mut start = self.0;
        start[12] = number;
        let mut state = start;
        double_round(&mut state);
        double_round(&mut state);
        double_round(&mut state);
        double_round(&mut state);
        for i in 0..16 {
            state[i] = state[i].wrapping_add(start[i]);
        }
        state
    }

    /// The blocks with these numbers, word by word: `[i][l]` is word i of block `numbers[l]`.
    /// The loop over lanes must be the outer one for the compiler to give each lane its block.
    #[inline(always)]
    fn blocks<const L: usize>(&self, numbers: [u32; L]) -> [[u32; L]; 16] {
        let mut words = [[0; L]; 16];
        for l in 0..L {
            let block = self.block(numbers[l]);
            for i in 0..16 {
                words[i][l] = block[i];
            }
        }
        words
    }
}

/// Columns, then diagonals, each a quarter round (RFC 8439 section 2.3).
#[inline(always)]
fn double_round(state: &mut [u32; 16]) {
    quarter_round(state, 0, 4, 8, 12);
    quarter_round(state, 1, 5, 9, 13);
    quarter_round(state, 2, 6, 10, 14);
    quarter_round(state, 3, 7, 11, 15);
    quarter_round(state, 0, 5, 10, 15);
    quarter_round(state, 1, 6, 11, 12);
    quarter_round(state, 2, 7, 8, 13);
    quarter_round(state, 3, 4, 9, 14);
}

/// RFC 8439 section 2.1.
#[inline(always)]
fn quarter_round(s: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    s[a] = s[a].wrapping_add(s[b]);
    s[d] = (s[d] ^ s[a]).rotate_left(16);
    s[c] = s[c].wrapping_add(s[d]);
    s[b] = (s[b] ^ s[c]).rotate_left(12);
    s[a] = s[a].wrapping_add(s[b]);
    s[d] = (s[d] ^ s[a]).rotate_left(8);
    s[c] = s[c].wrapping_add(s[d]);
    s[b] = (s[b] ^ s[c]).rotate_left(7);
}

/// X^2 + Y^2 of a coarse word: the squared distance of its cell's lower corner, at most 2^31.
#[inline(always)]
fn square(word: u32) -> u32 {
    let x = i32::from(word as i16);
    let y = (word as i32) >> 16;
    (x * x) as u32 + (y * y) as u32
}

/// What the squared distance of a cell's lower corner says of every dart in the cell: the distance
/// less the lower end of the band, wrapping. Below zero: a sure hit, and its top bit is set, for no
/// square exceeds 2^31. At most twice [`BAND`]: undecided. So a vector needs one subtraction, one
/// shift for the hits and one running minimum to see whether any dart is undecided.
#[derive(Clone, Copy)]
struct Offset(u32);

impl Offset {
    const FARTHEST: Offset = Offset(u32::MAX);

    #[inline(always)]
    fn of(square: u32) -> Offset {
        Offset(square.wrapping_sub((1 << 30) - BAND))
    }

    /// 1 for a sure hit, or else 0.
    #[inline(always)]
    fn sure_hit(self) -> u32 {
        self.0 >> 31
    }

    #[inline(always)]
    fn is_undecided(self) -> bool {
        self.0 <= 2 * BAND
    }

    #[inline(always)]
    fn min(self, other: Offset) -> Offset {
        Offset(self.0.min(other.0))
    }
}

/// What a coarse word alone says: a hit, a miss, or nothing (`None`) without the fine words.
///
/// Every kernel decides by this; the tests hold it to exact integers for all 2^32 words.
pub fn classify(coarse: u32) -> Option<bool> {
    let offset = Offset::of(square(coarse));
    (!offset.is_undecided()).then_some(offset.sure_hit() == 1)
}

/// Darts in the band. They are tested exactly, L at a time: the blocks of their fine words then
/// cost a lane each.
struct Undecided<'a, const L: usize> {
    stream: &'a Stream,
    places: [u32; L],
    coarse: [u32; L],
    len: usize,
    hits: u32,
}

impl<'a, const L: usize> Undecided<'a, L> {
    fn of(stream: &'a Stream) -> Self {
        Undecided {
            stream,
            places: [0; L],
            coarse: [0; L],
            len: 0,
            hits: 0,
        }
    }

    /// Adds the darts in the band of the flagged blocks, drawing L blocks at a time.
    #[inline(always)]
    fn push_flagged(&mut self, flags: &[u8]) {
        let mut blocks = flagged(flags);
        loop {
            let mut batch = [0; L];
            let mut len = 0;
            for (lane, block) in batch.iter_mut().zip(&mut blocks) {
                *lane = block;
                len += 1;
            }
            if len == 0 {
                return;
            }
            let words = self.stream.blocks(batch);
            for l in 0..len {
                for (place, word) in (BLOCK_DARTS * batch[l]..).zip(&words) {
                    if classify(word[l]).is_none() {
                        self.push(place, word[l]);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, place: u32, coarse: u32) {
        self.places[self.len] = place;
        self.coarse[self.len] = coarse;
        self.len += 1;
        if self.len == L {
            self.settle();
        }
    }

    #[inline(always)]
    fn settle(&mut self) {
        // The fine words of place i are words 65536 + 2i and the next: eight darts a block, and
        // never across two.
        let fine = self
            .stream
            .blocks(self.places.map(|place| COARSE_BLOCKS + place / 8));
        let darts = self.places.iter().zip(&self.coarse).enumerate();
        for (l, (place, coarse)) in darts.take(self.len) {
            let word = (2 * place % 16) as usize;
            self.hits += u32::from(dart::is_hit(*coarse, fine[word][l], fine[word + 1][l]));
        }
        self.len = 0;
    }

    /// The hits among all darts pushed.
    #[inline(always)]
    fn settled(mut self) -> u32 {
        self.settle();
        self.hits
    }
}

/// The count, for L lanes; with `BARE` the exclusive or of the words of the whole groups instead.
/// `squares` is [`square`] of each lane.
#[inline(always)]
fn body<const L: usize, const BARE: bool>(
    stream: Stream,
    places: Range<u32>,
    squares: impl Fn([u32; L]) -> [u32; L],
) -> u32 {
    let group_darts = BLOCK_DARTS * L as u32;
    let groups = places.start.div_ceil(group_darts)..places.end / group_darts;

    let mut sums = [0; L];
    let mut flags = [0; COARSE_BLOCKS as usize];
    for group in groups.clone() {
        let first = group * L as u32;
        let words = stream.blocks(std::array::from_fn(|l| first + l as u32));
        if BARE {
            for l in 0..L {
                sums[l] ^= words.iter().fold(0, |xor, word| xor ^ word[l]);
            }
            continue;
        }
        let squares: [[u32; L]; 16] = std::array::from_fn(|i| squares(words[i]));
        let flags = &mut flags[first as usize..][..L];
        for l in 0..L {
            let mut nearest = Offset::FARTHEST;
            for square in &squares {
                let offset = Offset::of(square[l]);
                sums[l] += offset.sure_hit();
                nearest = nearest.min(offset);
            }
            flags[l] = u8::from(nearest.is_undecided());
        }
    }
    if BARE {
        return sums.iter().fold(0, |xor, sum| xor ^ sum);
    }

    let mut undecided = Undecided::<L>::of(&stream);
    undecided.push_flagged(&flags);

    let whole = if groups.is_empty() {
        places.start..places.start
    } else {
        groups.start * group_darts..groups.end * group_darts
    };
    let mut hits: u32 = sums.iter().sum();
    for edge in [places.start..whole.start, whole.end..places.end] {
        for block in edge.start / BLOCK_DARTS..edge.end.div_ceil(BLOCK_DARTS) {
            for (place, coarse) in (BLOCK_DARTS * block..).zip(stream.block(block)) {
                match classify(coarse) {
                    _ if !edge.contains(&place) => {}
                    Some(hit) => hits += u32::from(hit),
                    None => undecided.push(place, coarse),
                }
            }
        }
    }
    hits + undecided.settled()
}

/// The numbers of the blocks whose flag is set; 64 flags at a time, since few are.
#[inline(always)]
fn flagged(flags: &[u8]) -> impl Iterator<Item = u32> {
    flags
        .chunks(64)
        .zip((0..).step_by(64))
        .filter(|(flags, _)| flags.iter().fold(0, |any, flag| any | flag) != 0)
        .flat_map(|(flags, first)| {
            flags
                .iter()
                .zip(first..)
                .filter(|(flag, _)| **flag != 0)
                .map(|(_, block)| block)
        })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! A trampoline an instruction set: it turns the features on and hands the body its pair
    //! multiply-add, which the compiler does not find by itself beyond 128 bits.

    use std::arch::x86_64::{_mm_madd_epi16, _mm256_madd_epi16, _mm512_madd_epi16};

    use zerocopy::transmute;

    use super::{Range, Stream, body};

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn avx512<const BARE: bool>(stream: Stream, places: Range<u32>) -> u32 {
        body::<16, BARE>(stream, places, |words| {
            transmute!(_mm512_madd_epi16(transmute!(words), transmute!(words)))
        })
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn avx2<const BARE: bool>(stream: Stream, places: Range<u32>) -> u32 {
        body::<8, BARE>(stream, places, |words| {
            transmute!(_mm256_madd_epi16(transmute!(words), transmute!(words)))
        })
    }

    #[target_feature(enable = "sse4.1")]
    pub(super) fn sse41<const BARE: bool>(stream: Stream, places: Range<u32>) -> u32 {
        body::<4, BARE>(stream, places, |words| {
            transmute!(_mm_madd_epi16(transmute!(words), transmute!(words)))
        })
    }
}
