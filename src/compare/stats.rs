//! The statistics of run times: mean and spread, ratios with their intervals, and the correction for several
//! rows. Plain functions of numbers, so that tests need no clock.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::result::estimate::Interval;

/// The chance of any wrong interval or verdict in one table.
pub const ALPHA: f64 = 0.05;

/// An interval whose ends are further apart than this factor says next to nothing and is not shown.
const WIDEST: f64 = 10.0;

/// Seconds of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// The mean.
    pub mean_s: f64,
    /// The standard deviation (with n - 1); `None` for a single run.
    pub sd_s: Option<f64>,
    /// The shortest.
    pub min_s: f64,
}

impl Times {
    /// Summarises `seconds`, at least one.
    pub fn of(seconds: impl ExactSizeIterator<Item = f64> + Clone) -> Times {
        let (mean_s, sd_s) = mean_and_sd(seconds.clone());
        Times {
            mean_s,
            sd_s,
            min_s: seconds.fold(f64::INFINITY, f64::min),
        }
    }
}

/// A number that was measured or fitted, with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Measured {
    /// The likeliest value. For ratios of pairs it is the geometric mean, the only mean for which "a to b" is
    /// the inverse of "b to a" (P. J. Fleming, J. J. Wallace, CACM 29, 1986).
    #[serde(rename = "mean")]
    pub value: f64,
    /// The 95 % interval by Student's t; of a row's speed, corrected for the number of rows. `None` if the runs
    /// are too few for one or, of a ratio, if it is wider than a factor of ten.
    pub ci95: Option<Interval>,
}

/// The mean logarithm of ratios and its error: enough for a test, and for an interval of any level.
#[derive(Clone, Copy, Debug)]
pub struct Logs {
    mean: f64,
    /// The standard error of `mean`; `None` if there are too few ratios.
    error: Option<f64>,
    /// The degrees of freedom of `error`, at least 1 if there is one.
    df: usize,
}

impl Logs {
    /// Summarises the ratios of pairs, at least one, each above 0.
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

    /// Summarises the ratio of two samples that are not paired, at least one value in each, all above 0. Their
    /// variances may differ (B. L. Welch, Biometrika 34, 1947); the degrees of freedom are rounded down.
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
            // Without any spread df is not a number, and any df will do.
            ((a + b).sqrt(), if df >= 1.0 { df as usize } else { 1 })
        });
        Logs {
            mean: this - that,
            error: squares.map(|(error, _)| error),
            df: squares.map_or(0, |(_, df)| df),
        }
    }

    /// The chance of a ratio at least this far from 1 if the true ratio is 1, by Student's t. `None` for a
    /// single pair.
    pub fn p(&self) -> Option<f64> {
        let error = self.error?;
        if self.mean == 0.0 {
            return Some(1.0);
        }
        Some(student_p(self.mean.abs() / error, self.df))
    }

    /// The ratio's interval of level 1 - `alpha`, however wide.
    pub fn interval(&self, alpha: f64) -> Option<Interval> {
        // Without an error there are no degrees of freedom either.
        let error = self.error?;
        let half = student_t(alpha, self.df) * error;
        Some([self.mean - half, self.mean + half].map(f64::exp).into())
    }

    /// The ratio with its interval of level 1 - `alpha`, unless that is too wide.
    pub fn ratio(&self, alpha: f64) -> Measured {
        let interval = self.interval(alpha);
        Measured {
            value: self.mean.exp(),
            ci95: interval.filter(|interval| interval.high / interval.low <= WIDEST),
        }
    }
}

/// A test's result, corrected by [`holm`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The corrected p-value: the test is rejected if it is at most the `alpha` of all tests together.
    pub p: f64,
    /// The share of the allowed error that is left to this test. The interval of level 1 - `alpha` excludes 1
    /// if and only if the test is rejected.
    pub alpha: f64,
}

/// Corrects the p-values of several tests so that the chance of any false rejection is at most `alpha`:
/// the smallest of m must be below alpha/m, the next below alpha/(m-1), and so on until one is not (S. Holm,
/// Scandinavian Journal of Statistics 6, 1979).
pub fn holm(p: &[f64], alpha: f64) -> Vec<Corrected> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![Corrected { p: 1.0, alpha }; p.len()];
    let mut largest: f64 = 0.0;
    let mut share = alpha;
    for (place, test) in order.into_iter().enumerate() {
        let left = (p.len() - place) as f64;
        // From the first that is not rejected on, all have the same share.
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

/// The tests of several rows, corrected for their number; `None` for a row without a ratio or a test.
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

/// The chance that Student's t with `df` degrees of freedom, at least 1, is beyond `t` on either side. It is
/// computed from the tail, so that it is right however small; 1 - cdf would be 0 below 1e-16.
fn student_p(t: f64, df: usize) -> f64 {
    2.0 * student(df).sf(t)
}

/// The t for which [`student_p`] is `alpha`.
pub(crate) fn student_t(alpha: f64, df: usize) -> f64 {
    -student(df).inverse_cdf(alpha / 2.0)
}

fn student(df: usize) -> StudentsT {
    let Ok(student) = StudentsT::new(0.0, 1.0, df as f64) else {
        unreachable!("there is a degree of freedom");
    };
    student
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
        // Almost the normal distribution.
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

    /// The first three by hand, the others with mpmath 1.3 and 60 digits, as
    /// `betainc(df/2, 1/2, 0, df/(df + t*t), regularized=True)`.
    #[test]
    fn the_smallest_p_are_as_exact_as_any() {
        for (t, df, p) in [
            (0.0, 3, 1.0),
            (1.0, 1, 0.5),
            (1.0, 2, 1.0 - 1.0 / 3f64.sqrt()),
            (2.5, 4, 6.676_654_481_198_814e-2),
            (25.0, 20, 1.468_627_482_345_23e-16),
            (130.0, 20, 9.387_035_830_943_18e-31),
            (142.0, 40, 1.074_133_998_101_973_7e-55),
        ] {
            let found = student_p(t, df);
            assert!((found / p - 1.0).abs() < 1e-12, "{t}, {df}: {found}");
        }
        assert_eq!(student_p(f64::INFINITY, 3), 0.0);
    }

    /// Both rows are beyond any doubt, and yet the clearer one comes first in Holm's order.
    #[test]
    fn very_clear_rows_have_an_order() {
        let row = |t: f64, df| Logs {
            mean: t * 1e-3,
            error: Some(1e-3),
            df,
        };
        let tests = corrected(&[Some(row(130.0, 20)), None, Some(row(142.0, 40))]);
        let [Some(second), None, Some(first)] = tests[..] else {
            panic!("{tests:?}");
        };
        assert!((first.p / 2.148_267_996_203_947e-55 - 1.0).abs() < 1e-9);
        assert!((second.p / 9.387_035_830_943_18e-31 - 1.0).abs() < 1e-9);
        assert_eq!([first.alpha, second.alpha], [0.025, 0.05]);
    }
}
