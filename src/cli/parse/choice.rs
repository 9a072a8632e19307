//! Options whose values have names: their parsers come from the library's own lists, so a mistyped
//! name is answered with the nearest.

use std::ffi::OsStr;
#[cfg(feature = "gpu")]
use std::time::Duration;

use anyhow::Result;
#[cfg(feature = "gpu")]
use anyhow::anyhow;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use crate::cli::io::failure::Usage;
#[cfg(feature = "gpu")]
use crate::compare::strategy::Strategy;
use crate::engine::cores::Pinning;
use crate::engine::counter::Counter;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
#[cfg(feature = "gpu")]
use crate::error::Error;
use crate::kernel::Kernel;

/// Parses the name of one of `all`.
pub(crate) fn one_of<T: Copy + Send + Sync + 'static>(
    all: impl IntoIterator<Item = T>,
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let all: Vec<T> = all.into_iter().collect();
    let names = PossibleValuesParser::new(all.iter().copied().map(name));
    names.try_map(move |typed| {
        // clap has let through only what is a name, in whatever case it allows.
        let mut all = all.iter().copied();
        all.find(|one| name(*one).eq_ignore_ascii_case(&typed))
            .ok_or("no such value")
    })
}

/// Parses the name of a kernel that this CPU has, or `auto`, the fastest of them.
pub(crate) fn kernel() -> impl TypedValueParser<Value = Kernel> {
    named_kernel(&[])
}

/// [`kernel`], which is answered with `others` too if a name is mistyped.
fn named_kernel(others: &[&'static str]) -> impl TypedValueParser<Value = Kernel> + use<> {
    let names = [&["auto"][..], &Kernel::NAMES, others].concat();
    PossibleValuesParser::new(names).try_map(|name| {
        if name == "auto" {
            Ok(Kernel::detect())
        } else {
            Kernel::named(&name)
        }
    })
}

/// What is to count.
#[derive(Clone, Debug)]
pub(crate) enum Counting {
    /// This CPU.
    Kernel(Kernel),
    /// The first GPU whose name contains this; if it is empty, the first that is no software.
    #[cfg(feature = "gpu")]
    Gpu(String),
}

impl Counting {
    /// Makes ready what is to count.
    pub(crate) fn counter(&self) -> Result<Counter> {
        match self {
            Counting::Kernel(kernel) => Ok((*kernel).into()),
            #[cfg(feature = "gpu")]
            Counting::Gpu(name) => Ok(gpu_device(name)?.into()),
        }
    }
}

/// All kernels that this CPU has, and the first GPU that is no software.
pub(crate) fn all_counters() -> Result<Vec<Counter>> {
    let kernels = Kernel::available().map(Counter::from);
    #[cfg(feature = "gpu")]
    let kernels = match Device::open("") {
        Err(Error::NoAdapter { .. }) => kernels.chain(None),
        device => kernels.chain(Some(device?.into())),
    };
    Ok(kernels.collect())
}

/// Parses what [`kernel`] does, `gpu`, or `gpu:` and a part of a GPU's name.
#[derive(Clone)]
pub(crate) struct CountingParser;

impl CountingParser {
    /// The words that are not the names of kernels.
    const OTHERS: &[&str] = if cfg!(feature = "gpu") { &["gpu"] } else { &[] };
}

impl TypedValueParser for CountingParser {
    type Value = Counting;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        typed: &OsStr,
    ) -> Result<Counting, clap::Error> {
        if typed == "gpu" || typed.as_encoded_bytes().starts_with(b"gpu:") {
            let gpu = StringValueParser::new().try_map(gpu);
            gpu.parse_ref(command, argument, typed)
        } else {
            let kernel = named_kernel(Self::OTHERS).map(Counting::Kernel);
            kernel.parse_ref(command, argument, typed)
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = ["auto"].iter().chain(&Kernel::NAMES).chain(Self::OTHERS);
        Some(Box::new(names.map(PossibleValue::new)))
    }
}

/// Reads `gpu` or `gpu:NAME`.
#[cfg(feature = "gpu")]
fn gpu(typed: String) -> Result<Counting, &'static str> {
    match typed.strip_prefix("gpu:") {
        Some("") => Err("a part of a GPU's name after 'gpu:', or only 'gpu' for the first one"),
        name => Ok(Counting::Gpu(name.unwrap_or_default().to_owned())),
    }
}

#[cfg(not(feature = "gpu"))]
fn gpu(_: String) -> Result<Counting, &'static str> {
    Err("this pi-mc was built without GPUs; build it with cargo's '--features gpu'")
}

/// The first GPU whose name contains `name`; if that is empty, the first that is no software.
#[cfg(feature = "gpu")]
fn gpu_device(name: &str) -> Result<Device> {
    Device::open(name).map_err(|error| hinted(error, "--kernel gpu:NAME"))
}

/// With the option that names a GPU, if the one asked for is not there.
#[cfg(feature = "gpu")]
fn hinted(error: Error, option: &str) -> anyhow::Error {
    match &error {
        Error::NoAdapter { available, .. } if !available.is_empty() => {
            anyhow!("{error}; name one of them, as '{option}'")
        }
        _ => error.into(),
    }
}

/// The strategies of a comparison, and the GPU if one of them is for it. If they are `all` there are, the first
/// GPU that is no software is among them, or the one that `name` asks for. A GPU takes no waits.
#[cfg(feature = "gpu")]
pub(crate) fn with_gpu(
    name: Option<&str>,
    all: bool,
    io_wait: Duration,
    mut strategies: Vec<Strategy>,
) -> Result<(Vec<Strategy>, Option<Device>)> {
    let is_asked_for = strategies.contains(&Strategy::Gpu) || name.is_some();
    if !io_wait.is_zero() && is_asked_for {
        let message = "'--io-wait' is for strategies that count a chunk at a time, not for gpu";
        return Err(Usage(message.to_owned()).into());
    }
    let may_be_added = all && io_wait.is_zero();
    if !(is_asked_for || may_be_added) {
        return Ok((strategies, None));
    }
    let device = match Device::open(name.unwrap_or_default()) {
        Err(Error::NoAdapter { .. }) if !is_asked_for => return Ok((strategies, None)),
        device => device.map_err(|error| hinted(error, "--gpu NAME"))?,
    };
    if all {
        strategies.push(Strategy::Gpu);
    }
    Ok((strategies, Some(device)))
}

/// The cores to pin workers to, if that is `asked` for.
pub(crate) fn pinning(asked: bool) -> Result<Option<Pinning>> {
    if asked && cfg!(not(target_os = "linux")) {
        let message = "'--pin' needs Linux: elsewhere the system alone decides on cores";
        return Err(Usage(message.to_owned()).into());
    }
    Ok(asked.then(Pinning::of_this_process).transpose()?)
}
