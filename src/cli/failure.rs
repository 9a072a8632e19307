//! From an error to one line on stderr and an exit code: 2 for invalid usage, 1 for any other failure.
//! A closed pipe is neither: its reader has read enough.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// The exit code of invalid usage.
const USAGE: u8 = 2;

/// Invalid usage, in one line.
#[derive(Debug)]
pub(super) struct Usage(pub(super) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

impl From<clap::Error> for Usage {
    /// clap's message without its advice on usage, folded into one line.
    fn from(error: clap::Error) -> Usage {
        let message = error.render().to_string();
        let lines = message
            .lines()
            .map(str::trim)
            .take_while(|line| {
                !line.starts_with("Usage:") && !line.starts_with("For more information")
            })
            .filter(|line| !line.is_empty());
        let folded = lines.collect::<Vec<_>>().join(" ");
        Usage(folded.strip_prefix("error: ").unwrap_or(&folded).to_owned())
    }
}

/// Prints the error, and returns the exit code for it; `None` for a closed pipe.
pub(crate) fn report(error: &anyhow::Error) -> Option<ExitCode> {
    if is_closed_pipe(error) {
        return None;
    }
    print_error(&format!("{error:#}"));
    if error.is::<Usage>() {
        Some(USAGE.into())
    } else {
        Some(ExitCode::FAILURE)
    }
}

/// Whether the error comes from writing to a reader that went away.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let is_closed = |io: &io::Error| io.kind() == io::ErrorKind::BrokenPipe;
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(is_closed))
}

/// Prints one line on stderr. If even that cannot be written, there is nobody left to tell.
pub(super) fn print_error(message: &str) {
    let _ = writeln!(io::stderr(), "pi-mc: {message}");
}
