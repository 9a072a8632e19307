//! From which number of darts on a strategy is faster than serial. A function of numbers; nothing is
//! measured here.

/// Where a strategy breaks even with serial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BreakEven {
    /// It is at least as fast from the smallest size on.
    Before,
    /// Near this number of darts.
    Near(f64),
    /// It is still slower at the largest size.
    Beyond,
    /// No size has a speed.
    Unknown,
}

/// Where the speed-ups of ever larger sizes, each as darts and ratio, rise above 1 for good. Between two
/// sizes the logarithm of the ratio is taken to grow evenly with that of the size.
pub fn break_even(speed_ups: &[(u64, f64)]) -> BreakEven {
    let (Some(last), below) = (
        speed_ups.last(),
        speed_ups.iter().rposition(|(_, ratio)| *ratio < 1.0),
    ) else {
        return BreakEven::Unknown;
    };
    match below {
        None => BreakEven::Before,
        Some(_) if last.1 < 1.0 => BreakEven::Beyond,
        Some(i) => {
            let ends = [speed_ups[i], speed_ups[i + 1]];
            let [(from, low), (to, high)] = ends.map(|(n, ratio)| ((n as f64).ln(), ratio.ln()));
            let share = -low / (high - low);
            BreakEven::Near((from + share * (to - from)).exp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serial takes 1 ns a dart; a strategy half of that and 5 ms to start. Both take 10 ms at 1e7 darts.
    #[test]
    fn synthetic_times_break_even_where_they_are_equal() {
        let speed_up = |n: u64| n as f64 * 1e-9 / (0.005 + n as f64 * 0.5e-9);
        let at = |sizes: &[u64]| {
            let points: Vec<_> = sizes.iter().map(|n| (*n, speed_up(*n))).collect();
            break_even(&points)
        };
        let sizes = [
            10_000,
            100_000,
            1_000_000,
            9_000_000,
            11_000_000,
            100_000_000,
        ];
        let BreakEven::Near(n) = at(&sizes) else {
            panic!("{:?}", at(&sizes));
        };
        assert!((n / 1e7 - 1.0).abs() < 0.01, "{n}");
        // Coarser sizes, coarser answer.
        let BreakEven::Near(n) = at(&[1_000_000, 100_000_000]) else {
            panic!("{:?}", at(&sizes));
        };
        assert!((5e6..5e7).contains(&n), "{n}");
        assert_eq!(at(&sizes[..4]), BreakEven::Beyond);
        assert_eq!(at(&sizes[4..]), BreakEven::Before);
        assert_eq!(at(&[]), BreakEven::Unknown);
    }

    /// One lucky size does not count; equal to serial does.
    #[test]
    fn it_counts_from_where_it_stays_above() {
        let noisy = [(10, 0.5), (100, 1.5), (1_000, 0.8), (10_000, 1.25)];
        // ln 0.8 = -ln 1.25: half way between the logarithms of 1,000 and 10,000.
        let BreakEven::Near(n) = break_even(&noisy) else {
            panic!("{:?}", break_even(&noisy));
        };
        assert!((n - 10f64.powf(3.5)).abs() < 1e-6, "{n}");
        assert_eq!(break_even(&[(10, 1.0)]), BreakEven::Before);
    }
}
