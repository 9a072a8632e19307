//! `pi-mc compare`: times every way of running a plan, and prints the table.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::compare::baseline::{Against, Work};
use crate::compare::measure::{self, Settings};
use crate::compare::row::{Comparison, Scaling};
use crate::compare::sizes;
use crate::compare::strategy::Strategy;
use crate::darts::plan::Plan;
use crate::engine::timeline::Timeline;
use crate::kernel::Kernel;
use crate::report;
use crate::report::columns::TextStyle;
use crate::result::machine::Machine;
use anyhow::{Error, Result};
use clap::ValueEnum;
use strum::VariantArray;

use crate::cli::baseline::{Baseline, BaselineArgs, complain};
use crate::cli::io::failure::{self, Usage, print_error};
use crate::cli::io::file::Target;
use crate::cli::io::progress::{Progress, When};
use crate::cli::io::saved;
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::{ascii, colour, is_unread, print_text};
use crate::cli::io::timeline::TimelineFile;
use crate::cli::parse::lists::{
    SimsList, WorkerList, named, runs, sims_list, strategies, thrown, warmup, worker_list,
};
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::{choice, number};
use crate::cli::worker;

/// How often to see whether to stop, beside the runs that are timed: too seldom to slow them.
const LOOK: Duration = Duration::from_millis(50);

/// Time serial against parallel on the same darts, and check every answer
///
/// Strategies: serial (the baseline, always included), pool (the program's own engine), threads, queue,
/// processes, lock, atomic, and two that are wrong on purpose: race and same-seed.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    /// Number of darts, or several: 1e4,1e6,1e8 [default: enough for 0.2 s of serial]
    ///
    /// With weak scaling, this is the number for each worker. Give several to see where a strategy breaks even.
    #[arg(short = 'n', long, value_name = "LIST")]
    #[arg(value_parser = sims_list, allow_hyphen_values = true)]
    sims: Option<SimsList>,

    /// Numbers of workers: 1,2,4; auto is 1, 2, 4, ... up to the cores
    #[arg(short, long, value_name = "LIST", default_value = "auto")]
    #[arg(value_parser = worker_list, allow_hyphen_values = true)]
    workers: WorkerList,

    /// Strategies to compare: serial,pool,race; or all
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "serial,pool"
    )]
    #[arg(value_parser = strategies(), hide_possible_values = true)]
    strategy: Vec<Option<Strategy>>,

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

    /// Draw the speed-ups by number of workers, as SVG; - is stdout
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    /// Record who does what when, in one more run of each row: .json, .svg, .txt; - is stdout
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,

    /// Print or draw a saved comparison (JSON) and run nothing; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = RUNNING)]
    from: Option<PathBuf>,

    #[command(flatten)]
    baseline: BaselineArgs,

    /// Here to say why not.
    #[arg(long, hide = true, value_name = "METHOD", value_parser = thrown)]
    method: Option<()>,
}

/// The options that only make sense where something is run.
const RUNNING: [&str; 11] = [
    "sims", "workers", "strategy", "runs", "warmup", "seed", "scaling", "io_wait", "kernel",
    "timeline", "pin",
];

const EXAMPLES: &str = "\
Examples:
  pi-mc compare                                  serial against the pool, 1 to all cores
  pi-mc compare --strategy all -n 1e7            every way, and what the wrong ones get wrong
  pi-mc compare --strategy processes -n 1e5,1e6,1e7,1e8    from which size on they pay
  pi-mc compare --scaling weak                   twice the workers, twice the darts
  pi-mc compare --io-wait 2ms -w 1,2,8 -n 1e7    more workers than cores pay off
  pi-mc compare --from saved.json --plot saved.svg    what --format json saved
  pi-mc compare --baseline saved.json            is anything slower than it was?";

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

/// Runs the comparison, or reads it, and prints its table. A strategy that should be right and is not is a
/// failure.
pub(crate) fn compare(args: CompareArgs) -> Result<ExitCode> {
    let plot = args.plot.as_deref().map(Target::of).transpose()?;
    if let Some(plot) = &plot {
        plot.check()?;
    }
    let timeline = args.timeline.as_deref().map(TimelineFile::of).transpose()?;
    for output in plot.iter().chain(timeline.iter().map(|file| &file.target)) {
        spare_what_is_read(&args, output)?;
    }
    let baseline = read_baseline(&args)?;
    let (comparisons, timelines) = match &args.from {
        Some(path) => (saved::comparisons(path)?, None),
        None => run(&args, baseline.as_ref(), plot.as_ref(), timeline.as_ref())?,
    };
    let hold = |baseline: Baseline| baseline.hold(&comparisons);
    let against = baseline.map(hold).transpose()?;

    // A picture on stdout takes the table's place, which would spoil it.
    let is_taken = timeline.as_ref().is_some_and(TimelineFile::takes_stdout);
    let mut results = Vec::new();
    if plot != Some(Target::Stdout) && !is_taken {
        results
            .push(table(&comparisons, against.as_ref(), &args).and_then(|text| print_text(&text)));
    }
    if let Some(plot) = &plot {
        let svg = report::picture::comparison(&comparisons).map_err(Error::from);
        results.push(svg.and_then(|svg| plot.write(&svg)));
    }
    if let (Some(file), Some(timelines)) = (&timeline, &timelines) {
        results.push(file.write(timelines));
    }
    // All of it is written, whatever fails; and a verdict stands, whoever reads it.
    let mut code = failure::report_all(results).unwrap_or(ExitCode::SUCCESS);
    for row in comparisons.iter().flat_map(Comparison::faults) {
        print_error(&format!(
            "strategy {} on {} workers gave {} hits, serial {}",
            row.strategy, row.workers, row.hits, row.serial_hits
        ));
        code = ExitCode::FAILURE;
    }
    if against.as_ref().is_some_and(complain) {
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

/// Whether `output` is no file that is read, under whatever name: it would be lost.
fn spare_what_is_read(args: &CompareArgs, output: &Target) -> Result<(), Usage> {
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

/// The baseline, if there is one. It is read before anything runs.
fn read_baseline(args: &CompareArgs) -> Result<Option<Baseline<'_>>> {
    let is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    if is_stdin(&args.from) && is_stdin(&args.baseline.baseline) {
        let message = "'--from -' and '--baseline -' cannot both be read from stdin; name a file";
        return Err(Usage(message.to_owned()).into());
    }
    args.baseline.read()
}

/// What was measured: a comparison of each size; and if there is to be one, a timeline of each row.
type Measured = (Vec<Comparison>, Option<Vec<Timeline>>);

/// Runs what the options ask for, once it is known that it can be written.
fn run(
    args: &CompareArgs,
    baseline: Option<&Baseline>,
    plot: Option<&Target>,
    timeline: Option<&TimelineFile>,
) -> Result<Measured> {
    let settings = settings(args, baseline)?;
    if let Some(baseline) = baseline {
        baseline.check(&Work {
            machine: Machine::this(args.kernel.name(), SystemTime::now()),
            scaling: args.scaling,
            io_wait_s: args.io_wait.as_secs_f64(),
            sims: settings.iter().map(|one| one.plan.sims()).collect(),
        })?;
    }
    if let Some(timeline) = timeline {
        if settings.len() > 1 {
            let message = "'--timeline' shows one number of darts; name one with -n";
            return Err(Usage(message.to_owned()).into());
        }
        timeline.target.check()?;
        timeline.check_apart_from(plot, "--plot")?;
    }
    // Who writes a file or judges is not done when nobody reads the table.
    let is_for_stdout = plot.is_none() && timeline.is_none() && baseline.is_none();
    measure(&settings, timeline.is_some(), is_for_stdout)
}

/// Runs every comparison; and if there is to be one, a timeline of the first.
fn measure(settings: &[Settings], timeline: bool, is_for_stdout: bool) -> Result<Measured> {
    // Drawn between runs only, never by a thread of its own: it must not take part in what is timed.
    let mut progress = Progress::new(When::Auto)?;
    end_on_signal(&progress, is_for_stdout)?;
    let sizes = settings.len();
    let mut compare = |(settings, size): (&Settings, usize)| {
        measure::compare(settings, |done, total| {
            progress.show(|| match sizes {
                1 => format!("{done} of {total} runs"),
                _ => format!("size {size} of {sizes}: {done} of {total} runs"),
            });
        })
    };
    let comparisons: Result<Vec<_>, _> = settings.iter().zip(1..).map(&mut compare).collect();
    let timelines = timeline.then(|| {
        measure::record(&settings[0], |done, total| {
            progress.show(|| format!("{done} of {total} timelines"));
        })
    });
    progress.end();
    Ok((comparisons?, timelines.transpose()?))
}

/// What to compare, for each number of darts.
fn settings(args: &CompareArgs, baseline: Option<&Baseline>) -> Result<Vec<Settings>> {
    let strategies = named(&args.strategy)?;
    #[cfg(feature = "gpu")]
    let (strategies, device) = {
        let all = args.strategy == [None];
        choice::with_gpu(args.gpu.as_deref(), all, args.io_wait, strategies)?
    };
    let worker = if strategies.contains(&Strategy::Processes) {
        worker::command()?
    } else {
        Vec::new()
    };
    let (sizes, probed_sims_per_s) = match (&args.sims, baseline) {
        (Some(SimsList(sizes)), _) => (sizes.clone(), None),
        (None, Some(baseline)) => (baseline.sims(), None),
        (None, None) => {
            let rate = sizes::probe(args.kernel, args.io_wait)?;
            (vec![sizes::darts(rate)], Some(rate))
        }
    };
    let seed = seed_or_drawn(args.seed)?;
    let pinning = choice::pinning(args.pin)?;
    let of_size = |sims| {
        let settings = Settings {
            plan: Plan::new(seed, sims)?,
            kernel: args.kernel,
            probed_sims_per_s,
            workers: args.workers.0.clone(),
            strategies: strategies.clone(),
            runs: args.runs,
            warmup: args.warmup,
            scaling: args.scaling,
            io_wait: args.io_wait,
            worker: worker.clone(),
            pinning: pinning.clone(),
            #[cfg(feature = "gpu")]
            device: device.clone(),
        };
        settings.check()?;
        Ok(settings)
    };
    sizes.into_iter().map(of_size).collect()
}

/// Ends the program on a signal, or if all of it `is_for_stdout`, when nobody reads that. Worker processes then
/// end by themselves, since their stdin closes. Refused a thread, the comparison only ends later.
fn end_on_signal(progress: &Progress, is_for_stdout: bool) -> Result<()> {
    let (signals, end_progress) = (Signals::watch()?, progress.ender());
    let watch = move || {
        loop {
            thread::sleep(LOOK);
            let is_unread = is_for_stdout && is_unread();
            let code = signals.caught().or(is_unread.then_some(0));
            if let Some(code) = code {
                end_progress();
                process::exit(code.into());
            }
        }
    };
    let _ = thread::Builder::new().spawn(watch);
    Ok(())
}

/// The table; and of a comparison that is held to a baseline, only what became of it in all formats but text.
fn table(
    comparisons: &[Comparison],
    against: Option<&Against>,
    args: &CompareArgs,
) -> Result<String> {
    let style = TextStyle {
        colour: colour(),
        ascii: ascii(),
        wide: args.wide,
    };
    let text = |comparison| report::comparison::text(comparison, style);
    let each = comparisons.iter();
    if let Some(against) = against {
        match args.format {
            Format::Text => {}
            Format::Json => return Ok(serde_json::to_string(against)? + "\n"),
            Format::Csv => return Ok(report::csv::baseline(against)),
            Format::Markdown => return Ok(report::comparison::against_markdown(against)),
        }
    }
    Ok(match args.format {
        Format::Text => {
            let mut out = if comparisons.len() > 1 && !args.wide {
                report::comparison::curve(comparisons, style)
            } else {
                each.map(text).collect::<Vec<_>>().join("\n")
            };
            out += &report::comparison::scaling(comparisons, style);
            out + &against.map_or_else(String::new, |held| report::comparison::against(held, style))
        }
        Format::Json => each
            .map(Comparison::to_json)
            .collect::<serde_json::Result<_>>()?,
        Format::Csv => report::csv::comparisons(comparisons),
        Format::Markdown => {
            let tables = each.map(report::comparison::markdown);
            tables.collect::<Vec<_>>().join("\n")
        }
    })
}
