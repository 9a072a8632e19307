//! The darts: what a seed means, which darts a plan holds, and tallies of hits.

pub mod contract;
pub(crate) mod coverage;
pub mod plan;
pub mod replay;
pub mod tally;
