//! Prints docs/contract/vectors.json: values of the dart contract, computed by the reference, for
//! implementations in other languages. A test compares the file with the reference.
//!
//! ```sh
//! cargo run --release --example vectors > docs/contract/vectors.json
//! ```

use std::error::Error;
use std::io::{Write, stdout};

use pi_mc::Dart;
use pi_mc::darts::contract::{self, CHUNK_DARTS};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let keys = [0, 1, 42, 271_828_183, u64::MAX].map(key);
    let streams = [
        (42, 0, 0),
        (42, 1, 0),
        (42, 1, 4_095),
        (u64::MAX, (1 << 32) + 5, 0),
    ]
    .map(block);
    let counts = [
        ("one dart", 7, 0, 1),
        ("a chunk and a dart", 42, 0, 65_537),
        ("inside a block", 1, 3, 10),
        ("across two blocks", 1, 10, 20),
        ("across a chunk's end", 0, 65_500, 100),
        (
            "from inside a chunk to inside the next but one",
            3,
            60_000,
            80_000,
        ),
        ("chunk 2^32", 42, 1 << 48, 65_536),
        ("beyond chunk 2^32", 42, (1 << 48) + 65_536, 65_536),
        (
            "the last darts of the greatest seed",
            u64::MAX,
            u64::MAX - 1_000,
            1_000,
        ),
    ]
    .map(count);
    let sections = [
        ("keys", keys.to_vec()),
        ("streams", streams.to_vec()),
        ("hit_test", hit_test()),
        ("darts", darts()),
        ("counts", counts.to_vec()),
    ];

    // One value per line, so that people can read and compare them.
    let mut out = String::from("{\n\"contract\": 1");
    for (name, values) in sections {
        let lines: Vec<_> = values.iter().map(Value::to_string).collect();
        out += &format!(",\n\"{name}\": [\n{}\n]", lines.join(",\n"));
    }
    writeln!(stdout(), "{out}\n}}")?;
    Ok(())
}

/// A seed's key.
fn key(seed: u64) -> Value {
    let bytes = pi_mc::lazy::hooks::generator(seed).get_seed();
    let words: Vec<_> = bytes
        .chunks_exact(4)
        .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    json!({ "seed": seed, "key": words })
}

/// A block of a stream's coarse words.
fn block((seed, stream, number): (u64, u64, u32)) -> Value {
    let words: Vec<_> = contract::words(seed, stream, 16 * number..16 * number + 16)
        .map(|[coarse, ..]| coarse)
        .collect();
    json!({ "seed": seed, "stream": stream, "block": number, "words": words })
}

/// Darts that need not occur in any stream: for some heights, the last hit and the first miss, a sub-cell
/// apart. A hit test in floating point fails here.
fn hit_test() -> Vec<Value> {
    let mut tests = Vec::new();
    for (y, fy) in [
        (0i16, 0u32),
        (12_345, 0x1234_5678),
        (23_170, 1),
        (-32_768, u32::MAX),
    ] {
        let b = 2 * ((i128::from(y) << 32) + i128::from(fy)) + 1;
        let a = ((1i128 << 96) - b * b).isqrt();
        let last = (a - 1).div_euclid(2);
        for half in [last, last + 1, -last - 1, -last - 2] {
            let (x, fx) = (half >> 32, half as u32);
            let Ok(x) = i16::try_from(x) else { continue };
            let coarse = u32::from(x as u16) | u32::from(y as u16) << 16;
            let hit = contract::is_hit(coarse, fx, fy);
            tests.push(json!({ "coarse": coarse, "fx": fx, "fy": fy, "hit": hit }));
        }
    }
    tests
}

/// Twenty darts: the ends of blocks and chunks, the last dart, and for each quarter of the square seed 42's
/// first hit and first miss that the coarse word does not decide.
fn darts() -> Vec<Value> {
    let named = [
        (42, 0),
        (42, 1),
        (42, 15),
        (42, 16),
        (42, 65_535),
        (42, 65_536),
        (0, 0),
        (7, 1),
        (1, (1 << 48) - 1),
        (1, 1 << 48),
        (123, u64::MAX - 1),
        (u64::MAX, u64::MAX - 1),
    ];
    let mut darts = named.map(|(seed, number)| dart(seed, number)).to_vec();
    let mut open = [None; 8];
    for chunk in 0.. {
        for (i, [coarse, fx, fy]) in (0..).zip(contract::words(42, chunk, 0..CHUNK_DARTS)) {
            if contract::coarse_verdict(coarse).is_some() {
                continue;
            }
            let quarter = coarse >> 15 & 1 | coarse >> 30 & 2;
            let slot = 4 * usize::from(contract::is_hit(coarse, fx, fy)) + quarter as usize;
            open[slot].get_or_insert(chunk * u64::from(CHUNK_DARTS) + i);
        }
        if open.iter().all(Option::is_some) {
            break;
        }
    }
    open.sort();
    darts.extend(open.into_iter().flatten().map(|number| dart(42, number)));
    darts
}

/// A dart, as `pi-mc dart --format json` prints it.
fn dart(seed: u64, number: u64) -> Value {
    json!(Dart::new(seed, number))
}

/// A range's hits.
fn count((name, seed, first, sims): (&str, u64, u64, u64)) -> Value {
    let size = u64::from(CHUNK_DARTS);
    let end = first + sims;
    let hits: u64 = (first / size..=(end - 1) / size)
        .map(|chunk| {
            let place = |dart: u64| (dart - chunk * size).min(size) as u32;
            let places = place(first.max(chunk * size))..place(end);
            u64::from(contract::count_chunk(seed, chunk, places))
        })
        .sum();
    json!({ "name": name, "seed": seed, "first": first, "sims": sims, "hits": hits })
}
