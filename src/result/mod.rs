//! Results: estimates, and the records in which they are kept and added up.

pub mod average;
pub mod counted;
pub mod estimate;
pub mod goal;
pub mod merge;
pub mod milestones;
pub mod record;
mod saved;
