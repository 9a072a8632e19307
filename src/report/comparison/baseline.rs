//! The changes since a baseline: as a table below the comparison's own, or in its place as Markdown.

use crate::compare::baseline::{BaselineReport, Change, RowChange, RowName};
use crate::darts::tally::counted;
use crate::printable::printable;
use crate::report::columns::{self, Column, TextStyle, known, left, right};
use crate::report::comparison::words::ratio;
use crate::report::numbers::mean_time;

const COLUMNS: [Column<RowChange>; 7] = [
    left("strategy", |row| row.name.strategy.to_string()),
    right("workers", |row| row.name.workers.to_string()),
    right("darts", |row| format!("{:e}", row.name.sims)),
    right("baseline", |row| mean_time(row.baseline_mean_s, None)),
    right("now", |row| {
        let mark = if row.is_busy { "≈ " } else { "" };
        format!("{mark}{}", mean_time(row.mean_s, None))
    }),
    left("speed", |row| known(row.speed, ratio)),
    left("verdict", |row| verdict(row).to_owned()),
];

fn verdict(row: &RowChange) -> &'static str {
    match (row.change, row.fails) {
        (Change::Faster, _) if row.is_busy => "faster, but busy",
        (Change::Slower, true) if row.is_busy => "SLOWER, but busy",
        (Change::Slower, false) if row.is_busy => "slower, tolerably, but busy",
        (Change::Faster, _) => "faster",
        (Change::Slower, true) => "SLOWER",
        (Change::Slower, false) => "slower, tolerably",
        (Change::Same, _) => "the same",
        (Change::CannotTell, _) => "cannot tell",
        (Change::BusyMachine, _) => "cannot tell: busy",
        (Change::Wrong, _) => "wrong: no speed",
    }
}

/// The table as aligned text.
pub fn changes(report: &BaselineReport, style: TextStyle) -> String {
    let mut out = String::from("\n");
    for line in heading(report) {
        out += &style.wrapped(&line, "");
    }
    out.push('\n');
    let mut columns = Vec::from(COLUMNS);
    let sims = |row: &RowChange| row.name.sims;
    // A single number of darts is in the heading of the comparison's own table above.
    if report.rows.array_windows().all(|[a, b]| sims(a) == sims(b)) {
        columns.retain(|column| column.name != "darts");
    }
    for line in columns::text(&columns, &report.rows, style) {
        out += line.trim_end();
        out.push('\n');
    }
    for line in alone(report) {
        out += &style.wrapped(&line, "  ");
    }
    out
}

/// The table in Markdown.
pub fn changes_markdown(report: &BaselineReport) -> String {
    let mut out = columns::markdown_lines(&heading(report));
    out += &columns::markdown(&COLUMNS, &report.rows);
    for line in alone(report) {
        out += &format!("\n{line}\n");
    }
    out
}

fn heading(report: &BaselineReport) -> Vec<String> {
    let baseline = &report.baseline;
    let started = baseline.started.as_deref().unwrap_or("an unknown time");
    let tests = report.rows.iter().filter(|row| row.speed.is_some());
    let mut lines = vec![format!(
        "Compared with the baseline of {started}, pi-mc {}; speeds over it are 95 % intervals, corrected for \
         {} (Holm); {} % slower is tolerated",
        printable(&baseline.version),
        counted(tests.count(), "row"),
        report.tolerance_percent()
    )];
    if report.machine.difference(baseline).is_some() {
        lines.push(format!("The baseline's machine is another: {baseline}"));
    }
    lines
}

/// The rows without a partner.
fn alone(report: &BaselineReport) -> Vec<String> {
    let list = |names: &[RowName]| {
        let alike = |a: &RowName, b: &RowName| (&a.strategy, a.sims) == (&b.strategy, b.sims);
        let names = names.chunk_by(alike).map(|alike| {
            let workers: Vec<_> = alike.iter().map(|name| name.workers.to_string()).collect();
            let RowName { strategy, sims, .. } = &alike[0];
            format!("{strategy} ({}) at {sims:e} darts", workers.join(", "))
        });
        names.collect::<Vec<_>>().join("; ")
    };
    let mut lines = Vec::new();
    if !report.only_here.is_empty() {
        lines.push(format!("Not in the baseline: {}", list(&report.only_here)));
    }
    if !report.only_in_baseline.is_empty() {
        let names = list(&report.only_in_baseline);
        lines.push(format!("Only in the baseline: {names}"));
    }
    lines
}
