//! Where bytes leave the program: stdout, which must not lose any in silence, and stderr.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use pi_mc::{Record, report};

use super::args::{Format, OutputArgs};

/// One line on stderr. If even that cannot be written there is nobody left to tell.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "pi-mc: {message}");
}

/// Goes back to the start of the terminal's line on stderr. From the end of a line that is drawn over and
/// over the terminal would write its ^C on the next one, and leave this one behind when it is cleared; and
/// what is printed after a ^C is then written over it. Failing to is no reason to stop.
pub(super) fn to_line_start() {
    let _ = io::stderr().write_all(b"\r");
}

/// Writes the whole answer. A reader that went away has read enough: that is a success.
pub(super) fn write_stdout(text: &str) -> Result<ExitCode> {
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

/// Writes the result in the form asked for.
pub(super) fn print(record: &Record, output: &OutputArgs, colour: bool) -> Result<ExitCode> {
    write_stdout(&match output.format {
        _ if output.quiet => report::quiet(record),
        Format::Text => report::text(record, colour),
        Format::Json => report::json(record)?,
        Format::Csv => report::csv(record),
    })
}

/// Whether stdout takes colour: a terminal that is not dumb, and no NO_COLOR (no-color.org).
pub(super) fn colour() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}
