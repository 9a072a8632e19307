//! The geometry, in integers; then the dealing of darts.

use crate::darts::contract::generator;
use crate::lazy::strips::*;
use crate::lazy::tests::{PI_4, Script, assert_law, wide};

#[test]
fn heights_are_exact() {
    assert_eq!(height(1, 0), 1 << 123);
    assert_eq!(height(1, 2), 1 << 122);
    assert_eq!(height(1, 1), (1 << 125) / 5);
    for k in 1..=60 {
        let mut words = generator(k.into());
        for _ in 0..200 {
            let t = words.next_u64() % ((1 << k) + 1);
            let by = (1 << (2 * k)) + u128::from(t).pow(2);
            // quotient * by <= 2^123 * 4^k < (quotient + 1) * by, in 256 bits.
            let shift = 123 + 2 * k;
            let numerator = match shift {
                128.. => (1 << (shift - 128), 0),
                _ => (0, 1 << shift),
            };
            let quotient = height(k, t);
            assert!(wide(quotient, by) <= numerator, "f({t}/2^{k})");
            assert!(numerator < wide(quotient + 1, by), "f({t}/2^{k})");
        }
    }
}

/// Every strip to level 16 holds f and its children, and as many slots as possible hit or miss for sure.
#[test]
fn every_strip_holds_the_circle_and_its_children() {
    for k in 1..=16 {
        for t in 1..1 << k {
            let ends = [
                height(k + 1, 2 * t),
                height(k + 1, 2 * t + 1),
                height(k + 1, 2 * t + 2),
            ];
            // The strip's bottom, its middle and its children's, in units of 2^-(2k+5).
            let [l, r] = [ends[0], ends[2]].map(|end| 4 * low(k, t, end));
            let bottoms = [l, l.midpoint(r), r];
            let inner = ends.map(|end| low(k + 1, 2 * t, end));
            for (bottom, child) in bottoms.into_iter().zip(inner) {
                assert!(
                    bottom <= child && child + 4 <= bottom + 16,
                    "strip ({k}, {t})"
                );
            }
            assert!(sure_slots(k, t, ends) <= 48, "strip ({k}, {t})");
            // f at eighths of the strip, with 32 more bits: L <= f < L + 4u, and a unit for the floor.
            for eighth in 0..=8 {
                let f = height(k + 3, 8 * t + eighth) >> (118 - 2 * k - 32);
                let bottom = (l * u128::from(8 - eighth) + r * u128::from(eighth)) << 29;
                assert!(
                    bottom <= f + 1 && f <= bottom + (16 << 32),
                    "strip ({k}, {t})"
                );
            }
        }
    }
}

/// At every level, the area that hits for sure is at most pi/4, and together with the undecided area at least
/// pi/4; the undecided area is the tree's.
#[test]
fn the_areas_close_in_on_a_quarter_of_pi() {
    // In units of 2^-126. A strip's slot is 2^-(3k+7), a corner's as well.
    let slot = |k: u32| 1u128 << (126 - 3 * k - 7);
    let (mut sure, mut strips) = (0, Vec::new());
    for k in 0..16 {
        let mut children = Vec::new();
        for t in strips {
            let ends = [2 * t, 2 * t + 1, 2 * t + 2].map(|t| height(k + 1, t));
            sure += u128::from(sure_slots(k, t, ends)) * slot(k);
            children.extend([2 * t, 2 * t + 1]);
        }
        sure += u128::from(corner_slots(k)) * slot(k);
        children.insert(0, 1);
        strips = children;
        let undecided = strips.len() as u128 * 64 * slot(k + 1) + 16 * slot(k);
        assert!(sure <= PI_4 && PI_4 <= sure + undecided, "level {k}");
    }
}

#[test]
fn darts_are_dealt_evenly() {
    // With the last word repeated: every slot of a dart is its 7 bits.
    assert_eq!(
        deal(&mut Script(vec![0]), 9, [16, 24, 100, 128]),
        [9, 0, 0, 0]
    );
    assert_eq!(
        deal(&mut Script(vec![u32::MAX]), 9, [16, 24, 100, 128]),
        [0, 0, 0, 9]
    );
    assert_eq!(
        deal(&mut Script(vec![16]), 1, [16, 24, 100, 128]),
        [0, 1, 0, 0]
    );
    assert_eq!(
        deal(&mut Script(vec![15]), 1, [16, 24, 100, 128]),
        [1, 0, 0, 0]
    );
    for m in [1u64, 2, 9, 10, 11, 1000, 5000] {
        let mut words = generator(m);
        let mut sums = [0; 4];
        for _ in 0..400_000 / m {
            let dealt = deal(&mut words, m, [8, 16, 53, 64]);
            assert_eq!(dealt.iter().sum::<u64>(), m);
            for (sum, dealt) in sums.iter_mut().zip(dealt) {
                *sum += dealt;
            }
        }
        let mut sums_of_128 = [0; 4];
        for _ in 0..400_000 / m {
            let dealt = deal(&mut words, m, [16, 24, 101, 128]);
            for (sum, dealt) in sums_of_128.iter_mut().zip(dealt) {
                *sum += dealt;
            }
        }
        let law = [16.0, 8.0, 77.0, 27.0].map(|slots| slots / 128.0);
        assert_law(&format!("{m} darts to 128"), &sums_of_128, &law);
        assert_law(
            &format!("{m} darts"),
            &sums,
            &[8.0, 8.0, 37.0, 11.0].map(|slots| slots / 64.0),
        );
    }
}

/// Chance hardly ever reaches these levels, so the test puts darts there. The expected share of hits in a strip
/// is its area below f, by Simpson's rule, whose error is far below the strip's height.
#[test]
fn deep_strips_hit_by_their_share_below_the_circle() {
    const DARTS: u64 = 1000;
    for k in 1..=50 {
        let mut words = generator(k.into());
        let (mut off, mut variance) = (0.0, 0.0);
        for _ in 0..200 {
            let t = 1 + words.next_u64() % ((1 << k) - 1);
            let f = [2 * t, 2 * t + 1, 2 * t + 2].map(|t| height(k + 1, t));
            let unit = 1u128 << (120 - 2 * k);
            // Above the bottom's left end, in units of u; the strip is 4 high.
            let above =
                |height: u128, t: u128| (height as i128 - (t * unit) as i128) as f64 / unit as f64;
            let [l, r] = [f[0], f[2]].map(|end| low(k, t, end));
            let mean = (above(f[0], l) + above(f[2], r)) / 6.0
                + 4.0 / 6.0 * (above(f[1], l) / 2.0 + above(f[1], r) / 2.0);
            let share = mean / 4.0;
            let hits = strip(&mut words, k, t, [f[0], f[2]], DARTS).unwrap();
            off += hits as f64 - DARTS as f64 * share;
            variance += DARTS as f64 * share * (1.0 - share);
        }
        assert!(
            off.abs() < 5.0 * variance.sqrt(),
            "level {k}: {off} of {}",
            variance.sqrt()
        );
    }
}

#[test]
fn a_dart_that_stays_undecided_is_an_error() {
    let t = 12_345;
    let ends = [height(59, t), height(59, t + 1)];
    assert!(strip(&mut generator(1), 59, t, ends, 1 << 20).is_err());
    assert!(strip(&mut generator(1), 60, t, ends, 1).is_err());
    assert!(strip(&mut generator(1), 60, t, ends, 0).is_ok());
    // Zeros keep a dart in the corner for ever.
    assert!(hits(&mut Script(vec![0]), 1).is_err());
}
