//! Pictures, as SVG. [`run()`] draws a run: its first darts, how its estimate went, and its error.
//! [`comparison()`] draws the speed-up of every strategy by workers or by darts, [`timeline()`] what every worker did,
//! and when. What they share, from colours to axes, is in `page`.

mod chart;
mod comparison;
mod errors;
mod look;
mod page;
pub(crate) mod run;
mod timeline;

pub use crate::report::picture::comparison::comparison;

pub use crate::report::picture::run::run;
pub use crate::report::picture::timeline::timeline;
