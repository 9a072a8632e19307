//! What counts: a kernel, a GPU, or a function that a caller puts on trial, each under a name.

use std::ops::Range;
use std::sync::Arc;

use crate::darts::contract::CHUNK_DARTS;
#[cfg(feature = "gpu")]
use crate::engine::gpu::device::Device;
use crate::error::Error;
use crate::kernel::{Kernel, Key};

/// What counts a chunk's hits among the darts at some places: see [`Kernel::count_chunk`].
pub(crate) type Count = dyn Fn(&Key, u64, Range<u32>) -> u32 + Send + Sync;

/// A named way to count: a kernel, a GPU, or any function that a caller puts on trial.
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

impl Counter {
    /// `count` under a name. It takes what [`Kernel::count_chunk`] takes.
    pub fn new(
        name: impl Into<String>,
        count: impl Fn(&Key, u64, Range<u32>) -> u32 + Send + Sync + 'static,
    ) -> Counter {
        Counter {
            name: name.into(),
            way: Way::Chunk(Arc::new(count)),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a GPU, which counts many chunks at a time.
    pub(crate) fn is_device(&self) -> bool {
        !matches!(self.way, Way::Chunk(_))
    }

    /// The hits of each whole chunk of `chunks`, which fit into a batch of [`crate::engine::gpu::device`].
    ///
    /// # Errors
    /// Those of a GPU.
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
