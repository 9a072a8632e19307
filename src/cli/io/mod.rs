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
pub(crate) mod signals;
pub(crate) mod stdout;
mod terminal;
pub(crate) mod timeline;
