//! Settles the darts that a GPU leaves undecided, each of a chunk of its own: two blocks a dart, and a
//! lane each, as in `count`.

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::kernel::count::COARSE_BLOCKS;
use crate::kernel::lanes::{Job, Lanes, MAX_LANES};
use crate::kernel::{Key, chacha};

/// What [`Settle`] answers if the coarse word alone decides one of its darts.
pub(super) const STRAY: u32 = u32::MAX;

/// Whether the circle cuts the cell of a coarse word, so that only the fine words decide: equal to
/// [`contract::coarse_verdict`] being `None`, in 32 bits.
#[doc(hidden)]
#[inline]
pub fn is_cut(coarse: u32) -> bool {
    // The corner nearest to the centre is X, or if that is negative, X + 1; without its sign, in both
    // cases X with the sign's bits turned over. The farthest is 1 more in both directions.
    let near = |half: u32| {
        let half = i32::from(half as i16);
        (half ^ (half >> 31)) as u32
    };
    let (x, y) = (near(coarse), near(coarse >> 16));
    let nearest = x * x + y * y;
    let farthest = nearest + 2 * (x + y) + 2;
    nearest < 1 << 30 && farthest > 1 << 30
}

/// The hits among `darts`, fewer than 2^32 - 1 of them and none twice: a dart is its chunk, counted from
/// `first`, times 65536, plus its place. [`STRAY`] if the circle does not cut the cell of one of them.
pub(super) struct Settle<'a> {
    pub(super) key: &'a Key,
    pub(super) first: u64,
    pub(super) darts: &'a [u32],
}

impl Job for Settle<'_> {
    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) -> u32 {
        let mut hits = 0;
        for darts in self.darts.chunks(S::LANES) {
            let mut chunks = [[0; MAX_LANES]; 2];
            let mut coarse = [0; MAX_LANES];
            let mut fine = [0; MAX_LANES];
            for (l, dart) in darts.iter().enumerate() {
                let chunk = self.first + u64::from(dart / CHUNK_DARTS);
                let place = dart % CHUNK_DARTS;
                chunks[0][l] = chunk as u32;
                chunks[1][l] = (chunk >> 32) as u32;
                coarse[l] = place / 16;
                fine[l] = COARSE_BLOCKS + place / 8;
            }
            let chunks = chunks.map(|words| simd.load(&words));
            let blocks = [coarse, fine].map(|numbers| simd.load(&numbers));
            let [coarse, fine] = chacha::scattered(simd, self.key, chunks, blocks);
            let mut stored = [[[0; MAX_LANES]; 16]; 2];
            for i in 0..16 {
                stored[0][i] = simd.store(coarse[i]);
                stored[1][i] = simd.store(fine[i]);
            }
            let [coarse, fine] = stored;
            for (l, dart) in darts.iter().enumerate() {
                let place = (dart % CHUNK_DARTS) as usize;
                let word = coarse[place % 16][l];
                if !is_cut(word) {
                    return STRAY;
                }
                let [fx, fy] = [0, 1].map(|i| fine[2 * place % 16 + i][l]);
                hits += u32::from(contract::is_hit(word, fx, fy));
            }
        }
        hits
    }
}
