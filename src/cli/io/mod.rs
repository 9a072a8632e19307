//! Terminals, files and signals.

mod answer;
pub(crate) mod failure;
pub(crate) mod file;
pub(crate) mod picture;
pub(crate) mod progress;
pub mod saved;
pub(crate) mod signals;
pub(crate) mod stdout;
mod terminal;
pub(crate) mod timeline;
