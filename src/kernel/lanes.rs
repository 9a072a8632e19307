//! The vector operations that a kernel needs, as one trait, and their plain version over arrays, for any CPU.
//!
//! A value of a type that implements [`Lanes`] proves that its instructions may run: it exists only
//! inside that instruction set's trampoline. Every operation takes such a value, so it is safe to call.
//! All operations, and everything built on them, are `#[inline(always)]`, because a separate function
//! would lack the trampoline's instructions.

/// The most lanes of any instruction set.
pub(super) const MAX_LANES: usize = 16;

/// An instruction set whose vectors have [`Self::LANES`] lanes of 32 bits.
pub(super) trait Lanes: Copy {
    /// A word in each lane.
    type Vector: Copy;
    /// The number of lanes: 4, 8 or 16; 1 for a single word.
    const LANES: usize;

    /// Loads the first [`Self::LANES`] words.
    fn load(self, words: &[u32; MAX_LANES]) -> Self::Vector;
    /// Stores the lanes, followed by zeros.
    fn store(self, a: Self::Vector) -> [u32; MAX_LANES];
    fn splat(self, word: u32) -> Self::Vector;

    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn xor(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Rotates left by `LEFT` bits: 16, 12, 8 or 7. `RIGHT` is 32 - `LEFT`.
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: Self::Vector) -> Self::Vector;

    /// [`square`] of each lane: a multiply-add of 16-bit pairs.
    fn squares(self, a: Self::Vector) -> Self::Vector;
    /// The top bit of each lane, as 0 or 1.
    fn top_bit(self, a: Self::Vector) -> Self::Vector;
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Bit l is set if lane l is at most `limit`.
    fn at_most(self, a: Self::Vector, limit: u32) -> u32;
}

/// Operations of [`Lanes`] as intrinsics. The caller's type must exist only where the CPU has them.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
))]
macro_rules! by_intrinsics {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name(self, $($arg: $type),*) -> $result {
            // SAFETY: `self` exists, so the CPU has the instructions; an array of `MAX_LANES` words is long enough
            // to load from and to store to.
            unsafe { $body }
        }
    )*};
}
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
))]
pub(super) use by_intrinsics;

/// The sum of the squares of a word's two signed halves, at most 2^31.
#[inline(always)]
pub(super) fn square(word: u32) -> u32 {
    let x = i32::from(word as i16);
    let y = (word as i32) >> 16;
    (x * x) as u32 + (y * y) as u32
}

/// The source of each byte when words are rotated left by `left` bits, 8 or 16.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
))]
pub(super) const fn byte_rotation(left: i32) -> [u8; 16] {
    let mut sources = [0; 16];
    let mut i = 0;
    while i < 16 {
        sources[i] = (i / 4 * 4 + (i + 4 - left as usize / 8) % 4) as u8;
        i += 1;
    }
    sources
}

/// Vectors of `L` words as arrays.
#[derive(Clone, Copy)]
pub(super) struct Arrays<const L: usize>;

/// One word at a time.
pub(super) type Scalar = Arrays<1>;
#[expect(non_upper_case_globals, reason = "the value of a type without fields")]
pub(super) const Scalar: Scalar = Arrays;

impl<const L: usize> Lanes for Arrays<L> {
    type Vector = [u32; L];
    const LANES: usize = L;

    #[inline(always)]
    fn load(self, words: &[u32; MAX_LANES]) -> [u32; L] {
        each(|l| words[l])
    }

    #[inline(always)]
    fn store(self, a: [u32; L]) -> [u32; MAX_LANES] {
        let mut words = [0; MAX_LANES];
        words[..L].copy_from_slice(&a);
        words
    }

    #[inline(always)]
    fn splat(self, word: u32) -> [u32; L] {
        [word; L]
    }

    #[inline(always)]
    fn add(self, a: [u32; L], b: [u32; L]) -> [u32; L] {
        each(|l| a[l].wrapping_add(b[l]))
    }

    #[inline(always)]
    fn xor(self, a: [u32; L], b: [u32; L]) -> [u32; L] {
        each(|l| a[l] ^ b[l])
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: [u32; L]) -> [u32; L] {
        each(|l| a[l].rotate_left(LEFT as u32))
    }

    #[inline(always)]
    fn squares(self, a: [u32; L]) -> [u32; L] {
        each(|l| square(a[l]))
    }

    #[inline(always)]
    fn top_bit(self, a: [u32; L]) -> [u32; L] {
        each(|l| a[l] >> 31)
    }

    #[inline(always)]
    fn min(self, a: [u32; L], b: [u32; L]) -> [u32; L] {
        each(|l| a[l].min(b[l]))
    }

    #[inline(always)]
    fn at_most(self, a: [u32; L], limit: u32) -> u32 {
        (0..L).fold(0, |bits, l| bits | u32::from(a[l] <= limit) << l)
    }
}

/// `word` of each lane.
#[inline(always)]
fn each<const L: usize>(word: impl Fn(usize) -> u32) -> [u32; L] {
    if L == MAX_LANES {
        out_of_line(word)
    } else {
        in_line(word)
    }
}

#[inline(always)]
fn in_line<const L: usize>(word: impl Fn(usize) -> u32) -> [u32; L] {
    let mut words = [0; L];
    for (l, out) in words.iter_mut().enumerate() {
        *out = word(l);
    }
    words
}

/// In line, three groups of 16 lanes would take the compiler minutes, and only tests have 16.
#[inline(never)]
fn out_of_line<const L: usize>(word: impl Fn(usize) -> u32) -> [u32; L] {
    in_line(word)
}
