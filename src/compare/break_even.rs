//! From which number of darts on a strategy is as fast as serial. A function of numbers; nothing is measured
//! here.

use crate::compare::stats::Ratio;

/// Where a strategy breaks even with serial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BreakEven {
    /// It is slower at no size, and faster at one.
    Before,
    /// Near this number of darts.
    Near(f64),
    /// It is still slower at the largest size.
    Beyond,
    /// No interval tells.
    Unknown,
}

/// Where the speed-ups of ever larger sizes, each as darts and ratio, rise to 1 for good. A size is slower or
/// faster only if its whole interval is. Between two sizes the logarithm of the ratio is taken to grow evenly
/// with that of the size.
pub fn break_even(speed_ups: &[(u64, Ratio)]) -> BreakEven {
    let known = |ratio: &Ratio, is: fn([f64; 2]) -> bool| ratio.ci95.is_some_and(is);
    let slower = |(_, ratio): &(u64, Ratio)| known(ratio, |[_, high]| high < 1.0);
    let faster = |(_, ratio): &(u64, Ratio)| known(ratio, |[low, _]| low > 1.0);
    let Some(last) = speed_ups.iter().rposition(slower) else {
        let faster = speed_ups.iter().any(faster);
        return if faster {
            BreakEven::Before
        } else {
            BreakEven::Unknown
        };
    };
    let rest = &speed_ups[last..];
    let pairs = rest.array_windows().copied();
    let rises = |pair: &[(u64, Ratio); 2]| pair[1].1.mean >= 1.0;
    match pairs.into_iter().find(rises) {
        Some(ends) => {
            let [(from, low), (to, high)] =
                ends.map(|(n, ratio)| ((n as f64).ln(), ratio.mean.ln()));
            let share = -low / (high - low);
            BreakEven::Near((from + share * (to - from)).exp())
        }
        None if rest.len() == 1 => BreakEven::Beyond,
        None => BreakEven::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ratio that is known well.
    fn sharp(mean: f64) -> Ratio {
        let ci95 = Some([mean * 0.99, mean * 1.01]);
        Ratio { mean, ci95 }
    }

    /// Serial takes 1 ns a dart; a strategy half of that and 5 ms to start. Both take 10 ms at 1e7 darts.
    #[test]
    fn synthetic_times_break_even_where_they_are_equal() {
        let speed_up = |n: u64| n as f64 * 1e-9 / (0.005 + n as f64 * 0.5e-9);
        let at = |sizes: &[u64]| {
            let points = sizes.iter().map(|n| (*n, sharp(speed_up(*n))));
            break_even(&points.collect::<Vec<_>>())
        };
        let near = |sizes: &[u64]| match at(sizes) {
            BreakEven::Near(n) => n,
            other => panic!("{other:?}"),
        };
        let sizes = [
            10_000,
            100_000,
            1_000_000,
            9_000_000,
            11_000_000,
            100_000_000,
        ];
        let n = near(&sizes);
        assert!((n / 1e7 - 1.0).abs() < 0.01, "{n}");
        // Coarser sizes, coarser answer.
        let n = near(&[1_000_000, 100_000_000]);
        assert!((5e6..5e7).contains(&n), "{n}");
        assert_eq!(at(&sizes[..4]), BreakEven::Beyond);
        assert_eq!(at(&sizes[4..]), BreakEven::Before);
        assert_eq!(at(&[]), BreakEven::Unknown);
    }

    /// One lucky size does not count.
    #[test]
    fn it_counts_from_where_it_stays_above() {
        let noisy = [(10, 0.5), (100, 1.5), (1_000, 0.8), (10_000, 1.25)];
        // ln 0.8 = -ln 1.25: half way between the logarithms of 1,000 and 10,000.
        let found = break_even(&noisy.map(|(n, mean)| (n, sharp(mean))));
        let BreakEven::Near(n) = found else {
            panic!("{found:?}");
        };
        assert!((n - 10f64.powf(3.5)).abs() < 1e-6, "{n}");
    }

    /// What the noise hides is not said.
    #[test]
    fn an_interval_around_1_is_neither_slower_nor_faster() {
        let wide = |mean: f64| Ratio {
            mean,
            ci95: Some([mean / 2.0, mean * 2.0]),
        };
        let one_run = Ratio {
            mean: 0.1,
            ci95: None,
        };
        for (ratios, found) in [
            (&[wide(0.9), wide(1.1)][..], BreakEven::Unknown),
            (&[one_run, one_run], BreakEven::Unknown),
            (&[sharp(0.5), wide(0.9)], BreakEven::Unknown),
            (&[wide(0.9), sharp(1.5)], BreakEven::Before),
            // The root of 0.5 times 2 is 1, so half way, at the root of 10 times 100.
            (&[sharp(0.5), wide(2.0)], BreakEven::Near(1_000f64.sqrt())),
            (&[sharp(0.5), wide(1.5), sharp(0.9)], BreakEven::Beyond),
        ] {
            let points = [10, 100, 1_000].into_iter().zip(ratios.iter().copied());
            let is = break_even(&points.collect::<Vec<_>>());
            match (is, found) {
                (BreakEven::Near(is), BreakEven::Near(n)) => assert!((is - n).abs() < 1e-9, "{is}"),
                _ => assert_eq!(is, found, "{ratios:?}"),
            }
        }
    }
}
