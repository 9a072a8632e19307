//! Terminals, files and signals.

mod answer;
pub(crate) mod failure;
pub(crate) mod file;
pub(crate) mod links;
pub(crate) mod lock;
pub(crate) mod picture;
pub(crate) mod progress;
pub(crate) mod replace;
pub mod saved;
#[cfg(feature = "live")]
pub(crate) mod screen;
pub(crate) mod signals;
pub(crate) mod stdout;
pub(crate) mod terminal;
pub(crate) mod timeline;
