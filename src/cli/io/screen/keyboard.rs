//! The keys typed on the terminal, one by one and without echo. Ctrl-C and Ctrl-Z stay signals on Unix.

#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{Cooked, Keyboard};
#[cfg(not(unix))]
pub(crate) use self::windows::{Cooked, Keyboard};
