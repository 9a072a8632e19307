//! From what was typed to values.

pub(crate) mod choice;
#[cfg(feature = "gpu")]
pub(crate) mod gpu;
pub(crate) mod lists;
pub mod number;
pub(crate) mod pin;
pub(crate) mod seed;
pub(crate) mod shard;
