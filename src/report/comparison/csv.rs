//! A comparison as CSV: a line for each row, with plain numbers and no field that holds a comma.

use serde::Serialize;

use crate::compare::row::{Comparison, Row};
use crate::compare::strategy::Strategy;
use crate::report::Error;
use crate::report::csv::Number;

/// A row of the CSV: seconds and darts a second as plain numbers, intervals as two columns, then the
/// plan and the machine. The fields are the columns, in their order.
#[derive(Serialize)]
struct Line<'a> {
    strategy: Strategy,
    workers: usize,
    mean_s: Number,
    sd_s: Option<Number>,
    min_s: Number,
    cpu_s: Option<Number>,
    cores_wanted: Option<Number>,
    speed_up: Option<Number>,
    speed_up_low: Option<Number>,
    speed_up_high: Option<Number>,
    p: Option<Number>,
    efficiency: Option<Number>,
    serial_fraction: Option<Number>,
    sims_per_s: Option<Number>,
    shown_run: usize,
    hits: u64,
    serial_hits: u64,
    lost: Option<u64>,
    distinct: u64,
    pi: Number,
    std_error: Option<Number>,
    honest_error: Option<Number>,
    status: &'static str,
    reason: &'static str,
    verdict: &'a str,
    seed: u64,
    sims: u64,
    runs: usize,
    cpu: String,
    cores: usize,
    kernel: &'a str,
    os: &'a str,
    version: &'a str,
}

impl Line<'_> {
    fn new<'a>(comparison: &'a Comparison, row: &'a Row) -> Line<'a> {
        let Comparison { machine, seed, .. } = comparison;
        let ci95 = row.speed_up.and_then(|ratio| ratio.ci95);
        Line {
            strategy: row.strategy,
            workers: row.workers,
            mean_s: Number(row.times.mean_s),
            sd_s: row.times.sd_s.map(Number),
            min_s: Number(row.times.min_s),
            cpu_s: row.cpu_s.map(Number),
            cores_wanted: row.cores_wanted.map(Number),
            speed_up: row.speed_up.map(|ratio| Number(ratio.mean)),
            speed_up_low: ci95.map(|[low, _]| Number(low)),
            speed_up_high: ci95.map(|[_, high]| Number(high)),
            p: row.p.map(Number),
            efficiency: row.efficiency.map(Number),
            serial_fraction: row.serial_fraction.map(Number),
            sims_per_s: row.sims_per_s.map(Number),
            shown_run: row.shown_run,
            hits: row.hits,
            serial_hits: row.serial_hits,
            lost: row.lost,
            distinct: row.distinct,
            pi: Number(row.pi),
            std_error: row.std_error.map(Number),
            honest_error: row.honest_error.map(Number),
            status: row.status.name(),
            reason: row.reason.map_or("", |reason| reason.name()),
            verdict: &row.verdict,
            seed: *seed,
            sims: row.sims,
            runs: row.runs.len(),
            // A name that a vendor chose.
            cpu: machine.cpu.replace(',', ";"),
            cores: machine.cores,
            kernel: &machine.kernel,
            os: &machine.os,
            version: &machine.version,
        }
    }
}

/// Comparisons as CSV: a header, and a line for each row of each.
///
/// # Errors
/// Those of the csv crate, which do not occur when writing to memory.
pub fn csv(comparisons: &[Comparison]) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for comparison in comparisons {
        for row in &comparison.rows {
            writer.serialize(Line::new(comparison, row))?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
