//! How a strategy scales: Amdahl's law and Gunther's Universal Scalability Law, fitted to speed-ups by number
//! of workers. Functions of numbers; nothing is measured here.
//!
//! ```text
//! Amdahl:  S(N) = λ N / (1 + σ (N - 1))                    G. M. Amdahl, AFIPS 1967
//! USL:     S(N) = λ N / (1 + σ (N - 1) + κ N (N - 1))      N. J. Gunther, arXiv:0808.1431, 2008
//! ```
//!
//! λ is the speed of one worker over serial's, σ the contention (the share of the work that only one can do at
//! a time), κ the coherency (what each pair of workers costs). Both laws are linear in 1/λ, σ/λ and κ/λ once
//! turned round, N / S = (1 + σ (N - 1) + κ N (N - 1)) / λ, so that least squares have a closed form. Every
//! run is a point. Noise is a share of the time, so a point weighs 1/mean² of its row (R. J. Carroll,
//! D. Ruppert, Transformation and Weighting in Regression, 1988). The laws differ in κ alone, so its t test is
//! the F test between them: the data support the USL if κ's interval is above 0.

use std::num::NonZero;

use serde::Serialize;

use crate::compare::busy;
use crate::compare::row::{Comparison, Row, Scaling};
use crate::compare::stats::{ALPHA, Ratio, student_t};
use crate::compare::strategy::Strategy;
use crate::darts::plan::Plan;
use crate::engine::walk;

/// The fewest numbers of workers that a law is fitted to: as many as the USL has parameters.
pub const FEWEST: usize = 3;

/// No time is known better than this share: what is left of an exact curve is rounding.
const ROUNDING: f64 = 1e-9;

/// Which law the data support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Amdahl's: κ may as well be 0.
    Amdahl,
    /// The Universal Scalability Law: κ is above 0.
    Usl,
    /// Neither: it scales better than workers can that do not help each other.
    Neither,
    /// Too few runs to tell.
    Unknown,
}

/// A number from a fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fitted {
    /// Its likeliest value.
    pub value: f64,
    /// The ends of its 95 % interval, by Student's t; unknown without a run to spare.
    pub ci95: Option<[f64; 2]>,
}

/// How a strategy scales. λ, σ and what follows are those of the law that the data support; of the USL where
/// they support neither.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Law {
    /// The strategy.
    pub strategy: Strategy,
    /// The numbers of workers that it was fitted to.
    pub workers: Vec<usize>,
    /// Which law the data support.
    pub law: Support,
    /// λ, the speed of one worker over serial's.
    pub lambda: Fitted,
    /// σ, the contention.
    pub sigma: Fitted,
    /// κ, the coherency, of the USL.
    pub kappa: Fitted,
    /// The speed-up that no number of workers exceeds, λ/σ, by Amdahl's law with a σ between 0 and 1. Above 1,
    /// where λ/σ is what ever more workers fall to, one worker is the fastest.
    pub limit: Option<Fitted>,
    /// The number of workers with the greatest speed-up, sqrt((1 - σ)/κ) but at least 1, by the USL.
    pub best_workers: Option<Fitted>,
    /// How many times farther the rows lie from the curve than the noise of their runs explains: near 1 if
    /// the law holds. Unknown for single runs, and where the curve goes through every row.
    pub misfit: Option<f64>,
    /// Twice the cores.
    pub ahead: usize,
    /// The speed-up to expect on as many workers and cores.
    pub ahead_speed_up: Option<Ratio>,
    /// 1/λ, σ/λ and κ/λ.
    #[serde(skip)]
    terms: [f64; 3],
}

impl Law {
    /// The speed-up on a number of workers; none where the curve has left the numbers that can be.
    pub fn speed_up(&self, workers: f64) -> Option<f64> {
        let per_worker = dot(&self.terms, &terms(workers));
        (per_worker > 0.0).then_some(workers / per_worker)
    }
}

/// The laws of a comparison's strategies that have right rows on enough numbers of workers up to the cores.
pub fn laws(comparison: &Comparison) -> Vec<Law> {
    let strategies = Strategy::every();
    strategies
        .filter_map(|strategy| law_of(comparison, strategy))
        .collect()
}

fn law_of(comparison: &Comparison, strategy: Strategy) -> Option<Law> {
    let points = points(comparison, strategy);
    fit(strategy, &points, comparison.machine.cores)
}

/// What a law is fitted to: the speed-ups of a strategy's right rows up to the cores, by their workers. A row
/// of a busy machine is no point, nor is one of fewer shares than workers.
pub(crate) fn points(comparison: &Comparison, strategy: Strategy) -> Vec<(usize, Vec<f64>)> {
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
        let plan = Plan::range(comparison.setup.seed, comparison.setup.first, row.sims);
        let asked = NonZero::new(row.workers);
        plan.is_ok_and(|plan| Some(walk::workers(&plan, asked)) == asked)
    };
    let its = rows
        .iter()
        .filter(|row| row.strategy == strategy && row.workers <= machine.cores)
        .filter(all_work);
    // One wrong row, and it is no way to count.
    if its.clone().any(|row| row.speed_up.is_none()) {
        return Vec::new();
    }
    let quiet = its.filter(|row| busy::shortfall(row).is_none());
    let speed_ups = |row: &Row| {
        // Each run beside serial's of the same round. All darts are the same, so times are as good as rates.
        let pairs = row.runs.iter().zip(&serial.runs);
        let speed_ups = pairs.map(|(run, base)| base.elapsed_s / run.elapsed_s);
        (row.workers, speed_ups.collect())
    };
    quiet.map(speed_ups).collect()
}

/// Fits both laws to the speed-ups over serial of several runs on each number of workers. None for fewer than
/// [`FEWEST`] of these, or if no curve fits at all.
pub fn fit(strategy: Strategy, points: &[(usize, Vec<f64>)], cores: usize) -> Option<Law> {
    let usl = Line::through(points, 3)?;
    let amdahl = Line::through(points, 2)?;
    let [_, _, pairs] = std::array::from_fn(|i| usl.interval(&unit(i)));
    let shared = amdahl.interval(&unit(1));
    let law = match (pairs, shared) {
        (Some([low, _]), _) if low > 0.0 => Support::Usl,
        (Some([_, high]), _) if high < 0.0 => Support::Neither,
        (Some(_), Some([_, high])) if high < 0.0 => Support::Neither,
        (Some(_), Some(_)) => Support::Amdahl,
        _ => Support::Unknown,
    };
    let line = if law == Support::Amdahl {
        &amdahl
    } else {
        &usl
    };
    let ahead = cores.saturating_mul(2);
    let at = terms(ahead as f64);
    let [a, b, c] = line.terms;
    let sigma = line.share(1);
    let is_limited = sigma
        .ci95
        .is_some_and(|[low, high]| low > 0.0 && high < 1.0);
    let known = a > 0.0 && usl.terms[0] > 0.0;
    known.then(|| Law {
        strategy,
        workers: points.iter().map(|(workers, _)| *workers).collect(),
        law,
        lambda: line.inverse(&unit(0), 1.0),
        sigma,
        kappa: usl.share(2),
        limit: (law == Support::Amdahl && is_limited).then(|| line.inverse(&unit(1), 1.0)),
        best_workers: (law == Support::Usl && a > b).then(|| line.best([a, b, c])),
        misfit: line.misfit,
        ahead,
        ahead_speed_up: (law != Support::Unknown && dot(&line.terms, &at) > 0.0).then(|| {
            let Fitted { value, ci95 } = line.inverse(&at, ahead as f64);
            Ratio { mean: value, ci95 }
        }),
        terms: line.terms,
    })
}

/// What the terms of N / S are multiplied by on `n` workers.
fn terms(n: f64) -> [f64; 3] {
    [1.0, n - 1.0, n * (n - 1.0)]
}

fn unit(i: usize) -> [f64; 3] {
    std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 })
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A fit that is linear in its terms.
struct Line {
    terms: [f64; 3],
    /// The terms' covariances, and Student's t with the degrees of freedom; none without a run to spare.
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
        // Columns of like size, so that no digit is lost.
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
        // Rows that lie farther from the curve than their runs spread make the errors as large as that (the
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

    /// Half the interval of a sum of the terms, each times that of `by`.
    fn half(&self, by: &[f64; 3]) -> Option<f64> {
        let (covariances, t) = self.errors.as_ref()?;
        let times: [f64; 3] = std::array::from_fn(|i| dot(&covariances[i], by));
        Some(t * dot(&times, by).max(0.0).sqrt())
    }

    fn interval(&self, by: &[f64; 3]) -> Option<[f64; 2]> {
        let (value, half) = (dot(&self.terms, by), self.half(by)?);
        Some([value - half, value + half])
    }

    /// `over` over a sum of the terms. Its interval is unknown if the sum may as well be 0.
    fn inverse(&self, by: &[f64; 3], over: f64) -> Fitted {
        let interval = self.interval(by).filter(|[low, _]| *low > 0.0);
        Fitted {
            value: over / dot(&self.terms, by),
            ci95: interval.map(|[low, high]| [over / high, over / low]),
        }
    }

    /// Term `i` over the first, which is σ or κ; its error by the delta method.
    fn share(&self, i: usize) -> Fitted {
        let first = self.terms[0];
        let value = self.terms[i] / first;
        let mut by = unit(i).map(|x| x / first);
        by[0] -= value / first;
        let ci95 = self.half(&by).map(|half| [value - half, value + half]);
        Fitted { value, ci95 }
    }

    /// sqrt((1 - σ)/κ); its error by the delta method, on its logarithm.
    fn best(&self, [a, b, c]: [f64; 3]) -> Fitted {
        let value = ((a - b) / c).sqrt();
        let by = [0.5 / (a - b), -0.5 / (a - b), -0.5 / c];
        let ci95 = self
            .half(&by)
            .map(|half| [-half, half].map(|h| (value * h.exp()).max(1.0)));
        let value = value.max(1.0);
        Fitted { value, ci95 }
    }
}

/// The inverse of the first `n` rows and columns, by Gauss and Jordan; none if there is none. It is positive
/// definite, so no pivot needs to be looked for.
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
