//! The count on a GPU, with the same hits. A `Device` counts batches of whole chunks by the program in
//! `count.wgsl`. Cargo feature `gpu`.
//!
//! A device decides the darts whose coarse word is enough, all but one in 16,384, and lists the others, which
//! the CPU settles. No result is taken on trust: a device has to pass a test when it is opened; the CPU
//! draws each listed dart again, which finds a dart that should not be listed; and in every batch the CPU
//! counts one chunk again, and any chunk whose hits are out of the ordinary.

use std::ops::Range;

use crate::darts::contract::CHUNK_DARTS;
use crate::engine::gpu::batch::{Batch, Found};
use crate::engine::gpu::device::{Adapter, PROGRAM, all};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

pub(crate) mod batch;
#[cfg(feature = "internals")]
pub mod device;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, reason = "public for the suite")]
pub(crate) mod device;
pub(crate) mod flights;
#[cfg(feature = "internals")]
mod hooks;

pub use device::Device;

/// The seed and the chunks that every device is tried on: those around the first whose number has more than
/// 32 bits.
const TRIAL: (u64, Range<u64>) = (42, (1 << 32) - 2..(1 << 32) + 2);

impl Device {
    /// Opens the first adapter whose name contains `name`, in any case, or if `name` is empty, the first
    /// hardware adapter, and tries it on a few chunks.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is no such GPU, [`Error::Failed`] if it does not work, and
    /// [`Error::Wrong`] if it counts wrong.
    pub fn open(name: &str) -> Result<Device, Error> {
        Device::open_program(name, PROGRAM)
    }

    fn open_program(name: &str, program: &str) -> Result<Device, Error> {
        let wanted = |adapter: &Adapter| match name {
            "" => !adapter.is_software,
            _ => adapter.name.to_lowercase().contains(&name.to_lowercase()),
        };
        let all = all();
        let Some(adapter) = all.iter().find(|adapter| wanted(&Adapter::of(adapter))) else {
            return Err(Error::NoAdapter {
                name: name.to_owned(),
                available: all
                    .iter()
                    .map(|adapter| Adapter::of(adapter).to_string())
                    .collect(),
            });
        };
        let device = Device::start(adapter, program)?;
        device.try_out()?;
        Ok(device)
    }

    /// Checks that the device counts the same hits as the CPU.
    fn try_out(&self) -> Result<(), Error> {
        let (seed, chunks) = TRIAL;
        let hits = self.chunk_hits(seed, chunks.clone())?;
        for (chunk, hits) in chunks.zip(hits) {
            self.check_chunk(seed, chunk, hits)?;
        }
        Ok(())
    }

    /// Counts the hits of each whole chunk of `chunks`, at most 65,535, and waits for them.
    ///
    /// # Errors
    /// [`Error::Failed`] if the device fails, and [`Error::Wrong`] if it lists a dart that it should
    /// have decided.
    pub fn chunk_hits(&self, seed: u64, chunks: Range<u64>) -> Result<Vec<u32>, Error> {
        let (key, kernel, first) = (Key::new(seed), Kernel::detect(), chunks.start);
        let mut batch = Batch::new();
        batch.launch(self, &key, chunks);
        let Found { mut hits, listed } = batch.land(self, &key)?;
        for dart in listed {
            let settled = kernel.settle(&key, first, &[dart]);
            let hit = settled.ok_or_else(|| self.lists_wrong(seed))?;
            hits[(dart / CHUNK_DARTS) as usize] += hit;
        }
        Ok(hits)
    }
}
