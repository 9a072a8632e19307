//! Terminals, files and signals.

pub mod failure;
pub mod file;
pub mod progress;
pub mod saved;
pub mod signals;
pub mod stdout;
pub mod timeline;
