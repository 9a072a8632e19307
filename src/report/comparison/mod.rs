//! A comparison in text and Markdown. Its CSV is [`crate::report::csv`].

mod baseline;
mod curve;
mod laws;
mod notes;
mod table;
pub(crate) mod words;

pub use baseline::{changes, changes_markdown};
pub use curve::curve;
pub use laws::scaling;
pub use table::{html, markdown, text};
