//! `--method lazy`: draws the hits instead of throwing the darts.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::io::stdout::{Format, colour, print};
use crate::cli::run::job::Job;
use crate::engine::clock::Stopwatch;
use crate::lazy;
use crate::result::machine::Machine;
use crate::result::record::{Method, Record};

/// Draws the hits of `job` and prints them.
pub(crate) fn draw(job: &Job) -> Result<ExitCode> {
    let plan = job.plan()?;
    let watch = Stopwatch::start();
    let tally = lazy::count(plan.seed(), plan.sims())?;
    let spent = watch.spent();
    let name = Method::Lazy.name();
    let record = Record::new(&plan, tally, Method::Lazy);
    let record = Record {
        machine: (job.format == Format::Json).then(|| Machine::this(name, watch.started())),
        ..record.counted_by(name, 1, Some(spent))
    };
    print(&record, job.format, colour())?;
    Ok(ExitCode::SUCCESS)
}
