//! A comparison as a table: aligned text, Markdown, CSV with the raw numbers, or JSON with every
//! single run. The first three have the same columns, and all four name the machine.

use std::fmt::Write;

use anstyle::Style;

use super::text::{grouped, prefixed, scale, short};
use crate::compare::{Comparison, Row, Scaling};

const COLUMNS: [&str; 10] = [
    "strategy",
    "workers",
    "time",
    "min",
    "speed-up",
    "efficiency",
    "serial",
    "darts/s",
    "hits",
    "verdict",
];

/// The table as aligned text; with `colour`, terminal escapes set off the header.
pub fn text(comparison: &Comparison, colour: bool) -> String {
    let rows: Vec<_> = comparison.rows.iter().map(cells).collect();
    let width = |i: usize| {
        let cells = rows.iter().map(|row| row[i].as_str()).chain([COLUMNS[i]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; 10] = std::array::from_fn(width);
    let line = |cells: [&str; 10]| {
        let aligned = cells
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(i, (cell, width))| match i {
                0 => format!("{cell:<width$}"),
                9 => (*cell).to_owned(),
                _ => format!("{cell:>width$}"),
            });
        aligned.collect::<Vec<_>>().join("  ")
    };
    let dim = if colour {
        Style::new().dimmed()
    } else {
        Style::new()
    };
    let mut out = format!("{}\n\n{dim}{}{dim:#}\n", heading(comparison), line(COLUMNS));
    for row in &rows {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", line(row.each_ref().map(String::as_str)));
    }
    out
}

/// The table in Markdown, under two lines that say what was measured where.
pub fn markdown(comparison: &Comparison) -> String {
    let mut out = heading(comparison).replace('\n', "  \n") + "\n\n";
    let mut line = |cells: [&str; 10]| {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| {} |",
            cells.map(|cell| cell.replace('|', "\\|")).join(" | ")
        );
    };
    line(COLUMNS);
    line(std::array::from_fn(|i| {
        if matches!(i, 0 | 9) { "---" } else { "---:" }
    }));
    for row in &comparison.rows {
        line(cells(row).each_ref().map(String::as_str));
    }
    out
}

/// A header and a row a row of the table: its columns in plain numbers (seconds, darts a second),
/// intervals as two columns, then the plan and the machine.
///
/// # Errors
/// Those of the csv crate, which writing to memory does not meet.
pub fn csv(comparison: &Comparison) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "strategy",
        "workers",
        "mean_s",
        "sd_s",
        "min_s",
        "speed_up",
        "speed_up_low",
        "speed_up_high",
        "efficiency",
        "serial_fraction",
        "sims_per_s",
        "hits",
        "serial_hits",
        "verdict",
        "seed",
        "sims",
        "runs",
        "cpu",
        "cores",
        "kernel",
        "os",
        "version",
    ])?;
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    for row in &comparison.rows {
        let ci95 = row.speed_up.and_then(|ratio| ratio.ci95);
        writer.write_record([
            row.strategy.to_string(),
            row.workers.to_string(),
            row.times.mean_s.to_string(),
            number(row.times.sd_s),
            row.times.min_s.to_string(),
            number(row.speed_up.map(|ratio| ratio.mean)),
            number(ci95.map(|[low, _]| low)),
            number(ci95.map(|[_, high]| high)),
            number(row.efficiency),
            number(row.serial_fraction),
            number(row.sims_per_s),
            row.hits.to_string(),
            row.serial_hits.to_string(),
            row.verdict.clone(),
            comparison.seed.to_string(),
            row.sims.to_string(),
            row.runs.len().to_string(),
            comparison.machine.cpu.clone(),
            comparison.machine.cores.to_string(),
            comparison.machine.kernel.to_owned(),
            comparison.machine.os.to_owned(),
            comparison.machine.version.to_owned(),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The comparison as one line of JSON: what [`Comparison`] documents, every run's time with it.
///
/// # Errors
/// Those of serde_json, which numbers and plain strings do not meet.
pub fn json(comparison: &Comparison) -> serde_json::Result<String> {
    Ok(serde_json::to_string(comparison)? + "\n")
}

/// What was measured, and where, in two lines.
fn heading(comparison: &Comparison) -> String {
    let Comparison {
        machine,
        seed,
        warmup,
        ..
    } = comparison;
    let runs = comparison.rows.first().map_or(0, |row| row.runs.len());
    let each = match comparison.scaling {
        Scaling::Strong => "",
        Scaling::Weak => " a worker",
    };
    let wait = match comparison.io_wait_s {
        0.0 => String::new(),
        wait => format!(", every chunk waits {}s", prefixed(wait)),
    };
    format!(
        "{} darts{each} of seed {seed}{wait}; {runs} runs of each, in turn, after {warmup} to warm \
         up; speed-up over serial with its 95 % interval\n\
         {}, {} cores, kernel {}, {}, pi-mc {}",
        grouped(comparison.sims),
        machine.cpu,
        machine.cores,
        machine.kernel,
        machine.os,
        machine.version,
    )
}

/// A row as a person reads it.
fn cells(row: &Row) -> [String; 10] {
    let none = || "-".to_owned();
    let speed_up = row.speed_up.map_or_else(none, |ratio| {
        // Two digits of a slow way too: 0.035.
        let decimals = if ratio.mean < 0.1 { 3 } else { 2 };
        let ci95 = ratio
            .ci95
            .map(|[low, high]| format!(" ({low:.decimals$} to {high:.decimals$})"));
        format!("{:.decimals$}{}", ratio.mean, ci95.unwrap_or_default())
    });
    [
        row.strategy.to_string(),
        row.workers.to_string(),
        seconds(row.times.mean_s, row.times.sd_s),
        prefixed(row.times.min_s) + "s",
        speed_up,
        row.efficiency
            .map_or_else(none, |share| format!("{share:.2}")),
        row.serial_fraction
            .map_or_else(none, |share| format!("{share:.2}")),
        row.sims_per_s.map_or_else(none, short),
        grouped(row.hits),
        row.verdict.clone(),
    ]
}

/// "56.12 ± 0.31 ms": the mean's digits end where two digits of the standard deviation do.
fn seconds(mean: f64, sd: Option<f64>) -> String {
    let Some(sd) = sd.filter(|sd| *sd > 0.0) else {
        return prefixed(mean) + "s";
    };
    let (unit, prefix) = scale(mean);
    let (mean, sd) = (mean / unit, sd / unit);
    let decimals = (1.0 - sd.log10().floor()).clamp(0.0, 3.0) as usize;
    format!("{mean:.decimals$} ± {sd:.decimals$} {prefix}s")
}
