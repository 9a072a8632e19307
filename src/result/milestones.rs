//! The numbers of darts at which a trace has a line, and those at which a target error is judged. They
//! are fixed, so neither the clock nor the number of workers changes what a run reports.

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

/// Significant binary digits of the numbers of chunks at which a target error is judged.
const CHECK_DIGITS: u32 = 8;

/// The first number of darts above `sims` at which a target error is judged; 2^64 - 1 if there is none.
/// It is a whole number of chunks with at most 8 significant binary digits, so a run overshoots its
/// target by at most 1/128.
pub fn next_check(sims: u64) -> u64 {
    let chunks = sims / u64::from(CHUNK_DARTS);
    let step = 1 << (chunks.max(1).ilog2() + 1).saturating_sub(CHECK_DIGITS);
    let next: u64 = (chunks / step + 1) * step;
    next.saturating_mul(CHUNK_DARTS.into())
}

/// Whether a run that has counted `tally` has reached a standard error of at most `target`. This is true
/// only at the numbers of darts that [`next_check`] gives.
pub fn is_reached(tally: Tally, target: f64) -> bool {
    let Some(before) = tally.sims.checked_sub(1) else {
        return false;
    };
    next_check(before) == tally.sims && Estimate::of(tally).std_error <= target
}
