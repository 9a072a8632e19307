//! What can go wrong in the library. Each message is one line that names the thing and says what would
//! be accepted; the program adds hints about its options.

use std::io;

use crate::darts::contract::CONTRACT;
use crate::darts::tally::Part;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Adapter;
use crate::result::record::Method;

/// An error of the library.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value that cannot be; the message says what is expected.
    #[error("{0}")]
    Invalid(String),

    /// A kernel was asked for by name that this CPU does not have.
    #[error("this CPU has no kernel '{name}', only {available}")]
    Kernel {
        /// The name asked for.
        name: String,
        /// The names of those it has, separated by commas.
        available: String,
    },

    /// A range holds no dart, or ends beyond the last dart that can be numbered.
    #[error("{sims} darts from dart {first} on: a range holds at least 1 dart and ends below 2^64")]
    Range {
        /// The range's first dart.
        first: u64,
        /// Its darts.
        sims: u64,
    },

    /// A shard is asked for that does not exist.
    #[error("shard {number}/{of}: shards are numbered from 1/{of} to {of}/{of}")]
    Shard {
        /// The number asked for.
        number: u64,
        /// How many shards there are.
        of: u64,
    },

    /// Darts for each of many workers are more than can be numbered.
    #[error("{sims} darts for each of {workers} workers: all together must stay below 2^64")]
    TooMany {
        /// The darts of one.
        sims: u64,
        /// The workers.
        workers: usize,
    },

    /// A lazy dart could not be decided; the chance of it is below 2^-55.
    #[error(
        "{sims} lazy darts of seed {seed}: one stayed undecided at the last level; another seed will do"
    )]
    Undecided {
        /// The seed.
        seed: u64,
        /// The darts.
        sims: u64,
    },

    /// The operating system refused the threads.
    #[error("could not start {workers} worker threads")]
    Threads {
        /// How many were wanted.
        workers: usize,
        /// What the operating system said.
        source: io::Error,
    },

    /// No GPU is there that was asked for.
    #[cfg(feature = "gpu")]
    #[error("{}; {}", wanted(.name), there_are(.available))]
    NoAdapter {
        /// What its name was to contain; empty for any that is no software.
        name: String,
        /// Those there are.
        available: Vec<Adapter>,
    },

    /// A GPU or its driver failed.
    #[cfg(feature = "gpu")]
    #[error("GPU '{name}' failed: {failure}")]
    Device {
        /// Its name.
        name: String,
        /// What happened.
        failure: String,
    },

    /// A GPU counted wrong.
    #[cfg(feature = "gpu")]
    #[error("GPU '{name}' computes wrongly: {fault}; nothing that it counted can be trusted")]
    DeviceWrong {
        /// Its name.
        name: String,
        /// What it got wrong.
        fault: String,
    },

    /// There is no way here to pin a thread to a core, or the system does not say which there are.
    #[error("this system cannot pin threads to cores; only Linux can")]
    NoPinning(#[source] Option<io::Error>),

    /// The operating system refused to pin a thread.
    #[error("could not pin worker {worker} to core {cpu}")]
    Pin {
        /// The worker, from 0.
        worker: usize,
        /// The core's number.
        cpu: usize,
        /// What the operating system said.
        source: io::Error,
    },

    /// See [`RecordError`].
    #[error(transparent)]
    Record(#[from] RecordError),

    /// See [`MergeError`].
    #[error(transparent)]
    Merge(#[from] MergeError),
}

impl Error {
    /// Whether what was counted before it happened cannot be trusted either.
    pub fn taints_tally(&self) -> bool {
        #[cfg(feature = "gpu")]
        if matches!(self, Error::DeviceWrong { .. }) {
            return true;
        }
        false
    }
}

/// Which GPU is missing.
#[cfg(feature = "gpu")]
fn wanted(name: &str) -> String {
    match name {
        "" => "there is no hardware GPU".to_owned(),
        name => format!("there is no GPU whose name contains '{name}'"),
    }
}

/// Which GPUs there are.
#[cfg(feature = "gpu")]
fn there_are(available: &[Adapter]) -> String {
    let named = |adapter: &Adapter| {
        let software = if adapter.is_software {
            " (software)"
        } else {
            ""
        };
        format!("'{}'{software}", adapter.name)
    };
    let names: Vec<_> = available.iter().map(named).collect();
    match names[..] {
        [] => "no driver offers one".to_owned(),
        _ => format!("drivers offer {}", names.join(", ")),
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
