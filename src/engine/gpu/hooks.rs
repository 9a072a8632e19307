//! Devices with other programs, too little room, or a fault, and the time to read a batch: for the suite and
//! the benches.

use std::ops::Range;
use std::time::{Duration, Instant};

use wgpu::PollType;

use crate::engine::gpu::batch::Batch;
use crate::engine::gpu::device::Device;
use crate::error::Error;
use crate::kernel::chacha::Key;

impl Device {
    /// [`Device::open`] with a different program than `count.wgsl`, such as one that computes wrongly.
    ///
    /// # Errors
    /// As [`Device::open`].
    pub fn open_with(name: &str, program: &str) -> Result<Device, Error> {
        Device::open_program(name, program)
    }

    /// The device, but with room for only `darts` listed ones in a new batch.
    pub fn with_room_for(self, darts: u32) -> Device {
        Device {
            room: Some(darts),
            ..self
        }
    }

    /// Loses the device, as a driver may at any time.
    pub fn lose(&self) {
        self.device.destroy();
    }

    /// How many darts the device lists in whole chunks, and how long it takes to read the list and the hits once
    /// the device is done.
    ///
    /// # Errors
    /// As [`Device::chunk_hits`].
    pub fn time_to_read(&self, seed: u64, chunks: Range<u64>) -> Result<(usize, Duration), Error> {
        let key = Key::new(seed);
        let mut batch = Batch::new();
        batch.launch(self, &key, chunks);
        let done = self.device.poll(PollType::wait_indefinitely());
        done.map_err(|error| self.failed(&error.to_string()))?;
        let start = Instant::now();
        let found = batch.land(self, &key)?;
        Ok((found.listed.len(), start.elapsed()))
    }
}
