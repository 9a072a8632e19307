//! How many darts are enough to time: so many that serial takes about 0.2 s, which is long against the
//! start of a thread and short for a person.

use std::num::NonZero;
use std::time::{Duration, Instant};

use crate::compare::strategy::task::Task;
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::error::Error;
use crate::kernel::Kernel;

/// The seconds that serial should take.
pub const SERIAL_S: f64 = 0.2;

/// A probe of less than this is repeated with twice the darts.
const PROBE: Duration = Duration::from_millis(20);

/// The number of darts, 1, 2 or 5 times a power of ten, that takes nearest to [`SERIAL_S`] at a rate of
/// `sims_per_s`.
pub fn darts(sims_per_s: f64) -> u64 {
    let wanted = sims_per_s * SERIAL_S;
    let off = |sims: &u64| (*sims as f64 / wanted).ln().abs();
    let powers = (0..=19).map(|power| 10u64.pow(power));
    let round = powers.flat_map(|power| [1, 2, 5].map(|n| power.checked_mul(n)));
    let nearest = round.flatten().min_by(|a, b| off(a).total_cmp(&off(b)));
    nearest.unwrap_or(1)
}

/// Times serial for a moment: the darts a second that it counts, if every chunk waits for `io_wait`. The
/// probe itself does not wait.
///
/// # Errors
/// Those of [`Plan::new`], which these numbers do not meet.
pub fn probe(kernel: Kernel, io_wait: Duration) -> Result<f64, Error> {
    let mut chunks: u32 = 4;
    let chunk_s = loop {
        let plan = Plan::new(0, u64::from(chunks) * u64::from(CHUNK_DARTS))?;
        let start = Instant::now();
        Task::new(plan, kernel, NonZero::<usize>::MIN).count_here();
        let elapsed = start.elapsed();
        if elapsed >= PROBE || chunks > u32::MAX / 2 {
            break elapsed.as_secs_f64() / f64::from(chunks);
        }
        chunks *= 2;
    };
    Ok(f64::from(CHUNK_DARTS) / (chunk_s + io_wait.as_secs_f64()))
}
