//! Pictures, as SVG. [`run()`] draws a run: its first darts, the course of its estimate, and its error.
//! [`comparison()`] draws the speed-up of every strategy by workers or by darts, and [`timeline()`] the work of every
//! worker over time. All of them are drawn on a `page`.

mod chart;
mod comparison;
mod look;
mod page;
mod run;
mod timeline;

pub use comparison::comparison;
pub use page::Error;
pub use run::run;
pub use timeline::timeline;
