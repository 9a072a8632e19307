//! [`Lanes`] by the intrinsics of aarch64, and a trampoline.

use std::arch::aarch64::*;
use std::arch::asm;

use crate::kernel::count::{Body, Job};
use crate::kernel::lanes::{Lanes, MAX_LANES, by_intrinsics, byte_rotation};

/// NEON. Made only by [`neon`].
#[derive(Clone, Copy)]
struct Neon(());

/// Runs `job` with NEON.
#[target_feature(enable = "neon")]
pub(super) fn neon(job: impl Job) -> u32 {
    job.run(Neon(()))
}

/// Replaces the low bits of `high` with those of `low` shifted right by `RIGHT`: SRI. The compiler turns the
/// intrinsic into a shift and an addition, USRA, whose result comes later.
#[inline]
#[target_feature(enable = "neon")]
fn insert<const RIGHT: i32>(mut high: uint32x4_t, low: uint32x4_t) -> uint32x4_t {
    // SAFETY: the instruction only computes, and this function has its feature.
    unsafe {
        asm!("sri {high:v}.4s, {low:v}.4s, #{RIGHT}", high = inout(vreg) high, low = in(vreg) low,
            RIGHT = const RIGHT, options(pure, nomem, nostack, preserves_flags));
    }
    high
}

impl Lanes for Neon {
    type Vector = uint32x4_t;
    const LANES: usize = 4;

    by_intrinsics! {
        load(words: &[u32; MAX_LANES]) -> uint32x4_t = vld1q_u32(words.as_ptr());
        store(a: uint32x4_t) -> [u32; MAX_LANES] = {
            let mut words = [0; MAX_LANES];
            vst1q_u32(words.as_mut_ptr(), a);
            words
        };
        splat(word: u32) -> uint32x4_t = vdupq_n_u32(word);
        add(a: uint32x4_t, b: uint32x4_t) -> uint32x4_t = vaddq_u32(a, b);
        xor(a: uint32x4_t, b: uint32x4_t) -> uint32x4_t = veorq_u32(a, b);
        squares(a: uint32x4_t) -> uint32x4_t = {
            let halves = vreinterpretq_s16_u32(a);
            let low = vmull_s16(vget_low_s16(halves), vget_low_s16(halves));
            let high = vmull_high_s16(halves, halves);
            vreinterpretq_u32_s32(vpaddq_s32(low, high))
        };
        top_bit(a: uint32x4_t) -> uint32x4_t = vshrq_n_u32::<31>(a);
        min(a: uint32x4_t, b: uint32x4_t) -> uint32x4_t = vminq_u32(a, b);
        at_most(a: uint32x4_t, limit: u32) -> u32 = {
            let bits = vld1q_u32([1, 2, 4, 8].as_ptr());
            vaddvq_u32(vandq_u32(vcleq_u32(a, vdupq_n_u32(limit)), bits))
        };
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists, so the CPU has neon.
        unsafe {
            if LEFT == 16 {
                vreinterpretq_u32_u16(vrev32q_u16(vreinterpretq_u16_u32(a)))
            } else if LEFT == 8 {
                let sources = vld1q_u8(byte_rotation(8).as_ptr());
                vreinterpretq_u32_u8(vqtbl1q_u8(vreinterpretq_u8_u32(a), sources))
            } else {
                insert::<RIGHT>(vshlq_n_u32::<LEFT>(a), a)
            }
        }
    }
}

impl Body for Neon {}
