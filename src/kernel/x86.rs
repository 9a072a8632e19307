//! [`Lanes`] by the intrinsics of x86-64, and a trampoline for each instruction set.
//!
//! A rotation by 16 or 8 bits is a byte shuffle. If the compiler sees the shuffle's constants, it makes two
//! shuffles of the first, which costs the AVX2 kernel a tenth; so a `black_box` hides them.

use std::arch::x86_64::*;
use std::hint::black_box;

use crate::kernel::count::{Body, Job};
use crate::kernel::lanes::{Lanes, MAX_LANES, by_intrinsics, byte_rotation};

/// AVX2. Made only by [`avx2`].
#[derive(Clone, Copy)]
struct Avx2 {
    /// The byte shuffles that rotate by 16 and by 8.
    by_16: __m256i,
    by_8: __m256i,
}

/// Runs `job` with AVX2.
#[target_feature(enable = "avx2")]
pub(super) fn avx2(job: impl Job) -> u32 {
    let shuffle = |left| {
        let bytes = byte_rotation(left);
        // SAFETY: there are 16 bytes to load.
        black_box(_mm256_broadcastsi128_si256(unsafe {
            _mm_loadu_si128(bytes.as_ptr().cast())
        }))
    };
    job.run(Avx2 {
        by_16: shuffle(16),
        by_8: shuffle(8),
    })
}

impl Lanes for Avx2 {
    type Vector = __m256i;
    const LANES: usize = 8;

    by_intrinsics! {
        load(words: &[u32; MAX_LANES]) -> __m256i = _mm256_loadu_si256(words.as_ptr().cast());
        store(a: __m256i) -> [u32; MAX_LANES] = {
            let mut words = [0; MAX_LANES];
            _mm256_storeu_si256(words.as_mut_ptr().cast(), a);
            words
        };
        splat(word: u32) -> __m256i = _mm256_set1_epi32(word as i32);
        add(a: __m256i, b: __m256i) -> __m256i = _mm256_add_epi32(a, b);
        xor(a: __m256i, b: __m256i) -> __m256i = _mm256_xor_si256(a, b);
        squares(a: __m256i) -> __m256i = _mm256_madd_epi16(a, a);
        top_bit(a: __m256i) -> __m256i = _mm256_srli_epi32::<31>(a);
        min(a: __m256i, b: __m256i) -> __m256i = _mm256_min_epu32(a, b);
        at_most(a: __m256i, limit: u32) -> u32 = {
            let smaller = _mm256_min_epu32(a, _mm256_set1_epi32(limit as i32));
            _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, smaller))) as u32
        };
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: __m256i) -> __m256i {
        // SAFETY: `self` exists, so the CPU has avx2.
        unsafe {
            if LEFT == 16 {
                _mm256_shuffle_epi8(a, self.by_16)
            } else if LEFT == 8 {
                _mm256_shuffle_epi8(a, self.by_8)
            } else {
                _mm256_or_si256(_mm256_slli_epi32::<LEFT>(a), _mm256_srli_epi32::<RIGHT>(a))
            }
        }
    }
}

impl Body for Avx2 {}

/// SSE4.1. Made only by [`sse41`].
#[derive(Clone, Copy)]
struct Sse41 {
    /// The byte shuffles that rotate by 16 and by 8.
    by_16: __m128i,
    by_8: __m128i,
}

/// Runs `job` with SSE4.1.
#[target_feature(enable = "sse4.1")]
pub(super) fn sse41(job: impl Job) -> u32 {
    let shuffle = |left| {
        let bytes = byte_rotation(left);
        // SAFETY: there are 16 bytes to load.
        black_box(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
    };
    job.run(Sse41 {
        by_16: shuffle(16),
        by_8: shuffle(8),
    })
}

impl Lanes for Sse41 {
    type Vector = __m128i;
    const LANES: usize = 4;

    by_intrinsics! {
        load(words: &[u32; MAX_LANES]) -> __m128i = _mm_loadu_si128(words.as_ptr().cast());
        store(a: __m128i) -> [u32; MAX_LANES] = {
            let mut words = [0; MAX_LANES];
            _mm_storeu_si128(words.as_mut_ptr().cast(), a);
            words
        };
        splat(word: u32) -> __m128i = _mm_set1_epi32(word as i32);
        add(a: __m128i, b: __m128i) -> __m128i = _mm_add_epi32(a, b);
        xor(a: __m128i, b: __m128i) -> __m128i = _mm_xor_si128(a, b);
        squares(a: __m128i) -> __m128i = _mm_madd_epi16(a, a);
        top_bit(a: __m128i) -> __m128i = _mm_srli_epi32::<31>(a);
        min(a: __m128i, b: __m128i) -> __m128i = _mm_min_epu32(a, b);
        at_most(a: __m128i, limit: u32) -> u32 = {
            let smaller = _mm_min_epu32(a, _mm_set1_epi32(limit as i32));
            _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(a, smaller))) as u32
        };
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: __m128i) -> __m128i {
        // SAFETY: `self` exists, so the CPU has sse4.1.
        unsafe {
            if LEFT == 16 {
                _mm_shuffle_epi8(a, self.by_16)
            } else if LEFT == 8 {
                _mm_shuffle_epi8(a, self.by_8)
            } else {
                _mm_or_si128(_mm_slli_epi32::<LEFT>(a), _mm_srli_epi32::<RIGHT>(a))
            }
        }
    }
}

impl Body for Sse41 {}
