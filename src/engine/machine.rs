//! The machine that made a result. A measured time means little without it.

use std::fmt;
use std::sync::OnceLock;
use std::time::SystemTime;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::darts::tally::counted;
use crate::engine::cores::{Core, Pinning, cores};
use crate::engine::quota::quota;
use crate::printable::printable;

/// The machine and the program of a measurement, in JSON the object `machine`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Machine {
    /// The CPU's name, or its architecture where the operating system does not report the name.
    pub cpu: String,
    /// The number of cores that this process may use.
    pub cores: usize,
    /// The quota of processor time in cores, if this process has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<f64>,
    /// The kernel that counted, or `lazy`.
    pub kernel: String,
    /// The operating system's name.
    pub os: String,
    /// The version of pi-mc.
    pub version: String,
    /// The start of the measurement in UTC, in the form of RFC 3339: `2026-07-05T12:34:56Z`. `None` in a
    /// comparison saved by an early version, and if the clock is set before 1970 or after 9999.
    pub started: Option<String>,
    /// The cores that workers were pinned to, in the order of the workers; empty without pinning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<Core>,
}

/// Far more cores than any machine has, and than Linux can number.
const MAX_CORES: usize = 1 << 20;
/// The fields of a machine as they are read.
#[derive(Deserialize)]
#[serde(remote = "Machine")]
struct Fields {
    cpu: String,
    cores: usize,
    #[serde(default)]
    quota: Option<f64>,
    kernel: String,
    os: String,
    version: String,
    started: Option<String>,
    #[serde(default)]
    pinned: Vec<Core>,
}

/// Reads a machine that the caller checks with [`Machine::is_possible`].
pub(crate) fn unchecked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Machine, D::Error> {
    Fields::deserialize(deserializer)
}

impl<'de> Deserialize<'de> for Machine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Machine, D::Error> {
        let machine = unchecked(deserializer)?;
        if !machine.is_possible() {
            let message = "a machine has cores, plain text and an RFC 3339 time";
            return Err(D::Error::custom(message));
        }
        Ok(machine)
    }
}

impl Machine {
    /// This machine, which has been counting with the named kernel since `start`.
    pub fn this(kernel: &str, start: SystemTime) -> Machine {
        // Read once, since it takes longer than a short run.
        static NAME: OnceLock<Option<String>> = OnceLock::new();
        let machine = Machine::without_name(kernel, start);
        Machine {
            cpu: NAME.get_or_init(cpu_name).clone().unwrap_or(machine.cpu),
            quota: quota(),
            ..machine
        }
    }

    /// [`Machine::this`] with the CPU's architecture as its name, and without its quota: for a result that does not show them,
    /// since Linux takes a tenth of a millisecond to report them.
    pub fn without_name(kernel: &str, start: SystemTime) -> Machine {
        Machine {
            cpu: std::env::consts::ARCH.to_owned(),
            cores: cores().get(),
            quota: None,
            kernel: kernel.to_owned(),
            os: std::env::consts::OS.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: rfc_3339(start),
            pinned: Vec::new(),
        }
    }

    /// The machine with the cores that the `workers` are pinned to, if any.
    pub fn pinned(mut self, pinning: Option<&Pinning>, workers: usize) -> Machine {
        self.pinned = pinning.map_or(Vec::new(), |pinning| pinning.cores_of(workers));
        self
    }

    /// Whether `other` differs at most in its start.
    pub fn is_same(&self, other: &Machine) -> bool {
        let mut this = self.clone();
        this.started.clone_from(&other.started);
        this == *other
    }

    /// The first difference that makes speeds incomparable: its name, and the values of this machine and
    /// of `other`.
    pub fn difference(&self, other: &Machine) -> Option<(&'static str, [String; 2])> {
        let both = [self, other];
        [
            ("CPU", both.map(|machine| machine.cpu.clone())),
            (
                "number of cores",
                both.map(|machine| machine.cores.to_string()),
            ),
            (
                "CPU quota",
                both.map(|machine| machine.quota.map_or("none".to_owned(), quota_in_cores)),
            ),
            ("system", both.map(|machine| machine.os.clone())),
            ("kernel", both.map(|machine| machine.kernel.clone())),
        ]
        .into_iter()
        .find(|(_, [this, other])| this != other)
    }

    /// Whether this can be a machine: it has cores, its time is valid, and no text has control characters,
    /// which could spoil a terminal.
    pub fn is_possible(&self) -> bool {
        let texts = [&self.cpu, &self.kernel, &self.os, &self.version];
        let is_time = |text: &String| humantime::parse_rfc3339(text).is_ok();
        let mut numbers = self
            .pinned
            .iter()
            .flat_map(|core| [Some(core.cpu), core.sibling_of]);
        (1..=MAX_CORES).contains(&self.cores)
            && self
                .quota
                .is_none_or(|quota| quota > 0.0 && quota <= MAX_CORES as f64)
            && self.pinned.len() <= MAX_CORES
            && numbers.all(|cpu| cpu.is_none_or(|cpu| cpu < MAX_CORES))
            && texts.iter().all(|text| !text.contains(char::is_control))
            && self.started.as_ref().is_none_or(is_time)
    }
}

/// A quota as text: `0.5 cores`, `1 core`.
#[cfg_attr(not(feature = "report"), allow(dead_code, reason = "for tables"))]
pub(crate) fn quota_in_cores(quota: f64) -> String {
    counted((quota * 1000.0).round() / 1000.0, "core")
}

/// `AMD EPYC, 2 cores, kernel avx512, linux, pi-mc 0.1.0`, with a quota after the cores if there is one.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cores = counted(self.cores, "core");
        if let Some(quota) = self.quota {
            cores += &format!(" with a quota of {}", quota_in_cores(quota));
        }
        let [cpu, kernel, os, version] =
            [&self.cpu, &self.kernel, &self.os, &self.version].map(|text| printable(text));
        write!(f, "{cpu}, {cores}, kernel {kernel}, {os}, pi-mc {version}")
    }
}

/// A time in whole seconds; `None` outside the years 1970 to 9999.
fn rfc_3339(time: SystemTime) -> Option<String> {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    (since_1970.as_secs() < 253_402_300_800)
        .then(|| humantime::format_rfc3339_seconds(time).to_string())
}

/// The name of the first CPU, from the registry.
#[cfg(windows)]
fn cpu_name() -> Option<String> {
    use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};
    use windows_sys::w;
    let key = w!("HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0");
    let mut text = [0u16; 128];
    let mut bytes = size_of_val(&text) as u32;
    // SAFETY: both names end with a zero, and `bytes` is the size of `text`.
    let error = unsafe {
        let name = w!("ProcessorNameString");
        let text = text.as_mut_ptr().cast();
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key,
            name,
            RRF_RT_REG_SZ,
            std::ptr::null_mut(),
            text,
            &mut bytes,
        )
    };
    let name = String::from_utf16_lossy(text.split(|unit| *unit == 0).next()?);
    (error == 0).then(|| name.trim().replace(char::is_control, " "))
}

/// The name of the CPU, from the kernel.
#[cfg(target_vendor = "apple")]
fn cpu_name() -> Option<String> {
    use nix::libc::sysctlbyname;
    let mut text = [0u8; 128];
    let mut bytes = text.len();
    // SAFETY: the name ends with a zero, and `bytes` is the size of `text`.
    let error = unsafe {
        let name = c"machdep.cpu.brand_string".as_ptr();
        sysctlbyname(
            name,
            text.as_mut_ptr().cast(),
            &mut bytes,
            std::ptr::null_mut(),
            0,
        )
    };
    let name = String::from_utf8_lossy(text.split(|byte| *byte == 0).next()?).into_owned();
    (error == 0).then(|| name.trim().replace(char::is_control, " "))
}

/// The name that Linux gives the first CPU. The file has an entry for every core, so reading stops there.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn cpu_name() -> Option<String> {
    use std::fs::File;
    use std::io::{BufRead, BufReader};
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
        let core = |cpu, sibling_of| Core {
            cpu,
            sibling_of,
            kind: None,
        };
        let spoils: [&dyn Fn(&mut Machine); 9] = [
            &|machine| machine.cores = 0,
            &|machine| machine.cores = usize::MAX,
            &|machine| machine.quota = Some(0.0),
            &|machine| machine.quota = Some(f64::INFINITY),
            &|machine| machine.pinned = vec![core(usize::MAX, None)],
            &|machine| machine.pinned = vec![core(0, Some(usize::MAX))],
            &|machine| machine.cpu = "\x1b[31m".into(),
            &|machine| machine.os = "linux\n".into(),
            &|machine| machine.started = Some("yesterday".into()),
        ];
        for spoil in spoils {
            let mut wrong = this.clone();
            spoil(&mut wrong);
            assert!(!wrong.is_possible(), "{wrong:?}");
        }
    }
}
