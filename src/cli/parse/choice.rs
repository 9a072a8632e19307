//! Options whose values have names. Their parsers take the names from the library's own lists, so that pi-mc can
//! suggest the closest name to a mistyped one.

use std::ffi::OsStr;
#[cfg(feature = "gpu")]
use std::time::Duration;

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use crate::cli::io::failure::Usage;
#[cfg(feature = "gpu")]
use crate::compare::strategy::Strategy;
use crate::engine::cores::Pinning;
use crate::engine::counter::Counter;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
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
        // clap lets only names through, in whatever case it allows.
        let mut all = all.iter().copied();
        all.find(|one| name(*one).eq_ignore_ascii_case(&typed))
            .ok_or("no such value")
    })
}

/// Parses the name of a kernel that this CPU has, or `auto`, the fastest of them.
pub(crate) fn kernel() -> impl TypedValueParser<Value = Kernel> {
    let names = ["auto"].into_iter().chain(Kernel::NAMES.iter().copied());
    PossibleValuesParser::new(names).try_map(|name| {
        if name == "auto" {
            Ok(Kernel::detect())
        } else {
            Kernel::named(&name)
        }
    })
}

/// Parses a name that [`Counter::named`] takes. It only checks the name: [`counter`] opens the GPU.
#[derive(Clone)]
pub(crate) struct CounterName;

impl TypedValueParser for CounterName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        typed: &OsStr,
    ) -> Result<String, clap::Error> {
        let check = |name: String| Counter::check_name(&name).map(|()| name);
        if typed == "gpu" || typed.as_encoded_bytes().starts_with(b"gpu:") {
            let parser = StringValueParser::new().try_map(check);
            parser.parse_ref(command, argument, typed)
        } else {
            let parser = PossibleValuesParser::new(Counter::names()).try_map(check);
            parser.parse_ref(command, argument, typed)
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Counter::names().map(PossibleValue::new)))
    }
}

/// The counter of a run, by the name that [`CounterName`] has checked; without a name, the fastest kernel.
pub(crate) fn counter(name: Option<&str>) -> Result<Counter> {
    Counter::named(name.unwrap_or("auto")).map_err(|error| hinted(error, "--kernel gpu:NAME"))
}

/// The error, with the option that names a GPU if there are others than the one asked for.
fn hinted(error: Error, option: &str) -> anyhow::Error {
    match &error {
        Error::NoAdapter { available, .. } if !available.is_empty() => {
            anyhow::anyhow!("{error}; name one of them, as '{option}'")
        }
        _ => error.into(),
    }
}

/// The strategies of a comparison, and the GPU if strategy gpu is among them. With `all` strategies it is added if
/// there is a hardware GPU, or one called `name`, and no wait, which a GPU cannot do.
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

/// The cores to pin workers to, if `asked` for.
pub(crate) fn pinning(asked: bool) -> Result<Option<Pinning>> {
    if asked && cfg!(not(target_os = "linux")) {
        let message = "'--pin' needs Linux: elsewhere the system alone decides on cores";
        return Err(Usage(message.to_owned()).into());
    }
    Ok(asked.then(Pinning::of_this_process).transpose()?)
}
