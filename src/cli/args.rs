//! What may be typed, and what is wrong with it in one line. Not here: how numbers are read.

use std::num::NonZero;

use clap::{Parser, ValueEnum};
use pi_mc::Kernel;

use super::number;

/// The most threads that can be asked for; far more than any machine has cores.
const MAX_WORKERS: usize = 4096;

/// Estimates π by throwing darts at a square and counting those in its circle, on all cores.
///
/// One seed gives the same hits, to the last one, for any number of workers, on any machine.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// What a plain run takes.
#[derive(clap::Args)]
pub(super) struct RunArgs {
    /// Darts to throw, as 1e7, 2.5e9, 10_000_000, 10k/M/G/T or 2^32
    #[arg(short = 'n', long, value_name = "N", default_value = "10000000")]
    #[arg(value_parser = number::sims, allow_negative_numbers = true)]
    pub(super) sims: u64,

    /// Threads that share the work; 1 is serial [default: the cores]
    #[arg(short, long, value_name = "W")]
    #[arg(value_parser = workers, allow_negative_numbers = true)]
    pub(super) workers: Option<NonZero<usize>>,

    /// Which darts, decimal or 0x hex [default: drawn anew, and printed]
    #[arg(short, long, value_name = "S")]
    #[arg(value_parser = number::seed, allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,

    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,

    /// Print the estimate alone
    #[arg(short, long, conflicts_with = "format")]
    pub(super) quiet: bool,

    /// auto, avx512, avx2, sse4.1 or portable; all hit alike
    #[arg(long, value_name = "KERNEL", default_value = "auto", value_parser = kernel)]
    pub(super) kernel: Kernel,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc                                throw ten million darts
  pi-mc --sims 1e10 --workers 4        ten thousand million, on four threads
  pi-mc -n 1e9 -s 42                   the same hits on every machine: 785381759
  pi-mc -q                             the estimate alone, for a script
  pi-mc --format json | jq .hits       everything, for a program";

/// The formats of a result.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// Aligned lines for a person
    Text,
    /// One object on one line
    Json,
    /// A header and a row
    Csv,
}

fn workers(text: &str) -> Result<NonZero<usize>, String> {
    let workers = text
        .parse()
        .ok()
        .filter(|workers: &NonZero<usize>| workers.get() <= MAX_WORKERS);
    workers.ok_or_else(|| format!("a whole number from 1 to {MAX_WORKERS}"))
}

fn kernel(name: &str) -> Result<Kernel, String> {
    if name == "auto" {
        return Ok(Kernel::detect());
    }
    if !Kernel::NAMES.contains(&name) {
        return Err(format!("one of auto, {}", Kernel::NAMES.join(", ")));
    }
    Kernel::named(name).map_err(|error| error.to_string())
}

/// clap's message without its advice on usage, folded into one line.
pub(super) fn one_line(error: &clap::Error) -> String {
    let message = error.render().to_string();
    let lines = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty());
    let folded = lines.collect::<Vec<_>>().join(" ");
    folded.strip_prefix("error: ").unwrap_or(&folded).to_owned()
}
