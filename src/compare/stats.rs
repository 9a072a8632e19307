//! The statistics of run times: mean, spread, a ratio with its interval, and the correction for several
//! rows. Plain functions of numbers, so that tests need no clock.

use serde::{Deserialize, Serialize};

/// The chance of being wrong that intervals and verdicts allow, all of them together.
pub const ALPHA: f64 = 0.05;

/// An interval whose ends are further apart than this factor is not known: it says next to nothing.
const WIDEST: f64 = 10.0;

/// Seconds of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The geometric mean of the pairs' ratios: the one mean for which "a to b" is the inverse of
    /// "b to a" (P. J. Fleming, J. J. Wallace, CACM 29, 1986).
    pub mean: f64,
    /// The ends of its 95 % interval, corrected for the number of rows. Unknown for a single pair, and
    /// where it is wider than a factor of ten.
    pub ci95: Option<[f64; 2]>,
}

impl Ratio {
    /// Sums up the ratios of pairs, at least one, each above 0. The interval is that of a single row.
    pub fn of(ratios: impl ExactSizeIterator<Item = f64> + Clone) -> Ratio {
        Logs::of(ratios).ratio(ALPHA)
    }
}

/// The mean logarithm of ratios and its error: enough for a test, and for an interval of any level.
#[derive(Clone, Copy, Debug)]
pub struct Logs {
    mean: f64,
    /// Its standard error, and the degrees of freedom of that.
    error: Option<f64>,
    df: usize,
}

impl Logs {
    /// Sums up the ratios of pairs, at least one, each above 0.
    pub fn of(ratios: impl ExactSizeIterator<Item = f64> + Clone) -> Logs {
        let n = ratios.len();
        let (mean, sd) = mean_and_sd(ratios.map(f64::ln));
        let error = sd.map(|sd| sd / (n as f64).sqrt());
        Logs {
            mean,
            error,
            df: n - 1,
        }
    }

    /// Sums up the ratio of two samples that are not paired, at least one of each, all above 0. The samples
    /// may spread unlike (B. L. Welch, Biometrika 34, 1947); his degrees of freedom are rounded down.
    pub fn unpaired(
        these: impl ExactSizeIterator<Item = f64> + Clone,
        those: impl ExactSizeIterator<Item = f64> + Clone,
    ) -> Logs {
        let sizes = [these.len(), those.len()].map(|n| n as f64);
        let (this, this_sd) = mean_and_sd(these.map(f64::ln));
        let (that, that_sd) = mean_and_sd(those.map(f64::ln));
        let squares = this_sd.zip(that_sd).map(|(this, that)| {
            let [a, b] = [this * this / sizes[0], that * that / sizes[1]];
            let df = (a + b).powi(2) / (a * a / (sizes[0] - 1.0) + b * b / (sizes[1] - 1.0));
            // Without any spread there are no such degrees, nor is there a need of them.
            ((a + b).sqrt(), if df >= 1.0 { df as usize } else { 1 })
        });
        Logs {
            mean: this - that,
            error: squares.map(|(error, _)| error),
            df: squares.map_or(0, |(_, df)| df),
        }
    }

    /// How likely a ratio at least this far from 1 is if the true one is 1, by Student's t. Unknown for
    /// a single pair.
    pub fn p(&self) -> Option<f64> {
        let error = self.error?;
        if self.mean == 0.0 {
            return Some(1.0);
        }
        Some(student_p(self.mean.abs() / error, self.df))
    }

    /// The ends of the ratio's interval of level 1 - `alpha`, however wide.
    pub fn interval(&self, alpha: f64) -> Option<[f64; 2]> {
        // First of all: without an error there are no degrees of freedom.
        let error = self.error?;
        let half = student_t(alpha, self.df) * error;
        Some([self.mean - half, self.mean + half].map(f64::exp))
    }

    /// The ratio with its interval of level 1 - `alpha`, if that says something.
    pub fn ratio(&self, alpha: f64) -> Ratio {
        let interval = self.interval(alpha);
        Ratio {
            mean: self.mean.exp(),
            ci95: interval.filter(|[low, high]| high / low <= WIDEST),
        }
    }
}

/// What [`holm`] makes of one p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The p-value corrected for the number of tests: rejected if it is at most `alpha`.
    pub p: f64,
    /// The chance of being wrong that is left to this test. The interval of level 1 - `alpha` leaves 1
    /// out if and only if the test is rejected.
    pub alpha: f64,
}

/// Corrects the p-values of several tests so that the chance of any false rejection is at most `alpha`:
/// the smallest must be below alpha/m, the next below alpha/(m-1), and so on until one is not (S. Holm,
/// Scandinavian Journal of Statistics 6, 1979).
pub fn holm(p: &[f64], alpha: f64) -> Vec<Corrected> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![Corrected { p: 1.0, alpha }; p.len()];
    let mut largest: f64 = 0.0;
    let mut share = alpha;
    for (place, test) in order.into_iter().enumerate() {
        let left = (p.len() - place) as f64;
        // After the first that is not rejected, all others share what was left to it.
        if largest <= alpha {
            share = alpha / left;
        }
        largest = largest.max((left * p[test]).min(1.0));
        corrected[test] = Corrected {
            p: largest,
            alpha: share,
        };
    }
    corrected
}

/// The tests of several rows, corrected for their number; none for a row without a ratio, or without a test.
pub(crate) fn corrected(ratios: &[Option<Logs>]) -> Vec<Option<Corrected>> {
    let p: Vec<Option<f64>> = ratios.iter().map(|logs| logs.as_ref()?.p()).collect();
    let known: Vec<f64> = p.iter().copied().flatten().collect();
    let mut tests = holm(&known, ALPHA).into_iter();
    p.iter().map(|p| p.and_then(|_| tests.next())).collect()
}

fn mean_and_sd(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares = values.map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (n > 1.0).then(|| (squares / (n - 1.0)).sqrt()))
}

/// How likely Student's t with `df` degrees of freedom, at least 1, is beyond `t` on either side:
/// 1 - A(t|df) of Abramowitz and Stegun, 26.7.3 and 26.7.4, which is exact for whole `df`.
fn student_p(t: f64, df: usize) -> f64 {
    let theta = (t / (df as f64).sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    let odd = df % 2;
    let mut term = if odd == 1 { cos } else { 1.0 };
    let mut sum = 0.0;
    for k in 1..=df / 2 {
        sum += term;
        let above = 2 * k + odd;
        term *= cos * cos * (above - 1) as f64 / above as f64;
    }
    let within = if odd == 1 {
        std::f64::consts::FRAC_2_PI * (theta + sin * sum)
    } else {
        sin * sum
    };
    (1.0 - within).max(0.0)
}

/// The t that [`student_p`] gives `alpha` for, found by halving an interval around it.
pub(crate) fn student_t(alpha: f64, df: usize) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_p(high, df) > alpha {
        low = high;
        high *= 2.0;
    }
    while high - low > 1e-12 * high {
        let middle = (low + high) / 2.0;
        if student_p(middle, df) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published table values, four decimals.
    #[test]
    fn student_table() {
        for (alpha, df, t) in [
            (0.05, 1, 12.7062),
            (0.05, 2, 4.3027),
            (0.05, 6, 2.4469),
            (0.05, 9, 2.2622),
            (0.05, 10, 2.2281),
            (0.05, 30, 2.0423),
            (0.05, 120, 1.9799),
            (0.01, 1, 63.6567),
            (0.01, 5, 4.0321),
            (0.01, 10, 3.1693),
            (0.001, 7, 5.4079),
        ] {
            let found = student_t(alpha, df);
            assert!((found - t).abs() < 6e-5, "{alpha}, {df}: {found}");
            assert!((student_p(found, df) - alpha).abs() < 1e-11);
        }
        // As good as normal.
        assert!((student_t(0.05, 9_999) - 1.9602).abs() < 6e-5);
    }

    /// By hand: means of 1 and 2, variances of 1/4 and 4 over 4 and 2 runs, so an error of the root of
    /// 1/16 + 2 and (33/16)² / ((1/16)²/3 + 2²/1) = 1.06 degrees.
    #[test]
    fn samples_that_are_not_paired() {
        let root = 0.75f64.sqrt() / 2.0;
        let these = [1.0 + root, 1.0 - root, 1.0 + root / 2.0, 1.0 - root / 2.0];
        let spread = these.map(|x| (x - 1.0).powi(2)).iter().sum::<f64>() / 3.0;
        let these = these.map(|x| 1.0 + (x - 1.0) * (0.25 / spread).sqrt());
        let those = [2.0 - 2f64.sqrt(), 2.0 + 2f64.sqrt()];
        let [these, those] = [these.to_vec(), those.to_vec()]
            .map(|logs| logs.into_iter().map(f64::exp).collect::<Vec<_>>());
        let logs = Logs::unpaired(these.into_iter(), those.into_iter());
        assert!((logs.mean + 1.0).abs() < 1e-12);
        assert!((logs.error.unwrap() - (33.0f64 / 16.0).sqrt()).abs() < 1e-12);
        assert_eq!(logs.df, 1);
        // No spread: sure of any difference, and of none.
        let twice = |x: f64| [x; 3].into_iter();
        assert_eq!(Logs::unpaired(twice(2.0), twice(1.0)).p(), Some(0.0));
        assert_eq!(Logs::unpaired(twice(2.0), twice(2.0)).p(), Some(1.0));
        assert_eq!(Logs::unpaired([1.0].into_iter(), twice(2.0)).p(), None);
    }

    /// Those that can be worked out by hand: 1 - 2/π atan 1, and 1 - t / sqrt(2 + t²).
    #[test]
    fn student_by_hand() {
        assert!((student_p(1.0, 1) - 0.5).abs() < 1e-15);
        assert!((student_p(1.0, 2) - (1.0 - 1.0 / 3f64.sqrt())).abs() < 1e-15);
        for df in 1..10 {
            assert_eq!(student_p(0.0, df), 1.0);
            assert!(student_p(f64::INFINITY, df) < 1e-15);
        }
    }
}
