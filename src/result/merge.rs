//! Adds records up: the shards of one run, in any order. Shards that are missing, there twice, or of
//! another run are errors that name them.

use std::time::Duration;

use crate::darts::plan::Plan;
use crate::darts::tally::{Part, Tally};
use crate::error::{Error, MergeError};
use crate::result::record::{Method, Record};

/// Adds up `records`, each with the name that an error calls it by. The whole begins at dart 0, and
/// ends at the records' `total`, or if they have none, where the last of them ends. What is not the same
/// for all, as the machine, the kernel and the time on the clock, is left out; processor time adds up.
///
/// # Errors
/// [`Error::Merge`] if there are no darts, if the records are of several seeds or of wholes of several
/// sizes, if any two overlap, or, unless `partial`, if darts are missing. [`Error::Record`] if one is
/// none that [`Record::read`] would give.
pub fn merge(records: &[(String, Record)], partial: bool) -> Result<Record, Error> {
    for (_, record) in records {
        record.check()?;
    }
    let seed = same_seed(records)?;
    let total = same_total(records)?;
    let parts = parts_in_order(records)?;
    if !partial {
        no_gap(&parts, total.map(|(_, total)| total))?;
    }
    let (last_name, last) = parts[parts.len() - 1];
    let end = last.end().unwrap_or(u64::MAX);
    if let Some((name, total)) = total.filter(|(_, total)| end > *total) {
        let (name, other) = (name.to_owned(), last_name.to_owned());
        return Err(MergeError::BeyondTotal {
            name,
            total,
            other,
            end,
        }
        .into());
    }

    let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
    let tally = Tally {
        sims: parts.iter().map(|part| part.sims).sum(),
        hits: parts.iter().map(|part| part.hits).sum(),
    };
    let whole = total.map_or(end, |(_, total)| total);
    let is_partial = tally.sims < whole;
    let range = Plan::range(seed, parts[0].first, tally.sims)?;
    Ok(Record {
        total: is_partial.then_some(whole),
        // Of a run that has no end, such as one for a target error, none is known.
        partial: is_partial || total.is_none() && records.iter().any(|(_, one)| one.partial),
        parts,
        cpu_s: cpu_time(records).map(|cpu| cpu.as_secs_f64()),
        ..Record::new(&range, tally, Method::Darts)
    })
}

/// The processor time of all records together, if all of them have one.
fn cpu_time(records: &[(String, Record)]) -> Option<Duration> {
    let mut times = records.iter().map(|(_, record)| record.cpu_time());
    times.try_fold(Duration::ZERO, |sum, time| sum.checked_add(time?))
}

/// The seed of all records.
fn same_seed(records: &[(String, Record)]) -> Result<u64, Error> {
    let Some((name, first)) = records.first() else {
        return Err(MergeError::Nothing.into());
    };
    match records.iter().find(|(_, other)| other.seed != first.seed) {
        None => Ok(first.seed),
        Some((other, record)) => Err(MergeError::Seeds {
            name: name.clone(),
            seed: first.seed,
            other: other.clone(),
            other_seed: record.seed,
        }
        .into()),
    }
}

/// The total of all records that have one, with the name of the first of them.
fn same_total(records: &[(String, Record)]) -> Result<Option<(&str, u64)>, Error> {
    let mut totals = records
        .iter()
        .filter_map(|(name, record)| Some((name.as_str(), record.total?)));
    let Some((name, total)) = totals.next() else {
        return Ok(None);
    };
    match totals.find(|(_, other)| *other != total) {
        None => Ok(Some((name, total))),
        Some((other, other_total)) => Err(MergeError::Totals {
            name: name.to_owned(),
            total,
            other: other.to_owned(),
            other_total,
        }
        .into()),
    }
}

/// All parts that hold darts, in order, each with its record's name: at least one, and no overlaps.
fn parts_in_order(records: &[(String, Record)]) -> Result<Vec<(&str, Part)>, Error> {
    let mut parts: Vec<(&str, Part)> = records
        .iter()
        .flat_map(|(name, record)| {
            let ranges = record.ranges();
            ranges.into_iter().map(move |part| (name.as_str(), part))
        })
        .filter(|(_, part)| part.sims > 0)
        .collect();
    if parts.is_empty() {
        return Err(MergeError::NoDarts.into());
    }
    parts.sort_by_key(|(_, part)| part.first);
    let overlap = parts
        .array_windows()
        .find(|[(_, a), (_, b)]| a.end() > Some(b.first));
    match overlap {
        None => Ok(parts),
        Some([(name, part), (other, other_part)]) => Err(MergeError::Overlap {
            name: (*name).to_owned(),
            part: *part,
            other: (*other).to_owned(),
            other_part: *other_part,
        }
        .into()),
    }
}

/// Whether the parts hold all darts from 0 on, up to `total` if that is known.
fn no_gap(parts: &[(&str, Part)], total: Option<u64>) -> Result<(), Error> {
    let mut end = 0;
    let mut before: Option<&str> = None;
    let gap = |first: u64, next: u64, before: Option<&str>, after: Option<&str>| {
        Error::from(MergeError::Gap {
            first,
            last: next - 1,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        })
    };
    for (name, part) in parts {
        if part.first > end {
            return Err(gap(end, part.first, before, Some(name)));
        }
        end = part.end().unwrap_or(u64::MAX);
        before = Some(name);
    }
    match total {
        Some(total) if end < total => Err(gap(end, total, before, None)),
        _ => Ok(()),
    }
}
