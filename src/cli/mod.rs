//! The command line: what was typed becomes a plan, and a result becomes bytes on stdout. Only this
//! part of the crate knows clap, terminals and exit codes; nothing below it does.

mod args;
mod number;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use pi_mc::{Plan, Record, report, run};
use rand::TryRng;
use rand::rngs::SysRng;

use self::args::{Args, Format};

/// The exit code of a command line that cannot be obeyed.
const USAGE: u8 = 2;

/// Reads the command line, obeys it and writes the answer.
pub(crate) fn main() -> Result<ExitCode> {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            complain(&args::one_line(&error));
            return Ok(USAGE.into());
        }
        // --help and --version. clap's own printing would pass over a full disk in silence.
        Err(help) => {
            let help = help.render();
            return write_stdout(&if colour() {
                help.ansi().to_string()
            } else {
                help.to_string()
            });
        }
    };

    let seed = match args.seed {
        Some(seed) => seed,
        None => draw_seed()?,
    };
    let plan = Plan::new(seed, args.sims)?;
    let workers = run::workers(&plan, args.workers);

    let start = Instant::now();
    let tally = run::count(&plan, args.kernel, workers)?;
    let record = Record::new(&plan, tally, args.kernel, workers.get(), start.elapsed());
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

/// One line on stderr. If even that cannot be written there is nobody left to tell.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "pi-mc: {message}");
}

/// Writes the whole answer. A reader that went away has read enough: that is a success.
fn write_stdout(text: &str) -> Result<ExitCode> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        written => written
            .map(|()| ExitCode::SUCCESS)
            .context("could not write to stdout"),
    }
}

/// Whether stdout takes colour: a terminal that is not dumb, and no NO_COLOR (no-color.org).
fn colour() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}

/// A seed from the operating system, below 2^53: every JSON reader then keeps it exactly.
fn draw_seed() -> Result<u64> {
    let seed = SysRng
        .try_next_u64()
        .context("could not draw a seed from the operating system")?;
    Ok(seed >> (64 - 53))
}
