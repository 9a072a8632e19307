//! The coarse word's verdict, compared with exact integers for all 2^32 words.

use pi_mc::darts::contract;
use pi_mc::kernel;
use proptest::prelude::*;
use rayon::prelude::*;

/// The least and the greatest squared distance from 0 within [n, n + 1].
fn nearest_and_farthest(n: i16) -> (i64, i64) {
    let (low, high) = (i64::from(n).pow(2), (i64::from(n) + 1).pow(2));
    (low.min(high), low.max(high))
}

/// If a cell's farthest corner is within 2^15 of the centre, all its darts hit. If its nearest corner is at
/// least 2^15 away, all miss. Darts lie inside the cell, never on a corner.
#[test]
fn all_words_are_decided_rightly_or_not_at_all() {
    let (undecided, cut) = (i16::MIN..=i16::MAX)
        .into_par_iter()
        .map(|y| {
            let (near_y, far_y) = nearest_and_farthest(y);
            let (mut undecided, mut cut, mut wrong) = (0u64, 0u64, 0u64);
            for x in i16::MIN..=i16::MAX {
                let (near_x, far_x) = nearest_and_farthest(x);
                let word = u32::from(x as u16) | u32::from(y as u16) << 16;
                let is_cut = near_x + near_y < 1 << 30 && far_x + far_y > 1 << 30;
                wrong += u64::from(kernel::is_cut(word) != is_cut);
                match kernel::classify(word) {
                    Some(true) => wrong += u64::from(far_x + far_y > 1 << 30),
                    Some(false) => wrong += u64::from(near_x + near_y < 1 << 30),
                    None => {
                        undecided += 1;
                        cut += u64::from(is_cut);
                        wrong += u64::from(contract::coarse_verdict(word).is_none() != is_cut);
                    }
                }
            }
            assert_eq!(wrong, 0, "Y = {y}");
            (undecided, cut)
        })
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    // A quarter of the circle crosses 2^15 - 1 grid lines in each direction, and never where two lines meet.
    assert_eq!(cut, 4 * (2 * ((1 << 15) - 1) + 1));
    // The band is a ring of pi ((2^30 + 3 * 2^15) - (2^30 - 3 * 2^15)) = 617,663 cells. The square cuts off four
    // caps, each about 1.5 high with an area of 2/3 * 627 * 1.5 cells: about 2,510 in all. Rounding along the
    // ring's two edges adds an error of about the square root of their length, a few hundred cells.
    assert!(
        (614_400..615_900).contains(&undecided),
        "{undecided} words are undecided"
    );
}

proptest! {
    /// If the coarse word decides, the dart agrees for any fine words, extremes included.
    #[test]
    fn a_decided_word_agrees_with_the_hit_test(word: u32, fx: u32, fy: u32) {
        if let Some(hit) = kernel::classify(word) {
            prop_assert_eq!(contract::coarse_verdict(word), Some(hit));
            for (fx, fy) in [(fx, fy), (0, 0), (0, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX)] {
                prop_assert_eq!(contract::is_hit(word, fx, fy), hit);
            }
        }
    }
}

/// The square's corners and the four points where the circle touches it, computed by hand.
#[test]
fn the_hit_test_at_its_edges() {
    let word = |x: i16, y: i16| u32::from(x as u16) | u32::from(y as u16) << 16;
    let cases = [
        ("the centre", word(0, 0), 0, 0, true),
        (
            "the far corner, both -2^15, whose square 2^31 overflows i32",
            word(i16::MIN, i16::MIN),
            0,
            0,
            false,
        ),
        (
            "the opposite corner",
            word(i16::MAX, i16::MAX),
            u32::MAX,
            u32::MAX,
            false,
        ),
        // A = 2^48 - 1 and B = 1: A^2 + B^2 = 2^96 - 2^49 + 2 is just inside.
        ("the rightmost hit", word(i16::MAX, 0), u32::MAX, 0, true),
        // The least B with A^2 + B^2 > 2^96 is above sqrt(2^49 - 1) = 23726566.4..; B = 2 fy + 1.
        (
            "the highest hit beside it",
            word(i16::MAX, 0),
            u32::MAX,
            11_863_282,
            true,
        ),
        (
            "the lowest miss above it",
            word(i16::MAX, 0),
            u32::MAX,
            11_863_283,
            false,
        ),
        ("the leftmost hit", word(i16::MIN, -1), 0, u32::MAX, true),
        (
            "the topmost hit",
            word(-1, i16::MAX),
            u32::MAX,
            u32::MAX,
            true,
        ),
        ("the bottommost hit", word(0, i16::MIN), 0, 0, true),
    ];
    for (name, word, fx, fy, hit) in cases {
        assert_eq!(contract::is_hit(word, fx, fy), hit, "{name}");
    }
}
