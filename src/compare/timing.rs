//! The statistics of run times: mean, spread, and a ratio with its interval. Plain functions of
//! numbers, so that tests need no clock.

use serde::Serialize;

/// Seconds of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Times {
    /// Their mean.
    pub mean_s: f64,
    /// Their standard deviation (with n - 1), unknown for a single run.
    pub sd_s: Option<f64>,
    /// The shortest.
    pub min_s: f64,
}

impl Times {
    /// Sums up `seconds`, at least one.
    pub fn of(seconds: impl ExactSizeIterator<Item = f64> + Clone) -> Times {
        let (mean_s, sd_s) = mean_and_sd(seconds.clone());
        Times {
            mean_s,
            sd_s,
            min_s: seconds.fold(f64::INFINITY, f64::min),
        }
    }
}

/// A ratio of two rates, measured in pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The geometric mean of the pairs' ratios: the one mean for which "a to b" is the inverse of
    /// "b to a" (P. J. Fleming, J. J. Wallace, CACM 29, 1986).
    pub mean: f64,
    /// The ends of its 95 % interval, unknown for a single pair: Student's t of the logarithms.
    pub ci95: Option<[f64; 2]>,
}

impl Ratio {
    /// Sums up the ratios of pairs, at least one, each above 0.
    pub fn of(ratios: impl ExactSizeIterator<Item = f64> + Clone) -> Ratio {
        let n = ratios.len();
        let (mean, sd) = mean_and_sd(ratios.map(f64::ln));
        let ci95 = sd.map(|sd| {
            let half = student95(n - 1) * sd / (n as f64).sqrt();
            [(mean - half).exp(), (mean + half).exp()]
        });
        Ratio {
            mean: mean.exp(),
            ci95,
        }
    }

    /// Whether the difference from 1 is smaller than its noise, or the noise unknown.
    pub fn is_inconclusive(&self) -> bool {
        self.ci95
            .is_none_or(|[low, high]| low <= 1.0 && 1.0 <= high)
    }
}

fn mean_and_sd(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares = values.map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (n > 1.0).then(|| (squares / (n - 1.0)).sqrt()))
}

/// The two-sided 95 % point of Student's t with `df` degrees of freedom, at least 1. From 10 on the
/// expansion in 1/df of Abramowitz and Stegun 26.7.5, which is within 0.0001 there.
fn student95(df: usize) -> f64 {
    const TABLE: [f64; 9] = [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622,
    ];
    TABLE.get(df - 1).copied().unwrap_or_else(|| {
        let (z, v) = (1.959_963_984_540_054_f64, df as f64);
        let g1 = (z.powi(3) + z) / 4.0;
        let g2 = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
        let g3 = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
        z + g1 / v + g2 / v.powi(2) + g3 / v.powi(3)
    })
}

#[cfg(test)]
mod tests {
    use super::student95;

    /// Published table values, four decimals.
    #[test]
    fn student_table() {
        for (df, t) in [
            (1, 12.7062),
            (6, 2.4469),
            (9, 2.2622),
            (10, 2.2281),
            (30, 2.0423),
            (120, 1.9799),
        ] {
            assert!(
                (student95(df) - t).abs() < 1.5e-4,
                "{df}: {}",
                student95(df)
            );
        }
    }
}
