//! Results of the same darts, compared with each other: counts that agree are evidence, and of counts that differ at
//! least one is wrong.

use std::collections::BTreeMap;
use std::mem;

use crate::darts::tally::Part;
use crate::result::record::Record;

/// A range, with its hits in each result that holds it.
type Counts = (Part, Vec<u64>);

/// Darts of one seed that several results hold, as parts or as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Common {
    /// The numbers of the results, from 0.
    pub results: Vec<usize>,
    /// The seed.
    pub seed: u64,
    /// How many of their common darts have the same hits in each.
    pub agreed: u64,
    /// The ranges that do not, each with the hits in each result.
    pub disputed: Vec<Counts>,
}

impl Common {
    /// Whether a part of `seed` that begins at dart `first` is in a disputed range.
    pub fn is_disputed(&self, seed: u64, first: u64) -> bool {
        let holds = |part: &Part| part.first <= first && Some(first) < part.end();
        seed == self.seed && self.disputed.iter().any(|(part, _)| holds(part))
    }
}

/// The darts that several of `records` hold, if a part or the whole of one is a part or the whole of another.
pub fn counted_twice<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Common> {
    let mut ranges: BTreeMap<(u64, u64, u64), Vec<(usize, u64)>> = BTreeMap::new();
    for (result, record) in records.into_iter().enumerate() {
        let mut own = record.ranges();
        if own.len() > 1 && !record.has_gaps() {
            own.push(record.whole());
        }
        for part in own.into_iter().filter(|part| part.sims > 0) {
            let range = (record.seed, part.first, part.sims);
            ranges.entry(range).or_default().push((result, part.hits));
        }
    }
    // By seed and results; in order of the first dart.
    let mut common: BTreeMap<(u64, Vec<usize>), Vec<Counts>> = BTreeMap::new();
    for ((seed, first, sims), counts) in ranges {
        if counts.len() > 1 {
            let (results, hits): (Vec<_>, Vec<_>) = counts.into_iter().unzip();
            let part = Part {
                first,
                sims,
                hits: hits[0],
            };
            common
                .entry((seed, results))
                .or_default()
                .push((part, hits));
        }
    }
    let common = common.into_iter().map(|((seed, results), counts)| {
        let is_agreed = |(_, hits): &Counts| hits.iter().all(|other| *other == hits[0]);
        let (agreed, disputed): (Vec<_>, Vec<_>) = counts.into_iter().partition(is_agreed);
        // A whole and its parts are the same darts.
        let mut end = 0;
        let new = agreed.iter().map(|(part, _)| {
            let longer = part.end().unwrap_or(u64::MAX).max(end);
            let before = mem::replace(&mut end, longer);
            end - before.max(part.first).min(end)
        });
        Common {
            results,
            seed,
            agreed: new.sum(),
            disputed,
        }
    });
    common.collect()
}
