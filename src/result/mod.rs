//! Results: estimates, and the records in which they are kept and added up.

pub mod average;
pub mod estimate;
pub mod goal;
pub mod machine;
pub mod merge;
pub mod milestones;
pub mod record;
