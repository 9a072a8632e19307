//! Saved comparisons: read and shown again, compared with a baseline, and fitted by scaling laws. Those in
//! tests/fixtures/comparisons are invented, so the answers are known. In `laws.json`, on up to 16 cores and
//! with 1 % noise, the pool has λ 0.99 and σ 0.03, and the queue λ 0.95, σ 0.02 and κ 0.005; 32 workers,
//! more than the cores, hardly speed up. In `later.json`, pool (8) takes 1.2 times as long and queue (2)
//! 0.8 times.

use std::fs;
use std::path::{Path, PathBuf};

use pi_mc::Comparison;
use pi_mc::compare::laws::{Law, Support};
use pi_mc::compare::row::Status;
use pi_mc::compare::sizes::fastest_over_fastest;
use pi_mc::compare::strategy::Strategy;
use pi_mc::report::{TextStyle, comparison as table};
use pi_mc::result::estimate::Interval;
use regex::Regex;
use serde_json::Value;

#[cfg(unix)]
use crate::program::shell;
use crate::program::{failure, new_file, run, stdout, usage_error};

fn fixture(name: &str) -> String {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "tests/fixtures/comparisons",
        name,
    ]
    .iter()
    .collect();
    path.to_str().unwrap().to_owned()
}

fn text(name: &str) -> String {
    fs::read_to_string(fixture(name)).unwrap()
}

#[test]
fn what_is_printed_as_json_is_read_and_printed_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.json");
    let path = path.to_str().unwrap();
    for args in [
        &["-n", "1e6", "-w", "1,2", "--strategy", "all"][..],
        &["-n", "1e5,1e6", "-w", "2", "--runs", "2"],
        &[
            "-n",
            "1e5",
            "--scaling",
            "weak",
            "--io-wait",
            "1ms",
            "--runs",
            "1",
        ],
    ] {
        let args = [&["compare", "-s", "42", "--format"][..], &["json"], args].concat();
        let saved = stdout(&args);
        fs::write(path, &saved).unwrap();
        let again = stdout(&["compare", "--from", path, "--format", "json"]);
        assert_eq!(again, saved);
        for format in ["text", "csv", "markdown"] {
            let shown = stdout(&["compare", "--from", path, "--format", format]);
            assert!(shown.contains("serial"), "{shown}");
        }
        let svg = stdout(&["compare", "--from", path, "--plot", "-"]);
        assert!(svg.starts_with("<svg"), "{svg}");
        // Reformatted, and last in an array.
        let values: Vec<Value> = saved
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        fs::write(path, serde_json::to_string_pretty(&values).unwrap()).unwrap();
        assert_eq!(
            stdout(&["compare", "--from", path, "--format", "json"]),
            saved
        );
    }
}

const FACTS: [&str; 6] = [
    "strategy",
    "workers",
    "sims",
    "serial_hits",
    "cores_wanted",
    "runs",
];

/// Every other field follows from the facts: it may be missing, and it may be forged.
#[test]
fn only_facts_are_read_and_all_else_is_judged_again() {
    let whole = Comparison::read(&text("laws.json")).unwrap().to_json();
    let edited = |edit: fn(&mut serde_json::Map<String, Value>)| {
        let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
        saved["laws"] = "none".into();
        saved["colour"] = 1.into();
        saved["probed_sims_per_s"] = 0.into();
        for row in saved["rows"].as_array_mut().unwrap() {
            edit(row.as_object_mut().unwrap());
        }
        Comparison::read(&saved.to_string()).unwrap().to_json()
    };
    let without = edited(|row| row.retain(|name, _| FACTS.contains(&name.as_str())));
    assert_eq!(without, whole);
    let forged = edited(|row| {
        for (name, value) in row.iter_mut() {
            if !FACTS.contains(&name.as_str()) {
                *value = 5.into();
            }
        }
        row["status"] = "slower".into();
        row["verdict"] = "bad".into();
        row.insert("colour".to_owned(), 1.into());
    });
    assert_eq!(forged, whole);

    // The time of the start may be missing too.
    let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
    saved["machine"].as_object_mut().unwrap().remove("started");
    let read = Comparison::read(&saved.to_string()).unwrap();
    let whole = Comparison::read(&text("laws.json")).unwrap();
    let rows = [read, whole].map(|one| serde_json::to_value(&one.rows).unwrap());
    assert_eq!(rows[0], rows[1]);
}

/// The hits of a run are a fact, and decide.
#[test]
fn wrong_hits_of_one_run_take_the_speed() {
    let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
    saved["rows"][2]["runs"][1]["hits"] = 5.into();
    let row = &Comparison::read(&saved.to_string()).unwrap().rows[2];
    assert_eq!((row.status, row.hits, row.shown_run), (Status::Wrong, 5, 1));
    assert_eq!((row.speed_up, row.sims_per_s), (None, None));
}

#[test]
fn a_file_that_is_no_comparison_is_refused_by_what_is_wrong() {
    type Edit = fn(&mut Value);
    let edits: &[(Edit, &str)] = &[
        (
            |all| all["contract"] = 2.into(),
            "contract 2, but this pi-mc counts by contract 1",
        ),
        (
            |all| all["rows"] = Value::Array(Vec::new()),
            "its first row is not serial",
        ),
        (
            |all| drop(all["rows"].as_array_mut().unwrap().remove(0)),
            "its first row is not serial",
        ),
        (
            |all| all["rows"][1]["strategy"] = "quantum".into(),
            "unknown strategy \"quantum\"",
        ),
        #[cfg(not(feature = "gpu"))]
        (
            |all| all["rows"][1]["strategy"] = "gpu".into(),
            "this pi-mc was built without GPUs",
        ),
        (
            |all| all["format"] = 2.into(),
            "format 2, but this pi-mc reads format 1",
        ),
        (
            |all| all["machine"]["cores"] = 0.into(),
            "field 'machine' has an impossible value",
        ),
        (
            |all| all["machine"]["cores"] = u64::MAX.into(),
            "field 'machine' has an impossible value",
        ),
        (
            |all| all["warmup"] = u64::MAX.into(),
            "field 'warmup' has an impossible value",
        ),
        (
            |all| all["machine"]["cpu"] = "\u{1b}[31m".into(),
            "field 'machine' has an impossible value",
        ),
        (
            |all| all["io_wait_s"] = (-1.0).into(),
            "field 'io_wait_s' has an impossible value",
        ),
        (
            |all| all["seed"] = (-1).into(),
            "invalid value: integer `-1`",
        ),
        (|all| all["first"] = u64::MAX.into(), "ends below 2^64"),
        (
            |all| all["scaling"] = "weak".into(),
            "row 3 (pool on 2) has 100000000 darts",
        ),
        (
            |all| all["sims"] = 5.into(),
            "row 1 (serial on 1) has 100000000 darts",
        ),
        (
            |all| all["rows"][2]["workers"] = 1.into(),
            "row 3 (pool on 1) is there twice",
        ),
        (
            |all| all["rows"][2]["workers"] = 0.into(),
            "has not 1 to 4096 workers",
        ),
        (
            |all| all["rows"][2]["workers"] = 4097.into(),
            "has not 1 to 4096 workers",
        ),
        (
            |all| all["rows"][2]["strategy"] = "serial".into(),
            "is serial, which has 1 worker",
        ),
        (
            |all| all["rows"][2]["runs"] = Value::Array(Vec::new()),
            "has 0 runs, serial 7",
        ),
        (
            |all| all["rows"][2]["serial_hits"] = 5.into(),
            "has other serial hits",
        ),
        (
            |all| {
                for row in all["rows"].as_array_mut().unwrap() {
                    row["serial_hits"] = 88_539_816.into();
                    for run in row["runs"].as_array_mut().unwrap() {
                        run["hits"] = 88_539_816.into();
                    }
                }
            },
            "row 1 (serial on 1) has 88539816 hits among 100000000 darts, 2436 standard deviations off",
        ),
        (
            |all| all["rows"][2]["runs"][0]["hits"] = u64::MAX.into(),
            "hits among 100000000 darts",
        ),
        (
            |all| all["rows"][2]["runs"][0]["elapsed_s"] = (-1.0).into(),
            "has a run of -1.0 s",
        ),
        (
            |all| all["rows"][2]["runs"][0]["elapsed_s"] = 0.0.into(),
            "has a run of 0.0 s",
        ),
        (
            |all| all["rows"][2]["runs"][0]["elapsed_s"] = 1e300.into(),
            "has a run of 1e300 s",
        ),
        (
            |all| all["rows"][2]["runs"][0]["hand_overs"] = 5.into(),
            "has hand-overs, which only gil counts",
        ),
        (
            |all| all["rows"][2]["runs"][0]["elapsed_s"] = "1".into(),
            "invalid type: string",
        ),
    ];
    let saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
    for (edit, what) in edits {
        let mut edited = saved.clone();
        edit(&mut edited);
        let error = Comparison::read(&edited.to_string())
            .unwrap_err()
            .to_string();
        assert!(error.contains(what), "{what}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

/// On a coarse clock runs take equal times. A program that rewrites the file may have rounded their spread.
#[test]
fn runs_of_equal_times_are_possible() {
    let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
    for row in saved["rows"].as_array_mut().unwrap() {
        for run in row["runs"].as_array_mut().unwrap() {
            run["elapsed_s"] = 0.4.into();
        }
        row["sd_s"] = 0.0.into();
    }
    let comparison = Comparison::read(&saved.to_string()).unwrap();
    assert_eq!(comparison.rows[1].status, Status::Same);
    let svg = pi_mc::report::picture::comparison(&[comparison]);
    assert!(!svg.contains("NaN"));

    // The same through the program, with rows that are twice as fast.
    for row in saved["rows"].as_array_mut().unwrap().iter_mut().skip(1) {
        for run in row["runs"].as_array_mut().unwrap() {
            run["elapsed_s"] = 0.2.into();
        }
    }
    let (_folder, path, file) = new_file("equal.json");
    fs::write(&path, saved.to_string()).unwrap();
    let rows = saved["rows"].as_array().unwrap().len();
    for (format, faster) in [
        ("text", "faster\n"),
        ("csv", ",faster than serial,"),
        ("markdown", "| faster than serial |"),
        ("json", r#""status":"faster""#),
    ] {
        let args = ["compare", "--from", &file, "--format", format];
        let shown = stdout(&args);
        assert_eq!(shown.matches(faster).count(), rows - 1, "{shown}");
        assert!(!shown.contains("NaN") && !shown.contains("inf"), "{shown}");
        stdout(&[&args[..], &["--baseline", &file]].concat());
    }
}

#[test]
fn a_damaged_file_is_one_line_and_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.json");
    let path = path.to_str().unwrap();
    let whole = text("laws.json");
    let other_seed = text("later.json").replace("\"seed\":123", "\"seed\":124");
    let larger = "1e999";
    let cases: [(Vec<u8>, &str); 11] = [
        (whole[..whole.len() / 2].into(), "not a saved comparison"),
        (b"\xff\xfe".into(), "UTF-8"),
        (b"".into(), "there is no saved comparison in it"),
        (b"[]".into(), "there is no saved comparison in it"),
        (b"Hello.".into(), "not a saved comparison"),
        (b"{}".into(), "missing field `contract`"),
        (
            b"[1]".into(),
            "invalid type: integer `1`, expected an object",
        ),
        (
            whole
                .replace("\"io_wait_s\":0.0", "\"io_wait_s\":NaN")
                .into(),
            "not a saved comparison",
        ),
        (
            whole
                .replace("\"io_wait_s\":0.0", &format!("\"io_wait_s\":{larger}"))
                .into(),
            "out of range",
        ),
        (
            (whole.clone() + &whole).into(),
            "two comparisons of 100000000 darts",
        ),
        ((whole.clone() + &other_seed).into(), "differ in 'seed'"),
    ];
    for (bytes, what) in cases {
        fs::write(path, bytes).unwrap();
        for args in [
            &["--from", path][..],
            &["--from", &fixture("laws.json"), "--baseline", path],
        ] {
            let message = failure(&[&["compare"], args].concat());
            assert!(
                message.contains(what) && message.contains("bad.json"),
                "{what}: {message}"
            );
        }
    }
    let saved_run = stdout(&["-n", "1e3", "-s", "1", "--format", "json"]);
    fs::write(path, saved_run).unwrap();
    let message = failure(&["compare", "--from", path]);
    assert!(
        message.contains("a saved run, not a comparison"),
        "{message}"
    );
}

/// The lists below cover every option in the help, so that a new option cannot be forgotten.
#[test]
fn what_only_a_run_needs_is_refused_beside_a_saved_one() {
    let help = stdout(&["compare", "--help"]);
    let lines = help.lines().map(str::trim_start);
    let options = lines.filter(|line| line.starts_with('-'));
    let options =
        options.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
    let laws = fixture("laws.json");
    let mut refused = Vec::new();
    for option in options {
        let value = match option {
            "--format" | "--wide" | "--plot" | "--from" | "--color" | "--help" => continue,
            "--baseline" | "--tolerance" | "--any-machine" => continue,
            "--scaling" => Some("weak"),
            "--strategy" => Some("pool"),
            "--kernel" => Some("auto"),
            "--io-wait" => Some("1ms"),
            "--timeline" => Some("x.svg"),
            "--pin" => None,
            _ => Some("3"),
        };
        let words = [option].into_iter().chain(value);
        let args: Vec<&str> = ["compare", "--from", &laws]
            .into_iter()
            .chain(words)
            .collect();
        let message = usage_error(&args);
        assert!(
            message.contains("--from") && message.contains(option),
            "{message}"
        );
        refused.push(option);
    }
    assert!(
        refused.contains(&"--sims") && refused.contains(&"--pin"),
        "{refused:?}"
    );
    let message = usage_error(&["compare", "--from", "-", "--baseline", "-"]);
    assert!(message.contains("stdin"), "{message}");
    for option in ["--tolerance=3%", "--any-machine"] {
        assert!(usage_error(&["compare", option]).contains("--baseline"));
    }
    for tolerance in ["3", "-1%", "nan%", "5%%", "1001%", "%"] {
        let message = usage_error(&["compare", "--baseline", "x", "--tolerance", tolerance]);
        assert!(
            message.contains("a share from 0% to 1000%, such as 5%"),
            "{message}"
        );
    }
}

#[test]
fn a_saved_comparison_is_not_replaced_by_what_is_drawn_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (saved, other) = (name("saved.json"), name("other.json"));
    fs::write(&saved, text("laws.json")).unwrap();
    fs::hard_link(&saved, &other).unwrap();
    for args in [
        ["--from", &saved, "--plot", &other],
        ["--baseline", &saved, "--plot", &saved],
        ["--baseline", &other, "--timeline", &saved],
    ] {
        let message = usage_error(&[&["compare"], &args[..]].concat());
        assert!(
            message.contains(args[0]) && message.contains("another name"),
            "{message}"
        );
        assert_eq!(fs::read_to_string(&saved).unwrap(), text("laws.json"));
    }
}

fn is_around(interval: Option<Interval>, truth: f64) -> bool {
    interval
        .is_some_and(|Interval { low, high }| low <= truth && truth <= high && high - low < truth)
}

#[test]
fn the_laws_of_the_made_up_comparison_are_those_that_it_was_made_of() {
    let read = Comparison::read(&text("laws.json")).unwrap();
    let found = read.laws();
    let [pool, queue] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(pool.law, Support::Amdahl);
    assert_eq!(pool.workers, [1, 2, 4, 8, 16]);
    assert!(is_around(pool.lambda.ci95, 0.99), "{pool:?}");
    assert!(is_around(pool.sigma.ci95, 0.03), "{pool:?}");
    assert!(is_around(pool.limit.unwrap().ci95, 0.99 / 0.03), "{pool:?}");
    assert_eq!(queue.law, Support::Usl);
    assert!(is_around(queue.sigma.ci95, 0.02), "{queue:?}");
    assert!(is_around(queue.kappa.ci95, 0.005), "{queue:?}");
    let best = (0.98f64 / 0.005).sqrt();
    assert!(
        is_around(queue.best_workers.unwrap().ci95, best),
        "{queue:?}"
    );

    for law in &found {
        assert!(law.misfit.unwrap() < 3.0, "{law:?}");
    }
    // One row lies off the curve.
    let later = Comparison::read(&text("later.json")).unwrap();
    assert!(later.laws()[0].misfit.unwrap() > 10.0);
    let shown = stdout(&["compare", "--from", &fixture("later.json")]).replace("\n  ", " ");
    assert!(
        shown.contains("times farther from that curve than their noise explains"),
        "{shown}"
    );

    let names = |laws: &[Law]| {
        laws.iter()
            .map(|law| law.strategy.name().to_owned())
            .collect::<Vec<_>>()
    };
    // No law with a wrong row, with too few cores, or when more workers do more work.
    let mut wrong = read.clone();
    wrong.rows[3].status = Status::Wrong;
    wrong.rows[3].speed_up = None;
    assert_eq!(names(&wrong.laws()), ["queue"]);
    let mut small = read.clone();
    small.machine.cores = 3;
    assert_eq!(small.laws(), []);
    let mut weak = read;
    weak.setup.scaling = pi_mc::compare::Scaling::Weak;
    assert_eq!(weak.laws(), []);
}

/// Both laws.json and later.json have the pool on 16 workers as its fastest row, as they do the queue.
#[test]
fn the_fastest_rows_of_two_strategies_are_compared() {
    let read = Comparison::read(&text("laws.json")).unwrap();
    let ratio = fastest_over_fastest(&read, Strategy::Queue, Strategy::Pool).unwrap();
    // The geometric mean of the rounds is near the ratio of the mean times, 36.66 ms / 65.44 ms.
    assert!((ratio.value - 0.5601).abs() < 1e-3, "{ratio:?}");
    assert!(is_around(ratio.ci95, 0.5601), "{ratio:?}");
    let inverse = fastest_over_fastest(&read, Strategy::Pool, Strategy::Queue).unwrap();
    assert!((inverse.value * ratio.value - 1.0).abs() < 1e-12);
    let missing = fastest_over_fastest(&read, Strategy::Threads, Strategy::Pool);
    assert_eq!(missing, None);
    // A busy machine: the workers of the pool got half of their cores.
    let mut busy = read;
    for row in busy.rows.iter_mut().filter(|row| row.workers == 16) {
        row.cpu_s = Some(8.0 * row.mean_s);
        row.cores_wanted = Some(16.0);
    }
    let ratio = fastest_over_fastest(&busy, Strategy::Queue, Strategy::Pool).unwrap();
    assert_eq!(ratio.ci95, None);
}

/// An earlier version wrote what a GPU needs before it counts, and a forecast of the laws.
#[test]
fn fields_of_an_earlier_version_are_ignored() {
    let saved = text("laws.json");
    assert!(saved.contains("ahead_speed_up"));
    let with_launch = saved.replacen(
        "\"workers\":16,",
        "\"workers\":16,\"gpu\":\"a card\",\"launch_s\":1e-3,\"break_even\":1e8,",
        1,
    );
    let [plain, more] = [saved, with_launch].map(|text| Comparison::read(&text).unwrap().to_json());
    assert_eq!(plain, more);
    assert!(!plain.contains("ahead"));
}

/// The pool gets the times of a lock with σ = 3.
#[test]
fn a_law_by_which_more_workers_are_slower_has_no_limit_and_one_worker_is_best() {
    let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
    let serial = saved["rows"][0]["runs"].clone();
    for row in saved["rows"].as_array_mut().unwrap() {
        if row["strategy"] != "pool" {
            continue;
        }
        let n = row["workers"].as_f64().unwrap();
        for (i, run) in row["runs"].as_array_mut().unwrap().iter_mut().enumerate() {
            let base = serial[i]["elapsed_s"].as_f64().unwrap();
            let noise = 1.0 + 1e-3 * (i as f64 - 3.0);
            run["elapsed_s"] = (noise * base * (1.0 + 3.0 * (n - 1.0)) / (0.07 * n)).into();
        }
    }
    let (_folder, path, file) = new_file("lock.json");
    fs::write(&path, saved.to_string()).unwrap();
    let told = stdout(&["compare", "--from", &file]).replace("\n  ", " ");
    let pool = told
        .lines()
        .find(|line| line.starts_with("pool (1, 2"))
        .unwrap();
    assert!(
        pool.contains("Best on 1 worker: more make it slower."),
        "{pool}"
    );
    assert!(!pool.contains("At most"), "{pool}");
}

/// A reader that goes away prevents neither the picture nor the verdict.
#[cfg(unix)]
#[test]
fn what_nobody_reads_is_judged_and_drawn_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("picture.svg");
    let judge = format!(
        "pi-mc compare --from {} --baseline {} --plot {}",
        fixture("later.json"),
        fixture("laws.json"),
        svg.display()
    );
    let run = format!(
        "pi-mc compare -n 1e5 -w 1 --runs 1 --plot {}",
        svg.display()
    );
    for (command, code) in [(judge, "1"), (run, "0")] {
        let output = shell(&format!(
            "{{ sleep 0.2; {command} 2>&-; echo $? >&2; }} | true"
        ));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap().trim(),
            code,
            "{command}"
        );
        assert!(fs::read_to_string(&svg).unwrap().ends_with("</svg>\n"));
        fs::remove_file(&svg).unwrap();
    }
}

/// Times from a busy machine say nothing about a strategy: no law, no verdict, no failure.
#[test]
fn rows_of_a_busy_machine_are_held_to_nothing() {
    let mut saved: Value = serde_json::from_str(&text("later.json")).unwrap();
    for row in saved["rows"].as_array_mut().unwrap() {
        let is_busy = row["strategy"] == "pool";
        row["cores_wanted"] = row["workers"].as_f64().unwrap().into();
        for run in row["runs"].as_array_mut().unwrap() {
            if is_busy {
                run["cpu_s"] = (0.5 * run["elapsed_s"].as_f64().unwrap()).into();
            }
        }
    }
    let (_folder, path, file) = new_file("busy.json");
    fs::write(&path, saved.to_string()).unwrap();
    let args = [
        "compare",
        "--from",
        &file,
        "--baseline",
        &fixture("laws.json"),
    ];
    let told = stdout(&args);
    let pools = || {
        told.lines()
            .skip_while(|line| !line.starts_with("Compared with"))
            .filter(|line| line.starts_with("pool  "))
    };
    assert_eq!(pools().count(), 5, "{told}");
    assert!(
        told.lines().all(|line| line.chars().count() <= 80),
        "{told}"
    );
    assert!(
        pools().all(|line| line.ends_with("cannot tell: busy")),
        "{told}"
    );
    assert!(!told.contains("pool (1, 2, 4, 8, 16) scales"), "{told}");
    assert!(told.contains("queue (1, 2, 4, 8, 16) scales"), "{told}");
    let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
    assert_eq!(csv.matches(",busy-machine,false").count(), 5, "{csv}");
    let json = stdout(&[&args[..], &["--format", "json"]].concat());
    let busy = r#""change":"busy-machine","fails":false"#;
    assert_eq!(json.matches(busy).count(), 5, "{json}");
}

/// The runs vary so much that no interval is shown, yet they are clearly slower.
#[test]
fn what_is_far_slower_is_said_to_be_at_several_sizes_too() {
    let sizes = [1, 10].map(|scale| {
        let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
        saved.as_object_mut().unwrap().remove("laws");
        let sims = 1_000_000 * scale;
        saved["sims"] = sims.into();
        let row = |strategy: &str, workers: u64, times: [f64; 3]| {
            let times = times.map(|s| s * scale as f64);
            let hits = 785_000 * scale;
            let runs = times.map(|s| serde_json::json!({"elapsed_s": s, "hits": hits}));
            serde_json::json!({"strategy": strategy, "workers": workers, "sims": sims, "serial_hits": hits,
                "runs": runs})
        };
        let rows = [row("serial", 1, [0.399, 0.4, 0.401]), row("lock", 2, [20.0, 24.0, 90.0])];
        saved["rows"] = rows.to_vec().into();
        saved.to_string()
    });
    let (_folder, path, file) = new_file("sizes.json");
    fs::write(&path, sizes.join("\n")).unwrap();
    let told = stdout(&["compare", "--from", &file]);
    assert!(told.contains("1/88×  "), "{told}");
    assert!(
        told.contains("lock (2): slower than serial up to 1e7 darts"),
        "{told}"
    );
}

#[test]
fn text_says_the_law_or_once_what_is_missing() {
    let shown = stdout(&["compare", "--from", &fixture("laws.json")]).replace("\n  ", " ");
    for words in [
        "pool (1, 2, 4, 8, 16) scales by Amdahl's law: contention σ 0.0",
        "queue (1, 2, 4, 8, 16) scales by the Universal Scalability Law: contention σ 0.0",
        "Best on ",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("No scaling law"));
    let look = TextStyle {
        ascii: true,
        ..TextStyle::default()
    };
    let ascii = table::scaling(&[Comparison::read(&text("laws.json")).unwrap()], look);
    for words in ["contention sigma 0.0", "coherency kappa"] {
        assert!(ascii.contains(words), "{words}: {ascii}");
    }
    assert!(!ascii.contains('?'), "{ascii}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.json");
    let small = text("laws.json").replace("\"cores\":16", "\"cores\":2");
    fs::write(&path, small).unwrap();
    let shown = stdout(&["compare", "--from", path.to_str().unwrap()]).replace("\n  ", " ");
    let missing = "No scaling law: a fit needs 3 numbers of workers up to the cores, and this machine has \
                   only 2 cores.";
    assert_eq!(shown.matches(missing).count(), 1, "{shown}");
    // Nobody who asked for two numbers of workers expects a law.
    let mut two: Value = serde_json::from_str(&text("laws.json")).unwrap();
    let rows = two["rows"].as_array_mut().unwrap();
    rows.retain(|row| row["workers"].as_u64() <= Some(2));
    fs::write(&path, two.to_string()).unwrap();
    let shown = stdout(&["compare", "--from", path.to_str().unwrap()]);
    assert!(!shown.contains("No scaling law"), "{shown}");
}

/// One of each, and times that no machine has.
#[test]
fn few_things_and_huge_ratios_read_well() {
    let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
    let rows = saved["rows"].as_array_mut().unwrap();
    rows.retain(|row| row["workers"].as_u64() <= Some(2) && row["strategy"] != "queue");
    for row in rows.iter_mut() {
        row["runs"].as_array_mut().unwrap().truncate(1);
    }
    rows[2]["runs"][0]["hits"] = (rows[2]["serial_hits"].as_u64().unwrap() - 1).into();
    rows[1]["runs"][0]["elapsed_s"] = 1e-9.into();
    rows[0]["runs"][0]["elapsed_s"] = 1e9.into();
    let (_folder, path, file) = new_file("few.json");
    fs::write(&path, saved.to_string()).unwrap();
    let mut all = String::new();
    for more in [&[][..], &["--wide"], &["--format", "markdown"]] {
        let output = run(&[&["compare", "--from", &file], more].concat());
        all += &String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    }
    for words in ["1 run of each", "1 hit too few", "1 hit fewer", "1.0e18"] {
        assert!(all.contains(words), "{words}: {all}");
    }
    let odd = Regex::new(r"\b1 (runs|rows|hits|workers)\b|\d{9}\.\d").unwrap();
    assert!(odd.find(&all).is_none(), "{:?}: {all}", odd.find(&all));
}

/// The fitted law is a curve over the bars of its strategy.
#[test]
fn the_picture_has_the_law_as_a_curve() {
    let laws = fixture("laws.json");
    let svg = stdout(&["compare", "--from", &laws, "--plot", "-"]);
    assert!(svg.contains("fitted law"), "{svg}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.json");
    fs::write(
        &path,
        text("laws.json").replace("\"cores\":16", "\"cores\":2"),
    )
    .unwrap();
    let without = stdout(&["compare", "--from", path.to_str().unwrap(), "--plot", "-"]);
    assert!(!without.contains("fitted law"), "{without}");
    let curves = |svg: &str| svg.matches("stroke=\"#cc79a7\"").count();
    // One for each of two strategies, and one in the legend.
    assert_eq!((curves(&svg), curves(&without)), (3, 0));
}

/// The curve goes past the bars of a row that the law leaves out, since the machine was busy.
#[test]
fn the_curve_of_a_law_goes_past_busy_rows() {
    for busy in [1, 4] {
        let mut saved: Value = serde_json::from_str(&text("laws.json")).unwrap();
        for row in saved["rows"].as_array_mut().unwrap() {
            if row["strategy"] == "pool" && row["workers"] == busy {
                row["cores_wanted"] = busy.into();
                for run in row["runs"].as_array_mut().unwrap() {
                    run["cpu_s"] = (0.5 * run["elapsed_s"].as_f64().unwrap()).into();
                }
            }
        }
        let (_folder, path, file) = new_file("busy.json");
        fs::write(&path, saved.to_string()).unwrap();
        let svg = stdout(&["compare", "--from", &file, "--plot", "-"]);
        let curve = r##"stroke="#cc79a7"[^>]* d="M([^"]*)"##;
        let curves = Regex::new(curve).unwrap();
        let points = curves
            .captures_iter(&svg)
            .map(|curve| curve[1].split(' ').count() / 2);
        // Twelve steps between two rows: four of pool's five, and queue's five.
        let points: Vec<usize> = points.filter(|points| *points > 2).collect();
        assert_eq!(points, [37, 49], "{busy} is busy");
    }
}

#[test]
fn a_baseline_says_what_became_slower() {
    let [laws, later] = ["laws.json", "later.json"].map(fixture);
    let output = run(&["compare", "--from", &later, "--baseline", &laws]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr,
        "pi-mc: pool on 8 workers is slower than the baseline by more than 5 %\n"
    );
    let shown = String::from_utf8(output.stdout).unwrap();
    let verdict = |start: &str| {
        let line = shown.lines().rfind(|line| line.starts_with(start)).unwrap();
        line.rsplit("  ").next().unwrap().trim().to_owned()
    };
    assert_eq!(verdict("pool            8"), "SLOWER");
    assert_eq!(verdict("pool            4"), "the same");
    assert_eq!(verdict("queue           2"), "faster");
    assert!(
        shown.contains("Not in the baseline: threads (2) at 1e8 darts\n"),
        "{shown}"
    );
    let only = "Only in the baseline: pool (32) at 1e8 darts; queue (32) at 1e8 darts\n";
    assert!(shown.contains(only), "{shown}");
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );

    // 1.2 times as long is within 25 %. With the files swapped, queue (2) is the slower row.
    let tolerant = [
        "compare",
        "--from",
        &later,
        "--baseline",
        &laws,
        "--tolerance",
        "25%",
    ];
    stdout(&tolerant);
    let output = run(&[
        "compare",
        "--from",
        &laws,
        "--baseline",
        &later,
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let held: Value = serde_json::from_slice(&output.stdout).unwrap();
    let slow: Vec<_> = held["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["fails"] == true)
        .collect();
    assert_eq!(slow.len(), 1);
    assert_eq!(
        (&slow[0]["strategy"], &slow[0]["workers"]),
        (&"queue".into(), &2.into())
    );
    for format in ["csv", "markdown"] {
        let args = [&tolerant[..], &["--format", format]].concat();
        let table = stdout(&args);
        // A header (in Markdown, two lines above it), 11 rows, and 3 without a partner.
        assert!(
            table.contains("serial") && table.lines().count() >= 15,
            "{table}"
        );
    }
}

#[test]
fn another_machine_and_other_work_are_refused() {
    let laws = fixture("laws.json");
    // Refused before anything runs.
    let args = ["compare", "-n", "1e16", "--baseline", &laws];
    let message = failure(&args);
    assert!(
        message.contains("its CPU is Made up") && message.contains("--any-machine"),
        "{message}"
    );
    let message = failure(&[&args[..], &["--any-machine"]].concat());
    assert!(
        message.contains("its number of darts is 100000000, here 10000000000000000"),
        "{message}"
    );
    let message = failure(&[
        "compare",
        "--baseline",
        &laws,
        "--any-machine",
        "--scaling",
        "weak",
    ]);
    assert!(
        message.contains("its scaling is strong, here weak"),
        "{message}"
    );

    // Without -n, the number of darts is the baseline's.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.json");
    let path: &Path = &path;
    let saved = stdout(&[
        "compare", "-n", "123456", "-w", "1", "--runs", "2", "--format", "json",
    ]);
    fs::write(path, saved).unwrap();
    let path = path.to_str().unwrap();
    let args = [
        "compare",
        "-w",
        "1",
        "--baseline",
        path,
        "--tolerance",
        "1000%",
        "--format",
        "json",
    ];
    let held: Value = serde_json::from_slice(&run(&args).stdout).unwrap();
    assert_eq!(held["rows"][1]["sims"], 123_456);
    assert_eq!(held["only_here"], Value::Array(Vec::new()));
}
