//! How a whole run scales: sizes from one dart to a thousand million, on one worker, on two, and on
//! as many as the default takes. Every count is first held to the serial one.

use std::num::NonZero;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pi_mc::{Kernel, Plan, run};

const SEED: u64 = 42;

fn scaling(c: &mut Criterion) {
    let kernel = Kernel::detect();
    let mut group = c.benchmark_group("scaling");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(3));
    for sims in [1, 65_537, 1_000_000, 3_000_000, 10_000_000, 1_000_000_000] {
        let plan = Plan::new(SEED, sims).unwrap();
        let count = |asked| run::count(&plan, kernel, run::workers(&plan, asked)).unwrap();
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

criterion_group!(benches, scaling);
criterion_main!(benches);
