//! The engine: threads, cores and GPUs that share the chunks of a plan, and timelines of their work.

pub mod clock;
pub mod cores;
pub mod counter;
pub mod crew;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod machine;
pub mod progress;
pub mod recorder;
pub mod timeline;
pub mod walk;

pub use self::walk::{count, workers};
