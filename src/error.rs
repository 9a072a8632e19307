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

    /// The operating system refused the threads.
    #[error("could not start {workers} worker threads; fewer may do")]
    Threads {
        /// How many were wanted.
        workers: usize,
        /// What the operating system said.
        source: rayon::ThreadPoolBuildError,
    },
}
