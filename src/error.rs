//! The errors of the ground floor and the engine. A variant has fields where a caller acts on them, otherwise a
//! message: one line that names the thing and says what is expected. The program adds hints about its
//! options.

use std::io;

use crate::compare::saved::ComparisonError;
use crate::darts::contract::CONTRACT;
use crate::darts::tally::Part;
use crate::result::record::Method;

/// An error of the library.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An impossible value. The message names it and says what was expected.
    #[error("{0}")]
    Invalid(String),

    /// A failure that nothing above can mend, such as a GPU's or its driver's.
    #[error("{0}")]
    Failed(String),

    /// The operating system refused a thread, or to pin a thread to a core.
    #[error("{what}")]
    Refused {
        /// What could not be done.
        what: String,
        /// The operating system's reason, if it gave one.
        source: Option<io::Error>,
    },

    /// No GPU has the name that was asked for.
    #[error("{}; {}", missing(.name), offered(.available))]
    NoAdapter {
        /// A part of the GPU's name; empty for any hardware GPU.
        name: String,
        /// The GPUs that drivers offer, as text.
        available: Vec<String>,
    },

    /// A GPU counted wrong, so nothing that it counted can be trusted.
    #[error("{0}")]
    DeviceWrong(String),

    /// See [`RecordError`].
    #[error(transparent)]
    Record(#[from] RecordError),

    /// See [`ComparisonError`].
    #[error(transparent)]
    Comparison(#[from] ComparisonError),

    /// See [`MergeError`].
    #[error(transparent)]
    Merge(#[from] MergeError),
}

impl Error {
    /// The operating system refused one of `workers` threads.
    pub(crate) fn threads(workers: usize, source: io::Error) -> Error {
        Error::Refused {
            what: format!("could not start {workers} worker threads"),
            source: Some(source),
        }
    }

    /// Whether the hits counted before the error cannot be trusted either.
    pub fn taints_tally(&self) -> bool {
        matches!(self, Error::DeviceWrong(_))
    }
}

fn missing(name: &str) -> String {
    match name {
        "" => "there is no hardware GPU".to_owned(),
        name => format!("there is no GPU whose name contains '{name}'"),
    }
}

fn offered(available: &[String]) -> String {
    if available.is_empty() {
        "no driver offers one".to_owned()
    } else {
        format!("drivers offer {}", available.join(", "))
    }
}

/// Why a text is not a record, or not one that can be.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is not JSON, or not that of a record.
    #[error("not a saved result ({0})")]
    Json(serde_json::Error),

    /// It follows another contract.
    #[error("contract {contract}, but this pi-mc counts by contract {CONTRACT}")]
    Contract {
        /// Its contract.
        contract: u64,
    },

    /// It has a field by its earlier name.
    #[error("field 'of' is called 'total' now; rename it")]
    Renamed,

    /// Its darts were not thrown.
    #[error("method '{0}', but only thrown darts ('darts') can be saved and added up")]
    Method(Method),

    /// More hits than darts.
    #[error("{hits} hits among {sims} darts")]
    MoreHits {
        /// The hits.
        hits: u64,
        /// The darts.
        sims: u64,
    },

    /// It ends beyond the last dart that can be numbered.
    #[error("{sims} darts from dart {first} on end beyond dart 2^64")]
    BeyondLast {
        /// The first dart.
        first: u64,
        /// The darts.
        sims: u64,
    },

    /// It ends beyond its own whole.
    #[error("it ends at dart {end}, but its whole has only {total}")]
    BeyondTotal {
        /// Where it ends.
        end: u64,
        /// The darts of the whole.
        total: u64,
    },

    /// Two of its parts share darts.
    #[error("its parts {0} and {1} overlap")]
    PartsOverlap(Part, Part),

    /// Its parts have other darts or hits than it says.
    #[error("its parts do not add up to the whole")]
    PartsSum,

    /// It was made on a machine that cannot be.
    #[error("field 'machine' is not a machine: it needs cores, plain text and an RFC 3339 time")]
    Machine,

    /// It took a time that cannot be.
    #[error("{0} {1:?}: a time is in seconds, 0 or more")]
    Time(&'static str, f64),

    /// It is a checkpoint of a run that cannot be.
    #[error("field 'goal' is not a goal that a run can have")]
    Goal,

    /// A field has another value than follows from its hits, darts and time.
    #[error("{field} is {value:?}, but {should} follows from its hits, darts and time")]
    Follows {
        /// Its name.
        field: &'static str,
        /// Its value.
        value: f64,
        /// That which follows.
        should: String,
    },
}

/// Why records do not make a whole.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There are none.
    #[error("no saved result to merge")]
    Nothing,

    /// One of those to be averaged holds no darts.
    #[error("{name} holds no darts, so it has no estimate to average")]
    Empty {
        /// It.
        name: String,
    },

    /// All together are more darts than can be numbered.
    #[error("all darts together must stay below 2^64")]
    TooManyDarts,

    /// They hold no darts.
    #[error("there is no dart in any of them")]
    NoDarts,

    /// They are of several seeds.
    #[error("{name} is of seed {seed}, {other} of seed {other_seed}; only one seed's darts add up")]
    Seeds {
        /// One record.
        name: String,
        /// Its seed.
        seed: u64,
        /// Another record.
        other: String,
        /// Its seed.
        other_seed: u64,
    },

    /// They are parts of different wholes.
    #[error(
        "{name} is part of {total} darts, {other} of {other_total}; shards of one run belong together"
    )]
    Totals {
        /// One record.
        name: String,
        /// The darts of its whole.
        total: u64,
        /// Another record.
        other: String,
        /// The darts of its whole.
        other_total: u64,
    },

    /// Two of them share darts.
    #[error("{name} ({part}) and {other} ({other_part}) overlap")]
    Overlap {
        /// One record.
        name: String,
        /// A part of it.
        part: Part,
        /// Another record, or the same.
        other: String,
        /// A part of that.
        other_part: Part,
    },

    /// Darts are missing.
    #[error("darts {first} to {last} are missing, {}", sides(.before, .after))]
    Gap {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
        /// The record that ends before them, if there is one.
        before: Option<String>,
        /// The record that begins after them, if there is one.
        after: Option<String>,
    },

    /// One of them ends beyond the whole of another.
    #[error("{name} is part of {total} darts, but {other} ends at dart {end}")]
    BeyondTotal {
        /// The record that has a whole.
        name: String,
        /// The darts of that.
        total: u64,
        /// The record that ends beyond.
        other: String,
        /// Where.
        end: u64,
    },
}

/// Where a gap is.
fn sides(before: &Option<String>, after: &Option<String>) -> String {
    let after = after.as_deref().unwrap_or("the end");
    match before {
        Some(before) => format!("between {before} and {after}"),
        None => format!("before {after}"),
    }
}
