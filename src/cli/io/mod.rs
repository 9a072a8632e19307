//! Terminals, files and signals.

pub(crate) mod failure;
pub(crate) mod file;
pub(crate) mod progress;
pub mod saved;
pub(crate) mod signals;
pub(crate) mod stdout;
pub(crate) mod timeline;
