//! Pictures, as SVG. [`run()`] draws a run: its first darts, and the course of its estimate. [`comparison()`] draws the
//! speed-up of every strategy by workers or by darts, and [`timeline()`] the work of every worker over time. All of
//! them are drawn on a `page`.

mod bars;
mod comparison;
mod look;
mod page;
pub(crate) mod paint;
mod ratios;
mod run;
mod sizes;
mod timeline;
mod verdicts;

pub use comparison::comparison;
pub use run::run;
pub use timeline::timeline;
