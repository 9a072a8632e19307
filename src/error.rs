//! The errors of the ground floor and the engine. A variant has fields where a caller acts on them, otherwise a
//! message: one line that names the thing and says what is expected. The program adds hints about its
//! options.

use std::io;

/// An error of the library. Where a caller can act on more, a function has an error of its own, which `?` turns
/// into this one.
///
/// ```
/// use pi_mc::{Error, Plan, Record, Walk, estimate};
///
/// fn resumed(json: &str, plan: Plan) -> Result<Walk, Error> {
///     Walk::of(plan).resume(&Record::read(json)?)?.start()
/// }
///
/// let json = estimate(Plan::first(42, 1_000)?)?.to_json();
/// assert_eq!(resumed(&json, Plan::first(42, 2_000)?)?.tally().hits, 790);
/// let error = resumed(&json, Plan::first(7, 2_000)?).unwrap_err();
/// assert_eq!(error.to_string(), "the record has seed 42, this run 7");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An impossible value. The message names it and says what was expected.
    #[error("{0}")]
    Invalid(String),

    /// A failure that nothing above can mend, such as that of a GPU, its driver or a worker process.
    #[error("{0}")]
    Failed(String),

    /// The operating system refused a thread, or to pin a thread to a core.
    #[error("{what}")]
    Refused {
        /// The step that failed.
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

    /// A GPU or a counter counted wrong, so nothing that it counted can be trusted.
    #[error("{0}")]
    Wrong(String),
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
        matches!(self, Error::Wrong(_))
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
