//! `--method lazy`: draws the hits instead of throwing the darts.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::io::stdout::{colour, print};
use crate::cli::run::job::Job;
use crate::result::record::Record;

/// Draws the hits of `job` and prints them.
pub(crate) fn draw(job: &Job) -> Result<ExitCode> {
    let plan = job.plan()?;
    let record = Record::drawn(plan.seed(), plan.sims())?;
    print(&record, job.format, colour())?;
    Ok(ExitCode::SUCCESS)
}
