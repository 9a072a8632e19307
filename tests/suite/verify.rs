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
use pi_mc::engine::whole;
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
    // A single kernel is enough, since two workers count each chunk. The fault is in every share, so that the first
    // round finds it.
    for n in [2, 3, 4] {
        for faulty_worker in 0..n {
            let name = format!("worker {faulty_worker}");
            let kernel = Kernel::detect();
            let fault = Counter::new("faulty", move |key, chunk, places| {
                let is_wrong = chunk % 64 == 9 && std::thread::current().name() == Some(&name);
                kernel.count_chunk(key, chunk, places) + u32::from(is_wrong)
            });
            let first_round = |_| ControlFlow::Break(());
            let counters = [fault.clone(), fault];
            let found = verify::burn_in(7, &counters, workers(n), first_round).unwrap();
            let mismatch = found.mismatch.unwrap();
            let [one, other] = &mismatch.counts;
            assert_ne!(one.worker, other.worker);
            for counted in [one, other] {
                let fault = u32::from(counted.worker == faulty_worker);
                assert_eq!(
                    counted.hits,
                    mismatch.reference + fault,
                    "{n}: {mismatch:?}"
                );
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
        let hits = whole::count(&shard, Kernel::detect(), workers(1))
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
fn the_chance_to_miss_is_that_of_independent_samples() {
    let missed = report::verify::chance_missed;
    assert_eq!((missed(0.25, 1), missed(0.5, 2)), (0.75, 0.25));
    // Ateniese et al. round these to 300 and 460.
    assert!(missed(0.01, 298) > 0.05 && missed(0.01, 299) < 0.05);
    assert!(missed(0.01, 458) > 0.01 && missed(0.01, 459) < 0.01);
    assert!(missed(0.1, 28) > 0.05 && missed(0.1, 29) < 0.05);
    // A likely find is not reported as certain, nor a miss.
    for (samples, one, ten) in [
        (1, "99.0 %", "90.0 %"),
        (2, "98.0 %", "81.0 %"),
        (299, "4.9 %", "below 0.1 %"),
    ] {
        let told = report::verify::recounted((1, 10), (1000, 10_000), Some(samples));
        let chance = format!(
            "A forged 1 % of the darts would be missed with a chance of {one}, a forged 10 % with {ten}\n"
        );
        assert!(told.ends_with(&chance), "{told}");
        assert!(
            told.starts_with("10 of 10,000 darts recounted, in 1 of 1,000 parts, drawn by "),
            "{told}"
        );
    }
    for samples in [None, Some(5)] {
        let told = report::verify::recounted((2, 1 << 70), (2, 1 << 70), samples);
        assert_eq!(told, "All of it recounted: 1180592 P darts in 2 parts\n");
    }
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
    for args in [&["verify", "--all", lines][..], &["verify", "--all", whole]] {
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
    let out = said(&["verify", "--all", lines]);
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

    // The merged result says which result each part came from.
    let named: Value = serde_json::from_str(&fs::read_to_string(whole).unwrap()).unwrap();
    assert_eq!(named["parts"][2]["from"], format!("{lines}:3"));
    let out = said(&["verify", "--all", whole]);
    assert!(
        out.contains(&format!("whole, from {lines}:3: darts {first} ")),
        "{out}"
    );
    // Also once it is merged again.
    let again = folder.path().join("again");
    fs::write(&again, stdout(&["merge", whole, "--format", "json"])).unwrap();
    let again: Value = serde_json::from_str(&fs::read_to_string(again).unwrap()).unwrap();
    assert_eq!(again["parts"], named["parts"]);

    // Samples report their chance of finding the fault, and find it that often. The wrong part has some quarter of
    // the darts.
    let mut found = 0;
    for _ in 0..40 {
        let output = program::run(&["verify", "--sample", "2", whole]);
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(out.contains(" of 4 parts, drawn by 2 samples\n"), "{out}");
        assert!(
            out.contains("a chance of 98.0 %, a forged 10 % with 81.0 %\n"),
            "{out}"
        );
        assert_eq!(output.status.success(), !out.contains("WRONG"));
        found += u32::from(!output.status.success());
    }
    // Binomial(40, 7/16) is outside these bounds once in 10^6.
    assert!((4..=34).contains(&found), "{found}");
}

/// A saved result of these parts, with one hit too many in the part `forged`.
fn in_parts(cuts: &[u64], forged: usize) -> String {
    let parts = cuts.array_windows().enumerate().map(|(i, [first, end])| {
        let plan = Plan::new(42, *first..*end).unwrap();
        let hits = whole::count(&plan, Kernel::detect(), workers(1))
            .unwrap()
            .hits;
        let hits = hits + u64::from(i == forged);
        serde_json::json!({"first": first, "sims": end - first, "hits": hits})
    });
    let parts: Vec<Value> = parts.collect();
    let sum = |field: &str| {
        parts
            .iter()
            .map(|part| part[field].as_u64().unwrap())
            .sum::<u64>()
    };
    let (sims, hits) = (sum("sims"), sum("hits"));
    serde_json::json!({
        "contract": 1, "method": "darts", "seed": 42, "first": cuts[0], "sims": sims, "hits": hits, "parts": parts,
    })
    .to_string()
}

/// The sender cuts the parts, so samples are drawn by darts, and over all files together.
#[test]
fn a_large_part_cannot_hide_among_small_ones() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // 200 parts of 10 darts, and one of 20 million, which has all but one dart in 10,000.
    let mut cuts: Vec<u64> = (0..=200).map(|i| i * 10).collect();
    cuts.push(20_000_000);
    let one_file = write("one", in_parts(&cuts, 200));
    let small: Vec<String> = (0..200).map(|i| in_parts(&cuts[i..=i + 1], 1)).collect();
    let small = write("small", small.join("\n"));
    let large = write("large", in_parts(&cuts[200..], 0));
    for files in [&[&one_file][..], &[&small, &large]] {
        let mut args = vec!["verify", "--sample", "1"];
        args.extend(files.iter().map(|file| file.as_str()));
        let runs = (0..3).map(|_| program::run(&args));
        let found = runs.filter(|run| run.status.code() == Some(1)).count();
        // Two misses of three happen once in 3 * 10^7.
        assert!(found >= 2, "{found} of 3");
    }
}

/// Results of the same darts are evidence if they agree, and one is wrong if they do not.
#[test]
fn results_of_the_same_darts_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let count = |more: &[&str]| {
        let run = ["-n", "1e6", "-s", "42", "--format", "json"];
        stdout(&[&run[..], more].concat())
    };
    let one = write("one", &count(&["-w", "1"]));
    let other = write("other", &count(&["--parts", "4", "-w", "1"]));
    let copy = write("copy", &fs::read_to_string(&one).unwrap());
    let agreed = stdout(&["verify", &one, &other]);
    let line = format!(
        "{one} and {other}: the same hits among the same 1,000,000 darts of seed 42; if counted apart, they confirm \
         each other\n"
    );
    assert!(agreed.starts_with(&line), "{agreed}");
    assert!(agreed.ends_with("\nVerification: SUCCESSFUL\n"), "{agreed}");
    let copied = stdout(&["verify", &one, &copy]);
    assert!(
        copied.starts_with(&format!("{one} and {copy}: copies of one result, ")),
        "{copied}"
    );
    // A single part in common, or nothing.
    let part = write("part", &count(&["--shard", "2/4"]));
    let some = stdout(&["verify", &other, &part]);
    assert!(some.contains("among the same 262,144 darts"), "{some}");
    assert!(!stdout(&["verify", &one, &part]).contains("same"));

    let forged = write("forged", &in_parts(&[0, 1_000_000], 0));
    let large = write(
        "large",
        &stdout(&["-n", "4e7", "-s", "1", "--format", "json"]),
    );
    let output = program::run(&["verify", "--sample", "1", &one, &forged, &large]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let differ =
        "darts 0 to 999999 were counted by each, but their hits differ: 785,725 and 785,726\n";
    assert!(said.contains(differ), "{said}");
    // The recount says which one is wrong, whatever the samples are.
    assert!(said.contains("WRONG, not 785,726 hits"), "{said}");

    let message = failure(&["merge", &one, &other]);
    assert!(message.contains("overlap"), "{message}");
}

/// The hits of ranges are those of the whole, in a finished run, a shard, a resumed one and one that was cut short.
#[test]
fn a_run_lists_its_hits_by_parts() {
    let (_folder, path, checkpoint) = new_file("run.json");
    let json = |args: &[&str]| json(&[&["-s", "42"], args].concat());
    let ends = |record: &Value| -> Vec<u64> {
        let parts = record["parts"].as_array().unwrap();
        let mut end = record["first"].as_u64().unwrap();
        let mut hits = 0;
        for part in parts {
            assert_eq!(part["first"], end);
            assert_eq!(part.get("from"), None);
            let sims = part["sims"].as_u64().unwrap();
            let plan = Plan::new(42, end..end + sims).unwrap();
            assert_eq!(
                part["hits"],
                whole::count(&plan, Kernel::detect(), workers(1))
                    .unwrap()
                    .hits
            );
            end += sims;
            hits += part["hits"].as_u64().unwrap();
        }
        assert_eq!(record["hits"], hits);
        parts
            .iter()
            .map(|part| part["first"].as_u64().unwrap() / 65_536)
            .collect()
    };
    let million = json(&["-n", "1e6", "--parts", "4"]);
    assert_eq!(ends(&million), [0, 4, 8, 12]);
    assert_eq!(million["hits"], 785_725);
    // At most as many as there are chunks, and one at least.
    assert_eq!(ends(&json(&["-n", "1e6", "--parts", "1000"])).len(), 16);
    assert_eq!(ends(&json(&["-n", "1e6", "--parts", "1"])), [0]);
    assert_eq!(ends(&json(&["-n", "1", "--parts", "3"])), [0]);
    assert_eq!(
        ends(&json(&["-n", "1e6", "--shard", "2/2", "--parts", "2"])),
        [8, 12]
    );
    assert_eq!(
        json(&["-n", "1", "--shard", "1/2", "--parts", "2"]).get("parts"),
        None
    );

    // Stopped by its error after some 30 million darts, then resumed: the parts are those of a run in one go.
    let cut_short = json(&[
        "-n",
        "1e8",
        "--parts",
        "50",
        "--checkpoint",
        &checkpoint,
        "--target-error",
        "3e-4",
    ]);
    let passed = ends(&cut_short).len();
    assert!((10..40).contains(&passed), "{passed}");
    let resumed = json(&["-n", "1e8", "--checkpoint", &checkpoint]);
    let whole = json(&["-n", "1e8", "--parts", "50"]);
    assert_eq!(resumed["parts"], whole["parts"]);
    assert_eq!(ends(&resumed).len(), 50);
    let saved: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        (&saved["parts"], &saved["goal"]["parts"]),
        (&resumed["parts"], &50.into())
    );

    for (args, what) in [
        (
            &["--parts", "0"][..],
            "a whole number of parts from 1 to 1000",
        ),
        (
            &["--parts", "1001"],
            "a whole number of parts from 1 to 1000",
        ),
        (
            &["--parts", "4", "--time-limit", "1s"],
            "name one with '-n'",
        ),
        (
            &["--parts", "4", "--method", "lazy"],
            "'--parts' is for darts that are thrown",
        ),
        (&["--parts", "4", "--mpi"], "--mpi"),
    ] {
        let message = usage_error(args);
        assert!(message.contains(what), "{message}");
    }
}

/// 10^13 darts take minutes on any machine. The recount is stopped once it has said so.
#[cfg(target_os = "linux")]
#[test]
fn a_long_recount_says_so_first() {
    let (_folder, path, file) = new_file("long");
    let record = r#"{"contract":1,"method":"darts","seed":42,"first":0,"sims":10000000000000,"hits":7853981633974}"#;
    fs::write(&path, record).unwrap();
    let mut command = command(&["verify", &file]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stderr = child.stderr.take().unwrap();
    let (said, line) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        BufReader::new(stderr).read_line(&mut line).unwrap();
        said.send(line)
    });
    let line = line.recv_timeout(std::time::Duration::from_secs(60));
    program::signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let line = line.unwrap();
    assert!(
        line.starts_with("pi-mc: recounting 10.0 T darts will take about "),
        "{line}"
    );
    assert!(
        line.ends_with("; a smaller '--sample' takes less\n"),
        "{line}"
    );
}

#[test]
fn what_verify_cannot_do_is_said() {
    for (args, what) in [
        (&["verify", "--class", "Z"][..], "S, W, A, B, C"),
        (&["verify", "--for", "0s"], "--for"),
        (&["verify", "--for", "1s", "--class", "S"], "--class"),
        (&["verify", "--sample", "2"], "FILE"),
        (
            &["verify", "--sample", "0", "x"],
            "a whole number of samples",
        ),
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
    assert!(
        told.contains("All of it recounted: 1 dart in 1 part\n"),
        "{told}"
    );
}
