//! Where a comparison was measured: a figure without its machine says nothing.

use serde::Serialize;

use crate::engine;
use crate::kernel::Kernel;

/// The machine and the program of a measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The CPU's name, or its architecture where the operating system does not tell.
    pub cpu: String,
    /// The cores that this process may use.
    pub cores: usize,
    /// The kernel that counted.
    pub kernel: &'static str,
    /// The operating system's name.
    pub os: &'static str,
    /// The version of pi-mc.
    pub version: &'static str,
}

impl Machine {
    /// This machine, counting with `kernel`.
    pub fn this(kernel: Kernel) -> Machine {
        Machine {
            cpu: cpu_name().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: engine::cores().get(),
            kernel: kernel.name(),
            os: std::env::consts::OS,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// The name that Linux gives the first CPU.
fn cpu_name() -> Option<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}
