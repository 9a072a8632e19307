//! Results as CSV, for spreadsheets: a header, and a line for each result or row. A line takes its values from the
//! JSON of what it shows, so that CSV and JSON cannot drift apart; one list for each format names the columns.
//! Numbers are plain (1 rather than 1.0, never an exponent), and an unknown value is empty.

use serde_json::{Map, Value, json};

use crate::compare::baseline::{BaselineReport, RowName};
use crate::compare::row::Comparison;
use crate::printable::printable;
use crate::result::average::Average;
use crate::result::record::Record;

// A column is `name`, a field of the line's JSON, or `name=place`, the path to a value within it.

const RECORD: &str = "contract method seed first sims hits pi std_error ci95_low=ci95/0 ci95_high=ci95/1 workers \
    kernel elapsed_s cpu_s sims_per_s total partial";

const AVERAGE: &str = "seed first sims hits pi std_error ci95_low=ci95/0 ci95_high=ci95/1";

const COMPARISON: &str = "strategy workers mean_s sd_s min_s cpu_s cores_wanted speed_up=speed_up/mean \
    speed_up_low=speed_up/ci95/0 speed_up_high=speed_up/ci95/1 hand_overs p efficiency serial_fraction sims_per_s shown_run hits \
    serial_hits lost distinct pi std_error honest_error status reason verdict seed sims runs cpu=machine/cpu \
    cores=machine/cores kernel=machine/kernel os=machine/os version=machine/version partial";

const BASELINE: &str = "strategy workers sims baseline_mean_s mean_s speed=speed/mean speed_low=speed/ci95/0 \
    speed_high=speed/ci95/1 change fails";

/// A record as one line. The columns are the same for every record. Left out are the machine, the variables that
/// a shard's number is from, the parts of a merged result and the goal of a checkpoint.
pub fn record(record: &Record) -> String {
    // The parts would take ten times their size as values.
    let whole = Record {
        parts: Vec::new(),
        ..record.clone()
    };
    let mut line = json!(whole);
    // JSON leaves it out if it is false.
    line["partial"] = json!(record.partial);
    csv(RECORD, [line])
}

/// A line for each run, with its own seed, and a line for the mean, whose seed is empty.
pub fn average(average: &Average) -> String {
    let runs = average.runs.iter().map(|run| json!(run));
    let mean = Average {
        runs: Vec::new(),
        ..*average
    };
    csv(AVERAGE, runs.chain([json!(mean)]))
}

/// A line for each row of each comparison.
pub fn comparisons(comparisons: &[Comparison]) -> String {
    csv(COMPARISON, rows(comparisons))
}

/// The lines of [`comparisons`] as JSON: a list of objects without objects in them, whose fields are the columns.
pub fn comparisons_json(comparisons: &[Comparison]) -> String {
    let lines = rows(comparisons).map(|line| {
        let cells = columns(COMPARISON).map(|(name, place)| {
            let value = match at(&line, place) {
                Value::Array(list) => json!(list.len()),
                value => value.clone(),
            };
            (name.to_owned(), value)
        });
        cells.collect::<Map<_, _>>()
    });
    json!(lines.collect::<Vec<_>>()).to_string()
}

fn rows(comparisons: &[Comparison]) -> impl Iterator<Item = Value> {
    comparisons.iter().flat_map(|comparison| {
        let machine = json!(comparison.machine);
        comparison.rows.iter().map(move |row| {
            let mut line = json!(row);
            line["seed"] = json!(comparison.setup.seed);
            line["partial"] = json!(comparison.partial);
            line["machine"] = machine.clone();
            line
        })
    })
}

/// A line for each row that the baseline has too, then the rows without a partner, whose change is `only-here` or
/// `only-in-baseline`.
pub fn baseline(report: &BaselineReport) -> String {
    let alone = |names: &[RowName], change: &str| {
        let alone = names.iter().map(|name| {
            let mut line = json!(name);
            line["change"] = json!(change);
            line
        });
        alone.collect::<Vec<_>>()
    };
    let rows = report.rows.iter().map(|row| json!(row));
    let only_here = alone(&report.only_here, "only-here");
    let only_in_baseline = alone(&report.only_in_baseline, "only-in-baseline");
    csv(BASELINE, rows.chain(only_here).chain(only_in_baseline))
}

/// The header and the lines.
fn csv(columns: &str, lines: impl IntoIterator<Item = Value>) -> String {
    let (names, places): (Vec<_>, Vec<_>) = self::columns(columns).unzip();
    let mut out = names.join(",") + "\n";
    for line in lines {
        let cells: Vec<String> = places.iter().map(|place| cell(at(&line, place))).collect();
        out += &(cells.join(",") + "\n");
    }
    out
}

/// The name and the place of each column.
fn columns(columns: &str) -> impl Iterator<Item = (&str, &str)> {
    let columns = columns.split_whitespace();
    columns.map(|column| column.split_once('=').unwrap_or((column, column)))
}

/// The value at a place; null where it is unknown.
fn at<'a>(line: &'a Value, place: &str) -> &'a Value {
    line.pointer(&format!("/{place}")).unwrap_or(&Value::Null)
}

/// A value as CSV has it. A list is its length.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => safe(text),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        Value::Array(list) => list.len().to_string(),
        value => value.to_string(),
    }
}

/// `text`, which a vendor or anybody who edited a file may have chosen, as a cell: with semicolons for commas, so that
/// `cut -d,` finds the columns; in quotes if it holds any (RFC 4180); and after an apostrophe if a spreadsheet would
/// compute it (OWASP, "CSV Injection").
fn safe(text: &str) -> String {
    let mut text = printable(text).replace(',', ";");
    if text.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) {
        text.insert(0, '\'');
    }
    if text.contains('"') {
        text = format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
