//! A counter: a kernel, a GPU, or a function that a caller puts on trial, under a name.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::darts::contract::CHUNK_DARTS;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

/// A function that counts a chunk's hits among the darts at some places, as [`Kernel::count_chunk`] does.
pub(crate) type Count = dyn Fn(&Key, u64, Range<u32>) -> u32 + Send + Sync;

/// A named way to count: a kernel, a GPU, or any function that a caller puts on trial.
///
/// ```
/// use std::num::NonZero;
/// use std::ops::ControlFlow::Continue;
///
/// use pi_mc::Counter;
/// use pi_mc::darts::contract::{is_hit, words};
/// use pi_mc::verify::{Class, known};
///
/// // It forgets the fine words, so a few darts near the circle are wrong.
/// let hasty = Counter::new("hasty", |key, chunk, places| {
///     words(key.seed(), chunk, places).map(|[coarse, ..]| u32::from(is_hit(coarse, 0, 0))).sum()
/// });
/// let check = known(Class::S, hasty, NonZero::<usize>::MIN, |_| Continue(()))?;
/// assert!(!check.unwrap().is_right());
/// # Ok::<(), pi_mc::Error>(())
/// ```
#[derive(Clone)]
pub struct Counter {
    name: String,
    pub(crate) way: Way,
}

#[derive(Clone)]
pub(crate) enum Way {
    /// A chunk at a time, on any thread.
    Chunk(Arc<Count>),
    /// Many chunks at a time.
    #[cfg(feature = "gpu")]
    Device(Device),
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Counter({})", self.name)
    }
}

impl Counter {
    /// The function `count` under a name. It takes the arguments of [`Kernel::count_chunk`].
    pub fn new(
        name: impl Into<String>,
        count: impl Fn(&Key, u64, Range<u32>) -> u32 + Send + Sync + 'static,
    ) -> Counter {
        Counter {
            name: name.into(),
            way: Way::Chunk(Arc::new(count)),
        }
    }

    /// The names that [`Counter::named`] knows on some CPU: `auto`, all kernels, and with feature `gpu`, `gpu`.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let gpu = cfg!(feature = "gpu").then_some("gpu");
        ["auto"]
            .into_iter()
            .chain(Kernel::NAMES.iter().copied())
            .chain(gpu)
    }

    /// The counter called `name`: `auto` is the fastest kernel of this CPU, `gpu` the first hardware GPU,
    /// `gpu:NAME` the first GPU whose name contains NAME in any case, and other names are those of kernels.
    /// Opening a GPU takes a moment; [`Counter::check_name`] does not.
    ///
    /// # Errors
    /// As [`Counter::check_name`], and if there is no such GPU or it does not work.
    pub fn named(name: &str) -> Result<Counter, Error> {
        Counter::check_name(name)?;
        #[cfg(feature = "gpu")]
        if let Some(gpu) = gpu(name) {
            return Ok(Device::open(gpu)?.into());
        }
        Ok(kernel(name)?.into())
    }

    /// Checks a name for [`Counter::named`] without looking for a GPU.
    ///
    /// # Errors
    /// If this CPU has no such kernel, if `gpu:` has no name after it, or if this build has no GPUs.
    pub fn check_name(name: &str) -> Result<(), Error> {
        match gpu(name) {
            None => kernel(name).map(|_| ()),
            Some(_) if !cfg!(feature = "gpu") => Err(Error::Invalid(
                "this pi-mc was built without GPUs; build it with cargo's '--features gpu'"
                    .to_owned(),
            )),
            Some("") if name != "gpu" => Err(Error::Invalid(
                "expected a part of a GPU's name after 'gpu:', or only 'gpu' for the first one"
                    .to_owned(),
            )),
            Some(_) => Ok(()),
        }
    }

    /// Whether [`Counter::named`] takes `name` for that of a GPU.
    pub fn is_gpu(name: &str) -> bool {
        gpu(name).is_some()
    }

    /// The counters of this machine: all kernels of its CPU, and the first hardware GPU.
    ///
    /// # Errors
    /// If there is a GPU that does not work.
    pub fn available() -> Result<Vec<Counter>, Error> {
        let kernels = Kernel::available().map(Counter::from);
        #[cfg(feature = "gpu")]
        let kernels = match Device::open("") {
            Err(Error::NoAdapter { .. }) => kernels.chain(None),
            device => kernels.chain(Some(device?.into())),
        };
        Ok(kernels.collect())
    }

    /// The counter's name: a kernel's, or `gpu:` and the GPU's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the counter is a GPU, which counts many chunks at a time.
    pub(crate) fn is_device(&self) -> bool {
        !matches!(self.way, Way::Chunk(_))
    }

    /// Counts the hits of each whole chunk of `chunks`, which must fit into one batch of a GPU.
    ///
    /// # Errors
    /// If a GPU fails or counts wrong.
    pub(crate) fn chunk_hits(&self, seed: u64, chunks: Range<u64>) -> Result<Vec<u32>, Error> {
        match &self.way {
            Way::Chunk(count) => {
                let key = Key::new(seed);
                Ok(chunks
                    .map(|chunk| count(&key, chunk, 0..CHUNK_DARTS))
                    .collect())
            }
            #[cfg(feature = "gpu")]
            Way::Device(device) => device.chunk_hits(seed, chunks),
        }
    }
}

#[cfg(feature = "gpu")]
impl From<Device> for Counter {
    fn from(device: Device) -> Counter {
        Counter {
            name: format!("gpu:{}", device.name()),
            way: Way::Device(device),
        }
    }
}

impl From<Kernel> for Counter {
    fn from(kernel: Kernel) -> Counter {
        Counter::new(kernel.name(), move |key, chunk, places| {
            kernel.count_chunk(key, chunk, places)
        })
    }
}

/// The part of a GPU's name that `name` asks for, empty for the first hardware GPU; `None` if it names a kernel.
fn gpu(name: &str) -> Option<&str> {
    match name.strip_prefix("gpu")? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}

/// The kernel called `name`, or for `auto` the fastest.
fn kernel(name: &str) -> Result<Kernel, Error> {
    match name {
        "auto" => Ok(Kernel::detect()),
        name => Kernel::named(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_kernels_and_gpus() {
        let available: Vec<String> = Kernel::available()
            .map(|kernel| kernel.name().to_owned())
            .collect();
        for name in &available {
            assert_eq!(Counter::named(name).unwrap().name(), name);
        }
        assert_eq!(Counter::named("auto").unwrap().name(), available[0]);
        for unknown in ["", "Auto", "gpux", "GPU"] {
            let refused = Counter::check_name(unknown).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("this CPU has no kernel '{unknown}'")));
        }
        for gpu in ["gpu", "gpu:no such GPU"] {
            assert_eq!(Counter::check_name(gpu).is_ok(), cfg!(feature = "gpu"));
        }
        assert!(Counter::check_name("gpu:").is_err());
        assert!(Counter::names().all(|name| name != "gpu:"));
    }
}
