//! The cores that this process may use: how many, in which order, and how to pin a worker to one of them.
//!
//! A pinned worker i runs on the i-th core and no other. Measurements then repeat better, because no thread
//! moves to a core with a cold cache, and a wrong count can be traced to a core. The order is one thread
//! of each physical core, fast cores before slow ones, then the siblings that share a physical core with
//! one of those. Linux lists speeds and siblings in /sys.

use std::fmt;
use std::fs;
use std::io;
use std::num::NonZero;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The number of cores that this process may use, as its affinity and its control group allowed when it was
/// first asked for. To find it, the standard library reads several files.
pub(crate) fn cores() -> NonZero<usize> {
    static CORES: OnceLock<NonZero<usize>> = OnceLock::new();
    let read = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    *CORES.get_or_init(read)
}

/// A core in the operating system's sense: a hardware thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Core {
    /// The operating system's number.
    pub cpu: usize,
    /// An earlier core that shares the physical core (SMT, Hyper-Threading).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sibling_of: Option<usize>,
    /// The kind, if the CPU has several and the system reports them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CoreKind>,
}

/// A kind of core, on CPUs that have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::Display, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[non_exhaustive]
pub enum CoreKind {
    /// The fastest kind.
    Performance,
    /// The slowest kind.
    Efficiency,
}

/// `core 3`, or `core 3 (sibling of core 0)`, or `core 8 (efficiency)`.
impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sibling = self.sibling_of.map(|cpu| format!("sibling of core {cpu}"));
        let kind = self.kind.map(|kind| kind.to_string());
        let notes: Vec<String> = kind.into_iter().chain(sibling).collect();
        write!(f, "core {}", self.cpu)?;
        if notes.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", notes.join(", "))
        }
    }
}

/// The cores that this process may use, in the order in which workers get them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinning {
    /// Never empty.
    cores: Vec<Core>,
}

impl Pinning {
    /// The cores that the calling thread may use.
    ///
    /// # Errors
    /// Where the system cannot pin threads: only Linux can.
    #[cfg(target_os = "linux")]
    pub fn of_this_process() -> Result<Pinning, Error> {
        use rustix::thread::{CpuSet, sched_getaffinity};
        let set = sched_getaffinity(None).map_err(|error| match error {
            rustix::io::Errno::INVAL => too_many_cpus(),
            error => no_pinning(Some(error.into())),
        })?;
        let allowed = (0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu));
        let pinning = Pinning::among(allowed.collect(), Path::new("/sys/devices"));
        pinning.ok_or_else(|| no_pinning(None))
    }

    /// Only Linux can pin threads.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn of_this_process() -> Result<Pinning, Error> {
        let _ = Pinning::among;
        Err(no_pinning(None))
    }

    /// The cores `allowed`, in order; `None` if there are none. `devices` is Linux's /sys/devices. A fact that
    /// the system does not report there is unknown, which is no error.
    fn among(allowed: Vec<usize>, devices: &Path) -> Option<Pinning> {
        let speeds: Vec<u64> = allowed.iter().map(|cpu| speed(*cpu, devices)).collect();
        let (slowest, fastest) = (speeds.iter().min()?, speeds.iter().max()?);
        let kind = |speed| match speed {
            _ if slowest == fastest => None,
            speed if speed == *fastest => Some(CoreKind::Performance),
            speed if speed == *slowest => Some(CoreKind::Efficiency),
            _ => None,
        };
        let mut cores: Vec<(u64, Core)> = Vec::new();
        for (cpu, speed) in allowed.iter().copied().zip(&speeds) {
            let name = format!("system/cpu/cpu{cpu}/topology/thread_siblings_list");
            let siblings = list(&devices.join(name)).unwrap_or_default();
            let first = siblings.into_iter().find(|cpu| allowed.contains(cpu));
            let core = Core {
                cpu,
                sibling_of: first.filter(|first| *first != cpu),
                kind: kind(*speed),
            };
            cores.push((*speed, core));
        }
        cores.sort_by_key(|(speed, core)| {
            let is_sibling = core.sibling_of.is_some();
            (is_sibling, u64::MAX - speed, core.cpu)
        });
        let cores = cores.into_iter().map(|(_, core)| core).collect();
        Some(Pinning { cores })
    }

    /// The core of a worker, numbered from 0. If there are more workers than cores, the order repeats.
    pub fn core(&self, worker: usize) -> &Core {
        &self.cores[worker % self.cores.len()]
    }

    /// The first core alone, for all workers.
    #[cfg(feature = "cli")]
    pub(crate) fn only_first(mut self) -> Pinning {
        self.cores.truncate(1);
        self
    }

    /// The different cores of the first `workers` workers.
    pub fn cores_of(&self, workers: usize) -> Vec<Core> {
        self.cores.iter().take(workers).cloned().collect()
    }

    /// How many of `workers` have a core of their own.
    pub fn at_most(&self, workers: NonZero<usize>) -> NonZero<usize> {
        workers.min(NonZero::new(self.cores.len()).unwrap_or(NonZero::<usize>::MIN))
    }

    /// The same cores, but the first `taken` come last: for a process beside others whose workers have those.
    pub fn after(mut self, taken: usize) -> Pinning {
        let taken = taken % self.cores.len();
        self.cores.rotate_left(taken);
        self
    }

    /// Does `work` on the core of `worker`. Threads and processes that `work` starts inherit the core and stay
    /// there. Afterwards the calling thread may run where it could before.
    ///
    /// # Errors
    /// If the operating system refuses, for example because it has taken the core away.
    #[cfg(target_os = "linux")]
    pub(crate) fn on<T>(&self, worker: usize, work: impl FnOnce() -> T) -> Result<T, Error> {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        /// Unpins the thread, even if the work panics.
        struct Free(CpuSet);
        impl Drop for Free {
            fn drop(&mut self) {
                // If the thread may no longer run there, it stays where it is.
                let _ = sched_setaffinity(None, &self.0);
            }
        }
        let cpu = self.core(worker).cpu;
        let refused = |source: rustix::io::Errno| Error::Refused {
            what: format!("could not pin worker {worker} to core {cpu}"),
            source: Some(source.into()),
        };
        let mut own = CpuSet::new();
        own.set(cpu);
        let free = Free(sched_getaffinity(None).map_err(refused)?);
        sched_setaffinity(None, &own).map_err(refused)?;
        let done = work();
        drop(free);
        Ok(done)
    }

    /// Never called: only Linux has a [`Pinning`].
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn on<T>(&self, _: usize, work: impl FnOnce() -> T) -> Result<T, Error> {
        Ok(work())
    }
}

/// The system's error for a set of CPUs that is larger than the one asked for.
#[cfg(target_os = "linux")]
fn too_many_cpus() -> Error {
    Error::Refused {
        what: "could not pin threads to cores: this system has more than 1,024 CPUs, the most that can be pinned to"
            .to_owned(),
        source: None,
    }
}

fn no_pinning(source: Option<io::Error>) -> Error {
    Error::Refused {
        what: "this system cannot pin threads to cores; only Linux can".to_owned(),
        source,
    }
}

/// Does `work` on the core of worker `number` if there is a pinning, otherwise anywhere.
pub(crate) fn on_core_of<T>(
    pinning: Option<&Pinning>,
    number: usize,
    work: impl FnOnce() -> T,
) -> Result<T, Error> {
    match pinning {
        Some(pinning) => pinning.on(number, work),
        None => Ok(work()),
    }
}

/// The relative speed of a core: the larger, the faster. 0 where the system does not report it. Linux reports
/// the speed of ARM's cores as cpu_capacity, and lists Intel's fast and slow cores.
fn speed(cpu: usize, devices: &Path) -> u64 {
    let capacity = devices.join(format!("system/cpu/cpu{cpu}/cpu_capacity"));
    let capacity = fs::read_to_string(capacity).ok();
    if let Some(capacity) = capacity.and_then(|text| text.trim().parse().ok()) {
        return capacity;
    }
    let is_in = |name| list(&devices.join(name)).is_some_and(|cpus| cpus.contains(&cpu));
    u64::from(is_in("cpu_core/cpus"))
}

/// The cores in a file that lists them as Linux does: `0-3,8`.
fn list(path: &Path) -> Option<Vec<usize>> {
    let text = fs::read_to_string(path).ok()?;
    let mut cpus = Vec::new();
    for range in text.trim().split(',').filter(|range| !range.is_empty()) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cpus.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order of `allowed` on a system with `files` in /sys/devices, as text.
    fn order(allowed: &[usize], files: &[(impl AsRef<Path>, &str)]) -> Vec<String> {
        let devices = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = devices.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        let pinning = Pinning::among(allowed.to_vec(), devices.path()).unwrap();
        let cores = pinning.cores.iter().map(Core::to_string);
        cores
            .map(|text| text.strip_prefix("core ").unwrap().to_owned())
            .collect()
    }

    /// The files that list the siblings of each core, from the first on.
    fn files<const N: usize>(siblings: [&str; N]) -> Vec<(String, &str)> {
        let name = |cpu| format!("system/cpu/cpu{cpu}/topology/thread_siblings_list");
        (0..).map(name).zip(siblings).collect()
    }

    #[test]
    fn without_information_cores_are_in_numerical_order() {
        assert_eq!(order(&[2, 3, 7], &files([])), ["2", "3", "7"]);
        let none = Pinning::among(Vec::new(), Path::new("/no/such/folder"));
        assert_eq!(none, None);
    }

    #[test]
    fn siblings_come_last() {
        let apart = files(["0,2", "1,3", "0,2", "1,3"]);
        assert_eq!(
            order(&[0, 1, 2, 3], &apart),
            ["0", "1", "2 (sibling of core 0)", "3 (sibling of core 1)"]
        );
        // A core whose sibling is not allowed counts as a physical core.
        assert_eq!(
            order(&[1, 2, 3], &apart),
            ["1", "2", "3 (sibling of core 1)"]
        );
        // In pairs of neighbours, as ranges.
        let neighbours = files(["0-1", "0-1", "2-3", "2-3"]);
        assert_eq!(
            order(&[0, 1, 2, 3], &neighbours),
            ["0", "2", "1 (sibling of core 0)", "3 (sibling of core 2)"]
        );
    }

    #[test]
    fn fast_cores_come_first() {
        // Intel: the efficient cores are first or last, and only fast ones have siblings.
        let files = [
            ("cpu_core/cpus", "2-5"),
            ("cpu_atom/cpus", "0-1"),
            ("system/cpu/cpu2/topology/thread_siblings_list", "2-3"),
            ("system/cpu/cpu3/topology/thread_siblings_list", "2-3"),
            ("system/cpu/cpu4/topology/thread_siblings_list", "4-5"),
            ("system/cpu/cpu5/topology/thread_siblings_list", "4-5"),
        ];
        assert_eq!(
            order(&[0, 1, 2, 3, 4, 5], &files),
            [
                "2 (performance)",
                "4 (performance)",
                "0 (efficiency)",
                "1 (efficiency)",
                "3 (performance, sibling of core 2)",
                "5 (performance, sibling of core 4)",
            ]
        );
        // If only one kind is allowed, it needs no name.
        assert_eq!(order(&[0, 1], &files), ["0", "1"]);
        // ARM, of three speeds.
        let files = [
            ("system/cpu/cpu0/cpu_capacity", "325"),
            ("system/cpu/cpu1/cpu_capacity", "828"),
            ("system/cpu/cpu2/cpu_capacity", "1024"),
        ];
        assert_eq!(
            order(&[0, 1, 2], &files),
            ["2 (performance)", "1", "0 (efficiency)"]
        );
    }

    #[test]
    fn workers_beyond_the_cores_begin_again() {
        let pinning = Pinning::among(vec![3, 5], Path::new("/no/such/folder")).unwrap();
        let cpus = |pinning: &Pinning| [0, 1, 2, 3].map(|worker| pinning.core(worker).cpu);
        assert_eq!(cpus(&pinning), [3, 5, 3, 5]);
        assert_eq!(pinning.cores_of(9).len(), 2);
        assert_eq!(pinning.cores_of(1).len(), 1);
        assert_eq!(cpus(&pinning.after(3)), [5, 3, 5, 3]);
    }

    /// A thread started on a core stays there. The thread that started it does not.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_pinned_thread_has_one_core() {
        let allowed = || {
            let status = fs::read_to_string("/proc/thread-self/status").unwrap();
            let line = status
                .lines()
                .find(|line| line.starts_with("Cpus_allowed_list"));
            line.unwrap().split_once(':').unwrap().1.trim().to_owned()
        };
        let free = allowed();
        let pinning = Pinning::of_this_process().unwrap();
        for worker in 0..3 {
            let cpu = pinning.core(worker).cpu.to_string();
            let started = pinning.on(worker, || {
                assert_eq!(allowed(), cpu);
                std::thread::spawn(allowed)
            });
            assert_eq!(started.unwrap().join().unwrap(), cpu);
            assert_eq!(allowed(), free);
        }
        let gone = Pinning {
            cores: vec![Core {
                cpu: 1023,
                sibling_of: None,
                kind: None,
            }],
        };
        let error = gone.on(2, || ()).unwrap_err();
        assert_eq!(error.to_string(), "could not pin worker 2 to core 1023");
        assert_eq!(allowed(), free);
    }
}
