//! The dart test, the darts that it leaves undecided, and chunk ends that a range cuts off.

use std::ops::Range;

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::kernel::chacha::{self, Stream};
use crate::kernel::lanes::{Job, Lanes, MAX_LANES};

/// Darts whose coarse words come out of one ChaCha block.
const BLOCK_DARTS: u32 = 16;
/// Blocks of a chunk that hold coarse words; the fine words begin at this block.
pub(super) const COARSE_BLOCKS: u32 = CHUNK_DARTS / BLOCK_DARTS;
/// The groups of a chunk, for the fewest lanes: 4.
const MAX_GROUPS: usize = COARSE_BLOCKS as usize / 4;
/// How far from 2^30 the squared distance of a cell's lower corner leaves the cell undecided.
const BAND: u32 = 1 << 17;

/// X^2 + Y^2 of a coarse word: the squared distance of its cell's lower corner, at most 2^31.
#[inline(always)]
pub(super) fn square(word: u32) -> u32 {
    let x = i32::from(word as i16);
    let y = (word as i32) >> 16;
    (x * x) as u32 + (y * y) as u32
}

/// Offsets: the squared distance of a cell's lower corner, less the lower end of the band, wrapping.
/// Below zero: a sure hit, and its top bit is set, for no square exceeds 2^31. At most this:
/// undecided. So a vector needs one addition, one shift for the hits and one running minimum to see
/// whether any dart is undecided.
pub(super) const UNDECIDED: u32 = 2 * BAND;
/// What makes an offset of a square.
pub(super) const TO_OFFSET: u32 = BAND.wrapping_sub(1 << 30);

/// What a coarse word alone says: a hit, a miss, or nothing (`None`) without the fine words.
///
/// Every kernel decides by this; the tests hold it to exact integers for all 2^32 words.
pub fn classify(coarse: u32) -> Option<bool> {
    let offset = square(coarse).wrapping_add(TO_OFFSET);
    (offset > UNDECIDED).then_some(offset >> 31 == 1)
}

#[inline(always)]
fn offset<S: Lanes>(simd: S, word: S::Vector) -> S::Vector {
    simd.add(simd.squares(word), simd.splat(TO_OFFSET))
}

/// The sure hits among each lane's darts, and a bit for each lane with an undecided one.
#[inline(always)]
pub(super) fn test<S: Lanes>(simd: S, words: &[S::Vector; 16]) -> (S::Vector, u32) {
    let mut hits = simd.splat(0);
    let mut nearest = simd.splat(u32::MAX);
    for word in words {
        let offset = offset(simd, *word);
        hits = simd.add(hits, simd.top_bit(offset));
        nearest = simd.min(nearest, offset);
    }
    (hits, simd.at_most(nearest, UNDECIDED))
}

/// The hits among the darts at `places`, drawn as many groups at a time as is fastest.
pub(super) struct Fastest {
    pub(super) stream: Stream,
    pub(super) places: Range<u32>,
}

impl Job for Fastest {
    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) -> u32 {
        let Fastest { stream, places } = self;
        if S::GROUPS == 1 {
            Count::<1> { stream, places }.run(simd)
        } else {
            const { assert!(S::GROUPS <= 2) };
            Count::<2> { stream, places }.run(simd)
        }
    }
}

/// The hits among the darts at `places`, drawn `G` groups at a time.
pub(super) struct Count<const G: usize> {
    pub(super) stream: Stream,
    pub(super) places: Range<u32>,
}

impl<const G: usize> Job for Count<G> {
    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) -> u32 {
        let Count { stream, places } = self;
        let step = (G * S::LANES) as u32;
        let steps = places.start.div_ceil(step * BLOCK_DARTS)..places.end / (step * BLOCK_DARTS);

        let mut sums = simd.splat(0);
        // The first block of each group with an undecided dart, and the lanes that have one.
        let mut flagged = [(0, 0); MAX_GROUPS];
        let mut flags = 0;
        for first in steps.clone().map(|s| s * step) {
            let groups = simd.groups::<G>(&stream, chacha::numbers(simd, first));
            for (words, first) in groups.iter().zip((first..).step_by(S::LANES)) {
                let (hits, lanes) = simd.test(words);
                sums = simd.add(sums, hits);
                flagged[flags] = (first as u16, lanes as u16);
                flags += usize::from(lanes != 0);
            }
        }
        let hits: u32 = simd.store(sums).iter().sum();

        let mut slow = Slow::new(simd, &stream, &places);
        let flagged = flagged[..flags].iter().flat_map(|&(first, lanes)| {
            set_bits(lanes.into()).map(move |l| (u32::from(first) + l, Look::OnlyUndecided))
        });
        let blocks = places.start / BLOCK_DARTS..places.end.div_ceil(BLOCK_DARTS);
        let [before, after] = if steps.is_empty() {
            [blocks, 0..0]
        } else {
            [
                blocks.start..steps.start * step,
                steps.end * step..blocks.end,
            ]
        };
        let edges = before.chain(after).map(|block| (block, Look::All));
        slow.blocks(flagged.chain(edges));
        hits + slow.hits()
    }
}

/// Which darts of a block are not counted yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    OnlyUndecided,
    All,
}

/// Counts what whole groups leave: a lane for each block to look at again or for the first time, and
/// a lane for each block of fine words.
struct Slow<'a, S> {
    simd: S,
    stream: &'a Stream,
    within: &'a Range<u32>,
    /// Undecided darts, to be settled when there is one for each lane.
    places: [u32; MAX_LANES],
    coarse: [u32; MAX_LANES],
    len: usize,
    hits: u32,
}

impl<'a, S: Lanes> Slow<'a, S> {
    #[inline(always)]
    fn new(simd: S, stream: &'a Stream, within: &'a Range<u32>) -> Self {
        Slow {
            simd,
            stream,
            within,
            places: [0; MAX_LANES],
            coarse: [0; MAX_LANES],
            len: 0,
            hits: 0,
        }
    }

    #[inline(always)]
    fn blocks(&mut self, mut blocks: impl Iterator<Item = (u32, Look)>) {
        loop {
            let mut numbers = [0; MAX_LANES];
            let mut looks = [Look::All; MAX_LANES];
            let mut len = 0;
            for (block, look) in blocks.by_ref().take(S::LANES) {
                numbers[len] = block;
                looks[len] = look;
                len += 1;
            }
            if len == 0 {
                return;
            }
            let (words, undecided) = self.draw(&numbers);
            for (i, lanes) in (0..).zip(undecided) {
                for l in set_bits(lanes & !(u32::MAX << len)) {
                    self.push(
                        BLOCK_DARTS * numbers[l as usize] + i,
                        words[i as usize][l as usize],
                    );
                }
            }
            for l in (0..len).filter(|l| looks[*l] == Look::All) {
                for (place, word) in (BLOCK_DARTS * numbers[l]..).zip(&words) {
                    let hit = classify(word[l]) == Some(true) && self.within.contains(&place);
                    self.hits += u32::from(hit);
                }
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, place: u32, coarse: u32) {
        if !self.within.contains(&place) {
            return;
        }
        self.places[self.len] = place;
        self.coarse[self.len] = coarse;
        self.len += 1;
        if self.len == S::LANES {
            self.settle();
        }
    }

    #[inline(always)]
    fn settle(&mut self) {
        // The fine words of place i are words 65536 + 2i and the next: eight darts a block, and
        // never across two.
        let (fine, _) = self.draw(&self.places.map(|place| COARSE_BLOCKS + place / 8));
        let darts = self.places.iter().zip(&self.coarse).enumerate();
        for (l, (place, coarse)) in darts.take(self.len) {
            let word = (2 * place % 16) as usize;
            self.hits += u32::from(contract::is_hit(*coarse, fine[word][l], fine[word + 1][l]));
        }
        self.len = 0;
    }

    /// These blocks word by word, and the lanes in which each word is undecided.
    #[inline(always)]
    fn draw(&self, numbers: &[u32; MAX_LANES]) -> ([[u32; MAX_LANES]; 16], [u32; 16]) {
        let simd = self.simd;
        let [words] = simd.groups(self.stream, [simd.load(numbers)]);
        let mut stored = [[0; MAX_LANES]; 16];
        let mut undecided = [0; 16];
        for i in 0..16 {
            stored[i] = simd.store(words[i]);
            undecided[i] = simd.at_most(offset(simd, words[i]), UNDECIDED);
        }
        (stored, undecided)
    }

    #[inline(always)]
    fn hits(mut self) -> u32 {
        self.settle();
        self.hits
    }
}

/// The numbers of the bits that are set, the lowest first.
#[inline(always)]
fn set_bits(mut bits: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros());
        bits &= bits.wrapping_sub(1);
        lowest
    })
}
