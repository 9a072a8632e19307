//! From a tally to an estimate of pi, its standard error and its 95 % interval: the only floating
//! point in a result.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::darts::tally::Tally;

/// The two-sided 95 % point of the standard normal distribution.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

/// Hits farther than this from π/4 of the darts, in standard deviations, were never counted: by chance alone
/// that happens less than once in 10^15 runs of any length.
const FARTHEST: f64 = 10.0;

/// How far the hits are from π/4 of the darts, in standard deviations, if no honest count gives them.
pub(crate) fn absurdity(tally: Tally) -> Option<f64> {
    let Tally { sims, hits } = tally;
    let (n, share) = (sims as f64, std::f64::consts::FRAC_PI_4);
    let deviation = (hits as f64 - n * share) / (n * share * (1.0 - share)).sqrt();
    // Without a dart it is not a number.
    (deviation.abs() > FARTHEST).then_some(deviation)
}

/// The two ends of a confidence interval; in JSON the array `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(into = "[f64; 2]")]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `x` lies in the interval, its ends included.
    pub fn holds(self, x: f64) -> bool {
        (self.low..=self.high).contains(&x)
    }
}

impl From<[f64; 2]> for Interval {
    fn from([low, high]: [f64; 2]) -> Interval {
        Interval { low, high }
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Interval, D::Error> {
        let [low, high] = <[f64; 2]>::deserialize(deserializer)?;
        if low > high {
            return Err(D::Error::custom("the lower end of an interval comes first"));
        }
        Ok(Interval { low, high })
    }
}

impl From<Interval> for [f64; 2] {
    fn from(Interval { low, high }: Interval) -> [f64; 2] {
        [low, high]
    }
}

/// An estimate of pi from hits among darts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// 4 times the share of hits, from 0 to 4.
    pub pi: f64,
    /// The standard error of `pi`: 4 sqrt(p (1 - p) / n) with p the share of hits among n darts.
    /// It is 0, and means nothing, when all darts hit or none does; the interval still holds then.
    pub std_error: f64,
    /// The 95 % interval for pi by Wilson's score method, within 0 and 4. It also holds for few darts,
    /// where `pi` ± 1.96 `std_error` does not (E. B. Wilson, "Probable inference, the law of succession,
    /// and statistical inference", JASA 22, 1927).
    pub ci95: Interval,
}

impl Estimate {
    /// The estimate from `tally`. Without a dart, `pi` and `std_error` are not a number and the interval
    /// is 0 to 4.
    pub fn of(tally: Tally) -> Estimate {
        if tally.sims == 0 {
            return Estimate {
                pi: f64::NAN,
                std_error: f64::NAN,
                ci95: [0.0, 4.0].into(),
            };
        }
        let n = tally.sims as f64;
        let p = tally.hits as f64 / n;
        let variance = p * (1.0 - p) / n;
        let shrink = 1.0 + Z95 * Z95 / n;
        let centre = (p + Z95 * Z95 / (2.0 * n)) / shrink;
        let half = Z95 * (variance + (Z95 / (2.0 * n)).powi(2)).sqrt() / shrink;
        let ends = [centre - half, centre + half];
        Estimate {
            pi: 4.0 * p,
            std_error: 4.0 * variance.sqrt(),
            ci95: ends.map(|end| 4.0 * end.clamp(0.0, 1.0)).into(),
        }
    }

    /// The standard error; `None` without a dart, and when all darts hit or none does.
    pub fn known_error(&self) -> Option<f64> {
        Some(self.std_error).filter(|error| *error > 0.0)
    }

    /// The number of decimals of `pi` that mean something: two digits of the standard error, or if that
    /// is 0, of the interval's half width over 1.96.
    pub fn decimals(&self) -> usize {
        let error = if self.pi.is_nan() {
            1.0
        } else if self.std_error == 0.0 {
            (self.ci95.high - self.ci95.low) / (2.0 * Z95)
        } else {
            self.std_error
        };
        decimals(error)
    }
}

/// `3.1429 ± 0.0016`.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.decimals();
        write!(f, "{:.decimals$} ± {:.decimals$}", self.pi, self.std_error)
    }
}

/// The number of decimals that show two digits of the `error` of a number near pi.
pub(crate) fn decimals(error: f64) -> usize {
    // An f64 near pi has 17 digits at most, and the interval of very many darts that all hit rounds to
    // zero width.
    (1.0 - error.log10().floor()).clamp(0.0, 17.0) as usize
}
