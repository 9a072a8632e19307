//! Adds records up: the shards of one run, in any order. A record that overlaps another or belongs to a different
//! run is an error that names it; what is missing is an error that lists it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::result::missing::Missing;
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

/// A record, with the name by which errors call it.
pub(crate) type Named<'a> = (String, &'a Record);

/// Names and records, in order.
pub(crate) fn named<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Vec<Named<'a>> {
    let records = records.into_iter();
    records
        .map(|(name, record)| (name.to_string(), record))
        .collect()
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If there are no darts, if darts are missing, if the records are of several seeds or of wholes of several
/// sizes, if two of them overlap, or if a record fails [`Record::check`].
pub fn merge<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Result<Record, MergeError> {
    sum(&named(records), false)
}

/// [`merge`] of the records that are there so far: darts may be missing.
///
/// # Errors
/// Those of [`merge`], except for missing darts.
pub fn merge_partial<'a, N: fmt::Display>(
    records: impl IntoIterator<Item = (N, &'a Record)>,
) -> Result<Record, MergeError> {
    sum(&named(records), true)
}

fn sum(records: &[Named], partial: bool) -> Result<Record, MergeError> {
    check_each(records)?;
    let seed = same_seed(records)?;
    let total = same_total(records)?;
    let parts = parts_in_order(records)?;
    let Some(first) = parts.first() else {
        let message = "there is no dart in any of them";
        return Err(MergeError::Other(message.to_owned()));
    };
    let ends = records.iter().map(|(_, record)| match record.range {
        Some((_, end)) => end,
        None => record.end(),
    });
    // A range beyond the others' total raises it to its end.
    let whole = ends.chain(total).max().unwrap_or_default();

    let tally = Tally {
        sims: parts.iter().map(|found| found.part.sims).sum(),
        hits: parts.iter().map(|found| found.part.hits).sum(),
    };
    if !partial && tally.sims < whole {
        let found = parts.iter().map(|found| found.part);
        return Err(MergeError::Missing(Missing::of(
            records, found, total, whole,
        )));
    }
    let is_partial = tally.sims < whole;
    let range = Plan::from_start(seed, first.part.first, tally.sims);
    let range = range.map_err(|error| MergeError::Other(error.to_string()))?;
    let sum = Record {
        total: is_partial.then_some(whole),
        // A run without an end of its own, such as one for a target error, has no total.
        partial: is_partial || total.is_none() && records.iter().any(|(_, one)| one.partial),
        parts: parts.into_iter().map(NamedPart::into_part).collect(),
        cpu_s: cpu_time(records).map(|cpu| cpu.as_secs_f64()),
        ..Record::new(&range, tally, Method::Darts)
    };
    // Parts that are each a little off may add up to what no count gives.
    let check = sum.check();
    check.map_err(|error| MergeError::Other(format!("the sum: {error}")))?;
    Ok(sum)
}

/// Checks that there are records, and each of them.
pub(crate) fn check_each(records: &[Named]) -> Result<(), MergeError> {
    if records.is_empty() {
        return Err(MergeError::Other("no saved result to merge".to_owned()));
    }
    for (name, record) in records {
        let check = record.check();
        check.map_err(|error| MergeError::Other(format!("{name}: {error}")))?;
    }
    Ok(())
}

/// The processor time of all records together; `None` if a record does not know its own.
fn cpu_time(records: &[Named]) -> Option<Duration> {
    let mut times = records.iter().map(|(_, record)| record.cpu_time());
    times.try_fold(Duration::ZERO, |sum, time| sum.checked_add(time?))
}

/// The seed of all records, at least one.
fn same_seed(records: &[Named]) -> Result<u64, MergeError> {
    let (name, Record { seed, .. }) = &records[0];
    match records.iter().find(|(_, record)| record.seed != *seed) {
        None => Ok(*seed),
        Some((other, Record { seed: found, .. })) => Err(MergeError::Seeds(format!(
            "{name} is of seed {seed}, {other} of seed {found}; only one seed's darts add up"
        ))),
    }
}

/// The total of all records that have one.
fn same_total(records: &[Named]) -> Result<Option<u64>, MergeError> {
    let mut totals = records
        .iter()
        .filter_map(|(name, record)| Some((name.as_str(), record.total?)));
    let Some((name, total)) = totals.next() else {
        return Ok(None);
    };
    match totals.find(|(_, found)| *found != total) {
        None => Ok(Some(total)),
        Some((other, found)) => Err(MergeError::Other(format!(
            "{name} is part of {total} darts, {other} of {found}; shards of one run belong together"
        ))),
    }
}

/// A part of a record, with the record's name and seed.
pub(crate) struct NamedPart<'a> {
    name: &'a str,
    seed: u64,
    part: Part,
    /// The result that it came from: this record, or one that this record was added up from.
    from: Arc<str>,
}

impl NamedPart<'_> {
    fn into_part(self) -> RecordPart {
        RecordPart {
            part: self.part,
            from: Some(self.from),
        }
    }
}

/// The parts of all records that hold darts, by seed and first dart.
///
/// # Errors
/// If two parts share a dart.
pub(crate) fn parts_in_order<'a>(records: &'a [Named]) -> Result<Vec<NamedPart<'a>>, MergeError> {
    let mut parts = Vec::new();
    for (name, record) in records {
        let seed = record.seed;
        let own: Arc<str> = name.as_str().into();
        let from = |i: usize| record.parts.get(i).and_then(|one| one.from.clone());
        let ranges = record.ranges().into_iter().enumerate();
        let ranges = ranges.filter(|(_, part)| part.sims > 0);
        parts.extend(ranges.map(|(i, part)| NamedPart {
            name,
            seed,
            part,
            from: from(i).unwrap_or_else(|| own.clone()),
        }));
    }
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
