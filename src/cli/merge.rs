//! `pi-mc merge`: adds up saved results, from files or stdin.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};

use crate::cli::io::saved;
use crate::cli::io::stdout::{Format, OutputArgs, colour, print, print_data, print_text};
use crate::darts::tally::json;
use crate::report;
use crate::result::average::{Average, average};
use crate::result::merge::{self, MergeError, merge_partial};

/// Add up saved results: the shards of a run, in any order
///
/// A saved result is what --format json prints, and what a checkpoint holds. A file may have one per line
/// or several in an array, in any layout.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct MergeArgs {
    /// Files of saved results, one or more in each; - is stdin
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Add up what is there, even if darts are missing
    #[arg(long)]
    partial: bool,

    /// Average the estimates of different runs, each of its own seed
    ///
    /// This is what a pool of processes computes if each has its own seed. It is not the estimate of one long
    /// run, since other seeds throw other darts. Its error follows from the errors of the runs.
    #[arg(long, conflicts_with = "partial")]
    average: bool,

    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc merge shard-*.json                   the whole run, once all shards are there
  pi-mc merge --partial shard-*.json         what is there so far
  pi-mc merge --average seed-*.json          the mean of runs of different seeds
  cat shard-*.json | pi-mc merge - -q        from a pipe, only the estimate";

/// Adds up or averages the results in all files, and prints the sum or the mean.
pub(crate) fn merge(args: &MergeArgs) -> Result<ExitCode> {
    let records = saved::records(&args.files)?;
    let named = || records.iter().map(|(name, record)| (name, record));
    if args.average {
        return print_average(&average(named())?, args.output.format());
    }
    let record = if args.partial {
        merge_partial(named())
    } else {
        merge::merge(named())
    };
    let record = record.map_err(|error| match error {
        MergeError::Gap(gap) => {
            anyhow!("{gap}; run that part, or add up what is there with --partial")
        }
        MergeError::Seeds(seeds) => anyhow!(
            "{seeds}: runs of different seeds are not parts of one run; average their estimates with \
             --average"
        ),
        error => error.into(),
    })?;
    print(&record, args.output.format(), colour())?;
    Ok(ExitCode::SUCCESS)
}

fn print_average(average: &Average, format: Format) -> Result<ExitCode> {
    match format {
        Format::Text => print_text(&report::average::text(average)),
        Format::Json => print_data(&json(average)),
        Format::Csv => print_data(&report::csv::average(average)),
        Format::Quiet => print_text(&format!("{}\n", average.pi)),
    }?;
    Ok(ExitCode::SUCCESS)
}
