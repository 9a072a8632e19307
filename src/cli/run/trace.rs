//! The trace: a line of JSON after 1, 2, 5, 10, 20, 50, ... darts and at the end of a run, in a file or on
//! stdout. A resumed run continues its trace: the file must hold the lines up to where the run resumes.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::num::NonZero;
use std::path::Path;

use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::walk;
use crate::kernel::Kernel;
use crate::result::milestones::{self, Milestone};
use anyhow::{Context, Error, Result, bail};

use crate::cli::io::failure::is_closed_pipe;
use crate::cli::io::file::{Target, spare_read_only};

/// The most darts that are counted again to see that a trace is of this run: some milliseconds.
const RECOUNTED: u64 = 10_000_000;

/// A trace open for writing. A line that cannot be written does not end the count: the error is kept for
/// the end.
pub(crate) struct Trace {
    out: Box<dyn Write>,
    /// How its file is cut off, once the run is sure to begin.
    cut: Option<Cut>,
    /// As an error calls it.
    name: String,
    error: Option<Error>,
}

/// A file that still has what is not of this run.
struct Cut {
    file: File,
    /// The length of what is.
    length: u64,
    /// Whether its last line has no end, as it was cut off before that.
    lacks_end: bool,
}

impl Trace {
    /// A trace of a run of `plan` that goes on after `resumed`, if it was resumed. Of a file, the lines up to
    /// there are kept, and any others removed by [`Trace::begin`].
    pub(crate) fn open(target: &Target, plan: &Plan, resumed: Option<Tally>) -> Result<Trace> {
        let mut cut = None;
        let (out, name): (Box<dyn Write>, _) = match target {
            Target::Stdout => (Box::new(io::stdout()), "stdout".to_owned()),
            Target::Stream(path) => {
                let context = || format!("could not open the trace '{}'", path.display());
                let stream = File::options().write(true).open(path);
                let stream = stream.with_context(context)?;
                (Box::new(stream), format!("'{}'", path.display()))
            }
            Target::Regular(path) => {
                let context = || format!("could not open the trace '{}'", path.display());
                let opened = opened(path, plan, resumed).with_context(context)?;
                let file = opened.file.try_clone().with_context(context)?;
                cut = Some(opened);
                (Box::new(file), format!("'{}'", path.display()))
            }
        };
        Ok(Trace {
            out,
            cut,
            name,
            error: None,
        })
    }

    /// Removes from the file what is not of this run.
    pub(crate) fn begin(&mut self) -> Result<()> {
        let Some(Cut {
            mut file,
            length,
            lacks_end,
        }) = self.cut.take()
        else {
            return Ok(());
        };
        let mut cut = || -> io::Result<()> {
            file.set_len(length)?;
            // Both handles have one place in the file.
            file.seek(SeekFrom::Start(length))?;
            if lacks_end {
                file.write_all(b"\n")?;
            }
            Ok(())
        };
        let name = &self.name;
        cut().with_context(|| format!("could not write the trace {name}"))
    }

    /// Writes a line if `tally` is at a mark.
    pub(crate) fn observe(&mut self, tally: Tally) {
        if milestones::is_mark(tally.sims) {
            self.line(tally);
        }
    }

    /// Whether the lines go to a reader that went away.
    pub(crate) fn is_unread(&self) -> bool {
        self.error.as_ref().is_some_and(is_closed_pipe)
    }

    /// Writes the last line, unless it is there.
    pub(crate) fn finish(mut self, tally: Tally) -> Result<()> {
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

/// The file at `path`, as it is, to be cut off after its lines up to `resumed`, if those are all there, and of
/// this run. A run that is resumed takes no file that is not a trace: its checkpoint may name one.
fn opened(path: &Path, plan: &Plan, resumed: Option<Tally>) -> Result<Cut> {
    let mut kept = String::new();
    if let Some(resumed) = resumed {
        kept = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        if resumed.sims == 0 {
            is_trace_of(&kept, plan)?;
        }
        kept.truncate(kept_of(&kept, plan, resumed)?);
    }
    let mut options = File::options();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    spare_read_only(&file.metadata()?)?;
    let lacks_end = !kept.is_empty() && !kept.ends_with('\n');
    Ok(Cut {
        file,
        length: kept.len() as u64,
        lacks_end,
    })
}

/// Whether all that is written over is a trace of this run, which may have ended within its last line: that
/// alone is lost if the run begins again.
fn is_trace_of(lines: &str, plan: &Plan) -> Result<()> {
    let (most, mut checked) = (RECOUNTED.min(plan.sims()), None);
    for line in lines.split_inclusive('\n') {
        match serde_json::from_str::<Milestone>(line) {
            Ok(Milestone { sims, hits, .. }) if sims <= most => {
                checked = Some(Tally { sims, hits })
            }
            Ok(_) => {}
            Err(_) if !line.ends_with('\n') && line.starts_with(r#"{"sims":"#) => {}
            Err(_) => bail!(
                "it is not a trace, and a resumed run adds to one; name another file with '--trace'"
            ),
        }
    }
    checked.map_or(Ok(()), |tally| is_counted(tally, plan))
}

/// How many bytes of `lines` are those of the marks up to `resumed`.
fn kept_of(lines: &str, plan: &Plan, resumed: Tally) -> Result<usize> {
    let mut kept = 0;
    let mut before = Tally::default();
    let mut lines = lines.split_inclusive('\n');
    let mut mark = milestones::next_mark(0);
    while mark <= resumed.sims {
        let line = lines.next().unwrap_or_default();
        let milestone = serde_json::from_str(line).ok();
        let Some(milestone) = milestone.filter(|found: &Milestone| found.sims == mark) else {
            bail!(
                "its line at {mark} darts is missing, and this run resumes at {}; start over with \
                 another checkpoint, or trace only the rest with '--trace -'",
                resumed.sims
            );
        };
        let tally = Tally {
            sims: mark,
            hits: milestone.hits,
        };
        is_between(before, tally, resumed)?;
        before = tally;
        kept += line.len();
        if mark == u64::MAX {
            break;
        }
        mark = milestones::next_mark(mark);
        if mark > resumed.sims.min(RECOUNTED) && before.sims <= RECOUNTED {
            is_counted(before, plan)?;
        }
    }
    Ok(kept)
}

/// Whether a run can have held `before`, then `tally`, then `resumed`.
fn is_between(before: Tally, tally: Tally, resumed: Tally) -> Result<()> {
    let is_after = |one: Tally, other: Tally| {
        let hits = other.hits.checked_sub(one.hits);
        hits.is_some_and(|hits| hits <= other.sims - one.sims)
    };
    if is_after(before, tally) && is_after(tally, resumed) {
        return Ok(());
    }
    bail!(
        "it is of another run: it has {} hits at {} darts, the checkpoint {} at {}",
        tally.hits,
        tally.sims,
        resumed.hits,
        resumed.sims
    )
}

/// Whether the first darts of `plan` have these hits.
fn is_counted(tally: Tally, plan: &Plan) -> Result<()> {
    let part = plan.part(0..tally.sims)?;
    let counted = walk::count(&part, Kernel::detect(), NonZero::<usize>::MIN)?;
    if counted == tally {
        return Ok(());
    }
    bail!(
        "it is of another run: it has {} hits at {} darts, this run {}",
        tally.hits,
        tally.sims,
        counted.hits
    )
}
