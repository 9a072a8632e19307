//! The count on a GPU, with the same hits: a [`Device`] counts batches of whole chunks by the program in
//! `count.wgsl`, through wgpu, so on any vendor's card. Cargo feature `gpu`.
//!
//! A device decides the darts whose coarse word is enough, all but one in 16,384, and lists the others, which
//! the CPU settles. Nothing that it says is taken on trust: a device is put to a test when it is opened;
//! the CPU draws each listed dart again, which finds one that should not be there; and in every batch it
//! counts a chunk again, and any whose hits are out of the ordinary. `engine` does that, since it shares
//! out the work.
//!
//! - `batch`: one batch on its way through the device.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wgpu::{
    Backends, ComputePipeline, DeviceDescriptor, DeviceType, InstanceDescriptor, InstanceFlags,
    Limits, MemoryHints, PollType,
};

use crate::darts::contract::CHUNK_DARTS;
pub(crate) use crate::engine::gpu::batch::{Batch, Found};
use crate::error::Error;
use crate::kernel::{Kernel, Key};

/// What devices run.
#[doc(hidden)]
pub const PROGRAM: &str = include_str!("count.wgsl");

/// The most chunks of a batch: one short of what a device surely takes in one dimension, and of the
/// chunks that fit into a listed dart's 16 bits.
pub const MOST_CHUNKS: u64 = 65_535;

/// The seed and the chunks that every device is tried on: those around the first whose number has
/// more than 32 bits.
const TRIAL: (u64, Range<u64>) = (42, (1 << 32) - 2..(1 << 32) + 2);

/// A GPU that counted a few chunks right.
#[derive(Clone)]
pub struct Device {
    pub(super) name: String,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) pipeline: ComputePipeline,
    /// The first thing that went wrong.
    pub(super) failure: Arc<Mutex<Option<String>>>,
    /// Room for listed darts in a new batch, if not what it should need: for tests.
    pub(super) room: Option<u32>,
}

/// A GPU that the system has, or a program that does the work of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name, as its driver has it.
    pub name: String,
    /// Whether it is a program.
    pub is_software: bool,
}

impl Adapter {
    fn of(adapter: &wgpu::Adapter) -> Adapter {
        let info = adapter.get_info();
        Adapter {
            name: info.name,
            is_software: info.device_type == DeviceType::Cpu,
        }
    }
}

/// The name in quotes, and whether it is software.
impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let software = if self.is_software { " (software)" } else { "" };
        write!(f, "'{}'{software}", self.name)
    }
}

/// The adapters that the system has.
pub fn adapters() -> Vec<Adapter> {
    all().iter().map(Adapter::of).collect()
}

fn all() -> Vec<wgpu::Adapter> {
    let instance = wgpu::Instance::new(InstanceDescriptor {
        backends: Backends::PRIMARY,
        // What a debug build would check of our calls, it has been seen to pass; it slows the start.
        flags: InstanceFlags::empty(),
        ..InstanceDescriptor::new_without_display_handle()
    });
    pollster::block_on(instance.enumerate_adapters(Backends::PRIMARY))
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({})", self.name)
    }
}

impl PartialEq for Device {
    fn eq(&self, other: &Device) -> bool {
        self.device == other.device
    }
}

impl Eq for Device {}

impl Device {
    /// Opens the first adapter whose name contains `name`, in whatever case, or if `name` is empty, the
    /// first that is no software, and tries it on a few chunks.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is no such GPU, [`Error::Failed`] if it does not work, and
    /// [`Error::DeviceWrong`] if it counts wrong.
    pub fn open(name: &str) -> Result<Device, Error> {
        Device::open_with(name, PROGRAM)
    }

    /// [`Device::open`] with another program than `count.wgsl`: for tests of devices that compute wrongly.
    #[doc(hidden)]
    pub fn open_with(name: &str, program: &str) -> Result<Device, Error> {
        let wanted = |adapter: &Adapter| match name {
            "" => !adapter.is_software,
            _ => adapter.name.to_lowercase().contains(&name.to_lowercase()),
        };
        let all = all();
        let Some(adapter) = all.iter().find(|adapter| wanted(&Adapter::of(adapter))) else {
            return Err(Error::NoAdapter {
                name: name.to_owned(),
                available: all.iter().map(|one| Adapter::of(one).to_string()).collect(),
            });
        };
        let device = Device::start(adapter, program)?;
        device.check_failure()?;
        device.try_out()?;
        Ok(device)
    }

    fn start(adapter: &wgpu::Adapter, program: &str) -> Result<Device, Error> {
        let name = adapter.get_info().name;
        let request = adapter.request_device(&DeviceDescriptor {
            label: None,
            // What any device for computing has.
            required_limits: Limits::downlevel_defaults(),
            memory_hints: MemoryHints::MemoryUsage,
            ..DeviceDescriptor::default()
        });
        let (device, queue) = pollster::block_on(request).map_err(|error| failed(&name, &error.to_string()))?;
        let failure = Arc::new(Mutex::new(None));
        let note = |failure: &Arc<Mutex<Option<String>>>, message: &str| {
            let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| one_line(message));
        };
        // Without these two, an error would be a panic.
        let noted = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            note(&noted, &error.to_string());
        }));
        let noted = failure.clone();
        device.set_device_lost_callback(move |_, message| {
            note(&noted, &format!("it was lost: {message}"));
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(program.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("count"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Ok(Device {
            name,
            device,
            queue,
            pipeline,
            failure,
            room: None,
        })
    }

    /// The name of its adapter.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same with room for only `darts` listed ones in a new batch: for tests of what happens if
    /// there are more.
    #[doc(hidden)]
    pub fn with_room_for(self, darts: u32) -> Device {
        Device {
            room: Some(darts),
            ..self
        }
    }

    /// Loses the device, as a driver may at any time: for tests.
    #[doc(hidden)]
    pub fn lose(&self) {
        self.device.destroy();
    }

    /// The hits of each whole chunk of `chunks`, at most [`MOST_CHUNKS`]. It waits for them.
    ///
    /// # Errors
    /// [`Error::Failed`] if the device fails, and [`Error::DeviceWrong`] if it lists a dart that it should
    /// not.
    pub fn chunk_hits(&self, seed: u64, chunks: Range<u64>) -> Result<Vec<u32>, Error> {
        let (key, kernel, first) = (Key::new(seed), Kernel::detect(), chunks.start);
        let Found { mut hits, listed } = self.find(seed, chunks)?;
        for dart in listed {
            let settled = kernel.settle(&key, first, &[dart]);
            let hit = settled.ok_or_else(|| self.lists_wrong(seed))?;
            hits[(dart / CHUNK_DARTS) as usize] += hit;
        }
        Ok(hits)
    }

    /// What the device finds in whole chunks, nothing of it settled or checked.
    fn find(&self, seed: u64, chunks: Range<u64>) -> Result<Found, Error> {
        let key = Key::new(seed);
        let mut batch = Batch::new();
        batch.launch(self, &key, chunks);
        batch.land(self, &key)
    }

    /// How many darts the device lists in whole chunks, and how long it takes to read that and the hits
    /// once the device is done: for benchmarks.
    #[doc(hidden)]
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

    /// Whether it counts what the CPU counts.
    fn try_out(&self) -> Result<(), Error> {
        let (seed, chunks) = TRIAL;
        let hits = self.chunk_hits(seed, chunks.clone())?;
        for (chunk, hits) in chunks.zip(hits) {
            self.check_chunk(seed, chunk, hits)?;
        }
        Ok(())
    }

    /// Whether the CPU counts these hits in a whole chunk too.
    ///
    /// # Errors
    /// [`Error::DeviceWrong`] if not.
    pub(crate) fn check_chunk(&self, seed: u64, chunk: u64, hits: u32) -> Result<(), Error> {
        let expected = Kernel::detect().count_chunk(&Key::new(seed), chunk, 0..CHUNK_DARTS);
        if hits == expected {
            return Ok(());
        }
        Err(self.is_wrong(format!(
            "it counts {hits} hits in chunk {chunk} of seed {seed}, the CPU {expected}"
        )))
    }

    /// It listed a dart that its coarse word decides.
    pub(crate) fn lists_wrong(&self, seed: u64) -> Error {
        self.is_wrong(format!(
            "it leaves a dart of seed {seed} undecided that is not"
        ))
    }

    pub(super) fn is_wrong(&self, fault: String) -> Error {
        Error::DeviceWrong(format!(
            "GPU '{}' computes wrongly: {fault}; nothing that it counted can be trusted",
            self.name
        ))
    }

    /// # Errors
    /// With the first thing that went wrong on the device, if anything did.
    pub(super) fn check_failure(&self) -> Result<(), Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match &*failure {
            None => Ok(()),
            Some(failure) => Err(failed(&self.name, failure)),
        }
    }

    /// The error to report after `failure`: the first thing that went wrong on the device.
    pub(super) fn failed(&self, failure: &str) -> Error {
        let first = self.check_failure().err();
        first.unwrap_or_else(|| failed(&self.name, failure))
    }
}

fn failed(name: &str, failure: &str) -> Error {
    Error::Failed(format!("GPU '{name}' failed: {}", one_line(failure)))
}

/// A message of wgpu, which may have several lines.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
