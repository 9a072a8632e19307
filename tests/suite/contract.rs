//! Known answers, from an implementation that shares no code with this project.

use std::num::NonZero;

use pi_mc::darts::contract;
use pi_mc::engine::whole;
use pi_mc::{Kernel, Plan};

/// The contract's table: seed, sims, hits.
pub(crate) const CONTRACT: [(u64, u64, u64); 10] = [
    (7, 1, 1),
    (7, 2, 2),
    (42, 65_535, 51_737),
    (42, 65_536, 51_738),
    (42, 65_537, 51_739),
    (42, 1_000_000, 785_725),
    (0, 10_000_000, 7_853_126),
    (1, 10_000_000, 7_852_950),
    (u64::MAX, 1_000_000, 785_239),
    (123, 100_000_000, 78_545_531),
];

/// The hits among the first million darts of seed 42, which many other tests use.
pub(crate) const MILLION_HITS: u64 = CONTRACT[5].2;

const MILLION: u64 = 1_000_000;

const GOLDEN_SEED: u64 = 271_828_183;

fn count(seed: u64, sims: u64) -> u64 {
    let plan = Plan::first(seed, sims).unwrap();
    whole::count(
        &plan,
        Kernel::detect(),
        whole::workers(&plan, NonZero::new(2)),
    )
    .unwrap()
    .hits
}

#[test]
fn value_stability_contract_table() {
    for (seed, sims, hits) in CONTRACT {
        assert_eq!(count(seed, sims), hits, "seed {seed}, {sims} sims");
    }
}

#[test]
fn value_stability_reference() {
    for (seed, sims, hits) in CONTRACT {
        if sims <= MILLION {
            assert_eq!(count_slowly(seed, sims), hits, "seed {seed}, {sims} sims");
        }
    }
}

/// Separate from the others because it takes minutes on an emulated CPU.
#[test]
fn value_stability_reference_of_many_darts() {
    for (seed, sims, hits) in CONTRACT {
        if sims > MILLION {
            assert_eq!(count_slowly(seed, sims), hits, "seed {seed}, {sims} sims");
        }
    }
}

/// Counted by the reference.
fn count_slowly(seed: u64, sims: u64) -> u64 {
    let plan = Plan::first(seed, sims).unwrap();
    plan.chunks()
        .map(|chunk| u64::from(contract::count_chunk(seed, chunk, plan.places(chunk))))
        .sum()
}

#[test]
fn value_stability_class_s() {
    assert_eq!(count(GOLDEN_SEED, 1 << 24), 13_176_242);
}

#[test]
fn value_stability_class_w() {
    assert_eq!(count(GOLDEN_SEED, 1 << 28), 210_836_832);
}

#[test]
#[ignore = "a thousand million darts: about a second"]
fn value_stability_class_a() {
    assert_eq!(count(GOLDEN_SEED, 1 << 30), 843_347_544);
}

#[test]
#[ignore = "four thousand million darts: some seconds"]
fn value_stability_class_b() {
    assert_eq!(count(GOLDEN_SEED, 1 << 32), 3_373_285_898);
}

/// Chunk numbers beyond 2^32 use the upper word of the stream number. The values come from an
/// implementation in Python integers that was written from the contract alone.
#[test]
fn value_stability_far_chunks() {
    for (chunk, hits) in [
        (1 << 32, 51_636),
        ((1 << 32) + 1, 51_568),
        ((1 << 48) - 1, 51_376),
    ] {
        assert_eq!(
            contract::count_chunk(42, chunk, 0..pi_mc::darts::contract::CHUNK_DARTS),
            hits,
            "chunk {chunk}"
        );
    }
}
