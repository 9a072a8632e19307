//! The tree of regions that the circle cuts, and the walk over it that draws the hits.
//! [`crate::lazy::binomial`] halves a number of darts.
//!
//! **Fold.** For a dart (x, y) let a = min(|x|, |y|), b = max(|x|, |y|), t = a/b, s = b^2. The density
//! of (a, b) is 2 and the Jacobian 1/2, so (t, s) is uniform on the unit square, and the dart hits if
//! and only if s <= f(t) = 1 / (1 + t^2). No square root, no singularity.
//!
//! **Strips.** Strip (k, T) covers T <= 2^k t <= T+1 and L(t) <= s <= L(t) + 4u with u = 2^-(2k+3). L
//! is linear from l_k(T) u to l_k(T+1) u, where l_k(T) = floor(f(T/2^k) / u) - a; a is 1 for t in
//! [1/2, 1], where f bends up, and 0 elsewhere. Everything below a strip hits and everything above it misses.
//! When a strip's width halves, its height falls by 4, so the undecided area falls by 4 a level: hence n^(1/3).
//!
//! ```text
//! hits(n): m = n
//!     for k = 0, 1, ... while m > 0:      # corner: t <= 2^-k, s >= 1 - 4^-k; for k = 0 the square
//!         base = 2^(2k+5) - 32;  p = l_{k+1}(1) - base;  q = l_{k+1}(2) - base
//!         deal m to 128 equal slots: 16 next corner | 8 strip(k+1, 1) | 48+p+q hit | the rest miss
//! strip(k, T, m):
//!     H = l'(2T) + 2 l'(2T+1) + l'(2T+2) - 8 (l(T) + l(T+1))            # l = l_k, l' = l_{k+1}
//!     deal m to 64 equal slots: 8 strip(k+1, 2T) | 8 strip(k+1, 2T+1) | H hit | the rest miss
//! ```
//!
//! **Why it is exact.** A strip is uniform in t, so its halves are 1/2 each; a point that is uniform
//! on a region is uniform on each part of it; and the four parts' areas, sums of trapezia, are whole
//! multiples of 1/64 of the strip's (1/128 of the corner's). The children lie in their strip: for
//! t <= 1/2, -2 <= f'' <= 0 puts f between its chord and 2u above it; for t >= 1/2,
//! -0.256 <= f'' <= 0.5 puts it between u/2 below the chord and 0.26u above; so L <= f <= L + 4u in
//! both, and a check of the midpoint in units of u/4 shows the same of the children's ends. In the
//! corner f >= 1 - t^2.
//!
//! **Cost.** A strip is visited if a dart falls in it: Gamma(2/3) / ln 2 * (n/2)^(1/3) = 1.5505 n^(1/3) strips.
//! A dart is undecided at level 60 with probability below 2^-120.

use rand_chacha::rand_core::Rng;

use crate::lazy::binomial::half;

/// The last level whose heights fit into 128 bits. No dart is expected to get there.
const LEVELS: u32 = 60;
/// Bits after the point of a height.
const HEIGHT_BITS: u32 = 2 * LEVELS + 3;
/// Darts that a 64-bit word can deal to 128 slots.
const DARTS_A_WORD: u64 = 9;

/// A dart is undecided at the last level.
#[derive(Debug)]
pub(super) struct Undecided;

/// Draws the hits among `n` darts.
///
/// # Errors
/// [`Undecided`], with probability below n 2^-120.
pub(super) fn hits(words: &mut impl Rng, n: u64) -> Result<u64, Undecided> {
    let mut hits = 0;
    let mut m = n;
    for k in 0..LEVELS {
        if m == 0 {
            break;
        }
        let ends = [height(k + 1, 1), height(k + 1, 2)];
        let [corner, cut, hit, _] = deal(words, m, [16, 24, 24 + corner_slots(k), 128]);
        hits += hit + strip(words, k + 1, 1, ends, cut)?;
        m = corner;
    }
    if m > 0 { Err(Undecided) } else { Ok(hits) }
}

/// How many of 128 equal parts of corner k hit for sure.
fn corner_slots(k: u32) -> u32 {
    let base = (1 << (2 * k + 5)) - 32;
    let lift = |t| low(k + 1, 1, height(k + 1, t)) - base;
    (48 + lift(1) + lift(2)) as u32
}

/// Draws the hits among `m` darts of strip (k, t), with the heights of f at its ends.
fn strip(
    words: &mut impl Rng,
    k: u32,
    t: u64,
    [left, right]: [u128; 2],
    m: u64,
) -> Result<u64, Undecided> {
    if m == 0 {
        return Ok(0);
    }
    if k == LEVELS {
        return Err(Undecided);
    }
    let middle = height(k + 1, 2 * t + 1);
    let sure = sure_slots(k, t, [left, middle, right]);
    let [a, b, hit, _] = deal(words, m, [8, 16, 16 + sure, 64]);
    Ok(hit
        + strip(words, k + 1, 2 * t, [left, middle], a)?
        + strip(words, k + 1, 2 * t + 1, [middle, right], b)?)
}

/// How many of 64 equal parts of strip (k, t) hit for sure, from 0 to 48, by the heights of f at the strip's
/// left end, middle and right end.
fn sure_slots(k: u32, t: u64, [left, middle, right]: [u128; 3]) -> u32 {
    let own = low(k, t, left) + low(k, t, right);
    let [a, b, c] = [left, middle, right].map(|end| low(k + 1, 2 * t, end));
    (a + 2 * b + c - 8 * own) as u32
}

/// The bottom of strip (k, t) where f is `height`: l_k, in units of 2^-(2k+3).
fn low(k: u32, t: u64, height: u128) -> u128 {
    // 1 if the strip lies in [1/2, 1].
    let bends_up = u128::from(t >> (k - 1));
    (height >> (HEIGHT_BITS - (2 * k + 3))) - bends_up
}

/// floor(2^123 f(t / 2^k)), for t <= 2^k: long division of 4^k by 4^k + t^2.
fn height(k: u32, t: u64) -> u128 {
    let t = u128::from(t);
    let mut rest = 1 << (2 * k);
    let by = rest + t * t;
    let (mut quotient, mut bits) = (0, HEIGHT_BITS);
    while bits > 0 {
        let step = by.leading_zeros().min(bits);
        rest <<= step;
        let digit = rest / by;
        quotient = (quotient << step) | digit;
        // % would divide once more.
        rest -= digit * by;
        bits -= step;
    }
    quotient
}

/// Deals `m` darts to equal slots and returns how many fall below the first of `ends`, how many from there to
/// the second, and so on. The last end is the number of slots, a power of two up to 128.
fn deal<const N: usize>(words: &mut impl Rng, m: u64, ends: [u32; N]) -> [u64; N] {
    let mut dealt = [0; N];
    deal_range(words, m, 0, ends[N - 1], &ends, &mut dealt);
    dealt
}

/// Deals `m` darts to the slots from `first` on.
fn deal_range<const N: usize>(
    words: &mut impl Rng,
    m: u64,
    first: u32,
    slots: u32,
    ends: &[u32; N],
    dealt: &mut [u64; N],
) {
    if m == 0 {
        return;
    }
    let part = |slot| ends.iter().filter(|end| slot >= **end).count();
    if part(first) == part(first + slots - 1) {
        dealt[part(first)] += m;
    } else if m <= DARTS_A_WORD {
        let mut bits = words.next_u64();
        for _ in 0..m {
            dealt[part(first + bits as u32 % slots)] += 1;
            bits /= u64::from(slots);
        }
    } else {
        let low = half(words, m);
        deal_range(words, low, first, slots / 2, ends, dealt);
        deal_range(words, m - low, first + slots / 2, slots / 2, ends, dealt);
    }
}

#[cfg(test)]
mod tests;
