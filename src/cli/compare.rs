//! `pi-mc compare`, and the hidden `pi-mc range` that its worker processes run.

use std::io::{self, Read};
use std::num::NonZero;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use pi_mc::compare::strategy::{Strategy, Task};
use pi_mc::compare::{self, Settings};
use pi_mc::{Plan, report, run};

use super::args::{CompareArgs, RangeArgs, Scaling, TableFormat};
use super::complain;
use super::file;
use super::output::{colour, to_line_start, write_stdout};
use super::run::seed_or_drawn;
use super::signals::Signals;

/// How often it is looked whether to stop, beside the runs that are timed: too seldom to slow them.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the comparison and prints its table. A strategy that should be right and is not is a failure.
pub(super) fn compare(args: CompareArgs, strategies: Vec<Strategy>) -> Result<ExitCode> {
    let settings = Settings {
        plan: Plan::new(seed_or_drawn(args.seed)?, args.sims)?,
        kernel: args.kernel,
        workers: args
            .workers
            .map_or_else(doubling_up_to_cores, |list| list.0),
        strategies,
        runs: args.runs,
        warmup: args.warmup,
        scaling: match args.scaling {
            Scaling::Strong => compare::Scaling::Strong,
            Scaling::Weak => compare::Scaling::Weak,
        },
        io_wait: args.io_wait,
        program: std::env::current_exe().context("could not find this program's own file")?,
    };

    if let Some(plot) = &args.plot {
        file::check(plot)?;
    }
    // Drawn between runs only, never by a thread of its own: it must not take part in what is timed.
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {eta} left")?;
    bar.set_style(style);
    let (signals, interrupted) = (Signals::watch()?, bar.clone());
    thread::spawn(move || {
        loop {
            thread::sleep(LOOK);
            if let Some(code) = signals.caught() {
                // Worker processes end by themselves when this one does: their stdin closes.
                interrupted.finish_and_clear();
                process::exit(code.into());
            }
        }
    });
    let comparison = compare::compare(&settings, |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        if !bar.is_hidden() {
            to_line_start();
        }
    });
    bar.finish_and_clear();
    let comparison = comparison?;

    let mut code = write_stdout(&match args.format {
        TableFormat::Text => report::compare::text(&comparison, colour()),
        TableFormat::Json => report::compare::json(&comparison)?,
        TableFormat::Csv => report::compare::csv(&comparison).map_err(anyhow::Error::from_boxed)?,
        TableFormat::Markdown => report::compare::markdown(&comparison),
    })?;
    if let Some(path) = &args.plot {
        let svg = report::plot::comparison(&comparison).map_err(anyhow::Error::from_boxed)?;
        file::replace(path, svg.as_bytes())?;
    }
    for row in comparison.faults() {
        complain(&format!(
            "strategy {} on {} workers gave {} hits, serial {}",
            row.strategy, row.workers, row.hits, row.serial_hits
        ));
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

/// Counts one range and prints its hits. Ends at once when stdin does: then whoever asked is gone.
pub(super) fn range(args: RangeArgs) -> Result<ExitCode> {
    let task = Task {
        plan: Plan::range(args.seed, args.first, args.sims)?,
        kernel: args.kernel,
        workers: NonZero::<usize>::MIN,
        io_wait: args.io_wait,
        program: Default::default(),
    };
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        process::exit(1);
    });
    write_stdout(&format!("{}\n", task.count_here()))
}

/// 1, 2, 4 and so on, and the cores themselves.
fn doubling_up_to_cores() -> Vec<NonZero<usize>> {
    let cores = run::cores();
    let doubling = (0..usize::BITS).filter_map(|power| NonZero::new(1 << power));
    doubling
        .take_while(|workers| *workers < cores)
        .chain([cores])
        .collect()
}
