//! A GPU counts the same hits as the CPU, or its fault is caught. Tests use the first hardware GPU, or else
//! a software one. Without any GPU they print a note, or fail if `PI_MC_NEEDS_GPU` is set.

use std::fs;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use pi_mc::darts::contract;
use pi_mc::engine::gpu::device::{self, Device, PROGRAM};
use pi_mc::engine::whole;
use pi_mc::kernel::{self, Key};
use pi_mc::verify::{self, Class};
use pi_mc::{Counter, Error, Kernel, Plan, Tally, Walk};
use proptest::prelude::*;
use serde_json::Value;

use crate::contract::CONTRACT;
use crate::kernels::PLACES;
#[cfg(unix)]
use crate::program::{NEVER, signal, start, wait_for_darts};
use crate::program::{failure, hits, json, new_file, not_tested, stdout, usage_error};

const CHUNK: u64 = contract::CHUNK_DARTS as u64;

/// The GPU under test, opened once; `None` if this machine has none.
static DEVICE: LazyLock<Option<Device>> = LazyLock::new(|| {
    let adapters = device::adapters();
    let hardware = adapters.iter().find(|adapter| !adapter.is_software);
    match hardware.or(adapters.first()) {
        Some(adapter) => Some(Device::open(&adapter.name).unwrap()),
        None if std::env::var_os("PI_MC_NEEDS_GPU").is_some() => panic!("there is no GPU"),
        None => {
            not_tested("the count on a GPU, since there is none, not even in software");
            None
        }
    }
});

fn device() -> Option<Device> {
    DEVICE.clone()
}

/// The GPU as a value of `--kernel`.
fn name() -> Option<String> {
    Some(format!("gpu:{}", device()?.name()))
}

/// The hits according to the CPU.
fn on_cpu(plan: &Plan) -> Tally {
    whole::count(plan, Kernel::detect(), NonZero::<usize>::MIN).unwrap()
}

fn walk(plan: &Plan, device: &Device) -> Walk {
    Walk::of(*plan)
        .counter(device.clone())
        .workers(NonZero::new(2))
        .start()
        .unwrap()
}

/// The tally of a walk on the device, counted step by step.
fn count(plan: &Plan, device: &Device) -> Result<Tally, Error> {
    let mut walk = walk(plan, device);
    while walk.step(u64::MAX, || false)?.is_some() {}
    Ok(walk.tally())
}

fn assert_same(what: &str, plan: &Plan, device: &Device) {
    assert_eq!(
        count(plan, device).unwrap(),
        on_cpu(plan),
        "{what}: {plan:?}"
    );
}

#[test]
fn value_stability_of_the_gpu() {
    let Some(device) = device() else { return };
    for (seed, sims, hits) in CONTRACT {
        let plan = Plan::first(seed, sims).unwrap();
        let tally = count(&plan, &device).unwrap();
        assert_eq!(tally, Tally { sims, hits }, "seed {seed}");
    }
}

#[test]
fn a_gpu_counts_ranges_that_end_anywhere() {
    let Some(device) = device() else { return };
    for (name, places) in PLACES {
        // From within the second chunk to within the fifth, and within a single chunk.
        let first = CHUNK + u64::from(places.start);
        let end = 4 * CHUNK + u64::from(places.end);
        let plan = Plan::new(42, first..end).unwrap();
        assert_same(name, &plan, &device);
        if let Ok(plan) = Plan::new(42, first..first + u64::from(places.end - places.start)) {
            assert_same(name, &plan, &device);
        }
    }
}

#[test]
fn a_gpu_counts_chunks_of_any_number() {
    let Some(device) = device() else { return };
    for (name, chunk) in [
        ("the first", 0),
        (
            "where the upper stream word begins to be used",
            (1 << 32) - 20,
        ),
        ("both stream words in use", (0x1234 << 32) + 0x9abc_def0),
        (
            "where the lower stream word overflows again",
            (0x1235 << 32) - 1,
        ),
    ] {
        let plan = Plan::new(7, chunk * CHUNK..(chunk + 40) * CHUNK).unwrap();
        assert_same(name, &plan, &device);
    }
    // The greatest dart numbers.
    let sims = 3 * CHUNK;
    let plan = Plan::new(7, u64::MAX - sims..u64::MAX).unwrap();
    assert_same("the last", &plan, &device);
}

/// Chunk by chunk, so that two faults cannot cancel out.
#[test]
fn a_gpu_counts_each_chunk_right() {
    let Some(device) = device() else { return };
    for seed in [0, 271_828_183, u64::MAX] {
        let hits = device.chunk_hits(seed, 5..105).unwrap();
        assert_eq!(hits.len(), 100);
        for (chunk, hits) in (5..).zip(hits) {
            let expected = contract::count_chunk(seed, chunk, 0..contract::CHUNK_DARTS);
            assert_eq!(hits, expected, "seed {seed}, chunk {chunk}");
        }
    }
}

#[test]
fn a_list_that_overflows_is_counted_again() {
    let Some(device) = device() else { return };
    for room in [1, 60] {
        let device = device.clone().with_room_for(room);
        let plan = Plan::first(3, 20_000_000).unwrap();
        assert_same("little room", &plan, &device);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_gpu_counts_any_range(
        seed: u64,
        first in 0..u64::MAX - 60 * CHUNK,
        sims in 1..60 * CHUNK,
    ) {
        let Some(device) = device() else { return Ok(()) };
        assert_same("drawn", &Plan::new(seed, first..first + sims).unwrap(), &device);
    }
}

/// Batches are in flight between two steps, and a step may end before its last batch.
#[test]
fn a_walk_on_a_gpu_stops_where_it_is_told() {
    let Some(device) = device() else { return };
    let plan = Plan::new(42, 1_000..300_001_000).unwrap();
    let mut walk = walk(&plan, &device);
    for further in [1, u64::MAX, 70_000, u64::MAX, CHUNK, u64::MAX, 3_000_001, 2] {
        let before = walk.tally();
        let until = before.sims.saturating_add(further);
        let Some(tally) = walk.step(until, || false).unwrap() else {
            break;
        };
        assert!(before.sims < tally.sims && tally.sims <= until, "{further}");
        let counted = on_cpu(&plan.part(before.sims..tally.sims).unwrap());
        assert_eq!(tally.hits - before.hits, counted.hits, "{further}");
    }
    // A stop request lets the batches in flight finish, and is final.
    let before = walk.tally().sims;
    let last = walk.step(u64::MAX, || true).unwrap();
    assert!(last.is_none_or(|tally| tally.sims > before));
    assert_eq!(walk.step(u64::MAX, || false).unwrap(), None);
}

#[test]
fn shards_of_a_gpu_and_of_cpus_add_up() {
    let Some(kernel) = name() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (shard, kernel) in [("1/3", kernel.as_str()), ("2/3", "auto"), ("3/3", &kernel)] {
        let path = folder.path().join(shard.replace('/', "-"));
        let args = ["-n", "2e7", "-s", "123", "--shard", shard];
        let result = stdout(&[&args[..], &["--kernel", kernel, "--format", "json"]].concat());
        fs::write(&path, result).unwrap();
        files.push(path.to_str().unwrap().to_owned());
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let merged = json(&[&["merge"], &files[..]].concat());
    assert_eq!(merged["hits"], hits(123, 20_000_000));
}

#[test]
fn limits_and_traces_are_the_same_on_a_gpu() {
    let Some(kernel) = name() else { return };
    let folder = tempfile::tempdir().unwrap();
    for end in [&["-n", "10000001"][..], &["--target-error", "3e-4"]] {
        let traces = ["auto", &kernel].map(|kernel| {
            let trace = folder.path().join("trace");
            let trace = trace.to_str().unwrap();
            let args = ["-s", "42", "--kernel", kernel, "--trace", trace];
            let mut result = json(&[end, &args].concat());
            let counted_by = result["kernel"].take();
            if kernel != "auto" {
                assert_eq!(counted_by, kernel);
            }
            for measured in ["workers", "machine", "elapsed_s", "cpu_s", "sims_per_s"] {
                result.as_object_mut().unwrap().remove(measured);
            }
            (result, fs::read_to_string(trace).unwrap())
        });
        assert_eq!(traces[0], traces[1], "{end:?}");
    }
    let args = ["-n", "1e16", "-s", "42", "--time-limit", "300ms"];
    let result = json(&[&args[..], &["--kernel", &kernel]].concat());
    let sims = result["sims"].as_u64().unwrap();
    assert!(sims >= CHUNK && sims.is_multiple_of(CHUNK));
    assert_eq!(result["hits"], hits(42, sims));
}

#[test]
fn a_timeline_of_a_gpu_holds_all_hits() {
    let Some(device) = device() else { return };
    let plan = Plan::new(42, 1_000..20_001_000).unwrap();
    let mut walk = Walk::of(plan)
        .counter(device.clone())
        .workers(NonZero::new(2))
        .with_timeline()
        .start()
        .unwrap();
    while walk.step(u64::MAX, || false).unwrap().is_some() {}
    let timeline = walk.timeline();
    assert_eq!(timeline.hits, on_cpu(&plan).hits);
    assert_eq!(timeline.counted(), timeline.hits);
    let chunks: u64 = timeline.spans().map(|span| span.chunks).sum();
    assert_eq!(chunks, plan.chunks().end - plan.chunks().start);
}

/// A run that moves from the GPU to the CPU and back, stopped by a signal each time.
#[cfg(unix)]
#[test]
fn a_checkpoint_goes_from_a_gpu_to_a_cpu_and_back() {
    let Some(kernel) = name() else { return };
    let (_folder, path, file) = new_file("checkpoint.json");
    let mut before = 0;
    for kernel in [kernel.as_str(), "portable", &kernel] {
        let args = [
            "-n",
            NEVER,
            "-s",
            "42",
            "--kernel",
            kernel,
            "--checkpoint",
            &file,
        ];
        let child = start(&[&args[..], &["--format", "json"]].concat());
        wait_for_darts(&path, before);
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{kernel}");
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        let sims = result["sims"].as_u64().unwrap();
        assert!(sims > before);
        before = sims;
        assert_eq!(result["partial"], true);
        assert_eq!(result["hits"], hits(42, sims), "{kernel}: {sims} darts");
        let saved: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(saved["hits"], result["hits"]);
    }
}

/// A lost device loses no earlier hit.
#[test]
fn a_lost_device_is_an_error() {
    let Some(name) = device().map(|device| device.name().to_owned()) else {
        return;
    };
    // A separate device, since the test loses it.
    let device = Device::open(&name).unwrap();
    let plan = Plan::first(42, 1 << 40).unwrap();
    let mut walk = walk(&plan, &device);
    let tally = walk.step(u64::MAX, || false).unwrap().unwrap();
    device.lose();
    let error = loop {
        match walk.step(u64::MAX, || false) {
            Ok(tally) => assert!(tally.is_some()),
            Err(error) => break error,
        }
    };
    assert!(!error.taints_tally());
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("GPU '{name}' failed: ")),
        "{message}"
    );
    assert!(!message.contains('\n'), "{message}");
    assert!(walk.tally().sims >= tally.sims);
    let counted = plan.part(0..walk.tally().sims).unwrap();
    assert_eq!(walk.tally(), on_cpu(&counted));
}

/// The outcome of a GPU program in which `right` is replaced by `wrong`: of opening the device, or of
/// counting about 50 million darts.
fn faulty(right: &str, wrong: &str) -> Option<String> {
    let device = device()?;
    assert_eq!(PROGRAM.matches(right).count(), 1, "{right}");
    let program = PROGRAM.replace(right, wrong);
    let counted = Device::open_with(device.name(), &program)
        .and_then(|device| count(&Plan::first(42, 50_000_000).unwrap(), &device));
    let error = counted.expect_err("it counts wrong");
    let message = error.to_string();
    assert!(
        error.taints_tally() && message.contains("computes wrongly"),
        "{message}"
    );
    Some(message)
}

#[test]
fn a_gpu_that_counts_wrong_is_not_used() {
    // A rotation, the carry into the upper stream word, the band: all found by the trial.
    for (right, wrong) in [
        ("s.d = rotate(s.d ^ s.a, 8u)", "s.d = rotate(s.d ^ s.a, 9u)"),
        ("batch.first.y + carry", "batch.first.y"),
        ("0xc0018000u", "0xc0000000u"),
        (
            "let is_cut = open & (",
            "let is_cut = (place < vec4(0u)) & (",
        ),
    ] {
        let wrong = wrong.replace("place < vec4(0u)", "words < vec4(0u)");
        let Some(message) = faulty(right, &wrong) else {
            return;
        };
        assert!(message.contains("of seed 42"), "{wrong}: {message}");
    }
}

/// Faults that the trial cannot see, because they start at chunk 100.
#[test]
fn a_gpu_that_begins_to_count_wrong_is_found() {
    let store = "hits[chunk] = atomicLoad(&chunk_hits);";
    let late = "batch.first.y == 0u && low_word >= 100u";
    let chunk = "the CPU ";
    for (right, wrong, found) in [
        // A work group that never runs, and a stuck bit.
        (
            store,
            format!(
                "hits[chunk] = select(atomicLoad(&chunk_hits), 0u, {late} && low_word % 200u == 7u);"
            ),
            chunk,
        ),
        (
            store,
            format!(
                "hits[chunk] = select(atomicLoad(&chunk_hits), atomicLoad(&chunk_hits) | 1u, {late});"
            ),
            chunk,
        ),
        (
            "atomicAdd(&undecided.len, 1u)",
            "atomicAdd(&undecided.len, 1u + u32(batch.first.y == 0u))".to_owned(),
            "undecided",
        ),
        (
            "undecided.darts[place] = dart;",
            "undecided.darts[place] = dart ^ u32(batch.first.y == 0u);".to_owned(),
            "undecided",
        ),
    ] {
        let Some(message) = faulty(right, &wrong) else {
            return;
        };
        assert!(message.contains(found), "{wrong}: {message}");
    }
}

#[test]
fn a_gpu_is_verified() {
    let Some((device, kernel)) = device().zip(name()) else {
        return;
    };
    let out = stdout(&["verify", "--class", "S", "--kernel", &kernel]);
    // Below a heading of one line or two.
    let lines: Vec<_> = out.lines().collect();
    let [.., line, verdict] = lines[..] else {
        panic!("{out}");
    };
    assert!(
        line.starts_with(&kernel) && line.ends_with("right"),
        "{out}"
    );
    assert_eq!(verdict, "Verification: SUCCESSFUL");

    // Against a CPU kernel.
    let out = stdout(&["verify", "--for", "100ms", "--kernel", &kernel, "-s", "1"]);
    let fastest = Kernel::detect().name();
    let by = format!("by {kernel}, {fastest}: ");
    assert!(out.replace("\n  ", " ").contains(&by), "{out}");

    // A difference is found, whichever of the two is wrong.
    let faulty = Counter::new("faulty", |key, chunk, places| {
        Kernel::detect().count_chunk(key, chunk, places) + u32::from(chunk == 77)
    });
    let counters = [Counter::from(device.clone()), faulty];
    let burn_in = verify::burn_in(5, &counters, NonZero::new(2).unwrap(), |_| {
        ControlFlow::Continue(())
    });
    let mismatch = burn_in.unwrap().mismatch.unwrap();
    assert_eq!(mismatch.chunk, 77);
    let right = mismatch.counts.iter().find(|count| count.counter == kernel);
    assert_eq!(right.unwrap().hits, mismatch.reference);
    let check = verify::known(Class::S, device, NonZero::<usize>::MIN, |_| {
        std::ops::ControlFlow::Continue(())
    });
    assert!(check.unwrap().unwrap().is_right());

    // Recounts on the GPU, and of a result that the GPU counted.
    let (_folder, path, file) = new_file("result.json");
    fs::write(
        &path,
        stdout(&["-n", "1e6", "--kernel", &kernel, "--format", "json"]),
    )
    .unwrap();
    assert!(stdout(&["verify", &file]).contains(&format!(", {fastest}: ")));
    let out = stdout(&["verify", &file, "--kernel", &kernel]);
    assert!(out.contains(&format!(", {kernel}: ")), "{out}");
}

/// Its row, and where it passes the pool.
#[test]
fn a_gpu_is_compared() {
    let Some(device) = device() else { return };
    let named = ["compare", "--gpu", device.name(), "-s", "42"];
    let args = [&named[..], &["-n", "1e7", "-w", "1,2", "--runs", "3"]].concat();
    let result = json(&[&args[..], &["--strategy", "pool,gpu"]].concat());
    let rows = result["rows"].as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| &row["strategy"]).collect();
    assert_eq!(names, ["serial", "pool", "pool", "gpu"]);
    let row = &rows[3];
    assert_eq!(
        (&row["hits"], &row["workers"]),
        (&hits(42, 10_000_000).into(), &1.into())
    );

    // Saved and read again, it is the same.
    let (_folder, path, file) = new_file("saved.json");
    fs::write(&path, result.to_string()).unwrap();
    assert_eq!(json(&["compare", "--from", &file]), result);

    // The list of sizes says where it passes the pool, whatever this machine is like.
    let sizes = ["--strategy", "gpu,pool", "-n", "1e5,1e6", "-w", "1,2"];
    let out = stdout(&[&named[..], &sizes].concat());
    let is_said = |words: &str| out.contains(&format!("\ngpu: {words}"));
    let outcomes = [
        "at least as fast as pool from 1e5",
        "break-even with pool near",
        "slower than pool up to 1e6",
        "cannot be told from pool at 1e6",
    ];
    let said = outcomes.into_iter().filter(|words| is_said(words));
    assert_eq!(said.count(), 1, "{out}");
    let alone = stdout(&[&named[..], &["--strategy", "gpu"], &sizes[2..]].concat());
    assert!(
        !alone.contains("\ngpu: ") && alone.contains("\ngpu (1): "),
        "{alone}"
    );

    // With a named GPU, `all` includes it.
    let few = ["--strategy", "all", "-n", "1e5", "-w", "2", "--runs", "1"];
    let all = stdout(&[&named[..], &few].concat());
    assert!(all.lines().any(|line| line.starts_with("gpu ")), "{all}");

    let (_folder, path, file) = new_file("timeline.txt");
    stdout(&[&args[..], &["--strategy", "gpu", "--timeline", &file]].concat());
    assert!(fs::read_to_string(path).unwrap().contains("gpu"));

    let message = usage_error(&["compare", "--strategy", "gpu", "--io-wait", "1ms"]);
    assert!(message.contains("'--io-wait'"), "{message}");
    let message = failure(&[
        "compare",
        "--strategy",
        "gpu",
        "--gpu",
        "no such card",
        "-n",
        "1",
    ]);
    assert!(
        message.contains("no GPU whose name contains 'no such card'"),
        "{message}"
    );
    assert!(stdout(&["explain", "gpu"]).starts_with("gpu: thousands of threads"));
}

#[test]
fn a_gpu_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let message = failure(&["--kernel", "gpu:no such card"]);
    assert!(
        message.starts_with("pi-mc: there is no GPU whose name contains 'no such card'; "),
        "{message}"
    );
    for adapter in device::adapters() {
        let kind = if adapter.is_software {
            " (software)"
        } else {
            ""
        };
        let named = format!("'{}'{kind}", adapter.name);
        assert!(message.contains(&named), "{message}");
    }
    if device::adapters().iter().all(|adapter| adapter.is_software) {
        let message = failure(&["--kernel", "gpu"]);
        assert!(message.contains("there is no hardware GPU; "), "{message}");
    }
    let message = usage_error(&["--kernel", "gpu:"]);
    assert!(
        message.contains("a part of a GPU's name after 'gpu:'"),
        "{message}"
    );
}

/// In every column, the cells around its two crossings with the circle; also cells at the corners, the axes
/// and the centre.
#[test]
fn a_cell_is_cut_if_the_coarse_word_does_not_decide() {
    let check = |x: i32, y: i32| {
        let word = u32::from(x as i16 as u16) | u32::from(y as i16 as u16) << 16;
        let is_open = contract::coarse_verdict(word).is_none();
        assert_eq!(kernel::is_cut(word), is_open, "cell {x}, {y}");
        u32::from(is_open)
    };
    let mut cut = 0;
    for x in -(1 << 15)..1 << 15 {
        let rest = f64::from((1 << 30) - x * x).sqrt() as i32;
        for y in (-3..3).map(|off| rest + off).filter(|y| *y < 1 << 15) {
            cut += check(x, y);
            check(y, x);
            check(x, -1 - y);
        }
    }
    assert!(cut > 1 << 16, "{cut} cut cells seen");
    for x in [-(1 << 15), -1, 0, 1, (1 << 15) - 1] {
        for y in [-(1 << 15), -1, 0, 1, (1 << 15) - 1] {
            check(x, y);
        }
    }
}

/// The undecided darts that each kernel lists, in chunks around number 2^32.
#[test]
fn listed_darts_are_settled_as_the_reference_does() {
    let (seed, first) = (7, (1 << 32) - 2);
    let key = Key::new(seed);
    let mut darts = Vec::new();
    let mut hits = 0;
    for chunk in 0..4 {
        let words = contract::words(seed, first + u64::from(chunk), 0..contract::CHUNK_DARTS);
        for ([coarse, fx, fy], place) in words.zip(0..) {
            if kernel::is_cut(coarse) {
                darts.push(chunk * contract::CHUNK_DARTS + place);
                hits += u32::from(contract::is_hit(coarse, fx, fy));
            }
        }
    }
    assert!(
        darts.len() > 8 && hits > 0,
        "{} darts, {hits} hits",
        darts.len()
    );
    for kernel in Kernel::available() {
        let settle = |darts: &[u32]| kernel.settle(&key, first, darts);
        assert_eq!(settle(&darts), Some(hits), "{kernel:?}");
        assert_eq!(settle(&[]), Some(0), "{kernel:?}");
        let singly: Option<u32> = darts.iter().map(|dart| settle(&[*dart])).sum();
        assert_eq!(singly, Some(hits), "{kernel:?}");
        // A dart that its coarse word decides.
        let mut stray = darts.clone();
        stray.push(darts[0] + 1);
        assert_eq!(settle(&stray), None, "{kernel:?}");
    }
}
