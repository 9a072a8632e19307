//! Long runs: progress, limits, and resuming to the same hits however a run ended. Tests read a clock only
//! to wait for a process.

use std::fs;
#[cfg(unix)]
use std::io::{BufRead, BufReader, Read, Write};
use std::num::NonZero;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pi_mc::engine::whole;
use pi_mc::result::milestones;
use pi_mc::result::record::Method;
use pi_mc::{Kernel, Plan, Record, Tally, Walk};
use rand::TryRng;
use rand::rngs::SysRng;
use serde_json::Value;

use crate::contract::{CONTRACT, MILLION_HITS};
use crate::program::{
    self, LIMIT, NEVER, failure, hits, json, new_file, one_line, start, stdout, usage_error,
    wait_for_darts,
};
#[cfg(unix)]
use crate::program::{command, new_fifo, shell, signal};

/// A walk with the fastest kernel.
fn walk(plan: &Plan, workers: usize) -> Walk {
    let workers = NonZero::new(workers);
    Walk::of(*plan).workers(workers).start().unwrap()
}

/// Counts on one thread.
fn count(plan: &Plan) -> Tally {
    whole::count(plan, Kernel::detect(), NonZero::<usize>::MIN).unwrap()
}

#[test]
fn a_walk_stops_where_it_is_told_and_nowhere_changes_a_hit() {
    for workers in [1, 2, 8] {
        let plan = Plan::new(42, 1_000..1_001_000).unwrap();
        let mut walk = walk(&plan, workers);
        let mut seen = Vec::new();
        let next = |sims: u64| (sims / 70_000 + 1) * 70_000;
        while let Some(tally) = walk.step(next(walk.tally().sims), || false).unwrap() {
            seen.push(tally);
        }
        assert_eq!(walk.tally(), count(&plan));
        for stop in (70_000..1_000_000).step_by(70_000).chain([1_000_000]) {
            let tally = count(&plan.part(0..stop).unwrap());
            assert!(seen.contains(&tally), "{workers} workers, {stop} darts");
        }
    }
}

#[test]
fn a_walk_told_to_stop_holds_its_first_chunks() {
    let plan = Plan::new(42, 1_000..10_001_000).unwrap();
    for workers in [1, 2, 8] {
        let asked = std::sync::atomic::AtomicU64::new(0);
        let stop = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 20;
        let mut walk = walk(&plan, workers);
        while walk.step(u64::MAX, stop).unwrap().is_some() {}
        let tally = walk.tally();
        assert!((64_536..10_000_000).contains(&tally.sims), "{tally:?}");
        assert_eq!((tally.sims + 1_000) % 65_536, 0, "whole chunks: {tally:?}");
        assert_eq!(count(&plan.part(0..tally.sims).unwrap()), tally);
    }
}

#[test]
fn a_walk_that_is_stopped_at_once_holds_a_chunk_all_the_same() {
    let plan = Plan::first(42, 10_000_000).unwrap();
    let mut walk = walk(&plan, 1);
    let (_, sims, hits) = CONTRACT[3];
    let step = |walk: &mut Walk| walk.step(u64::MAX, || true).unwrap();
    assert_eq!(step(&mut walk), Some(Tally { sims, hits }));
    assert_eq!(step(&mut walk), None);
}

#[test]
fn a_walk_resumes_after_what_was_counted_before() {
    let plan = Plan::new(42, 1_000..1_001_000).unwrap();
    let resumed = count(&plan.part(0..123_456).unwrap());
    let workers = NonZero::new(2);
    let record = Record::new(&plan, resumed, Method::Darts);
    let walk = Walk::of(plan).workers(workers).resume(&record).unwrap();
    let mut walk = walk.start().unwrap();
    assert_eq!(walk.tally(), resumed);
    while walk.step(u64::MAX, || false).unwrap().is_some() {}
    assert_eq!(walk.tally(), count(&plan));
}

/// A resumed result includes earlier darts, processor time and the machine.
#[test]
fn a_resumed_run_adds_to_the_processor_time_and_keeps_its_machine() {
    let (_folder, path, checkpoint) = new_file("run.json");
    let first = json(&[
        "-n",
        "1e6",
        "-s",
        "42",
        "-w",
        "1",
        "--checkpoint",
        &checkpoint,
    ]);
    let saved = fs::read_to_string(&path).unwrap();
    let resume = |saved: &Value| {
        fs::write(&path, saved.to_string()).unwrap();
        json(&["-n", "2e6", "-w", "1", "--checkpoint", &checkpoint])
    };
    let mut saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["machine"], first["machine"]);
    saved["cpu_s"] = 1000.into();
    // A checkpoint from years ago.
    saved["machine"]["started"] = "2020-02-29T12:00:00Z".into();
    let resumed = resume(&saved);
    assert_eq!(resumed["hits"], hits(42, 2_000_000));
    assert_eq!(resumed["machine"], saved["machine"]);
    if cfg!(unix) {
        let cpu_s = resumed["cpu_s"].as_f64().unwrap();
        assert!((1000.0..1100.0).contains(&cpu_s), "{resumed}");
    }
    // A result of two machines names neither.
    saved["machine"]["cpu"] = "another".into();
    assert_eq!(resume(&saved)["machine"], Value::Null);
    saved["machine"] = Value::Null;
    saved["cpu_s"] = Value::Null;
    let resumed = resume(&saved);
    assert_eq!(
        (&resumed["machine"], &resumed["cpu_s"]),
        (&Value::Null, &Value::Null)
    );
    // Unless the first counted nothing.
    saved["sims"] = 0.into();
    saved["hits"] = 0.into();
    saved["goal"]["marks"] = Value::Array(Vec::new());
    for follows in ["pi", "std_error", "ci95", "sims_per_s"] {
        saved[follows] = Value::Null;
    }
    let resumed = resume(&saved);
    assert_eq!(resumed["machine"]["cpu"], first["machine"]["cpu"]);
}

/// The stderr of a command that succeeds.
fn without_stdout(args: &[&str]) -> String {
    let output = program::run(args);
    assert!(output.status.success(), "{output:?}");
    one_line(output.stderr)
}

/// A tally of so many darts.
fn held(sims: u64) -> Tally {
    Tally { sims, hits: 0 }
}

#[test]
fn marks_are_1_2_and_5_times_powers_of_ten() {
    let mut marks = vec![0];
    while marks.last() != Some(&u64::MAX) {
        marks.push(held(*marks.last().unwrap()).next_mark());
    }
    assert_eq!(marks[..9], [0, 1, 2, 5, 10, 20, 50, 100, 200]);
    let end = [5 * 10u64.pow(18), 10u64.pow(19), u64::MAX];
    assert_eq!(marks[marks.len() - 3..], end);
    assert!(marks[1..].iter().all(|mark| held(*mark).is_mark()));
    assert!([0, 3, 11, 60_001].iter().all(|sims| !held(*sims).is_mark()));
}

#[test]
fn checks_are_whole_chunks_and_at_most_a_128th_apart() {
    let mut at = 0;
    while at < u64::MAX {
        let next = held(at).next_check();
        assert!(next > at);
        if next < u64::MAX {
            assert_eq!(next % 65_536, 0);
            assert!(next - at <= (at / 128).max(65_536), "{at} to {next}");
            // The next check is the same from any number of darts before it.
            assert_eq!(held(next - 1).next_check(), next);
        }
        at = next;
    }
}

#[test]
fn a_trace_is_the_same_bytes_for_any_number_of_workers() {
    let (_folder, path, file) = new_file("trace.jsonl");
    let (seed, sims, hits) = CONTRACT[6];
    let [seed, sims] = [seed, sims].map(|n| (n + 1).to_string());
    assert!(hits > 0);
    let mut traces = Vec::new();
    for workers in ["1", "2", "8"] {
        stdout(&["-n", &sims, "-s", &seed, "-w", workers, "--trace", &file]);
        traces.push(fs::read_to_string(&path).unwrap());
    }
    assert!(traces.iter().all(|trace| *trace == traces[0]));

    // 1, 2, 5 to 5 million; ten million; and the end.
    let lines: Vec<Value> = traces[0]
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3 * 7 + 2);
    for line in &lines {
        let sims = line["sims"].as_u64().unwrap();
        let result = json(&["-n", &sims.to_string(), "-s", &seed]);
        assert_eq!(line.as_object().unwrap().len(), 4);
        for field in ["hits", "pi", "std_error"] {
            assert_eq!(line[field], result[field], "{field} at {sims}");
        }
    }
    assert_eq!(lines.last().unwrap()["sims"].to_string(), sims);
}

#[test]
fn a_trace_on_stdout_comes_before_the_result() {
    let out = stdout(&["-n", "20", "-s", "42", "--trace", "-", "-q"]);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 6, "1, 2, 5, 10, 20 and the estimate: {out}");
    assert!(lines[4].starts_with(r#"{"sims":20,"hits":17,"#));
    assert_eq!(lines[5], "3.4");
}

#[test]
fn a_trace_that_nobody_reads_ends_the_run_quietly() {
    let begun = Instant::now();
    let mut child = start(&["-n", NEVER, "--trace", "-"]);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < LIMIT, "the time limit ended it");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_nobody_will_read_ends_the_run_quietly() {
    let begun = Instant::now();
    let mut child = start(&["-n", NEVER]);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < LIMIT, "the time limit ended it");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}

#[cfg(target_os = "linux")]
#[test]
fn a_trace_that_cannot_be_written_is_a_failure_and_the_result_is_there() {
    let output = program::run(&["-n", "1e6", "-s", "42", "-q", "--trace", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"3.1429\n");
    assert!(one_line(output.stderr).contains("could not write the trace '/dev/full'"));

    let message = failure(&["--trace", "/no/such/folder/trace"]);
    assert!(message.contains("/no/such/folder/trace"), "{message}");
}

#[test]
fn a_target_error_is_reached_at_the_same_dart_for_any_number_of_workers() {
    for target in ["1e-2", "1e-3", "1.5e-4"] {
        let results = ["1", "2", "8"].map(|workers| {
            let result = json(&["--target-error", target, "-s", "42", "-w", workers]);
            let target: f64 = target.parse().unwrap();
            assert!(result["std_error"].as_f64().unwrap() <= target, "{result}");
            assert!(result.get("partial").is_none(), "{result}");
            let (sims, hits) = (result["sims"].clone(), result["hits"].clone());
            let same = json(&["-s", "42", "-n", &sims.to_string()]);
            assert_eq!(same["hits"], hits);
            (sims, hits)
        });
        assert!(results.iter().all(|result| *result == results[0]));
        // A trace, which stops elsewhere too, does not change where the run ends.
        let (_folder, _, trace) = new_file("trace.csv");
        let traced = json(&["--target-error", target, "-s", "42", "--trace", &trace]);
        assert_eq!(traced["sims"], results[0].0);
        // At most a chunk or a 128th more darts than needed: 4 sqrt(p (1 - p) / n) = target.
        let needed = (1.6421 / target.parse::<f64>().unwrap()).powi(2);
        let sims = results[0].0.as_f64().unwrap();
        assert!(sims < needed * 1.009 + 65_536.0, "{sims} for {needed}");
    }
}

#[test]
fn the_first_end_ends_a_run() {
    // The darts are reached before the error, then the error before the darts.
    let result = json(&["-n", "1000", "--target-error", "1e-9", "-s", "1"]);
    assert_eq!(result["sims"], 1000);
    assert!(result.get("partial").is_none());
    let result = json(&["-n", NEVER, "--target-error", "1e-2", "--time-limit", "1d"]);
    assert_eq!(result["sims"], 65_536);

    // The time is reached before the darts: the result has the darts counted by then, and is complete.
    for end in [
        &[][..],
        &["-n", NEVER][..],
        &["--target-error", "1e-12"][..],
    ] {
        let result = json(&[end, &["--time-limit", "20ms", "-s", "42"]].concat());
        let sims = result["sims"].as_u64().unwrap();
        assert_eq!(sims % 65_536, 0);
        assert_eq!(result["hits"], hits(42, sims));
        assert!(result.get("partial").is_none(), "{result}");
    }
    // The darts are reached before the time.
    assert_eq!(json(&["-n", "7", "--time-limit", "1d"])["sims"], 7);
}

#[test]
fn bad_limits_are_named_with_what_is_accepted() {
    for (option, values, accepted) in [
        (
            "--target-error",
            &["0", "-1", "nan", "inf", "1e-6x", ""][..],
            "1e-6",
        ),
        ("--time-limit", &["0s"][..], "30s"),
        ("--time-limit", &["10", "-1s", "s", ""][..], "1h30m"),
        (
            "--shard",
            &["0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/2/3", ""][..],
            "3/64",
        ),
        ("--progress", &["maybe"][..], "always"),
    ] {
        for value in values {
            let message = usage_error(&[&format!("{option}={value}")]);
            assert!(message.contains(&format!("'{value}'")), "{message}");
            assert!(message.contains(option), "{message}");
            assert!(message.contains(accepted), "{message}");
        }
    }
}

#[test]
fn lazy_darts_have_no_course() {
    for option in [
        &["--time-limit", "1s"][..],
        &["--target-error", "1e-3"],
        &["--trace", "-"],
        &["--checkpoint", "never-written"],
        &["--shard", "1/2"],
        &["--mpi"],
        &["--workers", "2"],
        &["--workers", "auto"],
        &["--kernel", "portable"],
    ] {
        let message = usage_error(&[&["--method", "lazy"], option].concat());
        assert!(message.contains(&format!("'{}'", option[0])), "{message}");
    }
    let message = usage_error(&["--trace", "same", "--checkpoint", "same"]);
    assert!(message.contains("same file"), "{message}");
}

#[test]
fn progress_is_on_stderr_where_it_is_wanted_and_never_on_stdout() {
    // Half a second of counting on any machine.
    let args = ["--time-limit", "600ms", "-s", "42", "-q"];
    for (progress, lines) in [("always", 1), ("auto", 0), ("never", 0)] {
        let output = program::run(&[&args[..], &["--progress", progress]].concat());
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().count(), lines, "{progress}: {stderr}");
        for line in stderr.lines() {
            assert!(
                line.starts_with("pi-mc: ") && line.contains(" left, π ≈ 3.1"),
                "{line}"
            );
        }
    }
    let short = program::run(&["-n", "1000", "--progress", "always"]);
    assert_eq!(short.stderr, b"", "nothing to show in a short run");
}

/// A terminal that cannot return to the start of a line.
#[cfg(target_os = "linux")]
#[test]
fn a_dumb_terminal_gets_lines() {
    let run = |term: &str, progress: &str| {
        let run = format!("pi-mc --time-limit 2s --progress {progress} >/dev/null");
        let script = format!("TERM={term} script -qec '{run}' /dev/null </dev/null");
        String::from_utf8(shell(&script).stdout).unwrap()
    };
    for progress in ["always", "auto"] {
        let shown = run("dumb", progress);
        let line = shown.strip_suffix("\r\n");
        assert!(
            line.is_some_and(|line| line.starts_with("pi-mc: ") && !line.contains(['\r', '\x1b'])),
            "{shown:?}"
        );
        assert!(
            run("xterm", progress).contains('\x1b'),
            "drawn over and over"
        );
    }
    assert_eq!(run("dumb", "never"), "");
}

#[test]
fn a_run_goes_on_from_its_checkpoint_and_may_be_extended() {
    let (_folder, path, file) = new_file("checkpoint.json");
    let checkpoint = ["--checkpoint", file.as_str()];
    let parsed = |extra: &[&str]| json(&[&checkpoint[..], extra].concat());

    let first = parsed(&["-n", "65537", "-s", "42"]);
    assert_eq!(first["hits"], 51_739);
    let saved = fs::read_to_string(&path).unwrap();
    let mut saved: Value = serde_json::from_str(&saved).unwrap();
    let goal = saved.as_object_mut().unwrap().remove("goal");
    let marks = milestones::marks().take_while(|mark| *mark <= 65_537);
    let marks: Vec<_> = marks.map(|mark| (mark, hits(42, mark))).collect();
    let expected = serde_json::json!({"sims": 65_537, "marks": marks});
    assert_eq!(goal, Some(expected));
    assert_eq!(saved, first);

    // With other threads, and without repeating the file's settings.
    let more = parsed(&["-n", "1000000", "-w", "3"]);
    assert_eq!(
        (&more["seed"], &more["hits"]),
        (&42.into(), &MILLION_HITS.into())
    );
    assert!(more["elapsed_s"].as_f64() > first["elapsed_s"].as_f64());
    // Nothing is left to count, and the result is printed again.
    let again = parsed(&[]);
    for field in ["sims", "hits", "elapsed_s", "cpu_s"] {
        assert_eq!(again[field], more[field], "{field}");
    }

    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "no lock, no temporary file: {left:?}");
}

#[test]
fn a_resumed_trace_is_that_of_one_run() {
    let (folder, _, checkpoint) = new_file("checkpoint.json");
    let trace = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (whole, parts) = (trace("whole"), trace("parts"));
    stdout(&["-n", "300000", "-s", "7", "--trace", &whole]);
    for sims in ["3", "1000", "70000", "300000"] {
        stdout(&[
            "-n",
            sims,
            "-s",
            "7",
            "--checkpoint",
            &checkpoint,
            "--trace",
            &parts,
        ]);
    }
    assert_eq!(fs::read(whole).unwrap(), fs::read(&parts).unwrap());

    // Whatever of it is lost, and in runs that had none before, it is written anew from the checkpoint.
    let (folder, _, checkpoint) = new_file("checkpoint.json");
    stdout(&["-n", "1000", "-s", "7", "--checkpoint", &checkpoint]);
    let whole = fs::read_to_string(&parts).unwrap();
    let resumed = |held: Option<&str>| {
        let [copy, trace] = ["copy.json", "trace"].map(|name| folder.path().join(name));
        fs::copy(&checkpoint, &copy).unwrap();
        let _ = fs::remove_file(&trace);
        if let Some(held) = held {
            fs::write(&trace, held).unwrap();
        }
        let [copy, name] = [&copy, &trace].map(|path| path.to_str().unwrap());
        let args = ["-n", "300000", "-s", "7", "--checkpoint", copy];
        stdout(&[&args[..], &["--trace", name]].concat());
        fs::read_to_string(trace).unwrap()
    };
    let (kept, _) = whole.split_at(whole.find("{\"sims\":2000,").unwrap());
    let (less, _) = whole.split_at(whole.find("{\"sims\":100,").unwrap());
    for held in [
        None,
        Some(""),
        Some(less),
        Some(kept),
        // Cut off in a line, and between a line and its end.
        Some(&kept[..kept.len() - 30]),
        Some(kept.trim_end()),
    ] {
        assert_eq!(resumed(held), whole, "{held:?}");
    }
    // On stdout too.
    stdout(&["-n", "2000", "-s", "7", "--checkpoint", &checkpoint]);
    let args = ["-n", "300000", "--checkpoint", &checkpoint];
    let printed = stdout(&[&args[..], &["--trace", "-", "-q"]].concat());
    assert!(printed.starts_with(&whole), "{printed}");
}

/// A run that is killed while it writes a trace goes on to the trace of one run.
#[test]
fn a_trace_never_runs_ahead_of_its_checkpoint() {
    let (folder, path, checkpoint) = new_file("checkpoint.json");
    let [trace, whole] = ["trace", "whole"].map(|name| folder.path().join(name));
    let [name, whole_name] = [&trace, &whole].map(|path| path.to_str().unwrap());
    let args = ["-s", "7", "--checkpoint", &checkpoint, "--trace", name];
    let slow = ["-n", "400000000", "--kernel", "portable"];
    let killed = |may_kill: &dyn Fn() -> bool| {
        let mut child = start(&[&args[..], &slow].concat());
        while !may_kill() && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    };
    for _ in 0..20 {
        let random = SysRng.try_next_u64().unwrap();
        let (begun, time) = (Instant::now(), Duration::from_millis(random % 150));
        killed(&|| begun.elapsed() >= time);
    }
    // On a loaded machine none of them may have come so far.
    let has_lines = || fs::metadata(&trace).is_ok_and(|trace| trace.len() > 0);
    if !has_lines() {
        killed(&has_lines);
    }
    assert!(path.exists(), "a trace without a checkpoint");
    let said = without_stdout(&["--checkpoint", &checkpoint, "-q"]);
    assert!(said.contains("the trace goes on in"), "{said}");
    stdout(&["-n", "400000000", "-s", "7", "--trace", whole_name, "-q"]);
    assert_eq!(fs::read(trace).unwrap(), fs::read(whole).unwrap());
}

#[test]
fn a_resumed_picture_is_that_of_one_run() {
    let (folder, _, checkpoint) = new_file("checkpoint.json");
    let [whole, parts] = ["whole.svg", "parts.svg"].map(|name| folder.path().join(name));
    let plot = |path: &std::path::Path, args: &[&str]| {
        let plot = ["-s", "7", "--plot", path.to_str().unwrap(), "-q"];
        stdout(&[&plot[..], args].concat());
        fs::read_to_string(path).unwrap()
    };
    for sims in ["1000", "70000"] {
        stdout(&["-n", sims, "-s", "7", "--checkpoint", &checkpoint]);
    }
    let resumed = plot(&parts, &["-n", "300000", "--checkpoint", &checkpoint]);
    assert_eq!(resumed, plot(&whole, &["-n", "300000"]));
}

/// Earlier versions saved no marks.
#[test]
fn a_checkpoint_without_marks_says_where_trace_and_picture_begin() {
    let (folder, path, checkpoint) = new_file("checkpoint.json");
    let [trace, picture] = ["trace", "picture.svg"].map(|name| folder.path().join(name));
    let [trace_name, plot] = [&trace, &picture].map(|path| path.to_str().unwrap());
    for (sims, first) in [("1000", 1_000), ("70000", 100_000)] {
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(&trace);
        stdout(&["-n", sims, "-s", "7", "--checkpoint", &checkpoint]);
        let mut saved: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let goal = saved["goal"].as_object_mut().unwrap();
        assert!(goal.remove("marks").is_some());
        fs::write(&path, saved.to_string()).unwrap();
        // Without trace and picture there is nothing to say.
        stdout(&["--checkpoint", &checkpoint]);
        let args = ["-n", "300001", "-q", "--checkpoint", &checkpoint];
        let output = program::run(&[&args[..], &["--trace", trace_name, "--plot", plot]].concat());
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!(
                "pi-mc: the checkpoint has no estimates before {sims} darts; trace and picture begin there\n"
            )
        );
        let lines = fs::read_to_string(&trace).unwrap();
        let sims = lines.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let sims = line["sims"].as_u64().unwrap();
            assert_eq!(line["hits"], hits(7, sims));
            sims
        });
        let marks = milestones::marks().skip_while(|mark| *mark < first);
        let marks = marks.take_while(|mark| *mark < 300_001).chain([300_001]);
        assert!(sims.eq(marks), "{lines}");
        assert!(fs::read_to_string(&picture).unwrap().starts_with("<svg "));
    }
}

/// A trace of a different run is refused and left unchanged.
#[test]
fn a_resumed_trace_must_be_of_this_run() {
    let (folder, _, checkpoint) = new_file("checkpoint.json");
    let path = folder.path().join("trace");
    let trace = path.to_str().unwrap();
    stdout(&["-n", "1000", "-s", "7", "--checkpoint", &checkpoint]);
    let of = |seed, sims| {
        stdout(&["-n", sims, "-s", seed, "--trace", trace, "-q"]);
        fs::read_to_string(&path).unwrap()
    };
    let (right, longer, other) = (of("7", "1000"), of("7", "2000"), of("8", "1000"));
    let lacks_start = right.split_once('\n').unwrap().1;
    // Plausible hits except in the last line.
    let late = right.replace("\"sims\":1000,\"hits\":774", "\"sims\":1000,\"hits\":775");
    for content in [
        &other,
        &late,
        &longer,
        lacks_start,
        "a letter",
        "a letter\n",
    ] {
        fs::write(&path, content).unwrap();
        let message = failure(&["-n", "2000", "--checkpoint", &checkpoint, "--trace", trace]);
        assert!(message.contains("not a trace of this run"), "{message}");
        assert!(message.contains(trace), "{message}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

/// A checkpoint keeps the run's goal until the command line names another.
#[test]
fn a_checkpoint_keeps_the_goal() {
    let (folder, path, file) = new_file("checkpoint.json");
    let bare = || json(&["--checkpoint", &file]);
    let bare_output = || program::run(&["--checkpoint", &file, "--format", "json"]);
    let saved = || -> Value { serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap() };

    // A number of darts, cut short by a time limit.
    let args = ["-n", "300000001", "-s", "42", "--checkpoint", &file];
    stdout(&[&args[..], &["--time-limit", "1ms"]].concat());
    assert!(saved()["sims"].as_u64() < Some(300_000_001));
    assert_eq!(bare()["sims"], 300_000_001);

    // A target error and a trace, of a run that was killed.
    fs::remove_file(&path).unwrap();
    let trace = folder.path().join("trace");
    let args = ["--target-error", "2e-5", "-s", "42", "--checkpoint", &file];
    let slow = ["--kernel", "portable", "--trace", trace.to_str().unwrap()];
    let mut child = start(&[&args[..], &slow].concat());
    wait_for_darts(&path, 0);
    // Its first lines follow the checkpoint.
    while fs::metadata(&trace).map_or(0, |trace| trace.len()) == 0 {
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(saved().get("total").is_none(), "no end is no total");
    let resumed = bare_output();
    let said = one_line(resumed.stderr);
    let name = fs::canonicalize(&trace).unwrap().display().to_string();
    // No message has the prefix that Windows puts before such a name.
    let name = name.trim_start_matches(r"\\?\");
    let expected = format!("the trace goes on in '{name}', which the checkpoint names");
    assert!(said.ends_with(&expected), "{said}");
    let resumed: Value = serde_json::from_slice(&resumed.stdout).unwrap();
    assert_eq!(resumed["sims"], json(&args[..4])["sims"]);
    let lines = fs::read_to_string(&trace).unwrap();
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(last["sims"], resumed["sims"]);

    // More darts are a new goal, and so is a different error.
    let more = [
        "--checkpoint",
        &file,
        "-n",
        "7000000000",
        "--trace",
        trace.to_str().unwrap(),
    ];
    assert_eq!(json(&more)["sims"], 7_000_000_000u64);
    assert_eq!(saved()["goal"]["target_error"], Value::Null);

    // A shard stays a shard.
    fs::remove_file(&path).unwrap();
    let shard = [
        "-n",
        "1e6",
        "-s",
        "42",
        "--shard",
        "2/3",
        "--checkpoint",
        &file,
    ];
    let first = json(&shard);
    assert_eq!(bare()["hits"], first["hits"]);
    // A run without a number of darts has no total, and is never unfinished.
    fs::remove_file(&path).unwrap();
    let timed = json(&["--time-limit", "1ms", "-s", "42", "--checkpoint", &file]);
    assert!(timed.get("total").is_none());
    assert_eq!(bare()["sims"], timed["sims"]);
}

#[test]
fn a_checkpoint_of_another_run_is_refused_and_left_alone() {
    let (_folder, path, file) = new_file("checkpoint.json");
    stdout(&["-n", "1e6", "-s", "42", "--checkpoint", &file]);
    let line = fs::read_to_string(&path).unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(line.contains(from), "{from}");
        line.replace(from, to)
    };
    let run = ["-n", "2e6", "-s", "42"];
    for (content, args, what) in [
        (line.clone(), &["-s", "43"][..], "has seed 42, this run 43"),
        (
            line.clone(),
            &["-n", "1e5", "-s", "42"],
            "has sims 1000000, this run only 100000",
        ),
        (
            line.clone(),
            &["-n", "1e7", "-s", "42", "--shard", "2/2"],
            "begins at dart 0, this run ",
        ),
        (
            replaced("\"contract\":1", "\"contract\":2,\"new\":true"),
            &run,
            "contract 2",
        ),
        (replaced("\"darts\"", "\"lazy\""), &run, "method 'lazy'"),
        (
            replaced(":785725", ":1000001"),
            &run,
            "1000001 hits among 1000000 darts",
        ),
        (
            replaced(":785725", ":785726"),
            &run,
            "pi is 3.1429, but 3.142904 follows",
        ),
        (replaced(":785725", ":-1"), &run, "not a saved result"),
        (replaced("\"hits\"", "\"hit\""), &run, "not a saved result"),
        (
            line[..line.len() / 2].to_owned(),
            &run,
            "not a saved result",
        ),
        (line.repeat(2), &run, "it has 2 saved results: expected one"),
        (String::new(), &run, "it is empty: expected a saved result"),
        (
            "a letter to somebody\n".to_owned(),
            &run,
            "not a saved result",
        ),
    ] {
        fs::write(&path, &content).unwrap();
        let message = failure(&[args, &["--checkpoint", &file]].concat());
        assert!(message.contains(what), "{what}: {message}");
        // Windows begins a name without links with \\?\.
        let named =
            message.starts_with("pi-mc: checkpoint '") && message.contains(&(file.clone() + "'"));
        assert!(named, "{message}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "left alone");
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(failure(&["--checkpoint", &file]).contains("UTF-8"));

    #[cfg(unix)]
    {
        let message = failure(&["--checkpoint", "/dev/null"]);
        assert!(message.contains("not a regular file"), "{message}");
    }
    let message = failure(&["--checkpoint", "/no/such/folder/file"]);
    assert!(message.contains("/no/such/folder/file"), "{message}");
}

#[cfg(unix)]
#[test]
fn of_two_runs_on_one_checkpoint_the_second_is_refused() {
    let (folder, path, file) = new_file("checkpoint.json");
    let args = ["-n", NEVER, "-s", "42", "--checkpoint", &file];
    let child = start(&args);
    wait_for_darts(&path, 0);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for name in [&file, link.to_str().unwrap()] {
        let message = failure(&["-n", NEVER, "-s", "42", "--checkpoint", name]);
        assert!(message.contains("in use by another run"), "{message}");
    }
    signal(&child, "TERM");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_with_what_it_has() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let (_folder, path, file) = new_file("checkpoint.json");
        let args = [
            "-n",
            NEVER,
            "-s",
            "42",
            "--format",
            "json",
            "--checkpoint",
            &file,
        ];
        let child = start(&args);
        wait_for_darts(&path, 0);
        signal(&child, name);
        // `timeout` sends the same signal twice, which must not lose the result.
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}");
        assert_eq!(output.stderr, b"");

        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(result["partial"], true);
        assert_eq!(result["total"], 10u64.pow(16));
        let sims = result["sims"].as_u64().unwrap();
        assert_eq!(result["hits"], hits(42, sims));
        let mut saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let goal = saved.as_object_mut().unwrap().remove("goal").unwrap();
        assert_eq!(goal["sims"], 10u64.pow(16));
        assert_eq!(saved, result);
    }
}

#[cfg(unix)]
#[test]
fn a_second_signal_stops_at_once() {
    // The result goes to a full pipe that has no reader. Without a second signal the program would hang.
    let (_reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&[0; 65_536]).unwrap();
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let (_folder, path, file) = new_file("checkpoint.json");
        let mut command = command(&["-n", NEVER, "--time-limit", "5m", "--checkpoint", &file]);
        let mut child = command.stdout(writer.try_clone().unwrap()).spawn().unwrap();
        wait_for_darts(&path, 0);
        signal(&child, name);
        sleep(Duration::from_secs(1));
        assert!(child.try_wait().unwrap().is_none(), "blocked");
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

/// A checkpoint may name the trace, even one that somebody else wrote. Only a file that holds this run's trace is taken.
#[test]
fn a_checkpoint_cannot_make_the_program_write_to_any_file() {
    let (folder, path, checkpoint) = new_file("checkpoint.json");
    stdout(&["-n", "1000", "-s", "1", "--checkpoint", &checkpoint]);
    let saved: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let of = |seed: &str| {
        let (_folder, path, file) = new_file("trace");
        stdout(&["-n", "1000", "-s", seed, "--trace", &file, "-q"]);
        fs::read_to_string(path).unwrap()
    };
    let (right, other) = (of("1"), of("2"));
    let noted = right.split_once('\n').unwrap().0.to_owned() + "\nDear all,\n";
    let resumed = |trace: &str| {
        let mut held = saved.clone();
        held["goal"]["trace"] = trace.into();
        fs::write(&path, held.to_string()).unwrap();
        let output = program::run(&["--checkpoint", &checkpoint, "-n", "2000", "-q"]);
        assert_eq!(
            (output.status.code(), output.stdout),
            (Some(0), b"3.13\n".to_vec())
        );
        one_line(output.stderr)
    };
    let letter = folder.path().join("letter.txt");
    let name = letter.to_str().unwrap();
    for content in [
        Some("Dear all,\n"),
        Some("Dear all,"),
        Some(&noted),
        Some(&other),
        Some(""),
        None,
    ] {
        match content {
            Some(content) => fs::write(&letter, content).unwrap(),
            None => fs::remove_file(&letter).unwrap(),
        }
        let said = resumed(name);
        let expected = format!("type '--trace {name}' to write it there");
        assert!(
            said.contains("no trace is written") && said.ends_with(&expected),
            "{said}"
        );
        assert_eq!(fs::read_to_string(&letter).ok().as_deref(), content);
    }
    // The run's own, also with the last line cut off.
    for held in [&right[..], &right[..right.len() - 30]] {
        fs::write(&letter, held).unwrap();
        assert!(resumed(name).contains("the trace goes on in"));
        let after = fs::read_to_string(&letter).unwrap();
        assert!(after.starts_with(&right) && after.lines().count() == right.lines().count() + 1);
    }
    // Standard output, devices, pipes without a reader, folders.
    #[cfg(unix)]
    {
        let (_folder, _, pipe) = new_fifo();
        for name in ["-", "/dev/null", "/dev/stdout", &pipe, "/", ""] {
            assert!(resumed(name).contains("no trace is written"), "{name}");
        }
    }
}

#[test]
fn a_trace_is_not_emptied_if_the_checkpoint_cannot_be_written() {
    let (folder, path, checkpoint) = new_file("checkpoint.json");
    let trace = folder.path().join("trace");
    let name = trace.to_str().unwrap();
    let first = ["-n", "1000", "-s", "1", "--trace", name];
    stdout(&[&first[..], &["--checkpoint", &checkpoint]].concat());
    let before = fs::read_to_string(&trace).unwrap();
    let mut mode = fs::metadata(&path).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&path, mode).unwrap();
    let args = ["-n", "2000", "--checkpoint", &checkpoint, "--trace", name];
    let message = failure(&args);
    assert!(message.contains("checkpoint.json"), "{message}");
    assert_eq!(fs::read_to_string(&trace).unwrap(), before);
}

/// The checkpoint's only goal is a time that is over, so its content is the result.
#[test]
fn a_shard_that_only_had_a_time_resumes_to_what_it_has() {
    let (_folder, _, checkpoint) = new_file("checkpoint.json");
    let shard = ["-s", "1", "--shard", "2/3", "--time-limit", "50ms"];
    let first = json(&[&shard[..], &["--checkpoint", &checkpoint]].concat());
    let again = json(&["--checkpoint", &checkpoint]);
    assert_eq!(
        [&again["first"], &again["sims"], &again["hits"]],
        [&first["first"], &first["sims"], &first["hits"]]
    );
}

/// A pipe without a reader blocks the program until a second signal ends it.
#[cfg(unix)]
#[test]
fn a_picture_that_nobody_takes_does_not_outlive_two_signals() {
    let (_folder, _, file) = new_fifo();
    let mut child = start(&["-n", "100", "-s", "42", "-q", "--plot", &file]);
    for _ in 0..100 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        signal(&child, "TERM");
        sleep(Duration::from_millis(100));
    }
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    assert!(ended.is_some_and(|ended| !ended.success()), "{ended:?}");
}

#[cfg(unix)]
#[test]
fn a_run_that_its_reader_ends_is_partial() {
    let (_folder, path, file) = new_fifo();
    let child = start(&[
        "-n", NEVER, "-s", "42", "--trace", &file, "--format", "json",
    ]);
    drop(fs::File::open(path).unwrap());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["partial"], true);
    let sims = result["sims"].as_u64().unwrap();
    assert_eq!(result["hits"], hits(42, sims), "and it is right");
}

#[cfg(unix)]
#[test]
fn a_partial_result_says_so_to_a_person_too() {
    let (_folder, path, file) = new_file("checkpoint.json");
    let child = start(&["-n", NEVER, "--checkpoint", &file]);
    wait_for_darts(&path, 0);
    signal(&child, "INT");
    let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let partial = text.lines().find(|line| line.starts_with("PARTIAL "));
    assert!(
        partial.is_some_and(|line| line.ends_with(" darts of 10,000,000,000,000,000")),
        "{text}"
    );
}

#[test]
fn a_run_killed_at_any_moment_goes_on_to_the_same_hits() {
    let (_folder, path, file) = new_file("checkpoint.json");
    const SIMS: u64 = 2_000_000_000;
    let run = |workers: u64, extra: &[&str]| {
        let (sims, workers) = (SIMS.to_string(), (workers + 1).to_string());
        let args = [
            "-n",
            &sims,
            "-w",
            &workers,
            "-s",
            "5",
            "--checkpoint",
            &file,
        ];
        start(&[&args, extra].concat())
    };
    let (mut darts, mut advanced) = (0, 0);
    for _ in 0..50 {
        let random = SysRng.try_next_u64().unwrap();
        // The slowest kernel, so that the run lasts long enough to kill.
        let mut child = run(random % 3, &["--kernel", "portable"]);
        sleep(Duration::from_millis(random / 3 % 200));
        child.kill().unwrap();
        child.wait().unwrap();
        let Ok(line) = fs::read_to_string(&path) else {
            assert_eq!(darts, 0, "a checkpoint never goes away");
            continue;
        };
        let sims = Record::read(&line).unwrap().sims;
        assert!(sims >= darts, "nothing is lost: {sims} after {darts}");
        advanced += u32::from(sims > darts);
        darts = sims;
    }
    assert!(advanced > 0, "the checkpoint was written {advanced} times");
    let output = run(1, &["--format", "json"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["sims"], SIMS);
    assert_eq!(result["hits"], hits(5, SIMS));
}

#[cfg(unix)]
#[test]
fn a_checkpoint_that_cannot_be_written_is_a_failure_and_the_last_good_one_stays() {
    let (folder, path, file) = new_file("checkpoint.json");
    stdout(&["-n", "1e6", "-s", "42", "--checkpoint", &file]);
    let good = fs::read(&path).unwrap();

    // No file may grow, as on a full disk. The program notices before the run starts.
    let full = format!("trap '' XFSZ; ulimit -f 0; pi-mc -n {NEVER} --checkpoint {file}");
    let output = shell(&full);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let message = one_line(output.stderr);
    assert!(
        message.contains(&format!("could not write '{file}'")),
        "{message}"
    );
    assert_eq!(fs::read(&path).unwrap(), good);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left over"
    );

    // The folder disappears during the run, which continues, and its result is not lost.
    let mut child = start(&["-n", NEVER, "--checkpoint", &file, "-q"]);
    wait_for_darts(&path, 1_000_000);
    let moved = folder.path().with_extension("moved");
    fs::rename(folder.path(), &moved).unwrap();
    let (mut stderr, mut said) = (BufReader::new(child.stderr.take().unwrap()), String::new());
    stderr.read_line(&mut said).unwrap();
    assert!(
        said.ends_with("; the run goes on and will try again\n"),
        "{said}"
    );
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.starts_with(b"3.14"));
    // One message at the first failure, however often it tries again, and one at the end.
    let mut at_end = Vec::new();
    stderr.read_to_end(&mut at_end).unwrap();
    for line in [said.trim_end(), &one_line(at_end)] {
        assert!(
            line.starts_with("pi-mc: checkpoint: could not write"),
            "{line}"
        );
    }
    Record::read(&fs::read_to_string(moved.join("checkpoint.json")).unwrap()).unwrap();
    fs::remove_dir_all(moved).unwrap();
}
