//! A comparison as a table: aligned text or Markdown for a person, CSV with plain numbers, or JSON with
//! every single run. All of them name the machine.

use std::fmt::Write;

use anstyle::Style;
use serde::Serialize;

use super::Error;
use super::csv::Number;
use super::text::{grouped, prefixed, scale, short};
use crate::compare::strategy::Strategy;
use crate::compare::timing::Ratio;
use crate::compare::{Comparison, Row, Scaling};

/// A column of the text and of the Markdown.
struct Column {
    name: &'static str,
    align: Align,
    /// A row's cell, as a person reads it.
    cell: fn(&Row) -> String,
}

/// Where a column's cells stand.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Right,
}

const COLUMNS: [Column; 10] = [
    words("strategy", |row| row.strategy.to_string()),
    number("workers", |row| row.workers.to_string()),
    number("time", |row| seconds(row.times.mean_s, row.times.sd_s)),
    number("min", |row| prefixed(row.times.min_s) + "s"),
    number("speed-up", |row| known(row.speed_up, ratio)),
    number("efficiency", |row| known(row.efficiency, share)),
    number("serial", |row| known(row.serial_fraction, share)),
    number("darts/s", |row| known(row.sims_per_s, short)),
    number("hits", |row| grouped(row.hits)),
    words("verdict", |row| row.verdict.clone()),
];

const fn words(name: &'static str, cell: fn(&Row) -> String) -> Column {
    let align = Align::Left;
    Column { name, align, cell }
}

const fn number(name: &'static str, cell: fn(&Row) -> String) -> Column {
    let align = Align::Right;
    Column { name, align, cell }
}

/// The table as aligned text; with `colour`, terminal escapes make the header dim.
pub fn text(comparison: &Comparison, colour: bool) -> String {
    let names = COLUMNS.map(|column| column.name.to_owned());
    let rows = comparison.rows.iter().map(cells);
    let rows: Vec<_> = [names].into_iter().chain(rows).collect();
    heading(comparison) + "\n\n" + &aligned(COLUMNS.map(|column| column.align), &rows, colour)
}

/// Rows of cells in columns, the first row a header; with `colour` it is dim.
pub(super) fn aligned<const N: usize>(
    columns: [Align; N],
    rows: &[[String; N]],
    colour: bool,
) -> String {
    let widths: [usize; N] = std::array::from_fn(|i| {
        let widths = rows.iter().map(|row| row[i].chars().count());
        widths.max().unwrap_or(0)
    });
    let mut out = String::new();
    for (i, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(columns).zip(widths);
        let aligned = cells.map(|((cell, align), width)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        let line = aligned.collect::<Vec<_>>().join("  ");
        let style = if i == 0 && colour {
            Style::new().dimmed()
        } else {
            Style::new()
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{style}{}{style:#}", line.trim_end());
    }
    out
}

/// The table in Markdown, below two lines that say what was measured where.
pub fn markdown(comparison: &Comparison) -> String {
    let mut out = heading(comparison).replace('\n', "  \n") + "\n\n";
    let mut line = |cells: [String; COLUMNS.len()]| {
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    line(COLUMNS.map(|column| column.name.to_owned()));
    line(COLUMNS.map(|column| match column.align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    }));
    comparison.rows.iter().map(cells).for_each(line);
    out
}

/// A row of the CSV: seconds and darts a second as plain numbers, intervals as two columns, then the
/// plan and the machine. The fields are the columns, in their order.
#[derive(Serialize)]
struct CsvRow<'a> {
    strategy: Strategy,
    workers: usize,
    mean_s: Number,
    sd_s: Option<Number>,
    min_s: Number,
    speed_up: Option<Number>,
    speed_up_low: Option<Number>,
    speed_up_high: Option<Number>,
    efficiency: Option<Number>,
    serial_fraction: Option<Number>,
    sims_per_s: Option<Number>,
    hits: u64,
    serial_hits: u64,
    verdict: &'a str,
    seed: u64,
    sims: u64,
    runs: usize,
    cpu: &'a str,
    cores: usize,
    kernel: &'a str,
    os: &'a str,
    version: &'a str,
}

impl CsvRow<'_> {
    fn new<'a>(comparison: &'a Comparison, row: &'a Row) -> CsvRow<'a> {
        let Comparison { machine, seed, .. } = comparison;
        let ci95 = row.speed_up.and_then(|ratio| ratio.ci95);
        CsvRow {
            strategy: row.strategy,
            workers: row.workers,
            mean_s: Number(row.times.mean_s),
            sd_s: row.times.sd_s.map(Number),
            min_s: Number(row.times.min_s),
            speed_up: row.speed_up.map(|ratio| Number(ratio.mean)),
            speed_up_low: ci95.map(|[low, _]| Number(low)),
            speed_up_high: ci95.map(|[_, high]| Number(high)),
            efficiency: row.efficiency.map(Number),
            serial_fraction: row.serial_fraction.map(Number),
            sims_per_s: row.sims_per_s.map(Number),
            hits: row.hits,
            serial_hits: row.serial_hits,
            verdict: &row.verdict,
            seed: *seed,
            sims: row.sims,
            runs: row.runs.len(),
            cpu: &machine.cpu,
            cores: machine.cores,
            kernel: machine.kernel,
            os: machine.os,
            version: machine.version,
        }
    }
}

/// The table as CSV: a header, and a line for each row of the comparison.
///
/// # Errors
/// Those of the csv crate, which do not occur when writing to memory.
pub fn csv(comparison: &Comparison) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &comparison.rows {
        writer.serialize(CsvRow::new(comparison, row))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The comparison as one line of JSON: the fields of [`Comparison`], with the time of every run.
///
/// # Errors
/// Those of serde_json, which do not occur for numbers and plain strings.
pub fn json(comparison: &Comparison) -> serde_json::Result<String> {
    Ok(serde_json::to_string(comparison)? + "\n")
}

/// What was measured where, in two lines.
fn heading(comparison: &Comparison) -> String {
    let Comparison {
        machine,
        seed,
        warmup,
        ..
    } = comparison;
    let runs = comparison.rows.first().map_or(0, |row| row.runs.len());
    let wait = match comparison.io_wait_s {
        0.0 => String::new(),
        wait => format!(", every chunk waits {}s", prefixed(wait)),
    };
    format!(
        "{} of seed {seed}{wait}; {runs} runs of each, in turn, after {warmup} to warm \
         up; speed-up over serial with its 95 % interval\n\
         {}, {} cores, kernel {}, {}, pi-mc {}",
        darts(comparison),
        machine.cpu,
        machine.cores,
        machine.kernel,
        machine.os,
        machine.version,
    )
}

/// The darts that each strategy counts, or with weak scaling each worker.
pub(super) fn darts(comparison: &Comparison) -> String {
    let sims = grouped(comparison.sims);
    match comparison.scaling {
        Scaling::Strong => format!("{sims} darts"),
        Scaling::Weak => format!("{sims} darts a worker"),
    }
}

fn cells(row: &Row) -> [String; COLUMNS.len()] {
    COLUMNS.map(|column| (column.cell)(row))
}

fn known<T>(value: Option<T>, cell: fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), cell)
}

fn share(share: f64) -> String {
    format!("{share:.2}")
}

/// "1.95 (1.93 to 1.97)", but two digits of a slow strategy too: 0.035.
fn ratio(Ratio { mean, ci95 }: Ratio) -> String {
    let decimals = if mean < 0.1 { 3 } else { 2 };
    let ci95 = ci95.map(|[low, high]| format!(" ({low:.decimals$} to {high:.decimals$})"));
    format!("{mean:.decimals$}{}", ci95.unwrap_or_default())
}

/// "56.12 ± 0.31 ms": two digits of the standard deviation, and as many decimals of the mean.
fn seconds(mean: f64, sd: Option<f64>) -> String {
    let Some(sd) = sd.filter(|sd| *sd > 0.0) else {
        return prefixed(mean) + "s";
    };
    let (unit, prefix) = scale(mean);
    let (mean, sd) = (mean / unit, sd / unit);
    let decimals = (1.0 - sd.log10().floor()).clamp(0.0, 3.0) as usize;
    format!("{mean:.decimals$} ± {sd:.decimals$} {prefix}s")
}
