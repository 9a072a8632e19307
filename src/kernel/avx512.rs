//! [`Lanes`] by the intrinsics of AVX-512, with a dart test on packed bytes, and trampolines.
//!
//! AVX-512 F and BW only, besides VNNI: rustc 1.95 miscompiles DQ together with VL (rust-lang/rust issue 158622).

use std::arch::asm;
use std::arch::x86_64::*;
use std::hint::black_box;

use crate::kernel::count::{self, Body, Job};
use crate::kernel::lanes::{Lanes, MAX_LANES, by_intrinsics, square};

/// AVX-512 with the dart test `T`. Made only by the trampolines.
#[derive(Clone, Copy)]
struct Avx512<T>(T);

/// Runs `job` with AVX-512 and VNNI.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) fn vnni(job: impl Job) -> u32 {
    job.run(Avx512(Packed::<true>::new()))
}

/// Runs `job` with AVX-512.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn avx512(job: impl Job) -> u32 {
    job.run(Avx512(Packed::<false>::new()))
}

/// Runs `job` with AVX-512, but with the dart test of the other instruction sets.
#[cfg(feature = "internals")]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn unpacked(job: impl Job) -> u32 {
    job.run(Avx512(()))
}

impl<T: Copy> Lanes for Avx512<T> {
    type Vector = __m512i;
    const LANES: usize = 16;

    by_intrinsics! {
        load(words: &[u32; MAX_LANES]) -> __m512i = _mm512_loadu_si512(words.as_ptr().cast());
        store(a: __m512i) -> [u32; MAX_LANES] = {
            let mut words = [0; MAX_LANES];
            _mm512_storeu_si512(words.as_mut_ptr().cast(), a);
            words
        };
        splat(word: u32) -> __m512i = _mm512_set1_epi32(word as i32);
        add(a: __m512i, b: __m512i) -> __m512i = _mm512_add_epi32(a, b);
        xor(a: __m512i, b: __m512i) -> __m512i = _mm512_xor_si512(a, b);
        squares(a: __m512i) -> __m512i = _mm512_madd_epi16(a, a);
        top_bit(a: __m512i) -> __m512i = _mm512_srli_epi32::<31>(a);
        min(a: __m512i, b: __m512i) -> __m512i = _mm512_min_epu32(a, b);
        at_most(a: __m512i, limit: u32) -> u32 = _mm512_cmple_epu32_mask(a, _mm512_set1_epi32(limit as i32)).into();
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: __m512i) -> __m512i {
        // SAFETY: `self` exists, so the CPU has avx512f and avx512bw.
        unsafe { _mm512_rol_epi32::<LEFT>(a) }
    }
}

#[cfg(feature = "internals")]
impl Body for Avx512<()> {}

/// The test of four words at a time, in bytes: half the operations of the test in 32 bits.
///
/// ```text
/// o = offset of A, B, C and D, each plus 1 << 16   # upper half <= 0: a hit; 1, 2, 3: undecided; >= 4: a miss
/// ab = upper halves of A, lower halves replaced by the upper halves of B; cd likewise
/// x = ab and cd as bytes, saturated                # 0: a hit; 1, 2, 3; 4 to 255: a miss
/// code = 4 - x, saturated                          # 4: a hit; 3, 2, 1; 0: a miss
/// sums += codes; near |= codes                     # near & 3: a lane with an undecided dart
/// ```
///
/// `vpdpwssd` of VNNI squares and adds in one operation. Without it, the squares' upper halves are the
/// offsets, which forces the band's ends to multiples of 1 << 16: a band of seven, and codes of 8 to 0.
#[derive(Clone, Copy)]
struct Packed<const VNNI: bool> {
    /// The byte shuffle of B, and the bytes of A that it replaces.
    upper: __m512i,
    lower: __mmask64,
    /// The byte shuffle that gives each lane its own darts' codes.
    lanes: __m512i,
}

impl<const VNNI: bool> Packed<VNNI> {
    /// The `black_box`es keep the compiler from making two operations of a shuffle.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn new() -> Self {
        let shuffle = |bytes: [u8; 16]| {
            // SAFETY: there are 16 bytes to load.
            let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            black_box(_mm512_broadcast_i32x4(bytes))
        };
        Packed {
            upper: shuffle([2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13]),
            lower: black_box(0x3333_3333_3333_3333),
            lanes: shuffle([0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15]),
        }
    }
}

/// [`count::TO_OFFSET`] and 1 << 16 plus the squares. As an intrinsic, the compiler would split half of
/// these into multiplication and addition.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn offset_by_vnni(word: __m512i) -> __m512i {
    let mut offset = _mm512_set1_epi32(count::TO_OFFSET.wrapping_add(1 << 16) as i32);
    // SAFETY: the instruction only computes, and this function has its feature.
    unsafe {
        asm!("vpdpwssd {o}, {w}, {w}", o = inout(zmm_reg) offset, w = in(zmm_reg) word,
            options(pure, nomem, nostack, preserves_flags));
    }
    offset
}

impl<const VNNI: bool> Body for Avx512<Packed<VNNI>> {
    const HIT: u32 = if VNNI { 4 } else { 8 };
    const UNDECIDED: u32 = if VNNI {
        count::UNDECIDED
    } else {
        (7 << 16) - 1
    };
    const TO_OFFSET: u32 = if VNNI {
        count::TO_OFFSET
    } else {
        (4_u32 << 16).wrapping_sub(1 << 30)
    };

    #[inline(always)]
    fn code(word: u32) -> u32 {
        let offset = square(word).wrapping_add(Self::TO_OFFSET);
        ((Self::UNDECIDED - offset) >> 16) + 1
    }

    #[inline(always)]
    fn test(self, words: &[__m512i; 16]) -> (__m512i, u32) {
        let Packed {
            upper,
            lower,
            lanes,
        } = self.0;
        // SAFETY: `self` exists, so the CPU has avx512f, avx512bw and, if `VNNI`, avx512vnni.
        unsafe {
            let upper_halves = |a: __m512i, b: __m512i| {
                if VNNI {
                    let [a, b] = [offset_by_vnni(a), offset_by_vnni(b)];
                    _mm512_mask_shuffle_epi8(a, lower, b, upper)
                } else {
                    let [a, b] = [self.squares(a), self.squares(b)];
                    let halves = _mm512_mask_shuffle_epi8(a, lower, b, upper);
                    let to_offset = (Self::TO_OFFSET >> 16) as i16 + 1;
                    _mm512_add_epi16(halves, _mm512_set1_epi16(to_offset))
                }
            };
            let hit = _mm512_set1_epi8(Self::HIT as i8);
            let mut codes = [self.splat(0); 4];
            for (codes, words) in codes.iter_mut().zip(words.chunks_exact(4)) {
                let ab = upper_halves(words[0], words[1]);
                let cd = upper_halves(words[2], words[3]);
                *codes = _mm512_subs_epu8(hit, _mm512_packus_epi16(ab, cd));
            }
            let [a, b, c, d] = codes;
            let sums = _mm512_add_epi8(_mm512_add_epi8(a, b), _mm512_add_epi8(c, d));
            let near = _mm512_or_si512(_mm512_ternarylogic_epi32::<0xfe>(a, b, c), d);
            let near = _mm512_shuffle_epi8(near, lanes);
            let undecided = _mm512_set1_epi8(Self::HIT as i8 - 1);
            (
                _mm512_sad_epu8(sums, self.splat(0)),
                _mm512_test_epi32_mask(near, undecided).into(),
            )
        }
    }
}
