//! JSON: one object on one line, for scripts.

use super::Record;

/// The record as one line of JSON:
///
/// ```text
/// {"contract":1,"method":"darts"|"lazy","seed":u64,"first":u64,"sims":u64,"hits":u64,"pi":f64,
///  "std_error":f64,"ci95":[f64,f64],"workers":int,"kernel":string,"elapsed_s":f64,
///  "sims_per_s":f64|null}
/// ```
///
/// # Errors
/// Those of serde_json, which a record of numbers and plain strings does not meet.
pub fn json(record: &Record) -> serde_json::Result<String> {
    Ok(serde_json::to_string(record)? + "\n")
}
