//! JSON: one object on one line, for scripts. A result's is also the form in which it is saved; what
//! reads it again is [`crate::saved`].

use serde::Serialize;

use super::Record;
use crate::estimate::Estimate;
use crate::run::Tally;

/// The record as one line of JSON:
///
/// ```text
/// {"contract":1,"method":"darts"|"lazy","seed":u64,"first":u64,"sims":u64,"hits":u64,"pi":f64,
///  "std_error":f64,"ci95":[f64,f64],"workers":int,"kernel":string,"elapsed_s":f64,
///  "sims_per_s":f64|null}
/// ```
///
/// Of a shard or a partial result it has also `"of":u64`, of a partial one `"partial":true`. Of a merged
/// result `workers`, `kernel` and the times are null, and there is
/// `"parts":[{"first":u64,"sims":u64,"hits":u64},...]`. Of a shard without darts `pi` and `std_error`
/// are null.
///
/// # Errors
/// Those of serde_json, which a record of numbers and plain strings does not meet.
pub fn json(record: &Record) -> serde_json::Result<String> {
    Ok(serde_json::to_string(record)? + "\n")
}

/// A line of a trace, `{"sims":u64,"hits":u64,"pi":f64,"std_error":f64}`.
///
/// # Errors
/// As [`json`].
pub fn trace_line(tally: Tally) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Line {
        sims: u64,
        hits: u64,
        pi: f64,
        std_error: f64,
    }
    let Estimate { pi, std_error, .. } = Estimate::of(tally);
    let line = Line {
        sims: tally.sims,
        hits: tally.hits,
        pi,
        std_error,
    };
    Ok(serde_json::to_string(&line)? + "\n")
}
