//! Properties of any input, tried on some thousand random inputs. `fuzz/` tries many more.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::bodies;

/// Saved results that the program wrote.
const RECORDS: [&str; 6] = [
    include_str!("../fixtures/records/run.json"),
    include_str!("../fixtures/records/shard.json"),
    include_str!("../fixtures/records/empty.json"),
    include_str!("../fixtures/records/merged.json"),
    include_str!("../fixtures/records/checkpoint.json"),
    include_str!("../fixtures/records/machine.json"),
];

/// Replacements for a character of a saved result.
const PIECES: [&str; 16] = [
    "", "0", "9", "-", "1e9", ".5", "\"", "{", "}", "[", "]", ",", "\n", "null", "é", "\\",
];

/// Saved comparisons; these are invented.
const COMPARISONS: [&str; 2] = [
    include_str!("../fixtures/comparisons/laws.json"),
    include_str!("../fixtures/comparisons/later.json"),
];

/// A saved result in which up to a few characters are replaced.
fn mutated() -> impl Strategy<Value = String> {
    mutated_of(&RECORDS)
}

fn mutated_of(saved: &'static [&'static str]) -> impl Strategy<Value = String> {
    let edits = vec((any::<Index>(), select(&PIECES[..])), 0..4);
    (select(saved), edits).prop_map(|(record, edits)| {
        let mut text = record.to_owned();
        for (place, piece) in edits {
            let at = text.floor_char_boundary(place.index(text.len() + 1));
            let end = text.ceil_char_boundary((at + 1).min(text.len()));
            text.replace_range(at..end, piece);
        }
        text
    })
}

/// Texts that a person may type for a number, and worse.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9._^eEkMGTxaunsmihdµ/+-]{0,12}",
        "[0-9]{0,3}[._]?[0-9]{0,3}(e-?[0-9]{1,2})?(ns|us|ms|s|m|h|d|k|M)",
        "([0-9]{1,3}d)?([0-9]{1,2}h)?([0-9]{1,2}m)?([0-9]{1,2}s)?",
        "[0-9]{1,20}/[0-9]{1,20}",
        "[0-9]{1,2}\\^[0-9]{1,2}(-1)?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn mutated_records_are_refused_or_survive(text in mutated()) {
        bodies::record(&text);
    }

    #[test]
    fn mutated_comparisons_are_refused_or_survive(text in mutated_of(&COMPARISONS)) {
        bodies::comparison(&text);
    }

    #[test]
    fn saved_results_are_the_same_in_any_layout(texts in vec(mutated(), 1..4)) {
        bodies::saved(texts.concat().as_bytes());
    }

    #[test]
    fn a_number_is_what_it_prints_as(text in typed()) {
        bodies::number(&text);
        bodies::duration(&text);
        bodies::shard(&text);
    }

    #[test]
    fn a_sum_holds_all_darts(bytes in vec(any::<u8>(), 0..100)) {
        bodies::merge(&bytes);
    }
}
