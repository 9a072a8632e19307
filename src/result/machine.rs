//! The machine that made a result, and how much processor time the run got. A time means little without its
//! machine, and nothing if the machine was busy with something else.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::engine::cores::{Core, Pinning, counted};

/// The machine and the program of a measurement, in JSON the object `machine`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The CPU's name, or its architecture where the operating system does not tell.
    pub cpu: String,
    /// The cores that this process may use.
    pub cores: usize,
    /// The kernel that counted, or `lazy`.
    pub kernel: String,
    /// The operating system's name.
    pub os: String,
    /// The version of pi-mc.
    pub version: String,
    /// When it started, as RFC 3339 has it, in UTC: `2026-07-05T12:34:56Z`. Not known in a comparison
    /// saved by an early version, or if the clock is set before 1970.
    #[serde(default)]
    pub started: Option<String>,
    /// The cores that workers were pinned to, in the order of the workers; empty if they were not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<Core>,
}

impl Machine {
    /// This machine, counting with the kernel of that name since `start`.
    pub fn this(kernel: &str, start: SystemTime) -> Machine {
        Machine {
            cpu: cpu_name().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: crate::engine::cores::cores().get(),
            kernel: kernel.to_owned(),
            os: std::env::consts::OS.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: rfc_3339(start),
            pinned: Vec::new(),
        }
    }

    /// The machine with the cores that `workers` are pinned to, if they are.
    pub fn pinned(mut self, pinning: Option<&Pinning>, workers: usize) -> Machine {
        self.pinned = pinning.map_or(Vec::new(), |pinning| pinning.cores_of(workers));
        self
    }

    /// Whether it is the same but for the start.
    pub fn is_same(&self, other: &Machine) -> bool {
        let started = other.started.clone();
        *other
            == Machine {
                started,
                ..self.clone()
            }
    }

    /// The first of what makes speeds another thing in which `other` differs: what that is, and what each
    /// has, this one first.
    pub fn difference(&self, other: &Machine) -> Option<(&'static str, [String; 2])> {
        let both = [self, other];
        [
            ("CPU", both.map(|machine| machine.cpu.clone())),
            ("cores:", both.map(|machine| machine.cores.to_string())),
            ("system", both.map(|machine| machine.os.clone())),
            ("kernel", both.map(|machine| machine.kernel.clone())),
        ]
        .into_iter()
        .find(|(_, [this, other])| this != other)
    }

    /// Whether it can be one: it has cores and a time that is one, and no text would spoil a terminal.
    pub fn is_possible(&self) -> bool {
        let texts = [&self.cpu, &self.kernel, &self.os, &self.version];
        let is_time = |text: &String| humantime::parse_rfc3339(text).is_ok();
        self.cores > 0
            && texts.iter().all(|text| !text.contains(char::is_control))
            && self.started.as_ref().is_none_or(is_time)
    }
}

/// `AMD EPYC, 2 cores, kernel avx512, linux, pi-mc 0.1.0`.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine {
            cpu,
            cores,
            kernel,
            os,
            version,
            ..
        } = self;
        let cores = counted(cores, "core");
        write!(f, "{cpu}, {cores}, kernel {kernel}, {os}, pi-mc {version}")
    }
}

/// A time in whole seconds, if it can be written so.
fn rfc_3339(time: SystemTime) -> Option<String> {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    // Of the years that have four digits.
    (since_1970.as_secs() < 253_402_300_800)
        .then(|| humantime::format_rfc3339_seconds(time).to_string())
}

/// The name that Linux gives the first CPU. No more is read of what may be a long list.
fn cpu_name() -> Option<String> {
    let info = BufReader::new(File::open("/proc/cpuinfo").ok()?);
    let mut lines = info.lines().map_while(Result::ok);
    let line = lines.find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.trim();
    Some(name.replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_what_rfc_3339_has() {
        for (seconds, expected) in [
            (0, Some("1970-01-01T00:00:00Z")),
            // date -u -d @1783255696
            (1_783_255_696, Some("2026-07-05T12:48:16Z")),
            (253_402_300_799, Some("9999-12-31T23:59:59Z")),
            (253_402_300_800, None),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(rfc_3339(time).as_deref(), expected);
        }
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(rfc_3339(before), None);
    }

    #[test]
    fn this_machine_can_be() {
        let this = Machine::this("avx2", SystemTime::now());
        assert!(this.is_possible(), "{this:?}");
        for wrong in [
            Machine {
                cores: 0,
                ..this.clone()
            },
            Machine {
                cpu: "\x1b[31m".into(),
                ..this.clone()
            },
            Machine {
                os: "linux\n".into(),
                ..this.clone()
            },
            Machine {
                started: Some("yesterday".into()),
                ..this.clone()
            },
        ] {
            assert!(!wrong.is_possible(), "{wrong:?}");
        }
    }
}
