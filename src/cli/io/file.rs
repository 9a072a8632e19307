//! Output files. Symbolic links are followed, and a regular file is replaced as a whole where that is possible. A pipe,
//! a terminal or a character device is written to, never replaced.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::io::links::{changed, folder, is_same, without_links};
use crate::cli::io::replace;
use crate::cli::io::stdout::print_data;

/// How often a name is looked up whose file other runs replace at the same time. Somebody who exchanges it more often
/// means harm.
const LOOKS: usize = 10;

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
            if is_null_device(path) {
                return Ok(Target::Stream(path.to_owned()));
            }
            // A folder that does not exist.
            if names_a_folder(path) {
                return Err(not_regular());
            }
            for _ in 0..LOOKS {
                if let Some(target) = Target::found(path)? {
                    return Ok(target);
                }
            }
            Err(changed())
        };
        target().with_context(|| could_not_write(path))
    }

    /// The target that `path` names now, `None` if its file was exchanged meanwhile.
    fn found(path: &Path) -> Result<Option<Target>> {
        let real = without_links(path)?;
        let found = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Some(Target::Regular(real)));
            }
            found => found?,
        };
        if is_stdout(&found) {
            return Ok(Some(Target::Stdout));
        }
        if is_stream(&found) {
            return Ok(Some(Target::Stream(path.to_owned())));
        }
        if !found.is_file() {
            return Err(not_regular());
        }
        let named = fs::symlink_metadata(&real)?;
        if cfg!(unix) && !is_same(&found, &named) {
            return Ok(None);
        }
        // On systems that fold letters, the name as the folder has it.
        Ok(Some(Target::Regular(if cfg!(unix) {
            real
        } else {
            dunce::canonicalize(real)?
        })))
    }

    /// Whether two outputs to these targets would spoil each other. Pipes and devices may be shared.
    pub(crate) fn is_same(&self, other: &Target) -> bool {
        match (self, other) {
            (Target::Regular(one), Target::Regular(other)) => {
                one == other
                    || match (fs::metadata(one), fs::metadata(other)) {
                        (Ok(one), Ok(other)) => is_same(&one, &other),
                        (Err(_), Err(_)) => is_one_name(one, other, |path| path.exists()),
                        _ => false,
                    }
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
            Target::Regular(path) => replace::check(path).with_context(|| could_not_write(path)),
        }
    }

    /// Writes all of `text`: into the stream, or as the file's new content.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        match self {
            Target::Stdout => print_data(text),
            Target::Regular(path) => write(path, text.as_bytes()),
            Target::Stream(path) => open_stream(path)
                .and_then(|mut stream| stream.write_all(text.as_bytes()))
                .with_context(|| could_not_write(path)),
        }
    }
}

/// Whether a folder takes the names of two files that do not exist yet for one, as a disk does that folds letters. A
/// file with one of the names in its own name is made for a moment, and looked up by the other. `exists` looks a
/// file up.
fn is_one_name(one: &Path, other: &Path, exists: impl Fn(&Path) -> bool) -> bool {
    let [Some(name), Some(other_name)] = [one, other].map(|path| path.file_name()?.to_str()) else {
        return false;
    };
    let folders = [folder(one), folder(other)];
    let found = folders.map(|folder| fs::metadata(folder).ok());
    let is_one_folder = folders[0] == folders[1]
        || matches!(&found, [Some(one), Some(other)] if is_same(one, other));
    // Outside ASCII a letter may be spelled in several ways.
    let is_plain = name.is_ascii() && other_name.is_ascii();
    if !is_one_folder || (is_plain && !name.eq_ignore_ascii_case(other_name)) {
        return false;
    }
    let mut builder = tempfile::Builder::new();
    let made = builder
        .prefix(".pi-mc-")
        .suffix(name)
        .tempfile_in(folders[0]);
    let Ok(made) = made else {
        // Whatever hinders this will hinder the output.
        return false;
    };
    let path = made.path().to_string_lossy();
    path.strip_suffix(name)
        .is_some_and(|start| exists(Path::new(&format!("{start}{other_name}"))))
}

/// Makes `bytes` the content of the file at `path`, which is no link.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    replace::write_or_keep(path, bytes).with_context(|| could_not_write(path))
}

/// Opens a pipe, a terminal or a character device for writing. Waits until somebody reads the user's own pipe, but not
/// for the reader of somebody else's, who may never come.
#[cfg(unix)]
pub(crate) fn open_stream(path: &Path) -> io::Result<File> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::libc::ENXIO;
    use std::os::unix::fs::OpenOptionsExt;

    use crate::cli::io::links::is_own;
    let open = |flags: OFlag| {
        let mut options = File::options();
        let stream = options.write(true).custom_flags(flags.bits()).open(path)?;
        if !is_stream(&stream.metadata()?) {
            return Err(io::Error::other("it is no longer a pipe or device"));
        }
        Ok(stream)
    };
    match open(OFlag::O_NONBLOCK | OFlag::O_NOCTTY) {
        Err(error) if error.raw_os_error() == Some(ENXIO) => {
            if is_own(&fs::metadata(path)?) {
                return open(OFlag::O_NOCTTY);
            }
            Err(io::Error::other(
                "it is a pipe of a different user, and nobody reads it",
            ))
        }
        opened => {
            let stream = opened?;
            fcntl(&stream, FcntlArg::F_SETFL(OFlag::empty()))?;
            Ok(stream)
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn open_stream(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
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

/// Whether this is NUL, the device of Windows that takes everything.
fn is_null_device(path: &Path) -> bool {
    let is_null = |name: &std::ffi::OsStr| name.eq_ignore_ascii_case("NUL");
    cfg!(windows) && path.file_name().is_some_and(is_null)
}

fn names_a_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    last.is_some_and(|last| std::path::is_separator((*last).into()))
}

/// The error for a folder, a socket or a disk.
pub(crate) fn not_regular() -> anyhow::Error {
    anyhow::anyhow!("not a regular file")
}

pub(crate) fn could_not_write(path: &Path) -> String {
    format!("could not write '{}'", path.display())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::is_one_name;

    /// A folder that folds letters finds a file by any name that folds to its own.
    #[test]
    fn names_are_one_where_the_folder_finds_one_by_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let folding = |path: &Path| {
            let names = fs::read_dir(path.parent().unwrap()).unwrap();
            let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap().to_lowercase();
            names.any(|other| other.to_lowercase() == name)
        };
        for (one, other, is_one) in [
            ("a.svg", "A.svg", true),
            ("a.svg", "A.SVG", true),
            ("\u{e9}", "\u{c9}", true),
            ("a.svg", "b.svg", false),
            ("\u{e9}", "e", false),
        ] {
            let [one, other] = [one, other].map(|name| folder.join(name));
            assert_eq!(is_one_name(&one, &other, folding), is_one, "{one:?}");
            assert!(!is_one_name(&one, &other, |_| false), "{one:?}");
        }
        fs::create_dir(folder.join("sub")).unwrap();
        assert!(!is_one_name(
            &folder.join("a"),
            &folder.join("sub/A"),
            folding
        ));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing is left");
    }
}
