//! Text for a person: aligned lines, digits cut where the statistics end them, thousands grouped.
//! Not here: whether to use colour, which whoever knows the terminal decides.

use std::fmt::Write;

use anstyle::Style;

use super::Record;

const LAZY: &str = "
Lazy: no dart was thrown. The hits are drawn with the same distribution that as many thrown darts
have: as accurate as those and no better, and another sample than this seed's with --method darts.
";

/// The record as aligned lines, one a value; with `colour`, terminal escapes set off the estimate.
pub fn text(record: &Record, colour: bool) -> String {
    let Record { estimate, .. } = record;
    let decimals = estimate.decimals();
    let [low, high] = estimate.ci95;
    let standard_error = match record.hits {
        0 => "unknown: no dart hit".to_owned(),
        hits if hits == record.sims => "unknown: every dart hit".to_owned(),
        _ => format!("{:.decimals$}", estimate.std_error),
    };
    let lines = [
        ("π ≈", format!("{:.decimals$}", estimate.pi)),
        ("standard error", standard_error),
        (
            "95 % interval",
            format!("{low:.decimals$} to {high:.decimals$} (Wilson)"),
        ),
        ("hits", grouped(record.hits)),
        ("sims", grouped(record.sims)),
        ("seed", record.seed.to_string()),
        ("workers", record.workers.to_string()),
        ("kernel", record.kernel.to_string()),
        ("time", prefixed(record.elapsed_s) + "s"),
    ];
    let rate = record
        .sims_per_s
        .map(|rate| ("darts/s", prefixed(rate).trim_end().to_owned()));

    let (bold, dim) = if colour {
        (Style::new().bold(), Style::new().dimmed())
    } else {
        (Style::new(), Style::new())
    };
    let mut out = String::new();
    for (i, (label, value)) in lines.into_iter().chain(rate).enumerate() {
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
