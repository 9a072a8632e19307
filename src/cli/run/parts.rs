//! `--parts N`: the run lists its hits by N ranges of its darts, each of which can be counted again by itself.

use crate::cli::run::start::Run;
use crate::darts::tally::{Part, Tally};
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

/// `record`, which is of a single range, with its hits by the parts between `cuts`: tallies that the count has passed, in
/// order, each from the record's first dart on. Cuts at or beyond its end are left out.
pub(crate) fn in_parts(mut record: Record, cuts: &[Tally]) -> Record {
    let end = record.tally();
    let inner = cuts.iter().filter(|cut| cut.sims < end.sims);
    let cuts: Vec<Tally> = inner.copied().chain([end]).collect();
    let mut before = Tally::default();
    let parts = cuts.into_iter().map(|cut| {
        let part = Part {
            first: record.first + before.sims,
            sims: cut.sims - before.sims,
            hits: cut.hits - before.hits,
        };
        before = cut;
        part.into()
    });
    record.parts = parts.collect();
    record
}
