//! `pi-mc compare`: times every way of running a plan, and prints the table.

mod baseline;
mod output;
mod rounds;

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use crate::compare::baseline::Baseline;
use crate::compare::lineup::Lineup;
use crate::compare::measure::{self, CompareError, Outcome};
use crate::compare::row::{Comparison, Scaling, Setup};
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::engine::timeline::Timeline;
use crate::kernel::Kernel;
use anyhow::Result;
use strum::VariantArray;

use crate::cli::compare::baseline::{BaselineArgs, complain};
use crate::cli::compare::output::{Format, Output};
use crate::cli::compare::rounds::Rounds;
use crate::cli::io::failure::{Usage, print_error};
use crate::cli::io::saved;
use crate::cli::parse::default;
use crate::cli::parse::lists::{
    SimsList, WorkerList, named, runs, sims_list, strategies, warmup, worker_list,
};
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::{choice, number};
use crate::cli::worker;

#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    /// Number of darts, or several: 1e4,1e6,1e8 [default: enough for 0.2 s of serial]
    ///
    /// With weak scaling, this is the number for each worker. Give several to see where a strategy breaks even.
    #[arg(short = 'n', long, value_name = "LIST", aliases = ["samples", "iterations", "darts"])]
    #[arg(value_parser = sims_list, allow_hyphen_values = true)]
    sims: Option<SimsList>,

    /// Numbers of workers: 1,2,4; auto is 1, 2, 4, ... up to the cores [default: auto]
    ///
    /// If the variable PI_MC_WORKERS is set, the default is 1, 2, 4, ... up to its number.
    #[arg(short, long, value_name = "LIST", aliases = ["threads", "jobs"], short_alias = 'j')]
    #[arg(value_parser = worker_list, allow_hyphen_values = true)]
    workers: Option<WorkerList>,

    /// Strategies to compare: serial,pool,race; or all
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "serial,pool"
    )]
    #[arg(value_parser = strategies(), hide_possible_values = true)]
    strategy: Vec<Option<Strategy>>,

    /// The same as --strategy
    #[arg(value_name = "STRATEGY", value_delimiter = ',', conflicts_with_all = ["strategy", "from"])]
    #[arg(value_parser = strategies(), hide_possible_values = true)]
    strategies: Vec<Option<Strategy>>,

    /// Timed runs of each row
    #[arg(long, value_name = "R", default_value = "7")]
    #[arg(value_parser = runs, allow_hyphen_values = true)]
    runs: NonZero<usize>,

    /// Untimed runs of each row, before the timed ones
    #[arg(long, value_name = "R", default_value = "1")]
    #[arg(value_parser = warmup, allow_hyphen_values = true)]
    warmup: usize,

    /// Seed, decimal or 0x hex [default: drawn, and printed]
    #[arg(short, long, value_name = "S")]
    #[arg(value_parser = number::seed, allow_hyphen_values = true)]
    seed: Option<u64>,

    /// Keep the number of darts (strong), or let it grow with the workers (weak)
    #[arg(long, value_name = "SCALING", default_value = "strong")]
    #[arg(value_parser = choice::one_of(Scaling::VARIANTS.iter().copied(), Scaling::name))]
    scaling: Scaling,

    /// Make every chunk of 65,536 darts wait first, as if for a network: 2ms, 1.5s
    #[arg(long, value_name = "TIME", default_value = "0s")]
    #[arg(value_parser = number::duration, allow_hyphen_values = true)]
    io_wait: Duration,

    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Show all columns of text, however wide
    #[arg(long)]
    wide: bool,

    /// Instruction set: auto (the default), avx512, avx2, sse4.1, neon, portable
    #[arg(long, value_name = "KERNEL", default_value = "auto", value_parser = choice::kernel())]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    kernel: Kernel,

    /// Keep worker i on the i-th core that this process may use (Linux)
    #[arg(long)]
    pin: bool,

    /// GPU that strategy gpu uses, by name or a part of it [default: the first hardware GPU]
    #[cfg(feature = "gpu")]
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    gpu: Option<String>,

    /// Draw the speed-ups by number of workers, or of darts, as SVG; - is stdout
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    /// Record who does what when, in one more run of each row: .json, .svg, .txt; - is stdout
    ///
    /// Serial has one only if it is named. On a terminal, stdout has a lane for each worker.
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,

    /// Print or draw a saved comparison (JSON) and run nothing; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = RUNNING)]
    from: Option<PathBuf>,

    #[command(flatten)]
    baseline: BaselineArgs,
}

/// The options that make sense only if something runs.
const RUNNING: [&str; 11] = [
    "sims", "workers", "strategy", "runs", "warmup", "seed", "scaling", "io_wait", "kernel",
    "timeline", "pin",
];

const EXAMPLES: &str = "\
Examples:
  pi-mc compare                            serial against the pool
  pi-mc compare --strategy all -n 1e7      every way, right and wrong
  pi-mc compare processes -n 1e5,1e6,1e7   from which size on they pay
  pi-mc compare --scaling weak             twice the workers, twice the darts
  pi-mc compare --io-wait 2ms -w 1,2,8     more workers than cores pay off
  pi-mc compare --from a.json --plot a.svg what --format json saved
  pi-mc compare --baseline saved.json      is anything slower than it was?";

/// Runs the comparison, or reads it, and prints its table. Fails if a strategy that should be right is not, or if
/// a row is slower than its baseline tolerates.
pub(crate) fn compare(args: CompareArgs) -> Result<ExitCode> {
    let (plot, timeline) = (args.plot.as_deref(), args.timeline.as_deref());
    let output = Output::of(args.format, args.wide, plot, timeline)?;
    let (from, earlier) = (args.from.as_deref(), args.baseline.baseline.as_deref());
    output.spare([("--from", from), ("--baseline", earlier)])?;
    if from == Some(Path::new("-")) && earlier == from {
        let message = "'--from -' and '--baseline -' cannot both be read from stdin; name a file";
        return Err(Usage(message.to_owned()).into());
    }
    let baseline = args.baseline.read()?;
    let saved = from.map(saved::comparisons).transpose()?;

    let (outcome, timelines) = match saved {
        None => run(&args, baseline.as_ref(), &output)?,
        Some(comparisons) => {
            let outcome = Outcome::since(comparisons, baseline.as_ref());
            (outcome.map_err(|error| args.baseline.refused(error))?, None)
        }
    };
    let written = output.write(&outcome, timelines.as_deref());
    // A verdict stands even if nobody reads it.
    let mut code = written.unwrap_or(ExitCode::SUCCESS);
    for row in outcome.comparisons.iter().flat_map(Comparison::faults) {
        print_error(&format!(
            "strategy {} on {} gave {}, serial {}",
            row.strategy,
            counted(row.workers, "worker"),
            counted(row.hits, "hit"),
            row.serial_hits
        ));
        code = ExitCode::FAILURE;
    }
    if outcome.baseline.as_ref().is_some_and(complain) {
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

/// Runs a comparison of each size, and one more run of each row if there is to be a timeline.
fn run(
    args: &CompareArgs,
    baseline: Option<&Baseline>,
    output: &Output,
) -> Result<(Outcome, Option<Vec<Timeline>>)> {
    let setup = setup(args)?;
    let lineup = lineup(args)?;
    let sizes: &[u64] = args.sims.as_ref().map_or(&[], |SimsList(sizes)| sizes);
    let of_baseline = baseline.map_or(0, |baseline| baseline.comparisons.len());
    output.check_timeline(if sizes.is_empty() {
        of_baseline
    } else {
        sizes.len()
    })?;

    // A closed stdout ends the comparison only if stdout is its sole output.
    let is_for_stdout = output.is_for_stdout() && baseline.is_none();
    let if_stopped = output.clone();
    let rounds = Rounds::watch(is_for_stdout, move |comparisons| {
        if_stopped.print(&Outcome::of(comparisons), false);
    })?;
    let outcome = measure::run_by_rounds(&setup, sizes, &lineup, baseline, |runs| {
        rounds.note(runs);
        ControlFlow::Continue(())
    });
    let outcome = outcome.map_err(|error| match error {
        CompareError::Baseline(error) => args.baseline.refused(error),
        error => error.into(),
    });
    let mut timelines = None;
    if let (Some(_), Ok(outcome)) = (&output.timeline, &outcome) {
        let sims = outcome.comparisons[0].sims;
        timelines = Some(measure::timelines(&setup, sims, &lineup, |runs| {
            let (done, total) = (runs.done, runs.total.unwrap_or(0));
            rounds.show(format!("{done} of {total} timelines"));
            ControlFlow::Continue(())
        }));
    }
    rounds.end();
    Ok((outcome?, timelines.transpose()?))
}

fn setup(args: &CompareArgs) -> Result<Setup> {
    Ok(Setup {
        seed: seed_or_drawn(args.seed)?,
        first: 0,
        scaling: args.scaling,
        io_wait: args.io_wait,
        warmup: args.warmup,
    })
}

fn lineup(args: &CompareArgs) -> Result<Lineup> {
    let asked = if args.strategies.is_empty() {
        &args.strategy
    } else {
        &args.strategies
    };
    let strategies = named(asked)?;
    #[cfg(feature = "gpu")]
    let (strategies, device) = {
        let all = *asked == [None];
        choice::with_gpu(args.gpu.as_deref(), all, args.io_wait, strategies)?
    };
    let worker = if strategies.contains(&Strategy::Processes) {
        worker::command()?
    } else {
        Vec::new()
    };
    Ok(Lineup {
        strategies,
        workers: default::worker_list(args.workers.as_ref())?.0,
        runs: args.runs,
        kernel: args.kernel,
        pinning: choice::pinning(args.pin)?,
        worker,
        #[cfg(feature = "gpu")]
        device,
        ..Lineup::default()
    })
}
