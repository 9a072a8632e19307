//! Results as text, tables, CSV and pictures. Each format is a function from data to a string; the program writes
//! the string. The JSON of a record is [`crate::Record::to_json`].

pub mod average;
mod axis;
pub(crate) mod columns;
pub mod comparison;
pub mod csv;
pub mod dart;
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "for the program"))]
mod forecast;
mod kinds;
mod lanes;
pub(crate) mod numbers;
pub mod origin;
pub mod picture;
pub(crate) mod run;
pub mod timeline;
#[cfg(feature = "internals")]
pub mod verify;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod verify;

pub use columns::TextStyle;
#[cfg(feature = "cli")]
pub(crate) use forecast::text as forecast;
pub use lanes::lanes;
pub use run::{html, progress, quiet, text, time_left};
