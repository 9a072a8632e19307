//! Settles the darts that a GPU leaves undecided. Each may lie in a different chunk: two blocks a dart, on a
//! lane each.

use crate::darts::contract::{self, CHUNK_DARTS};
use crate::kernel::chacha::{self, BLOCK_DARTS, COARSE_BLOCKS, Key};
use crate::kernel::count::{Body, Job, is_cut};
use crate::kernel::lanes::MAX_LANES;

/// The result of [`Settle`] if the coarse word alone decides one of its darts.
pub(super) const STRAY: u32 = u32::MAX;

/// Counts the hits among `darts`, fewer than 2^32 - 1 different ones. A dart is its chunk, counted from
/// `first`, times 65536, plus its place. The result is [`STRAY`] if the circle does not cut the cell of one.
pub(super) struct Settle<'a> {
    pub(super) key: &'a Key,
    pub(super) first: u64,
    pub(super) darts: &'a [u32],
}

impl Job for Settle<'_> {
    #[inline(always)]
    fn run<S: Body>(self, simd: S) -> u32 {
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
                coarse[l] = place / BLOCK_DARTS;
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
