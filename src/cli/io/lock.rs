//! Locks on files, which keep a second run out. Some file systems have none.

#[cfg(target_os = "linux")]
use std::fs;
use std::fs::{File, TryLockError};
use std::io;

/// Locks `file`, and returns whether its file system has locks. On systems other than Unix a lock would keep everybody
/// from reading the file, and an open file cannot be replaced, so nothing keeps a second run out there.
///
/// # Errors
/// [`TryLockError::WouldBlock`] if a different process has it.
pub(crate) fn try_lock(file: &File) -> Result<bool, TryLockError> {
    if cfg!(not(unix)) {
        return Ok(true);
    }
    match file.try_lock() {
        Err(TryLockError::Error(error)) if is_without_locks(&error) => Ok(false),
        done => done.map(|()| true),
    }
}

/// A name that only one run has at a time: on Windows, where a lock would keep everybody from reading the file.
#[cfg(windows)]
pub(crate) struct RunName(windows_sys::Win32::Foundation::HANDLE);

#[cfg(windows)]
impl RunName {
    /// Takes the name of the checkpoint at `path`, by a named mutex; `None` if a different run has it.
    pub(crate) fn take(path: &std::path::Path) -> io::Result<Option<RunName>> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, GetLastError};
        use windows_sys::Win32::System::Threading::CreateMutexW;
        let mut hasher = DefaultHasher::new();
        path.to_string_lossy().to_lowercase().hash(&mut hasher);
        let name = format!("Global\\pi-mc-{:016x}\0", hasher.finish());
        let name: Vec<u16> = name.encode_utf16().collect();
        // SAFETY: the name ends with a zero. GetLastError is of the call before it, in the same thread.
        let (handle, error) = unsafe {
            let handle = CreateMutexW(std::ptr::null(), 0, name.as_ptr());
            (handle, GetLastError())
        };
        if handle.is_null() {
            return Err(io::Error::from_raw_os_error(error as i32));
        }
        let name = RunName(handle);
        Ok((error != ERROR_ALREADY_EXISTS).then_some(name))
    }
}

#[cfg(windows)]
impl Drop for RunName {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's, and is closed once.
        unsafe { windows_sys::Win32::Foundation::CloseHandle(self.0) };
    }
}

/// Whether the error says that the file system has no locks, as Lustre and NFS may be mounted.
fn is_without_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use nix::libc::{ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP};
        let none = [ENOLCK, ENOSYS, EOPNOTSUPP, ENOTSUP];
        if error
            .raw_os_error()
            .is_some_and(|code| none.contains(&code))
        {
            return true;
        }
    }
    error.kind() == io::ErrorKind::Unsupported
}

/// The process that has the lock of `file`, where the system reports it.
#[cfg(target_os = "linux")]
pub(crate) fn holder(file: &File) -> Option<Holder> {
    use std::os::unix::fs::MetadataExt;
    let inode = file.metadata().ok()?.ino();
    let pid = holder_in(&fs::read_to_string("/proc/locks").ok()?, inode)?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let uid = fs::metadata(format!("/proc/{pid}")).ok()?.uid();
    Some(Holder {
        pid,
        name: name.trim_end().to_owned(),
        uid,
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn holder(_: &File) -> Option<Holder> {
    None
}

/// A process that has a lock.
pub(crate) struct Holder {
    pub(crate) pid: u32,
    /// The name of its program.
    pub(crate) name: String,
    /// The user that it runs as.
    pub(crate) uid: u32,
}

/// The process that has a lock of the file with number `inode`, in the list that Linux has in /proc/locks:
/// `1: FLOCK  ADVISORY  WRITE 4711 fe:00:1966098 0 EOF`. The device is left out, since some file systems list one there
/// that no file has; `None` if several files have that number.
#[cfg(target_os = "linux")]
fn holder_in(locks: &str, inode: u64) -> Option<u32> {
    let held = locks.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        // A line with an arrow is about a process that waits.
        let (kind, _, _) = (words.next()?, words.next()?, words.next()?);
        let (pid, file) = (words.next()?, words.next()?);
        let number = file.rsplit(':').next()?.parse();
        (kind == "FLOCK" && number == Ok(inode)).then(|| Some((pid.parse().ok()?, file)))?
    });
    let held: Vec<(u32, &str)> = held.collect();
    let (pid, file) = *held.first()?;
    held.iter().all(|(_, other)| *other == file).then_some(pid)
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn the_holder_of_a_lock_is_listed() {
        use super::holder_in;
        let locks = "\
1: POSIX  ADVISORY  WRITE 300 fe:00:77 0 EOF
2: FLOCK  ADVISORY  WRITE 4711 fe:00:77 0 EOF
2: -> FLOCK  ADVISORY  WRITE 4712 fe:00:77 0 EOF
3: FLOCK  ADVISORY  READ 4713 fe:00:78 0 EOF
4: FLOCK  ADVISORY  READ 4714 fe:01:78 0 EOF
5: FLOCK  ADVISORY  WRITE -1 fe:00:79 0 EOF
6: FLOCK";
        assert_eq!(holder_in(locks, 77), Some(4711));
        assert_eq!(holder_in(locks, 78), None, "of two file systems");
        assert_eq!(holder_in(locks, 79), None, "of a different container");
        assert_eq!(holder_in(locks, 7), None);
        assert_eq!(holder_in("", 77), None);
    }
}
