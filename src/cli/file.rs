//! Files that are replaced as a whole: after a crash or on a full disk there is the old one or the new
//! one, and nothing half-written. Not here: what is in them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Whether `path` can be replaced later on, as far as one can know: it is asked before a run starts.
pub(super) fn check(path: &Path) -> Result<()> {
    let name = || format!("could not write '{}'", path.display());
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(not_regular()).with_context(name);
    }
    let new = beside(path, "tmp");
    let created = File::create(&new).and_then(|_| fs::remove_file(&new));
    created.with_context(name)
}

/// Replaces the file at `path`, or makes it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = beside(path, "tmp");
    let write = || -> io::Result<()> {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        // On Unix the new name is on the disk once the folder is; elsewhere folders do not open.
        if cfg!(unix) {
            File::open(folder(path))?.sync_all()?;
        }
        Ok(())
    };
    write().with_context(|| {
        let _ = fs::remove_file(&new);
        format!("could not write '{}'", path.display())
    })
}

/// What is wrong with a device, a pipe or a folder: replacing it would remove it.
pub(super) fn not_regular() -> anyhow::Error {
    anyhow::anyhow!("is not a regular file")
}

/// The path with `.suffix` after it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// The folder that `path` is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
