//! Pictures, as SVG. [`run()`] draws a run: its first darts, and how its estimate went. [`comparison()`]
//! draws the speed-up of every strategy by workers. What both share, from colours to axes, is in `page`.

mod comparison;
mod page;
mod run;

pub use self::comparison::comparison;
pub(super) use self::run::coordinates;
pub use self::run::run;
