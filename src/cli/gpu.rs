//! The GPU that the command line asks for.

use anyhow::{Result, anyhow};
use pi_mc::Error;
use pi_mc::compare::strategy::Strategy;
use pi_mc::gpu::Device;

/// The first GPU whose name contains `name`; if that is empty, the first that is no software. `option` is
/// how to name another.
pub(super) fn device(name: &str, option: &str) -> Result<Device> {
    Device::open(name).map_err(|error| match &error {
        Error::NoAdapter { available, .. } if !available.is_empty() => {
            anyhow!("{error}; name one of them, as '{option}'")
        }
        _ => error.into(),
    })
}

/// The GPU for a comparison of `strategies`, to which its own is added if they are `all` there are. Then it is
/// no error if there is none that `name` does not ask for.
pub(super) fn to_compare(
    name: Option<&str>,
    all: bool,
    strategies: &mut Vec<Strategy>,
) -> Result<Option<Device>> {
    let option = "--gpu NAME";
    if all && name.is_none() {
        return match Device::open("") {
            Err(Error::NoAdapter { .. }) => Ok(None),
            device => {
                strategies.push(Strategy::Gpu);
                Ok(Some(device?))
            }
        };
    }
    if all {
        strategies.push(Strategy::Gpu);
    }
    if strategies.contains(&Strategy::Gpu) {
        return device(name.unwrap_or_default(), option).map(Some);
    }
    Ok(None)
}
