//! A [`Tally`] of darts and hits, and a [`Part`], the tally of a range of darts.

use std::fmt;

use serde::Serialize;

/// A number of darts thrown, and the hits among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Darts thrown.
    pub sims: u64,
    /// Hits, at most `sims`.
    pub hits: u64,
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

impl Part {
    /// The number of the dart after the last; `None` if it exceeds 2^64 - 1.
    pub fn end(&self) -> Option<u64> {
        self.first.checked_add(self.sims)
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
