//! The records of walks: a walk resumes from a record, and gives one.

use std::time::Duration;

use crate::darts::plan::Plan;
use crate::engine::clock::{Spent, Stopwatch};
use crate::engine::machine::Machine;
use crate::engine::walk::{Before, Walk, WalkBuilder};
use crate::error::Error;
use crate::lazy;
use crate::result::record::{Method, Record};

/// Why a walk cannot go on from a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// The record is of a different seed.
    #[error("has seed {held}, this run {wanted}")]
    Seed {
        /// The record's seed.
        held: u64,
        /// The plan's.
        wanted: u64,
    },
    /// The record begins before the plan, or after it.
    #[error("begins at dart {held}, this run at {wanted}")]
    First {
        /// The record's first dart.
        held: u64,
        /// The plan's.
        wanted: u64,
    },
    /// The record holds more darts than the plan.
    #[error("has sims {held}, this run only {wanted}")]
    Sims {
        /// The record's darts.
        held: u64,
        /// The plan's.
        wanted: u64,
    },
    /// The record ends after the plan.
    #[error("ends at dart {held}, this run at {wanted}")]
    End {
        /// The dart after the record's last.
        held: u64,
        /// That after the plan's.
        wanted: u64,
    },
    /// The record fails [`Record::check`].
    #[error("is impossible: {0}")]
    Record(String),
}

impl From<ResumeError> for Error {
    fn from(error: ResumeError) -> Error {
        Error::Invalid(format!("the record {error}"))
    }
}

/// Checks that `record` holds only darts of `plan`.
///
/// # Errors
/// With the first thing that is wrong.
pub(crate) fn check_resumes(record: &Record, plan: &Plan) -> Result<(), ResumeError> {
    let check = record.check();
    check.map_err(|error| ResumeError::Record(error.to_string()))?;
    let (held, wanted) = (record.seed, plan.seed());
    if held != wanted {
        return Err(ResumeError::Seed { held, wanted });
    }
    let (held, wanted) = (record.first, plan.start());
    if held != wanted && !(wanted..plan.end()).contains(&held) {
        return Err(ResumeError::First { held, wanted });
    }
    let (held, wanted) = (record.sims, plan.sims());
    if held > wanted {
        return Err(ResumeError::Sims { held, wanted });
    }
    let (held, wanted) = (record.end(), plan.end());
    if held > wanted {
        return Err(ResumeError::End { held, wanted });
    }
    Ok(())
}

/// Counts `plan` with the fastest kernel, on as many threads as it repays.
///
/// ```
/// let record = pi_mc::estimate(pi_mc::Plan::first(42, 1_000_000)?)?;
/// assert_eq!((record.hits, record.pi), (785_725, Some(3.1429)));
/// # Ok::<(), pi_mc::Error>(())
/// ```
///
/// # Errors
/// Those of [`Walk::step`], which do not occur with a kernel.
pub fn estimate(plan: Plan) -> Result<Record, Error> {
    let mut walk = Walk::of(plan).start()?;
    while walk.step(u64::MAX, || false)?.is_some() {}
    Ok(walk.record())
}

impl WalkBuilder {
    /// Goes on from `record`, with its time and its machine. The record holds darts of the plan, usually the first
    /// ones; the walk counts those that are missing, in order.
    ///
    /// # Errors
    /// If it holds darts that are not the plan's, or fails [`Record::check`].
    pub fn resume(self, record: &Record) -> Result<WalkBuilder, ResumeError> {
        check_resumes(record, &self.plan)?;
        let elapsed = record.elapsed_s.map(Duration::try_from_secs_f64);
        let before = Before {
            elapsed: elapsed.and_then(Result::ok),
            cpu: record.cpu_time(),
            machine: record.machine.clone(),
            parts: record
                .ranges()
                .into_iter()
                .filter(|part| part.sims > 0)
                .collect(),
        };
        Ok(WalkBuilder {
            before: Some(before),
            ..self
        })
    }
}

impl Walk {
    /// The record of the darts counted so far, with those before the walk was resumed.
    #[must_use]
    pub fn record(&self) -> Record {
        let Spent { elapsed, cpu } = self.spent();
        let this = self.machine();
        let (elapsed, cpu, machine) = match self.before() {
            None => (Some(elapsed), cpu, Some(this)),
            Some(before) => (
                before.elapsed.map(|it| it.saturating_add(elapsed)),
                before.cpu.and_then(|it| it.checked_add(cpu?)),
                match &before.machine {
                    _ if before.parts.is_empty() => Some(this),
                    first => first.clone().filter(|first| first.is_same(&this)),
                },
            ),
        };
        let spent = elapsed.map(|elapsed| Spent { elapsed, cpu });
        let record = Record::new(self.plan(), self.tally(), Method::Darts);
        let parts = self.coverage.parts();
        let is_cut = parts.len() > 1;
        Record {
            first: parts.first().map_or(record.first, |part| part.first),
            parts: parts
                .into_iter()
                .filter(|_| is_cut)
                .map(Into::into)
                .collect(),
            machine,
            // A merged result as a checkpoint may have no elapsed time.
            cpu_s: cpu.map(|cpu| cpu.as_secs_f64()),
            ..record.counted_by(self.counter(), self.workers(), spent)
        }
    }
}

impl Record {
    /// The record of `sims` darts whose hits are drawn by [`crate::lazy`] instead of thrown.
    ///
    /// # Errors
    /// As [`lazy::count`].
    pub fn drawn(seed: u64, sims: u64) -> Result<Record, Error> {
        let plan = Plan::first(seed, sims)?;
        let watch = Stopwatch::start();
        let tally = lazy::count(seed, sims)?;
        let spent = watch.spent();
        let name = Method::Lazy.name();
        let record = Record::new(&plan, tally, Method::Lazy);
        Ok(Record {
            machine: Some(Machine::this(name, watch.started())),
            ..record.counted_by(name, 1, Some(spent))
        })
    }
}
