//! A stopwatch of elapsed and processor time. The two travel together: a run whose processor time is much
//! less than its elapsed time times its workers had to wait, for its cores or for something else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Elapsed time and processor time of the same piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Time on the clock.
    pub elapsed: Duration,
    /// Processor time in user and system mode, of all threads and all ended child processes together. `None`
    /// where the system does not report it, as on Windows once a child was started.
    pub cpu: Option<Duration>,
}

/// Measures what a piece of work takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    started: SystemTime,
    start: Instant,
    cpu: Option<Duration>,
    left_out: Spent,
}

impl Stopwatch {
    /// Starts a stopwatch.
    pub fn start() -> Stopwatch {
        Stopwatch {
            started: SystemTime::now(),
            start: Instant::now(),
            cpu: cpu_time(),
            left_out: Spent::default(),
        }
    }

    /// The start.
    pub(crate) fn origin(&self) -> Instant {
        self.start
    }

    /// The calendar time of the start.
    pub fn started(&self) -> SystemTime {
        self.started
    }

    /// Leaves out a pause since the start, in which the work stood still.
    pub fn leave_out(&mut self, pause: Spent) {
        let Spent { elapsed, cpu } = &mut self.left_out;
        *elapsed = elapsed.saturating_add(pause.elapsed);
        let pause = pause.cpu.unwrap_or_default();
        *cpu = Some(cpu.unwrap_or_default().saturating_add(pause));
    }

    /// The pauses left out so far.
    pub fn left_out(&self) -> Spent {
        self.left_out
    }

    /// The time since the start, without the pauses left out.
    pub fn spent(&self) -> Spent {
        let cpu = self.cpu.zip(cpu_time());
        let Spent { elapsed, cpu: idle } = self.left_out;
        let idle = idle.unwrap_or_default();
        Spent {
            elapsed: self.start.elapsed().saturating_sub(elapsed),
            cpu: cpu.map(|(start, now)| now.saturating_sub(start).saturating_sub(idle)),
        }
    }
}

/// The processor time of this process and its ended children so far. `None` where the system does not report
/// it.
fn cpu_time() -> Option<Duration> {
    let [own, children] = cpu_times();
    own?.checked_add(children?)
}

/// The processor time of this process, and that of its ended children, by getrusage.
#[cfg(unix)]
fn cpu_times() -> [Option<Duration>; 2] {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN].map(|who| {
        let usage = getrusage(who).ok()?;
        let micros = (usage.user_time() + usage.system_time()).num_microseconds();
        Some(Duration::from_micros(micros.try_into().ok()?))
    })
}

/// The processor time of this process, by GetProcessTimes. Windows keeps no sum of ended children, so there is none
/// once a child was started.
#[cfg(windows)]
fn cpu_times() -> [Option<Duration>; 2] {
    use windows_sys::Win32::Foundation::FILETIME;
    use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessTimes};
    let mut times = [FILETIME::default(); 4];
    let [created, ended, kernel, user] = &mut times;
    // SAFETY: the handle is this process's, and each pointer is to a FILETIME that is written before it is read.
    let is_done =
        unsafe { GetProcessTimes(GetCurrentProcess(), created, ended, kernel, user) } != 0;
    // In units of 100 nanoseconds.
    let ticks =
        |time: &FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    let sum = ticks(&times[2]).saturating_add(ticks(&times[3]));
    let own = Duration::from_nanos(sum.saturating_mul(100));
    let has_children = HAS_CHILDREN.load(Ordering::Relaxed);
    [
        is_done.then_some(own),
        (!has_children).then_some(Duration::ZERO),
    ]
}

#[cfg(not(any(unix, windows)))]
fn cpu_times() -> [Option<Duration>; 2] {
    [None; 2]
}

/// Whether this process has started a child.
static HAS_CHILDREN: AtomicBool = AtomicBool::new(false);

/// Notes that this process starts a child, whose processor time not every system reports.
pub(crate) fn note_child() {
    HAS_CHILDREN.store(true, Ordering::Relaxed);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The test runs itself again in a child, which takes a fifth of a second of processor time.
    #[test]
    fn an_ended_child_counts() {
        const CHILD: &str = "PI_MC_TEST_BURNS";
        const NAME: &str = "an_ended_child_counts";
        let burnt = Duration::from_millis(200);
        if std::env::var_os(CHILD).is_some() {
            let stopwatch = Stopwatch::start();
            while stopwatch.spent().cpu.unwrap() < burnt {}
            return;
        }
        let [_, before] = cpu_times();
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .arg(NAME)
            .env(CHILD, "1")
            .output();
        assert!(String::from_utf8_lossy(&child.unwrap().stdout).contains("1 passed"));
        let [own, children] = cpu_times();
        assert!(children.unwrap() - before.unwrap() >= burnt);
        assert!(cpu_time().unwrap() >= own.unwrap() + children.unwrap());
    }
}
