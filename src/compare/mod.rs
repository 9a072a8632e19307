//! Serial against parallel, on the very same darts: times every way of running a plan, and shows no speed
//! before the answer is known to be serial's.

pub mod baseline;
pub mod busy;
pub mod judge;
pub mod laws;
pub mod lineup;
pub mod measure;
pub mod own;
pub mod row;
pub mod saved;
pub mod sizes;
pub mod stats;
pub mod strategy;

pub use lineup::Lineup;
pub use measure::{Outcome, run, timelines};
pub use own::StrategyName;
pub use row::{Comparison, Row, Scaling, Setup};
