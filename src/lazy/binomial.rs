//! Binomial(n, 1/2) for any u64 n, in constant time and in integers only: no float could hold these
//! numbers (a sampler in f64 gives only even values from n = 2^55 on).
//!
//! Up to n = 1024 it counts the ones among n random bits. Above, an odd n, with h = (n + 1) / 2,
//! is symmetric about n / 2, and k steps above it
//!
//! ```text
//! C(n, h+k) / C(n, h) = prod_{i<=k} (h-i) / (h+i) = exp(-k(k+1)/h) exp(-delta)
//! delta = 2 sum_{i<=k} (atanh(i/h) - i/h)
//! ```
//!
//! a discrete Gaussian, thinned very little. It is drawn by rejection, following C. Karney ("Sampling
//! exactly from the normal distribution", ACM TOMS 42, 2016) and C. Canonne, G. Kamath and T. Steinke
//! ("The discrete Gaussian for differential privacy", arXiv 2004.00010):
//!
//! ```text
//! s = the least s with 2 s^2 >= h
//! loop: q ~ exp(-q^2/2) on 0..=12;  x uniform in [0, s);  k = q s + x
//!       accept with probability exp(-[q^2 (2s^2-h) + 2 q s (2x+1) + 2x(x+1)] / 2h)    # the Gaussian
//!       accept with probability exp(-delta)
//!       return h + k or h - 1 - k by a fair bit
//! ```
//!
//! since k(k+1)/h - q^2/2 is the bracket over 2h. Every step is exact except the table of q, which is
//! off by less than 2^-119 in total variation: the weights of q > 12, and 12 entries rounded at 2^-128. A
//! quarter to a third of the proposals fail.

use rand_chacha::rand_core::Rng;

/// Up to this n, the bits are drawn and counted. The bounds in [`thinned`] hold above it.
const POPCOUNT: u64 = 1024;

/// For q = 0..=11: the sum of exp(-q'^2/2) over q' <= q, as a share of the sum over all q', times 2^128.
const GAUSSIAN: [u128; 12] = [
    0x92025b19_482ce72b_d40241fe_3d8503f7,
    0xea917985_47a0ef93_d55d4ff9_ab84216e,
    0xfe5415c6_e9da4bae_eabab39c_56d419e5,
    0xfff35233_19908c11_d937bd03_927c2f30,
    0xffffdc31_b8ef5942_488c43f4_219a4910,
    0xffffffda_a2d72344_f06d574f_25e26eca,
    0xffffffff_f1a20da4_272e3924_79b0e3fd,
    0xffffffff_fffdf76c_4ac9d6ef_1966749b,
    0xffffffff_ffffffe4_e341e1b0_f476495e,
    0xffffffff_ffffffff_ff7b01de_dd7a57c4,
    0xffffffff_ffffffff_ffffff10_007214b3,
    0xffffffff_ffffffff_ffffffff_ff60ab91,
];

/// Draws how many of `n` fair coins fall heads.
pub fn half(words: &mut impl Rng, n: u64) -> u64 {
    if n <= POPCOUNT {
        ones(words, n)
    } else if n.is_multiple_of(2) {
        odd(words, n - 1) + ones(words, 1)
    } else {
        odd(words, n)
    }
}

/// Draws `n` bits and counts the ones.
fn ones(words: &mut impl Rng, n: u64) -> u64 {
    let whole: u32 = (0..n / 64).map(|_| words.next_u64().count_ones()).sum();
    let rest = match n % 64 {
        0 => 0,
        bits => (words.next_u64() >> (64 - bits)).count_ones(),
    };
    u64::from(whole + rest)
}

/// [`half`] of an odd `n` above [`POPCOUNT`].
fn odd(words: &mut impl Rng, n: u64) -> u64 {
    let h = n / 2 + 1;
    let least = h.div_ceil(2); // s^2 >= h/2
    let root = least.isqrt();
    let s = root + u64::from(root * root < least);
    loop {
        let q = gaussian(words);
        let x = below(words, s);
        let k = q * s + x;
        if discrete(words, h, s, q, x) && thinned(words, h, k) {
            return if ones(words, 1) == 1 {
                h + k
            } else {
                h - 1 - k
            };
        }
    }
}

/// Draws q from 0 to 12 with weight exp(-q^2/2).
fn gaussian(words: &mut impl Rng) -> u64 {
    let drawn = u128::from(words.next_u64()) << 64 | u128::from(words.next_u64());
    GAUSSIAN.iter().take_while(|end| drawn >= **end).count() as u64
}

/// The step from the proposal to the discrete Gaussian: true with probability exp(-(k(k+1)/h - q^2/2)), where
/// k = q s + x. The difference is not negative, since 2 s^2 >= h.
fn discrete(words: &mut impl Rng, h: u64, s: u64, q: u64, x: u64) -> bool {
    let [h, s, q, x] = [h, s, q, x].map(u128::from);
    let mut over = q * q * (2 * s * s - h) + 2 * q * s * (2 * x + 1) + 2 * x * (x + 1);
    while over > 2 * h {
        // A whole 1 of the exponent.
        if !exp_minus(words, |words, j| ratio(words, 1, j)) {
            return false;
        }
        over -= 2 * h;
    }
    exp_minus(words, |words, j| ratio(words, over, 2 * h * j))
}

/// The step from the discrete Gaussian to the binomial: true with probability exp(-delta).
///
/// With y = i/h, a term of delta is y^3 phi(y), phi(y) = 2/3 + 2y^2/5 + 2y^4/7 + ... <= 1 for
/// y <= 1/2, and the y^3 add up to D = (k(k+1)/2)^2 / h^3. So a coin of probability delta is one of
/// D, then an i of 1..=k by weight i^3, then a coin of phi(i/h). The first fails nearly always: the
/// rest is entered about 0.4 times in n.
///
/// D is at most 1, except for small h and a k that is hardly ever drawn; then the exponent goes in parts.
/// k < 13 s and n > 1024 keep y below 1/2 and, from h = 2^14 on, k(k+1)/2 below 128 h.
fn thinned(words: &mut impl Rng, h: u64, k: u64) -> bool {
    let [wide, triangle] = [h.into(), u128::from(k) * u128::from(k + 1) / 2];
    if h >= 1 << 14 {
        // D in factors that fit into 96 bits, the rarest first.
        return exp_minus(words, |words, j| {
            ratio(words, 1 << 14, wide * j)
                && ratio(words, triangle, wide << 7)
                && ratio(words, triangle, wide << 7)
                && term(words, h, k)
        });
    }
    let [square, cube] = [triangle.pow(2), wide.pow(3)];
    let parts = if square <= cube {
        1
    } else {
        square.div_ceil(cube)
    };
    (0..parts).all(|_| {
        exp_minus(words, |words, j| {
            ratio(words, square, cube * parts * j) && term(words, h, k)
        })
    })
}

/// A coin of phi(i/h), for an i of 1..=k by weight i^3.
fn term(words: &mut impl Rng, h: u64, k: u64) -> bool {
    let i = loop {
        let i = below(words, k) + 1;
        if (0..3).all(|_| ratio(words, i.into(), k.into())) {
            break i;
        }
    };
    // phi is a mixture: its term j = 0, 1, ... by weight 3/4 (1/4)^j, then a coin of the term over
    // the weight, 2 y^(2j) / (2j+3) * 4/3 * 4^j = 8 / (3 (2j+3)) * (2y)^(2j).
    let mut j = 0;
    while ones(words, 2) == 2 {
        j += 1;
    }
    ratio(words, 8, 3 * (2 * j + 3))
        && (0..2 * j).all(|_| ratio(words, 2 * u128::from(i), h.into()))
}

/// True with probability exp(-c), where `coin(words, j)` is true with probability c/j and c <= 1:
/// the first j at which it is false is odd with that probability (J. von Neumann, "Various techniques
/// used in connection with random digits", 1951).
fn exp_minus<R: Rng>(words: &mut R, coin: impl Fn(&mut R, u128) -> bool) -> bool {
    let mut j = 1;
    while coin(words, j) {
        j += 1;
    }
    j % 2 == 1
}

/// True with probability `a / b`, for `a <= b < 2^96`: compares it with a uniform number, digit by digit in
/// base 2^32, as long as the digits are equal.
fn ratio(words: &mut impl Rng, mut a: u128, b: u128) -> bool {
    debug_assert!(a <= b && b < 1 << 96, "{a} of {b}");
    loop {
        a <<= 32;
        let digit = u128::from(words.next_u32()) * b;
        if digit + b <= a {
            return true;
        }
        if digit >= a {
            return false;
        }
        a -= digit;
    }
}

/// Uniform in 0..n (D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019).
fn below(words: &mut impl Rng, n: u64) -> u64 {
    loop {
        let product = u128::from(words.next_u64()) * u128::from(n);
        let low = product as u64;
        if low >= n || low >= n.wrapping_neg() % n {
            return (product >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests;
