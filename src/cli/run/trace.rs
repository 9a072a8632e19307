//! The trace: a line of JSON after 1, 2, 5, 10, 20, 50, ... darts and at the end of a run, in a file or on
//! stdout. A resumed run continues its trace: the file must hold the lines up to where the run resumes.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::num::NonZero;
use std::path::Path;

use anyhow::{Context, Error, Result, bail};
use pi_mc::milestones::{self, Milestone};
use pi_mc::{Kernel, Plan, Tally, engine};

use crate::cli::failure::is_closed_pipe;
use crate::cli::file::Target;

/// The most darts that are counted again to see that a trace is of this run: some milliseconds.
const RECOUNTED: u64 = 10_000_000;

/// A trace open for writing. A line that cannot be written does not end the count: the error is kept for
/// the end.
pub(super) struct Trace {
    out: Box<dyn Write>,
    /// The file and its length, without what is not of this run; cut off once the run is sure to begin.
    kept: Option<(File, u64)>,
    /// As an error calls it.
    name: String,
    error: Option<Error>,
}

impl Trace {
    /// A trace of a run of `plan` that goes on after `resumed`, if it was resumed. Of a file, the lines up to
    /// there are kept, and any others removed by [`Trace::begin`].
    pub(super) fn open(target: &Target, plan: &Plan, resumed: Option<Tally>) -> Result<Trace> {
        let mut kept = None;
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
                let (mut file, length) = opened(path, plan, resumed).with_context(context)?;
                file.seek(SeekFrom::Start(length)).with_context(context)?;
                kept = Some((file.try_clone().with_context(context)?, length));
                (Box::new(file), format!("'{}'", path.display()))
            }
        };
        Ok(Trace {
            out,
            kept,
            name,
            error: None,
        })
    }

    /// Removes from the file what is not of this run.
    pub(super) fn begin(&mut self) -> Result<()> {
        let Some((file, length)) = &mut self.kept else {
            return Ok(());
        };
        let mut cut = || -> io::Result<()> {
            file.set_len(*length)?;
            // Cut off before its end, the last line may lack it.
            let mut last = [b'\n'];
            if *length > 0 {
                file.seek(SeekFrom::Start(*length - 1))?;
                file.read_exact(&mut last)?;
            }
            if last != [b'\n'] {
                file.write_all(b"\n")?;
            }
            Ok(())
        };
        let name = &self.name;
        cut().with_context(|| format!("could not write the trace {name}"))
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

/// The file at `path`, as it is, and the length of its lines up to `resumed`, if those are all there, and of
/// this run. A run that is resumed takes no file that is not a trace: its checkpoint may name one.
fn opened(path: &Path, plan: &Plan, resumed: Option<Tally>) -> Result<(File, u64)> {
    let mut kept = 0;
    if let Some(resumed) = resumed {
        let lines = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        if resumed.sims == 0 {
            is_trace_of(&lines, plan)?;
        }
        kept = self::kept(&lines, plan, resumed)?;
    }
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    // Root may write it, but is to leave it alone too.
    if file.metadata()?.permissions().readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
    }
    Ok((file, kept as u64))
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
fn kept(lines: &str, plan: &Plan, resumed: Tally) -> Result<usize> {
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
    let counted = engine::count(&part, Kernel::detect(), NonZero::<usize>::MIN)?;
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
