//! The program's main job: throw the darts and print the result.

use std::num::NonZero;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use pi_mc::report::Method;
use pi_mc::{Plan, Record, lazy, report, run};
use rand::TryRng;
use rand::rngs::SysRng;

use super::args::{self, Format, RunArgs};
use super::output::{colour, write_stdout};

/// Throws the darts that `args` asks for and prints the result.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode> {
    let plan = Plan::new(seed_or_drawn(args.seed)?, args.sims)?;
    let workers = match args.method {
        args::Method::Darts => run::workers(&plan, args.workers),
        args::Method::Lazy => NonZero::<usize>::MIN,
    };

    let start = Instant::now();
    let (tally, method) = match args.method {
        args::Method::Darts => (
            run::count(&plan, args.kernel, workers)?,
            Method::Darts(args.kernel),
        ),
        args::Method::Lazy => (lazy::count(plan.seed(), plan.sims())?, Method::Lazy),
    };
    let record = Record::new(&plan, tally, method, workers.get(), start.elapsed());
    write_stdout(&if args.quiet {
        report::quiet(&record)
    } else {
        match args.format {
            Format::Text => report::text(&record, colour()),
            Format::Json => report::json(&record)?,
            Format::Csv => report::csv(&record),
        }
    })
}

/// The seed asked for, or else one from the operating system, below 2^53: every JSON reader then
/// keeps it exactly.
pub(super) fn seed_or_drawn(asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(seed) => Ok(seed),
        None => SysRng
            .try_next_u64()
            .map(|seed| seed >> (64 - 53))
            .context("could not draw a seed from the operating system"),
    }
}
