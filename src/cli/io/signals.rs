//! Ctrl-C and TERM: the first signal ends a command in good order, a second stops the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
#[cfg(all(feature = "live", unix))]
use signal_hook::consts::SIGTSTP;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// How long after the first signal's effect a second one is taken for its echo: `timeout`, and some
/// batch systems, send the same one to a process and to its group.
const ECHO: Duration = Duration::from_millis(300);

/// How often to look for the first signal.
const LOOK: Duration = Duration::from_millis(50);

/// Makes a file that reaches the system's size limit (`ulimit -f`) a failed write with an error. By default the signal
/// ends the program.
#[cfg(unix)]
pub(crate) fn fail_at_size_limits() -> Result<()> {
    flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
        .context("could not watch for size limits")?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn fail_at_size_limits() -> Result<()> {
    Ok(())
}

/// Whether the process ignores the signal.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    use nix::libc::{SIG_IGN, sigaction};
    let mut action = std::mem::MaybeUninit::<sigaction>::uninit();
    // SAFETY: without a new action, sigaction only writes the present one to `action`, which has its size. It is
    // read only if that succeeded.
    unsafe {
        sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == SIG_IGN
    }
}

#[cfg(not(unix))]
fn is_ignored(_: i32) -> bool {
    false
}

/// Makes Ctrl-C and TERM end the program at once, with the exit code that a shell reports for them.
pub(crate) fn exit_at_first() -> Result<()> {
    for signal in [SIGINT, SIGTERM] {
        if !is_ignored(signal) {
            let always = Arc::new(AtomicBool::new(true));
            flag::register_conditional_shutdown(signal, 128 + signal, always)
                .context("could not watch for Ctrl-C")?;
        }
    }
    Ok(())
}

/// Makes Ctrl-Break an interrupt like Ctrl-C, and a console that is closed, or a user who logs off, a TERM.
#[cfg(windows)]
fn watch_console() -> Result<()> {
    use windows_sys::Win32::System::Console::{
        CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler,
    };
    use windows_sys::core::BOOL;
    /// Called in a thread of its own.
    extern "system" fn handle(event: u32) -> BOOL {
        match event {
            // The C library makes SIGINT of it.
            CTRL_C_EVENT => return 0,
            CTRL_BREAK_EVENT => {
                let _ = signal_hook::low_level::raise(SIGINT);
            }
            _ => {
                let _ = signal_hook::low_level::raise(SIGTERM);
                // Windows ends the program as soon as this returns, and in five seconds if it does not.
                thread::sleep(Duration::from_secs(60));
            }
        }
        1
    }
    // SAFETY: `handle` is a function of this type, and may be called from any thread.
    let is_set = unsafe { SetConsoleCtrlHandler(Some(handle), 1) } != 0;
    anyhow::ensure!(is_set, "could not watch for Ctrl-Break");
    Ok(())
}

/// Ctrl-C, where it is a key.
#[cfg(feature = "live")]
pub(crate) fn interrupt() {
    // It fails only for numbers that are no signals.
    let _ = signal_hook::low_level::raise(SIGINT);
}

/// The signals that have come since [`Signals::watch`].
pub(crate) struct Signals {
    /// The exit code for the last signal; 0 before the first.
    caught: Arc<AtomicUsize>,
    stop_at_once: Arc<AtomicBool>,
}

impl Signals {
    /// Catches both signals, so that neither ends the program by itself. A signal that this program was started to
    /// ignore, as a script's background job ignores Ctrl-C, stays ignored.
    pub(crate) fn watch() -> Result<Signals> {
        let signals = Signals {
            caught: Arc::default(),
            stop_at_once: Arc::default(),
        };
        #[cfg(windows)]
        watch_console()?;
        for signal in [SIGINT, SIGTERM] {
            if is_ignored(signal) {
                continue;
            }
            let (again, caught) = (signals.stop_at_once.clone(), signals.caught.clone());
            // A shell reports this for a program that the signal ended.
            let code = 128 + signal;
            flag::register_conditional_shutdown(signal, code, again)
                .and_then(|_| flag::register_usize(signal, caught, code as usize))
                .context("could not watch for Ctrl-C")?;
        }
        Ok(signals)
    }

    /// The exit code for the last signal caught; `None` before the first.
    pub(crate) fn caught(&self) -> Option<u8> {
        match self.caught.load(Ordering::Relaxed) {
            0 => None,
            code => Some(code as u8),
        }
    }

    /// Lets a second signal stop the program at once, unless it is an echo of the first.
    pub(crate) fn stop_at_second(&self) {
        let (stop_at_once, caught) = (self.stop_at_once.clone(), self.caught.clone());
        let armed = thread::Builder::new().spawn(move || {
            while caught.load(Ordering::Relaxed) == 0 {
                thread::sleep(LOOK);
            }
            thread::sleep(ECHO);
            stop_at_once.store(true, Ordering::Relaxed);
        });
        // Without a thread to wait, an echo stops the program too.
        if armed.is_err() && self.caught().is_some() {
            self.stop_at_once.store(true, Ordering::Relaxed);
        }
    }
}

/// The signals that stop or end a program which has the whole terminal, and must give it back first. Ctrl-C and TERM
/// are not among them: [`Signals`] has them.
#[cfg(feature = "live")]
pub(crate) struct TerminalSignals {
    /// Whether the terminal was given back for good: signals act by themselves again.
    is_over: Arc<AtomicBool>,
    /// Whether Ctrl-Z came.
    stop: Arc<AtomicBool>,
    /// Whether the program went on after a stop.
    go_on: Arc<AtomicBool>,
    /// The signal that ends the program; 0 before it.
    end: Arc<AtomicUsize>,
}

#[cfg(feature = "live")]
impl TerminalSignals {
    /// Catches the signals, but for those that the program was started to ignore.
    #[cfg(unix)]
    pub(crate) fn watch() -> Result<TerminalSignals> {
        use signal_hook::consts::{SIGALRM, SIGCONT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};
        let signals = TerminalSignals::none();
        let is_caught = |signal: &i32| !is_ignored(*signal);
        let catch = || -> std::io::Result<()> {
            flag::register(SIGCONT, signals.go_on.clone())?;
            for signal in [SIGTSTP].into_iter().filter(is_caught) {
                flag::register_conditional_default(signal, signals.is_over.clone())?;
                flag::register(signal, signals.stop.clone())?;
            }
            let ends = [SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU];
            for signal in ends.into_iter().filter(is_caught) {
                flag::register_conditional_default(signal, signals.is_over.clone())?;
                flag::register_usize(signal, signals.end.clone(), signal as usize)?;
            }
            Ok(())
        };
        catch().context("could not watch for signals of the terminal")?;
        Ok(signals)
    }

    /// Other systems have none.
    #[cfg(not(unix))]
    pub(crate) fn watch() -> Result<TerminalSignals> {
        Ok(TerminalSignals::none())
    }

    fn none() -> TerminalSignals {
        TerminalSignals {
            is_over: Arc::default(),
            stop: Arc::default(),
            go_on: Arc::default(),
            end: Arc::default(),
        }
    }

    /// If signals came, gives the terminal back and does what they do by default: ends the program, or stops it until
    /// it goes on. Returns whether it stood still. A program that goes on must take the terminal anew, whatever had
    /// stopped it.
    pub(crate) fn obey(&self, give_back: impl FnOnce()) -> bool {
        let end = self.end.load(Ordering::Relaxed);
        let stop = self.stop.swap(false, Ordering::Relaxed);
        let has_gone_on = self.go_on.swap(false, Ordering::Relaxed);
        if end != 0 || stop || has_gone_on {
            give_back();
        }
        #[cfg(unix)]
        {
            use signal_hook::low_level::emulate_default_handler;
            for signal in [(end != 0).then_some(end as i32), stop.then_some(SIGTSTP)] {
                // It fails only for signals that nobody can catch.
                let _ = signal.map(emulate_default_handler);
            }
        }
        if stop {
            // The signal that ended this stop, before which the terminal was given back. Another thread may take it,
            // some time after this one goes on; wait a second for it at most.
            for _ in 0..1000 {
                if self.go_on.swap(false, Ordering::Relaxed) {
                    break;
                }
                thread::sleep(Duration::from_millis(1));
            }
        }
        stop
    }
}

#[cfg(feature = "live")]
impl Drop for TerminalSignals {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
