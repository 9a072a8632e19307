//! The trace: a line of JSON after 1, 2, 5, 10, 20, 50, ... darts and at the end of a run, in a file or on
//! stdout.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Error, Result};
use pi_mc::Tally;
use pi_mc::milestones::{self, Milestone};

use crate::cli::failure::is_closed_pipe;

/// The most bytes of an old trace that are read: a whole one is less than a tenth of it.
const MAX_TRACE: u64 = 100_000;

/// A trace open for writing. A line that cannot be written does not end the count: the error is kept for
/// the end.
pub(super) struct Trace {
    out: Box<dyn Write>,
    /// As an error calls it.
    name: String,
    error: Option<Error>,
}

impl Trace {
    /// A trace in the file `path`, or on stdout if that is `-`. Of a file there already, the lines up to
    /// `done` are kept, if that much is counted already, and the others removed.
    pub(super) fn open(path: &Path, done: Tally) -> Result<Trace> {
        if path == Path::new("-") {
            return Ok(Trace::new(Box::new(io::stdout()), "stdout".to_owned()));
        }
        let name = format!("'{}'", path.display());
        let file = file(path, done).with_context(|| format!("could not open the trace {name}"))?;
        Ok(Trace::new(Box::new(file), name))
    }

    fn new(out: Box<dyn Write>, name: String) -> Trace {
        Trace {
            out,
            name,
            error: None,
        }
    }

    /// Writes a line if `tally` is at a mark.
    pub(super) fn observe(&mut self, tally: Tally) {
        if milestones::is_mark(tally.sims) {
            self.line(tally);
        }
    }

    /// Whether the lines go to a reader that went away.
    pub(super) fn is_unread(&self) -> bool {
        self.error.as_ref().is_some_and(is_closed_pipe)
    }

    /// Writes the last line, unless it is there.
    pub(super) fn finish(mut self, tally: Tally) -> Result<()> {
        if tally.sims > 0 && !milestones::is_mark(tally.sims) {
            self.line(tally);
        }
        self.error.map_or(Ok(()), Err)
    }

    fn line(&mut self, tally: Tally) {
        if self.error.is_some() {
            return;
        }
        let written = serde_json::to_string(&Milestone::of(tally))
            .map_err(Error::from)
            .and_then(|line| {
                self.out.write_all((line + "\n").as_bytes())?;
                Ok(self.out.flush()?)
            });
        self.error = written
            .with_context(|| format!("could not write the trace {}", self.name))
            .err();
    }
}

/// The file at its end: after the lines of an earlier run up to `done`.
fn file(path: &Path, done: Tally) -> io::Result<File> {
    // A pipe or a device has no lines to keep.
    if done.sims == 0 || !path.is_file() {
        return File::create(path);
    }
    let mut file = File::options().read(true).write(true).open(path)?;
    let (mut lines, mut line) = (BufReader::new((&file).take(MAX_TRACE)), Vec::new());
    let mut kept = 0;
    while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        let milestone: Option<Milestone> = serde_json::from_slice(&line).ok();
        let is_kept = |sims| milestones::is_mark(sims) && sims <= done.sims;
        if !milestone.is_some_and(|milestone| is_kept(milestone.sims)) {
            break;
        }
        kept += line.len() as u64;
        line.clear();
    }
    file.set_len(kept)?;
    file.seek(SeekFrom::Start(kept))?;
    Ok(file)
}
