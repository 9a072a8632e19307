//! Lazy darts: the number of hits among n darts, drawn by exactly the law of darts thrown one by one, in
//! about 1.55 n^(1/3) steps, in integers, and without the value of pi.
//!
//! This is no faster way to compute pi but a simulation of the experiment. The accuracy is that of n darts, and
//! a seed gives a different sample than the darts of [`crate::darts::contract`].
//!
//! - `strips` decides darts in groups: it draws how many darts of a region that the circle cuts fall in
//!   each part of the region, and goes on with only the parts that the circle cuts.
//! - `binomial` draws how many of m darts fall in one half.
//!
//! Exactness: given ideal random bits, the law of the hits differs from Binomial(n, pi/4) by less than 2^-55
//! in total variation, for every u64 n. That is at most n 2^-120 for darts that stay undecided at the last
//! level (an error, not a guess), and less than 2^-119 for each of fewer than 2^26 draws from a table. The
//! bits come from ChaCha8: the generator of the seed on stream 2^64 - 1, which no chunk of thrown darts
//! reaches, in the order of the walk.
//!
//! Sources: M. Farach-Colton and M.-T. Tsai, "Exact sublinear binomial sampling" (Algorithmica 73,
//! 2015); K. Bringmann et al., "Internal DLA: efficient simulation of a physical growth model"
//! (ICALP 2014); P. Flajolet, M. Pelletier and M. Soria, "On Buffon machines and numbers" (SODA 2011,
//! arXiv 0906.5560); D. Funke et al., "Communication-free massively distributed graph generation"
//! (arXiv 1710.07565), which deals points to regions in the same way.

#[cfg_attr(
    not(feature = "internals"),
    allow(unreachable_pub, reason = "public for the benches")
)]
mod binomial;
#[cfg(feature = "internals")]
pub mod hooks {
    //! Hooks for the benches.
    pub use crate::lazy::binomial::half;

    /// The generator of `seed`, at word 0 of stream 0.
    pub fn generator(seed: u64) -> rand_chacha::ChaCha8Rng {
        crate::darts::contract::generator(seed)
    }
}
mod strips;
#[cfg(test)]
mod tests;

use crate::darts::contract;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::error::Error;
use crate::lazy::strips::Undecided;

/// Draws the hits of `sims` darts, which depend only on `seed` and `sims`. Time grows with the cube root of
/// `sims`; memory does not grow.
///
/// ```
/// let tally = pi_mc::lazy::count(42, 1 << 60)?;
/// assert!((pi_mc::Estimate::of(tally).pi - std::f64::consts::PI).abs() < 1e-8);
/// # Ok::<(), pi_mc::Error>(())
/// ```
///
/// # Errors
/// If `sims` is 0, or if a dart stays undecided: the chance is below 2^-55.
pub fn count(seed: u64, sims: u64) -> Result<Tally, Error> {
    Plan::first(seed, sims)?;
    let mut words = contract::generator(seed);
    words.set_stream(u64::MAX);
    let hits = strips::hits(&mut words, sims).map_err(|Undecided| {
        Error::Failed(format!(
            "{sims} lazy darts of seed {seed}: one stayed undecided at the last level; another seed will do"
        ))
    })?;
    Ok(Tally { sims, hits })
}
