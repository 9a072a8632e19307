//! Terminals, files and signals.

mod answer;
pub mod failure;
pub mod file;
pub(crate) mod picture;
pub mod progress;
pub mod saved;
pub mod signals;
pub mod stdout;
mod terminal;
pub mod timeline;
