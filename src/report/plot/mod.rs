//! Pictures, as SVG. [`run()`] draws a run: its first darts, how its estimate went, and its error.
//! [`comparison()`] draws the speed-up of every strategy by workers or by darts, [`timeline()`] what every worker did,
//! and when. What they share, from colours to axes, is in `page`.

mod chart;
mod comparison;
mod errors;
mod look;
mod page;
mod run;
mod timeline;

pub use self::comparison::comparison;
pub(super) use self::run::coordinates;
pub use self::run::run;
pub use self::timeline::timeline;
