//! What comes out of a count, and is kept.

pub mod average;
pub mod estimate;
pub mod machine;
pub mod merge;
pub mod milestones;
pub mod record;
