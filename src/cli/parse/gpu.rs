//! The GPU that the command line asks for.

use std::time::Duration;

use crate::compare::strategy::Strategy;
use crate::engine::gpu::device::Device;
use crate::error::Error;
use anyhow::{Result, anyhow};

use crate::cli::io::failure::Usage;

/// The first GPU whose name contains `name`; if that is empty, the first that is no software.
pub(crate) fn device(name: &str) -> Result<Device> {
    Device::open(name).map_err(|error| hinted(error, "--kernel gpu:NAME"))
}

/// With the option that names a GPU, if the one asked for is not there.
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
pub(crate) fn with_device(
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
