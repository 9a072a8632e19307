//! Adds records up: the shards of one run, in any order. A record that overlaps another or belongs to a different
//! run is an error that names it; what is missing is an error that lists it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::error::Error;
use crate::result::missing::{Cuts, Missing};
use crate::result::record::{Method, Record, RecordPart};

/// Why records cannot be added up, or their estimates not averaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Darts are missing, which [`merge_partial`] accepts.
    #[error("{0}")]
    Missing(Missing),

    /// The records are of several seeds. They can be averaged.
    #[error("{0}")]
    Seeds(String),

    /// Any other reason.
    #[error("{0}")]
    Other(String),
}

impl From<MergeError> for Error {
    fn from(error: MergeError) -> Error {
        Error::Invalid(error.to_string())
    }
}

/// Adds up the records of one run, in any order, each with the name by which errors call it. The whole begins
/// at dart 0. It ends at the records' `total`, or where the last of them ends if that is later or they have none.
/// The sum has no machine, kernel or elapsed time, which may differ among the records; their processor times are added up.
///
/// ```
/// use pi_mc::{Plan, estimate, merge};
///
/// let whole = Plan::first(42, 1_000_000)?;
/// let records = whole.shards(4).map(estimate).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(merge(records.iter().enumerate())?.hits, 785_725);
/// assert!(merge(records[1..].iter().enumerate()).is_err()); // darts are missing
/// # Ok::<(), pi_mc::Error>(())
/// ```
///
/// # Errors
/// If there are no darts, if darts are missing, if the records are of several seeds or of wholes of several
/// sizes, if two of them overlap, or if a record fails [`Record::check`].
pub fn merge<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Result<Record, MergeError> {
    added(records)?.sum(false)
}

/// [`merge`] of the records that are there so far: darts may be missing.
///
/// # Errors
/// Those of [`merge`], except for missing darts.
pub fn merge_partial<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Result<Record, MergeError> {
    added(records)?.sum(true)
}

fn added<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Result<Shares, MergeError> {
    let mut shares = Shares::default();
    for (name, record) in records {
        shares.add(&name.to_string(), record)?;
    }
    Ok(shares)
}

/// The records added so far, of each of which it keeps about a hundred bytes and the name.
pub(crate) struct Shares {
    seed: Common,
    total: Common,
    /// The greatest end of a record, or of a range that one was to hold.
    end: u64,
    /// Whether a record is partial.
    is_partial: bool,
    /// The processor time of all records together; `None` if a record does not know its own.
    cpu: Option<Duration>,
    cuts: Cuts,
    parts: Parts,
}

impl Default for Shares {
    fn default() -> Shares {
        Shares {
            seed: Common::default(),
            total: Common::default(),
            end: 0,
            is_partial: false,
            cpu: Some(Duration::ZERO),
            cuts: Cuts::default(),
            parts: Parts::default(),
        }
    }
}

impl Shares {
    /// Adds `record`, with the name by which errors call it.
    ///
    /// # Errors
    /// If it fails [`Record::check`].
    pub(crate) fn add(&mut self, name: &str, record: &Record) -> Result<(), MergeError> {
        let name = checked(name, record)?;
        self.seed.add(&name, record.seed);
        if let Some(total) = record.total {
            self.total.add(&name, total);
        }
        let end = record.range.map_or(record.end(), |(_, end)| end);
        self.end = self.end.max(end);
        self.is_partial |= record.partial;
        let cpu = self.cpu.zip(record.cpu_time());
        self.cpu = cpu.and_then(|(sum, cpu)| sum.checked_add(cpu));
        self.cuts.add(&name, record);
        self.parts.add(&name, record);
        Ok(())
    }

    /// The sum, of which darts may be missing if `partial`.
    ///
    /// # Errors
    /// Those of [`merge`].
    pub(crate) fn sum(self, partial: bool) -> Result<Record, MergeError> {
        let seed = self.seed.value(|name, seed, other, found| {
            MergeError::Seeds(format!(
                "{name} is of seed {seed}, {other} of seed {found}; only one seed's darts add up"
            ))
        })?;
        let seed = seed.ok_or_else(nothing)?;
        let total = self.total.value(|name, total, other, found| {
            MergeError::Other(format!(
                "{name} is part of {total} darts, {other} of {found}; shards of one run belong together"
            ))
        })?;
        let parts = self.parts.in_order()?;
        let Some(first) = parts.first() else {
            let message = "nothing to merge: the saved results hold no darts";
            return Err(MergeError::Other(message.to_owned()));
        };
        // A range beyond the others' total raises it to its end.
        let whole = total.unwrap_or_default().max(self.end);

        let tally = Tally {
            sims: parts.iter().map(|found| found.part.sims).sum(),
            hits: parts.iter().map(|found| found.part.hits).sum(),
        };
        if !partial && tally.sims < whole {
            let found = parts.iter().map(|found| found.part);
            return Err(MergeError::Missing(Missing::of(
                seed, found, self.cuts, total, whole,
            )));
        }
        let is_partial = tally.sims < whole;
        let range = Plan::from_start(seed, first.part.first, tally.sims);
        let range = range.map_err(|error| MergeError::Other(error.to_string()))?;
        let sum = Record {
            total: is_partial.then_some(whole),
            // A run without an end of its own, such as one for a target error, has no total.
            partial: is_partial || total.is_none() && self.is_partial,
            parts: parts.into_iter().map(NamedPart::into_part).collect(),
            cpu_s: self.cpu.map(|cpu| cpu.as_secs_f64()),
            ..Record::new(&range, tally, Method::Darts)
        };
        // Parts that are each a little off may add up to what no count gives.
        let check = sum.check();
        check.map_err(|error| MergeError::Other(format!("the sum: {error}")))?;
        Ok(sum)
    }
}

/// The record's name, if the record can be one.
pub(crate) fn checked(name: &str, record: &Record) -> Result<Arc<str>, MergeError> {
    let check = record.check();
    check.map_err(|error| MergeError::Other(format!("{name}: {error}")))?;
    Ok(name.into())
}

/// The error of a merge of no records.
pub(crate) fn nothing() -> MergeError {
    MergeError::Other("no saved result to merge".to_owned())
}

/// A value that all records must have in common: that of the first, and the first different one, with the names of
/// their records.
#[derive(Default)]
struct Common {
    first: Option<(Arc<str>, u64)>,
    other: Option<(Arc<str>, u64)>,
}

impl Common {
    fn add(&mut self, name: &Arc<str>, value: u64) {
        match &self.first {
            None => self.first = Some((name.clone(), value)),
            Some((_, first)) if *first != value && self.other.is_none() => {
                self.other = Some((name.clone(), value));
            }
            Some(_) => {}
        }
    }

    /// The value, if there is one; the error that `differ` makes of two records and their values if there are more.
    fn value(
        &self,
        differ: impl FnOnce(&str, u64, &str, u64) -> MergeError,
    ) -> Result<Option<u64>, MergeError> {
        match (&self.first, &self.other) {
            (Some((name, value)), Some((other, found))) => Err(differ(name, *value, other, *found)),
            (first, _) => Ok(first.as_ref().map(|(_, value)| *value)),
        }
    }
}

/// A part of a record, with the record's name and seed.
struct NamedPart {
    name: Arc<str>,
    seed: u64,
    part: Part,
    /// The result that the record has it from, if it was added up itself.
    from: Option<Arc<str>>,
}

impl NamedPart {
    fn into_part(self) -> RecordPart {
        RecordPart {
            part: self.part,
            from: self.from.or(Some(self.name)),
        }
    }
}

/// The parts of all records that hold darts.
#[derive(Default)]
pub(crate) struct Parts(Vec<NamedPart>);

impl Parts {
    pub(crate) fn add(&mut self, name: &Arc<str>, record: &Record) {
        let named = |part: Part, from: Option<Arc<str>>| NamedPart {
            name: name.clone(),
            seed: record.seed,
            part,
            from,
        };
        if record.parts.is_empty() && record.sims > 0 {
            self.0.push(named(record.whole(), None));
        }
        let parts = record.parts.iter().filter(|one| one.part.sims > 0);
        self.0
            .extend(parts.map(|one| named(one.part, one.from.clone())));
    }

    /// Checks that no two parts share a dart.
    pub(crate) fn check_apart(self) -> Result<(), MergeError> {
        self.in_order().map(|_| ())
    }

    /// The parts by seed and first dart.
    ///
    /// # Errors
    /// If two parts share a dart.
    fn in_order(self) -> Result<Vec<NamedPart>, MergeError> {
        let Parts(mut parts) = self;
        parts.sort_by_key(|found| (found.seed, found.part.first));
        for [a, b] in parts.array_windows() {
            if a.seed == b.seed && a.part.end() > Some(b.part.first) {
                return Err(MergeError::Other(format!(
                    "{} ({}) and {} ({}) both threw seed {} and overlap",
                    a.name, a.part, b.name, b.part, a.seed
                )));
            }
        }
        Ok(parts)
    }
}
