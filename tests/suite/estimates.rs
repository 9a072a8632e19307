//! From hits to an estimate: known values, and the extremes, where a formula breaks first.

use pi_mc::{Estimate, Tally};

fn estimate(hits: u64, sims: u64) -> Estimate {
    Estimate::of(Tally { sims, hits })
}

fn assert_close(got: f64, expected: f64) {
    assert!(
        (got - expected).abs() <= 1e-12 * expected.abs(),
        "{got} is not {expected}"
    );
}

/// Computed independently to 40 decimals, with z = 1.959963984540054.
#[test]
fn a_known_interval() {
    let e = estimate(8, 10);
    assert_close(e.pi, 3.2);
    assert_close(e.std_error, 4.0 * (0.8f64 * 0.2 / 10.0).sqrt());
    assert_close(e.ci95.low, 4.0 * 0.490_162_471_536_641_7);
    assert_close(e.ci95.high, 4.0 * 0.943_317_848_545_624_7);
}

#[test]
fn all_hits_or_none_still_give_an_interval() {
    let z2 = 1.959_963_984_540_054_f64.powi(2);
    let all = estimate(1, 1);
    assert_eq!((all.pi, all.std_error, all.ci95.high), (4.0, 0.0, 4.0));
    assert_close(all.ci95.low, 4.0 / (1.0 + z2));
    let none = estimate(0, 1);
    assert_eq!((none.pi, none.std_error, none.ci95.low), (0.0, 0.0, 0.0));
    assert_close(none.ci95.high, 4.0 * z2 / (1.0 + z2));
}

#[test]
fn digits_end_where_the_standard_error_does() {
    for (hits, sims, decimals) in [
        (1, 1, 2),                                  // interval alone: 0.8
        (8, 10, 2),                                 // 0.51
        (785_725, 1_000_000, 4),                    // 0.0016
        (7_853_126, 10_000_000, 5),                 // 0.00052
        (843_347_544, 1 << 30, 6),                  // 0.000050
        (14_488_038_916_154_245_685, u64::MAX, 11), // 0.00000000038
        (u64::MAX, u64::MAX, 17),                   // nothing left of the interval
    ] {
        assert_eq!(
            estimate(hits, sims).decimals(),
            decimals,
            "{hits} of {sims}"
        );
    }
}
