//! CSV: a header and a row, for spreadsheets. No value needs quotes: all are numbers or one word.

use super::Record;

/// The record as a header line and a line of values, in the order of the JSON fields.
pub fn csv(record: &Record) -> String {
    let Record { estimate, .. } = record;
    let columns = [
        ("contract", record.contract.to_string()),
        ("method", record.method.to_string()),
        ("seed", record.seed.to_string()),
        ("first", record.first.to_string()),
        ("sims", record.sims.to_string()),
        ("hits", record.hits.to_string()),
        ("pi", estimate.pi.to_string()),
        ("std_error", estimate.std_error.to_string()),
        ("ci95_low", estimate.ci95[0].to_string()),
        ("ci95_high", estimate.ci95[1].to_string()),
        ("workers", record.workers.to_string()),
        ("kernel", record.kernel.to_string()),
        ("elapsed_s", record.elapsed_s.to_string()),
        (
            "sims_per_s",
            record
                .sims_per_s
                .map_or(String::new(), |rate| rate.to_string()),
        ),
    ];
    let header = columns.each_ref().map(|(name, _)| *name).join(",");
    let row = columns.map(|(_, value)| value).join(",");
    format!("{header}\n{row}\n")
}
