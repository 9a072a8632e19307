//! `--parts N`: the run lists its hits by N ranges of its darts, each of which can be counted again by itself.

use crate::cli::run::start::Run;
use crate::darts::tally::Tally;
use crate::result::record::Record;

impl Run {
    /// The first cut above `sims`.
    pub(crate) fn next_cut(&self, sims: u64) -> Option<u64> {
        let passed = self.cuts.partition_point(|cut| *cut <= sims);
        self.cuts.get(passed).copied()
    }

    /// Whether the run is cut after `sims` darts.
    pub(crate) fn is_cut(&self, sims: u64) -> bool {
        self.cuts.binary_search(&sims).is_ok()
    }

    /// The tallies at the cuts that `held`, the record in a checkpoint, has passed. Its last part may be unfinished.
    pub(crate) fn passed(&self, held: &Record) -> Vec<Tally> {
        let mut tally = Tally::default();
        let ends = held.parts.iter().map(|one| {
            tally.sims += one.part.sims;
            tally.hits += one.part.hits;
            tally
        });
        let is_cut = |end: &Tally| end.sims < held.sims || self.is_cut(end.sims);
        ends.filter(is_cut).collect()
    }
}
