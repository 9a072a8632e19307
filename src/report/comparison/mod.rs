//! A comparison in text and Markdown. Its CSV is [`crate::report::csv`].

#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, unreachable_pub, reason = "public for the suite")
)]
mod baseline;
mod curve;
mod laws;
mod notes;
mod table;
pub(crate) mod words;

#[cfg(feature = "internals")]
pub use baseline::changes;
#[cfg(all(feature = "cli", not(feature = "internals")))]
pub(crate) use baseline::changes;
#[cfg(feature = "cli")]
pub(crate) use baseline::changes_markdown;
pub use curve::curve;
pub use laws::scaling;
pub use table::{html, markdown, text};
