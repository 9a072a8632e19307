//! A comparison in words and short cells, for tables, notes and pictures. Nothing here lays out a table or a page.

use crate::compare::row::{Comparison, Reason, Row, Scaling, Status};
use crate::compare::stats::Measured;
use crate::darts::tally::counted;
use crate::report::numbers::{below, few_cores, fixed, grouped, percent, seconds, short};
use crate::result::estimate::{self, Interval};

/// The lines above a table: `darts`, and how and where they were measured.
pub(crate) fn heading(comparison: &Comparison, darts: String, intervals: &str) -> Vec<String> {
    let (setup, machine) = (&comparison.setup, &comparison.machine);
    let mut lines = vec![darts];
    if comparison.partial {
        lines.push(PARTIAL.to_owned());
    }
    if !setup.io_wait.is_zero() {
        let wait = seconds(setup.io_wait.as_secs_f64());
        lines.push(format!("Every chunk of 65,536 darts waits {wait} first"));
    }
    let runs = comparison.rows.first().map_or(0, |row| row.runs.len());
    lines.push(format!(
        "{} of each, in turn, after {} to warm up{intervals}",
        counted(runs, "run"),
        setup.warmup
    ));
    lines.push(machine.to_string());
    if !machine.pinned.is_empty() {
        lines.push(format!("Workers pinned to {}", few_cores(&machine.pinned)));
    }
    lines
}

/// Says that a comparison was stopped.
pub(crate) const PARTIAL: &str = "PARTIAL: stopped before all runs were done";

/// The darts that each strategy counts, or with weak scaling each worker.
pub(crate) fn darts(comparison: &Comparison) -> String {
    let sims = grouped(comparison.sims);
    counted(sims, "dart") + per_worker(comparison.setup.scaling)
}

/// The words that follow a number of darts: none with strong scaling.
pub(crate) fn per_worker(scaling: Scaling) -> &'static str {
    match scaling {
        Scaling::Strong => "",
        Scaling::Weak => " a worker",
    }
}

/// "race on 2 workers".
pub(crate) fn name(row: &Row) -> String {
    format!("{} on {}", row.strategy, counted(row.workers, "worker"))
}

/// "pool (1, 2), lock (2)".
pub(crate) fn names(rows: &[&Row]) -> String {
    let name = |alike: &[&Row]| {
        let workers: Vec<_> = alike.iter().map(|row| row.workers.to_string()).collect();
        format!("{} ({})", alike[0].strategy, workers.join(", "))
    };
    let names = rows.chunk_by(|a, b| a.strategy == b.strategy).map(name);
    names.collect::<Vec<_>>().join(", ")
}

/// "1.9–2.0×", the interval with as many digits as its width allows; "1/43×" for what is far below
/// serial, where the interval does not matter.
pub(crate) fn speed_up(row: &Row) -> String {
    let Some(Measured { value, ci95 }) = row.speed_up else {
        return "–".to_owned();
    };
    match (row.status, ci95) {
        (Status::Baseline, _) => "1".to_owned(),
        _ if value < 0.1 => below(value) + "×",
        (_, Some(Interval { low, high })) => {
            let least = if low < 10.0 { 1.0 } else { 0.0 };
            let decimals = (-(high - low).log10()).ceil().clamp(least, 2.0) as usize;
            let [low, high] = [low, high].map(|end| fixed(end, decimals));
            if low == high {
                low + "×"
            } else {
                format!("{low}–{high}×")
            }
        }
        (_, None) if row.runs.len() > 1 => "not known".to_owned(),
        (_, None) => format!("≈ {}×", fixed(value, 1)),
    }
}

/// The speed-up with its interval, unless that is one of a busy machine. An interval that is too wide to be
/// shown may still be on one side of 1.
pub(crate) fn known_speed_up(row: &Row) -> Option<Measured> {
    let Measured { value, ci95 } = row.speed_up?;
    let ci95 = match row.status {
        Status::Slower => ci95.or(Some([0.0, 1.0_f64.next_down()].into())),
        Status::Faster => ci95.or(Some([1.0_f64.next_up(), f64::INFINITY].into())),
        _ => ci95.filter(|_| row.reason != Some(Reason::BusyMachine)),
    };
    Some(Measured { value, ci95 })
}

/// "1.95 (1.93 to 1.97)", but two digits of a slow strategy too: 0.035.
pub(crate) fn ratio(Measured { value, ci95 }: Measured) -> String {
    let decimals = if value < 0.1 { 3 } else { 2 };
    let shown = |x| fixed(x, decimals);
    match ci95 {
        Some(Interval { low, high }) => {
            format!("{} ({} to {})", shown(value), shown(low), shown(high))
        }
        None => shown(value) + " (not known)",
    }
}

/// The estimate with the decimals that the darts support, but at most `most`.
pub(crate) fn pi(row: &Row, most: usize) -> String {
    format!("{:.*}", decimals(row).min(most), row.pi)
}

/// The number of decimals that the darts support: two digits of the standard error.
pub(crate) fn decimals(row: &Row) -> usize {
    estimate::decimals(row.std_error.unwrap_or(1.0))
}

/// Whether a row's answer is right, which its mark and its colour show; `None` if that remains open.
pub(crate) fn is_right(status: Status) -> Option<bool> {
    match status {
        Status::Baseline | Status::TooFewDarts | Status::CannotTell => None,
        status => Some(!status.is_wrong()),
    }
}

/// The verdict on a row in a few words, or in even fewer unless `long`.
pub(crate) fn answer(row: &Row, long: bool) -> String {
    let is_busy = long && row.reason == Some(Reason::BusyMachine);
    let words = match row.status {
        Status::Baseline => "baseline".to_owned(),
        Status::Faster if is_busy => "faster, but busy".to_owned(),
        Status::Slower if is_busy => "slower, but busy".to_owned(),
        Status::Faster => "faster".to_owned(),
        Status::Slower => "slower".to_owned(),
        Status::Same => "the same".to_owned(),
        Status::CannotTell if is_busy => "cannot tell: busy".to_owned(),
        Status::CannotTell => "cannot tell".to_owned(),
        Status::Lucky => "by luck".to_owned(),
        Status::TooFewDarts => "needs more darts".to_owned(),
        Status::Lost => {
            let of_hits = if long { " of the hits" } else { "" };
            let lost = row.serial_hits - row.hits;
            format!("lost {}", loss(lost, row.serial_hits, of_hits))
        }
        Status::Repeated => repeated_share(row, long) + " repeated",
        Status::Wrong if long => {
            let off = few(row.hits.abs_diff(row.serial_hits), "hit");
            let is_more = row.hits > row.serial_hits;
            let side = if is_more { "many" } else { "few" };
            format!("WRONG: {off} too {side}")
        }
        Status::Wrong => "WRONG".to_owned(),
    };
    match is_right(row.status) {
        None => words,
        Some(true) => format!("✓ {words}"),
        Some(false) => format!("✗ {words}"),
    }
}

/// What is wrong with the hits of a wrong row.
pub(crate) fn wrong(row: &Row) -> String {
    match row.status {
        Status::Lost => {
            let lost = row.serial_hits.saturating_sub(row.hits);
            loss(lost, row.serial_hits, " of the hits") + " lost"
        }
        Status::Repeated => repeated(row, " of the darts") + " repeated",
        _ => {
            let [hits, right] = [row.hits, row.serial_hits].map(grouped);
            format!("{hits} hits instead of {right}")
        }
    }
}

/// The share of a wrong row's hits or darts that is wrong.
pub(crate) fn wrong_share(row: &Row) -> f64 {
    match row.status {
        Status::Repeated => 1.0 - row.distinct as f64 / row.sims as f64,
        _ => row.hits.abs_diff(row.serial_hits) as f64 / row.serial_hits as f64,
    }
}

/// "half the darts", "75 % of darts".
fn repeated_share(row: &Row, long: bool) -> String {
    let is_half = (49.5..=50.5).contains(&repeated_percent(row));
    match (is_half, long) {
        (true, true) => "half the darts".to_owned(),
        (true, false) => "half".to_owned(),
        (false, true) => repeated(row, "") + " of darts",
        (false, false) => repeated(row, ""),
    }
}

/// "6.7 %" of `all` hits followed by `of_hits`, or a plain number of hits where the share rounds to nothing.
pub(crate) fn loss(lost: u64, all: u64, of_hits: &str) -> String {
    let share = 100.0 * lost as f64 / all as f64;
    match lost {
        0 => "none".to_owned(),
        1 => "1 hit".to_owned(),
        _ if share < 0.01 => format!("{} hits", grouped(lost)),
        _ => percent(share) + of_hits,
    }
}

/// The share of a row's darts that are repeated, followed by `of_darts`, or their number where the share rounds
/// to nothing.
pub(crate) fn repeated(row: &Row, of_darts: &str) -> String {
    let share = repeated_percent(row);
    if share < 0.01 {
        few(row.sims - row.distinct, "dart")
    } else {
        percent(share) + of_darts
    }
}

/// A number of things that is often small: "1 hit", "12.3 k hits".
fn few(n: u64, noun: &str) -> String {
    let number = if n < 1000 {
        grouped(n)
    } else {
        short(n as f64)
    };
    counted(number, noun)
}

fn repeated_percent(row: &Row) -> f64 {
    100.0 * (row.sims - row.distinct) as f64 / row.sims as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_two_digits_and_small_ones_are_numbers() {
        for (lost, all, shown) in [
            (0, 100, "none"),
            (1, 100, "1 hit"),
            (67, 1_000, "6.7 % of it"),
            (1_354, 10_000, "14 % of it"),
            (996, 100_000, "1.0 % of it"),
            (22, 10_000, "0.22 % of it"),
            (5, 1_000_000, "5 hits"),
        ] {
            assert_eq!(loss(lost, all, " of it"), shown);
        }
    }
}
