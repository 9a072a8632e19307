//! Output files. A regular file is replaced as a whole: after a crash or on a full disk either the old or the new file
//! is there, and nothing half-written. Symbolic links are followed. A pipe, a terminal or a character device is
//! written to, never replaced.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::io::stdout::print_data;

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `-`, or the name of the file that stdout goes to.
    Stdout,
    /// A regular file, whether it exists or not, by its name without links.
    Regular(PathBuf),
    /// A pipe, a terminal or a character device.
    Stream(PathBuf),
}

impl Target {
    /// The target that `path` names.
    ///
    /// # Errors
    /// If its folder does not exist, or if it is a folder, a socket or a disk.
    pub(crate) fn of(path: &Path) -> Result<Target> {
        if path == Path::new("-") {
            return Ok(Target::Stdout);
        }
        let target = || -> Result<Target> {
            match fs::metadata(path) {
                // A folder that does not exist.
                Err(_) if names_a_folder(path) => Err(not_regular()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Ok(Target::Regular(resolve(path)?))
                }
                Err(error) => Err(error.into()),
                Ok(metadata) if is_stdout(&metadata) => Ok(Target::Stdout),
                Ok(metadata) if metadata.is_file() => Ok(Target::Regular(resolve(path)?)),
                Ok(metadata) if is_stream(&metadata) => Ok(Target::Stream(path.to_owned())),
                Ok(_) => Err(not_regular()),
            }
        };
        target().with_context(|| could_not_write(path))
    }

    /// Whether two outputs to these targets would spoil each other. Pipes and devices may be shared.
    pub(crate) fn is_same(&self, other: &Target) -> bool {
        match (self, other) {
            (Target::Regular(one), Target::Regular(other)) => {
                let links = fs::metadata(one).ok().zip(fs::metadata(other).ok());
                one == other || links.is_some_and(|(one, other)| is_same(&one, &other))
            }
            (Target::Stdout, Target::Stdout) => true,
            _ => false,
        }
    }

    /// Whether writing it would destroy the regular file that `path` names for reading.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        let read = Target::of(path);
        read.is_ok_and(|read| matches!(read, Target::Regular(_)) && self.is_same(&read))
    }

    /// Checks, before a run starts, that it can be written later.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Target::Stdout | Target::Stream(_) => Ok(()),
            Target::Regular(path) => new_beside(path)
                .map(drop)
                .with_context(|| could_not_write(path)),
        }
    }

    /// Writes all of `text`: into the stream, or as the file's new content.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        match self {
            Target::Stdout => print_data(text),
            Target::Regular(path) => replace(path, text.as_bytes()),
            Target::Stream(path) => File::options()
                .write(true)
                .open(path)
                .and_then(|mut stream| stream.write_all(text.as_bytes()))
                .with_context(|| could_not_write(path)),
        }
    }
}

/// Replaces the file at `path`, which is no link, or makes it. Mode and owner of the old file are kept.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_with(path, bytes, Existing::Replace, |_| Ok(())).map(drop)
}

/// How to treat an existing file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Replace it.
    Replace,
    /// Leave it alone, and fail.
    Keep,
}

/// Does what [`replace`] does, calls `prepare` with the new file before it gets its name, and returns that file.
pub(crate) fn replace_with(
    path: &Path,
    bytes: &[u8],
    existing: Existing,
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> Result<File> {
    let write = || -> io::Result<File> {
        let mut new = new_beside(path)?;
        new.write_all(bytes)?;
        prepare(new.as_file())?;
        new.as_file().sync_all()?;
        let new = match existing {
            Existing::Replace => new.persist(path)?,
            Existing::Keep => new.persist_noclobber(path)?,
        };
        // On Unix the new name is on the disk once the folder is. Other systems cannot open folders.
        if cfg!(unix) {
            File::open(folder(path))?.sync_all()?;
        }
        Ok(new)
    };
    write().with_context(|| could_not_write(path))
}

/// A new file in the folder of `path`, under an unused name, with the mode and the owner of the file at `path`. It is
/// removed when it is dropped.
fn new_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pi-mc-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let old = match File::options().write(true).open(path) {
        Ok(old) => Some(old.metadata()?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    old.as_ref().map_or(Ok(()), spare_read_only)?;
    let new = builder.tempfile_in(folder(path))?;
    if let Some(old) = old {
        keep_owner(new.as_file(), &old)?;
        new.as_file().set_permissions(old.permissions())?;
    }
    Ok(new)
}

/// Root could write a read-only file; we refuse all the same.
///
/// # Errors
/// Permission denied, for such a file.
pub(crate) fn spare_read_only(metadata: &Metadata) -> io::Result<()> {
    if metadata.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let made = new.metadata()?;
    if (made.uid(), made.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(new, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// `path` with all links followed, whether the file exists or not.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        resolved => return resolved,
    }
    // A link to a file that does not exist. A circle of links was a different error above.
    if let Ok(target) = fs::read_link(path) {
        return resolve(&folder(path).join(target));
    }
    let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
    Ok(fs::canonicalize(folder(path))?.join(name))
}

/// Whether two names are of one file.
#[cfg(unix)]
pub(crate) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems know files only by their names.
#[cfg(not(unix))]
pub(crate) fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// Whether this is the file, the pipe or the terminal that stdout goes to. Other devices, such as /dev/null, do not
/// count, since they hold nothing that could be spoilt.
#[cfg(unix)]
fn is_stdout(metadata: &Metadata) -> bool {
    use std::io::IsTerminal;
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    if metadata.file_type().is_char_device() && !io::stdout().is_terminal() {
        return false;
    }
    let stdout = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    let stdout = stdout.and_then(|stdout| stdout.metadata());
    stdout.is_ok_and(|stdout| is_same(&stdout, metadata))
}

#[cfg(not(unix))]
fn is_stdout(_: &Metadata) -> bool {
    false
}

/// Whether this is a pipe, a terminal or another character device.
#[cfg(unix)]
fn is_stream(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo() || metadata.file_type().is_char_device()
}

#[cfg(not(unix))]
fn is_stream(_: &Metadata) -> bool {
    false
}

fn names_a_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    last.is_some_and(|last| std::path::is_separator((*last).into()))
}

/// The error for a folder, a socket or a disk.
pub(crate) fn not_regular() -> anyhow::Error {
    anyhow::anyhow!("not a regular file")
}

fn could_not_write(path: &Path) -> String {
    format!("could not write '{}'", path.display())
}

/// The folder that `path` is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
