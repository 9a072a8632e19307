//! What can go wrong in the library. Each message is one line that names the thing and says what would
//! be accepted; the program adds hints about its options.

use std::io;

use crate::compare::saved::ComparisonError;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Adapter;

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

    /// See [`ComparisonError`].
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
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
