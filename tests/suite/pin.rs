//! `--pin`: where each counting thread may run, according to /proc. Linux only.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use pi_mc::darts::contract;
use pi_mc::engine::cores::Pinning;
use pi_mc::verify::again::{self, Team};
use pi_mc::verify::{self, Class};
use pi_mc::{Counter, Kernel, report};
use serde_json::Value;

use crate::contract::MILLION_HITS;
use crate::plots;
use crate::program::{
    NEVER, PROGRAM, command, json, not_tested, one_line, signal, start, stdout, usage_error,
};

/// The cores that a thread may use, as written in its status.
fn allowed(status: &str) -> Option<String> {
    let line = status
        .lines()
        .find(|line| line.starts_with("Cpus_allowed_list"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The cores that this test may use, in the workers' order.
fn cores() -> Vec<String> {
    let cores = Pinning::of_this_process().unwrap().cores_of(usize::MAX);
    cores.iter().map(|core| core.cpu.to_string()).collect()
}

/// A process's threads according to /proc: the name of each, with the cores that it may use.
fn threads(child: &Child) -> BTreeMap<String, String> {
    let tasks = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let thread = |task: std::io::Result<fs::DirEntry>| {
        let task = task.ok()?.path();
        let name = fs::read_to_string(task.join("comm")).ok()?;
        let status = fs::read_to_string(task.join("status")).ok()?;
        Some((name.trim().to_owned(), allowed(&status)?))
    };
    tasks.filter_map(thread).collect()
}

/// Waits until the threads are as `wanted`, since the program takes a moment to start.
fn wait_for(child: &Child, wanted: impl Fn(&BTreeMap<String, String>) -> bool) {
    for _ in 0..3_000 {
        if wanted(&threads(child)) {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("{:?}", threads(child));
}

fn end(mut child: Child) {
    signal(&child, "KILL");
    child.wait().unwrap();
}

#[test]
fn every_worker_has_the_core_of_its_number() {
    let cores = cores();
    let core = |worker: usize| &cores[worker % cores.len()];
    // A single worker is the main thread; two suit most machines' cores; nine are more than the cores.
    for workers in [1, 2, 9] {
        let child = start(&["-n", NEVER, "-s", "42", "--pin", "-w", &workers.to_string()]);
        wait_for(&child, |threads| {
            let at = |name: String, worker| threads.get(&name) == Some(core(worker));
            match workers {
                1 => at("pi-mc".into(), 0),
                _ => (0..workers).all(|worker| at(format!("worker {worker}"), worker)),
            }
        });
        end(child);
    }
    // Without the option, threads may run anywhere.
    let all = allowed(&fs::read_to_string("/proc/self/status").unwrap()).unwrap();
    let child = start(&["-n", NEVER, "-s", "42", "-w", "2"]);
    wait_for(&child, |threads| {
        ["worker 0", "worker 1"].map(|name| threads.get(name)) == [Some(&all); 2]
    });
    end(child);
}

/// The cores of a comparison's workers, sorted. Workers are its threads or its child processes. Empty while
/// its main thread is pinned, as it is for serial.
fn workers(child: &Child, all: &str) -> Vec<String> {
    let allowed_of = |path: String| allowed(&fs::read_to_string(path).ok()?);
    let process = format!("/proc/{}", child.id());
    if allowed_of(format!("{process}/status")).as_deref() != Some(all) {
        return Vec::new();
    }
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    };
    let threads = names(&format!("{process}/task"));
    let parent = format!("PPid:\t{}", child.id());
    let is_started = |id: &String| {
        let status = fs::read_to_string(format!("/proc/{id}/status"));
        status.is_ok_and(|status| status.lines().any(|line| line == parent))
    };
    let started = names("/proc").into_iter().filter(is_started);
    let mut cores: Vec<String> = started
        .chain(threads)
        .filter_map(|id| allowed_of(format!("/proc/{id}/status")))
        .filter(|cores| cores != all)
        .collect();
    cores.sort();
    cores
}

/// Every chunk waits for a second, and each of three workers has one: time to see that the workers are
/// pinned and their parent is not.
#[test]
fn the_workers_of_a_comparison_have_the_core_of_their_number() {
    let cores = cores();
    if cores.len() == 1 {
        not_tested("pinned workers of a comparison: this machine has one core");
        return;
    }
    let all = allowed(&fs::read_to_string("/proc/self/status").unwrap()).unwrap();
    let mut expected = [0, 1, 2].map(|worker| cores[worker % cores.len()].clone());
    expected.sort();
    let strategies = ["pool", "threads", "queue", "processes", "atomic"];
    let mut children = strategies.map(|strategy| {
        let args = "compare -n 196608 -w 3 --io-wait 1s --runs 1 --warmup 0 --pin --strategy";
        let args: Vec<&str> = args.split(' ').chain([strategy]).collect();
        command(&args).stdout(Stdio::null()).spawn().unwrap()
    });
    let mut seen = [false; 5];
    while children
        .iter_mut()
        .any(|child| child.try_wait().unwrap().is_none())
    {
        for (child, seen) in children.iter().zip(&mut seen) {
            *seen |= workers(child, &all) == expected;
        }
        sleep(Duration::from_millis(5));
    }
    assert_eq!(seen, [true; 5], "{strategies:?} on {expected:?}");
}

#[test]
fn a_comparison_says_that_it_was_pinned() {
    let cores = cores();
    let args = ["compare", "-n", "2e5", "-w", "1,9", "--runs", "1", "--pin"];
    let result = json(&[&args[..], &["-s", "42"]].concat());
    let pinned: Vec<String> = result["machine"]["pinned"]
        .as_array()
        .unwrap()
        .iter()
        .map(|core| core["cpu"].to_string())
        .collect();
    // Four chunks, so at most four workers.
    assert_eq!(pinned, cores[..cores.len().min(4)]);
    let hits = result["rows"].as_array().unwrap().iter();
    assert!(hits.clone().all(|row| row["hits"] == row["serial_hits"]));
    let text = stdout(&args);
    let line = format!("\nWorkers pinned to core {}", cores[0]);
    assert!(text.contains(&line), "{text}");
    let picture = stdout(&[&args[..], &["--plot", "-"]].concat());
    let words = plots::texts(&picture).join(" ");
    assert!(words.contains(", workers pinned"), "{words}");
    // Serial alone has one worker.
    let serial = json(&[
        "compare",
        "-n",
        "2e5",
        "--runs",
        "1",
        "--pin",
        "--strategy",
        "serial",
    ]);
    assert_eq!(serial["machine"]["pinned"].as_array().unwrap().len(), 1);
    let free = json(&args[..args.len() - 1]);
    assert_eq!(free["machine"]["pinned"], Value::Null);
}

/// A run uses only cores that the process may use, and its result names them.
#[test]
fn the_result_says_where_its_workers_were() {
    let pinned = |result: &Value| -> Vec<String> {
        let pinned = result["machine"]["pinned"].as_array().unwrap();
        pinned.iter().map(|core| core["cpu"].to_string()).collect()
    };
    let cores = cores();
    let args = ["-n", "1e6", "-s", "42", "-w", "3"];
    let result = json(&[&args[..], &["--pin"]].concat());
    assert_eq!(result["hits"], MILLION_HITS);
    assert_eq!(pinned(&result), cores[..cores.len().min(3)]);
    let free = json(&args);
    assert_eq!(free["machine"]["pinned"], Value::Null);
    let text = stdout(&[&args[..], &["--pin"]].concat());
    let line = format!("\npinned to       core {}", cores[0]);
    assert!(text.contains(&line), "{text}");

    let last = cores.last().unwrap();
    let mut bound = std::process::Command::new("taskset");
    bound.args(["-c", last, PROGRAM, "--pin", "--format", "json"]);
    let output = bound.args(args).output().unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(pinned(&result), cores[cores.len() - 1..]);
    assert_eq!(result["hits"], MILLION_HITS);
    assert_eq!(result["machine"]["cores"], 1);
}

#[test]
fn a_known_answer_is_counted_by_pinned_workers() {
    let cores = cores();
    let name = |worker: usize| cores[worker % cores.len()].clone();
    let kernel = Kernel::detect();
    let team = |workers| Team {
        workers: NonZero::new(workers).unwrap(),
        pinning: Some(Pinning::of_this_process().unwrap()),
    };
    for workers in [1, 2, 5] {
        let expected: Vec<String> = (0..workers).map(name).collect();
        let counter = Counter::new("watched", move |key, chunk, places| {
            let status = fs::read_to_string("/proc/thread-self/status").unwrap();
            let here = allowed(&status).unwrap();
            let thread = std::thread::current().name().unwrap_or_default().to_owned();
            let worker = thread
                .strip_prefix("worker ")
                .map_or(0, |n| n.parse().unwrap());
            assert_eq!(here, expected[worker]);
            kernel.count_chunk(key, chunk, places)
        });
        let check = again::count(
            Class::SEED,
            Class::S.answer(),
            counter,
            team(workers),
            |_| std::ops::ControlFlow::Continue(()),
        );
        assert!(check.unwrap().unwrap().is_right());
    }
    let out = stdout(&["verify", "--class", "S", "--pin"]);
    assert!(out.ends_with("Verification: SUCCESSFUL\n"), "{out}");
}

/// The fault is in a core, whichever kernel runs there.
#[test]
fn a_burn_in_core_by_core_names_the_faulty_one() {
    const CHUNK: u64 = 201;
    let pinning = Pinning::of_this_process().unwrap();
    let cores = cores();
    let all = NonZero::new(cores.len()).unwrap();
    if cores.len() == 1 {
        not_tested("a burn-in core by core: this machine has one");
        return;
    }
    let right = contract::count_chunk(7, CHUNK, 0..65_536);
    for (worker, faulty) in cores.iter().enumerate().take(2) {
        let counter = |name: &str| {
            let (faulty, kernel) = (faulty.clone(), Kernel::detect());
            Counter::new(name, move |key, chunk, places| {
                let hits = kernel.count_chunk(key, chunk, places);
                if chunk % 1024 != CHUNK {
                    return hits;
                }
                let status = fs::read_to_string("/proc/thread-self/status").unwrap();
                hits + u32::from(allowed(&status).unwrap() == faulty)
            })
        };
        let counters = [counter("a"), counter("b")];
        // Found in the first round, in which two cores have had their turn.
        let (found, turns) =
            verify::burn::burn_in_by_core(7, &counters, &pinning, all, |_| ControlFlow::Break(()))
                .unwrap();
        let mismatch = found.mismatch.as_ref().unwrap();
        assert_eq!((mismatch.chunk, mismatch.reference), (CHUNK, right));
        let wrong: Vec<_> = mismatch
            .counts
            .iter()
            .filter(|count| count.hits != right)
            .collect();
        let cpu = faulty.parse().unwrap();
        assert_eq!(wrong.len(), 1);
        assert_eq!(
            (wrong[0].worker, wrong[0].cores),
            (worker, Some((cpu, cpu)))
        );
        let lines = report::verify::cores(&turns, &counters, &found);
        let wrong: Vec<_> = lines
            .lines()
            .filter(|line| line.ends_with("  WRONG"))
            .collect();
        assert_eq!(wrong.len(), 1, "{lines}");
        assert!(wrong[0].starts_with(&format!("core {faulty} ")), "{lines}");
    }
}

/// All cores count equally often, with each kernel, and two different cores count every chunk.
#[test]
fn a_burn_in_core_by_core_treats_all_alike() {
    let pinning = Pinning::of_this_process().unwrap();
    let cores = pinning.cores_of(usize::MAX).len();
    let counted = std::sync::Arc::new(std::sync::Mutex::new(BTreeMap::new()));
    let log = |name: &'static str| {
        let counted = counted.clone();
        Counter::new(name, move |_, chunk, places| {
            assert_eq!(places, 0..65_536);
            let status = fs::read_to_string("/proc/thread-self/status").unwrap();
            let count = (allowed(&status).unwrap(), name);
            let mut counted = counted.lock().unwrap();
            counted.entry(chunk).or_insert_with(Vec::new).push(count);
            0
        })
    };
    let counters = [log("a"), log("b"), log("c")];
    let rounds = std::cell::Cell::new(0);
    let passes = 3;
    let watch = |_| {
        if rounds.replace(rounds.get() + 1) + 1 == passes * cores {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let all = NonZero::new(cores).unwrap();
    let (found, turns) = verify::burn::burn_in_by_core(7, &counters, &pinning, all, watch).unwrap();
    let chunks = (passes * cores) as u64 * 1024;
    assert_eq!((found.chunks, found.mismatch), (chunks, None));
    assert!(
        turns
            .iter()
            .all(|turn| turn.counts == 2 * 1024 * passes as u64)
    );
    assert!(turns.iter().all(|turn| turn.sims_per_s().is_some()));
    let counted = counted.lock().unwrap();
    assert_eq!(counted.len() as u64, chunks);
    let mut pairs = BTreeMap::new();
    for counts in counted.values() {
        let [(core, counter), (other_core, other)] = &counts[..] else {
            panic!("{counts:?}");
        };
        assert_ne!(counter, other);
        assert!(cores == 1 || core != other_core);
        for count in [(core, counter), (other_core, other)] {
            *pairs.entry(count).or_insert(0) += 1;
        }
    }
    assert_eq!(pairs.len(), cores * 3);
    assert!(pairs.values().all(|times| *times == 2 * 1024), "{pairs:?}");
}

#[test]
fn a_pinned_burn_in_has_a_line_for_each_core() {
    let cores = cores();
    let out = stdout(&["verify", "--pin", "--for", "20ms", "--seed", "5"]);
    let lines: Vec<_> = out
        .lines()
        .filter(|line| line.starts_with("core "))
        .collect();
    assert_eq!(lines.len(), cores.len(), "{out}");
    for (line, core) in lines.iter().zip(&cores) {
        assert!(line.starts_with(&format!("core {core} ")), "{out}");
        assert!(line.contains(" counts  "), "{out}");
    }
    assert!(
        out.contains(&format!(", workers {}, by ", cores.len())),
        "{out}"
    );
    assert!(out.ends_with("Verification: SUCCESSFUL\n"), "{out}");
    let out = stdout(&["verify", "--pin", "--for", "20ms", "-w", "1"]);
    assert!(out.contains("One worker made both counts"), "{out}");
}

/// taskset (util-linux) leaves one core, whatever number of workers is asked for.
#[test]
fn a_burn_in_pinned_to_one_core_advises_nothing_that_cannot_help() {
    let first = Pinning::of_this_process().unwrap().core(0).cpu.to_string();
    let mut taskset = Command::new("taskset");
    let args = [
        "-c", &first, PROGRAM, "verify", "--pin", "-w", "2", "--for", "20ms",
    ];
    let Ok(output) = taskset.args(args).output() else {
        return not_tested("one core of several, since taskset is not installed");
    };
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains("One core made both counts") && !out.contains("-w 2"),
        "{out}"
    );
    let mut taskset = Command::new("taskset");
    let args = ["-c", &first, PROGRAM, "verify", "-w", "1", "--for", "20ms"];
    let out = String::from_utf8(taskset.args(args).output().unwrap().stdout).unwrap();
    assert!(out.contains("use -w 2 or more"), "{out}");
}

/// The system refuses a set of 1,024 CPUs where it has more.
#[test]
fn more_cpus_than_can_be_listed_are_named() {
    let mut strace = Command::new("strace");
    let inject = "inject=sched_getaffinity:error=EINVAL";
    let Ok(output) = strace
        .args([
            "-f",
            "-o",
            "/dev/null",
            "-e",
            inject,
            PROGRAM,
            "--pin",
            "-n",
            "1",
        ])
        .output()
    else {
        return not_tested("more than 1,024 CPUs, since strace is not installed");
    };
    let message = one_line(output.stderr);
    assert!(
        message.contains("more than 1,024 CPUs") && !message.contains("Linux"),
        "{message}"
    );
}

#[test]
fn what_cannot_be_pinned_is_refused() {
    let message = usage_error(&["--method", "lazy", "--pin"]);
    assert!(
        message.contains("'--pin' is for darts that are thrown"),
        "{message}"
    );
    let message = usage_error(&["merge", "--pin", "x"]);
    assert!(message.contains("--pin"), "{message}");
    // The option takes no value.
    for args in [&["--pin=0"][..], &["compare", "--pin=0"]] {
        let message = usage_error(args);
        assert!(message.contains("'0' for '--pin'"), "{message}");
    }
}
