//! The checkpoint: a file with the record of the darts counted so far, from which a run resumes, whatever ended it.
//! Writes are atomic. While a run has the file open, the file itself is locked, which keeps a second run out.
//! No other file is made or touched.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow};

use crate::cli::io::failure::print_error;
use crate::cli::io::file::could_not_write;
use crate::cli::io::links::{is_same, open_regular};
#[cfg(windows)]
use crate::cli::io::lock::RunName;
use crate::cli::io::lock::{Holder, holder, try_lock};
use crate::cli::io::replace::{Existing, NotReplaced, replace_with};
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
    /// The file at `path`, locked where its file system has locks. The operating system frees the lock however the run
    /// ends.
    lock: Option<File>,
    #[cfg(windows)]
    _name: RunName,
    /// Whether the user knows that the file system has no locks.
    has_warned: bool,
    /// How many of the run's marks the file holds.
    pub(crate) saved_marks: usize,
    due: Instant,
    interval: Duration,
}

impl Checkpoint {
    /// Locks and reads the checkpoint at `path`, which is no link, if there is one.
    pub(crate) fn open(path: &Path) -> Result<Checkpoint> {
        let name = || format!("checkpoint '{}'", path.display());
        #[cfg(windows)]
        let run_name = RunName::take(path).with_context(name)?;
        #[cfg(windows)]
        let run_name = run_name.ok_or_else(|| in_use(None)).with_context(name)?;
        let opened = open_locked(path).with_context(name)?;
        let (file, has_locks) = opened.map_or((None, true), |(file, locks)| (Some(file), locks));
        let held = file
            .as_ref()
            .map(|file| saved::record(file).with_context(name));
        let mut checkpoint = Checkpoint {
            path: path.to_owned(),
            held: held.transpose()?,
            exists: file.is_some(),
            lock: file.and_then(kept),
            #[cfg(windows)]
            _name: run_name,
            has_warned: false,
            saved_marks: 0,
            due: Instant::now() + FIRST,
            interval: FIRST,
        };
        checkpoint.warn_without(has_locks);
        Ok(checkpoint)
    }

    /// Says once that nothing keeps a second run out.
    fn warn_without(&mut self, has_locks: bool) {
        if !has_locks && !self.has_warned {
            self.has_warned = true;
            print_error(&format!(
                "checkpoint '{}': its file system has no locks; do not start a second run with it",
                self.path.display()
            ));
        }
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
        let mut has_locks = true;
        let lock = |new: &File| {
            has_locks = try_lock(new)?;
            Ok(())
        };
        let mut record = record.clone();
        record.goal = Some(Goal {
            marks: marks.iter().map(|mark| (mark.sims, mark.hits)).collect(),
            ..goal.clone()
        });
        let new = replace_with(&self.path, record.to_json().as_bytes(), existing, lock);
        self.lock = kept(new.map_err(|error| self.not_replaced(error))?);
        self.warn_without(has_locks);
        self.exists = true;
        self.saved_marks = marks.len();
        Ok(())
    }

    fn not_replaced(&self, NotReplaced { impossible, error }: NotReplaced) -> Error {
        let path = self.path.display();
        if error.kind() == io::ErrorKind::AlreadyExists {
            return anyhow!("checkpoint '{path}': {IN_USE}");
        }
        let error = Error::from(error);
        let error = match impossible {
            Some(why) => error.context(format!(
                "{why}, and a checkpoint is only ever replaced as a whole; name a file in a folder of your own"
            )),
            None => error,
        };
        error
            .context(could_not_write(&self.path))
            .context("checkpoint")
    }
}

/// The file at `path`, if there is one, and whether it is locked: file systems may have no locks.
fn open_locked(path: &Path) -> Result<Option<(File, bool)>> {
    loop {
        // Writable, since NFS locks no other file.
        let file = match open_regular(File::options().read(true).write(true), path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let has_locks = match try_lock(&file) {
            Err(TryLockError::WouldBlock) => return Err(in_use(holder(&file))),
            Err(TryLockError::Error(error)) => return Err(error).context("could not lock it"),
            Ok(has_locks) => has_locks,
        };
        // Another run may have replaced it since it was opened here.
        let is_current = |named: fs::Metadata| Ok(is_same(&named, &file.metadata()?));
        if cfg!(not(unix)) || fs::symlink_metadata(path).and_then(is_current)? {
            return Ok(Some((file, has_locks)));
        }
    }
}

/// The error for a file that `holder` has locked. Whoever may read a file may lock it.
fn in_use(holder: Option<Holder>) -> Error {
    match holder {
        None => anyhow!(IN_USE),
        Some(Holder { pid, name, uid }) => anyhow!(
            "{IN_USE}: process {pid} of user {uid}, '{name}', has locked it; to go on without waiting for it, resume \
             a copy of the file"
        ),
    }
}

/// The file that holds the lock, on systems that have one.
fn kept(file: File) -> Option<File> {
    cfg!(unix).then_some(file)
}
