//! A batch of chunks on its way through a device: launched, it counts; landed, its hits are read back. A
//! batch is reused, so that its buffers are made once.

use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, BufferAsyncError, BufferDescriptor,
    BufferUsages, CommandEncoderDescriptor, ComputePassDescriptor, MapMode, PollType,
    SubmissionIndex,
};

use crate::engine::gpu::device::Device;
use crate::error::Error;
use crate::kernel::chacha::Key;

/// A batch takes a fraction of a second. One that takes this long never ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of a word.
const WORD: u64 = size_of::<u32>() as u64;

/// Words of a batch's input: the key, the first chunk, and as many more as make whole rows.
const INPUT: usize = 12;

fn entry(binding: u32, buffer: &Buffer) -> BindGroupEntry<'_> {
    BindGroupEntry {
        binding,
        resource: buffer.as_entire_binding(),
    }
}

/// One batch.
pub(crate) struct Batch {
    buffers: Option<Buffers>,
    flight: Option<Flight>,
}

/// The results of a batch.
pub(crate) struct Found {
    /// The sure hits of each chunk.
    pub(crate) hits: Vec<u32>,
    /// The undecided darts, in no order: the chunk, counted from the batch's first, times 65536, plus the
    /// place in the chunk.
    pub(crate) listed: Vec<u32>,
}

/// A batch on its way.
struct Flight {
    chunks: Range<u64>,
    submission: SubmissionIndex,
    /// Set when the results can be read.
    mapped: Arc<OnceLock<Result<(), BufferAsyncError>>>,
}

struct Buffers {
    /// Room for this many chunks and listed darts.
    chunks: u64,
    room: u64,
    input: Buffer,
    hits: Buffer,
    listed: Buffer,
    /// The hits and then the list, where the CPU can read them.
    results: Buffer,
    bindings: BindGroup,
}

impl Batch {
    pub(crate) fn new() -> Batch {
        Batch {
            buffers: None,
            flight: None,
        }
    }

    /// The chunks that the batch counts, if it is on its way.
    pub(crate) fn chunks(&self) -> Option<&Range<u64>> {
        self.flight.as_ref().map(|flight| &flight.chunks)
    }

    /// Starts to count `chunks`, at least one and at most [`MOST_CHUNKS`](crate::engine::gpu::device::MOST_CHUNKS).
    pub(crate) fn launch(&mut self, device: &Device, key: &Key, chunks: Range<u64>) {
        let n = chunks.end - chunks.start;
        // On average 4 darts of a chunk are undecided, with a standard deviation of 2.
        let room = device.room.map_or(8 * n + 256, u64::from).max(1);
        let buffers = match self.buffers.take() {
            Some(buffers) if buffers.chunks >= n => buffers,
            old => {
                let had = old.map_or(0, |buffers| buffers.room);
                Buffers::new(device, n, room.max(had))
            }
        };
        self.flight = Some(buffers.launch(device, key, chunks));
        self.buffers = Some(buffers);
    }

    /// Waits for the results. If the list is too short, it is made longer and the batch is counted again.
    ///
    /// # Errors
    /// [`Error::Failed`] if the device fails, and [`Error::Wrong`] if it lists impossibly many darts.
    pub(crate) fn land(&mut self, device: &Device, key: &Key) -> Result<Found, Error> {
        loop {
            let (Some(buffers), Some(flight)) = (&self.buffers, self.flight.take()) else {
                return Err(device.failed("there is no batch on its way"));
            };
            let chunks = flight.chunks.clone();
            let n = chunks.end - chunks.start;
            let (listed, found) = buffers.read(device, flight)?;
            if listed <= buffers.room {
                return Ok(found);
            }
            // A hundred standard deviations above the mean.
            if listed > 4 * n + 200 * (n.isqrt() + 1) {
                let fault = format!("it leaves {listed} darts undecided in {n} chunks");
                return Err(device.is_wrong(fault));
            }
            let buffers = Buffers::new(device, buffers.chunks, listed + listed / 4);
            self.flight = Some(buffers.launch(device, key, chunks));
            self.buffers = Some(buffers);
        }
    }
}

impl Buffers {
    fn new(device: &Device, chunks: u64, room: u64) -> Buffers {
        let buffer = |words: u64, usage| {
            device.device.create_buffer(&BufferDescriptor {
                label: None,
                size: words * WORD,
                usage,
                mapped_at_creation: false,
            })
        };
        let counted = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let input = buffer(INPUT as u64, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
        let hits = buffer(chunks, counted);
        let listed = buffer(1 + room, counted | BufferUsages::COPY_DST);
        let results = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let bindings = device.device.create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &device.pipeline.get_bind_group_layout(0),
            entries: &[entry(0, &input), entry(1, &hits), entry(2, &listed)],
        });
        Buffers {
            chunks,
            room,
            results: buffer(chunks + 1 + room, results),
            input,
            hits,
            listed,
            bindings,
        }
    }

    fn launch(&self, device: &Device, key: &Key, chunks: Range<u64>) -> Flight {
        let n = chunks.end - chunks.start;
        let mut input = [0; INPUT];
        input[..8].copy_from_slice(&key.words());
        input[8] = chunks.start as u32;
        input[9] = (chunks.start >> 32) as u32;
        let bytes = input.map(u32::to_ne_bytes);
        device
            .queue
            .write_buffer(&self.input, 0, bytes.as_flattened());

        let encoder = CommandEncoderDescriptor { label: None };
        let mut encoder = device.device.create_command_encoder(&encoder);
        encoder.clear_buffer(&self.listed, 0, Some(WORD));
        {
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
            pass.set_pipeline(&device.pipeline);
            pass.set_bind_group(0, &self.bindings, &[]);
            pass.dispatch_workgroups(n as u32, 1, 1);
        }
        let list = self.listed.size();
        encoder.copy_buffer_to_buffer(&self.hits, 0, &self.results, 0, n * WORD);
        encoder.copy_buffer_to_buffer(&self.listed, 0, &self.results, n * WORD, list);
        let submission = device.queue.submit([encoder.finish()]);
        let mapped = Arc::new(OnceLock::new());
        let done = mapped.clone();
        self.results.map_async(MapMode::Read, .., move |result| {
            // wgpu calls this once.
            let _ = done.set(result);
        });
        Flight {
            chunks,
            submission,
            mapped,
        }
    }

    /// How many darts the device listed, and the results. If more darts were listed than fit, some are missing.
    fn read(&self, device: &Device, flight: Flight) -> Result<(u64, Found), Error> {
        let failed = |error: &dyn std::fmt::Display| device.failed(&error.to_string());
        let wait = PollType::Wait {
            submission_index: Some(flight.submission),
            timeout: Some(PATIENCE),
        };
        device.device.poll(wait).map_err(|error| failed(&error))?;
        device.check_failure()?;
        match flight.mapped.get() {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(failed(error)),
            None => return Err(failed(&"its results did not come")),
        }
        let found = {
            let results = self.results.get_mapped_range(..);
            let results = results.map_err(|error| failed(&error))?;
            let (results, _) = results.as_chunks::<{ WORD as usize }>();
            let word = |bytes: &[u8; WORD as usize]| u32::from_ne_bytes(*bytes);
            let (hits, list) = results.split_at((flight.chunks.end - flight.chunks.start) as usize);
            let listed = list.first().map_or(0, word);
            let fit = u64::from(listed).min(self.room) as usize;
            let found = Found {
                hits: hits.iter().map(word).collect(),
                listed: list[1..=fit].iter().map(word).collect(),
            };
            (u64::from(listed), found)
        };
        self.results.unmap();
        Ok(found)
    }
}
