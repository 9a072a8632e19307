//! A [`Tally`] of darts and hits, and a [`Part`], the tally of a range of darts.

use std::borrow::Cow;
use std::fmt;
use std::iter;
use std::ops::Range;

use serde::Serialize;

use crate::printable::printable_json;

/// A number of darts thrown, and the hits among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Darts thrown.
    pub sims: u64,
    /// Hits, at most `sims`.
    pub hits: u64,
}

impl iter::Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), |sum, tally| Tally {
            sims: sum.sims + tally.sims,
            hits: sum.hits + tally.hits,
        })
    }
}

/// `785725 hits among 1000000 darts`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hits among {} darts", self.hits, self.sims)
    }
}

/// The hits among a range of darts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Part {
    /// The number of the first dart.
    pub first: u64,
    /// The number of darts; 0 for an empty shard, of a run with fewer chunks than shards.
    pub sims: u64,
    /// The hits among them.
    pub hits: u64,
}

/// A value as one line of JSON. Only maps with keys other than strings cannot be written, and no value has one.
pub(crate) fn json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value);
    let mut json = json.unwrap_or_else(|error| unreachable!("{error}"));
    if let Cow::Owned(printable) = printable_json(&json) {
        json = printable;
    }
    json.push('\n');
    json
}

impl Part {
    /// The number of the dart after the last; `None` if it exceeds 2^64 - 1.
    pub fn end(&self) -> Option<u64> {
        self.first.checked_add(self.sims)
    }

    /// Its darts and hits.
    pub(crate) fn tally(&self) -> Tally {
        Tally {
            sims: self.sims,
            hits: self.hits,
        }
    }

    /// The numbers of its darts.
    pub(crate) fn range(&self) -> Range<u64> {
        self.first..self.end().unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sims {
            0 => write!(f, "no darts at {}", self.first),
            sims => write!(
                f,
                "darts {} to {}",
                self.first,
                self.first.saturating_add(sims - 1)
            ),
        }
    }
}

/// A number of things: "1 core", "2 cores".
pub(crate) fn counted(n: impl fmt::Display, noun: &str) -> String {
    let n = n.to_string();
    let s = if n == "1" { "" } else { "s" };
    format!("{n} {noun}{s}")
}
