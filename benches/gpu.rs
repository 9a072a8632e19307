//! Times a GPU, the CPU's pool for comparison, and the host's work for the GPU. The hits are checked before
//! anything is timed.
//!
//! ```text
//! cargo bench --features gpu --bench gpu                       the first hardware GPU
//! cargo bench --features gpu --bench gpu -- llvmpipe           the first whose name contains llvmpipe
//! ```
//!
//! - start-up: listing the GPUs, which is the driver's work, and opening one, including its trial.
//! - gpu: a walk of some seconds. `device`: a batch was on the device. `waiting`: the host waited for the
//!   device or its driver. `settling`: as a share of all threads' time.
//! - host: the host's work for the largest batch, measured separately: launching a batch, here of one chunk,
//!   since some drivers work during the launch; reading back a whole batch, from a program that only lists
//!   darts; and settling those darts. Their sum bounds a run, however fast the device.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use pi_mc::darts::contract::{self, CHUNK_DARTS};
use pi_mc::engine::gpu::device::{self, Device, MOST_CHUNKS, PROGRAM};
use pi_mc::engine::timeline::Activity;
use pi_mc::kernel::{self, Key};
use pi_mc::{Counter, Kernel, Plan, Walk};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long each run counts.
const RUN: Duration = Duration::from_secs(5);

/// A replacement for the GPU program's count, which only lists the average number of undecided darts.
const FAST: &str = "
    if batch.first.x == 0u && batch.first.y == 0u {
        if thread < 4u { append(group.x * 65536u + thread); }
        hits[group.x] = 51472u;
        return;
    }
    let chunk = group.x;";

fn main() -> Result<()> {
    let mut names = std::env::args().skip(1).filter(|name| name != "--bench");
    let name = names.next().unwrap_or_default();

    let start = Instant::now();
    let adapters = device::adapters();
    let listed = start.elapsed();
    let start = Instant::now();
    let device = match Device::open(&name) {
        // `cargo bench` runs this benchmark on machines without a GPU, too.
        Err(pi_mc::error::Error::NoAdapter { .. }) if name.is_empty() => {
            return say(&format!("NOT measured: no hardware GPU among {adapters:?}"));
        }
        device => device?,
    };
    let opened = start.elapsed();
    check(&device)?;
    say(&format!("GPU         {}", device.name()))?;
    say(&format!(
        "start-up    {:.0} ms to list all GPUs, {:.0} ms to open this one",
        ms(listed),
        ms(opened)
    ))?;

    let pool = run("pool", Kernel::detect())?;
    let gpu = run("gpu", device.clone())?;
    say(&format!("            {:.2} times the pool", gpu / pool))?;
    host(&device)
}

/// Checks the contract's table.
fn check(device: &Device) -> Result<()> {
    let plan = Plan::first(123, 100_000_000)?;
    let mut walk = Walk::of(plan).counter(device.clone()).start()?;
    while walk.step(u64::MAX, || false)?.is_some() {}
    assert_eq!(walk.tally().hits, 78_545_531);
    Ok(())
}

/// Counts for some seconds, prints the speed, and returns the darts per second.
fn run(name: &str, counter: impl Into<Counter>) -> Result<f64> {
    let plan = Plan::first(42, u64::MAX)?;
    let cores = std::thread::available_parallelism()?;
    let walk = Walk::of(plan).counter(counter).workers(cores);
    let mut walk = walk.with_timeline().start()?;
    let start = Instant::now();
    while start.elapsed() < RUN && walk.step(u64::MAX, || false)?.is_some() {}
    let elapsed = start.elapsed().as_secs_f64();
    let rate = walk.tally().sims as f64 / elapsed;
    say(&format!(
        "{name:<11} {:.3} G darts/s on {} threads in {elapsed:.1} s",
        rate / 1e9,
        walk.workers()
    ))?;
    let busy = walk.device_busy();
    if busy > Duration::ZERO {
        let timeline = walk.timeline();
        let spent = |activity| {
            let spans = timeline.spans().filter(|span| span.activity == activity);
            spans.map(|span| span.ns()).sum::<u64>() as f64 / 1e9
        };
        say(&format!(
            "            device {:.1} %, waiting {:.1} %, settling {:.2} %",
            100.0 * busy.as_secs_f64() / elapsed,
            100.0 * spent(Activity::Io) / elapsed,
            100.0 * spent(Activity::Count) / elapsed / walk.workers() as f64
        ))?;
    }
    Ok(rate)
}

/// Times the host's work for the largest batch.
fn host(device: &Device) -> Result<()> {
    let darts = MOST_CHUNKS as f64 * f64::from(CHUNK_DARTS);
    let program = PROGRAM.replacen("let chunk = group.x;", FAST.trim_start(), 1);
    let fast = Device::open_with(device.name(), &program)?;
    let launch = best(|| fast.time_to_read(0, 0..1).map(|(listed, _)| listed).ok());
    let mut back = Duration::MAX;
    for _ in 0..10 {
        let (listed, took) = fast.time_to_read(0, 0..MOST_CHUNKS)?;
        assert_eq!(listed as u64, 4 * MOST_CHUNKS);
        back = back.min(took);
    }

    // As many darts in fewer chunks.
    let (seed, chunks) = (42, 256);
    let mut list = Vec::new();
    for chunk in 0..chunks {
        for ([coarse, ..], place) in contract::words(seed, chunk, 0..CHUNK_DARTS).zip(0..) {
            if kernel::is_cut(coarse) {
                list.push(chunk as u32 * CHUNK_DARTS + place);
            }
        }
    }
    let (key, kernel) = (Key::new(seed), Kernel::detect());
    let turns = MOST_CHUNKS / chunks;
    let settle = || {
        (0..turns)
            .map(|_| kernel.settle(&key, 0, &list))
            .sum::<Option<u32>>()
    };
    assert!(settle().is_some());
    let settle = best(settle);
    let again = best(|| kernel.count_chunk(&key, black_box(7), 0..CHUNK_DARTS));

    say(&format!(
        "host        a batch of {darts:.3e} darts: {:.2} ms to launch one of a chunk, {:.2} ms to read it back, \
         {:.2} ms to settle {} darts on one thread, {:.3} ms to count a chunk again",
        ms(launch),
        ms(back),
        ms(settle),
        list.len() as u64 * turns,
        ms(again)
    ))?;
    let bound = darts / (launch + back + settle + again).as_secs_f64() / 1e9;
    say(&format!(
        "            so at most {bound:.0} G darts/s with one thread"
    ))
}

/// The shortest time of several calls of `work`.
fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let timed = (0..10).map(|_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    });
    timed.min().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(stdout(), "{line}")?)
}
