//! Results as text, tables, CSV and pictures: each format is a function from data to a string, and the
//! program writes it. Not here: the JSON of a record, which is [`crate::Record::to_json`].

pub mod average;
mod columns;
mod csv;
pub mod dart;
pub mod plot;
pub mod table;
mod text;
pub mod timeline;
pub mod verify;

pub use self::csv::csv;
pub use self::text::{progress, quiet, text};

/// An error of the csv crate or of plotters. Neither occurs when writing to memory.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
