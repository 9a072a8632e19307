//! `pi-mc compare`: times every way of running a plan, and prints the table.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::compare::baseline::Baseline;
use crate::compare::lineup::Lineup;
use crate::compare::measure::{self, CompareError, Outcome};
use crate::compare::row::{Comparison, Scaling, Setup};
use crate::compare::strategy::Strategy;
use crate::darts::tally::{counted, json};
use crate::engine::timeline::Timeline;
use crate::kernel::Kernel;
use crate::report;
use crate::report::columns::TextStyle;
use anyhow::Result;
use clap::ValueEnum;
use strum::VariantArray;

use crate::cli::baseline::{BaselineArgs, complain};
use crate::cli::io::failure::{self, Usage, print_error};
use crate::cli::io::file::Target;
use crate::cli::io::picture;
use crate::cli::io::saved;
use crate::cli::io::stdout::{ascii, colour, print_data, print_text};
use crate::cli::io::timeline::TimelineFile;
use crate::cli::parse::default;
use crate::cli::parse::lists::{
    SimsList, WorkerList, named, runs, sims_list, strategies, warmup, worker_list,
};
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::{choice, number};
use crate::cli::rounds::Rounds;
use crate::cli::worker;

/// Time serial against parallel on the same darts, and check every answer
///
/// Strategies: serial (the baseline, always included), pool (the program's own engine), threads, gil (a model of
/// Python's threads), queue, processes, lock, atomic, and two that are wrong on purpose: race and same-seed.
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

/// The formats of a table.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Aligned columns for a person
    Text,
    /// One object on one line for each number of darts, with every single run
    Json,
    /// A header, and one line per row
    Csv,
    /// A table to paste
    Markdown,
}

/// Runs the comparison, or reads it, and prints its table. Fails if a strategy that should be right is not, or if
/// a row is slower than its baseline tolerates.
pub(crate) fn compare(args: CompareArgs) -> Result<ExitCode> {
    let args = Arc::new(args);
    let plot = args.plot.as_deref().map(picture::target).transpose()?;
    if let Some(plot) = &plot {
        plot.check()?;
    }
    let timeline = args.timeline.as_deref().map(TimelineFile::of).transpose()?;
    for output in plot.iter().chain(timeline.iter().map(|file| &file.target)) {
        spare_input(&args, output)?;
    }
    let baseline = read_baseline(&args)?;
    let (outcome, timelines) = match &args.from {
        Some(path) => (read(&args, path, baseline.as_ref())?, None),
        None => run(&args, baseline.as_ref(), plot.as_ref(), timeline.as_ref())?,
    };

    let is_taken = timeline.as_ref().is_some_and(TimelineFile::takes_stdout);
    let mut code = print(&args, &outcome, plot.as_ref(), is_taken).unwrap_or(ExitCode::SUCCESS);
    if let (Some(file), Some(timelines)) = (&timeline, &timelines) {
        let origin = report::origin::comparison(&outcome.comparisons);
        let written = failure::report_all(vec![file.write(timelines, &origin)]);
        code = written.unwrap_or(code);
    }
    // All outputs are written even if one fails, and a verdict stands even if nobody reads it.
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

/// Prints the table, unless stdout `is_taken`, and draws the picture, on stdout in place of the table. Returns the exit
/// code of an error.
fn print(
    args: &CompareArgs,
    outcome: &Outcome,
    plot: Option<&Target>,
    is_taken: bool,
) -> Option<ExitCode> {
    let mut results = Vec::new();
    if plot != Some(&Target::Stdout) && !is_taken {
        let print = match args.format {
            Format::Text => print_text,
            _ => print_data,
        };
        results.push(table(outcome, args).and_then(|text| print(&text)));
    }
    if let Some(plot) = plot {
        results.push(plot.write(&report::picture::comparison(&outcome.comparisons)));
    }
    failure::report_all(results)
}

/// Refuses to replace a file that is read, whatever name it is given.
fn spare_input(args: &CompareArgs, output: &Target) -> Result<(), Usage> {
    for (option, path) in [
        ("--from", &args.from),
        ("--baseline", &args.baseline.baseline),
    ] {
        if path.as_ref().is_some_and(|path| output.is_file(path)) {
            let message =
                format!("'{option}' reads the file that a picture or timeline would replace");
            return Err(Usage(message + "; give that another name"));
        }
    }
    Ok(())
}

/// Reads the baseline, if there is one, before anything runs.
fn read_baseline(args: &CompareArgs) -> Result<Option<Baseline>> {
    let is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    if is_stdin(&args.from) && is_stdin(&args.baseline.baseline) {
        let message = "'--from -' and '--baseline -' cannot both be read from stdin; name a file";
        return Err(Usage(message.to_owned()).into());
    }
    args.baseline.read()
}

/// Reads a saved comparison in place of running one.
fn read(args: &CompareArgs, path: &Path, baseline: Option<&Baseline>) -> Result<Outcome> {
    let comparisons = saved::comparisons(path)?;
    let baseline = baseline.map(|baseline| baseline.compare_with(&comparisons));
    let baseline = baseline.transpose();
    Ok(Outcome {
        baseline: baseline.map_err(|error| args.baseline.refused(error))?,
        comparisons,
    })
}

/// Runs a comparison of each size, and one more run of each row if there is to be a timeline.
fn run(
    args: &Arc<CompareArgs>,
    baseline: Option<&Baseline>,
    plot: Option<&Target>,
    timeline: Option<&TimelineFile>,
) -> Result<(Outcome, Option<Vec<Timeline>>)> {
    let setup = setup(args)?;
    let lineup = lineup(args)?;
    let sizes: &[u64] = args.sims.as_ref().map_or(&[], |SimsList(sizes)| sizes);
    if let Some(timeline) = timeline {
        let of_baseline = baseline.map_or(0, |baseline| baseline.comparisons.len());
        if sizes.len() > 1 || (sizes.is_empty() && of_baseline > 1) {
            let message = "'--timeline' shows one number of darts; name one with -n";
            return Err(Usage(message.to_owned()).into());
        }
        timeline.target.check()?;
        if plot.is_some_and(|plot| plot.is_same(&timeline.target)) {
            let message = "'--timeline' and '--plot' are the same file; give each its own";
            return Err(Usage(message.to_owned()).into());
        }
    }

    // A closed stdout ends the comparison only if stdout is its sole output.
    let is_for_stdout = plot.is_none() && timeline.is_none() && baseline.is_none();
    let (printed, picture) = (args.clone(), plot.cloned());
    let rounds = Rounds::watch(is_for_stdout, move |comparisons| {
        let outcome = Outcome {
            comparisons,
            baseline: None,
        };
        print(&printed, &outcome, picture.as_ref(), false);
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
    if let (Some(_), Ok(outcome)) = (timeline, &outcome) {
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

/// The table. With a baseline all formats but text show only the changes.
fn table(outcome: &Outcome, args: &CompareArgs) -> Result<String> {
    let style = TextStyle {
        colour: colour(),
        ascii: ascii(),
        wide: args.wide,
    };
    let Outcome {
        comparisons,
        baseline,
    } = outcome;
    let each = comparisons.iter();
    Ok(match (args.format, baseline) {
        (Format::Text, baseline) => {
            let mut out = if comparisons.len() > 1 && !args.wide {
                report::comparison::curve(comparisons, style)
            } else {
                let tables = each.map(|one| report::comparison::text(one, style));
                tables.collect::<Vec<_>>().join("\n")
            };
            out += &report::comparison::scaling(comparisons, style);
            if let Some(baseline) = baseline {
                out += &report::comparison::changes(baseline, style);
            }
            out
        }
        (Format::Json, Some(baseline)) => json(baseline),
        (Format::Json, None) => each.map(Comparison::to_json).collect(),
        (Format::Csv, Some(baseline)) => report::csv::baseline(baseline),
        (Format::Csv, None) => report::csv::comparisons(comparisons),
        (Format::Markdown, Some(baseline)) => report::comparison::changes_markdown(baseline),
        (Format::Markdown, None) => {
            let tables = each.map(report::comparison::markdown);
            tables.collect::<Vec<_>>().join("\n")
        }
    })
}
