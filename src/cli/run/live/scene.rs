//! A moment of a run, as the screen shows it: data only.

use std::time::Duration;

use crate::cli::run::live::look::Look;
use crate::cli::run::live::pace::Pace;
use crate::darts::replay::Dart;
use crate::darts::tally::Tally;

/// Everything that the screen shows.
pub(crate) struct Scene<'a> {
    pub(crate) seed: u64,
    /// The number of darts to throw, if there is one.
    pub(crate) sims: Option<u64>,
    pub(crate) tally: Tally,
    /// The last darts that landed, the newest at the end.
    pub(crate) darts: &'a [Dart],
    /// The run on its way here, in order.
    pub(crate) points: &'a [Tally],
    pub(crate) workers: &'a [Worker],
    /// Darts a second, at full speed.
    pub(crate) rate: Option<f64>,
    /// The time left, at full speed.
    pub(crate) left: Option<Duration>,
    pub(crate) pace: Pace,
    pub(crate) is_paused: bool,
    /// Whether all darts have landed.
    pub(crate) is_over: bool,
    /// Whether the keys are shown.
    pub(crate) has_help: bool,
    /// A message that the terminal has no other place for.
    pub(crate) note: Option<&'a str>,
    pub(crate) look: Look,
}

/// A worker, over the last second.
#[derive(Clone, Copy, Default)]
pub(crate) struct Worker {
    /// All chunks that it has counted.
    pub(crate) chunks: u64,
    /// Darts a second.
    pub(crate) rate: f64,
    /// The share of the time that it counted.
    pub(crate) busy: f64,
}
