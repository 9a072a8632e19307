//! From what a person types to values.

pub(crate) mod choice;
pub(crate) mod default;
pub(crate) mod deferred;
pub(crate) mod lists;
pub mod number;
pub(crate) mod shard;
