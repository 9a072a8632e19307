//! Results: estimates, and the records in which they are kept and added up.

mod asked;
pub(crate) mod average;
pub(crate) mod counted;
pub mod estimate;
#[cfg(feature = "internals")]
pub mod forecast;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod forecast;
pub mod goal;
pub(crate) mod merge;
#[cfg(feature = "internals")]
pub mod milestones;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod milestones;
pub(crate) mod missing;
pub mod record;
mod saved;

pub use average::{Average, AveragedRun};
pub use counted::ResumeError;
pub use merge::{MergeError, merge_partial};
pub use missing::{Gap, Missing, Shards};
