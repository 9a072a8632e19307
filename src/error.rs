//! What can go wrong in the library, as one enum. Each message is one line that names the thing and
//! says what would be accepted. Not here: what was typed on a command line, which is the binary's.

/// An error of the library.
#[derive(Debug, thiserror::Error)]
pub enum Error {
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

    /// A part is asked for that is none of the parts.
    #[error("shard {number}/{of}: shards are numbered from 1/{of} to {of}/{of}")]
    Shard {
        /// The number asked for.
        number: u64,
        /// How many parts there are.
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
    #[error("could not start {workers} worker threads; fewer may do")]
    Threads {
        /// How many were wanted.
        workers: usize,
        /// What the operating system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A line is no saved result, or an impossible one.
    #[error("{0}")]
    Saved(String),

    /// Saved results do not make a whole.
    #[error("{0}")]
    Merge(String),

    /// A child process of [`crate::compare`] did not count its share.
    #[error("worker process {number} of {workers} {what}")]
    Process {
        /// Which of them, from 1.
        number: usize,
        /// How many there are.
        workers: usize,
        /// What it did instead.
        what: String,
    },
}
