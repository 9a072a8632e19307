//! From a name to the file that it means. Links are followed here, step by step, since an output that does not exist
//! yet needs a name without links. In a folder such as /tmp, where everybody may make files, a link of a different
//! user is refused, as Linux does by default (`fs.protected_symlinks`): its owner would choose what is written.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The most links that are followed, as on Linux.
const MOST_LINKS: usize = 40;

/// `path` without links, whether the file exists or not.
///
/// # Errors
/// If its folder does not exist, or for a link of a different user in a folder that everybody may write to.
pub(crate) fn without_links(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let is_link = |metadata: &Metadata| metadata.is_symlink();
        let Some(link) = fs::symlink_metadata(&path).ok().filter(is_link) else {
            return Ok(match path.file_name() {
                Some(name) => real_folder(folder(&path))?.join(name),
                None => path, // a folder
            });
        };
        require_own(&path, &link)?;
        path = folder(&path).join(fs::read_link(&path)?);
    }
    bail!("too many links");
}

/// `folder` without links. The standard library follows them by itself; the result must be the folder that the
/// system finds, which follows none that it takes for a trap.
fn real_folder(folder: &Path) -> Result<PathBuf> {
    let found = fs::metadata(folder)?;
    // On Windows without the prefix \\\\?\\, which few programs understand.
    let real = dunce::canonicalize(folder)?;
    if cfg!(unix) && !is_same(&found, &fs::symlink_metadata(&real)?) {
        return Err(changed());
    }
    Ok(real)
}

/// Refuses a link at `path` that was made by a different user, if everybody may make links in its folder but not remove
/// those of others.
#[cfg(unix)]
fn require_own(path: &Path, link: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    const STICKY_FOR_ALL: u32 = 0o1002;
    let folder = fs::metadata(folder(path))?;
    let is_for_all = folder.mode() & STICKY_FOR_ALL == STICKY_FOR_ALL;
    if is_for_all && link.uid() != folder.uid() && !is_own(link) {
        let (path, uid) = (path.display(), link.uid());
        bail!("'{path}' is a link of user {uid} in a folder that everybody may write to");
    }
    Ok(())
}

#[cfg(not(unix))]
fn require_own(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}

/// Whether the file belongs to the user that this program runs as.
#[cfg(unix)]
pub(crate) fn is_own(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == nix::unistd::geteuid().as_raw()
}

/// The error for a file that somebody exchanged while it was looked up.
pub(crate) fn changed() -> anyhow::Error {
    anyhow::anyhow!("a different file took its place while it was being opened")
}

/// Opens the regular file at `path`, which has no links. Does not wait for anything.
///
/// # Errors
/// If a link or anything else has appeared there.
pub(crate) fn open_regular(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use nix::libc::{O_NOCTTY, O_NOFOLLOW, O_NONBLOCK};
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    Ok(file)
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

/// The folder that `path` is in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
