//! What is counted.

pub mod contract;
pub mod plan;
pub mod replay;
pub mod tally;
