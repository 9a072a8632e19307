//! The one place that draws a seed.

use anyhow::{Context, Result};
use rand::TryRng;
use rand::rngs::SysRng;

/// The seed asked for, or else one from the operating system, below 2^53: every JSON reader keeps
/// such a number exactly.
pub(crate) fn seed_or_drawn(asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(seed) => Ok(seed),
        None => SysRng
            .try_next_u64()
            .map(|seed| seed >> (64 - 53))
            .context("could not draw a seed from the operating system"),
    }
}
