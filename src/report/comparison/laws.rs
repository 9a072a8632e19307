//! The sentences below a table on how each strategy scales: the law that the data support, with its numbers.

use std::collections::BTreeSet;

use crate::compare::busy;
use crate::compare::laws::{FEWEST, Law, Support, points};
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Scaling, strategies};
use crate::compare::stats::Measured;
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::columns::TextStyle;
use crate::report::numbers::fixed;
use crate::result::estimate::Interval;

/// A curve farther from its rows than this, in units of their noise, comes with a caveat: by chance alone that
/// happens less than once in a hundred times.
const MISFIT: f64 = 3.0;

/// How the strategies scale, at the largest of several sizes; or why no law could be fitted.
pub fn scaling(comparisons: &[Comparison], style: TextStyle) -> String {
    let Some(last) = comparisons.last() else {
        return String::new();
    };
    let mut lines: Vec<String> = last.laws().iter().map(sentence).collect();
    if lines.is_empty() {
        lines.extend(missing(last));
    } else if comparisons.len() > 1 {
        let darts = last.sims;
        lines.insert(0, format!("Scaling at {darts:e} darts:"));
    }
    let lines = lines.iter().map(|line| style.wrapped(line, "  "));
    let text: String = lines.collect();
    if text.is_empty() {
        text
    } else {
        format!("\n{text}")
    }
}

/// Why there is no law, if enough numbers of workers were asked for.
fn missing(comparison: &Comparison) -> Option<String> {
    let cores = comparison.machine.cores;
    let asked: BTreeSet<usize> = comparison.rows.iter().map(|row| row.workers).collect();
    if asked.len() < FEWEST {
        return None;
    }
    let is_parallel =
        |strategy: &StrategyName| strategy.is_right() && *strategy != Strategy::Serial;
    comparison
        .rows
        .iter()
        .find(|row| is_parallel(&row.strategy) && !row.status.is_wrong())?;
    Some(if comparison.setup.scaling == Scaling::Weak {
        "No scaling law: laws are fitted only with --scaling strong.".to_owned()
    } else if cores < FEWEST {
        format!(
            "No scaling law: a fit needs {FEWEST} numbers of workers up to the cores, and this machine \
             has only {}.",
            counted(cores, "core")
        )
    } else if busy::worst(&comparison.rows).is_some() {
        format!(
            "No scaling law: the machine was busy, and too few rows are left: a fit needs {FEWEST} numbers of \
             workers."
        )
    } else if strategies(comparison.rows.iter())
        .iter()
        .any(|strategy| points(comparison, strategy).len() >= FEWEST)
    {
        "No scaling law: no curve of either law goes through these speed-ups.".to_owned()
    } else {
        format!(
            "No scaling law: a fit needs {FEWEST} numbers of workers up to the {cores} cores, and a chunk \
             of 65,536 darts for each worker: try -w 1,2,{cores}"
        )
    })
}

fn sentence(law: &Law) -> String {
    let workers: Vec<String> = law.workers.iter().map(usize::to_string).collect();
    let mut out = format!("{} ({}) ", law.strategy, workers.join(", "));
    let [sigma, kappa] = [law.sigma, law.kappa].map(|fitted| with_unit(fitted, ""));
    out += &match law.law {
        Support::Amdahl => {
            let mut out = format!(
                "scales by Amdahl's law: contention σ {sigma}; coherency κ may be 0: {kappa}."
            );
            if let Some(limit) = law.limit {
                out += &format!(
                    " At most {} on any number of workers.",
                    with_unit(limit, "×")
                );
            }
            out
        }
        Support::Usl => {
            let more = law.best_workers.filter(|best| best.value > 1.0);
            let best = more.map_or_else(String::new, |best| {
                format!(" Best on {}.", with_unit(best, " workers"))
            });
            format!(
                "scales by the Universal Scalability Law: contention σ {sigma}; coherency κ {kappa}.{best}"
            )
        }
        Support::Neither => format!(
            "scales better than Amdahl's law and the Universal Scalability Law allow: σ {sigma}; κ \
             {kappa}."
        ),
        Support::Unknown => {
            "has too few runs to tell which law it scales by: more --runs would do.".to_owned()
        }
    };
    let falls = law.sigma.ci95.is_some_and(|ci| ci.low > 1.0);
    if falls || law.best_workers.is_some_and(|best| best.value == 1.0) {
        out += " Best on 1 worker: more make it slower.";
    }
    if let Some(misfit) = law.misfit.filter(|misfit| *misfit > MISFIT) {
        out += &format!(
            " The rows lie {misfit:.0} times farther from that curve than their noise explains: take it \
             with care."
        );
    }
    out
}

/// "12.6× (12.4 to 12.8)", with two digits of half the interval.
fn with_unit(Measured { value, ci95 }: Measured, unit: &str) -> String {
    let Some(Interval { low, high }) = ci95 else {
        let decimals = (1.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize;
        return format!("{}{unit} (not known)", fixed(value, decimals));
    };
    let half = (high - low) / 2.0;
    let decimals = (1.0 - half.max(1e-7).log10().floor()).clamp(0.0, 6.0) as usize;
    // No -0.000.
    let shown = |x: f64| match fixed(x, decimals) {
        zero if zero.trim_matches(['-', '0', '.']).is_empty() => format!("{:.decimals$}", 0.0),
        other => other,
    };
    format!("{}{unit} ({} to {})", shown(value), shown(low), shown(high))
}
