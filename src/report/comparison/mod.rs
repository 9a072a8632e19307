//! A comparison in text, Markdown and CSV.

pub mod baseline;
pub mod csv;
pub mod curve;
pub mod laws;
pub mod notes;
pub mod table;
pub mod words;
