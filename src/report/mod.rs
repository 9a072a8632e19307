//! Results as text, tables, CSV and pictures: each format is a function from data to a string, and the
//! program writes it. Not here: the JSON of a record, which is [`crate::result::record::Record::to_json`].

pub mod average;
mod columns;
pub mod comparison;
mod csv;
pub mod dart;
pub mod picture;
pub mod run;
pub mod timeline;
pub mod verify;

pub use crate::report::csv::csv;
pub use crate::report::run::{progress, quiet, text};

/// An error of the csv crate or of plotters. Neither occurs when writing to memory.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
