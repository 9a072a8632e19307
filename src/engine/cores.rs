//! Pinning: worker i runs on the i-th core that this process may use, and on no other. Measurements then
//! repeat better, since no thread moves to a core with a cold cache, and a wrong count can be traced to a
//! core.
//!
//! The order of the cores: first one thread of each physical core, fast cores before slow ones, and only
//! then the siblings that share a core with one of those. Linux says which is which in /sys.

use std::fmt;
use std::fs;
use std::num::NonZero;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The cores that this process may use, as its affinity and its control group allow.
pub fn cores() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(std::num::NonZero::<usize>::MIN)
}

/// A number of things: "1 core", "2 cores".
pub(crate) fn counted(n: impl fmt::Display, noun: &str) -> String {
    let n = n.to_string();
    let s = if n == "1" { "" } else { "s" };
    format!("{n} {noun}{s}")
}

/// A core, as the operating system numbers them: a hardware thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// Its number.
    pub cpu: usize,
    /// The core before it in the order with which it shares a physical core (SMT, Hyper-Threading).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sibling_of: Option<usize>,
    /// Its kind, where the system has several and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

/// The kinds of cores of a CPU that has more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The fastest.
    Performance,
    /// The slowest.
    Efficiency,
}

impl Kind {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Performance => "performance",
            Kind::Efficiency => "efficiency",
        }
    }
}

/// `core 3`, or `core 3 (sibling of core 0)`, or `core 8 (efficiency)`.
impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sibling = self.sibling_of.map(|cpu| format!("sibling of core {cpu}"));
        let kind = self.kind.map(|kind| kind.name().to_owned());
        let told: Vec<String> = kind.into_iter().chain(sibling).collect();
        write!(f, "core {}", self.cpu)?;
        if told.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", told.join(", "))
        }
    }
}

/// The cores that this process may use, in the order in which workers get them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinning {
    /// At least one.
    cores: Vec<Core>,
}

impl Pinning {
    /// The cores that the calling thread may use.
    ///
    /// # Errors
    /// [`Error::NoPinning`] where there is no way to pin a thread: it is there on Linux only.
    #[cfg(target_os = "linux")]
    pub fn of_this_process() -> Result<Pinning, Error> {
        use rustix::thread::{CpuSet, sched_getaffinity};
        let set = sched_getaffinity(None).map_err(|error| Error::NoPinning(Some(error.into())))?;
        let allowed = (0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu));
        let pinning = Pinning::among(allowed.collect(), Path::new("/sys/devices"));
        pinning.ok_or(Error::NoPinning(None))
    }

    /// See above.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn of_this_process() -> Result<Pinning, Error> {
        let _ = Pinning::among;
        Err(Error::NoPinning(None))
    }

    /// The cores `allowed`, in order; nothing if there is none. `devices` is where Linux has
    /// /sys/devices. What is not told there is not known, and no reason to fail.
    fn among(allowed: Vec<usize>, devices: &Path) -> Option<Pinning> {
        let speeds: Vec<u64> = allowed.iter().map(|cpu| speed(*cpu, devices)).collect();
        let (slowest, fastest) = (speeds.iter().min()?, speeds.iter().max()?);
        let kind = |speed| match speed {
            _ if slowest == fastest => None,
            speed if speed == *fastest => Some(Kind::Performance),
            speed if speed == *slowest => Some(Kind::Efficiency),
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

    /// The core of a worker, from 0 on. Workers beyond the cores begin at the first core again.
    pub fn core(&self, worker: usize) -> &Core {
        &self.cores[worker % self.cores.len()]
    }

    /// The cores that the first `workers` workers have, each once.
    pub fn cores_of(&self, workers: usize) -> Vec<Core> {
        self.cores.iter().take(workers).cloned().collect()
    }

    /// Of so many workers those that have a core of their own.
    pub fn at_most(&self, workers: NonZero<usize>) -> NonZero<usize> {
        workers.min(NonZero::new(self.cores.len()).unwrap_or(std::num::NonZero::<usize>::MIN))
    }

    /// The same cores, from another one on: for a process that shares them with others, whose workers
    /// have the first `taken`.
    pub fn after(mut self, taken: usize) -> Pinning {
        let taken = taken % self.cores.len();
        self.cores.rotate_left(taken);
        self
    }

    /// Does `work` on the core of `worker`. Threads and processes that it starts stay there, as they
    /// inherit it; the calling thread is set free again.
    ///
    /// # Errors
    /// [`Error::Pin`] if the system refuses, as when it has taken the core away since.
    #[cfg(target_os = "linux")]
    pub(crate) fn on<T>(&self, worker: usize, work: impl FnOnce() -> T) -> Result<T, Error> {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        /// Sets the thread free, even if the work panics.
        struct Free(CpuSet);
        impl Drop for Free {
            fn drop(&mut self) {
                // It could run there before. If it no longer may, it stays where it is.
                let _ = sched_setaffinity(None, &self.0);
            }
        }
        let cpu = self.core(worker).cpu;
        let refused = |source: rustix::io::Errno| Error::Pin {
            worker,
            cpu,
            source: source.into(),
        };
        let mut own = CpuSet::new();
        own.set(cpu);
        let free = Free(sched_getaffinity(None).map_err(refused)?);
        sched_setaffinity(None, &own).map_err(refused)?;
        let done = work();
        drop(free);
        Ok(done)
    }

    /// See above. There is no pinning to call it with.
    ///
    /// # Errors
    /// None.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn on<T>(&self, _: usize, work: impl FnOnce() -> T) -> Result<T, Error> {
        Ok(work())
    }
}

/// Does `work` on the core of worker `number`, where there is one.
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

/// How fast a core is beside others: the larger the faster; 0 where the system does not say. Linux says
/// it of ARM's cores as cpu_capacity, and of Intel's as two lists of cores.
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

    /// The order of `allowed` on a system that has `files` in /sys/devices, as text.
    fn order(allowed: &[usize], files: &[(&str, &str)]) -> Vec<String> {
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

    #[test]
    fn without_a_word_of_the_system_cores_are_in_order() {
        assert_eq!(order(&[2, 3, 7], &[]), ["2", "3", "7"]);
        assert_eq!(
            Pinning::among(Vec::new(), Path::new("/no/such/folder")),
            None
        );
    }

    #[test]
    fn siblings_come_last_and_are_told() {
        let pairs = ["0,4", "1,5", "2,6", "3,7"];
        let names = (0..8).map(|cpu| format!("system/cpu/cpu{cpu}/topology/thread_siblings_list"));
        let names: Vec<String> = names.collect();
        let files: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(cpu, name)| (name.as_str(), pairs[cpu % 4]))
            .collect();
        let all = [0, 1, 2, 3, 4, 5, 6, 7];
        let siblings = [
            "4 (sibling of core 0)",
            "5 (sibling of core 1)",
            "6 (sibling of core 2)",
            "7 (sibling of core 3)",
        ];
        let firsts = ["0", "1", "2", "3"];
        assert_eq!(order(&all, &files), [&firsts[..], &siblings].concat());
        // A sibling whose other half is not allowed is a core like any.
        assert_eq!(
            order(&[1, 4, 5], &files),
            ["1", "4", "5 (sibling of core 1)"]
        );
        // In pairs of neighbours, as ranges.
        let neighbours = ["0-1", "0-1", "2-3", "2-3"];
        let files: Vec<_> = files
            .iter()
            .zip(neighbours)
            .map(|((name, _), pair)| (*name, pair))
            .collect();
        assert_eq!(
            order(&[0, 1, 2, 3], &files),
            ["0", "2", "1 (sibling of core 0)", "3 (sibling of core 2)"]
        );
    }

    #[test]
    fn fast_cores_come_first() {
        // Intel: the efficient ones are first or last, and only fast ones have siblings.
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
        // With one kind allowed, there is nothing to tell apart.
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

    /// A thread that is started there stays there; who started it is free again.
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
