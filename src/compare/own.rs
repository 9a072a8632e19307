//! Strategies of a caller's own, and the name of a row's strategy, which may be one of them.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::compare::strategy::Strategy;
use crate::compare::strategy::task::Task;
use crate::error::Error;

/// A function that counts a task's hits.
pub(crate) type Count = dyn Fn(&Task) -> Result<u64, Error> + Send + Sync;

/// The strategy of a row. In JSON the name, and `"own": true` for a caller's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StrategyName {
    /// One of this crate.
    Known(Strategy),
    /// One of the caller's own, by its name (see [`Lineup::with`](crate::compare::Lineup::with)).
    Own(Arc<str>),
}

/// The longest name of a caller's own strategy: it is a column of a table.
const LONGEST: usize = 40;

impl StrategyName {
    /// The name of a caller's own strategy.
    ///
    /// # Errors
    /// If a strategy of this crate has the name, or if a table or a CSV file could not show it.
    pub(crate) fn own(name: &str) -> Result<StrategyName, Error> {
        let is_plain = |letter: char| letter.is_alphanumeric() || " -_.+".contains(letter);
        let invalid = |why: &str| Err(Error::Invalid(format!("strategy name {name:?}: {why}")));
        if Strategy::every().any(|strategy| strategy.name() == name) || name == "gpu" {
            invalid("a strategy of pi-mc has that name; give yours a different one")
        } else if !(1..=LONGEST).contains(&name.chars().count())
            || !name.chars().all(is_plain)
            || name.trim() != name
        {
            invalid("expected up to 40 letters, digits, and ' ', '-', '_', '.' or '+' between them")
        } else {
            Ok(StrategyName::Own(name.into()))
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        match self {
            StrategyName::Known(strategy) => strategy.name(),
            StrategyName::Own(name) => name,
        }
    }

    /// The strategy, if it is one of this crate.
    pub fn known(&self) -> Option<Strategy> {
        match self {
            StrategyName::Known(strategy) => Some(*strategy),
            StrategyName::Own(_) => None,
        }
    }

    /// Whether the strategy should give serial's hits, as a caller's own should.
    pub fn is_right(&self) -> bool {
        self.known().is_none_or(Strategy::is_right)
    }

    /// Whether the number of workers makes no difference.
    pub(crate) fn has_one_row(&self) -> bool {
        self.known().is_some_and(Strategy::has_one_row)
    }
}

impl From<Strategy> for StrategyName {
    fn from(strategy: Strategy) -> StrategyName {
        StrategyName::Known(strategy)
    }
}

impl PartialEq<Strategy> for StrategyName {
    fn eq(&self, other: &Strategy) -> bool {
        self.known() == Some(*other)
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for StrategyName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Saved<'a> {
            strategy: &'a str,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            own: bool,
        }
        let saved = Saved {
            strategy: self.name(),
            own: self.known().is_none(),
        };
        saved.serialize(serializer)
    }
}

/// A caller's own strategy.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) name: String,
    pub(crate) count: Arc<Count>,
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Own({})", self.name)
    }
}
