//! Results as CSV, for spreadsheets: a header, and a line for each result or row. A line takes its values from the
//! JSON of what it shows, so that CSV and JSON cannot drift apart; one list for each format names the columns.
//! Numbers are plain (1 rather than 1.0, never an exponent), and an unknown value is empty.

use serde_json::{Value, json};

use crate::compare::baseline::{BaselineReport, RowName};
use crate::compare::row::Comparison;
use crate::result::average::Average;
use crate::result::record::Record;

// A column is `name`, a field of the line's JSON, or `name=place`, the path to a value within it.

const RECORD: &str = "contract method seed first sims hits pi std_error ci95_low=ci95/0 ci95_high=ci95/1 workers \
    kernel elapsed_s cpu_s sims_per_s total partial";

const AVERAGE: &str = "seed first sims hits pi std_error";

const COMPARISON: &str = "strategy workers mean_s sd_s min_s cpu_s cores_wanted speed_up=speed_up/mean \
    speed_up_low=speed_up/ci95/0 speed_up_high=speed_up/ci95/1 p efficiency serial_fraction sims_per_s shown_run hits \
    serial_hits lost distinct pi std_error honest_error status reason verdict seed sims runs cpu=machine/cpu \
    cores=machine/cores kernel=machine/kernel os=machine/os version=machine/version";

const BASELINE: &str = "strategy workers sims baseline_mean_s mean_s speed=speed/mean speed_low=speed/ci95/0 \
    speed_high=speed/ci95/1 change fails";

/// A record as one line. The columns are the same for every record. Left out are the machine, the variables that
/// a shard's number is from, the parts of a merged result and the goal of a checkpoint.
pub fn record(record: &Record) -> String {
    let mut line = json!(record);
    // JSON leaves it out if it is false.
    line["partial"] = json!(record.partial);
    csv(RECORD, [line])
}

/// A line for each run, with its own seed, and a line for the mean, whose seed is empty.
pub fn average(average: &Average) -> String {
    let runs = average.runs.iter().map(|run| json!(run));
    csv(AVERAGE, runs.chain([json!(average)]))
}

/// A line for each row of each comparison. No field holds a comma.
pub fn comparisons(comparisons: &[Comparison]) -> String {
    let lines = comparisons.iter().flat_map(|comparison| {
        let mut machine = json!(comparison.machine);
        // A vendor chose this name.
        machine["cpu"] = json!(comparison.machine.cpu.replace(',', ";"));
        comparison.rows.iter().map(move |row| {
            let mut line = json!(row);
            line["seed"] = json!(comparison.setup.seed);
            line["machine"] = machine.clone();
            line
        })
    });
    csv(COMPARISON, lines)
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
    let columns = columns.split_whitespace();
    let columns = columns.map(|column| column.split_once('=').unwrap_or((column, column)));
    let (names, places): (Vec<_>, Vec<_>) = columns.unzip();
    let mut out = names.join(",") + "\n";
    for line in lines {
        let cell = |place| cell(line.pointer(&format!("/{place}")).unwrap_or(&Value::Null));
        let cells: Vec<String> = places.iter().map(cell).collect();
        out += &(cells.join(",") + "\n");
    }
    out
}

/// A value as CSV has it. A list is its length.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        Value::Array(list) => list.len().to_string(),
        value => value.to_string(),
    }
}

/// `text` in quotes if it could not be read back without them (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{quoted, record as csv};
    use crate::darts::plan::Plan;
    use crate::darts::tally::{Part, Tally};
    use crate::engine::clock::Spent;
    use crate::result::goal::Goal;
    use crate::result::record::{Method, Record};

    const HEADER: &str = "contract,method,seed,first,sims,hits,pi,std_error,ci95_low,ci95_high,workers,\
                          kernel,elapsed_s,cpu_s,sims_per_s,total,partial";

    #[test]
    fn a_shard_has_the_columns_of_its_json_in_order() {
        // The second chunk of two, which is half full.
        let plan = Plan::first(42, 98_304).unwrap().shard(2, 2).unwrap();
        let (sims, hits) = (32_768, 16_384);
        let record = Record::new(&plan, Tally { sims, hits }, Method::Darts);
        let spent = Spent {
            elapsed: Duration::from_millis(500),
            cpu: Some(Duration::from_millis(750)),
        };
        let mut record = record.counted_by("avx2", 2, Some(spent));
        record.total = Some(98_304);
        let csv = csv(&record);
        let start = format!("{HEADER}\n1,darts,42,65536,32768,16384,2,");
        assert!(csv.starts_with(&start), "{csv}");
        let end = ",2,avx2,0.5,0.75,65536,98304,false\n";
        assert!(csv.ends_with(end), "{csv}");
        assert_eq!(csv.matches(',').count(), 2 * 16);
    }

    #[test]
    fn an_empty_shard_has_no_estimate() {
        let plan = Plan::first(42, 1).unwrap().shard(1, 2).unwrap();
        let mut record = Record::new(&plan, Tally::default(), Method::Darts);
        record.total = Some(1);
        record.partial = true;
        assert_eq!(
            csv(&record),
            format!("{HEADER}\n1,darts,42,0,0,0,,,0,4,,,,,,1,true\n")
        );
    }

    /// A record that was read may lack it.
    #[test]
    fn an_interval_that_is_not_known_takes_two_columns() {
        let json = r#"{"contract":1,"method":"darts","seed":42,"first":0,"sims":4,"hits":3}"#;
        let csv = csv(&Record::read(json).unwrap());
        assert_eq!(csv, format!("{HEADER}\n1,darts,42,0,4,3,,,,,,,,,,,false\n"));
    }

    #[test]
    fn what_only_some_records_have_is_left_out() {
        let plan = Plan::first(42, 4).unwrap();
        let mut record = Record::new(&plan, Tally { sims: 4, hits: 4 }, Method::Darts);
        let (first, sims, hits) = (0, 4, 4);
        record.parts = vec![Part { first, sims, hits }];
        record.goal = Some(Goal::default());
        record.shard_from = Some("SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1".to_owned());
        let csv = csv(&record);
        assert!(csv.starts_with(&format!("{HEADER}\n1,darts,42,0,4,4,4,,")));
        assert!(csv.ends_with(",4,,,,,,,false\n"), "{csv}");
    }

    #[test]
    fn text_is_quoted_where_a_reader_would_cut_it() {
        for (text, shown) in [("avx2", "avx2"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\"")] {
            assert_eq!(quoted(text), shown);
        }
    }

    #[test]
    fn numbers_have_no_exponent() {
        let plan = Plan::first(42, 1).unwrap();
        let record = Record::new(&plan, Tally { sims: 1, hits: 0 }, Method::Darts);
        let csv = csv(&record.counted_by("avx2", 1, Some(Spent::default())));
        assert!(csv.contains(",avx2,0.000000001,"), "{csv}");
    }
}
