//! Several sizes, or one that is large enough: how many darts take long enough to time, and from how many on a
//! strategy pays off.

use std::num::NonZero;
use std::time::{Duration, Instant};

use crate::compare::busy;
use crate::compare::row::Comparison;
use crate::compare::saved::impossible;
use crate::compare::stats::{ALPHA, Logs, Measured};
use crate::compare::strategy::Strategy;
use crate::compare::strategy::task::Task;
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::result::milestones::marks;

/// The seconds that serial should take: long compared with the start of a thread, and short for a person.
pub const SERIAL_S: f64 = 0.2;

/// A shorter probe is repeated with twice the darts.
const PROBE: Duration = Duration::from_millis(20);

/// The number of darts, 1, 2 or 5 times a power of ten, whose time is nearest to [`SERIAL_S`] at a rate of
/// `sims_per_s`.
pub fn darts(sims_per_s: f64) -> u64 {
    let wanted = sims_per_s * SERIAL_S;
    let off = |sims: &u64| (*sims as f64 / wanted).ln().abs();
    let nearest = marks().min_by(|a, b| off(a).total_cmp(&off(b)));
    nearest.unwrap_or(1)
}

/// Times serial for a moment. Returns the darts a second that it counts if every chunk waits for `io_wait`. The
/// probe itself does not wait.
///
/// # Errors
/// Those of [`Plan::new`], which do not occur for these numbers.
pub fn probe(kernel: Kernel, io_wait: Duration) -> Result<f64, Error> {
    let mut chunks: u32 = 4;
    let chunk_s = loop {
        let plan = Plan::first(0, u64::from(chunks) * u64::from(CHUNK_DARTS))?;
        let start = Instant::now();
        Task::new(plan, kernel, NonZero::<usize>::MIN).count_here();
        let elapsed = start.elapsed();
        if elapsed >= PROBE || chunks > u32::MAX / 2 {
            break elapsed.as_secs_f64() / f64::from(chunks);
        }
        chunks *= 2;
    };
    Ok(f64::from(CHUNK_DARTS) / (chunk_s + io_wait.as_secs_f64()))
}

/// Where a strategy breaks even with another one, such as serial.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BreakEven {
    /// Below the smallest size: it is slower at no size, and faster at one.
    Before,
    /// Near this number of darts.
    Near(f64),
    /// It is still slower at the largest size.
    Beyond,
    /// The intervals are too wide to say.
    Unknown,
}

/// The number of darts from which on the speed-ups stay above 1. `speed_ups` has a number of darts and a ratio
/// for each size, the smallest first. A size is slower or faster only if its whole interval is. Between two
/// sizes, the logarithm of the ratio is taken to grow linearly with the logarithm of the size.
pub fn break_even(speed_ups: &[(u64, Measured)]) -> BreakEven {
    let is_slower = |(_, ratio): &(u64, Measured)| ratio.ci95.is_some_and(|ci| ci.high < 1.0);
    let is_faster = |(_, ratio): &(u64, Measured)| ratio.ci95.is_some_and(|ci| ci.low > 1.0);
    let Some(last) = speed_ups.iter().rposition(is_slower) else {
        return if speed_ups.iter().any(is_faster) {
            BreakEven::Before
        } else {
            BreakEven::Unknown
        };
    };
    let rest = &speed_ups[last..];
    let mut pairs = rest.array_windows();
    match pairs.find(|[_, (_, ratio)]| ratio.value >= 1.0) {
        Some(ends) => {
            let [(from, low), (to, high)] =
                ends.map(|(n, ratio)| ((n as f64).ln(), ratio.value.ln()));
            let share = -low / (high - low);
            BreakEven::Near((from + share * (to - from)).exp())
        }
        None if rest.len() == 1 => BreakEven::Beyond,
        None => BreakEven::Unknown,
    }
}

/// The speed of `strategy` over that of `other`, both on their fastest numbers of workers; `None` unless both
/// have a right row. On a busy machine the interval is unknown.
pub fn fastest_over_fastest(
    comparison: &Comparison,
    strategy: Strategy,
    other: Strategy,
) -> Option<Measured> {
    let fastest = |strategy| {
        let rows = comparison.rows.iter();
        rows.filter(|row| row.strategy == strategy)
            .filter_map(|row| Some((row, row.sims_per_s?)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
    };
    let (row, _) = fastest(strategy)?;
    let (base, _) = fastest(other)?;
    // The runs of one round are a pair.
    let pairs = row.runs.iter().zip(&base.runs);
    let growth = row.sims as f64 / base.sims as f64;
    let logs = Logs::of(pairs.map(|(run, other)| growth * other.elapsed_s / run.elapsed_s));
    Some(Measured {
        ci95: logs
            .interval(ALPHA)
            .filter(|_| busy::worst([row, base]).is_none()),
        ..logs.ratio(ALPHA)
    })
}

/// Sorts comparisons that differ only in size, the smallest first.
///
/// # Errors
/// If they differ in more than their size, or two are of the same size.
pub fn by_size(mut comparisons: Vec<Comparison>) -> Result<Vec<Comparison>, Error> {
    comparisons.sort_by_key(|comparison| comparison.sims);
    for [a, b] in comparisons.array_windows() {
        let rows = |one: &Comparison| -> Vec<_> {
            let rows = one.rows.iter();
            rows.map(|row| (row.strategy.clone(), row.workers))
                .collect()
        };
        let runs = |one: &Comparison| one.rows.first().map(|row| row.runs.len());
        let [this, that] = [&a.setup, &b.setup];
        for (field, same) in [
            ("seed", (this.seed, this.first) == (that.seed, that.first)),
            ("scaling", this.scaling == that.scaling),
            ("io_wait_s", this.io_wait == that.io_wait),
            ("warmup", this.warmup == that.warmup),
            ("machine", a.machine.is_same(&b.machine)),
            ("rows", rows(a) == rows(b)),
            ("runs", runs(a) == runs(b)),
        ] {
            if !same {
                return impossible(format!(
                    "several comparisons that differ in '{field}'; only their number of darts may differ"
                ));
            }
        }
        if a.sims == b.sims {
            return impossible(format!(
                "two comparisons of {} darts; name each size once",
                a.sims
            ));
        }
    }
    Ok(comparisons)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ratio with an interval from `low` to `high` times itself.
    fn within(value: f64, low: f64, high: f64) -> Measured {
        let ci95 = Some([low * value, high * value].into());
        Measured { value, ci95 }
    }

    /// A ratio that is known well.
    fn sharp(value: f64) -> Measured {
        within(value, 0.99, 1.01)
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
        let found = break_even(&noisy.map(|(n, ratio)| (n, sharp(ratio))));
        let BreakEven::Near(n) = found else {
            panic!("{found:?}");
        };
        assert!((n - 10f64.powf(3.5)).abs() < 1e-6, "{n}");
    }

    /// Noise may hide the answer.
    #[test]
    fn an_interval_around_1_is_neither_slower_nor_faster() {
        let wide = |value: f64| within(value, 0.5, 2.0);
        let one_run = Measured {
            value: 0.1,
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
