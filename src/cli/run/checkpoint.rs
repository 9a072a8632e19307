//! The checkpoint: a file that holds the record of the darts counted so far, from which a run resumes
//! after whatever ended it. Writes are atomic; a lock keeps a second run out.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pi_mc::{Plan, Record, Tally};

use crate::cli::{file, saved};

/// Time from the start to the first write. It doubles with each write, up to [`SLOWEST`]: a short run
/// does not wait for the disk all the time, and a long one loses no more than a few seconds.
const FIRST: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(5);

/// A checkpoint that no other run has open.
pub(super) struct Checkpoint {
    path: PathBuf,
    /// What was there when it was opened.
    held: Option<Record>,
    due: Instant,
    interval: Duration,
    _lock: Lock,
}

impl Checkpoint {
    /// Locks and reads the checkpoint at `path`, if there is one.
    pub(super) fn open(path: &Path) -> Result<Checkpoint> {
        // Through a symbolic link, so that its target is replaced and not the link.
        let path = fs::canonicalize(path).unwrap_or(path.to_owned());
        let lock = Lock::take(&path)?;
        let held = read(&path).with_context(|| format!("checkpoint '{}'", path.display()))?;
        Ok(Checkpoint {
            path,
            held,
            due: Instant::now() + FIRST,
            interval: FIRST,
            _lock: lock,
        })
    }

    /// What was there when it was opened.
    pub(super) fn held(&self) -> Option<&Record> {
        self.held.as_ref()
    }

    /// The darts of `plan` that it holds.
    pub(super) fn resumed(&self, plan: &Plan) -> Result<Tally> {
        let Some(held) = &self.held else {
            return Ok(Tally::default());
        };
        let name = self.path.display();
        let (seed, first, sims) = (plan.seed(), plan.first(), plan.sims());
        if held.seed != seed {
            bail!(
                "checkpoint '{name}' has seed {}, this run {seed}; take that seed, or another file",
                held.seed,
            );
        }
        if held.has_gaps() {
            bail!(
                "checkpoint '{name}' has gaps; a run goes on only where all darts before are counted"
            );
        }
        if held.first != first {
            bail!(
                "checkpoint '{name}' has first {}, this run {first}; take the same shard, or another file",
                held.first,
            );
        }
        if held.sims > sims {
            bail!(
                "checkpoint '{name}' has sims {}, this run only {sims}; ask for more, or take another file",
                held.sims,
            );
        }
        Ok(held.tally())
    }

    /// Saves what `record` makes if some time has passed since the last time.
    pub(super) fn save_if_due(&mut self, record: impl FnOnce() -> Record) -> Result<()> {
        if Instant::now() < self.due {
            return Ok(());
        }
        self.interval = (self.interval * 2).min(SLOWEST);
        self.due = Instant::now() + self.interval;
        self.save(&record())
    }

    /// Replaces the file by `record`.
    pub(super) fn save(&self, record: &Record) -> Result<()> {
        file::replace(&self.path, record.to_json()?.as_bytes()).context("checkpoint")
    }
}

fn read(path: &Path) -> Result<Option<Record>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
        Ok(metadata) if !metadata.is_file() => Err(file::not_regular()),
        Ok(_) => saved::record(path).map(Some),
    }
}

/// A file that is there and locked while a run has the checkpoint open. The operating system frees it
/// however the run ends.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(checkpoint: &Path) -> Result<Lock> {
        let path = file::beside(checkpoint, "lock");
        loop {
            let file = File::create(&path)
                .with_context(|| format!("could not create '{}'", path.display()))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    bail!(
                        "checkpoint '{}' is in use by another run",
                        checkpoint.display()
                    )
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .with_context(|| format!("could not lock '{}'", path.display()));
                }
                // It may be one that another run removed when it ended, after it was opened here.
                Ok(()) if is_at(&file, &path) => return Ok(Lock { path, _file: file }),
                Ok(()) => {}
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(file), Ok(path)) => id(file) == id(path),
        _ => false,
    }
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
