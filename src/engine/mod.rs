//! Who counts, where and when: threads that share the chunks of a plan.

pub mod clock;
pub mod cores;
pub mod counter;
pub mod crew;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod recorder;
pub mod timeline;
pub mod walk;

pub use self::walk::{count, workers};
