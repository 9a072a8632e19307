//! `pi-mc compare --baseline`: the options, and the complaints about rows that became slower.

use std::path::PathBuf;

use crate::compare::baseline::{Baseline, BaselineError, BaselineReport};
use crate::darts::tally::counted;
use anyhow::{Error, Result, anyhow};

use crate::cli::io::failure::print_error;
use crate::cli::io::saved;

/// The options of a comparison with a baseline.
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

impl BaselineArgs {
    /// Reads the baseline, if there is one.
    pub(crate) fn read(&self) -> Result<Option<Baseline>> {
        let Some(path) = &self.baseline else {
            return Ok(None);
        };
        Ok(Some(Baseline {
            comparisons: saved::comparisons(path)?,
            tolerance: self.tolerance,
            any_machine: self.any_machine,
        }))
    }

    /// The error with the baseline's name, and with the option that helps.
    pub(crate) fn refused(&self, error: BaselineError) -> Error {
        let hint = match &error {
            BaselineError::Machine(_) => "; --any-machine compares them anyway",
            _ => "",
        };
        let path = self.baseline.as_deref().unwrap_or("-".as_ref());
        anyhow!("{error}{hint}").context(format!("baseline '{}'", path.display()))
    }
}

/// Prints an error for each row that is too slow, and returns whether there is one.
pub(crate) fn complain(report: &BaselineReport) -> bool {
    for row in report.rows.iter().filter(|row| row.fails) {
        let tolerance = report.tolerance_percent();
        print_error(&format!(
            "{} on {} is slower than the baseline by more than {tolerance} %",
            row.name.strategy,
            counted(row.name.workers, "worker")
        ));
    }
    report.rows.iter().any(|row| row.fails)
}

/// Parses `5%` as 0.05.
fn percent(text: &str) -> Result<f64, String> {
    let number = text
        .strip_suffix('%')
        .and_then(|number| number.parse().ok());
    let share = number.filter(|percent| (0.0..=1000.0).contains(percent));
    let share = share.map(|percent: f64| percent / 100.0);
    share.ok_or_else(|| "expected a share from 0% to 1000%, such as 5%".to_owned())
}
