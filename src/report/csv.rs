//! CSV: a header and a row, for spreadsheets. No value needs quotes: all are numbers or one word.

use super::Record;

/// The record as a header line and a line of values, in the order of the JSON fields; what is not known
/// is empty. Of the fields that are not always there, a partial result has `of` and `partial`, and a
/// shard has `of`.
pub fn csv(record: &Record) -> String {
    let Record { estimate, .. } = record;
    let float = |value: f64| match value.is_nan() {
        true => String::new(),
        false => value.to_string(),
    };
    let known = |value: Option<String>| value.unwrap_or_default();
    let mut columns = vec![
        ("contract", record.contract.to_string()),
        ("method", record.method.to_owned()),
        ("seed", record.seed.to_string()),
        ("first", record.first.to_string()),
        ("sims", record.sims.to_string()),
        ("hits", record.hits.to_string()),
        ("pi", float(estimate.pi)),
        ("std_error", float(estimate.std_error)),
        ("ci95_low", float(estimate.ci95[0])),
        ("ci95_high", float(estimate.ci95[1])),
        ("workers", known(record.workers.map(|n| n.to_string()))),
        ("kernel", known(record.kernel.map(str::to_owned))),
        ("elapsed_s", known(record.elapsed_s.map(float))),
        ("sims_per_s", known(record.sims_per_s.map(float))),
    ];
    columns.extend(record.of.map(|of| ("of", of.to_string())));
    columns.extend(record.partial.then(|| ("partial", "true".to_owned())));
    let (header, row): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    format!("{}\n{}\n", header.join(","), row.join(","))
}
