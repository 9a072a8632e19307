//! Lazy darts: the number of hits among n darts, drawn with exactly the law that throwing them one
//! by one would give, in about 1.55 n^(1/3) steps, in integers, and without the value of pi.
//!
//! What it is not: a faster way to compute pi. The accuracy is that of n darts and no better, and for
//! one seed it is another sample than the darts of [`crate::darts::contract`]. It simulates the experiment.
//!
//! - [`strips`] decides the darts in groups: of a region that the circle cuts, it draws how many
//!   darts fall in which of its parts, and goes on with those parts only that the circle cuts again.
//! - [`binomial`] draws how many of m darts fall in a half.
//!
//! How exact: given ideal random bits, the law of the hits differs from Binomial(n, pi/4) by less
//! than 2^-55 in total variation, for every u64 n. That is n 2^-120 at most for the darts that would
//! stay undecided at the last level (an error, not a guess), and less than 2^-119 for each draw from a
//! table, of which there are fewer than 2^26. The bits come from ChaCha8: the generator of the seed
//! on stream 2^64 - 1, which no chunk of thrown darts reaches, in the order of the walk.
//!
//! Sources: M. Farach-Colton and M.-T. Tsai, "Exact sublinear binomial sampling" (Algorithmica 73,
//! 2015); K. Bringmann et al., "Internal DLA: efficient simulation of a physical growth model"
//! (ICALP 2014); P. Flajolet, M. Pelletier and M. Soria, "On Buffon machines and numbers" (SODA 2011,
//! arXiv 0906.5560); D. Funke et al., "Communication-free massively distributed graph generation"
//! (arXiv 1710.07565), which deals points to regions in the same way.

pub mod binomial;
pub mod strips;
#[cfg(test)]
mod tests;

use crate::darts::contract;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::error::Error;
use crate::lazy::strips::Undecided;

/// Draws the hits of `sims` darts. They depend on `seed` and `sims` only. Time grows as the cube root
/// of `sims`; memory does not grow.
///
/// # Errors
/// If `sims` is 0; and with a chance below 2^-55, if a dart stays undecided.
pub fn count(seed: u64, sims: u64) -> Result<Tally, Error> {
    Plan::new(seed, sims)?;
    let mut words = contract::generator(seed);
    words.set_stream(u64::MAX);
    let hits = strips::hits(&mut words, sims).map_err(|Undecided| {
        Error::Failed(format!(
            "{sims} lazy darts of seed {seed}: one stayed undecided at the last level; another seed will do"
        ))
    })?;
    Ok(Tally { sims, hits })
}
