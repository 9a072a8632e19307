//! A machine that counts wrongly is caught by a known answer, a second count, or a recount of a saved
//! result. The injected fault is a counter that is wrong for one chunk.

use std::fs;
#[cfg(target_os = "linux")]
use std::io::{BufRead, BufReader};
use std::num::NonZero;

use std::ops::ControlFlow;
#[cfg(target_os = "linux")]
use std::process::Stdio;

use pi_mc::darts::contract;
use pi_mc::darts::tally::Part;
use pi_mc::engine::progress::Progress;
use pi_mc::engine::walk;
use pi_mc::kernel::Key;
use pi_mc::verify::{self, Check, Class};
use pi_mc::{Counter, Kernel, Plan, report};
use serde_json::Value;

#[cfg(target_os = "linux")]
use crate::program::command;
#[cfg(unix)]
use crate::program::shell;
use crate::program::{self, failure, json, new_file, stdout, usage_error};

const CHUNK: u64 = 201;

fn workers(n: usize) -> NonZero<usize> {
    NonZero::new(n).unwrap()
}

/// A counter that adds a hit in [`CHUNK`] when `when` is true.
fn faulty(when: impl Fn() -> bool + Send + Sync + 'static) -> Counter {
    let kernel = Kernel::detect();
    Counter::new("faulty", move |key, chunk, places| {
        let fault = chunk == CHUNK && when();
        kernel.count_chunk(key, chunk, places) + u32::from(fault)
    })
}

fn goes_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_known_answer_finds_a_fault() {
    let known = |counter: Counter, n| -> Check {
        let check = verify::known(Class::S, counter, workers(n), goes_on);
        check.unwrap().unwrap()
    };
    for n in [1, 2, 5] {
        for kernel in Kernel::available() {
            let check = known(kernel.into(), n);
            assert!(check.is_right());
            assert_eq!(check.counter, kernel.name());
        }
        let check = known(faulty(|| true), n);
        assert!(!check.is_right());
        assert_eq!(check.hits, 13_176_243);
    }
}

#[test]
fn a_burn_in_finds_a_faulty_kernel_and_names_it() {
    let seed = 7;
    let right = contract::count_chunk(seed, CHUNK, 0..65_536);
    for n in [1, 2, 3] {
        let counters = [Kernel::detect().into(), faulty(|| true)];
        let found = verify::burn_in(seed, &counters, workers(n), goes_on).unwrap();
        let mismatch = found.mismatch.unwrap();
        assert_eq!((mismatch.chunk, mismatch.reference), (CHUNK, right));
        assert!(found.chunks <= CHUNK);
        let [first, second] = &mismatch.counts;
        assert!(n == 1 || first.worker != second.worker);
        for counted in [first, second] {
            let fault = u32::from(counted.counter == "faulty");
            assert_eq!(counted.hits, right + fault);
        }
        assert_ne!(first.counter, second.counter);

        let message = mismatch.to_string();
        let kernel = format!("{} counted {right} hits", Kernel::detect().name());
        for part in [
            &format!("chunk {CHUNK} of seed {seed}: "),
            &kernel,
            &format!("faulty counted {} hits", right + 1),
            &format!("the reference counts {right}"),
        ] {
            assert!(message.contains(part), "{part}: {message}");
        }
        if cfg!(target_os = "linux") {
            assert_eq!(message.matches("CPU core").count(), 2, "{message}");
        }
    }
}

/// The reference, as the function on trial that it could be.
#[test]
fn the_reference_is_right() {
    let reference = Counter::new("reference", |key: &Key, chunk, places| {
        contract::count_chunk(key.seed(), chunk, places)
    });
    let watch = |_| ControlFlow::Continue(());
    let check = verify::known(Class::S, reference, workers(2), watch);
    assert!(check.unwrap().unwrap().is_right());
    assert_ne!(Key::new(1).words(), Key::new(2).words());
}

#[test]
fn a_burn_in_takes_two_counters() {
    let one = Counter::from(Kernel::detect());
    for counters in [&[][..], &[one]] {
        let found = verify::burn_in(7, counters, workers(2), |_| ControlFlow::Break(()));
        let error = found.unwrap_err().to_string();
        assert!(error.contains("two counters or more"), "{error}");
    }
}

#[test]
fn a_burn_in_finds_a_faulty_worker() {
    // A single kernel is enough, since two workers count each chunk.
    for n in [2, 3, 4] {
        for faulty_worker in 0..n {
            let name = format!("worker {faulty_worker}");
            let fault = faulty(move || std::thread::current().name() == Some(&name));
            // The first round may end without the faulty worker at this chunk, unless it is one of its two.
            let found = verify::burn_in(7, &[fault.clone(), fault], workers(n), |_| {
                ControlFlow::Break(())
            })
            .unwrap();
            let owner = (CHUNK / 64) as usize;
            let second = |worker| (worker + 1) % n == owner;
            if owner < n && (owner == faulty_worker || second(faulty_worker)) {
                let mismatch = found.mismatch.unwrap();
                assert!(
                    mismatch
                        .counts
                        .iter()
                        .any(|count| count.worker == faulty_worker)
                );
            } else {
                assert_eq!(found.mismatch, None, "{n} workers");
            }
        }
    }
}

#[test]
fn a_burn_in_counts_every_chunk_twice_until_it_is_told_to_stop() {
    let counted = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = |name: &'static str| {
        let counted = counted.clone();
        Counter::new(name, move |_, chunk, places| {
            assert_eq!(places, 0..65_536);
            counted.lock().unwrap().push((chunk, name));
            0
        })
    };
    let counters = [log("a"), log("b"), log("c")];
    let mut seen = 0;
    let rounds = std::cell::Cell::new(0);
    let watch = |progress: Progress| {
        seen = progress.done;
        if rounds.replace(rounds.get() + 1) == 4 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let found = verify::burn_in(7, &counters, workers(3), watch).unwrap();
    assert_eq!((found.chunks, found.mismatch), (5 * 3 * 64, None));
    assert_eq!(seen, found.chunks);
    drop(counters);
    let mut counted = counted.lock().unwrap().clone();
    counted.sort_unstable();
    let chunks: Vec<u64> = counted.iter().map(|(chunk, _)| *chunk).collect();
    let twice: Vec<u64> = (0..found.chunks).flat_map(|chunk| [chunk, chunk]).collect();
    assert_eq!(chunks, twice);
    assert!(
        counted.chunks(2).all(|pair| pair[0].1 != pair[1].1),
        "by two counters"
    );
}

#[test]
fn counting_again_finds_a_fault_in_its_part() {
    let plan = Plan::first(7, 20_000_000).unwrap();
    for number in 1..=4 {
        let shard = plan.shard(number, 4).unwrap();
        let hits = walk::count(&shard, Kernel::detect(), workers(1))
            .unwrap()
            .hits;
        let part = Part {
            first: shard.start(),
            sims: shard.sims(),
            hits,
        };
        let again = |counter: Counter| -> Check {
            let check = verify::recount(7, part, counter, workers(2), goes_on);
            check.unwrap().unwrap()
        };
        assert!(again(Kernel::detect().into()).is_right());
        let wrong = !again(faulty(|| true)).is_right();
        assert_eq!(wrong, shard.chunks().contains(&CHUNK), "shard {number}");
    }
}

#[test]
fn the_chance_to_miss_is_that_of_a_sample() {
    assert_eq!(verify::chance_missed(2, 8), 0.75);
    assert_eq!(verify::chance_missed(8, 8), 0.0);
    // A likely find is not reported as certain.
    let told = report::verify::sample("x", 2, 200_000);
    assert!(told.ends_with("a chance of 99.9 %\n"), "{told}");
}

#[test]
fn every_kernel_is_verified_in_a_line() {
    let out = stdout(&["verify", "--class", "S"]).replace("\n  ", " ");
    let lines: Vec<_> = out.lines().collect();
    assert!(
        lines[0].starts_with("class S: 16,777,216 darts of seed 271828183"),
        "{out}"
    );
    let kernels: Vec<_> = Kernel::available().map(Kernel::name).collect();
    assert_eq!(lines.len(), kernels.len() + 2);
    for (line, kernel) in lines[1..].iter().zip(kernels) {
        assert!(
            line.starts_with(kernel) && line.ends_with("  right"),
            "{line}"
        );
        assert!(
            line.contains(" 13,176,242 hits ") && line.contains(" darts/s"),
            "{line}"
        );
    }
    assert_eq!(lines.last(), Some(&"Verification: SUCCESSFUL"));
}

#[test]
fn a_burn_in_ends_in_time() {
    let out = stdout(&["verify", "--for", "50ms", "--seed", "5", "--workers", "3"]);
    // A line that is wider than a terminal goes on below.
    let out = out.replace("\n  ", " ");
    let (summary, verdict) = out.split_once('\n').unwrap();
    assert!(
        summary.contains(" chunks of seed 5 counted twice in "),
        "{out}"
    );
    assert!(summary.contains(", workers 3, by "), "{out}");
    assert_eq!(verdict, "Verification: SUCCESSFUL\n");
    // A note says that a single worker made both counts.
    let alone = stdout(&["verify", "--for", "50ms", "-w", "1"]).replace("\n  ", " ");
    let note = alone.lines().nth(1).unwrap();
    assert!(note.starts_with("One worker made both counts"), "{alone}");
    assert!(!out.contains("One worker"), "{out}");
}

#[cfg(unix)]
#[test]
fn a_burn_in_ends_by_a_signal() {
    let output = shell("pi-mc verify --for 1d & sleep 0.5; kill -TERM $!; wait $!");
    assert_eq!(output.status.code(), Some(143));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.ends_with("Verification: INTERRUPTED, no mismatch so far\n"),
        "{out}"
    );
}

/// The reader goes away after one line. Otherwise the count would take a minute, and the burn-in a day.
#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_goes_away_ends_the_count() {
    for args in [["verify", "--class", "C"], ["verify", "--for", "1d"]] {
        let mut child = command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        if args[1] == "--class" {
            reader.read_line(&mut String::new()).unwrap();
        }
        drop(reader);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn a_wrong_part_of_a_saved_result_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = Vec::new();
    for shard in ["1/4", "2/4", "3/4", "4/4"] {
        let mut part = json(&["-n", "1e6", "-s", "42", "--shard", shard]);
        if shard == "3/4" {
            // A result as a faulty machine would save it: consistent in itself.
            let hits = part["hits"].as_u64().unwrap() + 1;
            part["hits"] = hits.into();
            for follows in ["pi", "std_error", "ci95"] {
                part[follows] = Value::Null;
            }
        }
        parts.push(part.to_string());
    }
    let lines = folder.path().join("shards");
    fs::write(&lines, parts.join("\n")).unwrap();
    let lines = lines.to_str().unwrap();
    let whole = folder.path().join("whole");
    fs::write(&whole, stdout(&["merge", lines, "--format", "json"])).unwrap();
    let whole = whole.to_str().unwrap();
    let wrong: Value = serde_json::from_str(&parts[2]).unwrap();
    let part = Plan::first(42, 1_000_000).unwrap().shard(3, 4).unwrap();
    let (first, last) = (part.start(), part.end() - 1);

    // A file of shards, and a merged result.
    for args in [&["verify", lines][..], &["verify", "--all", whole]] {
        let output = program::run(args);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stderr, b"");
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(out.matches("right").count(), 3, "{out}");
        let line = out.lines().find(|line| line.contains("WRONG")).unwrap();
        assert!(
            line.contains(&format!(": darts {first} to {last}, ")),
            "{line}"
        );
        let digits = line.replace(',', "");
        let saved = wrong["hits"].as_u64().unwrap();
        assert!(digits.contains(&format!(" {} hits", saved - 1)), "{line}");
        assert!(
            line.contains("WRONG, not ") && digits.contains(&format!("not {saved} hits")),
            "{line}"
        );
        assert!(out.ends_with("Verification: FAILED\n"), "{out}");
        // By a different kernel than before, if the CPU has one.
        let again = Kernel::available().nth(1).unwrap_or(Kernel::detect());
        assert!(line.contains(again.name()), "{line}");
    }

    // The report names the machine of each wrong result, if it is known.
    let machine = &wrong["machine"];
    let name = |field: &str| machine[field].as_str().unwrap().to_owned();
    let said = |args: &[&str]| String::from_utf8(program::run(args).stdout).unwrap();
    let out = said(&["verify", lines]);
    let made = format!(":3: made on {}, ", name("cpu"));
    let line = out.lines().find(|line| line.contains(&made)).unwrap();
    for part in [
        format!(
            "kernel {}, {}, pi-mc {}",
            name("kernel"),
            name("os"),
            name("version")
        ),
        format!(", started {}", name("started")),
    ] {
        assert!(line.contains(&part), "{part}: {line}");
    }
    assert_eq!(
        out.matches("made on ").count(),
        1,
        "only of the wrong one: {out}"
    );
    let out = said(&["verify", "--all", whole]);
    let hint = "whole: does not say where it was made; the results that it was added up from may\n";
    assert!(out.contains(hint), "{out}");
    let mut unknown = wrong.clone();
    unknown.as_object_mut().unwrap().remove("machine");
    let file = folder.path().join("unknown");
    fs::write(&file, unknown.to_string()).unwrap();
    let out = said(&["verify", file.to_str().unwrap()]);
    assert!(
        out.contains("unknown: does not say where it was made\n"),
        "{out}"
    );

    // A sample reports its chance of finding the fault, and finds it that often.
    let mut found = 0;
    for _ in 0..40 {
        let output = program::run(&["verify", "--sample", "2", whole]);
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(out.contains("2 of 4 parts recounted"), "{out}");
        assert!(out.contains("a chance of 50.0 %"), "{out}");
        assert_eq!(output.status.success(), !out.contains("WRONG"));
        found += u32::from(!output.status.success());
    }
    // Binomial(40, 1/2) is outside these bounds once in 10^8.
    assert!((3..=37).contains(&found), "{found}");
}

#[test]
fn what_verify_cannot_do_is_said() {
    for (args, what) in [
        (&["verify", "--class", "Z"][..], "S, W, A, B, C"),
        (&["verify", "--for", "0s"], "--for"),
        (&["verify", "--for", "1s", "--class", "S"], "--class"),
        (&["verify", "--sample", "2"], "FILE"),
        (&["verify", "--sample", "0", "x"], "a whole number of parts"),
        (&["verify", "--all", "--sample", "2", "x"], "--all"),
        (&["verify", "x", "--class", "S"], "--class"),
        (&["verify", "--seed", "2"], "--for"),
    ] {
        let message = usage_error(args);
        assert!(message.contains(what), "{message}");
    }
    let message = failure(&["verify", "/no/such/file"]);
    assert!(message.contains("/no/such/file"), "{message}");

    // Some shards of a one-chunk run are empty.
    let (_folder, path, file) = new_file("empty.json");
    let empty = ["-n", "1", "-s", "1", "--shard", "1/2", "--format", "json"];
    fs::write(&path, stdout(&empty)).unwrap();
    let message = failure(&["verify", &file]);
    assert!(message.contains("no darts were counted"), "{message}");
    let some = ["-n", "1", "-s", "1", "--format", "json"];
    fs::write(&path, stdout(&empty) + &stdout(&some)).unwrap();
    let told = stdout(&["verify", &file]);
    assert!(told.contains("no darts, so nothing to recount"), "{told}");
    assert!(told.contains("all of it recounted"), "{told}");
}
