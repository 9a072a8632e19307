//! `--method lazy`: draws the hits instead of throwing the darts.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::io::failure;
use crate::cli::io::file::Target;
use crate::cli::io::stdout::{colour, print};
use crate::cli::run::job::Job;
use crate::report::picture;
use crate::result::record::Record;

/// Draws the hits of `job`, and prints them; on stdout a picture takes their place.
pub(crate) fn draw(job: &Job) -> Result<ExitCode> {
    let plan = job.plan()?;
    if let Some(plot) = &job.plot {
        plot.check()?;
    }
    let record = Record::drawn(plan.seed(), plan.sims())?;
    let mut results = Vec::new();
    if job.plot != Some(Target::Stdout) {
        results.push(print(&record, job.format, colour()));
    }
    if let Some(plot) = &job.plot {
        results.push(plot.write(&picture::run(&record, &[record.tally()])));
    }
    Ok(failure::report_all(results).unwrap_or(ExitCode::SUCCESS))
}
