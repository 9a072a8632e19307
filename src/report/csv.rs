//! CSV of a record: a header line and a line of values, for spreadsheets. The columns are the fields of
//! the record's JSON, and the same for every record.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::report::Error;
use crate::result::record::Record;

/// The record as a header line and a line of values, in the order of the JSON fields. The interval takes
/// two columns, a value that is not known is empty, and `partial` is always there. Left out are the
/// machine, where a shard's number is from, the parts of a merged result and the goal of a checkpoint.
///
/// # Errors
/// Those of the csv crate, which do not occur when writing to memory.
pub fn csv(record: &Record) -> Result<String, Error> {
    let (header, row): (Vec<_>, Vec<_>) = columns(record)?.into_iter().unzip();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    writer.write_record(row)?;
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The fields that are no single value, or that not every record's JSON has.
const LEFT_OUT: [&str; 6] = ["machine", "total", "partial", "shard_from", "parts", "goal"];

/// The names and the values of the columns.
fn columns(record: &Record) -> Result<Vec<(String, String)>, Error> {
    let fields: serde_json::Map<_, _> = serde_json::from_value(serde_json::to_value(record)?)?;
    let mut columns = Vec::new();
    for (name, value) in fields {
        match value {
            _ if LEFT_OUT.contains(&name.as_str()) => {}
            // Two columns, whether it is known or not.
            value if name == "ci95" => {
                for (i, end) in ["low", "high"].into_iter().enumerate() {
                    let value = value.get(i).unwrap_or(&Value::Null);
                    columns.push((format!("{name}_{end}"), cell(value)));
                }
            }
            value => columns.push((name, cell(&value))),
        }
    }
    let total = record.total.map_or(Value::Null, Value::from);
    for (name, value) in [("total", total), ("partial", record.partial.into())] {
        columns.push((name.to_owned(), cell(&value)));
    }
    Ok(columns)
}

/// A value as CSV has it: numbers as [`Number`] writes them.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        value => value.to_string(),
    }
}

/// A number that the csv crate serializes as Rust prints it: 1 rather than 1.0, and never an exponent.
pub(crate) struct Number(pub(crate) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::csv;
    use crate::darts::plan::Plan;
    use crate::darts::tally::{Part, Tally};
    use crate::engine::clock::Spent;
    use crate::result::record::{Goal, Method, Record};

    const HEADER: &str = "contract,method,seed,first,sims,hits,pi,std_error,ci95_low,ci95_high,workers,\
                          kernel,elapsed_s,cpu_s,sims_per_s,total,partial";

    #[test]
    fn a_shard_has_the_columns_of_its_json_in_order() {
        // The second chunk of two, which is half full.
        let plan = Plan::new(42, 98_304).unwrap().shard(2, 2).unwrap();
        let (sims, hits) = (32_768, 16_384);
        let record = Record::new(&plan, Tally { sims, hits }, Method::Darts);
        let spent = Spent {
            elapsed: Duration::from_millis(500),
            cpu: Some(Duration::from_millis(750)),
        };
        let mut record = record.counted_by("avx2", 2, Some(spent));
        record.total = Some(98_304);
        let csv = csv(&record).unwrap();
        let (header, row) = csv.split_once('\n').unwrap();
        assert_eq!(header, HEADER);
        let cells: Vec<_> = row.trim_end().split(',').collect();
        assert_eq!(
            cells[..7],
            ["1", "darts", "42", "65536", "32768", "16384", "2"]
        );
        assert_eq!(
            cells[10..],
            ["2", "avx2", "0.5", "0.75", "65536", "98304", "false"]
        );
    }

    #[test]
    fn an_empty_shard_has_no_estimate() {
        let plan = Plan::new(42, 1).unwrap().shard(1, 2).unwrap();
        let mut record = Record::new(&plan, Tally::default(), Method::Darts);
        record.total = Some(1);
        record.partial = true;
        assert_eq!(
            csv(&record).unwrap(),
            format!("{HEADER}\n1,darts,42,0,0,0,,,0,4,,,,,,1,true\n")
        );
    }

    /// A record that was read may lack it.
    #[test]
    fn an_interval_that_is_not_known_takes_two_columns() {
        let json = r#"{"contract":1,"method":"darts","seed":42,"first":0,"sims":4,"hits":3}"#;
        let csv = csv(&Record::read(json).unwrap()).unwrap();
        assert_eq!(csv, format!("{HEADER}\n1,darts,42,0,4,3,,,,,,,,,,,false\n"));
    }

    #[test]
    fn what_only_some_records_have_is_left_out() {
        let plan = Plan::new(42, 4).unwrap();
        let mut record = Record::new(&plan, Tally { sims: 4, hits: 4 }, Method::Darts);
        let (first, sims, hits) = (0, 4, 4);
        record.parts = vec![Part { first, sims, hits }];
        record.goal = Some(Goal::default());
        record.shard_from = Some("SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1".to_owned());
        let csv = csv(&record).unwrap();
        assert!(csv.starts_with(&format!("{HEADER}\n1,darts,42,0,4,4,4,,")));
        assert!(csv.ends_with(",4,,,,,,,false\n"), "{csv}");
    }

    #[test]
    fn numbers_have_no_exponent() {
        let plan = Plan::new(42, 1).unwrap();
        let record = Record::new(&plan, Tally { sims: 1, hits: 0 }, Method::Darts);
        let csv = csv(&record.counted_by("avx2", 1, Some(Spent::default()))).unwrap();
        assert!(csv.contains(",avx2,0.000000001,"), "{csv}");
    }
}
