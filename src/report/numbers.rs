//! Numbers as a person reads them: thousands grouped, SI prefixes, and no more digits than a number deserves.

use crate::engine::cores::Core;
use crate::result::milestones::marks;

/// `n` with its thousands separated: 10,000,000.
pub(crate) fn grouped(n: u64) -> String {
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

/// A positive `x` in three digits with an SI prefix, one to three of them before the point: 0.00412 is
/// "4.12 m", 2.44e9 is "2.44 G". Append the unit without a space.
pub(crate) fn prefixed(x: f64) -> String {
    let (unit, prefix) = scale(x);
    let scaled = x / unit;
    // Rounding to three digits can add one before the point: 9.999 is 10.0, not 10.00.
    let decimals = if format!("{scaled:.2}").len() <= 4 {
        2
    } else {
        usize::from(scaled < 99.95)
    };
    format!("{scaled:.decimals$} {prefix}")
}

/// [`prefixed`] without a unit, or with a unit that follows a space.
pub(crate) fn short(x: f64) -> String {
    prefixed(x).trim_end().to_owned()
}

/// `x` with `decimals`, or where it has more than six digits before the point, with an exponent.
pub(crate) fn fixed(x: f64, decimals: usize) -> String {
    if x.abs() < 999_999.5 {
        format!("{x:.decimals$}")
    } else {
        format!("{x:.1e}")
    }
}

/// A positive number of seconds: "4.12 ms".
pub(crate) fn seconds(s: f64) -> String {
    prefixed(s) + "s"
}

/// The power of 1000, with its SI prefix, that leaves one to three digits before the point of a positive
/// `x` rounded to three digits.
fn scale(x: f64) -> (f64, &'static str) {
    const PREFIXES: [&str; 9] = ["n", "µ", "m", "", "k", "M", "G", "T", "P"];
    let rounded = format!("{x:.2e}");
    let exponent = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok());
    let third = i32::div_euclid(exponent.unwrap_or(0), 3).clamp(-3, 5);
    (1000f64.powi(third), PREFIXES[(third + 3) as usize])
}

/// "25.1 ± 4.6 ms": two digits of the standard deviation, at most three of the mean.
pub(crate) fn mean_time(mean: f64, sd: Option<f64>) -> String {
    let (unit, prefix) = scale(mean);
    let mean = mean / unit;
    let whole = |x: f64| x.abs().log10().floor();
    let most = (2.0 - whole(mean).max(0.0)).max(0.0);
    let Some(sd) = sd.map(|sd| sd / unit).filter(|sd| *sd > 0.0) else {
        return format!("{mean:.*} {prefix}s", most as usize);
    };
    let decimals = (1.0 - whole(sd)).clamp(0.0, most) as usize;
    // A small deviation must not be rounded to 0.
    let sd = sd.max(0.1f64.powi(decimals as i32));
    format!("{mean:.decimals$} ± {sd:.decimals$} {prefix}s")
}

/// A ratio below 1 as "1/43".
pub(crate) fn below(ratio: f64) -> String {
    match 1.0 / ratio {
        times if times < 999_999.5 => format!("1/{}", grouped(times.round() as u64)),
        times => format!("1/{}", short(times).replace(' ', "")),
    }
}

/// "6.7 %": two digits, but none beyond hundredths.
pub(crate) fn percent(percent: f64) -> String {
    let decimals = if percent < 0.995 {
        2
    } else {
        usize::from(percent < 9.95)
    };
    format!("{percent:.decimals$} %")
}

/// The first few cores, in the order of the workers: "core 0, core 1".
pub(crate) fn few_cores(cores: &[Core]) -> String {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> = cores.iter().take(SHOWN).map(Core::to_string).collect();
    if cores.len() > SHOWN {
        shown.push(format!("and {} more", cores.len() - SHOWN));
    }
    shown.join(", ")
}

/// Values from 0 to `end` for an axis with at most `most` even steps, each with its label. A step is 1, 2 or 5
/// times a power of ten, at least 0.01.
pub(crate) fn ticks(end: f64, most: f64) -> Vec<(f64, String)> {
    let mut steps = marks().map(|mark| mark as f64 / 100.0);
    let step = steps.find(|step| end / step <= most).unwrap_or(end);
    let decimals = (-step.log10()).ceil().max(0.0) as usize;
    let tick = |i| {
        let value = f64::from(i) * step;
        (value, format!("{value:.decimals$}"))
    };
    (0..=(end / step) as u32).map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn no_number_has_digits_that_mean_nothing() {
        for (x, decimals, shown) in [
            (31.4, 0, "31"),
            (-0.066, 3, "-0.066"),
            (999_999.0, 0, "999999"),
            (999_999_999_999_998_592.0, 2, "1.0e18"),
            (-2.5e6, 1, "-2.5e6"),
        ] {
            assert_eq!(fixed(x, decimals), shown);
        }
    }

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
            assert_eq!(mean_time(mean, sd), shown);
        }
    }

    #[test]
    fn ratios_far_below_1_are_fractions() {
        for (ratio, shown) in [
            (0.0234, "1/43"),
            (1.0 / 4_300.0, "1/4,300"),
            (2.5e-7, "1/4.00M"),
        ] {
            assert_eq!(below(ratio), shown);
        }
    }

    #[test]
    fn few_of_many_cores_are_shown() {
        let core = |cpu| Core {
            cpu,
            sibling_of: (cpu > 2).then_some(0),
            kind: None,
        };
        let shown = "core 0, core 1, core 2, core 3 (sibling of core 0)";
        let all: Vec<Core> = (0..9).map(core).collect();
        assert_eq!(few_cores(&all[..4]), shown);
        assert_eq!(few_cores(&all), format!("{shown}, and 5 more"));
    }
}
