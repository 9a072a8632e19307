//! Many machines: shards, merges, averages, and results that do not add up.

use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::process::Stdio;

use pi_mc::engine::whole;
use pi_mc::result::record::Method;
use pi_mc::result::{Average, MergeError};
use pi_mc::{Kernel, Plan, Record, Tally};
use serde_json::Value;

use crate::contract::MILLION_HITS;
use crate::program::{command, failure, hits, json, new_file, one_line, stdout, usage_error};

#[test]
fn shards_are_cut_at_chunks_and_are_the_whole() {
    for (first, sims, of) in [
        (0, 1, 3),
        (0, 65_537, 3),
        (1_000, 10_000_000, 7),
        (65_535, 2, 2),
        (0, 1_000_000, 64),
        (0, 655_360, 4),
        (0, u64::MAX, 1_000_000),
        (u64::MAX - 9, 9, 2),
        (0, u64::MAX, u64::MAX),
    ] {
        let plan = Plan::new(7, first..first + sims).unwrap();
        let chunks = plan.chunks();
        let least = (chunks.end - chunks.start) / of;
        // The first, the last and one between are enough of many shards.
        let numbers = (1..=of.min(100)).chain([of / 2 + 1, of]);
        for number in numbers {
            let shard = plan.shard(number, of).unwrap();
            let after = if number == of {
                first + sims
            } else {
                plan.shard(number + 1, of).unwrap().start()
            };
            assert_eq!(shard.end(), after, "{number}/{of}");
            let own = shard.chunks();
            let own = own.end - own.start;
            assert!(
                own == least || own == least + 1,
                "{number}/{of}: {own} chunks"
            );
        }
        assert_eq!(plan.shard(1, of).unwrap().start(), first);
        // Threads cut their shares the same way, without the empty ones.
        if of <= 100 {
            let shares: Vec<_> = plan.shares(NonZero::new(of as usize).unwrap()).collect();
            let n = of.min(chunks.end - chunks.start);
            let darts = |part: Plan| part.start()..part.end();
            let shards = (1..=n).map(|i| darts(plan.shard(i, n).unwrap()));
            assert!(shares.into_iter().map(darts).eq(shards));
        }
        for number in [0, of.wrapping_add(1)] {
            assert!(plan.shard(number, of).is_err(), "{number}/{of}");
        }
    }
}

#[test]
fn no_darts_are_a_count_too() {
    let nothing = Plan::first(1, 5).unwrap().shard(1, 2).unwrap();
    let counted = whole::count(&nothing, Kernel::detect(), NonZero::new(3).unwrap());
    assert_eq!(counted.unwrap(), Tally::default());
}

#[test]
fn a_job_array_tells_the_shard_and_the_result_says_so() {
    let in_job = |index: &str, total: Option<&str>| {
        let mut command = command(&[
            "-n", "1e6", "-s", "42", "--shard", "env", "--format", "json",
        ]);
        command.env("JOB_COMPLETION_INDEX", index);
        total.map(|total| command.env("JOB_COMPLETIONS", total));
        command.output().unwrap()
    };
    let lines = ["0", "1", "2"].map(|index| in_job(index, Some("3")).stdout);
    let second: Value = serde_json::from_slice(&lines[1]).unwrap();
    assert_eq!(
        second["shard_from"],
        "JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=3"
    );
    assert_eq!(
        second["first"],
        json(&["-n", "1e6", "-s", "42", "--shard", "2/3"])["first"]
    );

    let (_folder, path, file) = new_file("parts");
    fs::write(&path, lines.concat()).unwrap();
    let merged = json(&["merge", &file]);
    assert_eq!(merged["hits"], hits(42, 1_000_000));
    assert_eq!(merged["shard_from"], Value::Null);

    let refused = in_job("1", None);
    assert_eq!(refused.status.code(), Some(2));
    let message = one_line(refused.stderr);
    assert!(
        message.contains("set it to the number of parts"),
        "{message}"
    );
}

/// All shards as saved results.
fn shards(args: &[&str], of: u32) -> Vec<String> {
    let shard = |number| format!("{number}/{of}");
    (1..=of)
        .map(|number| stdout(&[args, &["--format", "json", "--shard", &shard(number)]].concat()))
        .collect()
}

/// The JSON of `pi-mc merge -` with these lines on stdin.
fn merged(lines: &[String], extra: &[&str]) -> Value {
    let mut child = command(&[&["merge", "-", "--format", "json"], extra].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.concat().as_bytes()).unwrap();
    drop(stdin);
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn shards_in_any_order_add_up_to_one_run() {
    let args = ["-n", "1e6", "-s", "42"];
    let whole = json(&args);
    // The last case has more shards than chunks.
    for of in [1, 2, 7, 64] {
        let mut lines = shards(&args, of);
        lines.reverse();
        lines.swap(0, of as usize / 2);
        let sum = merged(&lines, &[]);
        for field in [
            "format",
            "contract",
            "method",
            "seed",
            "first",
            "sims",
            "hits",
            "pi",
            "std_error",
            "ci95",
        ] {
            assert_eq!(sum[field], whole[field], "{field} of {of}");
        }
        assert!(
            sum.get("partial").is_none() && sum.get("total").is_none(),
            "{sum}"
        );
        let parts = sum["parts"].as_array().unwrap();
        assert_eq!(parts.len() as u32, of.min(16));
        let own: Value = serde_json::from_str(&lines[0]).unwrap();
        for field in ["first", "sims", "hits"] {
            let found = parts.iter().any(|part| part[field] == own[field]);
            assert!(found || own["sims"] == 0, "{field} of {own}");
        }
    }
    let [third] = [json(&[&args[..], &["--shard", "3/7"]].concat())];
    let plan = Plan::first(42, 1_000_000).unwrap().shard(3, 7).unwrap();
    assert_eq!(third["first"], plan.start());
    assert_eq!(third["sims"], plan.sims());
    assert_eq!(third["total"], 1_000_000);
}

/// A sum has no machine and no elapsed time.
#[test]
fn processor_time_adds_up_if_all_of_it_is_known() {
    let lines = shards(&["-n", "1e6", "-s", "42"], 3);
    let parts = lines.iter().zip([0.25, 0.5, 1.0]).map(|(line, cpu_s)| {
        let mut part: Value = serde_json::from_str(line).unwrap();
        assert!(part["machine"]["cpu"].is_string(), "{part}");
        part["cpu_s"] = cpu_s.into();
        part
    });
    let mut parts: Vec<Value> = parts.collect();
    let texts =
        |parts: &[Value]| -> Vec<String> { parts.iter().map(|part| format!("{part}\n")).collect() };
    let sum = merged(&texts(&parts), &[]);
    assert_eq!(sum["cpu_s"], 1.75);
    for field in ["machine", "elapsed_s", "sims_per_s", "kernel", "workers"] {
        assert_eq!(sum.get(field), Some(&Value::Null), "{field}");
    }
    // The sum of a sum and a shard.
    let half = merged(&texts(&parts[..2]), &["--partial"]);
    let sum = merged(
        &[texts(&parts[2..]), vec![format!("{half}\n")]].concat(),
        &[],
    );
    assert_eq!(sum["cpu_s"], 1.75);

    parts[1].as_object_mut().unwrap().remove("cpu_s");
    let sum = merged(&texts(&parts), &[]);
    assert_eq!(sum.get("cpu_s"), Some(&Value::Null));
}

/// Results saved before they had processor time or a machine.
#[test]
fn results_of_earlier_versions_are_results() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/records");
    for name in ["run", "shard", "merged", "checkpoint", "empty"] {
        let path = format!("{folder}/{name}.json");
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("cpu_s") && !text.contains("machine"),
            "{name}"
        );
        let record = Record::read(&text).unwrap();
        assert_eq!((record.cpu_s, record.machine), (None, None));
        if name != "empty" {
            let verified = stdout(&["verify", "--all", &path]);
            assert!(
                verified.ends_with("Verification: SUCCESSFUL\n"),
                "{verified}"
            );
            let sum = json(&["merge", "--partial", &path]);
            assert_eq!(sum["hits"], record.hits, "{name}");
        }
    }
}

#[test]
fn merged_results_are_results() {
    let lines = shards(&["-n", "1e6", "-s", "42"], 4);
    // First halves, each incomplete, then their sum.
    let halves = [&lines[..2], &lines[2..]].map(|half| merged(half, &["--partial"]));
    assert_eq!(halves[0]["partial"], true);
    assert_eq!(halves[0]["total"], 1_000_000);
    let whole = merged(&halves.map(|half| format!("{half}\n")), &[]);
    assert_eq!(whole["hits"], MILLION_HITS);
    assert_eq!(whole["parts"].as_array().unwrap().len(), 4);
    assert!(whole.get("partial").is_none());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("whole.json");
    fs::write(&file, whole.to_string()).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(stdout(&["merge", "-q", file]), "3.1429\n");
    let text = stdout(&["merge", file]);
    assert!(text.contains("\nparts           4\n"), "{text}");
    assert!(
        !text.contains("workers") && !text.contains("PARTIAL"),
        "{text}"
    );
    let csv = stdout(&["merge", file, "--format", "csv"]);
    let row = csv.lines().nth(1).unwrap();
    assert!(
        row.starts_with("1,darts,42,0,1000000,785725,3.1429,") && row.ends_with(",,,false"),
        "{csv}"
    );
}

#[test]
fn what_does_not_add_up_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, line: &str| {
        let path = folder.path().join(name);
        fs::write(&path, line).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let line = |args: &str| {
        let args: Vec<_> = args.split(' ').chain(["--format", "json"]).collect();
        stdout(&args)
    };
    let a = file("a", &line("-n 1e6 -s 42 --shard 1/3"));
    let b = file("b", &line("-n 1e6 -s 42 --shard 2/3"));
    let c = file("c", &line("-n 1e6 -s 42 --shard 3/3"));
    let seed = file("seed", &line("-n 1e6 -s 43 --shard 2/3"));
    let other = file("other", &line("-n 2e6 -s 42 --shard 2/3"));
    let half = file("half", &line("-n 1e6 -s 42 --shard 1/2"));
    let long = file("long", &line("-n 2e6 -s 42"));
    let lazy = file("lazy", &line("-n 1e6 -s 42 --method lazy"));
    let text = line("-n 1e6 -s 42 --shard 2/3");
    let future = file("future", &text.replace("\"contract\":1", "\"contract\":9"));
    let edited = file("edited", &text.replace("257188", "257189"));
    let two = file("two", &format!("{text}\n{}", &text[..50]));
    let empty = file("empty", "\n");
    let none = file("none", &line("-n 1 --shard 1/2 -s 42"));
    let name = |path: &str| path.to_owned();
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();

    for (files, parts) in [
        // A gap in the middle, at the start, and at the end.
        (
            vec![&a, &c],
            vec!["missing: darts 327680 to 655359 (shard 2 of 3); run".into()],
        ),
        (
            vec![&b, &c],
            vec!["missing: darts 0 to 327679 (shard 1 of 3); run".into()],
        ),
        (
            vec![&b, &a],
            vec!["missing: darts 655360 to 999999 (shard 3 of 3); run".into()],
        ),
        // The same shard twice, and two that overlap.
        (
            vec![&a, &b, &a, &c],
            vec![name(&a), "(darts 0 to 327679)".into(), "overlap".into()],
        ),
        (
            vec![&half, &b, &c],
            vec![
                format!("{half} (darts 0 to 524287)"),
                format!("{b} (darts 327680 to 655359)"),
                "overlap".into(),
            ],
        ),
        // A different seed, total, contract, method.
        (
            vec![&a, &seed],
            vec![format!("{a} is of seed 42"), format!("{seed} of seed 43")],
        ),
        (
            vec![&a, &other],
            vec![
                format!("{a} is part of 1000000"),
                format!("{other} of 2000000"),
            ],
        ),
        (
            vec![&a, &b, &future],
            vec![name(&future), "contract 9".into()],
        ),
        (vec![&lazy], vec![name(&lazy), "method 'lazy'".into()]),
        (vec![&a, &long], vec!["overlap".into()]),
        // Not a result.
        (
            vec![&a, &edited],
            vec![name(&edited), "follows from its hits".into()],
        ),
        (
            vec![&a, &two],
            vec![name(&two), "line 3".into(), "not a saved result".into()],
        ),
        (
            vec![&a, &empty],
            vec![name(&empty), "no saved result".into()],
        ),
        (
            vec![&a, &missing],
            vec![name(&missing), "(os error 2)".into()],
        ),
        (vec![&none], vec!["nothing to merge".into()]),
    ] {
        let mut args = vec!["merge"];
        args.extend(files.iter().map(|file| file.as_str()));
        let message = failure(&args);
        for part in parts {
            assert!(message.contains(&part), "{files:?} {part}: {message}");
        }
    }

    // A run that was interrupted before its target error has no total, and is not complete.
    let open =
        r#"{"contract":1,"method":"darts","seed":1,"first":0,"sims":10,"hits":8,"partial":true}"#;
    let file = folder.path().join("open.json");
    fs::write(&file, open).unwrap();
    let result = json(&["merge", file.to_str().unwrap()]);
    assert_eq!(
        (&result["partial"], &result["sims"]),
        (&true.into(), &10.into())
    );

    // A file name may contain a newline; the message is still one line.
    let message = failure(&["merge", "no such\n\u{1b}[31mfile"]);
    assert!(message.contains(r"no such\n\u{1b}[31mfile"), "{message}");

    // `--partial` allows gaps, and only gaps, and the result says so.
    let result = json(&["merge", "--partial", &c, &a]);
    assert_eq!(
        (&result["partial"], &result["total"]),
        (&true.into(), &1_000_000.into())
    );
    assert_eq!(result["sims"], 1_000_000 - 327_680);
    let text = stdout(&["merge", "--partial", &c, &a]);
    assert!(
        text.contains("PARTIAL         672,320 darts of 1,000,000\n"),
        "{text}"
    );
    assert!(failure(&["merge", "--partial", &a, &a]).contains("overlap"));
    assert!(failure(&["merge", "--partial", &a, &seed]).contains("seed"));
    assert!(usage_error(&["merge"]).contains("<FILE>"));
}

/// Layouts of jq and editors: over several lines, in an array, with other spaces.
#[test]
fn reformatted_results_are_results() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let lines = shards(&["-n", "1e6", "-s", "42"], 3);
    let values: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let pretty: Vec<_> = values.iter().map(|value| format!("{value:#}\n")).collect();
    for (name, text) in [
        ("lines", lines.concat()),
        ("pretty", pretty.concat()),
        ("array", Value::from(values.clone()).to_string()),
        ("pretty-array", format!("{:#}", Value::from(values.clone()))),
        (
            "mixed",
            format!("{}[{},\n{}]", lines[0], values[1], pretty[2]),
        ),
    ] {
        let file = file(name, &text);
        assert_eq!(stdout(&["merge", "-q", &file]), "3.1429\n", "{name}");
        let verified = stdout(&["verify", "--all", &file]);
        assert_eq!(verified.matches(" right\n").count(), 3, "{verified}");
    }
    let pair = file("pair", &format!("{}{}", pretty[0], pretty[2]));
    let second = pretty[0].lines().count() + 1;
    let gap = "missing: darts 327680 to 655359 (shard 2 of 3);";
    let message = failure(&["merge", &pair]);
    assert!(message.contains(gap), "{message}");

    let wrong = file("wrong", &pretty.concat().replace("257188", "327681"));
    let message = failure(&["merge", &wrong]);
    let place = format!("could not read '{wrong}': line {second}: 327681 hits among 327680 darts");
    assert!(message.contains(&place), "{message}");

    // This also holds for a checkpoint.
    let checkpoint = file("checkpoint", &format!("[\n{}]", pretty[0]));
    let args = ["-n", "1e6", "-s", "42", "--checkpoint", &checkpoint];
    assert_eq!(json(&args)["hits"], MILLION_HITS);
}

#[test]
fn a_saved_result_that_cannot_be_is_refused() {
    let line = |fields: &str| format!(r#"{{"contract":1,"method":"darts","seed":1,{fields}}}"#);
    assert!(Record::read(&line(r#""first":0,"sims":10,"hits":10"#)).is_ok());
    for (fields, what) in [
        (r#""first":0,"sims":10,"hits":11"#, "11 hits among 10 darts"),
        (
            r#""first":0,"sims":10,"hits":8,"total":9"#,
            "it ends at dart 10, but its whole has only 9",
        ),
        (
            r#""first":18446744073709551615,"sims":2,"hits":1"#,
            "beyond dart 2^64",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"pi":3.1"#,
            "pi is 3.1, but 3.2 follows",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"std_error":1e-30"#,
            "std_error is 1e-30, but 0.505",
        ),
        (
            r#""first":0,"sims":10,"hits":10,"std_error":0"#,
            "std_error is 0.0, but nothing follows",
        ),
        (r#""first":0,"sims":10,"hits":8,"ci95":[3,9]"#, "ci95 is 3"),
        (
            r#""first":0,"sims":10,"hits":8,"elapsed_s":2,"sims_per_s":1e30"#,
            "sims_per_s is 1e30, but 5.0 follows",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"sims_per_s":5"#,
            "sims_per_s is 5.0, but nothing follows",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"elapsed_s":-5"#,
            "'elapsed_s' is -5.0",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"parts":[]"#,
            "do not add up",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"parts":[{"first":0,"sims":10,"hits":7}]"#,
            "do not add up",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"parts":[{"first":1,"sims":10,"hits":8}]"#,
            "do not add up",
        ),
        (
            r#""first":0,"sims":4,"hits":4,"parts":[{"first":0,"sims":2,"hits":2},{"first":1,"sims":2,"hits":2}]"#,
            "overlap",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"of":20"#,
            "field 'of' is called 'total' now",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"surprise":1,"format":2"#,
            "format 2, but this pi-mc reads format 1",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"target_error":-1}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"shard":[3,2]}"#,
            "its shard or range: shard 3/2",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"total":1000000,"shard":[2,3]"#,
            "outside its shard or range, darts 327680 to 655359",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"range":[0,9]"#,
            "outside its shard or range, darts 0 to 8",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"range":[9,0]"#,
            "its shard or range",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"sims":0}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"marks":[[1,2]]}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"marks":[[1,1],[2,2],[5,1]]}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"marks":[[1,1],[2,2],[5,5],[10,9]]}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"marks":[[3,1]]}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"marks":[[1,1],[5,5],[10,8]]}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"goal":{"marks":[[20,8]]}"#,
            "'goal'",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"cpu_s":-0.5"#,
            "'cpu_s' is -0.5",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"cpu_s":1e300"#,
            "'cpu_s' is 1",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"machine":{"cpu":"x","cores":0,"kernel":"k","os":"o","version":"1"}"#,
            "'machine' is not a machine",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"machine":{"cpu":"x\u001b[2J","cores":1,"kernel":"k","os":"o","version":"1"}"#,
            "'machine' is not a machine",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"machine":{"cpu":"x","cores":1,"kernel":"k","os":"o","version":"1","started":"noon"}"#,
            "'machine' is not a machine",
        ),
        (
            r#""first":0,"sims":10,"hits":8,"machine":{"cores":1}"#,
            "missing field",
        ),
        (r#""first":0,"sims":10"#, "missing field"),
        (r#""first":0.5,"sims":10,"hits":8"#, "not a saved result"),
    ] {
        let message = Record::read(&line(fields)).unwrap_err().to_string();
        assert!(message.contains(what), "{fields}: {message}");
    }
    // A field that changes no sum is ignored, and a file from before there were versions is read.
    for fields in [
        r#""first":0,"sims":10,"hits":8,"surprise":1,"format":1"#,
        r#""first":0,"sims":10,"hits":8"#,
    ] {
        assert_eq!(Record::read(&line(fields)).unwrap().format, 1, "{fields}");
    }
    let none: [(&str, &Record); 0] = [];
    assert!(pi_mc::result::merge_partial(none).is_err());
}

/// Editors and spreadsheets on Windows write marks and UTF-16, and clusters compress.
#[test]
fn files_in_other_clothes_are_read_or_named() {
    let (_folder, path, file) = new_file("result.json");
    let args = ["-n", "1e6", "-s", "42", "--format", "json"];
    let line = stdout(&args);
    let marked = format!("\u{feff}{line}");
    for content in [
        marked.clone(),
        stdout(&["-n", "2", "-s", "7", "--format", "json"]) + &marked,
    ] {
        fs::write(&path, content).unwrap();
        assert!(stdout(&["merge", "--average", &file, "-q"]).starts_with("3."));
    }
    fs::write(&path, &marked).unwrap();
    stdout(&["verify", &file]);
    stdout(&["--checkpoint", &file]);
    let utf_16 = |to_bytes: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    };
    for (content, what) in [
        (
            utf_16(u16::to_le_bytes, &marked),
            "not JSON, but UTF-16; save it as UTF-8",
        ),
        (utf_16(u16::to_be_bytes, &marked), "UTF-16"),
        (utf_16(u16::to_le_bytes, &line), "UTF-16"),
        (utf_16(u16::to_be_bytes, &line), "UTF-16"),
        (
            b"\x1f\x8b\x08\0".to_vec(),
            "not JSON, but gzip; decompress it",
        ),
        (b"\x28\xb5\x2f\xfd".to_vec(), "zstd; decompress it"),
        (b"\xfd7zXZ\0".to_vec(), "xz; decompress it"),
        (b"BZh9".to_vec(), "bzip2; decompress it"),
        (b"PK\x03\x04".to_vec(), "zip; unpack it"),
    ] {
        fs::write(&path, content).unwrap();
        for args in [
            &["merge", &file][..],
            &["verify", &file],
            &["--checkpoint", &file],
            &["compare", "--from", &file],
        ] {
            let message = failure(args);
            assert!(message.contains(what), "{args:?}: {message}");
        }
    }
}

/// The number of all darts says where a shard begins, so it stays; a limit may change.
#[test]
fn a_checkpoint_of_a_shard_keeps_its_whole() {
    let (_folder, path, file) = new_file("shard.json");
    let shard = [
        "-n",
        "1e6",
        "-s",
        "42",
        "--shard",
        "2/4",
        "--checkpoint",
        &file,
    ];
    let before = stdout(&[&shard[..], &["-q"]].concat());
    let content = fs::read_to_string(&path).unwrap();
    for shard in [&[][..], &["--shard", "2/4"]] {
        let again = [
            &["--checkpoint", &file, "--target-error", "1e-9", "-q"][..],
            shard,
        ]
        .concat();
        assert_eq!(stdout(&again), before, "{shard:?}");
        let other = [&["-n", "2e6", "--checkpoint", &file][..], shard].concat();
        let message = failure(&other);
        assert!(
            message.contains("a shard of 1000000 darts, not of '-n 2000000'"),
            "{message}"
        );
        fs::write(&path, &content).unwrap();
    }
    let message = failure(&["-n", "1e6", "--shard", "3/4", "--checkpoint", &file]);
    assert!(message.contains("use the same shard"), "{message}");
}

/// Each is consistent in itself: only its hits give it away.
#[test]
fn hits_that_no_count_gives_are_refused_by_name() {
    let (_folder, path, file) = new_file("forged.json");
    let good = stdout(&["-n", "1e6", "-s", "7", "--shard", "1/2", "--format", "json"]);
    let part = |first: u64, hits: u64| {
        format!(
            r#"{{"contract":1,"method":"darts","seed":7,"first":{first},"sims":1000000,"hits":{hits}}}"#
        )
    };
    let merged = r#"{"contract":1,"method":"darts","seed":7,"first":0,"sims":2000000,"hits":1570000,"parts":[{"first":0,"sims":1000000,"hits":780000},{"first":1000000,"sims":1000000,"hits":790000}]}"#;
    for (content, what) in [
        (
            part(0, 885_398),
            "885398 hits among 1000000 darts from dart 0 on are 244 standard deviations off",
        ),
        (part(0, 0), "0 hits among 1000000 darts from dart 0 on"),
        // The two parts make up for each other.
        (
            merged.to_owned(),
            "780000 hits among 1000000 darts from dart 0 on are 13 standard deviations off",
        ),
    ] {
        fs::write(&path, format!("\n{content}\n")).unwrap();
        for args in [
            &["merge", &file][..],
            &["merge", "--partial", &file],
            &["merge", "--average", &file],
            &["verify", &file],
            &["--checkpoint", &file],
        ] {
            let message = failure(args);
            assert!(
                message.contains(what) && message.contains(&file),
                "{args:?}: {message}"
            );
        }
    }
    // A little off is a matter of chance, but not if all parts are.
    let nine = |first: u64| part(first * 1_000_000, 785_398 + 9 * 410);
    fs::write(&path, nine(0)).unwrap();
    stdout(&["merge", &file]);
    fs::write(&path, [nine(0), nine(1)].join("\n")).unwrap();
    let message = failure(&["merge", &file]);
    assert!(
        message.contains("the sum: 1578176 hits among 2000000 darts"),
        "{message}"
    );
    // The same of the marks of a checkpoint, which are drawn.
    let goal = |hits: u64| {
        format!(r#","goal":{{"sims":1000000,"marks":[[500000,{hits}],[1000000,785725]]}}}}"#)
    };
    for (hits, is_possible) in [(392_700, true), (400_000, false)] {
        let record = part(0, 785_725).replace('}', &goal(hits));
        assert_eq!(Record::read(&record).is_ok(), is_possible, "{hits}");
    }
    // Few darts may all hit, or all miss.
    for (sims, hits, is_possible) in [
        (1, 0, true),
        (300, 300, true),
        (400, 400, false),
        (30, 0, false),
    ] {
        let record = format!(
            r#"{{"contract":1,"method":"darts","seed":1,"first":0,"sims":{sims},"hits":{hits}}}"#
        );
        assert_eq!(Record::read(&record).is_ok(), is_possible, "{record}");
    }
    fs::write(&path, good).unwrap();
    stdout(&["verify", &file]);
}

#[test]
fn a_shard_has_a_checkpoint_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["1/2", "2/2"].map(|shard| {
        let file = folder.path().join(shard.replace('/', "-"));
        let file = file.to_str().unwrap().to_owned();
        stdout(&[
            "-n",
            "1e6",
            "-s",
            "42",
            "--shard",
            shard,
            "--checkpoint",
            &file,
        ]);
        file
    });
    // The checkpoint of a finished shard is its result.
    assert_eq!(stdout(&["merge", "-q", &files[1], &files[0]]), "3.1429\n");
}

#[cfg(not(feature = "mpi"))]
#[test]
fn without_mpi_its_option_says_so() {
    let message = usage_error(&["--mpi"]);
    assert!(message.contains("--features mpi"), "{message}");
}

/// A record with a name.
fn named_record(seed: u64, first: u64, sims: u64, hits: u64) -> (String, Record) {
    let plan = Plan::new(seed, first..first + sims).unwrap();
    let record = Record::new(&plan, Tally { sims, hits }, Method::Darts);
    (format!("{seed}.json"), record)
}

fn average_of(records: &[(String, Record)]) -> Result<Average, MergeError> {
    pi_mc::average(records.iter().map(|(name, record)| (name, record)))
}

/// 3.2 ± 0.016 and 3.0 ± 0.0173205: the mean is 3.1, and its error half the root of 0.000256 + 0.0003.
#[test]
fn an_average_worked_by_hand() {
    let records = [
        named_record(1, 0, 10_000, 8_000),
        named_record(2, 0, 10_000, 7_500),
    ];
    let average = average_of(&records).unwrap();
    assert!((average.pi - 3.1).abs() < 1e-12);
    let error = (0.000_256f64 + 0.000_3).sqrt() / 2.0;
    assert!((average.std_error.unwrap() - error).abs() < 1e-12);
    let [low, high]: [f64; 2] = average.ci95.unwrap().into();
    assert!((high - low - 2.0 * 1.959_963_984_540_054 * error).abs() < 1e-12);
    let seeds: Vec<u64> = average.runs.iter().map(|run| run.seed).collect();
    assert_eq!((average.sims, seeds), (20_000, vec![1, 2]));
}

/// Each run counts alike, however many darts it has.
#[test]
fn an_average_is_not_weighted() {
    let records = [named_record(1, 0, 10, 8), named_record(2, 0, 10_000, 7_500)];
    assert!((average_of(&records).unwrap().pi - 3.1).abs() < 1e-12);
}

#[test]
fn what_cannot_be_averaged_is_named() {
    let message = |records: &[_]| average_of(records).unwrap_err().to_string();
    let same = [named_record(1, 0, 100, 80), named_record(1, 50, 100, 80)];
    assert_eq!(
        message(&same),
        "1.json (darts 0 to 99) and 1.json (darts 50 to 149) both threw seed 1 and overlap"
    );
    assert!(average_of(&[named_record(1, 0, 100, 80), named_record(1, 100, 100, 80)]).is_ok());
    assert!(average_of(&[named_record(1, 0, 100, 80), named_record(2, 0, 100, 80)]).is_ok());
    let hits = (u64::MAX as f64 * std::f64::consts::FRAC_PI_4) as u64;
    let all = [named_record(1, 0, u64::MAX, hits), named_record(2, 0, 1, 1)];
    assert!(message(&all).contains("2^64"), "{}", message(&all));
    let every = average_of(&[named_record(1, 0, 4, 4), named_record(2, 0, 4, 3)]).unwrap();
    assert_eq!((every.std_error, every.ci95), (None, None));
    assert!(average_of(&[]).is_err());
}

/// A class: the seeds 1 to 30, with a million darts each. Only 3 and 22 miss.
#[test]
fn an_average_says_how_many_intervals_hold_pi() {
    let class: Vec<(String, Record)> = (1..=30)
        .map(|seed| named_record(seed, 0, 1_000_000, hits(seed, 1_000_000)))
        .collect();
    let average = average_of(&class).unwrap();
    assert_eq!((average.hold_pi, average.hold_pi_expected), (28, 28.5));
    let text = pi_mc::report::average::text(&average);
    assert!(
        text.contains("\n28 of 30 intervals hold π; 28.5 expected (95 %).\n"),
        "{text}"
    );
    let misses = text.lines().filter(|line| line.ends_with(", misses π"));
    let seeds: Vec<&str> = misses.map(|line| &line[..8]).collect();
    assert_eq!(seeds, ["seed 3  ", "seed 22 "], "{text}");
}

/// Two students with one seed.
#[test]
fn runs_of_one_seed_are_named_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let [ada, bob] = ["ada.json", "bob.json"].map(|name| {
        let path = folder.path().join(name);
        fs::write(&path, stdout(&["-n", "1e5", "-s", "7", "--format", "json"])).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let message = failure(&["merge", "--average", &ada, &bob]);
    assert!(
        message.ends_with(&format!(
            "{ada} (darts 0 to 99999) and {bob} (darts 0 to 99999) both threw seed 7 and overlap"
        )),
        "{message}"
    );
}

/// Like the notebook's pool: a seed for each run, and the mean of the estimates. A plain merge of such runs
/// suggests it.
#[test]
fn runs_of_different_seeds_are_averaged_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let files = [1, 2, 3].map(|seed| {
        let path = folder.path().join(format!("seed-{seed}.json"));
        let seed = seed.to_string();
        let run = ["-n", "1e5", "-s", &seed, "--format", "json"];
        fs::write(&path, stdout(&run)).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let [a, b, c] = files.each_ref().map(String::as_str);
    let message = failure(&["merge", a, b]);
    assert!(
        message.contains("average their estimates with --average"),
        "{message}"
    );

    let average = json(&["merge", "--average", a, b, c]);
    let estimate = |seed: &str| -> f64 {
        let pi = stdout(&["-q", "-n", "1e5", "-s", seed]);
        pi.trim().parse().unwrap()
    };
    let mean = ["1", "2", "3"].map(estimate).iter().sum::<f64>() / 3.0;
    assert!((average["pi"].as_f64().unwrap() - mean).abs() < 1e-12);
    // Each error is about 4 sqrt(p (1 - p) / n) = 0.0052; the error of the mean of three is that over sqrt 3.
    let error = average["std_error"].as_f64().unwrap();
    assert!((error - 0.0030).abs() < 0.0001, "{error}");
    let seeds: Vec<_> = (0..3)
        .map(|i| average["runs"][i]["seed"].as_u64())
        .collect();
    assert_eq!(seeds, [Some(1), Some(2), Some(3)]);
    assert_eq!(average["sims"], 300_000);
    assert_eq!(
        (&average["hold_pi"], &average["hold_pi_expected"]),
        (&3.into(), &2.85.into())
    );

    let args = ["merge", "--average", a, b];
    let text = stdout(&args);
    assert!(
        text.contains("\nseed 1 ") && text.contains("\nseed 2 "),
        "{text}"
    );
    assert!(text.starts_with("mean of π ≈ "), "{text}");
    assert_eq!(stdout(&[&args[..], &["-q"]].concat()).lines().count(), 1);
    let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(
        csv.contains("\n1,0,100000,") && csv.contains("\n,,200000,,"),
        "{csv}"
    );
    // A single run is its own mean.
    let one = stdout(&["merge", "--average", a]);
    assert!(one.ends_with("from 100,000 darts\n"), "{one}");
    // Shards of other runs are averaged as they are; results without darts are refused.
    let other = folder.path().join("other.json");
    let other = other.to_str().unwrap();
    let save = |args: &[&str]| {
        let run = ["-s", "4", "--format", "json", "-n"];
        fs::write(other, stdout(&[&run[..], args].concat())).unwrap();
    };
    save(&["1e6", "--shard", "2/3"]);
    let average = json(&["merge", "--average", a, other]);
    let first = &average["runs"][1]["first"];
    assert!(first.as_u64().unwrap() > 0, "{average}");
    save(&["1", "--shard", "1/3"]);
    let message = failure(&["merge", "--average", a, other]);
    assert!(message.contains("holds no darts"), "{message}");
    save(&["1e12", "--method", "lazy"]);
    let message = failure(&["merge", "--average", a, other]);
    assert!(message.contains("method 'lazy'"), "{message}");
    assert!(usage_error(&["merge", "--average", "--partial", a]).contains("--partial"));
}
