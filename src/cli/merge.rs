//! `pi-mc merge`: adds up saved results, from files or stdin.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use pi_mc::Error;
use pi_mc::error::MergeError;

use super::output::{OutputArgs, colour, print};
use super::saved;

/// Add up saved results: the shards of a run, in any order
///
/// A saved result is what --format json prints, and what a checkpoint holds. A file may have one a line,
/// or several in an array, and be reformatted.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct MergeArgs {
    /// Files of saved results, one or more in each; - is stdin
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Add up what is there, even if darts are missing
    #[arg(long)]
    partial: bool,

    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc merge shard-*.json                   the whole run, once all shards are there
  pi-mc merge --partial shard-*.json         what is there so far
  cat shard-*.json | pi-mc merge - -q        from a pipe, only the estimate";

/// Adds up the results in all files and prints the whole.
pub(super) fn merge(args: &MergeArgs) -> Result<ExitCode> {
    let records = saved::records(&args.files)?;
    let record = pi_mc::merge(&records, args.partial).map_err(|error| match error {
        Error::Merge(gap @ MergeError::Gap { .. }) => {
            anyhow!("{gap}; run that part, or add up what is there with --partial")
        }
        error => error.into(),
    })?;
    print(&record, args.output.format(), colour())?;
    Ok(ExitCode::SUCCESS)
}
