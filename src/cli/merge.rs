//! `pi-mc merge`: adds up saved results, from files or stdin.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Error, Result, anyhow, bail};

use crate::cli::io::failure::Usage;
use crate::cli::io::saved;
use crate::cli::io::stdout::{
    Format, OutputArgs, colour, print, print_data, print_json, print_text,
};
use crate::report;
use crate::result::average::{Average, Runs};
use crate::result::merge::{MergeError, Shares};
use crate::result::missing::{Gap, Missing, Shards};

/// The exit code of `--missing` if darts are missing.
const INCOMPLETE: u8 = 3;

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

    /// Print only what to run again: shard numbers, as sbatch --array takes them
    ///
    /// With --format json, print the gaps as ranges, for --range. The exit code is 3 if darts are missing; otherwise
    /// nothing is printed, and it is 0. A shard that a file holds only in part must be run again too: the same
    /// command finishes its checkpoint, or replaces its result.
    #[arg(long, conflicts_with_all = ["partial", "average", "quiet"])]
    missing: bool,

    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc merge shard-*.json                   the whole run, if none is missing
  pi-mc merge --partial shard-*.json         what is there so far
  sbatch --array=$(pi-mc merge --missing shard-*.json) shard.sh
                                             submit the missing shards
  pi-mc merge --average seed-*.json          the mean of runs of different seeds
  cat shard-*.json | pi-mc merge - -q        from a pipe, only the estimate";

/// Adds up or averages the results in all files, and prints the sum or the mean.
pub(crate) fn merge(args: &MergeArgs) -> Result<ExitCode> {
    // Whole records would take a kilobyte each.
    if args.average {
        let mut runs = Runs::default();
        saved::each_record(&args.files, |name, record| Ok(runs.add(name, &record)?))?;
        return print_average(&runs.average()?, args.output.format());
    }
    let mut shares = Shares::default();
    saved::each_record(&args.files, |name, record| Ok(shares.add(name, &record)?))?;
    let record = match shares.sum(args.partial) {
        Err(MergeError::Missing(missing)) if args.missing => {
            return print_missing(&missing, args.output.format());
        }
        Ok(_) if args.missing => return Ok(ExitCode::SUCCESS),
        record => record.map_err(advised)?,
    };
    print(&record, args.output.format(), colour())?;
    Ok(ExitCode::SUCCESS)
}

/// The error, with the way out of it.
fn advised(error: MergeError) -> Error {
    match error {
        MergeError::Missing(missing) => {
            let seed = missing.seed;
            let shards = missing.shards().and_then(|rows| rows.first().copied()).map(
                |Shards {
                     first, of, total, ..
                 }| { format!("-n {total} -s {seed} --shard {first}/{of}") },
            );
            let gap = missing.gaps.first();
            let range =
                gap.map(|Gap { first, end, .. }| format!("-s {seed} --range {first}..{end}"));
            let example = shards.or(range).unwrap_or_default();
            anyhow!(
                "{missing}; run what is missing, such as '{example}', or add up what is there with --partial"
            )
        }
        MergeError::Seeds(seeds) => anyhow!("{seeds}; average their estimates with --average"),
        error => error.into(),
    }
}

/// Prints what to run again, on a line.
fn print_missing(missing: &Missing, format: Format) -> Result<ExitCode> {
    match format {
        Format::Json => print_json(missing)?,
        Format::Csv => bail!(Usage(
            "'--missing' prints shard numbers, or ranges with '--format json'".to_owned()
        )),
        Format::Text | Format::Quiet => {
            let Some(rows) = missing.shards() else {
                bail!(
                    "{missing}; these are not whole shards, so '--missing' needs '--format json', which prints ranges"
                );
            };
            let rows: Vec<String> = rows.iter().map(Shards::to_string).collect();
            print_data(&(rows.join(",") + "\n"))?;
        }
    }
    Ok(ExitCode::from(INCOMPLETE))
}

fn print_average(average: &Average, format: Format) -> Result<ExitCode> {
    match format {
        Format::Text => print_text(&report::average::text(average)),
        Format::Json => print_json(average),
        Format::Csv => print_data(&report::csv::average(average)),
        Format::Quiet => print_text(&format!("{}\n", average.pi)),
    }?;
    Ok(ExitCode::SUCCESS)
}
