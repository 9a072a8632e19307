//! Results as text, tables, CSV and pictures. Each format is a function from data to a string; the program writes
//! the string. The JSON of a record is [`crate::Record::to_json`].

pub mod average;
mod axis;
pub(crate) mod columns;
pub mod comparison;
pub mod csv;
pub mod dart;
mod forecast;
mod kinds;
mod lanes;
pub(crate) mod numbers;
pub mod origin;
pub mod picture;
pub(crate) mod run;
pub mod timeline;
pub mod verify;

pub use columns::TextStyle;
pub use forecast::text as forecast;
pub use lanes::lanes;
pub use run::{html, progress, quiet, text, time_left};
