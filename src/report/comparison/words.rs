//! The cells of a table: numbers as a person reads them, in few characters, and the answer in words.

use crate::compare::row::{Reason, Row, Status};
use crate::compare::stats::Ratio;
use crate::report::run::{grouped, scale, short};
use crate::result::estimate;

/// A right answer, and a wrong one.
pub(crate) const RIGHT: char = '✓';
pub(crate) const WRONG: char = '✗';

/// "25.1 ± 4.6 ms": two digits of the standard deviation, at most three of the mean.
pub(crate) fn time(mean: f64, sd: Option<f64>) -> String {
    let (unit, prefix) = scale(mean);
    let mean = mean / unit;
    let whole = |x: f64| x.abs().log10().floor();
    let most = (2.0 - whole(mean).max(0.0)).max(0.0);
    let Some(sd) = sd.map(|sd| sd / unit).filter(|sd| *sd > 0.0) else {
        return format!("{mean:.*} {prefix}s", most as usize);
    };
    let decimals = (1.0 - whole(sd)).clamp(0.0, most) as usize;
    // A deviation that rounds to nothing is not nothing.
    let sd = sd.max(0.1f64.powi(decimals as i32));
    format!("{mean:.decimals$} ± {sd:.decimals$} {prefix}s")
}

/// "1.9–2.0×", the interval with as many digits as its width allows; "1/43×" for what is far below
/// serial, where the interval does not matter.
pub(crate) fn speed_up(row: &Row) -> String {
    let Some(Ratio { mean, ci95 }) = row.speed_up else {
        return "–".to_owned();
    };
    match (row.status, ci95) {
        (Status::Baseline, _) => "1".to_owned(),
        _ if mean < 0.1 => below(mean) + "×",
        (_, Some([low, high])) => {
            let least = if low < 10.0 { 1.0 } else { 0.0 };
            let decimals = (-(high - low).log10()).ceil().clamp(least, 2.0) as usize;
            let [low, high] = [low, high].map(|end| format!("{end:.decimals$}"));
            if low == high {
                low + "×"
            } else {
                format!("{low}–{high}×")
            }
        }
        (_, None) if row.runs.len() > 1 => "not known".to_owned(),
        (_, None) => format!("≈ {mean:.1}×"),
    }
}

/// A ratio below 1 as "1/43".
pub(crate) fn below(ratio: f64) -> String {
    match 1.0 / ratio {
        times if times < 999_999.5 => format!("1/{}", grouped(times.round() as u64)),
        times => format!("1/{}", short(times).replace(' ', "")),
    }
}

/// The estimate, with the decimals that the darts support, but at most `most`.
pub(crate) fn pi(row: &Row, most: usize) -> String {
    format!("{:.*}", decimals(row).min(most), row.pi)
}

/// How many decimals the darts support: two digits of the standard error.
pub(crate) fn decimals(row: &Row) -> usize {
    estimate::decimals(row.std_error.unwrap_or(1.0))
}

/// What to think of a row, in a few words; in even fewer if they are not to be `long`.
pub(crate) fn answer(row: &Row, long: bool) -> String {
    let (mark, words) = match row.status {
        Status::Baseline => return "baseline".to_owned(),
        Status::Faster => (RIGHT, "faster".to_owned()),
        Status::Slower => (RIGHT, "slower".to_owned()),
        Status::Same => (RIGHT, "the same".to_owned()),
        Status::CannotTell if long && row.reason == Some(Reason::BusyMachine) => {
            (RIGHT, "cannot tell: busy".to_owned())
        }
        Status::CannotTell => (RIGHT, "cannot tell".to_owned()),
        Status::Lucky => (RIGHT, "by luck".to_owned()),
        Status::TooFewDarts => return "needs more darts".to_owned(),
        Status::Lost => {
            let lost = loss(row.serial_hits - row.hits, row.serial_hits);
            let of = if long && lost.ends_with('%') {
                " of the hits"
            } else {
                ""
            };
            (WRONG, format!("lost {lost}{of}"))
        }
        Status::Repeated => {
            let share = repeated(row);
            let of = if long { " of darts" } else { "" };
            let half = if long { "half the darts" } else { "half" };
            let share = if share == "50 %" {
                half.to_owned()
            } else {
                share + of
            };
            (WRONG, share + " repeated")
        }
        Status::Wrong if long => {
            let off = short(row.hits.abs_diff(row.serial_hits) as f64);
            let side = if row.hits > row.serial_hits {
                "many"
            } else {
                "few"
            };
            (WRONG, format!("WRONG: {off} hits too {side}"))
        }
        Status::Wrong => (WRONG, "WRONG".to_owned()),
    };
    format!("{mark} {words}")
}

/// "6.7 %" of `all` hits, or their number where the share rounds to nothing.
pub(in crate::report) fn loss(lost: u64, all: u64) -> String {
    let percent = 100.0 * lost as f64 / all as f64;
    match lost {
        0 => "none".to_owned(),
        1 => "1 hit".to_owned(),
        _ if percent < 0.01 => format!("{} hits", grouped(lost)),
        _ => crate::report::comparison::words::percent(percent),
    }
}

/// The share of a row's darts that are repeated.
pub(in crate::report) fn repeated(row: &Row) -> String {
    let percent = 100.0 * (row.sims - row.distinct) as f64 / row.sims as f64;
    if percent < 0.01 {
        format!("{} darts", short((row.sims - row.distinct) as f64))
    } else {
        crate::report::comparison::words::percent(percent)
    }
}

/// Two digits, but no more than there are.
fn percent(percent: f64) -> String {
    let decimals = if percent < 0.995 {
        2
    } else {
        usize::from(percent < 9.95)
    };
    format!("{percent:.decimals$} %")
}

/// `text` in ASCII, for a terminal that knows no more.
pub(crate) fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            RIGHT => out += "ok",
            WRONG => out += "NO",
            '±' => out += "+/-",
            '×' => out.push('x'),
            '–' => out.push('-'),
            '≈' => out.push('~'),
            'µ' => out.push('u'),
            'π' => out += "pi",
            'σ' => out += "sigma",
            'κ' => out += "kappa",
            c if c.is_ascii() => out.push(c),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_digits_of_their_spread() {
        for (mean, sd, shown) in [
            (0.0251, Some(0.0046), "25.1 ± 4.6 ms"),
            (1.078, Some(0.09), "1.08 ± 0.09 s"),
            (0.187, Some(0.019), "187 ± 19 ms"),
            (0.003_41, Some(0.000_027), "3.41 ± 0.03 ms"),
            (0.343, Some(0.000_1), "343 ± 1 ms"),
            (0.001, Some(0.012), "1 ± 12 ms"),
            (0.5, None, "500 ms"),
            (0.5, Some(0.0), "500 ms"),
            (4.123e-6, None, "4.12 µs"),
        ] {
            assert_eq!(time(mean, sd), shown);
        }
    }

    #[test]
    fn shares_have_two_digits_and_small_ones_are_numbers() {
        for (lost, all, shown) in [
            (0, 100, "none"),
            (1, 100, "1 hit"),
            (67, 1_000, "6.7 %"),
            (1_354, 10_000, "14 %"),
            (996, 100_000, "1.0 %"),
            (22, 10_000, "0.22 %"),
            (5, 1_000_000, "5 hits"),
        ] {
            assert_eq!(loss(lost, all), shown);
        }
    }

    #[test]
    fn what_is_far_below_serial_is_a_fraction() {
        for (ratio, shown) in [
            (0.0234, "1/43"),
            (1.0 / 4_300.0, "1/4,300"),
            (2.5e-7, "1/4.00M"),
        ] {
            assert_eq!(below(ratio), shown);
        }
    }
}
