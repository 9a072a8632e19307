//! `pi-mc dart`: replays single darts.

use std::ops::Range;
use std::process::ExitCode;

use crate::darts::replay::{Dart, darts};
use crate::report;
use anyhow::Result;
use clap::ValueEnum;

use crate::cli::io::failure::Usage;
use crate::cli::io::stdout::{colour, print_data, print_text};
use crate::cli::parse::number::{self, seed_or_drawn};

/// The most darts in a table.
const MAX_DARTS: u64 = 10_000;

#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct DartArgs {
    /// Numbers of darts, from 0: 12, 1e6, 2^48; 10..20 is darts 10 to 19
    ///
    /// At most 10,000 darts in all. The greatest number is 2^64-2.
    #[arg(value_name = "NUMBER", required = true)]
    #[arg(value_parser = number::darts, allow_negative_numbers = true)]
    darts: Vec<Range<u64>>,

    /// Seed, decimal or 0x hex [default: drawn, and printed]
    #[arg(short, long, value_name = "S")]
    #[arg(value_parser = number::seed, allow_hyphen_values = true)]
    seed: Option<u64>,

    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc dart -s 42 0 1 65536                 two, and the first of chunk 1
  pi-mc dart -s 42 1000..1010                ten darts in a row, 1000 to 1009
  pi-mc dart -s 7 0..10000 --format json | jq -s 'map(select(.hit)) | length'
                                             the hits of pi-mc -s 7 -n 10000";

/// The formats of darts.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A table for a person
    Text,
    /// One object per line
    Json,
}

/// Prints the darts in the order of the arguments.
pub(crate) fn dart(args: &DartArgs) -> Result<ExitCode> {
    let asked = args.darts.iter().map(|range| range.end - range.start);
    let asked = asked.fold(0, u64::saturating_add);
    if asked > MAX_DARTS {
        let message = format!("{asked} darts are too many to replay, at most {MAX_DARTS}");
        return Err(Usage(message).into());
    }
    let seed = seed_or_drawn(args.seed)?;
    let ranges = args.darts.iter().cloned();
    let darts: Vec<Dart> = ranges.flat_map(|range| darts(seed, range)).collect();
    match args.format {
        Format::Text => {
            let table = report::dart::text(&darts, colour());
            print_text(&format!("seed {seed}\n\n{table}"))?;
        }
        Format::Json => {
            let lines: String = darts.iter().map(Dart::to_json).collect();
            print_data(&lines)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
