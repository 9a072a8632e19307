//! A comparison held to its baseline: as a table below the comparison's own, or in place of it as Markdown,
//! CSV or JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::compare::baseline::{Against, Change, Held, Name};
use crate::report::Error;
use crate::report::columns::{Align, lines, markdown};
use crate::report::comparison::table::{Look, known, ratio, wrapped};
use crate::report::comparison::words;
use crate::report::csv::Number;

const NAMES: [&str; 7] = [
    "strategy", "workers", "darts", "baseline", "now", "speed", "verdict",
];
/// Which of them are the darts.
const DARTS: usize = 2;
const ALIGNS: [Align; 7] = [
    Align::Left,
    Align::Right,
    Align::Right,
    Align::Right,
    Align::Right,
    Align::Left,
    Align::Left,
];

/// The table as aligned text.
pub fn against(against: &Against, look: Look) -> String {
    let mut out = String::from("\n");
    for line in heading(against) {
        out += &wrapped(&look.of(&line), "");
    }
    out.push('\n');
    let names = NAMES.map(str::to_owned);
    let rows = [names].into_iter().chain(against.rows.iter().map(cells_of));
    let rows = rows.map(|cells| cells.map(|cell| look.of(&cell)).to_vec());
    let mut rows: Vec<Vec<String>> = rows.collect();
    let mut aligns = ALIGNS.to_vec();
    // The comparison's own table, above, says a single number of darts.
    if against
        .rows
        .array_windows()
        .all(|[a, b]| a.name.sims == b.name.sims)
    {
        aligns.remove(DARTS);
        rows.iter_mut().for_each(|cells| drop(cells.remove(DARTS)));
    }
    for line in lines(&aligns, &rows) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for line in alone(against) {
        out += &wrapped(&look.of(&line), "  ");
    }
    out
}

/// The table in Markdown.
pub fn against_markdown(against: &Against) -> String {
    let mut out = heading(against).join("  \n") + "\n\n";
    out += &markdown(ALIGNS, NAMES, against.rows.iter().map(cells_of));
    for line in alone(against) {
        out += &format!("\n{line}\n");
    }
    out
}

/// A row of the CSV. The fields are the columns, in their order.
#[derive(Serialize)]
struct Line {
    strategy: &'static str,
    workers: usize,
    sims: u64,
    baseline_mean_s: Option<Number>,
    mean_s: Option<Number>,
    speed: Option<Number>,
    speed_low: Option<Number>,
    speed_high: Option<Number>,
    change: &'static str,
    fails: Option<bool>,
}

/// The rows as CSV, and below them those without a partner, which are `only-here` or `only-in-baseline`.
///
/// # Errors
/// Those of the csv crate, which do not occur when writing to memory.
pub fn against_csv(against: &Against) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unknown = |name: &Name, change| Line {
        strategy: name.strategy.name(),
        workers: name.workers,
        sims: name.sims,
        baseline_mean_s: None,
        mean_s: None,
        speed: None,
        speed_low: None,
        speed_high: None,
        change,
        fails: None,
    };
    for held in &against.rows {
        let ci95 = held.speed.and_then(|speed| speed.ci95);
        writer.serialize(Line {
            baseline_mean_s: Some(Number(held.baseline_mean_s)),
            mean_s: Some(Number(held.mean_s)),
            speed: held.speed.map(|speed| Number(speed.value)),
            speed_low: ci95.map(|ci| Number(ci.low)),
            speed_high: ci95.map(|ci| Number(ci.high)),
            fails: Some(held.fails),
            ..unknown(&held.name, held.change.name())
        })?;
    }
    for name in &against.only_here {
        writer.serialize(unknown(name, "only-here"))?;
    }
    for name in &against.only_in_baseline {
        writer.serialize(unknown(name, "only-in-baseline"))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn heading(against: &Against) -> Vec<String> {
    let baseline = &against.baseline;
    let started = baseline.started.as_deref().unwrap_or("an unknown time");
    let tests = against.rows.iter().filter(|held| held.speed.is_some());
    let mut lines = vec![format!(
        "Held to the baseline of {started}, pi-mc {}; speeds over it are 95 % intervals, corrected for \
         {} rows (Holm); {} % slower is tolerated",
        baseline.version,
        tests.count(),
        against.tolerance_percent()
    )];
    if against.machine.difference(baseline).is_some() {
        lines.push(format!("The baseline's machine is another: {baseline}"));
    }
    lines
}

fn cells_of(held: &Held) -> [String; 7] {
    let Name {
        strategy,
        workers,
        sims,
    } = held.name;
    let words = match (held.change, held.fails) {
        (Change::Faster, _) => "faster",
        (Change::Slower, true) => "SLOWER",
        (Change::Slower, false) => "slower, tolerably",
        (Change::Same, _) => "the same",
        (Change::CannotTell, _) => "cannot tell",
        (Change::Busy, _) => "cannot tell: busy",
        (Change::Wrong, _) => "wrong: no speed",
    };
    [
        strategy.to_string(),
        workers.to_string(),
        format!("{sims:e}"),
        words::time(held.baseline_mean_s, None),
        words::time(held.mean_s, None),
        known(held.speed, ratio),
        words.to_owned(),
    ]
}

/// Which rows have no partner.
fn alone(against: &Against) -> Vec<String> {
    let list = |names: &[Name]| {
        let alike = |a: &Name, b: &Name| (a.strategy, a.sims) == (b.strategy, b.sims);
        let names = names.chunk_by(alike).map(|alike| {
            let workers: Vec<_> = alike.iter().map(|name| name.workers.to_string()).collect();
            let Name { strategy, sims, .. } = alike[0];
            format!("{strategy} ({}) at {sims:e} darts", workers.join(", "))
        });
        names.collect::<Vec<_>>().join("; ")
    };
    let mut lines = Vec::new();
    if !against.only_here.is_empty() {
        lines.push(format!("Not in the baseline: {}", list(&against.only_here)));
    }
    if !against.only_in_baseline.is_empty() {
        let names = list(&against.only_in_baseline);
        lines.push(format!("Only in the baseline: {names}"));
    }
    lines
}
