//! Darts that a merge lacks: named with their shards, printed for scripts, and counted as ranges.

use std::fs;
use std::path::Path;
use std::process::Output;

use pi_mc::{Plan, Record, Walk, estimate};
use serde_json::{Value, json};

use crate::contract::MILLION_HITS;
use crate::program::{command, failure, hits, json, new_file, one_line, stdout, usage_error};

/// The result of a run with these arguments, saved as `name` in `folder`.
fn saved(folder: &Path, name: &str, args: &str) -> String {
    let path = folder.join(name);
    let args: Vec<_> = args.split(' ').chain(["--format", "json"]).collect();
    fs::write(&path, stdout(&args)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The shards of a million darts, each in a file.
fn shards(folder: &Path, of: u32) -> Vec<String> {
    let shard = |number| {
        let args = format!("-n 1e6 -s 42 --shard {number}/{of}");
        saved(folder, &format!("shard-{number}"), &args)
    };
    (1..=of).map(shard).collect()
}

fn missing(files: &[&String], extra: &[&str]) -> Output {
    let files = files.iter().map(|file| file.as_str());
    let args: Vec<_> = ["merge", "--missing"].into_iter().chain(files).collect();
    command(&[&args[..], extra].concat()).output().unwrap()
}

/// Its stdout, with the exit code for missing darts.
fn to_run(files: &[&String], extra: &[&str]) -> String {
    let output = missing(files, extra);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(output.stderr, b"");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_shard_says_which_it_is() {
    let shard = ["-n", "1e6", "-s", "42", "--shard", "3/7"];
    assert_eq!(json(&shard)["shard"], json!([3, 7]));
    let text = stdout(&shard);
    let line = "\nshard           3/7, darts 262,144 to 393,215 of 1,000,000\n";
    assert!(text.contains(line), "{text}");
    assert_eq!(json(&["-n", "10"]).get("shard"), None);
}

#[test]
fn one_message_names_every_gap_with_its_shards() {
    let folder = tempfile::tempdir().unwrap();
    let all = shards(folder.path(), 16);
    let held = |numbers: &[usize]| -> Vec<&str> {
        ["merge"]
            .into_iter()
            .chain(numbers.iter().map(|number| all[number - 1].as_str()))
            .collect()
    };
    let message = failure(&held(&[2, 3, 4, 8, 9, 10, 11, 13, 14, 15, 16]));
    let whole = "67.23 % of 1000000 darts are there; missing: darts 0 to 65535 (shard 1 of 16), \
                 darts 262144 to 458751 (shards 5-7 of 16), darts 720896 to 786431 (shard 12 of 16); run what is \
                 missing, such as '-n 1000000 -s 42 --shard 1/16', or add up what is there with --partial";
    assert!(message.ends_with(whole), "{message}");

    let files: Vec<&String> = all.iter().collect();
    let some: Vec<&String> = [1, 2, 3, 7, 8].map(|i| files[i]).into();
    assert_eq!(to_run(&some, &[]), "1,5-7,10-16\n");
    let ranges: Value = serde_json::from_str(&to_run(&some, &["--format", "json"])).unwrap();
    assert_eq!(ranges["seed"], 42);
    assert_eq!(ranges["gaps"][0]["first"], 0);
    assert_eq!(ranges["gaps"][0]["end"], 65_536);
    assert_eq!(ranges["gaps"][1]["shards"]["last"], 7);
    let whole = missing(&files, &[]);
    assert_eq!((whole.status.code(), whole.stdout), (Some(0), Vec::new()));
}

/// The ranges of `--missing --format json` fill the gaps, whatever made them.
#[test]
fn ranges_fill_gaps_that_are_no_shards() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, args: &str| saved(folder.path(), name, args);
    let parts = [
        save("a", "-s 42 --range 10..70000"),
        save("b", "-s 42 --range 99_999..1e6"),
    ];
    let parts: Vec<&String> = parts.iter().collect();
    let refused = missing(&parts, &[]);
    assert_eq!(refused.status.code(), Some(1));
    let message = one_line(refused.stderr);
    assert!(message.contains("'--format json'"), "{message}");
    let gaps: Value = serde_json::from_str(&to_run(&parts, &["--format", "json"])).unwrap();
    let gaps = gaps["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 2);
    let fill = gaps.iter().enumerate().map(|(i, gap)| {
        let range = format!("-s 42 --range {}..{}", gap["first"], gap["end"]);
        save(&format!("gap-{i}"), &range)
    });
    let fill: Vec<String> = fill.collect();
    let files = parts.iter().copied().chain(&fill).map(String::as_str);
    let args: Vec<&str> = ["merge"].into_iter().chain(files).collect();
    assert_eq!(json(&args)["hits"], MILLION_HITS);
}

#[test]
fn a_range_is_its_darts_and_may_extend_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let all = shards(folder.path(), 2);
    let range = ["-s", "42", "--range", "1e6..1_000_100"];
    let result = json(&range);
    assert_eq!(
        (&result["first"], &result["sims"]),
        (&json!(1_000_000), &json!(100))
    );
    assert_eq!(result["range"], json!([1_000_000, 1_000_100]));
    assert_eq!(result["hits"], hits(42, 1_000_100) - MILLION_HITS);
    let text = stdout(&range);
    assert!(
        text.contains("\nrange           darts 1,000,000 to 1,000,099\n"),
        "{text}"
    );

    let more = saved(folder.path(), "more", "-s 42 --range 1e6..2e6");
    let sum = json(&["merge", &all[0], &more, &all[1]]);
    assert_eq!(
        (&sum["sims"], &sum["hits"]),
        (&json!(2_000_000), &json!(hits(42, 2_000_000)))
    );
    assert_eq!(sum.get("total"), None);
    // The whole then ends there, and the shards are still those of a million darts.
    let message = failure(&["merge", &all[0], &more]);
    assert!(
        message.contains("of 2000000 darts") && message.contains("'-n 1000000 -s 42 --shard 2/2'"),
        "{message}"
    );
    assert_eq!(to_run(&[&all[0], &more], &[]), "2\n");
}

#[test]
fn a_range_that_cannot_be_is_refused() {
    for range in [
        "5..5",
        "7..3",
        "0..2^64",
        "1e20..2e20",
        "-1..5",
        "5",
        "..",
        "a..b",
        "1..2..3",
        "0.5..2",
    ] {
        let message = usage_error(&["--range", range]);
        assert!(message.contains("the darts A to B-1"), "{range}: {message}");
    }
    for other in [["--shard", "1/2"], ["-n", "1e6"], ["--method", "lazy"]] {
        let message = usage_error(&[&["--range", "1..5"][..], &other].concat());
        assert!(message.contains("--range"), "{message}");
    }
    let last = ["-s", "42", "--range", "2^64-3..2^64-1"];
    assert_eq!(json(&last)["sims"], 2);
}

/// A shard that its time limit stopped is not whole, and is to be run again.
#[test]
fn a_shard_cut_short_is_partial_of_its_own_darts() {
    let folder = tempfile::tempdir().unwrap();
    let shard = "-n 1e15 -s 42 --shard 1/1000 --time-limit 1ms";
    let part = saved(folder.path(), "cut", shard);
    let record: Value = serde_json::from_str(&fs::read_to_string(&part).unwrap()).unwrap();
    assert_eq!(
        (&record["partial"], &record["total"], &record["shard"]),
        (
            &json!(true),
            &json!(1_000_000_000_000_000u64),
            &json!([1, 1000])
        )
    );
    let text = stdout(&shard.split(' ').collect::<Vec<_>>());
    let partial = text.lines().find(|line| line.starts_with("PARTIAL "));
    let own = partial.is_some_and(|line| line.ends_with(" of 999,999,995,904"));
    assert!(
        own && text.contains("\nshard           1/1000, darts 0 to "),
        "{text}"
    );
    let message = failure(&["merge", &part]);
    assert!(
        message.contains("(shards 1-1000 of 1000; ") && message.contains("cut is partial)"),
        "{message}"
    );
    assert_eq!(to_run(&[&part], &[]), "1-1000\n");

    let range = saved(
        folder.path(),
        "range",
        "-s 42 --range 1e15..2e15 --time-limit 1ms",
    );
    let record: Value = serde_json::from_str(&fs::read_to_string(&range).unwrap()).unwrap();
    assert_eq!(
        (&record["partial"], record.get("total")),
        (&json!(true), None)
    );
    let message = failure(&["merge", &range]);
    assert!(message.contains("of 2000000000000000 darts"), "{message}");
}

/// A checkpoint keeps the shard or the range, and a plain result names it too.
#[test]
fn a_saved_part_resumes_as_that_part() {
    let (_folder, path, file) = new_file("part.json");
    for part in [
        ["-n", "1e6", "--shard", "2/3"].as_slice(),
        &["--range", "100..70000"],
    ] {
        let args = [&["-s", "42"], part].concat();
        let whole = json(&args);
        fs::write(&path, whole.to_string()).unwrap();
        let again = json(&["--checkpoint", &file]);
        for field in ["first", "sims", "hits", "shard", "range"] {
            assert_eq!(again.get(field), whole.get(field), "{field} of {part:?}");
        }
        fs::remove_file(&path).unwrap();
    }
    // A longer range goes on.
    let cut = ["-s", "42", "--range", "5..1000", "--checkpoint", &file];
    let longer = ["--range", "5..1e6", "--checkpoint", &file];
    json(&cut);
    assert_eq!(json(&longer)["hits"], MILLION_HITS - hits(42, 5));
}

/// Gaps before, between, within and after chunks are filled in order, with the hits of one uninterrupted run.
#[test]
fn a_walk_fills_the_gaps_of_its_record_in_order() {
    let plan = Plan::new(42, 1_000..1_000_000).unwrap();
    let whole = estimate(plan).unwrap();
    for counted in [
        &[(5_000, 6_000)][..],
        &[
            (1_000, 70_000),
            (70_001, 70_002),
            (131_072, 196_608),
            (999_999, 1_000_000),
        ],
        &[(65_536, 131_072), (131_072, 900_000)],
        &[(2_000, 999_000)],
    ] {
        let count = |&(first, end): &(u64, u64)| {
            let record = estimate(plan.part(first - 1_000..end - 1_000).unwrap()).unwrap();
            (first, record)
        };
        let records: Vec<(u64, Record)> = counted.iter().map(count).collect();
        let named = records.iter().map(|(name, record)| (name, record));
        let held = pi_mc::result::merge_partial(named).unwrap();
        let mut walk = Walk::of(plan).resume(&held).unwrap().start().unwrap();
        let mut end = 0;
        // A few darts at a time, then chunks, then all.
        for step in [1, 500, 70_000, u64::MAX] {
            let before = walk.tally();
            let until = before.sims.saturating_add(step);
            let Some(tally) = walk.step(until, || false).unwrap() else {
                break;
            };
            assert!(tally.sims > before.sims && tally.sims <= until);
            let record = walk.record();
            record.check().unwrap();
            // The record is that of the same darts counted otherwise.
            for part in record.ranges() {
                let range = Plan::new(42, part.first..part.end().unwrap()).unwrap();
                assert_eq!(estimate(range).unwrap().hits, part.hits, "{part}");
            }
            let resumed = Walk::of(plan).resume(&record).unwrap().start().unwrap();
            assert_eq!(resumed.tally(), tally);
            // The darts up to the first gap grow.
            let reached = record.ranges().iter().fold(1_000, |end, part| {
                if part.first == end {
                    part.end().unwrap()
                } else {
                    end
                }
            });
            assert!(reached > end, "{reached} {end}");
            end = reached;
        }
        while walk.step(u64::MAX, || false).unwrap().is_some() {}
        let record = walk.record();
        assert_eq!(
            (record.first, record.sims, record.hits),
            (1_000, whole.sims, whole.hits)
        );
        assert!(record.parts.is_empty() && !record.partial, "{record:?}");
    }
}

/// Shards with gaps, one of them cut short, are finished on one machine, in several runs.
#[test]
fn a_checkpoint_with_gaps_counts_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let sims = 3_000_000_000u64;
    let shard = |i: u32, rest: &str| {
        let args = format!("-n {sims} -s 42 --shard {i}/9{rest}");
        saved(folder.path(), &format!("part-{i}"), &args)
    };
    let parts = [
        shard(2, ""),
        shard(3, " --time-limit 1ms"),
        shard(6, ""),
        shard(8, ""),
    ];
    let args: Vec<&str> = ["merge", "--partial"]
        .into_iter()
        .chain(parts.iter().map(String::as_str))
        .collect();
    let merged = json(&args);
    let path = folder.path().join("rest");
    fs::write(&path, merged.to_string()).unwrap();
    let file = path.to_str().unwrap();

    for (name, value) in [
        ("--trace", "t"),
        ("--plot", "p.svg"),
        ("--target-error", "1e-9"),
    ] {
        let other = folder.path().join(value);
        let value = match name {
            "--target-error" => value,
            _ => other.to_str().unwrap(),
        };
        let message = usage_error(&["--checkpoint", file, name, value]);
        assert!(
            message.contains(&format!("'{name}' needs the darts in order")),
            "{message}"
        );
        assert!(!other.exists());
        assert_eq!(fs::read_to_string(&path).unwrap(), merged.to_string());
    }

    let mut held = merged["sims"].as_u64().unwrap();
    for _ in 0..3 {
        let some = json(&["--checkpoint", file, "--time-limit", "1ms", "--seed", "42"]);
        let now = some["sims"].as_u64().unwrap();
        assert!(now > held, "{some}");
        held = now;
        let saved = Record::read(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(saved.has_gaps() && saved.partial, "{saved:?}");
        // The first part grows from dart 0 on.
        assert_eq!(saved.first, 0);
    }
    let whole = json(&["--checkpoint", file]);
    assert_eq!(whole["hits"], hits(42, sims));
    assert_eq!((whole.get("parts"), whole.get("partial")), (None, None));
    // It is an ordinary checkpoint now.
    let more = json(&["--checkpoint", file, "-n", "3_000_100_000"]);
    assert_eq!(more["hits"], hits(42, 3_000_100_000));
}

/// A result without a number of darts does not say which darts are missing.
#[test]
fn gaps_without_a_goal_need_one() {
    let (_folder, path, file) = new_file("gaps.json");
    let parts = r#"[{"first":0,"sims":4,"hits":3},{"first":9,"sims":4,"hits":3}]"#;
    let goal = r#""goal":{}"#;
    let record = format!(
        r#"{{"contract":1,"method":"darts","seed":7,"first":0,"sims":8,"hits":6,"parts":{parts},{goal}}}"#
    );
    fs::write(&path, &record).unwrap();
    let message = failure(&["--checkpoint", &file]);
    assert!(message.contains("gaps and no goal"), "{message}");
    let lazy = record.replace("\"darts\"", "\"lazy\"");
    fs::write(&path, &lazy).unwrap();
    let message = failure(&["--checkpoint", &file, "-n", "100"]);
    assert!(message.contains("method 'lazy'"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), lazy);
}
