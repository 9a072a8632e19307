//! The record: the one form in which a result is printed, saved and read again. A finished run, a
//! shard, a checkpoint and a merged result are all records.
//!
//! A record is one line of JSON:
//!
//! ```text
//! {"contract":1,"method":"darts"|"lazy","seed":u64,"first":u64,"sims":u64,"hits":u64,
//!  "pi":f64|null,"std_error":f64|null,"ci95":[f64,f64],"workers":int|null,"kernel":string|null,
//!  "elapsed_s":f64|null,"cpu_s":f64|null,"sims_per_s":f64|null,"machine":{...}|null}
//! ```
//!
//! The object of a machine is [`Machine`]'s.
//!
//! A shard and a partial result also have `"total":u64`, a partial one `"partial":true`, a shard of a job
//! array `"shard_from":string`, and a merged one `"parts":[{"first":u64,"sims":u64,"hits":u64},...]`. A
//! checkpoint has
//! `"goal":{"sims":u64,"target_error":f64,"shard":[u64,u64],"trace":string,"marks":[[u64,u64],...]}`,
//! with the fields that apply.
//! Without `total` a partial result had no number of darts to reach. A reader needs the first six fields;
//! it accepts the others and no more.

use std::fmt;
use std::time::Duration;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use crate::darts::contract::CONTRACT;
use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::error::{Error, RecordError};
use crate::result::estimate::Estimate;
use crate::result::machine::Machine;
use crate::result::milestones::marks;

/// How hits are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Every dart is thrown.
    Darts,
    /// By [`crate::lazy`].
    Lazy,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 2] = [Method::Darts, Method::Lazy];

    /// Its name, as `--method` takes it and a record has it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Darts => "darts",
            Method::Lazy => "lazy",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A result. The fields are those of the JSON object, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
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
    /// Darts that hit.
    pub hits: u64,
    /// The estimate of pi, from 0 to 4; `None` without a dart. See [`Estimate::pi`].
    #[serde(default)]
    pub pi: Option<f64>,
    /// Its standard error; `None` without a dart, and if all hit or none does. See
    /// [`Estimate::known_error`].
    #[serde(default)]
    pub std_error: Option<f64>,
    /// The ends of its 95 % interval. See [`Estimate::ci95`].
    #[serde(default)]
    pub ci95: Option<[f64; 2]>,
    /// Threads that counted, on all machines; `None` for a merged result.
    #[serde(default)]
    pub workers: Option<u64>,
    /// The kernel that counted, or `lazy`; `None` for a merged result.
    #[serde(default)]
    pub kernel: Option<String>,
    /// Seconds that the count took, those before a checkpoint included; `None` where unknown.
    #[serde(default)]
    pub elapsed_s: Option<f64>,
    /// Seconds of processor time that the count took, of all threads and machines together, that before
    /// a checkpoint and that of merged parts included; `None` where it is not known of all of them.
    #[serde(default)]
    pub cpu_s: Option<f64>,
    /// Darts thrown a second; `None` if none were thrown, or `elapsed_s` is unknown.
    #[serde(default)]
    pub sims_per_s: Option<f64>,
    /// The machine that counted; `None` if several did, as for a merged result, or nobody knows.
    #[serde(default)]
    pub machine: Option<Machine>,
    /// The darts of the whole, where this is a shard or a partial result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Whether darts are missing that were asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The variables of a job array that told which shard this is, with their values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard_from: Option<String>,
    /// The ranges that a merged result was added up from, in order; empty for any other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "some_parts")]
    pub parts: Vec<Part>,
    /// What the run was for, where this is a checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
}

/// What a run was for, which a checkpoint keeps for the run that resumes it. Without a number of darts
/// and a target error the run had no end of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// The darts of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sims: Option<u64>,
    /// The standard error to stop at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_error: Option<f64>,
    /// Part I of N.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<(u64, u64)>,
    /// The file of its trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Darts and hits at each of 1, 2, 5, 10, ... darts that the run has passed. Earlier versions saved none, so a
    /// run that was resumed from such a checkpoint lacks the first marks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<(u64, u64)>,
}

impl Goal {
    /// Whether a run that holds `tally` can have had this goal.
    fn is_possible(&self, tally: Tally) -> bool {
        let is_error = |error: f64| error > 0.0 && error.is_finite();
        self.sims != Some(0)
            && self.target_error.is_none_or(is_error)
            && self.shard.is_none_or(|(i, n)| (1..=n).contains(&i))
            && self.leads_to(tally)
    }

    /// Whether the marks are consecutive, end with the last one before `tally`, and have hits between their
    /// neighbours'.
    fn leads_to(&self, tally: Tally) -> bool {
        let Some(first) = self.marks.first() else {
            return true;
        };
        let is_in_order = |[a, b]: &[(u64, u64); 2]| {
            let hits = b.1.checked_sub(a.1);
            a.0 <= b.0 && hits.is_some_and(|hits| hits <= b.0 - a.0)
        };
        let path = [&[(0, 0)], &self.marks[..], &[(tally.sims, tally.hits)]].concat();
        let expected = marks().chain([u64::MAX]);
        let expected = expected.skip_while(|mark| *mark < first.0);
        let expected = expected.take_while(|mark| *mark <= tally.sims);
        path.array_windows().all(is_in_order) && self.marks.iter().map(|mark| mark.0).eq(expected)
    }
}

/// A list of parts that is there must have some.
fn some_parts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Part>, D::Error> {
    let parts = Vec::deserialize(deserializer)?;
    if parts.is_empty() {
        return Err(D::Error::custom(RecordError::PartsSum));
    }
    Ok(parts)
}

/// What every version of a record has, and what earlier ones had.
#[derive(Deserialize)]
struct Version {
    contract: u64,
    of: Option<IgnoredAny>,
}

impl Record {
    /// The record of `tally`, counted from `plan`'s first dart on.
    pub fn new(plan: &Plan, tally: Tally, method: Method) -> Record {
        let estimate = Estimate::of(tally);
        Record {
            contract: CONTRACT,
            method,
            seed: plan.seed(),
            first: plan.first(),
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
            total: None,
            partial: false,
            shard_from: None,
            parts: Vec::new(),
            goal: None,
        }
    }

    /// The record with what counted it, and how long that took, on the clock and in processor time, where
    /// it is known.
    pub fn counted_by(
        mut self,
        kernel: &str,
        workers: usize,
        elapsed: Option<Duration>,
        cpu: Option<Duration>,
    ) -> Record {
        // A clock too coarse to see a short run must not make the rate infinite.
        let elapsed_s = elapsed.map(|elapsed| elapsed.max(Duration::from_nanos(1)).as_secs_f64());
        self.workers = Some(workers as u64);
        self.kernel = Some(kernel.to_owned());
        self.elapsed_s = elapsed_s;
        self.cpu_s = cpu.map(|cpu| cpu.as_secs_f64());
        self.sims_per_s = elapsed_s
            .filter(|_| self.method == Method::Darts && self.sims > 0)
            .map(|elapsed_s| self.sims as f64 / elapsed_s);
        self
    }

    /// The record as one line of JSON; see the module.
    ///
    /// # Errors
    /// Those of serde_json, which numbers and plain strings do not meet.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// Reads the JSON of a record of thrown darts.
    ///
    /// # Errors
    /// [`Error::Record`] if it is no record of this contract, or one that [`Record::check`] refuses.
    pub fn read(json: &str) -> Result<Record, Error> {
        // First of all: another version may have other fields.
        let Version { contract, of } = serde_json::from_str(json).map_err(RecordError::Json)?;
        if contract != u64::from(CONTRACT) {
            return Err(RecordError::Contract { contract }.into());
        }
        if of.is_some() {
            return Err(RecordError::Renamed.into());
        }
        let mut record: Record = serde_json::from_str(json).map_err(RecordError::Json)?;
        record.parts.sort_by_key(|part| part.first);
        record.check()?;
        Ok(record)
    }

    /// Whether this can be a record of thrown darts: no more hits than darts, parts in order that add up,
    /// and an estimate, its error and a rate that follow from them.
    ///
    /// # Errors
    /// [`Error::Record`] with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        if self.method != Method::Darts {
            return Err(RecordError::Method(self.method).into());
        }
        for part in self.parts.iter().chain([&self.whole()]) {
            let Part { first, sims, hits } = *part;
            if hits > sims {
                return Err(RecordError::MoreHits { hits, sims }.into());
            }
            if part.end().is_none() {
                return Err(RecordError::BeyondLast { first, sims }.into());
            }
        }
        if let Some([a, b]) = self
            .parts
            .array_windows()
            .find(|[a, b]| a.end() > Some(b.first))
        {
            return Err(RecordError::PartsOverlap(*a, *b).into());
        }
        // Without overlaps the sums are below 2^64, as the ends are.
        let [sims, hits] = [|part: &Part| part.sims, |part: &Part| part.hits]
            .map(|of| self.ranges().iter().map(of).sum::<u64>());
        let first = self.ranges().first().map(|part| part.first);
        if (first, sims, hits) != (Some(self.first), self.sims, self.hits) {
            return Err(RecordError::PartsSum.into());
        }
        if let Some(total) = self.total.filter(|total| self.end() > *total) {
            let end = self.end();
            return Err(RecordError::BeyondTotal { end, total }.into());
        }
        if self
            .machine
            .as_ref()
            .is_some_and(|made_on| !made_on.is_possible())
        {
            return Err(RecordError::Machine.into());
        }
        for (field, time) in [("elapsed_s", self.elapsed_s), ("cpu_s", self.cpu_s)] {
            if let Some(time) = time.filter(|time| Duration::try_from_secs_f64(*time).is_err()) {
                return Err(RecordError::Time(field, time).into());
            }
        }
        self.check_what_follows()?;
        let goal = self.goal.as_ref();
        if goal.is_some_and(|goal| !goal.is_possible(self.tally())) {
            return Err(RecordError::Goal.into());
        }
        Ok(())
    }

    /// Whether what was worked out from the hits, darts and time is right.
    fn check_what_follows(&self) -> Result<(), Error> {
        let estimate = self.estimate();
        let [low, high] = self.ci95.map_or([None; 2], |ends| ends.map(Some));
        let rate = self.elapsed_s.map(|elapsed_s| self.sims as f64 / elapsed_s);
        for (field, value, should) in [
            ("pi", self.pi, Some(estimate.pi)),
            ("std_error", self.std_error, estimate.known_error()),
            ("ci95", low, Some(estimate.ci95[0])),
            ("ci95", high, Some(estimate.ci95[1])),
            ("sims_per_s", self.sims_per_s, rate),
        ] {
            let Some(value) = value else { continue };
            // A program that wrote it anew may have rounded it.
            let is_near = |should: f64| (value - should).abs() <= 1e-9 * should.abs() + 1e-12;
            let should = should.filter(|should| should.is_finite());
            if !should.is_some_and(is_near) {
                let should = should.map_or("nothing".to_owned(), |should| format!("{should:?}"));
                return Err(RecordError::Follows {
                    field,
                    value,
                    should,
                }
                .into());
            }
        }
        Ok(())
    }

    /// The marks that a checkpoint keeps.
    pub fn marks(&self) -> Vec<Tally> {
        let marks = self.goal.iter().flat_map(|goal| &goal.marks);
        marks.map(|&(sims, hits)| Tally { sims, hits }).collect()
    }

    /// Darts and hits.
    pub fn tally(&self) -> Tally {
        Tally {
            sims: self.sims,
            hits: self.hits,
        }
    }

    /// The processor time, if it is known.
    pub fn cpu_time(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.cpu_s?).ok()
    }

    /// The estimate of the hits.
    pub fn estimate(&self) -> Estimate {
        Estimate::of(self.tally())
    }

    /// The ranges that were counted: the parts of a merged result, or else the one range.
    pub fn ranges(&self) -> Vec<Part> {
        if self.parts.is_empty() {
            vec![self.whole()]
        } else {
            self.parts.clone()
        }
    }

    /// The number of the dart after the last one counted.
    pub fn end(&self) -> u64 {
        let last = self.parts.last().copied().unwrap_or(self.whole());
        last.end().unwrap_or(u64::MAX)
    }

    /// Whether darts are missing between its parts.
    pub fn has_gaps(&self) -> bool {
        self.sims != self.end() - self.first
    }

    fn whole(&self) -> Part {
        Part {
            first: self.first,
            sims: self.sims,
            hits: self.hits,
        }
    }
}
