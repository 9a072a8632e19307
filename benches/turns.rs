//! Times the kernels of this CPU and their keystreams in turn, a chunk each, for thousands of rounds, so that a busy
//! machine slows them alike. Prints the rates of the least times. `cargo bench --bench turns -- avx512` selects by name.

use std::time::{Duration, Instant};

use pi_mc::Kernel;
use pi_mc::darts::contract::{self, CHUNK_DARTS};
use pi_mc::kernel::Key;

const SEED: u64 = 42;
const ROUNDS: u64 = 10_000;

fn main() {
    // Cargo passes an option of its own.
    let names: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    let key = Key::new(SEED);
    let expected = contract::count_chunk(SEED, 0, 0..CHUNK_DARTS);
    // Groups of blocks at a time: those of the keystream, and none for the count.
    let mut rows: Vec<(String, Kernel, Option<u32>, Duration)> = Vec::new();
    for kernel in Kernel::variants() {
        let name = kernel.variant();
        assert_eq!(
            kernel.count_chunk(&key, 0, 0..CHUNK_DARTS),
            expected,
            "{name}"
        );
        rows.push((format!("count/{name}"), kernel, None, Duration::MAX));
        for groups in (1..=3).filter(|_| Kernel::available().any(|one| one == kernel)) {
            let name = format!("keystream/{}/{groups}", kernel.name());
            rows.push((name, kernel, Some(groups), Duration::MAX));
        }
    }
    rows.retain(|(row, ..)| names.is_empty() || names.iter().any(|name| row.contains(name)));
    for round in 0..ROUNDS {
        for (_, kernel, groups, least) in &mut rows {
            let start = Instant::now();
            std::hint::black_box(match groups {
                Some(groups) => kernel.keystream(&key, round, *groups),
                None => kernel.count_chunk(&key, round, 0..CHUNK_DARTS),
            });
            *least = start.elapsed().min(*least);
        }
    }
    for (name, _, _, least) in &rows {
        let rate = f64::from(CHUNK_DARTS) / least.as_nanos() as f64;
        #[expect(clippy::print_stdout, reason = "a benchmark's result")]
        {
            println!("{rate:>7.3} G darts/s  {name}");
        }
    }
}
