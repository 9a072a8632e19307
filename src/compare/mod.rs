//! Serial against parallel, on the very same darts: times every way of running a plan, and shows no speed
//! before the answer is known to be serial's.

pub mod baseline;
#[cfg(feature = "internals")]
pub mod busy;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod busy;
#[cfg(feature = "internals")]
pub mod judge;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod judge;
pub mod laws;
pub mod lineup;
pub mod measure;
pub mod own;
pub mod row;
pub mod saved;
#[cfg(feature = "internals")]
pub mod sizes;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod sizes;
#[cfg(feature = "internals")]
pub mod stats;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod stats;
pub mod strategy;
#[cfg(feature = "internals")]
pub mod trial;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod trial;

pub use lineup::Lineup;
pub use measure::{Outcome, run, timelines};
pub use own::StrategyName;
pub use row::{Comparison, Row, Scaling, Setup};
pub use stats::Measured;
