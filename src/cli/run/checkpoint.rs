//! The checkpoint: a file with the record of the darts counted so far, from which a run resumes, whatever ended it.
//! Writes are atomic. While a run has the file open, the file itself is locked, which keeps a second run out.
//! No other file is made or touched.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::cli::io::file::{self, Existing};
use crate::cli::io::saved;
use crate::darts::tally::Tally;
use crate::engine::walk::WalkBuilder;
use crate::result::counted::ResumeError;
use crate::result::goal::Goal;
use crate::result::record::Record;

/// Time from the start to the first write. It doubles with each write, up to [`SLOWEST`]: a short run does not
/// wait for the disk all the time, and a long run loses no more than a few seconds.
const FIRST: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(5);

/// The error of a run whose checkpoint a different run has.
const IN_USE: &str = "in use by another run";

/// A checkpoint that no other run has open.
pub(crate) struct Checkpoint {
    path: PathBuf,
    /// The record in the file when it was opened.
    pub(crate) held: Option<Record>,
    /// Whether there is a file at `path`; the first write makes it.
    exists: bool,
    /// The file at `path`, locked. The operating system frees the lock however the run ends.
    lock: Option<File>,
    /// How many of the run's marks the file holds.
    pub(crate) saved_marks: usize,
    due: Instant,
    interval: Duration,
}

impl Checkpoint {
    /// Locks and reads the checkpoint at `path`, which is no link, if there is one.
    pub(crate) fn open(path: &Path) -> Result<Checkpoint> {
        let name = || format!("checkpoint '{}'", path.display());
        let file = open_locked(path).with_context(name)?;
        let held = file
            .as_ref()
            .map(|_| saved::record(path).with_context(name));
        Ok(Checkpoint {
            path: path.to_owned(),
            held: held.transpose()?,
            exists: file.is_some(),
            lock: file.and_then(kept),
            saved_marks: 0,
            due: Instant::now() + FIRST,
            interval: FIRST,
        })
    }

    /// A walk that goes on from its darts.
    ///
    /// # Errors
    /// If its darts are not the walk's.
    pub(crate) fn resume(&self, walk: WalkBuilder) -> Result<WalkBuilder> {
        let Some(held) = &self.held else {
            return Ok(walk);
        };
        walk.resume(held).map_err(|error| {
            let advice = match error {
                ResumeError::Seed { .. } => "; use that seed, or another file",
                ResumeError::First { .. } => "; use the same shard, or another file",
                ResumeError::Sims { .. } | ResumeError::End { .. } => {
                    "; ask for more, or use another file"
                }
                _ => "",
            };
            anyhow!("checkpoint '{}' {error}{advice}", self.path.display())
        })
    }

    /// Whether it is time to save the run. If so, the next time is later.
    pub(crate) fn is_due(&mut self) -> bool {
        let is_due = Instant::now() >= self.due;
        if is_due {
            self.interval = (self.interval * 2).min(SLOWEST);
            self.due = Instant::now() + self.interval;
        }
        is_due
    }

    /// Makes the file or replaces it. The new file is locked before it gets the name. `marks` are those that the
    /// run has passed.
    pub(crate) fn save(&mut self, record: &Record, goal: &Goal, marks: &[Tally]) -> Result<()> {
        let existing = if self.exists {
            Existing::Replace
        } else {
            // Nothing was there when it was opened, so a file that is there now is of a different run.
            Existing::Keep
        };
        let lock = |new: &File| try_lock(new).map_err(io::Error::from);
        let mut record = record.clone();
        record.goal = Some(Goal {
            marks: marks.iter().map(|mark| (mark.sims, mark.hits)).collect(),
            ..goal.clone()
        });
        let new = file::replace_with(&self.path, record.to_json().as_bytes(), existing, lock);
        let new = new.map_err(|error| match error.downcast_ref::<io::Error>() {
            Some(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                anyhow!("checkpoint '{}': {IN_USE}", self.path.display())
            }
            _ => error.context("checkpoint"),
        });
        self.lock = kept(new?);
        self.exists = true;
        self.saved_marks = marks.len();
        Ok(())
    }
}

/// The file at `path`, locked, if there is one.
fn open_locked(path: &Path) -> Result<Option<File>> {
    loop {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
            Ok(metadata) if !metadata.is_file() => return Err(file::not_regular()),
            Ok(_) => {}
        }
        let file = File::open(path)?;
        match try_lock(&file) {
            Err(TryLockError::WouldBlock) => return Err(anyhow!(IN_USE)),
            Err(TryLockError::Error(error)) => return Err(error).context("could not lock it"),
            Ok(()) => {}
        }
        // Another run may have replaced it since it was opened here.
        let is_current = |named: fs::Metadata| Ok(file::is_same(&named, &file.metadata()?));
        if cfg!(not(unix)) || fs::metadata(path).and_then(is_current)? {
            return Ok(Some(file));
        }
    }
}

/// Locks `file` on Unix. On other systems a lock would keep everybody from reading the file, and an open file cannot
/// be replaced, so nothing keeps a second run out there.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    if cfg!(unix) { file.try_lock() } else { Ok(()) }
}

/// The file that holds the lock, on systems that have one.
fn kept(file: File) -> Option<File> {
    cfg!(unix).then_some(file)
}
