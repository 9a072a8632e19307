//! How a whole run scales: sizes from one dart to a thousand million, on one worker, on two, and on
//! as many as the default takes. Every count is first held to the serial one. And what it costs to
//! look: the whole program at ten thousand million darts, plain and with everybody looking.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use pi_mc::{Kernel, Plan, engine};

const SEED: u64 = 42;

fn scaling(c: &mut Criterion) {
    let kernel = Kernel::detect();
    let mut group = c.benchmark_group("scaling");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(3));
    for sims in [1, 65_537, 1_000_000, 3_000_000, 10_000_000, 1_000_000_000] {
        let plan = Plan::new(SEED, sims).unwrap();
        let count = |asked| engine::count(&plan, kernel, engine::workers(&plan, asked)).unwrap();
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

fn looking(c: &mut Criterion) {
    const SIMS: &str = "10000000000";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let [checkpoint, trace] = ["checkpoint.json", "trace.jsonl"].map(|name| folder.join(name));
    let estimate = |looked_at: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pi-mc"));
        command.args(["-q", "--sims", SIMS, "--seed", &SEED.to_string()]);
        if looked_at {
            // A finished checkpoint would leave nothing to count.
            let _ = fs::remove_file(&checkpoint);
            command.arg("--checkpoint").arg(&checkpoint);
            command.arg("--trace").arg(&trace);
            command.args(["--progress", "always"]);
        }
        let output = command.stderr(Stdio::null()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(estimate(true), estimate(false));

    let mut group = c.benchmark_group("looking");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(35));
    for (name, looked_at) in [("plain", false), ("looked_at", true)] {
        group.bench_function(name, |b| b.iter(|| estimate(looked_at)));
    }
    group.finish();
}

criterion_group!(benches, scaling, looking);
criterion_main!(benches);
