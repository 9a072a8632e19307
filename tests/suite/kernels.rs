//! Compares every kernel that this CPU has with the reference, and names the kernels that it lacks.

use std::io::Write;
use std::ops::Range;

use pi_mc::Kernel;
use pi_mc::darts::contract::{self, CHUNK_DARTS};
use pi_mc::kernel::{self, Key, hooks};
use proptest::prelude::*;

/// The test body: each kernel counts the reference's hits, and so does the generic code on 16 lanes, with
/// every number of groups.
fn assert_all_agree(name: &str, seed: u64, chunk: u64, places: Range<u32>) {
    let expected = contract::count_chunk(seed, chunk, places.clone());
    let key = Key::new(seed);
    let check = |what: &str, counted| {
        assert_eq!(
            counted, expected,
            "{what}, {name}: seed {seed}, chunk {chunk}, {places:?}"
        );
    };
    for kernel in Kernel::variants() {
        check(
            kernel.variant(),
            kernel.count_chunk(&key, chunk, places.clone()),
        );
        for groups in 1..=3 {
            check(
                &format!("{} by {groups} groups", kernel.variant()),
                kernel.count_chunk_grouped(&key, chunk, places.clone(), groups),
            );
        }
    }
    for groups in 1..=3 {
        check(
            &format!("16 lanes by {groups} groups"),
            hooks::count_chunk_by_16_lanes(&key, chunk, places.clone(), groups),
        );
    }
}

/// Named sizes; each odd one names the mistake it would catch. A group is 64, 128 or 256 darts, for
/// kernels of 4, 8 and 16 lanes; a kernel draws one to three groups at a time.
pub(crate) const PLACES: [(&str, Range<u32>); 25] = [
    ("the whole chunk", 0..CHUNK_DARTS),
    ("no dart", 0..0),
    ("no dart, in the middle", 100..100),
    ("the first dart", 0..1),
    (
        "the last dart: fine words of the last block",
        CHUNK_DARTS - 1..CHUNK_DARTS,
    ),
    ("all but the last: a short last group", 0..CHUNK_DARTS - 1),
    ("all but the first: a short first group", 1..CHUNK_DARTS),
    ("one block", 0..16),
    ("one block, shifted: two blocks, no group", 8..24),
    ("inside one block", 17..30),
    ("a group of 4 lanes", 0..64),
    ("a group of 8 lanes", 0..128),
    ("a group of 16 lanes", 0..256),
    ("one less than a group of each kind", 0..63),
    ("one more than a group of 8", 0..129),
    ("inside one group of each kind, touching neither end", 1..62),
    ("across a group's border, holding none whole", 255..257),
    ("the same for 16 lanes, nearly two", 1..511),
    ("edges on both sides of whole groups", 1_000..60_001),
    ("beginning at a group, ending inside", 32_768..65_535),
    ("two groups of 16 lanes", 0..512),
    ("three groups of 16 lanes", 0..768),
    ("the last two of three groups of 16 lanes", 256..768),
    ("one dart of the second of two groups of each kind", 64..385),
    ("no whole three groups, nearly six", 1..1_535),
];

#[test]
fn kernels_agree_with_the_reference_on_named_places() {
    for (name, places) in PLACES {
        assert_all_agree(name, 42, 0, places.clone());
        assert_all_agree(name, u64::MAX, 3, places);
    }
}

#[test]
fn kernels_agree_with_the_reference_on_named_chunks() {
    for (name, chunk) in [
        ("the second", 1),
        ("the last of a lower stream word", (1 << 32) - 1),
        ("the first that needs the upper stream word", 1 << 32),
        ("both stream words in use", (0x1234 << 32) + 0x9abc_def0),
        ("the last of all", (1 << 48) - 1),
    ] {
        assert_all_agree(name, 0, chunk, 0..CHUNK_DARTS);
        assert_all_agree(name, 7, chunk, 0..CHUNK_DARTS);
    }
}

/// So many whole chunks that some have more undecided darts than a batch holds, for any number of lanes.
#[test]
fn kernels_agree_with_the_reference_on_many_chunks() {
    for chunk in 0..200 {
        assert_all_agree("one of many", 271_828_183, chunk, 0..CHUNK_DARTS);
    }
}

/// The places of a chunk's undecided darts that turn out to hit.
fn undecided_hits(seed: u64, chunk: u64, places: Range<u32>) -> Vec<u32> {
    places
        .clone()
        .zip(contract::words(seed, chunk, places))
        .filter(|(_, [coarse, fx, fy])| {
            kernel::classify(*coarse).is_none() && contract::is_hit(*coarse, *fx, *fy)
        })
        .map(|(place, _)| place)
        .collect()
}

#[test]
fn kernels_agree_on_ranges_that_end_beside_an_undecided_dart() {
    let places = undecided_hits(9, 0, 0..CHUNK_DARTS);
    assert!(!places.is_empty());
    for place in places {
        for range in [
            0..place,
            0..place + 1,
            place..CHUNK_DARTS,
            place + 1..CHUNK_DARTS,
        ] {
            assert_all_agree("beside an undecided hit", 9, 0, range);
        }
    }
}

/// The last redrawn blocks seldom fill all lanes; spare lanes draw block 0.
#[test]
fn a_lane_without_a_block_counts_nothing() {
    let chunk = (0..).find(|chunk| !undecided_hits(9, *chunk, 0..16).is_empty());
    let name = "an undecided hit in block 0";
    assert_all_agree(name, 9, chunk.unwrap(), 0..CHUNK_DARTS);
}

/// The words of random darts leave out some that occur once in 2^32.
#[test]
fn kernels_test_all_words_of_some_rows_rightly() {
    let all = 0..=u16::MAX;
    let corners = [0, 1, i16::MAX as u16, i16::MIN as u16, u16::MAX];
    for y in all.step_by(509).chain(corners) {
        for kernel in Kernel::variants() {
            assert!(kernel.tests_rightly(y), "{}, Y = {y:#x}", kernel.variant());
        }
    }
}

/// Otherwise the bench would compare the count with the wrong bound.
#[test]
fn keystreams_are_the_reference_words() {
    for chunk in [0, (0x1234 << 32) + 0x9abc_def0] {
        let words = contract::words(42, chunk, 0..CHUNK_DARTS);
        let expected = words.fold(0, |xor, [coarse, ..]| xor ^ coarse);
        for kernel in Kernel::variants() {
            for groups in 1..=3 {
                let xor = kernel.keystream(&Key::new(42), chunk, groups);
                assert_eq!(
                    xor,
                    expected,
                    "{} by {groups} groups, chunk {chunk}",
                    kernel.variant(),
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn kernels_agree_with_the_reference_anywhere(
        seed: u64,
        chunk in 0..1u64 << 48,
        ends in [0..=CHUNK_DARTS, 0..=CHUNK_DARTS],
    ) {
        let places = ends[0].min(ends[1])..ends[0].max(ends[1]);
        assert_all_agree("drawn", seed, chunk, places);
    }
}

#[test]
#[should_panic(expected = "a chunk has 65536 darts")]
fn a_place_past_the_chunk_is_refused() {
    Kernel::detect().count_chunk(&Key::new(0), 0, 0..CHUNK_DARTS + 1);
}

/// Tests this machine rather than the code: prints the kernels that it cannot test, past the test harness.
#[test]
fn kernels_that_this_cpu_lacks_are_named() {
    let available: Vec<_> = Kernel::available().map(Kernel::name).collect();
    let missing: Vec<_> = Kernel::NAMES
        .iter()
        .copied()
        .filter(|name| !available.contains(name))
        .collect();
    writeln!(
        std::io::stderr(),
        "kernels tested: {}; NOT tested, this CPU lacks them: {}",
        available.join(", "),
        if missing.is_empty() {
            "none".to_owned()
        } else {
            missing.join(", ")
        },
    )
    .unwrap();
    for name in missing {
        let error = Kernel::named(name).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "this CPU has no kernel '{name}', only {}",
                available.join(", ")
            )
        );
    }
    for kernel in Kernel::available() {
        assert_eq!(Kernel::named(kernel.name()).unwrap(), kernel);
    }
    assert_eq!(Kernel::detect().name(), available[0]);
}
