//! Text for a person: aligned lines, digits cut where the statistics end them, thousands grouped.
//! Not here: whether to use colour, which whoever knows the terminal decides.

use std::fmt::Write;
use std::time::Duration;

use anstyle::Style;

use super::Record;
use crate::estimate::Estimate;
use crate::run::Tally;

const LAZY: &str = "
Lazy: no dart was thrown. The hits are drawn with the same distribution that as many thrown darts
have: as accurate as those and no better, and another sample than this seed's with --method darts.
";

/// The record as aligned lines, one a value; with `colour`, terminal escapes set off the estimate.
pub fn text(record: &Record, colour: bool) -> String {
    let Record { estimate, .. } = record;
    let decimals = estimate.decimals();
    let [low, high] = estimate.ci95;
    let (pi, standard_error) = match record.hits {
        _ if record.sims == 0 => ("unknown".to_owned(), "unknown: no dart".to_owned()),
        0 => ("0.00".to_owned(), "unknown: no dart hit".to_owned()),
        hits => (
            format!("{:.decimals$}", estimate.pi),
            match hits == record.sims {
                true => "unknown: every dart hit".to_owned(),
                false => format!("{:.decimals$}", estimate.std_error),
            },
        ),
    };
    // Which darts they are, where it goes without saying in most results.
    let (first, last) = (record.first, record.first + record.sims.saturating_sub(1));
    let which = match (record.partial, record.of, record.parts.len()) {
        (true, of, _) => {
            let of = of.map_or(String::new(), |of| format!(" of {}", grouped(of)));
            Some(("PARTIAL", format!("{} darts{of}", grouped(record.sims))))
        }
        (false, Some(of), _) if record.sims > 0 => {
            let [first, last, of] = [first, last, of].map(grouped);
            Some(("shard", format!("darts {first} to {last} of {of}")))
        }
        (false, Some(of), _) => Some(("shard", format!("no darts of {}", grouped(of)))),
        (false, None, 0) => None,
        (false, None, parts) => Some(("parts", grouped(parts as u64))),
    };
    let lines = [
        Some(("π ≈", pi)),
        Some(("standard error", standard_error)),
        Some((
            "95 % interval",
            format!("{low:.decimals$} to {high:.decimals$} (Wilson)"),
        )),
        Some(("hits", grouped(record.hits))),
        Some(("sims", grouped(record.sims))),
        which,
        Some(("seed", record.seed.to_string())),
        record.workers.map(|n| ("workers", n.to_string())),
        record.kernel.map(|kernel| ("kernel", kernel.to_owned())),
        record.elapsed_s.map(|time| ("time", prefixed(time) + "s")),
        record.sims_per_s.map(|rate| ("darts/s", short(rate))),
    ];

    let (bold, dim) = if colour {
        (Style::new().bold(), Style::new().dimmed())
    } else {
        (Style::new(), Style::new())
    };
    let mut out = String::new();
    for (i, (label, value)) in lines.into_iter().flatten().enumerate() {
        let style = if i == 0 { bold } else { Style::new() };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{dim}{label:<14}{dim:#}  {style}{value}{style:#}");
    }
    if record.method == "lazy" {
        out += LAZY;
    }
    out
}

/// The estimate alone, on one line, in the fewest digits that read back as the same f64.
pub fn quiet(record: &Record) -> String {
    format!("{}\n", record.estimate.pi)
}

/// Where a run stands, on one line: its darts, of how many if that is known, its rate, the time left if
/// that is known, and the estimate so far.
pub fn progress(tally: Tally, of: Option<u64>, sims_per_s: f64, left: Option<Duration>) -> String {
    let estimate = Estimate::of(tally);
    let decimals = estimate.decimals();
    let mut out = short(tally.sims as f64);
    // Writing to a String cannot fail.
    if let Some(of) = of {
        let percent = tally.sims as f64 / of as f64 * 100.0;
        let _ = write!(out, " of {} darts ({percent:.1} %)", short(of as f64));
    } else {
        out += " darts";
    }
    let _ = write!(out, ", {} darts/s", short(sims_per_s));
    if let Some(left) = left {
        let (days, s) = (left.as_secs() / 86_400, left.as_secs() % 86_400);
        out += ", ";
        if days > 0 {
            let _ = write!(out, "{} d ", grouped(days));
        }
        let (hours, minutes) = (s / 3_600, s / 60 % 60);
        let _ = write!(out, "{hours:02}:{minutes:02}:{:02} left", s % 60);
    }
    let Estimate { pi, std_error, .. } = estimate;
    out + &format!(", π ≈ {pi:.decimals$} ± {std_error:.decimals$}")
}

/// `n` with its thousands set apart: 10,000,000.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A positive `x` in three digits and the SI prefix that leaves one to three of them before the
/// point: 0.00412 is "4.12 m", 2.44e9 is "2.44 G". The unit follows without a space.
pub(super) fn prefixed(x: f64) -> String {
    let (unit, prefix) = scale(x);
    let scaled = x / unit;
    // As many decimals as leave three digits, once rounded to three: 9.999 is 10.0.
    let decimals = if format!("{scaled:.2}").len() <= 4 {
        2
    } else {
        usize::from(scaled < 99.95)
    };
    format!("{scaled:.decimals$} {prefix}")
}

/// [`prefixed`], where no unit follows without a space.
pub(super) fn short(x: f64) -> String {
    prefixed(x).trim_end().to_owned()
}

/// The power of 1000 that leaves one to three digits of a positive `x` before the point when it is
/// rounded to three, and its SI prefix.
pub(super) fn scale(x: f64) -> (f64, &'static str) {
    const PREFIXES: [&str; 9] = ["n", "µ", "m", "", "k", "M", "G", "T", "P"];
    let rounded = format!("{x:.2e}");
    let exponent = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok());
    let third = i32::div_euclid(exponent.unwrap_or(0), 3).clamp(-3, 5);
    (1000f64.powi(third), PREFIXES[(third + 3) as usize])
}

#[cfg(test)]
mod tests {
    use super::{grouped, prefixed};

    #[test]
    fn three_digits_and_a_prefix() {
        for (x, shown) in [
            (0.00412, "4.12 m"),
            (2.44e9, "2.44 G"),
            (999.4, "999 "),
            (999.7, "1.00 k"),
            (9.996, "10.0 "),
            (99.96, "100 "),
            (1e-9, "1.00 n"),
            (1e-12, "0.00 n"),
            (86_400.0, "86.4 k"),
        ] {
            assert_eq!(prefixed(x), shown, "{x}");
        }
    }

    #[test]
    fn thousands() {
        for (n, shown) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(grouped(n), shown);
        }
    }
}
