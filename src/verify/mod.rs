//! Checks that this machine counts right: known answers, every chunk counted twice by different workers
//! and kernels, and saved results counted again.

#[cfg(feature = "internals")]
pub mod again;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod again;
#[cfg(feature = "internals")]
pub mod burn;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod burn;
#[cfg(feature = "internals")]
pub mod twice;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod twice;

use std::num::NonZero;
use std::ops::ControlFlow;

use crate::darts::tally::Part;
use crate::engine::counter::Counter;
use crate::engine::progress::Progress;
use crate::error::Error;
use crate::verify::again::Team;

pub use again::Check;
pub use burn::{BurnIn, Counted, Mismatch, burn_in};

/// A problem with a known answer, from an implementation that shares no code with this one. The names
/// are those of the sizes of the NAS parallel benchmarks.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(parse_err_ty = Error, parse_err_fn = unknown)]
#[non_exhaustive]
pub enum Class {
    /// 2^24 darts.
    S,
    /// 2^28 darts.
    W,
    /// 2^30 darts.
    A,
    /// 2^32 darts.
    B,
    /// 2^36 darts.
    C,
}

impl Class {
    /// The seed of all classes.
    pub const SEED: u64 = 271_828_183;

    /// The class's name, as `--class` takes it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The darts, and the hits among them.
    pub fn answer(self) -> Part {
        let (power, hits) = match self {
            Class::S => (24, 13_176_242),
            Class::W => (28, 210_836_832),
            Class::A => (30, 843_347_544),
            Class::B => (32, 3_373_285_898),
            Class::C => (36, 53_971_920_517),
        };
        let (first, sims) = (0, 1 << power);
        Part { first, sims, hits }
    }
}

fn unknown(name: &str) -> Error {
    Error::Invalid(format!("unknown class {name:?}"))
}

/// Counts a problem with a known answer, as [`recount`] does.
///
/// ```
/// use std::num::NonZero;
/// use std::ops::ControlFlow::Continue;
///
/// use pi_mc::Kernel;
/// use pi_mc::verify::{Class, known};
///
/// let check = known(Class::S, Kernel::detect(), NonZero::<usize>::MIN, |_| Continue(()))?;
/// assert!(check.unwrap().is_right());
/// # Ok::<(), pi_mc::Error>(())
/// ```
///
/// # Errors
/// Those of [`recount`].
pub fn known(
    class: Class,
    counter: impl Into<Counter>,
    workers: NonZero<usize>,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    recount(Class::SEED, class.answer(), counter, workers, watch)
}

/// Counts a part of a saved result again. `watch` is called about ten times a second; the result is
/// `None` if it breaks.
///
/// # Errors
/// If the part holds no dart, or if the operating system refuses to start the threads.
pub fn recount(
    seed: u64,
    part: Part,
    counter: impl Into<Counter>,
    workers: NonZero<usize>,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    let pinning = None;
    again::count(seed, part, counter.into(), Team { workers, pinning }, watch)
}
