//! Output files. A regular file is replaced as a whole: after a crash or on a full disk there is the old
//! one or the new one, and nothing half-written. Symbolic links are followed. A pipe, a terminal or a
//! character device is written to, never replaced.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::io::stdout::print_data;

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `-`, or a name of what stdout goes to.
    Stdout,
    /// A regular file, there or not yet, by its name without links.
    Regular(PathBuf),
    /// Anything else that can be written to.
    Stream(PathBuf),
}

impl Target {
    /// What `path` stands for.
    ///
    /// # Errors
    /// If there is no such folder, or if it is nothing that can be written to.
    pub(crate) fn of(path: &Path) -> Result<Target> {
        if path == Path::new("-") {
            return Ok(Target::Stdout);
        }
        let target = || -> Result<Target> {
            match fs::metadata(path) {
                // Named as a folder, and there is none.
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

    /// Whether both are one place, which two outputs would spoil for each other. Pipes and devices may
    /// be shared.
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

    /// Whether it is the regular file that `path` names to be read, and that writing it would destroy.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        let read = Target::of(path);
        read.is_ok_and(|read| matches!(read, Target::Regular(_)) && self.is_same(&read))
    }

    /// Whether it can be written later on, as far as one can know: asked before a run starts.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Target::Stdout | Target::Stream(_) => Ok(()),
            Target::Regular(path) => new_beside(path)
                .map(drop)
                .with_context(|| could_not_write(path)),
        }
    }

    /// Writes `text`, all of it: into the stream, or as the file's new content.
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

/// What to do with a file that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Replace it.
    Replace,
    /// Leave it alone, and fail.
    Keep,
}

/// [`replace`], once `prepare` has seen the new file, which is returned.
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
        // On Unix the new name is on the disk once the folder is; elsewhere folders do not open.
        if cfg!(unix) {
            File::open(folder(path))?.sync_all()?;
        }
        Ok(new)
    };
    write().with_context(|| could_not_write(path))
}

/// A new file in the folder of `path`, under a name that nobody else has, with the mode and the owner of
/// the file at `path`. It is removed when it is dropped.
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

/// To root, who may write any file, a file that nobody may write is one to leave alone too.
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

/// `path` with all links followed, whether a file is there or not.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        resolved => return resolved,
    }
    // A link to a file that is not there yet; a circle of links is another error above.
    if let Ok(target) = fs::read_link(path) {
        return resolve(&folder(path).join(target));
    }
    let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
    Ok(fs::canonicalize(folder(path))?.join(name))
}

/// Whether two files are one, under whatever names.
#[cfg(unix)]
pub(crate) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere files are known by their names.
#[cfg(not(unix))]
pub(crate) fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// Whether this is the file, the pipe or the terminal that stdout goes to. Another device, such as /dev/null,
/// holds nothing that could be spoilt.
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

/// What is wrong with a folder, a socket or a disk.
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
