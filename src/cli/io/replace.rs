//! Replaces files as a whole: after a crash or on a full disk either the old or the new file is there, and nothing
//! half-written. File systems differ in what they can do; whatever a file can be replaced without is done without.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::cli::io::links::{folder, open_regular};

/// How to treat an existing file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Replace it.
    Replace,
    /// Leave it alone, and fail.
    Keep,
}

/// Why a file was not replaced. Nothing has changed then.
#[derive(Debug)]
pub(crate) struct NotReplaced {
    /// The reason, if this file can be written but never replaced.
    pub(crate) impossible: Option<&'static str>,
    /// The system's error.
    pub(crate) error: io::Error,
}

impl From<io::Error> for NotReplaced {
    fn from(error: io::Error) -> NotReplaced {
        let impossible = None;
        NotReplaced { impossible, error }
    }
}

/// Makes `bytes` the content of the file at `path`, which is no link: replaces it, or if that is impossible, writes in
/// place. Mode and owner of an old file are kept.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match replace_with(path, bytes, Existing::Replace, |_| Ok(())) {
        Ok(_) => Ok(()),
        Err(NotReplaced {
            impossible: Some(_),
            ..
        }) => {
            let mut file = open_regular(File::options().write(true), path)?;
            spare_read_only(&file.metadata()?)?;
            file.set_len(0)?;
            file.write_all(bytes)?;
            unless_unsupported(file.sync_all())
        }
        Err(NotReplaced { error, .. }) => Err(error),
    }
}

/// [`write`]. Where that fails because a different program has the file open, which Windows may forbid, the output is
/// kept in a new file beside it, which the error names.
pub(crate) fn write_or_keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Err(error) = write(path, bytes) else {
        return Ok(());
    };
    if !cfg!(windows) {
        return Err(error);
    }
    let name = path.file_name().unwrap_or_default();
    let mut builder = tempfile::Builder::new();
    let kept = builder
        .prefix("pi-mc-")
        .suffix(name)
        .tempfile_in(folder(path));
    let kept = kept.and_then(|mut new| {
        new.write_all(bytes)?;
        Ok(new.keep()?.1)
    });
    Err(match kept {
        Ok(kept) => io::Error::new(
            error.kind(),
            format!("{error}; the output is in '{}'", kept.display()),
        ),
        Err(_) => error,
    })
}

/// Gives a new file its name.
fn persist(new: NamedTempFile, path: &Path) -> io::Result<File> {
    let mut new = Some(new);
    patiently(&[ACCESS_DENIED, SHARING_VIOLATION], || {
        let Some(file) = new.take() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        file.persist(path).map_err(|refused| {
            new = Some(refused.file);
            refused.error
        })
    })
}

/// The error of Windows for a file that a different program has open in a way that forbids what was asked for.
const SHARING_VIOLATION: i32 = 32;

/// Its error for such a file that was to be replaced.
const ACCESS_DENIED: i32 = 5;

/// Tries for two seconds on Windows, where a program that has a file open, such as a virus scanner, may keep it for a
/// moment.
fn patiently<T>(held: &[i32], mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let end = Instant::now() + Duration::from_secs(2);
    let is_held = |error: &io::Error| {
        error
            .raw_os_error()
            .is_some_and(|code| held.contains(&code))
    };
    loop {
        match attempt() {
            Err(error) if cfg!(windows) && is_held(&error) && Instant::now() < end => {
                thread::sleep(Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

/// Checks that [`write`] can write the file later.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    match new_beside(path) {
        Ok(_)
        | Err(NotReplaced {
            impossible: Some(_),
            ..
        }) => Ok(()),
        Err(NotReplaced { error, .. }) => Err(error),
    }
}

/// Replaces the file at `path`, which is no link, or makes it. Calls `prepare` with the new file before it gets its name,
/// and returns that file. Mode and owner of an old file are kept.
pub(crate) fn replace_with(
    path: &Path,
    bytes: &[u8],
    existing: Existing,
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> Result<File, NotReplaced> {
    let mut new = new_beside(path)?;
    new.as_file_mut().write_all(bytes)?;
    prepare(new.as_file())?;
    unless_unsupported(new.as_file().sync_all())?;
    let named = match existing {
        Existing::Replace => persist(new, path),
        Existing::Keep => new.persist_noclobber(path).map_err(Into::into),
    };
    let named = named.map_err(impossible)?;
    // On Unix the new name is on the disk once the folder is. It has the name in any case, so a folder that may not be
    // read, or a file system that cannot do this, is no failure.
    if cfg!(unix) {
        let _ = File::open(folder(path)).and_then(|folder| folder.sync_all());
    }
    Ok(named)
}

/// A new file in the folder of `path`, under an unused name, with the mode and the owner of the file at `path`. It is
/// removed when it is dropped.
fn new_beside(path: &Path) -> Result<NamedTempFile, NotReplaced> {
    let old = patiently(&[SHARING_VIOLATION], || {
        match open_regular(File::options().write(true), path) {
            Ok(old) => spare_held(path).and_then(|()| Ok(Some(old.metadata()?))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    })?;
    old.as_ref().map_or(Ok(()), spare_read_only)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pi-mc-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // At no moment may more people read it than the old file.
        let new = || PermissionsExt::from_mode(0o666);
        builder.permissions(old.as_ref().map_or_else(new, Metadata::permissions));
    }
    let new = builder.tempfile_in(folder(path));
    let Some(old) = old else {
        return Ok(new?);
    };
    let new = new.map_err(impossible)?;
    keep_owner(new.as_file(), &old)?;
    unless_unsupported(new.as_file().set_permissions(old.permissions()))?;
    Ok(new)
}

/// The error of making a file beside an existing one, or of giving it that one's name.
fn impossible(error: io::Error) -> NotReplaced {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    let impossible = match error.kind() {
        ResourceBusy => Some("it is a mount point"),
        PermissionDenied | ReadOnlyFilesystem => Some("its folder does not let it be replaced"),
        _ => None,
    };
    NotReplaced { impossible, error }
}

/// Success where a file system cannot do what was asked for.
fn unless_unsupported(done: io::Result<()>) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match done {
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
            Ok(())
        }
        done => done,
    }
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

/// Refuses a file that a different program has open in a way that forbids to replace it, which only Windows knows.
#[cfg(windows)]
fn spare_held(path: &Path) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt;
    use windows_sys::Win32::Storage::FileSystem::DELETE;
    match File::options().access_mode(DELETE).open(path) {
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(windows))]
fn spare_held(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) -> Result<(), NotReplaced> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let made = new.metadata()?;
    if (made.uid(), made.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(new, Some(old.uid()), Some(old.gid())).map_err(|error| NotReplaced {
        impossible: Some("it has a different owner or group, which only root can give to a file"),
        error,
    })
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> Result<(), NotReplaced> {
    Ok(())
}
