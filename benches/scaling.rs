//! Scaling of a whole run: from one dart to a billion, on one worker, on two, and on the default number.
//! Also the cost of taking a chunk, of thousands of workers, and of observers: the program at ten billion
//! darts, plain and with every observer. Hits are compared with serial's first.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use pi_mc::engine::whole;
use pi_mc::{Kernel, Plan};

const SEED: u64 = 42;

fn scaling(c: &mut Criterion) {
    let kernel = Kernel::detect();
    let mut group = c.benchmark_group("scaling");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(3));
    for sims in [1, 65_537, 1_000_000, 3_000_000, 10_000_000, 1_000_000_000] {
        let plan = Plan::first(SEED, sims).unwrap();
        let count = |asked| whole::count(&plan, kernel, whole::workers(&plan, asked)).unwrap();
        let serial = count(NonZero::new(1));
        group.throughput(Throughput::Elements(sims));
        for (name, asked) in [
            ("1", NonZero::new(1)),
            ("2", NonZero::new(2)),
            ("default", None),
        ] {
            assert_eq!(count(asked), serial, "{name} workers");
            group.bench_function(BenchmarkId::new(name, sims), |b| b.iter(|| count(asked)));
        }
    }
    group.finish();
}

/// The cost of taking the next chunk, an addition to the counter that all threads share: by one thread
/// alone, and while a second thread does the same.
fn take(c: &mut Criterion) {
    let mut group = c.benchmark_group("take");
    let next = AtomicU64::new(0);
    let take = || next.fetch_add(1, Ordering::Relaxed);
    group.bench_function("alone", |b| b.iter(take));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                take();
            }
        });
        group.bench_function("contended", |b| b.iter(take));
        done.store(true, Ordering::Relaxed);
    });
    assert!(next.into_inner() > 0);
    group.finish();
}

/// Far more workers than cores, and two for comparison.
fn crowds(c: &mut Criterion) {
    const SIMS: u64 = 1_000_000_000;
    let plan = Plan::first(SEED, SIMS).unwrap();
    let count = |workers| {
        let workers = NonZero::new(workers).unwrap();
        whole::count(&plan, Kernel::detect(), workers).unwrap()
    };
    let mut group = c.benchmark_group("crowds");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(5));
    let serial = count(1);
    for workers in [2, 64, 512, 1024, 4096] {
        assert_eq!(count(workers), serial, "{workers} workers");
        group.bench_function(BenchmarkId::new("count", workers), |b| {
            b.iter(|| count(workers));
        });
        // The same threads without anything to count.
        group.bench_function(BenchmarkId::new("start", workers), |b| {
            b.iter(|| {
                thread::scope(|scope| {
                    for _ in 0..workers {
                        scope.spawn(|| ());
                    }
                });
            });
        });
    }
    group.finish();
}

fn looking(c: &mut Criterion) {
    const SIMS: &str = "10000000000";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let names = ["checkpoint.json", "trace.jsonl", "timeline.json"];
    let [checkpoint, trace, timeline] = names.map(|name| folder.join(name));
    let estimate = |looked_at: bool, recorded: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pi-mc"));
        command.args(["-q", "--sims", SIMS, "--seed", &SEED.to_string()]);
        if looked_at {
            // A finished checkpoint would leave nothing to count.
            let _ = fs::remove_file(&checkpoint);
            command.arg("--checkpoint").arg(&checkpoint);
            command.arg("--trace").arg(&trace);
            command.args(["--progress", "always"]);
        }
        if recorded {
            command.arg("--timeline").arg(&timeline);
        }
        let output = command.stderr(Stdio::null()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(estimate(true, true), estimate(false, false));

    let mut group = c.benchmark_group("looking");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(35));
    for (name, looked_at, recorded) in [
        ("plain", false, false),
        ("looked_at", true, false),
        ("timeline", false, true),
    ] {
        group.bench_function(name, |b| b.iter(|| estimate(looked_at, recorded)));
    }
    group.finish();
}

criterion_group!(benches, scaling, take, crowds, looking);
criterion_main!(benches);
