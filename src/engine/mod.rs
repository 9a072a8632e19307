//! The engine: threads, cores and GPUs that share the chunks of a plan, and timelines of their work.

#[cfg(feature = "internals")]
pub mod clock;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod clock;
pub mod cores;
pub mod counter;
pub mod crew;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod machine;
pub mod progress;
mod quota;
#[cfg(feature = "internals")]
pub mod recorder;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod recorder;
pub mod timeline;
pub mod walk;
#[cfg(feature = "internals")]
pub mod whole;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod whole;

pub use self::clock::Spent;
