//! The darts that a record was to hold: its shard of a run, or its range.

use crate::darts::plan::Plan;
use crate::error::Error;
use crate::result::record::{Record, require};

impl Record {
    /// Checks that it holds no darts beyond its shard or range.
    pub(super) fn check_asked(&self) -> Result<(), Error> {
        let asked = self.asked();
        let asked =
            asked.map_err(|error| Error::Invalid(format!("its shard or range: {error}")))?;
        let Some(asked) = asked else { return Ok(()) };
        let is_within = asked.start() <= self.first && self.end() <= asked.end();
        require(is_within || self.sims == 0, || {
            format!("it holds darts outside its shard or range, {asked}")
        })
    }

    /// The darts of its shard or range; `None` if it is neither.
    ///
    /// # Errors
    /// If there is no such shard or range.
    pub(crate) fn asked(&self) -> Result<Option<Plan>, Error> {
        let whole = || Plan::first(self.seed, self.total.unwrap_or(u64::MAX));
        let shard = self.shard.map(|(number, of)| whole()?.shard(number, of));
        let range = || Some(Plan::new(self.seed, self.range?.0..self.range?.1));
        shard.or_else(range).transpose()
    }
}
