//! How a strategy scales: Amdahl's law and Gunther's Universal Scalability Law, fitted to speed-ups by number
//! of workers.
//!
//! ```text
//! Amdahl:  S(N) = λ N / (1 + σ (N - 1))                    G. M. Amdahl, AFIPS 1967
//! USL:     S(N) = λ N / (1 + σ (N - 1) + κ N (N - 1))      N. J. Gunther, arXiv:0808.1431, 2008
//! ```
//!
//! λ is the speed of one worker over serial's; σ, the contention, is the share of the work that only one
//! worker can do at a time; κ, the coherency, is the cost of each pair of workers. See `fit`.

use std::num::NonZero;

use serde::{Serialize, Serializer};

use crate::compare::busy;
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Row, Scaling, strategies};
use crate::compare::stats::{ALPHA, Measured, student_t};
use crate::darts::plan::Plan;
use crate::engine::whole;
use crate::result::estimate::Interval;

/// The fewest numbers of workers that a law is fitted to: as many as the USL has parameters.
pub(crate) const FEWEST: usize = 3;

/// Relative rounding error: the residuals of an exact curve are not taken for smaller.
const ROUNDING: f64 = 1e-9;

/// Which law the data support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Support {
    /// Amdahl's law: κ may be 0.
    Amdahl,
    /// The Universal Scalability Law: κ is above 0.
    Usl,
    /// Neither: the strategy scales better than either law allows.
    Neither,
    /// The runs are too few to decide.
    Unknown,
}

/// How a strategy scales. λ, σ and the curve are those of the law that the data support; of the USL if they
/// support neither.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Law {
    /// The strategy.
    #[serde(flatten)]
    pub strategy: StrategyName,
    /// The numbers of workers that the law was fitted to.
    pub workers: Vec<usize>,
    /// Which law the data support.
    pub law: Support,
    /// λ, the speed of one worker over serial's.
    #[serde(serialize_with = "as_value")]
    pub lambda: Measured,
    /// σ, the contention.
    #[serde(serialize_with = "as_value")]
    pub sigma: Measured,
    /// κ, the coherency, of the USL.
    #[serde(serialize_with = "as_value")]
    pub kappa: Measured,
    /// The speed-up that no number of workers exceeds, λ/σ, by Amdahl's law with a σ between 0 and 1. With a σ
    /// above 1 the curve falls towards λ/σ, so one worker is the fastest.
    #[serde(serialize_with = "as_value")]
    pub limit: Option<Measured>,
    /// The number of workers with the greatest speed-up, sqrt((1 - σ)/κ) but at least 1, by the USL.
    #[serde(serialize_with = "as_value")]
    pub best_workers: Option<Measured>,
    /// How many times farther the rows lie from the curve than the noise of their runs explains: near 1 if
    /// the law holds. `None` for single runs, and if the curve has as many parameters as there are rows.
    pub misfit: Option<f64>,
    /// 1/λ, σ/λ and κ/λ.
    #[serde(skip)]
    terms: [f64; 3],
}

/// In JSON the likeliest value of a fit is called `value`, as only measured numbers have a mean.
fn as_value<S: Serializer>(
    fitted: &(impl Copy + Into<Option<Measured>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fitted {
        value: f64,
        ci95: Option<Interval>,
    }
    let fitted: Option<Measured> = (*fitted).into();
    let fitted = fitted.map(|Measured { value, ci95 }| Fitted { value, ci95 });
    fitted.serialize(serializer)
}

impl Law {
    /// The speed-up on a number of workers; `None` where the fitted curve is not positive.
    pub fn speed_up(&self, workers: f64) -> Option<f64> {
        let per_worker = dot(&self.terms, &terms(workers));
        (per_worker > 0.0).then_some(workers / per_worker)
    }
}

impl Comparison {
    /// The laws of the strategies that have right rows on enough numbers of workers up to the cores.
    pub fn laws(&self) -> Vec<Law> {
        let strategies = strategies(self.rows.iter()).into_iter();
        let law = |strategy| {
            let points = points(self, &strategy);
            fit(strategy, &points)
        };
        strategies.filter_map(law).collect()
    }
}

/// The points that a law is fitted to: the speed-ups of a strategy's rows by their workers. Rows with more
/// workers than cores or chunks are left out, as are rows of a busy machine. There are no points if a row is
/// wrong.
pub(crate) fn points(comparison: &Comparison, strategy: &StrategyName) -> Vec<(usize, Vec<f64>)> {
    let Comparison { machine, rows, .. } = comparison;
    let serial = rows
        .first()
        .filter(|serial| busy::shortfall(serial).is_none());
    let Some(serial) = serial else {
        return Vec::new();
    };
    if comparison.setup.scaling == Scaling::Weak || !strategy.is_right() {
        return Vec::new();
    }
    // There are never more workers than chunks.
    let all_work = |row: &&Row| {
        let plan = Plan::from_start(comparison.setup.seed, comparison.setup.first, row.sims);
        let asked = NonZero::new(row.workers);
        plan.is_ok_and(|plan| Some(whole::workers(&plan, asked)) == asked)
    };
    let rows = rows
        .iter()
        .filter(|row| row.strategy == *strategy && row.workers <= machine.cores)
        .filter(all_work);
    if rows.clone().any(|row| row.speed_up.is_none()) {
        return Vec::new();
    }
    let quiet = rows.filter(|row| busy::shortfall(row).is_none());
    let speed_ups = |row: &Row| {
        // Each run over serial's of the same round. All have the same darts, so times are as good as rates.
        let pairs = row.runs.iter().zip(&serial.runs);
        let speed_ups = pairs.map(|(run, base)| base.elapsed_s / run.elapsed_s);
        (row.workers, speed_ups.collect())
    };
    quiet.map(speed_ups).collect()
}

/// Fits both laws to the speed-ups over serial of several runs on each number of workers. `None` for fewer than
/// three of these, or if no curve fits.
///
/// Turned over, both laws are linear: N / S = (1 + σ (N - 1) + κ N (N - 1)) / λ. So 1/λ, σ/λ and κ/λ are fitted
/// by least squares, to every single run. Noise is a share of the time, so a point weighs 1/mean² of its row
/// (R. J. Carroll, D. Ruppert, Transformation and Weighting in Regression, 1988). The laws differ in κ alone,
/// so its t test is the F test between them: the data support the USL if κ's interval is above 0.
pub(crate) fn fit(strategy: impl Into<StrategyName>, points: &[(usize, Vec<f64>)]) -> Option<Law> {
    let usl = Line::through(points, 3)?;
    let amdahl = Line::through(points, 2)?;
    let law = match (usl.interval(2), amdahl.interval(1)) {
        // A contention below 0 is none: neither law lets workers help each other.
        (Some(kappa), _)
            if kappa.low > 0.0 && usl.share(1).ci95.is_none_or(|ci| ci.high >= 0.0) =>
        {
            Support::Usl
        }
        (Some(kappa), _) if kappa.low > 0.0 => Support::Neither,
        (Some(kappa), _) if kappa.high < 0.0 => Support::Neither,
        (Some(_), Some(sigma)) if sigma.high < 0.0 => Support::Neither,
        (Some(_), Some(_)) => Support::Amdahl,
        _ => Support::Unknown,
    };
    let line = if law == Support::Amdahl {
        &amdahl
    } else {
        &usl
    };
    let sigma = line.share(1);
    let is_limited = sigma.ci95.is_some_and(|ci| ci.low > 0.0 && ci.high < 1.0);
    let is_positive = line.terms[0] > 0.0 && usl.terms[0] > 0.0;
    is_positive.then(|| Law {
        strategy: strategy.into(),
        workers: points.iter().map(|(workers, _)| *workers).collect(),
        law,
        lambda: line.inverse(0),
        sigma,
        kappa: usl.share(2),
        limit: (law == Support::Amdahl && is_limited).then(|| line.inverse(1)),
        best_workers: (law == Support::Usl).then(|| line.best()).flatten(),
        misfit: line.misfit,
        terms: line.terms,
    })
}

/// The factors of 1/λ, σ/λ and κ/λ in N / S on `n` workers.
fn terms(n: f64) -> [f64; 3] {
    [1.0, n - 1.0, n * (n - 1.0)]
}

fn unit(i: usize) -> [f64; 3] {
    std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 })
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A fitted law.
struct Line {
    /// 1/λ, σ/λ and κ/λ.
    terms: [f64; 3],
    /// Their covariances, and the Student's t of their intervals; `None` without a run to spare.
    errors: Option<([[f64; 3]; 3], f64)>,
    /// See [`Law::misfit`].
    misfit: Option<f64>,
}

impl Line {
    /// Weighted least squares with the first `free` terms.
    fn through(points: &[(usize, Vec<f64>)], free: usize) -> Option<Line> {
        if points.len() < FEWEST || points.iter().any(|(_, speed_ups)| speed_ups.is_empty()) {
            return None;
        }
        // Scale all columns to a similar size, so that no digit is lost.
        let most = points.iter().map(|(workers, _)| *workers).max()?;
        let scale = terms(most.max(2) as f64);
        let (mut normal, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
        let mut rows = Vec::new();
        for (workers, speed_ups) in points {
            let n = *workers as f64;
            let y = speed_ups.iter().map(|speed_up| n / speed_up);
            let (runs, mean) = (y.len() as f64, y.clone().sum::<f64>() / y.len() as f64);
            let within = y.map(|y| (y / mean - 1.0).powi(2)).sum::<f64>();
            let at = terms(n);
            let x: [f64; 3] = std::array::from_fn(|i| at[i] / scale[i] / mean);
            for i in 0..free {
                right[i] += runs * x[i];
                (0..free).for_each(|j| normal[i][j] += runs * x[i] * x[j]);
            }
            rows.push((x, runs, within));
        }
        let inverse = inverted(normal, free)?;
        let scaled: [f64; 3] = std::array::from_fn(|i| dot(&inverse[i], &right));
        let off = rows
            .iter()
            .map(|(x, runs, _)| runs * (dot(x, &scaled) - 1.0).powi(2));
        let off = off.sum::<f64>();
        let within: f64 = rows.iter().map(|(_, _, within)| within).sum();
        let runs: f64 = rows.iter().map(|(_, runs, _)| runs).sum();
        let df = runs as usize - free;
        // If the rows lie farther from the curve than their runs spread, the errors are widened to match (the
        // scale factor of R. T. Birge, Physical Review 40, 1932).
        let (beyond, alike) = (rows.len() - free, runs as usize - rows.len());
        let of_rows = if beyond > 0 { off / beyond as f64 } else { 0.0 };
        let variance = ((off + within) / df as f64)
            .max(of_rows)
            .max(ROUNDING.powi(2));
        let covariance = |i: usize, j: usize| variance * inverse[i][j] / (scale[i] * scale[j]);
        let covariances = std::array::from_fn(|i| std::array::from_fn(|j| covariance(i, j)));
        Some(Line {
            terms: std::array::from_fn(|i| scaled[i] / scale[i]),
            misfit: (beyond > 0 && alike > 0).then(|| {
                let noise = (within / alike as f64).max(ROUNDING.powi(2));
                (of_rows / noise).sqrt()
            }),
            errors: (df > 0).then(|| (covariances, student_t(ALPHA, df))),
        })
    }

    /// Half the width of the interval of a weighted sum of the terms.
    fn half(&self, weights: &[f64; 3]) -> Option<f64> {
        let (covariances, t) = self.errors.as_ref()?;
        let products: [f64; 3] = std::array::from_fn(|i| dot(&covariances[i], weights));
        Some(t * dot(&products, weights).max(0.0).sqrt())
    }

    /// The interval of term `i`.
    fn interval(&self, i: usize) -> Option<Interval> {
        Some(around(self.terms[i], self.half(&unit(i))?))
    }

    /// 1 over term `i`. The interval is unknown if the term may be 0.
    fn inverse(&self, i: usize) -> Measured {
        let interval = self.interval(i).filter(|ci| ci.low > 0.0);
        Measured {
            value: 1.0 / self.terms[i],
            ci95: interval.map(|ci| [1.0 / ci.high, 1.0 / ci.low].into()),
        }
    }

    /// Term `i` over the first, which is σ or κ; its error by the delta method.
    fn share(&self, i: usize) -> Measured {
        let first = self.terms[0];
        let value = self.terms[i] / first;
        let mut weights = unit(i).map(|x| x / first);
        weights[0] -= value / first;
        let ci95 = self.half(&weights).map(|half| around(value, half));
        Measured { value, ci95 }
    }

    /// sqrt((1 - σ)/κ) but at least 1, if σ is below 1; its error by the delta method, on its logarithm.
    fn best(&self) -> Option<Measured> {
        let [a, b, c] = self.terms;
        let value = ((a - b) / c).sqrt();
        let weights = [0.5 / (a - b), -0.5 / (a - b), -0.5 / c];
        let ends = |half: f64| [-half, half].map(|half| (value * half.exp()).max(1.0));
        let ci95 = self.half(&weights).map(|half| ends(half).into());
        (a > b).then_some(Measured {
            value: value.max(1.0),
            ci95,
        })
    }
}

fn around(value: f64, half: f64) -> Interval {
    [value - half, value + half].into()
}

/// The inverse of the first `n` rows and columns, by Gauss and Jordan; `None` if it is singular. The matrix is
/// positive definite, so no pivoting is needed.
fn inverted(mut a: [[f64; 3]; 3], n: usize) -> Option<[[f64; 3]; 3]> {
    let mut inverse = [[0.0; 3]; 3];
    (0..n).for_each(|i| inverse[i][i] = 1.0);
    for i in 0..n {
        let pivot = a[i][i];
        if pivot.is_nan() || pivot <= 1e-14 {
            return None;
        }
        for j in 0..n {
            a[i][j] /= pivot;
            inverse[i][j] /= pivot;
        }
        for k in (0..n).filter(|k| *k != i) {
            let times = a[k][i];
            for j in 0..n {
                a[k][j] -= times * a[i][j];
                inverse[k][j] -= times * inverse[i][j];
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests;
