//! Lazy darts: the time of a run, which grows as the cube root of its darts, and the time of one binomial
//! draw. Hits are checked first.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pi_mc::lazy;
use pi_mc::lazy::hooks::half;

const SEED: u64 = 1;

fn runs(c: &mut Criterion) {
    let mut group = c.benchmark_group("lazy");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(2));
    for (sims, hits) in [
        (1_000_000, 785_432),
        (1_000_000_000, 785_405_935),
        (1_000_000_000_000, 785_398_479_472),
        (1_000_000_000_000_000, 785_398_168_222_015),
        (1_000_000_000_000_000_000, 785_398_163_236_284_798),
    ] {
        let count = |seed| lazy::count(seed, sims).unwrap().hits;
        assert_eq!(count(SEED), hits);
        // A new seed each time, since the CPU would learn to predict every branch of a short run.
        let mut seeds = 0..;
        group.bench_function(BenchmarkId::from_parameter(sims), |b| {
            b.iter(|| seeds.next().map(count));
        });
    }
    group.finish();
}

fn halves(c: &mut Criterion) {
    let mut group = c.benchmark_group("half");
    let numbers = [
        64,
        500,
        1024,
        1025,
        1537,
        32_768,
        1_000_001,
        1 << 40,
        1 << 62,
        u64::MAX,
    ];
    for n in numbers {
        let mut words = pi_mc::lazy::hooks::generator(SEED);
        // 12 standard deviations are exceeded once in 10^32 draws.
        let off = half(&mut words, n).abs_diff(n / 2);
        assert!(off as f64 <= 6.0 * (n as f64).sqrt());
        group.bench_function(BenchmarkId::from_parameter(n), |b| {
            b.iter(|| half(&mut words, black_box(n)));
        });
    }
    group.finish();
}

criterion_group!(benches, runs, halves);
criterion_main!(benches);
