//! A record as text for a person: aligned lines, thousands grouped, and only the digits that the statistics support.
//! The caller, who knows the terminal, decides whether to use colour.

use std::time::Duration;

use anstyle::Style;

use crate::darts::plan::Plan;
use crate::darts::tally::{Tally, counted};
use crate::printable::printable;
use crate::report::columns::html_text;
use crate::report::numbers::{few_cores, grouped, seconds, short};
use crate::result::estimate::{Estimate, Interval};
use crate::result::record::{Method, Record};

const LAZY: &str = "
Lazy: no dart was thrown. The hits are drawn with the same distribution that as many thrown darts
have: as accurate as those and no better, and another sample than this seed's with --method darts.
";

/// A line of text: a label and its value.
type Line = (&'static str, String);

/// The record as aligned lines, one for each value; with `colour`, the estimate is bold and the labels are dim.
pub fn text(record: &Record, colour: bool) -> String {
    let style = |style: Style| if colour { style } else { Style::new() };
    let bold = style(Style::new().bold());
    let dim = style(Style::new().dimmed());
    let mut out = String::new();
    for (i, (label, value)) in lines(record).into_iter().enumerate() {
        let style = if i == 0 { bold } else { Style::new() };
        let value = printable(&value);
        out += &format!("{dim}{label:<14}{dim:#}  {style}{value}{style:#}\n");
    }
    if record.method == Method::Lazy {
        out += LAZY;
    }
    out
}

/// The record as a table in HTML, with the lines of [`text`].
pub fn html(record: &Record) -> String {
    let rows = lines(record).into_iter().map(|(label, value)| {
        let value = html_text(&value);
        format!("<tr><th style=\"text-align:left\">{label}</th><td style=\"text-align:left\">{value}</td></tr>\n")
    });
    let mut out = format!("<table>\n{}</table>\n", rows.collect::<String>());
    if record.method == Method::Lazy {
        out += &format!("<p>{}</p>\n", LAZY.trim());
    }
    out
}

fn lines(record: &Record) -> Vec<Line> {
    let estimate = record.estimate();
    let lines = [
        Some(("π ≈", pi(record, &estimate))),
        Some(("standard error", std_error(record, &estimate))),
        Some(("95 % interval", interval(&estimate))),
        Some(("hits", grouped(record.hits))),
        Some(("sims", grouped(record.sims))),
        partial(record),
        which_darts(record),
        record.shard_from.clone().map(|from| ("shard from", from)),
        Some(("seed", record.seed.to_string())),
        record.workers.map(|n| ("workers", n.to_string())),
        pinned(record).map(|cores| ("pinned to", cores)),
        record.kernel.clone().map(|kernel| ("kernel", kernel)),
        record.elapsed_s.map(|time| ("time", seconds(time))),
        cores(record).map(|cores| ("cores", cores)),
        record.sims_per_s.map(|rate| ("darts/s", short(rate))),
    ];
    lines.into_iter().flatten().collect()
}

fn pi(record: &Record, estimate: &Estimate) -> String {
    if record.sims == 0 {
        "unknown".to_owned()
    } else if record.hits == 0 {
        "0.00".to_owned()
    } else {
        format!("{:.*}", estimate.decimals(), estimate.pi)
    }
}

fn std_error(record: &Record, estimate: &Estimate) -> String {
    if record.sims == 0 {
        "unknown: no dart".to_owned()
    } else if record.hits == 0 {
        "unknown: no dart hit".to_owned()
    } else if record.hits == record.sims {
        "unknown: every dart hit".to_owned()
    } else {
        format!("{:.*}", estimate.decimals(), estimate.std_error)
    }
}

fn interval(estimate: &Estimate) -> String {
    let decimals = estimate.decimals();
    let Interval { low, high } = estimate.ci95;
    format!("{low:.decimals$} to {high:.decimals$} (Wilson)")
}

/// How many of the darts that were asked for a partial result holds; those of its shard or range, if it has one.
fn partial(record: &Record) -> Option<Line> {
    let of = wanted(record).map(grouped);
    let of = of.map_or(String::new(), |of| format!(" of {of}"));
    let darts = counted(grouped(record.sims), "dart") + &of;
    record.partial.then_some(("PARTIAL", darts))
}

/// The darts that were asked for, or those that were counted, unless these are simply the first ones.
fn which_darts(record: &Record) -> Option<Line> {
    let darts = |first: u64, end: u64| match end - first {
        0 => "no darts".to_owned(),
        _ => format!("darts {} to {}", grouped(first), grouped(end - 1)),
    };
    let asked = asked(record);
    let own = asked.map(|asked| darts(asked.start(), asked.end()));
    let total = record.total.map(|total| format!(" of {}", grouped(total)));
    let total = total.unwrap_or_default();
    if let Some(own) = own {
        return Some(match record.shard {
            Some((number, of)) => ("shard", format!("{number}/{of}, {own}{total}")),
            None => ("range", own + &total),
        });
    }
    if record.total.is_some() && !record.partial {
        let own = darts(record.first, record.first + record.sims);
        return Some(("part", own + &total));
    }
    let parts = record.parts.len();
    (parts > 0 && !record.partial).then(|| ("parts", grouped(parts as u64)))
}

/// The number of darts that the run was to count: those of its shard or range, if it has one, or else all.
pub(crate) fn wanted(record: &Record) -> Option<u64> {
    asked(record).map(|asked| asked.sims()).or(record.total)
}

/// The darts of the record's shard or range.
fn asked(record: &Record) -> Option<Plan> {
    // `Record::check` refuses those that cannot be.
    record.asked().ok().flatten()
}

/// The mean number of cores that a run got, of the number that it asked for: processor time over elapsed time.
/// The system counts processor time in ticks of some milliseconds, so a run of a second has two decimals, a run of
/// a tenth of a second has one, and a shorter run is not shown.
fn cores(record: &Record) -> Option<String> {
    let (cpu_s, elapsed_s) = (record.cpu_s?, record.elapsed_s?);
    let decimals = match elapsed_s {
        1.0.. => 2,
        0.1.. => 1,
        _ => return None,
    };
    let most = record.machine.as_ref().map(|machine| machine.cores as u64);
    let asked = record.workers?.min(most.unwrap_or(u64::MAX));
    let got = cpu_s / elapsed_s;
    // A resumed run may have had more workers before; their number is not saved.
    let asked = (got < asked as f64 + 0.1).then(|| format!(" of {asked}"));
    Some(format!("{got:.decimals$}{}", asked.unwrap_or_default()))
}

/// The cores to which a run's threads were pinned.
fn pinned(record: &Record) -> Option<String> {
    let pinned = &record.machine.as_ref()?.pinned;
    (!pinned.is_empty()).then(|| few_cores(pinned))
}

/// Only the estimate, on one line, in the fewest digits that read back as the same `f64`; `None` without a dart.
pub fn quiet(record: &Record) -> Option<String> {
    (record.sims > 0).then(|| format!("{}\n", record.estimate().pi))
}

/// The progress of a run: its darts, its rate and the estimate so far, and the total `of` all darts and the time left
/// where they are known. The most important part comes first.
pub fn progress(
    tally: Tally,
    of: Option<u64>,
    sims_per_s: f64,
    left: Option<Duration>,
) -> Vec<String> {
    let estimate = Estimate::of(tally);
    let Estimate { pi, std_error, .. } = estimate;
    let decimals = estimate.decimals();
    let mut parts = standing(tally, of, Some(sims_per_s), left);
    parts.push(format!("π ≈ {pi:.decimals$} ± {std_error:.decimals$}"));
    parts
}

/// The darts, the rate and the time left of [`progress`], where they are known.
pub(crate) fn standing(
    tally: Tally,
    of: Option<u64>,
    sims_per_s: Option<f64>,
    left: Option<Duration>,
) -> Vec<String> {
    let counted = match of {
        Some(of) => {
            let percent = tally.sims as f64 / of as f64 * 100.0;
            format!(" of {} darts ({percent:.1} %)", short(of as f64))
        }
        None => " darts".to_owned(),
    };
    let counted = match tally.sims {
        few @ ..1_000 => few.to_string(),
        many => short(many as f64),
    } + &counted;
    let rate = sims_per_s.map(|rate| format!("{} darts/s", short(rate)));
    let parts = [Some(counted), rate, left.map(time_left)];
    parts.into_iter().flatten().collect()
}

/// The time left, in days and on a clock.
pub fn time_left(left: Duration) -> String {
    clock(left.as_secs()) + " left"
}

/// Seconds as days and on a clock: 2 d 03:04:05.
pub(crate) fn clock(s: u64) -> String {
    let days = match s / 86_400 {
        0 => String::new(),
        days => format!("{} d ", grouped(days)),
    };
    format!(
        "{days}{:02}:{:02}:{:02}",
        s / 3_600 % 24,
        s / 60 % 60,
        s % 60
    )
}

#[cfg(test)]
mod tests {
    use super::cores;
    use crate::darts::plan::Plan;
    use crate::darts::tally::Tally;
    use crate::engine::machine::Machine;
    use crate::kernel::Kernel;
    use crate::result::record::{Method, Record};

    /// A run on a machine of four cores that took `elapsed_s` seconds and `cpu_s` seconds of processor time.
    fn run(elapsed_s: f64, cpu_s: Option<f64>, workers: u64) -> Record {
        let machine = Machine::this(Kernel::detect().name(), std::time::SystemTime::now());
        Record {
            elapsed_s: Some(elapsed_s),
            cpu_s,
            workers: Some(workers),
            machine: Some(Machine {
                cores: 4,
                ..machine
            }),
            ..Record::new(&Plan::first(1, 1).unwrap(), Tally::default(), Method::Darts)
        }
    }

    #[test]
    fn cores_have_only_the_digits_that_ticks_support() {
        for (elapsed_s, cpu_s, workers, shown) in [
            (2.2, Some(4.26), 2, Some("1.94 of 2")),
            (2.9, Some(4.26), 2, Some("1.47 of 2")),
            (0.25, Some(0.49), 2, Some("2.0 of 2")),
            (0.099, Some(0.19), 2, None),
            (10.0, None, 2, None),
            // Nobody can ask for more cores than the machine has.
            (10.0, Some(39.9), 64, Some("3.99 of 4")),
            // Resumed with fewer workers than before.
            (10.0, Some(19.0), 1, Some("1.90")),
            (1.0, Some(0.0), 1, Some("0.00 of 1")),
        ] {
            let run = run(elapsed_s, cpu_s, workers);
            assert_eq!(cores(&run).as_deref(), shown, "{elapsed_s} {cpu_s:?}");
        }
        // Ranks of MPI, on unknown machines.
        let mut ranks = run(10.0, Some(119.0), 12);
        ranks.machine = None;
        assert_eq!(cores(&ranks).as_deref(), Some("11.90 of 12"));
    }
}
