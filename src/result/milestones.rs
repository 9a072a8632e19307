//! Milestones: the dart numbers at which a trace has a line, and those at which a target error is
//! judged. They are fixed, so no clock and no number of workers decides what is seen.

use serde::{Deserialize, Serialize};

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::tally::Tally;
use crate::result::estimate::Estimate;

/// 1, 2, 5, 10, 20, 50, ... up to 10^19, the last below 2^64.
pub fn marks() -> impl Iterator<Item = u64> {
    let powers = (0..=19).map(|power| 10u64.pow(power));
    powers.flat_map(|power| {
        [1, 2, 5]
            .into_iter()
            .filter_map(move |n| power.checked_mul(n))
    })
}

/// The first of the [`marks`] above `sims`; 2^64 - 1 if there is none.
pub fn next_mark(sims: u64) -> u64 {
    marks().find(|mark| *mark > sims).unwrap_or(u64::MAX)
}

/// Whether `sims` is one of the [`marks`].
pub fn is_mark(sims: u64) -> bool {
    sims > 0 && next_mark(sims - 1) == sims
}

/// A line of a trace: where a run stood at a mark, or at its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Darts thrown, at least 1.
    pub sims: u64,
    /// Those of them that hit.
    pub hits: u64,
    /// See [`Estimate::pi`].
    pub pi: f64,
    /// See [`Estimate::known_error`].
    pub std_error: Option<f64>,
}

impl Milestone {
    /// The milestone at `tally`, which holds a dart.
    pub fn of(tally: Tally) -> Milestone {
        let estimate = Estimate::of(tally);
        Milestone {
            sims: tally.sims,
            hits: tally.hits,
            pi: estimate.pi,
            std_error: estimate.known_error(),
        }
    }
}

/// Binary digits of a number of chunks at which a target error is judged.
const CHECK_DIGITS: u32 = 8;

/// The first number of darts above `sims` at which a target error is judged: a whole number of chunks
/// that has at most 8 significant binary digits, so that a run goes on for 1/128 of itself at most
/// before it sees that it is done; 2^64 - 1 if there is none.
pub fn next_check(sims: u64) -> u64 {
    let chunks = sims / u64::from(CHUNK_DARTS);
    let step = 1 << (chunks.max(1).ilog2() + 1).saturating_sub(CHECK_DIGITS);
    let next: u64 = (chunks / step + 1) * step;
    next.saturating_mul(CHUNK_DARTS.into())
}

/// Whether a run that holds `tally` stops for a standard error of at most `target`.
pub fn is_reached(tally: Tally, target: f64) -> bool {
    let Some(before) = tally.sims.checked_sub(1) else {
        return false;
    };
    next_check(before) == tally.sims && Estimate::of(tally).std_error <= target
}
