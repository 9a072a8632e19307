//! Checks that this machine counts right: known answers, every chunk counted twice by different workers
//! and kernels, and saved results counted again.

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

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::darts::plan::Plan;
use crate::darts::tally::Part;
use crate::engine::counter::Counter;
use crate::engine::progress::Progress;
use crate::engine::walk::{Team, Walk};
use crate::error::Error;

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

/// A count, with the hits that it should have.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Check {
    /// The name of the counter.
    pub counter: String,
    /// The darts, and the hits that they should have.
    pub expected: Part,
    /// The hits that were counted.
    pub hits: u64,
    /// The time that the count took.
    pub elapsed: Duration,
}

impl Check {
    /// Whether the count has the expected hits.
    pub fn is_right(&self) -> bool {
        self.hits == self.expected.hits
    }
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
    team: impl Into<Team>,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    recount(Class::SEED, class.answer(), counter, team, watch)
}

/// Counts a part of a saved result again. `watch` is called about ten times a second; the result is
/// `None` if it breaks.
///
/// # Errors
/// If the part holds no dart, or if the operating system refuses to start the threads or to pin them.
pub fn recount(
    seed: u64,
    part: Part,
    counter: impl Into<Counter>,
    team: impl Into<Team>,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Check>, Error> {
    let plan = Plan::from_start(seed, part.first, part.sims)?;
    let counter = counter.into();
    let name = counter.name().to_owned();
    let Team { workers, pinning } = team.into();
    let start = Instant::now();
    let walk = Walk::of(plan).counter(counter).workers(workers);
    let mut walk = walk.pinned(pinning).start()?;
    while let Some(tally) = walk.step(u64::MAX, || false)? {
        let progress = Progress {
            hits: tally.hits,
            ..Progress::new(tally.sims, Some(part.sims))
        };
        if watch(progress).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(Check {
        counter: name,
        expected: part,
        hits: walk.tally().hits,
        elapsed: start.elapsed(),
    }))
}
