//! The formats of results, and stdout. A write that fails is an error; [`crate::cli::io::failure`] decides what it
//! means.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::Serialize;

use crate::cli::io::terminal::{is_dumb, stdout_columns, takes_escapes, wrap};
use crate::printable::printable_json;
use crate::report;
use crate::result::record::Record;

/// How to print a result.
#[derive(clap::Args)]
pub(crate) struct OutputArgs {
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    #[arg(help_heading = "Output")]
    pub(crate) format: Format,

    /// Print only the estimate
    #[arg(short, long, conflicts_with = "format", help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// The formats of a result.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned lines for a person
    Text,
    /// One object on one line
    Json,
    /// A header and a row
    Csv,
    /// The estimate alone; `--quiet`
    #[value(skip)]
    Quiet,
}

impl OutputArgs {
    /// The one format that the options ask for.
    pub(crate) fn format(&self) -> Format {
        if self.quiet {
            Format::Quiet
        } else {
            self.format
        }
    }
}

/// Prints the result to stdout.
pub(crate) fn print(record: &Record, format: Format, colour: bool) -> Result<()> {
    match format {
        Format::Text => print_text(&report::text(record, colour)),
        Format::Json => print_json(record),
        Format::Csv => print_data(&report::csv::record(record)),
        Format::Quiet => {
            print_text(&report::quiet(record).context("no estimate: the result holds no darts")?)
        }
    }
}

/// Prints a text for a person to stdout, in the letters of the locale.
pub(crate) fn print_text(text: &str) -> Result<()> {
    print_data(&in_locale(text))
}

/// Prints lines that scripts search for names, and so stay whole, but on a terminal, which would break them inside
/// words.
pub(crate) fn print_lines(text: &str) -> Result<()> {
    if !io::stdout().is_terminal() {
        return print_text(text);
    }
    let columns = stdout_columns();
    let lines = in_locale(text);
    let lines = lines.lines().map(|line| wrap(line, columns) + "\n");
    print_data(&lines.collect::<String>())
}

/// Prints a text for programs to stdout, as it is.
pub(crate) fn print_data(text: &str) -> Result<()> {
    to_stdout(|stdout| stdout.write_all(text.as_bytes()))
}

/// Prints a value as one line of JSON to stdout, piece by piece, since a text of many records would take more memory
/// than they do.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    to_stdout(|stdout| {
        let mut stdout = BufWriter::new(stdout);
        serde_json::to_writer(Printable(&mut stdout), value)?;
        stdout.write_all(b"\n")?;
        stdout.flush()
    })
}

fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    if IS_CLOSED.load(Ordering::Relaxed) {
        bail!("could not write to stdout: it is closed");
    }
    let mut stdout = io::stdout().lock();
    write(&mut stdout)
        .and_then(|()| stdout.flush())
        .context("could not write to stdout")
}

/// Takes pieces of JSON, and writes them with escapes for the characters that a terminal must not get.
struct Printable<W>(W);

impl<W: Write> Write for Printable<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // Each piece of JSON is whole letters.
        let text = str::from_utf8(piece).map_err(io::Error::other)?;
        self.0.write_all(printable_json(text).as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text for a person, in ASCII if the locale has nothing else. Everything that a terminal may show goes through
/// here: text, help, errors and progress.
pub(crate) fn in_locale(text: &str) -> Cow<'_, str> {
    if ascii() {
        Cow::Owned(report::columns::ascii(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// When to colour text on stdout.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// If stdout is a terminal that takes it, by TERM, NO_COLOR, CLICOLOR and CLICOLOR_FORCE
    Auto,
    /// Even if it is not
    Always,
    /// Not at all
    Never,
}

impl Colour {
    /// Makes the choice hold for [`colour`].
    pub(crate) fn choose(self) {
        match self {
            // anstream takes any value for yes.
            Colour::Auto if is_0("CLICOLOR_FORCE") => {
                if io::stdout().is_terminal() && !is_0("CLICOLOR") && !is_dumb() {
                    ColorChoice::Auto
                } else {
                    ColorChoice::Never
                }
            }
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

/// Whether the variable is set to 0.
fn is_0(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value == "0")
}

/// Whether stdout takes colour, or was told to.
pub(crate) fn colour() -> bool {
    takes_escapes() && AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Whether the locale has only ASCII. The first of these variables that is set and not empty names the locale
/// (POSIX, "Environment Variables"). Without any, and on Windows, it has UTF-8.
pub(crate) fn ascii() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut set = names.into_iter().filter_map(std::env::var_os);
    let locale = set.find(|value| !value.is_empty());
    let has_utf8 = |locale: OsString| {
        let locale = locale.to_string_lossy().to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    !cfg!(windows) && !locale.is_none_or(has_utf8)
}

/// Whether stdout is a pipe whose reader went away.
#[cfg(target_os = "linux")]
pub(crate) fn is_unread() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = io::stdout();
    let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut polled, Some(&at_once)).is_ok() && polled[0].revents().contains(PollFlags::ERR)
}

/// Other systems report it when something is written.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_unread() -> bool {
    false
}

/// Whether stdout was closed when the program started, as by `pi-mc >&-`. Rust's runtime opens /dev/null in
/// its place, where results would be lost silently, so [`look`] runs before the runtime does. Elsewhere than on Linux
/// this stays false.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// The loader calls this before `main`, while nothing is open yet.
#[cfg(target_os = "linux")]
extern "C" fn look() {
    use nix::libc::{F_GETFD, STDOUT_FILENO, fcntl};
    // SAFETY: F_GETFD takes no argument and changes nothing. It fails only for a descriptor that is not open.
    let is_closed = unsafe { fcntl(STDOUT_FILENO, F_GETFD) } == -1;
    IS_CLOSED.store(is_closed, Ordering::Relaxed);
}

// SAFETY: this section of the program holds pointers to functions like this one, each of which the
// loader calls once (System V ABI, "Initialization and Termination Functions").
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;
