//! `pi-mc compare --baseline`: reads the baseline before anything runs, and holds the comparison to it.

use std::path::{Path, PathBuf};

use crate::compare::baseline::{Against, BaselineError, Held, Work, hold};
use crate::compare::row::Comparison;
use anyhow::{Error, Result, anyhow};

use crate::cli::io::failure::print_error;
use crate::cli::io::saved;

/// What to hold the comparison to.
#[derive(clap::Args)]
pub(crate) struct BaselineArgs {
    /// Compare each row with a saved comparison; exit 1 if one is slower by more than the tolerance
    ///
    /// Without -n, use the baseline's numbers of darts: only rows with the same number can be compared.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// How much slower a row may be, beyond its noise
    #[arg(
        long,
        value_name = "SHARE",
        default_value = "5%",
        requires = "baseline"
    )]
    #[arg(value_parser = percent, allow_hyphen_values = true)]
    tolerance: f64,

    /// Accept a baseline from another CPU, number of cores, system or kernel
    #[arg(long, requires = "baseline")]
    any_machine: bool,
}

/// A baseline that was read.
pub(crate) struct Baseline<'a> {
    path: &'a Path,
    args: &'a BaselineArgs,
    comparisons: Vec<Comparison>,
}

impl BaselineArgs {
    /// Reads the baseline, if there is one.
    pub(crate) fn read(&self) -> Result<Option<Baseline<'_>>> {
        let Some(path) = &self.baseline else {
            return Ok(None);
        };
        let comparisons = saved::comparisons(path)?;
        Ok(Some(Baseline {
            path,
            args: self,
            comparisons,
        }))
    }
}

impl Baseline<'_> {
    /// Its numbers of darts.
    pub(crate) fn sims(&self) -> Vec<u64> {
        self.comparisons.iter().map(|one| one.sims).collect()
    }

    /// Whether this work can be held to it.
    pub(crate) fn check(&self, work: &Work) -> Result<()> {
        let Some(of_baseline) = Work::of(&self.comparisons) else {
            return Ok(());
        };
        let checked = work.check(&of_baseline, self.args.any_machine);
        checked.map_err(|error| self.refused(error))
    }

    /// Holds comparisons to it, if they are of the same work.
    pub(crate) fn hold(&self, comparisons: &[Comparison]) -> Result<Against> {
        if let Some(work) = Work::of(comparisons) {
            self.check(&work)?;
        }
        let held = hold(comparisons, &self.comparisons, self.args.tolerance);
        held.map_err(|error| self.refused(error))
    }

    fn refused(&self, error: BaselineError) -> Error {
        let hint = match &error {
            BaselineError::Machine { .. } => "; --any-machine compares them all the same",
            _ => "",
        };
        anyhow!("{error}{hint}").context(format!("baseline '{}'", self.path.display()))
    }
}

/// Says which rows are too slow; whether there is one.
pub(crate) fn complain(against: &Against) -> bool {
    let slow = |held: &&Held| held.fails;
    for held in against.rows.iter().filter(slow) {
        let tolerance = against.tolerance_percent();
        print_error(&format!(
            "{} on {} workers is slower than the baseline by more than {tolerance} %",
            held.name.strategy, held.name.workers
        ));
    }
    against.rows.iter().any(|held| held.fails)
}

/// Parses `5%` as 0.05.
fn percent(text: &str) -> Result<f64, String> {
    let number = text
        .strip_suffix('%')
        .and_then(|number| number.parse().ok());
    let share = number.filter(|percent| (0.0..=1000.0).contains(percent));
    let share = share.map(|percent: f64| percent / 100.0);
    share.ok_or_else(|| "a share from 0% to 1000%, such as 5%".to_owned())
}
