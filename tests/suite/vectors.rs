//! The values of docs/contract.md, for authors of other implementations. They hold for the reference, for
//! every kernel, and for the Python program that was written from the page.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pi_mc::darts::contract;
use pi_mc::kernel::Key;
use pi_mc::{Dart, Kernel, Plan};
use serde_json::{Value, json};

use crate::contract::CONTRACT;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name)
}

fn vectors() -> Value {
    let text = fs::read_to_string(docs("contract/vectors.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A section's values.
fn section(name: &str) -> Vec<Value> {
    let values = vectors()[name].as_array().unwrap().clone();
    assert!(!values.is_empty(), "{name}");
    values
}

fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap()
}

fn word(value: &Value, field: &str) -> u32 {
    number(value, field).try_into().unwrap()
}

fn key_words(seed: u64) -> Vec<u32> {
    let bytes = pi_mc::lazy::hooks::generator(seed).get_seed();
    let words = bytes.chunks_exact(4);
    words
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

fn block_words(seed: u64, stream: u64, block: u32) -> Vec<u32> {
    contract::words(seed, stream, 16 * block..16 * block + 16)
        .map(|[coarse, ..]| coarse)
        .collect()
}

#[test]
fn value_stability_vectors_are_those_of_the_reference() {
    assert_eq!(vectors()["contract"], contract::CONTRACT);
    for v in section("keys") {
        assert_eq!(v["key"], json!(key_words(number(&v, "seed"))));
    }
    for v in section("streams") {
        let words = block_words(number(&v, "seed"), number(&v, "stream"), word(&v, "block"));
        assert_eq!(v["words"], json!(words));
    }
    for v in section("hit_test") {
        let hit = contract::is_hit(word(&v, "coarse"), word(&v, "fx"), word(&v, "fy"));
        assert_eq!(v["hit"], hit, "{v}");
    }
    for v in section("darts") {
        let place = word(&v, "place");
        let [words] = contract::words(number(&v, "seed"), number(&v, "chunk"), place..place + 1)
            .collect::<Vec<_>>()[..]
        else {
            panic!("one dart")
        };
        assert_eq!(json!(words), json!([v["coarse"], v["fx"], v["fy"]]));
        assert_eq!(
            v["hit"],
            contract::is_hit(words[0], words[1], words[2]),
            "{v}"
        );
        let verdict = contract::coarse_verdict(words[0]);
        assert_eq!(v["decided_by"] == "coarse", verdict.is_some(), "{v}");
        assert_eq!(v, json!(Dart::new(number(&v, "seed"), number(&v, "dart"))));
    }
    for v in section("counts") {
        let hits = counted(&v, |_, seed, chunk, places| {
            contract::count_chunk(seed, chunk, places)
        });
        assert_eq!(v["hits"], hits, "{v}");
    }
}

#[test]
fn value_stability_vectors_are_those_of_every_kernel() {
    for kernel in Kernel::available() {
        for v in section("darts") {
            let key = Key::new(number(&v, "seed"));
            let place = word(&v, "place");
            let hits = kernel.count_chunk(&key, number(&v, "chunk"), place..place + 1);
            assert_eq!(v["hit"], hits == 1, "{kernel:?}: {v}");
        }
        for v in section("counts") {
            let hits = counted(&v, |key, _, chunk, places| {
                kernel.count_chunk(key, chunk, places)
            });
            assert_eq!(v["hits"], hits, "{kernel:?}: {v}");
        }
    }
}

/// The hits of each chunk of a count.
fn counted(v: &Value, count: impl Fn(&Key, u64, u64, std::ops::Range<u32>) -> u32) -> u64 {
    let seed = number(v, "seed");
    let key = Key::new(seed);
    let (first, sims) = (number(v, "first"), number(v, "sims"));
    let plan = Plan::new(seed, first..first + sims).unwrap();
    let chunks = plan.chunks();
    chunks
        .map(|chunk| u64::from(count(&key, seed, chunk, plan.places(chunk))))
        .sum()
}

/// The values include the likely mistakes of an implementation.
#[test]
fn the_vectors_hold_what_is_hard() {
    let darts = section("darts");
    assert_eq!(darts.len(), 20);
    let quarters = |hit: bool| {
        let open = darts
            .iter()
            .filter(|v| v["decided_by"] == "fine" && v["hit"] == hit);
        let mut quarters: Vec<_> = open
            .map(|v| {
                (
                    v["x"].as_f64().unwrap() > 0.0,
                    v["y"].as_f64().unwrap() > 0.0,
                )
            })
            .collect();
        quarters.sort_unstable();
        quarters.dedup();
        quarters.len()
    };
    assert_eq!((quarters(true), quarters(false)), (4, 4));
    assert!(darts.iter().any(|v| number(v, "dart") == u64::MAX - 1));
    let beyond = |v: &Value| number(v, "first") >= ((1 << 32) + 1) << 16;
    assert!(section("counts").iter().any(beyond));
    let mut streams: Vec<_> = section("streams")
        .iter()
        .map(|v| number(v, "stream"))
        .collect();
    streams.dedup();
    assert!(streams.len() >= 3 && streams.iter().any(|stream| *stream > 1 << 32));
    // Squaring in floats gives wrong verdicts.
    let in_floats = |v: &Value| {
        let coordinate = |cell: u16, fine: &str| {
            f64::from(cell as i16) * 2f64.powi(32) + f64::from(word(v, fine)) + 0.5
        };
        let coarse = word(v, "coarse");
        let x = coordinate(coarse as u16, "fx");
        let y = coordinate((coarse >> 16) as u16, "fy");
        x * x + y * y <= 2f64.powi(94)
    };
    assert!(section("hit_test").iter().any(|v| v["hit"] != in_floats(v)));
}

/// The words shown on the page.
#[test]
fn the_worked_example_of_the_page_is_right() {
    let page = fs::read_to_string(docs("contract.md")).unwrap();
    for words in [key_words(42), block_words(42, 0, 0)] {
        for words in words.chunks(8) {
            let line: Vec<_> = words.iter().map(|word| format!("{word:08x}")).collect();
            assert!(page.contains(&line.join(" ")), "{line:?}");
        }
    }
    let [dart] = contract::words(42, 0, 0..1).collect::<Vec<_>>()[..] else {
        panic!("one dart")
    };
    let [x, y] = [dart[0] as u16, (dart[0] >> 16) as u16].map(|cell| i128::from(cell as i16));
    let (a, b) = (
        2 * (x << 32 | i128::from(dart[1])) + 1,
        2 * (y << 32 | i128::from(dart[2])) + 1,
    );
    let share = (a * a + b * b) as f64 / 2f64.powi(96);
    for said in [
        format!("X = {x:#06x} = {x} and Y = {y:#06x} = {y}"),
        format!("fx = `{:#010x}` and fy = `{:#010x}`", dart[1], dart[2]),
        format!("A = {a} and B = {b}"),
        format!("{share:.4} times 2^96"),
    ] {
        assert!(page.replace('\n', " ").contains(&said), "{said}");
    }
}

/// The output of `pi_mc.py` in `folder`; `None` if this machine has no Python.
fn python(folder: &Path, args: &[&str]) -> Option<Output> {
    let program = folder.join("pi_mc.py");
    match Command::new("python3").arg(program).args(args).output() {
        Ok(output) => Some(output),
        Err(error) => {
            // Past the test harness, which captures `eprintln!`.
            let mut stderr = std::io::stderr();
            writeln!(
                stderr,
                "docs/contract/pi_mc.py NOT tested, no python3: {error}"
            )
            .unwrap();
            None
        }
    }
}

#[test]
fn the_python_program_agrees() {
    let folder = docs("contract");
    let Some(checked) = python(&folder, &["--check"]) else {
        return;
    };
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success(), "{said}");
    let right = |section: &str, n: usize| format!("{section}: {n} right\n");
    let sections = ["keys", "streams", "hit_test", "darts", "counts"];
    let expected: String = sections
        .map(|name| right(name, section(name).len()))
        .concat();
    assert_eq!(said, expected);

    for (seed, sims, hits) in CONTRACT.into_iter().filter(|(_, sims, _)| *sims < 70_000) {
        let output = python(&folder, &[&seed.to_string(), &sims.to_string()]).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said, format!("{hits}\n"), "seed {seed}, {sims} sims");
    }
}

/// The program's check finds a wrong value in every section.
#[test]
fn the_python_program_finds_a_wrong_value() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |name| fs::copy(docs("contract").join(name), folder.path().join(name)).unwrap();
    copy("pi_mc.py");
    for (section, field) in [
        ("keys", "key"),
        ("streams", "words"),
        ("hit_test", "hit"),
        ("darts", "x"),
        ("counts", "hits"),
    ] {
        let mut vectors = vectors();
        let values = vectors[section].as_array_mut().unwrap();
        // Only the first, since the others are slow.
        values.truncate(1);
        values[0][field] = json!("wrong");
        for other in ["keys", "streams", "hit_test", "darts", "counts"] {
            if other != section {
                vectors[other] = json!([]);
            }
        }
        fs::write(folder.path().join("vectors.json"), vectors.to_string()).unwrap();
        let Some(checked) = python(folder.path(), &["--check"]) else {
            return;
        };
        assert_eq!(checked.status.code(), Some(1), "{section}");
        let said = String::from_utf8(checked.stderr).unwrap();
        assert!(said.starts_with(&format!("{section}: WRONG: ")), "{said}");
    }
}

/// The program is short and imports only Python's standard library.
#[test]
fn the_python_program_needs_nothing() {
    let program = fs::read_to_string(docs("contract/pi_mc.py")).unwrap();
    assert!(program.lines().count() < 120);
    let imports: Vec<_> = program
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with("import ") || line.starts_with("from "))
        .collect();
    assert_eq!(
        imports,
        ["import json", "import sys", "from pathlib import Path"]
    );
}
