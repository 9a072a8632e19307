//! The trace: a line of JSON after 1, 2, 5, 10, 20, 50, ... darts and at the end of a run, in a file or on
//! stdout. A resumed run writes its trace anew, from the marks in its checkpoint. Its file may hold the
//! earlier lines of this run and nothing else: a different file is left alone.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail};
use serde::Serialize;

use crate::cli::io::failure::is_closed_pipe;
use crate::cli::io::file::{Target, open_stream};
use crate::cli::io::links::{open_regular, without_links};
use crate::cli::io::replace::spare_read_only;
use crate::darts::tally::Tally;
use crate::result::estimate::Estimate;
use crate::result::record::Record;

/// A trace open for writing. A line that cannot be written does not end the count: the error is kept for
/// the end.
pub(crate) struct Trace {
    out: Box<dyn Write>,
    /// A regular file, which is emptied once the run is sure to begin.
    file: Option<File>,
    /// How errors call it.
    name: String,
    /// How many marks have a line.
    written: usize,
    error: Option<Error>,
}

impl Trace {
    /// Opens a trace. Its file may hold anything if `earlier` is `None`; otherwise, for a resumed run, only the
    /// start of the trace of the tallies in `earlier`.
    pub(crate) fn open(target: &Target, earlier: Option<&[Tally]>) -> Result<Trace> {
        let name = match target {
            Target::Stdout => "stdout".to_owned(),
            Target::Stream(path) | Target::Regular(path) => format!("'{}'", path.display()),
        };
        let open = || -> Result<(Box<dyn Write>, Option<File>)> {
            Ok(match target {
                Target::Stdout => (Box::new(io::stdout()), None),
                Target::Stream(path) => (Box::new(open_stream(path)?), None),
                Target::Regular(path) => {
                    let file = open_file(path, earlier)?;
                    (Box::new(file.try_clone()?), Some(file))
                }
            })
        };
        let opened = open().with_context(|| format!("could not open the trace {name}"));
        let (out, file) = opened?;
        Ok(Trace {
            out,
            file,
            name,
            written: 0,
            error: None,
        })
    }

    /// Whether it goes into a regular file.
    pub(crate) fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Empties the file, and writes the lines of the `marks` before this run.
    pub(crate) fn begin(&mut self, marks: &[Tally]) -> Result<()> {
        if let Some(file) = &self.file {
            let emptied = file.set_len(0);
            emptied.with_context(|| format!("could not write the trace {}", self.name))?;
        }
        self.write(marks);
        Ok(())
    }

    /// Writes the lines of those `marks` that have none yet.
    pub(crate) fn write(&mut self, marks: &[Tally]) {
        for mark in marks.iter().skip(self.written) {
            self.line(*mark);
        }
        self.written = self.written.max(marks.len());
    }

    /// Whether the lines go to a reader that went away.
    pub(crate) fn is_unread(&self) -> bool {
        self.error.as_ref().is_some_and(is_closed_pipe)
    }

    /// Writes the lines that are missing, and that of the run's end, unless it is a mark.
    pub(crate) fn finish(mut self, marks: &[Tally], tally: Tally) -> Result<()> {
        self.write(marks);
        if tally.sims > 0 && !tally.is_mark() {
            self.line(tally);
        }
        self.error.map_or(Ok(()), Err)
    }

    fn line(&mut self, tally: Tally) {
        if self.error.is_some() {
            return;
        }
        let written = line(tally).and_then(|line| {
            self.out.write_all(line.as_bytes())?;
            Ok(self.out.flush()?)
        });
        self.error = written
            .with_context(|| format!("could not write the trace {}", self.name))
            .err();
    }
}

/// A line: the state of a run at a mark or at its end.
fn line(tally: Tally) -> Result<String> {
    #[derive(Serialize)]
    struct Line {
        sims: u64,
        hits: u64,
        pi: f64,
        std_error: Option<f64>,
    }
    let estimate = Estimate::of(tally);
    let line = Line {
        sims: tally.sims,
        hits: tally.hits,
        pi: estimate.pi,
        std_error: estimate.known_error(),
    };
    Ok(serde_json::to_string(&line)? + "\n")
}

/// The tallies that have a line in the trace of a run that has counted `held`.
pub(crate) fn earlier(held: &Record) -> Vec<Tally> {
    let end = Some(held.tally()).filter(|end| end.sims > 0 && !end.is_mark());
    held.marks().into_iter().chain(end).collect()
}

/// `path` without links, if there is a regular file that holds lines of the trace of `held` and nothing else.
pub(crate) fn own_file(path: &Path, held: &Record) -> Option<PathBuf> {
    let path = without_links(path).ok()?;
    let lines = own_lines(&path, &earlier(held)).ok()?;
    (lines > 0).then_some(path)
}

/// How many bytes of the trace of `earlier` the file at `path` holds.
///
/// # Errors
/// If it holds anything else.
fn own_lines(path: &Path, earlier: &[Tally]) -> Result<usize> {
    let lines = earlier.iter().map(|tally| line(*tally));
    let trace = lines.collect::<Result<String>>()?;
    let mut held = Vec::new();
    match open_regular(File::options().read(true), path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        file => {
            let most = trace.len() as u64 + 1;
            file?.take(most).read_to_end(&mut held)?;
        }
    }
    if !trace.as_bytes().starts_with(&held) {
        bail!(
            "it is not a trace of this run up to its checkpoint; name another file with '--trace'"
        );
    }
    Ok(held.len())
}

/// The file at `path`, with its content. A resumed run takes only its own trace.
fn open_file(path: &Path, earlier: Option<&[Tally]>) -> Result<File> {
    if let Some(earlier) = earlier {
        own_lines(path, earlier)?;
    }
    let mut options = File::options();
    let options = options.write(true).create(true).truncate(false);
    let file = open_regular(options, path)?;
    spare_read_only(&file.metadata()?)?;
    Ok(file)
}
