//! The dart test, the darts that it leaves undecided, and the chunk ends that a range cuts off.

use std::ops::Range;

use crate::darts::contract;
use crate::kernel::chacha::{self, BLOCK_DARTS, COARSE_BLOCKS, Stream};
use crate::kernel::lanes::{Lanes, MAX_LANES, square};

/// The groups of a chunk, for the fewest lanes: 4.
const MAX_GROUPS: usize = COARSE_BLOCKS as usize / 4;
/// A cell is undecided if the squared distance of its lower corner is this close to 2^30.
const BAND: u32 = 3 << 15;

/// The largest offset of an undecided dart. An offset is the squared distance of a cell's lower corner, less
/// the lower end of the band, wrapping. A sure hit's would be negative, so its top bit is set: no square
/// exceeds 2^31. So a vector needs one addition, one shift for the hits, and one running minimum to see
/// whether any dart is undecided.
pub(super) const UNDECIDED: u32 = 2 * BAND - 1;
/// Added to a square, gives its offset.
pub(super) const TO_OFFSET: u32 = BAND.wrapping_sub(1 << 30);

/// Work that is the same for every instruction set. A trampoline runs it.
pub(super) trait Job {
    /// Must be `#[inline(always)]`.
    fn run<S: Body>(self, simd: S) -> u32;
}

/// The two inner loops of a count. An instruction set replaces one only if another order of the same
/// operations is faster.
pub(super) trait Body: Lanes {
    /// How many groups of blocks the fastest count draws at a time: 1 or 2.
    const GROUPS: usize = 2;
    /// A sure hit's share in the sums of [`Self::test`]. A sure miss has none, and an undecided dart has its
    /// [`Self::code`].
    const HIT: u32 = 1;
    /// The largest offset of a dart that [`Self::test`] leaves undecided.
    const UNDECIDED: u32 = UNDECIDED;
    /// Added to a square, gives the offset that [`Self::test`] judges.
    const TO_OFFSET: u32 = TO_OFFSET;

    /// The share of an undecided dart in the sums of [`Self::test`].
    #[inline(always)]
    fn code(_word: u32) -> u32 {
        0
    }

    /// [`chacha::interleaved`].
    #[inline(always)]
    fn groups<const G: usize>(
        self,
        stream: &Stream,
        numbers: [Self::Vector; G],
    ) -> [[Self::Vector; 16]; G] {
        chacha::interleaved(self, stream, numbers)
    }

    /// The sums of the darts' shares in any lanes, and a bit for each lane with an undecided dart.
    #[inline(always)]
    fn test(self, words: &[Self::Vector; 16]) -> (Self::Vector, u32) {
        let mut hits = self.splat(0);
        let mut nearest = self.splat(u32::MAX);
        for word in words {
            let offset = offset(self, *word);
            hits = self.add(hits, self.top_bit(offset));
            nearest = self.min(nearest, offset);
        }
        (hits, self.at_most(nearest, Self::UNDECIDED))
    }
}

/// Decides a dart by its coarse word alone: a hit, a miss, or `None` if it takes the fine words.
///
/// Every kernel decides by this or by a wider band. The tests compare it with exact integers for all 2^32 words.
pub fn classify(coarse: u32) -> Option<bool> {
    let offset = square(coarse).wrapping_add(TO_OFFSET);
    (offset > UNDECIDED).then_some(offset >> 31 == 1)
}

/// Whether the circle cuts the cell of a coarse word, so that only the fine words decide. Equal to
/// [`contract::coarse_verdict`] being `None`, but in 32 bits.
#[inline]
pub fn is_cut(coarse: u32) -> bool {
    // The corner nearest to the centre is X, or X + 1 if X is negative. Its distance is in both cases X with
    // its bits flipped if the sign is set. The farthest corner is 1 more in both directions.
    let near = |half: u32| {
        let half = i32::from(half as i16);
        (half ^ (half >> 31)) as u32
    };
    let (x, y) = (near(coarse), near(coarse >> 16));
    let nearest = x * x + y * y;
    let farthest = nearest + 2 * (x + y) + 2;
    nearest < 1 << 30 && farthest > 1 << 30
}

#[inline(always)]
fn offset<S: Body>(simd: S, word: S::Vector) -> S::Vector {
    simd.add(simd.squares(word), simd.splat(S::TO_OFFSET))
}

/// Counts the hits among the darts at `places`, drawing as many groups at a time as is fastest.
pub(super) struct Fastest {
    pub(super) stream: Stream,
    pub(super) places: Range<u32>,
}

impl Job for Fastest {
    #[inline(always)]
    fn run<S: Body>(self, simd: S) -> u32 {
        let Fastest { stream, places } = self;
        if S::GROUPS == 1 {
            Count::<1> { stream, places }.run(simd)
        } else {
            const { assert!(S::GROUPS <= 2) };
            Count::<2> { stream, places }.run(simd)
        }
    }
}

/// Counts the hits among the darts at `places`, drawing `G` groups at a time.
pub(super) struct Count<const G: usize> {
    pub(super) stream: Stream,
    pub(super) places: Range<u32>,
}

impl<const G: usize> Job for Count<G> {
    #[inline(always)]
    fn run<S: Body>(self, simd: S) -> u32 {
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
                let (shares, lanes) = simd.test(words);
                sums = simd.add(sums, shares);
                flagged[flags] = (first as u16, lanes as u16);
                flags += usize::from(lanes != 0);
            }
        }
        let sum: u32 = simd.store(sums).iter().sum();

        let mut slow = Slow::new(simd, &stream, &places);
        let flagged = flagged[..flags].iter().flat_map(|&(first, lanes)| {
            set_bits(lanes.into()).map(move |l| (u32::from(first) + l, Uncounted::Undecided))
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
        let edges = before.chain(after).map(|block| (block, Uncounted::All));
        slow.blocks(flagged.chain(edges));
        (sum - slow.codes) / S::HIT + slow.hits()
    }
}

/// The darts of a block that are not counted yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uncounted {
    Undecided,
    All,
}

/// Counts what the whole groups leave, on one lane for each block to draw again or for the first time, and
/// one lane for each block of fine words.
struct Slow<'a, S> {
    simd: S,
    stream: &'a Stream,
    within: &'a Range<u32>,
    /// Darts whose cells the circle cuts, settled as soon as there is one for each lane.
    places: [u32; MAX_LANES],
    coarse: [u32; MAX_LANES],
    len: usize,
    hits: u32,
    /// The shares of the undecided darts in the sums of the whole groups.
    codes: u32,
}

impl<'a, S: Body> Slow<'a, S> {
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
            codes: 0,
        }
    }

    #[inline(always)]
    fn blocks(&mut self, mut blocks: impl Iterator<Item = (u32, Uncounted)>) {
        loop {
            let mut numbers = [0; MAX_LANES];
            let mut all = 0;
            let mut len = 0;
            for (block, darts) in blocks.by_ref().take(S::LANES) {
                numbers[len] = block;
                all |= u32::from(darts == Uncounted::All) << len;
                len += 1;
            }
            if len == 0 {
                return;
            }
            let (words, undecided) = self.draw(&numbers);
            for (i, lanes) in (0..).zip(undecided) {
                for l in set_bits((lanes | all) & !(u32::MAX << len)) {
                    let word = words[i as usize][l as usize];
                    if all >> l & 1 == 0 {
                        self.codes += S::code(word);
                    }
                    self.decide(BLOCK_DARTS * numbers[l as usize] + i, word);
                }
            }
        }
    }

    #[inline(always)]
    fn decide(&mut self, place: u32, coarse: u32) {
        if !self.within.contains(&place) {
            return;
        }
        if !is_cut(coarse) {
            self.hits += u32::from(square(coarse) < 1 << 30);
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
        // The fine words of place i are words 65536 + 2i and 65536 + 2i + 1: eight darts a block, and no
        // dart in two blocks.
        let (fine, _) = self.draw(&self.places.map(|place| COARSE_BLOCKS + place / 8));
        let darts = self.places.iter().zip(&self.coarse).enumerate();
        for (l, (place, coarse)) in darts.take(self.len) {
            let word = (2 * place % 16) as usize;
            self.hits += u32::from(contract::is_hit(*coarse, fine[word][l], fine[word + 1][l]));
        }
        self.len = 0;
    }

    /// Draws blocks: their words, lane by lane, and for each word a bit for each lane in which it is undecided.
    #[inline(always)]
    fn draw(&self, numbers: &[u32; MAX_LANES]) -> ([[u32; MAX_LANES]; 16], [u32; 16]) {
        let simd = self.simd;
        let [words] = simd.groups(self.stream, [simd.load(numbers)]);
        let mut stored = [[0; MAX_LANES]; 16];
        let mut undecided = [0; 16];
        for i in 0..16 {
            stored[i] = simd.store(words[i]);
            undecided[i] = simd.at_most(offset(simd, words[i]), S::UNDECIDED);
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
