//! A device and the adapters it can be opened on, through wgpu, so on any vendor's card.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

use wgpu::{
    Backends, ComputePipeline, DeviceDescriptor, DeviceType, InstanceDescriptor, InstanceFlags,
    Limits, MemoryHints,
};

use crate::darts::contract::CHUNK_DARTS;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

/// The program that devices run.
pub const PROGRAM: &str = include_str!("count.wgsl");

/// The most chunks of a batch: the most workgroups that every device takes in one dimension, and one fewer
/// than fit into the 16 bits of a listed dart's chunk.
pub const MOST_CHUNKS: u64 = 65_535;

/// A GPU that has counted a few chunks right.
#[derive(Clone)]
pub struct Device {
    pub(super) name: String,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) pipeline: ComputePipeline,
    /// The first failure.
    pub(super) failure: Arc<Mutex<Option<String>>>,
    /// Room for listed darts in a new batch; `None` for as much as a batch should need. Tests set it.
    pub(super) room: Option<u32>,
}

// A panic leaves no change half done: a poisoned lock still holds the first failure. Without these two, the feature
// `gpu` would make a task less safe to unwind.
impl UnwindSafe for Device {}
impl RefUnwindSafe for Device {}

/// A GPU, or a program that does the work of a GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adapter {
    /// The name that the driver gives.
    pub name: String,
    /// Whether the adapter is a program.
    pub is_software: bool,
}

impl Adapter {
    pub(super) fn of(adapter: &wgpu::Adapter) -> Adapter {
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

pub(super) fn all() -> Vec<wgpu::Adapter> {
    let instance = wgpu::Instance::new(InstanceDescriptor {
        backends: Backends::PRIMARY,
        // Debug builds would check our calls, which slows the start. They have passed those checks.
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
    /// Starts the device of `adapter` with `program`, a shader whose entry point is `count`.
    ///
    /// # Errors
    /// [`Error::Failed`] if the driver refuses.
    pub(super) fn start(adapter: &wgpu::Adapter, program: &str) -> Result<Device, Error> {
        let name = adapter.get_info().name;
        let request = adapter.request_device(&DeviceDescriptor {
            label: None,
            // Any device that can compute has these.
            required_limits: Limits::downlevel_defaults(),
            memory_hints: MemoryHints::MemoryUsage,
            ..DeviceDescriptor::default()
        });
        let (device, queue) =
            pollster::block_on(request).map_err(|error| failed(&name, &error.to_string()))?;
        let failure = Arc::new(Mutex::new(None));
        let note = |failure: &Arc<Mutex<Option<String>>>, message: &str| {
            let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| one_line(message));
        };
        // Without these two callbacks, an error would be a panic.
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
        let device = Device {
            name,
            device,
            queue,
            pipeline,
            failure,
            room: None,
        };
        device.check_failure()?;
        Ok(device)
    }

    /// The name of the device's adapter.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks that the CPU counts the same hits in a whole chunk.
    ///
    /// # Errors
    /// [`Error::Wrong`] if it counts different hits.
    pub(crate) fn check_chunk(&self, seed: u64, chunk: u64, hits: u32) -> Result<(), Error> {
        let expected = Kernel::detect().count_chunk(&Key::new(seed), chunk, 0..CHUNK_DARTS);
        if hits == expected {
            return Ok(());
        }
        Err(self.is_wrong(format!(
            "it counts {hits} hits in chunk {chunk} of seed {seed}, the CPU {expected}"
        )))
    }

    /// The error that the device listed a dart that its coarse word decides.
    pub(crate) fn lists_wrong(&self, seed: u64) -> Error {
        self.is_wrong(format!(
            "it leaves a dart of seed {seed} undecided that is not"
        ))
    }

    pub(super) fn is_wrong(&self, fault: String) -> Error {
        Error::Wrong(format!(
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

/// Joins the lines of a message of wgpu.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
