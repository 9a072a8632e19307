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

/// Significant binary digits of the numbers of chunks at which a target error is judged.
const CHECK_DIGITS: u32 = 8;

/// Milestones: numbers of darts at which to stop a [`Walk`](crate::Walk) for a moment, the same on every machine.
///
/// ```
/// use pi_mc::{Plan, Walk};
///
/// let mut walk = Walk::of(Plan::first(42, u64::MAX)?).start()?;
/// while !walk.tally().reaches(0.001) {
///     walk.step(walk.tally().next_check(), || false)?;
/// }
/// assert_eq!(walk.tally().sims, 2_752_512); // on every machine
/// # Ok::<(), pi_mc::Error>(())
/// ```
impl Tally {
    /// The next number of darts to plot or print an estimate at: the first of 1, 2, 5, 10, 20, 50 and so on above
    /// `sims`; 2^64 - 1 if there is none.
    pub fn next_mark(self) -> u64 {
        let next = marks().find(|mark| *mark > self.sims);
        next.unwrap_or(u64::MAX)
    }

    /// Whether `sims` is a number of darts that [`Tally::next_mark`] gives.
    pub fn is_mark(self) -> bool {
        let before = before(self);
        before.is_some_and(|before| before.next_mark() == self.sims)
    }

    /// The next number of darts at which a target error is judged: the first above `sims`; 2^64 - 1 if there is
    /// none. It is a whole number of chunks with at most 8 significant binary digits, so a run overshoots its
    /// target by at most 1/128.
    pub fn next_check(self) -> u64 {
        let chunks = self.sims / u64::from(CHUNK_DARTS);
        let step = 1 << (chunks.max(1).ilog2() + 1).saturating_sub(CHECK_DIGITS);
        let next: u64 = (chunks / step + 1) * step;
        next.saturating_mul(CHUNK_DARTS.into())
    }

    /// Whether the standard error is at most `target`, at a number of darts that [`Tally::next_check`] gives. At any
    /// other number it is false, so that a run ends at the same dart on every machine.
    pub fn reaches(self, target: f64) -> bool {
        let before = before(self);
        let is_check = before.is_some_and(|before| before.next_check() == self.sims);
        is_check && Estimate::of(self).std_error <= target
    }
}

/// One dart less; `None` without a dart.
fn before(tally: Tally) -> Option<Tally> {
    let sims = tally.sims.checked_sub(1)?;
    Some(Tally { sims, hits: 0 })
}
