//! The record: the one form in which a result is printed, saved and read. A finished run, a shard, a
//! checkpoint and a merged result are all records. A record is one line of JSON; [`Record`] lists its
//! fields. The first six are facts and must be there. `pi`, `std_error`, `ci95` and `sims_per_s` follow
//! from them and from `elapsed_s`: they may be absent, and serve as a checksum where present.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::darts::contract::CONTRACT;
use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::engine::clock::Spent;
use crate::engine::machine::Machine;
use crate::error::Error;
use crate::result::estimate::{self, Estimate, Interval};
use crate::result::goal::Goal;

/// The version of the saved form of records and comparisons. It grows when a reader that ignores a new field
/// would add up or judge wrong; new fields that are only for readers leave it alone.
pub(crate) const FORMAT: u32 = 1;

/// Checks the version of a saved form, which files from before there were versions lack.
pub(crate) fn check_format(format: Option<u64>) -> Result<(), Error> {
    match format {
        Some(format) if format != u64::from(FORMAT) => Err(Error::Invalid(format!(
            "format {format}, but this pi-mc reads format {FORMAT}; read it with the version that saved it"
        ))),
        _ => Ok(()),
    }
}

/// More threads than all machines together have.
const MOST_WORKERS: u64 = u32::MAX as u64;

/// An error with `message` unless `is_right`.
pub(super) fn require<M: Into<String>>(
    is_right: bool,
    message: impl FnOnce() -> M,
) -> Result<(), Error> {
    let error = || Error::Invalid(message().into());
    is_right.then_some(()).ok_or_else(error)
}

/// The message for parts with a different sum.
pub(super) const PARTS_DIFFER: &str = "its parts do not add up to the whole";

/// How hits are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
#[non_exhaustive]
pub enum Method {
    /// Every dart is thrown.
    Darts,
    /// By [`crate::lazy`].
    Lazy,
}

impl Method {
    /// The method's name, as `--method` takes it and a record has it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A result. The fields are those of the JSON object, in its order; others are ignored.
///
/// ```
/// use pi_mc::{Plan, Record, estimate};
///
/// let record = estimate(Plan::first(42, 1_000_000)?)?;
/// let read = Record::read(&record.to_json())?;
/// assert_eq!(read, record);
/// assert!(Record::read(&record.to_json().replace("785725", "985725")).is_err());
/// # Ok::<(), pi_mc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Record {
    /// The version of the saved form.
    pub format: u32,
    /// The version of the dart contract that the hits follow.
    pub contract: u32,
    /// How the hits were drawn.
    pub method: Method,
    /// The seed.
    pub seed: u64,
    /// The number of the first dart.
    pub first: u64,
    /// Darts thrown.
    pub sims: u64,
    /// The hits among them.
    pub hits: u64,
    /// The estimate of pi, from 0 to 4; `None` without a dart. See [`Estimate::pi`].
    pub pi: Option<f64>,
    /// The standard error of `pi`; `None` without a dart, and if all darts hit or none does. See
    /// [`Estimate::known_error`].
    pub std_error: Option<f64>,
    /// The 95 % interval for pi. See [`Estimate::ci95`].
    pub ci95: Option<Interval>,
    /// The number of threads that counted, on all machines; `None` for a merged result.
    pub workers: Option<u64>,
    /// The kernel that counted, or `lazy`; `None` for a merged result.
    pub kernel: Option<String>,
    /// Elapsed time of the count in seconds, including the time before a checkpoint; `None` where it is
    /// unknown.
    pub elapsed_s: Option<f64>,
    /// Processor time of the count in seconds, of all threads and machines together, including the time
    /// before a checkpoint and that of merged parts; `None` unless all of it is known.
    pub cpu_s: Option<f64>,
    /// Darts thrown per second; `None` if none were thrown, or `elapsed_s` is unknown.
    pub sims_per_s: Option<f64>,
    /// The machine that counted; `None` if it is unknown or there were several, as for a merged result.
    pub machine: Option<Machine>,
    /// The darts of the whole run, in a shard or a partial result. A partial result without it had no
    /// number of darts to reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Whether some of the requested darts are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The number of this shard, from 1, and the number of shards of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<(u64, u64)>,
    /// The first dart of the range that was asked for, and the dart after its last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(u64, u64)>,
    /// The variables of a job array that the shard's number was taken from, with their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard_from: Option<String>,
    /// The ranges that a merged result was added up from, or that a run with `--parts` was to list, in order;
    /// empty for any other result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<RecordPart>,
    /// The purpose of the run, in a checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
}

/// A part of a record. It can be counted again by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct RecordPart {
    /// The darts, and the hits among them.
    #[serde(flatten)]
    pub part: Part,
    /// The name of the result that a merged part came from, as `merge` was given it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Arc<str>>,
}

impl From<Part> for RecordPart {
    fn from(part: Part) -> RecordPart {
        RecordPart { part, from: None }
    }
}

impl Record {
    /// The record of `tally`, counted from `plan`'s first dart on. If `plan` is a part of a plan, the record
    /// has the `total` of the whole, and it is `partial` if `tally` holds fewer darts than `plan`.
    pub fn new(plan: &Plan, tally: Tally, method: Method) -> Record {
        let estimate = Estimate::of(tally);
        let is_partial = tally.sims < plan.sims();
        let total = plan.total().or(is_partial.then_some(plan.end()));
        Record {
            format: FORMAT,
            contract: CONTRACT,
            method,
            seed: plan.seed(),
            first: plan.start(),
            sims: tally.sims,
            hits: tally.hits,
            pi: Some(estimate.pi).filter(|pi| !pi.is_nan()),
            std_error: estimate.known_error(),
            ci95: Some(estimate.ci95),
            workers: None,
            kernel: None,
            elapsed_s: None,
            cpu_s: None,
            sims_per_s: None,
            machine: None,
            // A plan up to the last dart of all has no number of darts to reach.
            total: total.filter(|total| *total < u64::MAX),
            partial: is_partial,
            shard: plan.as_shard(),
            range: None,
            shard_from: None,
            parts: Vec::new(),
            goal: None,
        }
    }

    /// The record with the kernel and the number of workers that counted it, and with the time that the
    /// count took, where it is known.
    pub fn counted_by(mut self, kernel: &str, workers: usize, spent: Option<Spent>) -> Record {
        self.workers = Some(workers as u64);
        self.kernel = Some(kernel.to_owned());
        if let Some(Spent { elapsed, cpu }) = spent {
            // A clock too coarse to see a short run must not make the rate infinite.
            let elapsed_s = elapsed.max(Duration::from_nanos(1)).as_secs_f64();
            let has_rate = self.method == Method::Darts && self.sims > 0;
            self.elapsed_s = Some(elapsed_s);
            self.cpu_s = cpu.map(|cpu| cpu.as_secs_f64());
            self.sims_per_s = has_rate.then(|| self.sims as f64 / elapsed_s);
        }
        self
    }

    /// Checks that this can be a record of thrown darts: its parts must add up, its machine, times and
    /// goal must be possible, and its derived fields must follow from its hits, darts and time.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        let (contract, method) = (self.contract, self.method);
        check_format(Some(self.format.into()))?;
        require(contract == CONTRACT, || wrong_contract(contract.into()))?;
        require(method == Method::Darts, || {
            format!("method '{method}', but only thrown darts ('darts') can be saved and added up")
        })?;
        self.check_parts()?;
        let (end, total) = (self.end(), self.total.unwrap_or(u64::MAX));
        let too_long = || format!("it ends at dart {end}, but its whole has only {total}");
        require(end <= total, too_long)?;
        self.check_asked()?;
        let can_be = |workers| (1..=MOST_WORKERS).contains(&workers);
        require(
            self.workers.is_none_or(can_be),
            || "field 'workers' has an impossible value",
        )?;
        require(
            self.machine.as_ref().is_none_or(Machine::is_possible),
            || "field 'machine' is not a machine: it needs cores, plain text and an RFC 3339 time",
        )?;
        check_time("elapsed_s", self.elapsed_s)?;
        check_time("cpu_s", self.cpu_s)?;
        self.check_derived()?;
        let is_possible = |goal: &Goal| goal.is_possible(self.tally());
        require(
            self.goal.as_ref().is_none_or(is_possible),
            || "field 'goal' has an impossible value",
        )
    }

    /// Checks that the parts are possible, in order, without overlaps, and the whole when added up.
    fn check_parts(&self) -> Result<(), Error> {
        let ranges = self.ranges();
        for part in ranges.iter().chain([&self.whole()]) {
            let Part { first, sims, hits } = *part;
            require(hits <= sims, || format!("{hits} hits among {sims} darts"))?;
            require(part.end().is_some(), || {
                format!("{sims} darts from dart {first} on end beyond dart 2^64")
            })?;
            let absurdity = estimate::absurdity(Tally { sims, hits });
            require(absurdity.is_none(), || {
                format!(
                    "{hits} hits among {sims} darts from dart {first} on are {:.0} standard deviations off; \
                     no count gives them",
                    absurdity.unwrap_or_default().abs()
                )
            })?;
        }
        for [a, b] in ranges.array_windows() {
            let is_before = a.end() <= Some(b.first);
            require(is_before, || format!("its parts {a} and {b} overlap"))?;
        }
        // Without overlaps the sums are below 2^64, as the ends are.
        let sum = Part {
            first: ranges[0].first,
            sims: ranges.iter().map(|part| part.sims).sum(),
            hits: ranges.iter().map(|part| part.hits).sum(),
        };
        require(sum == self.whole(), || PARTS_DIFFER)
    }

    /// Checks the fields that follow from the hits, darts and time, where they are present.
    fn check_derived(&self) -> Result<(), Error> {
        let estimate = self.estimate();
        let rate = self.elapsed_s.map(|elapsed_s| self.sims as f64 / elapsed_s);
        let (low, high) = self.ci95.map(|ci95| (ci95.low, ci95.high)).unzip();
        check_follows("pi", self.pi, Some(estimate.pi))?;
        check_follows("std_error", self.std_error, estimate.known_error())?;
        check_follows("ci95", low, Some(estimate.ci95.low))?;
        check_follows("ci95", high, Some(estimate.ci95.high))?;
        check_follows("sims_per_s", self.sims_per_s, rate)
    }

    /// The marks of the goal, in a checkpoint.
    pub fn marks(&self) -> Vec<Tally> {
        let marks = self.goal.iter().flat_map(|goal| &goal.marks);
        marks.map(|&(sims, hits)| Tally { sims, hits }).collect()
    }

    /// The darts and the hits.
    pub fn tally(&self) -> Tally {
        Tally {
            sims: self.sims,
            hits: self.hits,
        }
    }

    /// The processor time; `None` where it is unknown.
    pub fn cpu_time(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.cpu_s?).ok()
    }

    /// The estimate of the hits.
    pub fn estimate(&self) -> Estimate {
        Estimate::of(self.tally())
    }

    /// The ranges that were counted, at least one: its parts if it has any, otherwise the whole.
    pub fn ranges(&self) -> Vec<Part> {
        if self.parts.is_empty() {
            vec![self.whole()]
        } else {
            self.parts.iter().map(|one| one.part).collect()
        }
    }

    /// The number of the dart after the last one counted.
    pub fn end(&self) -> u64 {
        let last = self.parts.last().map_or(self.whole(), |last| last.part);
        last.end().unwrap_or(u64::MAX)
    }

    /// Whether darts are missing between its parts.
    pub fn has_gaps(&self) -> bool {
        self.sims != self.end() - self.first
    }

    /// Its darts and hits, as one range if it has no gaps.
    pub(crate) fn whole(&self) -> Part {
        Part {
            first: self.first,
            sims: self.sims,
            hits: self.hits,
        }
    }
}

/// The message for a record of a different contract.
pub(super) fn wrong_contract(contract: u64) -> String {
    format!("contract {contract}, but this pi-mc counts by contract {CONTRACT}")
}

/// Checks a time in seconds.
fn check_time(field: &str, time: Option<f64>) -> Result<(), Error> {
    let Some(time) = time else { return Ok(()) };
    let is_time = Duration::try_from_secs_f64(time).is_ok();
    require(is_time, || {
        format!("field '{field}' is {time:?}: expected a time in seconds, 0 or more")
    })
}

/// Checks a derived field against its `expected` value, `None` or not a number if it should be absent.
fn check_follows(field: &str, value: Option<f64>, expected: Option<f64>) -> Result<(), Error> {
    let Some(value) = value else { return Ok(()) };
    let expected = expected.filter(|expected| expected.is_finite());
    // A program that has rewritten the file may have rounded it.
    let is_near = |expected: f64| (value - expected).abs() <= 1e-9 * expected.abs() + 1e-12;
    require(expected.is_some_and(is_near), || {
        let expected = expected.map_or("nothing".to_owned(), |expected| format!("{expected:?}"));
        format!("{field} is {value:?}, but {expected} follows from its hits, darts and time")
    })
}
