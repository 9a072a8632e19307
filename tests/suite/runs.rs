//! The division of chunks among workers changes no hit, and ranges add up.

use std::num::NonZero;
use std::ops::Range;

use pi_mc::compare::measure::CompareError;
use pi_mc::compare::strategy::Task;
use pi_mc::compare::{Scaling, StrategyName};
use pi_mc::engine::cores::Pinning;
use pi_mc::engine::recorder::Recorder;
use pi_mc::engine::timeline::Timeline;
use pi_mc::engine::whole;
use pi_mc::kernel::Key;
use pi_mc::result::record::Method;
use pi_mc::verify::Class;
use pi_mc::{Counter, Kernel, Machine, Plan, Record, Tally, Walk, merge};
use proptest::prelude::*;

fn count(plan: &Plan, workers: usize) -> Tally {
    whole::count(plan, Kernel::detect(), NonZero::new(workers).unwrap()).unwrap()
}

/// Slow motion: every worker counts one chunk a step, as long as there are chunks.
#[test]
fn a_step_of_slow_motion_is_a_chunk_for_each_worker() {
    let plan = Plan::first(42, 7 * 65_536 + 5).unwrap();
    let mut walk = Walk::of(plan)
        .workers(NonZero::new(3))
        .with_timeline()
        .start()
        .unwrap();
    let mut sims = Vec::new();
    while let Some(tally) = walk.step_each(u64::MAX).unwrap() {
        sims.push(tally.sims);
    }
    assert_eq!(sims, [3 * 65_536, 6 * 65_536, plan.sims()]);
    let timeline = walk.timeline();
    let spans = timeline.lanes.iter().map(|lane| lane.spans.iter());
    let chunks = spans.map(|spans| spans.map(|span| span.chunks).sum());
    let mut chunks: Vec<u64> = chunks.collect();
    chunks.sort_unstable();
    assert_eq!(chunks, [2, 3, 3]);
    assert_eq!(walk.tally(), count(&plan, 1));
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
        |sims, workers| whole::workers(&Plan::first(0, sims).unwrap(), NonZero::new(workers)).get();
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

/// A part knows the whole that it was cut from, and its record does too.
#[test]
fn the_record_of_a_part_names_the_whole() {
    let whole = Plan::first(42, 1_000_000).unwrap();
    let record = |plan: &Plan, sims| Record::new(plan, Tally { sims, hits: 0 }, Method::Darts);
    assert_eq!(whole.total(), None);
    let done = record(&whole, 1_000_000);
    assert_eq!((done.total, done.partial), (None, false));
    let cut = record(&whole, 999_999);
    assert_eq!((cut.total, cut.partial), (Some(1_000_000), true));
    for shard in whole.shards(3).chain(whole.shard(2, 3)) {
        let done = record(&shard, shard.sims());
        assert_eq!((done.total, done.partial), (Some(1_000_000), false));
        let part = shard.part(0..5).unwrap();
        let cut = record(&part, 4);
        assert_eq!((cut.total, cut.partial), (Some(1_000_000), true));
    }
    // A plan up to the last dart has no number of darts to reach.
    let endless = record(&Plan::first(42, u64::MAX).unwrap(), 7);
    assert_eq!((endless.total, endless.partial), (None, true));
}

#[test]
fn three_shards_of_four_are_not_the_whole() {
    let whole = Plan::first(42, 1_000_000).unwrap();
    let shard = |shard: Plan| {
        let record = pi_mc::estimate(shard).unwrap();
        (format!("from {}", shard.start()), record)
    };
    let mut records: Vec<_> = whole.shards(4).map(shard).collect();
    let sum = merge(records.iter().map(|(name, record)| (name, record))).unwrap();
    assert_eq!((sum.hits, sum.partial), (785_725, false));
    records.pop();
    let error = merge(records.iter().map(|(name, record)| (name, record)))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("missing: darts 786432 to 999999 (shard 4 of 4)"),
        "{error}"
    );
}

/// Only darts of the very plan can be resumed, be they the first ones or not.
#[test]
fn a_walk_resumes_only_from_its_own_darts() {
    let plan = Plan::new(42, 1_000..2_000_000).unwrap();
    let of = |plan: &Plan, sims, hits| Record::new(plan, Tally { sims, hits }, Method::Darts);
    let resumed = |record: &Record| {
        let walk = Walk::of(plan).resume(record);
        walk.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(resumed(&of(&plan, 100_000, 78_000)), Ok(()));
    let other = Plan::new(43, 1_000..2_000_000).unwrap();
    let later = Plan::new(42, 1_001..2_000_000).unwrap();
    assert_eq!(resumed(&of(&later, 9, 7)), Ok(()));
    let earlier = Plan::new(42, 999..2_000_000).unwrap();
    let after = Plan::new(42, 2_000_000..3_000_000).unwrap();
    let across = Plan::new(42, 1_999_995..3_000_000).unwrap();
    let longer = Plan::new(42, 1_000..2_000_001).unwrap();
    for (record, expected) in [
        (of(&other, 9, 7), "has seed 43, this run 42"),
        (of(&earlier, 9, 7), "begins at dart 999, this run at 1000"),
        (of(&after, 9, 7), "begins at dart 2000000, this run at 1000"),
        (
            of(&across, 9, 7),
            "ends at dart 2000004, this run at 2000000",
        ),
        (
            of(&longer, 1_999_001, 1_570_000),
            "has sims 1999001, this run only 1999000",
        ),
        (of(&plan, 9, 10), "is impossible: 10 hits among 9 darts"),
    ] {
        assert_eq!(resumed(&record).unwrap_err(), expected);
    }
}

#[test]
fn a_counter_cannot_find_more_hits_than_darts() {
    let plan = Plan::new(42, 1_000..2_000_000).unwrap();
    for workers in [1, 3] {
        let counter = Counter::new("generous", |_, chunk, places: Range<u32>| {
            places.end - places.start + u32::from(chunk == 7)
        });
        let walk = Walk::of(plan).counter(counter);
        let mut walk = walk.workers(NonZero::new(workers)).start().unwrap();
        let step = walk.step(300_000, || false).map(|_| ());
        let stepped = step.and_then(|()| walk.step(u64::MAX, || false).map(|_| ()));
        let error = stepped.unwrap_err();
        assert!(error.taints_tally());
        let expected = "the counter found 65537 hits among 65536 darts of chunk 7";
        assert_eq!(error.to_string(), expected);
    }
}

/// A record is read only if it is possible, however it is read.
#[test]
fn no_impossible_record_is_read() {
    let read = |json: &str| {
        let read = serde_json::from_str::<Record>(json);
        assert_eq!(read.is_ok(), Record::read(json).is_ok(), "{json}");
        read.map_err(|error| error.to_string())
    };
    let json = r#"{"contract":1,"method":"darts","seed":7,"first":0,"sims":100,"hits":78}"#;
    assert!(read(json).is_ok());
    for (from, to, expected) in [
        ("78", "978", "978 hits among 100 darts"),
        ("darts", "lazy", "only thrown darts"),
        ("contract\":1", "contract\":2", "contract 2, but"),
        ("78}", r#"78,"pi":3.0}"#, "pi is 3.0, but 3.12 follows"),
        (
            "78}",
            r#"78,"parts":[{"first":0,"sims":100,"hits":79}]}"#,
            "do not add up",
        ),
    ] {
        let error = read(&json.replace(from, to)).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let machine = |cores| {
        let json = format!(
            r#"{{"cpu":"x","cores":{cores},"kernel":"avx2","os":"linux","version":"0.1.0"}}"#
        );
        serde_json::from_str::<Machine>(&json).is_ok()
    };
    assert_eq!([1, 0, u64::MAX].map(machine), [true, false, false]);
}

/// Every name is read as what it was printed for, and any other is refused by this crate's own error.
#[test]
fn names_are_read_again() {
    use pi_mc::compare::strategy::Strategy;
    use pi_mc::engine::timeline::Activity;

    for strategy in Strategy::every() {
        assert_eq!(strategy.name().parse::<Strategy>().unwrap(), strategy);
    }
    for activity in Activity::ALL {
        assert_eq!(activity.name().parse::<Activity>().unwrap(), *activity);
    }
    for kernel in Kernel::available() {
        let read: Result<Kernel, pi_mc::Error> = kernel.to_string().parse();
        assert_eq!(read.unwrap(), kernel);
    }
    for scaling in [Scaling::Strong, Scaling::Weak] {
        let read: Result<Scaling, pi_mc::Error> = scaling.to_string().parse();
        assert_eq!(read.unwrap(), scaling);
        assert_eq!(scaling.to_string(), scaling.name());
    }
    for class in [Class::S, Class::W, Class::A, Class::B, Class::C] {
        let read: Result<Class, pi_mc::Error> = class.to_string().parse();
        assert_eq!(read.unwrap(), class);
        assert_eq!(class.to_string(), class.name());
    }
    let refused: Result<Scaling, pi_mc::Error> = "big".parse();
    assert_eq!(refused.unwrap_err().to_string(), "unknown scaling \"big\"");
    let refused: Result<Class, pi_mc::Error> = "s".parse();
    assert_eq!(refused.unwrap_err().to_string(), "unknown class \"s\"");
    let refused: Result<Strategy, pi_mc::Error> = "fast".parse();
    assert_eq!(
        refused.unwrap_err().to_string(),
        "unknown strategy \"fast\""
    );
    let refused: Result<Activity, pi_mc::Error> = "nap".parse();
    assert_eq!(refused.unwrap_err().to_string(), "unknown activity \"nap\"");
}

/// Values of all these types can be kept in, and sent to, any thread.
#[test]
fn types_are_send_and_sync() {
    fn require<T: Send + Sync + std::fmt::Debug>() {}
    require::<(Plan, Tally, pi_mc::Dart, Kernel, Counter, Walk)>();
    require::<(pi_mc::Estimate, Record, Machine, pi_mc::Comparison)>();
    require::<(
        pi_mc::Error,
        pi_mc::result::MergeError,
        pi_mc::result::ResumeError,
    )>();
    require::<pi_mc::engine::walk::WalkBuilder>();
    require::<(
        pi_mc::compare::Lineup,
        pi_mc::compare::Setup,
        Task,
        StrategyName,
    )>();
    require::<(pi_mc::compare::Outcome, CompareError)>();
    require::<(Timeline, Pinning, Key, pi_mc::verify::Check, Recorder)>();
    // The feature `gpu` gives it a device, which takes no promise away.
    fn require_unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    require_unwind_safe::<Task>();
}
