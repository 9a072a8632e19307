//! The darts that a merge lacks: as ranges, and as shards where records say how the run was cut.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::darts::plan::Plan;
use crate::darts::tally::Part;
use crate::result::record::Record;

/// What the records of a run lack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// The seed of the run.
    pub seed: u64,
    /// The darts of the whole run.
    pub total: u64,
    /// The darts that the records hold.
    pub sims: u64,
    /// The missing ranges, in order, at least one.
    pub gaps: Vec<Gap>,
}

/// A range of missing darts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Gap {
    /// The number of the first missing dart.
    pub first: u64,
    /// The number of the dart after the last missing one.
    pub end: u64,
    /// The shards to run again, if that fills the gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shards: Option<Shards>,
    /// The names of the records that hold only the beginning of a shard or range whose rest is in the gap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<String>,
}

/// Some shards in a row of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Shards {
    /// The number of the first.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// The number of shards of the run.
    pub of: u64,
    /// The darts of the run; fewer than those of the whole if a range extends it.
    pub total: u64,
}

/// How the records of a run were cut from it.
#[derive(Default)]
pub(crate) struct Cuts {
    /// The shards that they are, each with the number of shards.
    shards: Vec<(u64, u64)>,
    /// The ends and the names of those that hold only the beginning of a shard or range.
    begun: Vec<(u64, Arc<str>)>,
}

impl Cuts {
    pub(crate) fn add(&mut self, name: &Arc<str>, record: &Record) {
        self.shards.extend(record.shard);
        if record.partial && matches!(record.asked(), Ok(Some(_))) {
            self.begun.push((record.end(), name.clone()));
        }
    }
}

impl Missing {
    /// The darts before dart `whole` that `parts` lack, which are in order and of records that were cut as `cuts`. `total`
    /// is the end of the run that the shards among them were cut from.
    pub(crate) fn of(
        seed: u64,
        parts: impl Iterator<Item = Part>,
        cuts: Cuts,
        total: Option<u64>,
        whole: u64,
    ) -> Missing {
        let (mut sims, mut end) = (0, 0);
        let mut gaps = Vec::new();
        let mut fill = |first: u64, next: u64| {
            if end < first {
                gaps.push(end..first);
            }
            end = next;
        };
        for part in parts {
            fill(part.first, part.end().unwrap_or(u64::MAX));
            sims += part.sims;
        }
        fill(whole, whole);
        let Cuts {
            shards: mut held,
            mut begun,
        } = cuts;
        held.sort_unstable();
        let run = total.and_then(|total| Plan::first(seed, total).ok());
        let cut = run.zip(held.first().map(|(_, of)| *of));
        begun.sort_by_key(|(end, _)| *end);
        let rest_in = |gap: &Range<u64>| {
            let from = begun.partition_point(|(end, _)| *end < gap.start);
            let rest = begun[from..].iter();
            let rest = rest.take_while(|(end, _)| *end < gap.end);
            rest.map(|(_, name)| name.to_string()).collect()
        };
        let gap = |gap: Range<u64>| Gap {
            first: gap.start,
            end: gap.end,
            partial: rest_in(&gap),
            shards: cut.and_then(|(run, of)| shards(&run, of, &held, gap)),
        };
        Missing {
            seed,
            total: whole,
            sims,
            gaps: gaps.into_iter().map(gap).collect(),
        }
    }

    /// The shards to run again, in rows. `None` if shards do not fill all gaps.
    pub fn shards(&self) -> Option<Vec<Shards>> {
        let mut rows: Vec<Shards> = Vec::new();
        for gap in &self.gaps {
            let shards = gap.shards?;
            match rows.last_mut() {
                // One shard may have a gap at either end.
                Some(row) if shards.first <= row.last + 1 => row.last = shards.last,
                _ => rows.push(shards),
            }
        }
        Some(rows)
    }
}

/// The shards of `run`, cut into `of`, that fill the gap if they are run again: those that are missing as a whole,
/// and those that a record, one of `held`, has the first part of.
fn shards(run: &Plan, of: u64, held: &[(u64, u64)], gap: Range<u64>) -> Option<Shards> {
    if gap.end > run.end() {
        return None;
    }
    let first = run.shard_with(gap.start, of);
    let last = run.shard_with(gap.end - 1, of);
    let [begin, end] = [run.shard(first, of).ok()?, run.shard(last, of).ok()?];
    let is_held = |number| held.binary_search(&(number, of)).is_ok();
    let begins = is_held(first) || begin.start() == gap.start;
    let ends = is_held(last) || end.end() == gap.end;
    let total = run.end();
    (begins && ends).then_some(Shards {
        first,
        last,
        of,
        total,
    })
}

/// `3` or `5-7`.
impl fmt::Display for Shards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.first < self.last {
            write!(f, "-{}", self.last)?;
        }
        Ok(())
    }
}

/// `66.66 % of 1000000 darts are there; missing: darts 327680 to 655359 (shard 2 of 3)`.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded down: 100 % would be all.
        let share = u128::from(self.sims) * 10_000 / u128::from(self.total);
        let (percent, hundredths) = (share / 100, share % 100);
        let total = self.total;
        write!(
            f,
            "{percent}.{hundredths:02} % of {total} darts are there; missing: "
        )?;
        for (i, gap) in self.gaps.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}darts {} to {}", gap.first, gap.end - 1)?;
            let shards = gap.shards.map(|shards| {
                let s = if shards.first < shards.last { "s" } else { "" };
                format!("shard{s} {shards} of {}", shards.of)
            });
            let partial = gap.partial.iter().map(|name| format!("{name} is partial"));
            let notes: Vec<String> = shards.into_iter().chain(partial).collect();
            if !notes.is_empty() {
                write!(f, " ({})", notes.join("; "))?;
            }
        }
        Ok(())
    }
}
