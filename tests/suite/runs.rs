//! The division of chunks among workers changes no hit, and ranges add up.

use std::num::NonZero;
use std::ops::Range;

use pi_mc::engine::walk;
use pi_mc::{Kernel, Plan, Tally};
use proptest::prelude::*;

fn count(plan: &Plan, workers: usize) -> Tally {
    walk::count(plan, Kernel::detect(), NonZero::new(workers).unwrap()).unwrap()
}

#[test]
fn any_number_of_workers_gives_the_serial_hits() {
    for sims in [1, 2, 65_535, 65_536, 65_537, 131_072, 1_000_000, 5_000_001] {
        let plan = Plan::first(42, sims).unwrap();
        let serial = count(&plan, 1);
        assert_eq!(serial.sims, sims);
        for workers in [2, 3, 8] {
            assert_eq!(
                count(&plan, workers),
                serial,
                "{workers} workers, {sims} sims"
            );
        }
    }
}

#[test]
fn threads_are_no_more_than_chunks_and_only_as_many_as_pay() {
    let asked =
        |sims, workers| walk::workers(&Plan::first(0, sims).unwrap(), NonZero::new(workers)).get();
    assert_eq!(asked(1, 8), 1);
    assert_eq!(asked(65_536, 8), 1);
    assert_eq!(asked(65_537, 8), 2);
    assert_eq!(asked(1_000_000, 8), 8);
    assert_eq!(asked(u64::MAX, 4096), 4096);
    // 0 stands for the default here: NonZero::new(0) is None.
    assert_eq!(asked(1_000_000, 0), 1);
    assert_eq!(
        asked(u64::MAX, 0),
        std::thread::available_parallelism().unwrap().get()
    );
}

#[test]
fn a_range_across_two_chunks_counts_the_darts_between() {
    let sums = |first, sims| count(&Plan::new(42, first..first + sims).unwrap(), 1).hits;
    assert_eq!(sums(0, 65_537) - sums(0, 65_530), sums(65_530, 7));
}

#[test]
fn a_range_must_hold_darts_and_end_below_2_to_the_64() {
    assert!(Plan::first(0, u64::MAX).is_ok());
    assert!(Plan::new(0, u64::MAX - 1..u64::MAX).is_ok());
    let whole = Plan::new(0, 1..u64::MAX).unwrap();
    assert!(whole.part(0..u64::MAX).is_err());
    let backwards = Range { start: 7, end: 3 };
    for (range, first) in [(0..0, 0), (7..7, 7), (backwards, 7)] {
        assert_eq!(
            Plan::new(0, range).unwrap_err().to_string(),
            format!(
                "0 darts from dart {first} on: \
                 a range holds at least 1 dart and ends below 2^64"
            ),
        );
    }
}

#[test]
fn the_last_darts_of_all_can_be_counted() {
    let first = u64::MAX - 200_000;
    let whole = Plan::new(9, first..first + 200_000).unwrap();
    assert_eq!(whole.chunks().end, 1 << 48);
    let parts = [(0, 1), (1, 68_927), (68_928, 131_072)];
    let sum: u64 = parts
        .map(|(skip, sims)| count(&whole.part(skip..skip + sims).unwrap(), 1).hits)
        .iter()
        .sum();
    assert_eq!(count(&whole, 3).hits, sum);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Three adjacent ranges, wherever they start and end, add up to the hits of their union.
    #[test]
    fn ranges_add_up(
        seed: u64,
        first in 0..u64::MAX - 600_000,
        sims in [1..200_000u64, 1..200_000, 1..200_000],
        workers in 1..4usize,
    ) {
        let hits = |first, sims| count(&Plan::new(seed, first..first + sims).unwrap(), workers).hits;
        let [a, b, c] = sims;
        prop_assert_eq!(
            hits(first, a) + hits(first + a, b) + hits(first + a + b, c),
            hits(first, a + b + c)
        );
    }
}
