//! Whether stdout was closed when the program started, as by `pi-mc >&-`. Rust's runtime opens /dev/null
//! in its place, where every result would be lost without a word. So this looks before the runtime does.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether stdout was closed when the program started; elsewhere than on Linux nobody knows.
pub(crate) fn stdout_is_closed() -> bool {
    IS_CLOSED.load(Ordering::Relaxed)
}

/// Called by the loader before `main`, where the runtime has opened nothing yet.
#[cfg(target_os = "linux")]
extern "C" fn look() {
    use std::fs;
    let is_there = |path| fs::symlink_metadata(path).is_ok();
    // Where there is no /proc, nobody knows.
    let is_closed = !is_there("/proc/self/fd/1") && is_there("/proc/self/fd");
    IS_CLOSED.store(is_closed, Ordering::Relaxed);
}

// SAFETY: this section of the program holds pointers to functions like this one, each of which the
// loader calls once (System V ABI, "Initialization and Termination Functions").
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;
