//! Every way to run a plan, the gate that comes before any speed-up, and worker processes that fail.
//! The statistics are tested on fixed durations; no test looks at a clock.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use pi_mc::compare::strategy::{Strategy, Task};
use pi_mc::compare::timing::{Ratio, Times};
use pi_mc::compare::{self, Row, Scaling, Settings, Timed, Trial};
use pi_mc::{Kernel, Plan};
use serde::Deserialize;

use crate::contract::MILLION_HITS;
use crate::program::{PROGRAM, command, one_line, processes_with, signal, stdout, usage_error};

/// The command that starts the program's own worker process.
fn worker() -> Vec<OsString> {
    vec![PROGRAM.into(), "worker".into()]
}

fn fixture(name: &str) -> Vec<OsString> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    vec![path.into()]
}

fn task(sims: u64, workers: usize, worker: Vec<OsString>) -> Task {
    Task {
        plan: Plan::range(42, 1_000, sims).unwrap(),
        kernel: Kernel::detect(),
        workers: NonZero::new(workers).unwrap(),
        io_wait: Duration::ZERO,
        worker,
    }
}

#[test]
fn every_right_strategy_gives_the_serial_hits() {
    for sims in [1, 64_535, 64_536, 64_537, 65_536, 300_000] {
        let expected = Strategy::Serial.count(&task(sims, 1, worker())).unwrap();
        for strategy in Strategy::ALL
            .into_iter()
            .filter(|strategy| strategy.is_right())
        {
            for workers in [1, 2, 3, 8] {
                let hits = strategy.count(&task(sims, workers, worker())).unwrap();
                assert_eq!(hits, expected, "{strategy}, {workers} workers, {sims} sims");
            }
        }
    }
}

#[test]
fn same_seed_is_wrong_with_two_workers() {
    let task = task(1_000_000, 2, worker());
    let serial = Strategy::Serial.count(&task).unwrap();
    assert_ne!(Strategy::SameSeed.count(&task).unwrap(), serial);
}

#[test]
fn times_of_known_durations() {
    let times = Times::of([2.0, 1.0, 3.0].into_iter());
    assert_eq!(
        times,
        Times {
            mean_s: 2.0,
            sd_s: Some(1.0),
            min_s: 1.0
        }
    );
    assert_eq!(Times::of([2.0].into_iter()).sd_s, None);
}

/// ln 1 and ln 4 have mean ln 2 and standard deviation 0.980258; with t = 12.7062 for one degree
/// of freedom the half width is 12.7062 * 0.980258 / sqrt 2 = 8.807274 (worked outside).
#[test]
fn ratio_of_known_pairs() {
    let ratio = Ratio::of([1.0, 4.0].into_iter());
    assert!((ratio.mean - 2.0).abs() < 1e-12);
    let [low, high] = ratio.ci95.unwrap();
    assert!((low.ln() - (2f64.ln() - 8.807_274)).abs() < 1e-5, "{low}");
    assert!((high.ln() - (2f64.ln() + 8.807_274)).abs() < 1e-5, "{high}");
    assert!(ratio.is_inconclusive());
    assert!(!Ratio::of([1.5, 1.6, 1.5].into_iter()).is_inconclusive());
    assert!(Ratio::of([1.5].into_iter()).is_inconclusive());
}

/// A row from fixed seconds, against a serial baseline of 1,000,000 darts in 10 s each run.
fn row(
    strategy: Strategy,
    workers: usize,
    sims: u64,
    runs: &[(f64, u64)],
    scaling: Scaling,
) -> Row {
    let runs: Vec<_> = runs
        .iter()
        .map(|&(elapsed_s, hits)| Timed { elapsed_s, hits })
        .collect();
    let baseline = Timed {
        elapsed_s: 10.0,
        hits: MILLION_HITS,
    };
    let serial = Trial {
        strategy: Strategy::Serial,
        plan: Plan::new(42, 1_000_000).unwrap(),
        workers: NonZero::<usize>::MIN,
        serial_hits: MILLION_HITS,
        runs: vec![baseline; runs.len()],
    };
    let trial = Trial {
        strategy,
        plan: Plan::new(42, sims).unwrap(),
        workers: NonZero::new(workers).unwrap(),
        serial_hits: MILLION_HITS,
        runs,
    };
    Row::judge(&trial, &serial, scaling)
}

fn assert_close(got: Option<f64>, expected: f64) {
    assert!(
        got.is_some_and(|got| (got - expected).abs() < 1e-12),
        "{got:?} is not {expected}"
    );
}

#[test]
fn strong_scaling_by_amdahl_and_karp_flatt() {
    let runs = [(4.0, MILLION_HITS), (4.0, MILLION_HITS)];
    let row = row(Strategy::Pool, 4, 1_000_000, &runs, Scaling::Strong);
    assert_close(row.speed_up.map(|ratio| ratio.mean), 2.5);
    assert_close(row.efficiency, 0.625);
    assert_close(row.serial_fraction, 0.2);
    assert_close(row.sims_per_s, 250_000.0);
    assert_eq!(row.verdict, "faster than serial");
}

#[test]
fn weak_scaling_by_gustafson() {
    let row = row(
        Strategy::Pool,
        4,
        4_000_000,
        &[(12.5, MILLION_HITS)],
        Scaling::Weak,
    );
    assert_close(row.speed_up.map(|ratio| ratio.mean), 3.2);
    assert_close(row.efficiency, 0.8);
    assert_close(row.serial_fraction, 0.8 / 3.0);
    assert_eq!(row.verdict, "inconclusive: one run does not show its noise");
}

#[test]
fn a_difference_below_its_noise_is_inconclusive_and_a_loss_is_slower() {
    let verdict = |seconds: [f64; 3]| {
        let runs = seconds.map(|s| (s, MILLION_HITS));
        row(Strategy::Queue, 2, 1_000_000, &runs, Scaling::Strong).verdict
    };
    assert_eq!(
        verdict([9.0, 11.0, 9.9]),
        "inconclusive: less than the noise"
    );
    assert_eq!(verdict([19.0, 20.0, 21.0]), "slower than serial");
}

/// The gate: one wrong run among right ones, and there is no speed of any kind.
#[test]
fn a_wrong_answer_has_no_speed() {
    for (strategy, hits, verdict) in [
        (Strategy::Pool, 785_724, "WRONG: 1 hits fewer than serial"),
        (Strategy::Threads, 785_730, "WRONG: 5 hits more than serial"),
        (
            Strategy::Race,
            707_152,
            "wrong, as a race is: lost 78573 of 785725 hits (10.00 %)",
        ),
    ] {
        let runs = [(1.0, MILLION_HITS), (1.0, hits), (1.0, MILLION_HITS)];
        let row = row(strategy, 2, 1_000_000, &runs, Scaling::Strong);
        assert_eq!((row.hits, row.verdict.as_str()), (hits, verdict));
        let speeds = (
            row.speed_up,
            row.efficiency,
            row.serial_fraction,
            row.sims_per_s,
        );
        assert_eq!(speeds, (None, None, None, None));
    }
}

/// Repeated darts whose hits are serial's by chance are still repeated darts. 16 chunks on two
/// workers: 8 chunks each. 785,725 of a million: pi is off by 0.796 standard errors.
#[test]
fn repeated_darts_have_no_speed_whatever_their_hits() {
    let row = row(
        Strategy::SameSeed,
        2,
        1_000_000,
        &[(1.0, MILLION_HITS)],
        Scaling::Strong,
    );
    assert_eq!(
        row.verdict,
        "wrong, as repeated darts are: 1000000 thrown, 524288 distinct; 0.8 standard errors off π"
    );
    assert_eq!(row.speed_up, None);
}

#[test]
fn a_race_that_lost_nothing_is_called_one_all_the_same() {
    let row = row(
        Strategy::Race,
        2,
        1_000_000,
        &[(1.0, MILLION_HITS)],
        Scaling::Strong,
    );
    assert_eq!(row.verdict, "lost no hit this time; still a race");
}

fn settings(strategies: &[Strategy], worker: Vec<OsString>) -> Settings {
    Settings {
        plan: Plan::new(42, 200_000).unwrap(),
        kernel: Kernel::detect(),
        workers: vec![NonZero::new(2).unwrap()],
        strategies: strategies.to_vec(),
        runs: NonZero::new(2).unwrap(),
        warmup: 1,
        scaling: Scaling::Strong,
        io_wait: Duration::ZERO,
        worker,
    }
}

/// The whole of it, with one deliberately wrong way: the fixture answers 1 for each of two shares.
#[test]
fn only_a_wrong_way_that_should_be_right_is_a_fault() {
    let strategies = [Strategy::Pool, Strategy::Processes, Strategy::SameSeed];
    let settings = settings(&strategies, fixture("answers-wrongly.sh"));
    let mut seen = Vec::new();
    let comparison = compare::compare(&settings, |done, of| seen.push((done, of))).unwrap();
    let faults: Vec<_> = comparison
        .faults()
        .map(|row| (row.strategy, row.hits))
        .collect();
    assert_eq!(faults, [(Strategy::Processes, 2)]);
    assert_eq!(comparison.rows[0].strategy, Strategy::Serial);
    assert!(comparison.rows.iter().all(|row| row.runs.len() == 2));
    // Three rounds of four rows.
    assert_eq!(seen, (0..=12).map(|done| (done, 12)).collect::<Vec<_>>());
}

#[test]
fn with_weak_scaling_the_darts_grow_with_the_workers() {
    let settings = Settings {
        scaling: Scaling::Weak,
        ..settings(&[Strategy::Pool], worker())
    };
    let comparison = compare::compare(&settings, |_, _| ()).unwrap();
    assert_eq!(
        (comparison.rows[0].sims, comparison.rows[1].sims),
        (200_000, 400_000)
    );
    assert_eq!(comparison.rows[1].hits, comparison.rows[1].serial_hits);
}

/// What the processes strategy says of a program that fails: the child, and how it ended.
#[cfg(unix)]
#[test]
fn a_child_that_fails_is_named() {
    let error = |worker| {
        let task = Task {
            plan: Plan::new(42, 200_000).unwrap(),
            ..task(1, 2, worker)
        };
        Strategy::Processes.count(&task).unwrap_err().to_string()
    };
    let message = error(fixture("first-fails.sh"));
    assert!(
        message.starts_with("worker process 1 of 2 (process "),
        "{message}"
    );
    assert!(
        message.ends_with(") failed: exit status: 3: out of luck"),
        "{message}"
    );
    let message = error(fixture("is-killed.sh"));
    assert!(
        message.ends_with(") failed: signal: 9 (SIGKILL)"),
        "{message}"
    );
    let message = error(fixture("does-not-exist.sh"));
    assert!(
        message.starts_with("worker process 1 of 2 did not start: No such file"),
        "{message}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn when_one_child_fails_the_others_are_not_left() {
    let plan = Plan::new(9_182_736_451, 200_000).unwrap();
    let task = Task {
        plan,
        ..task(1, 3, fixture("first-fails.sh"))
    };
    Strategy::Processes.count(&task).unwrap_err();
    assert_eq!(processes_with("seed=9182736451"), Vec::<String>::new());
}

/// How a worker process learns that whoever started it is gone, by Ctrl-C or a kill: its stdin
/// closes. This one would wait an hour.
#[test]
fn a_worker_process_ends_when_its_stdin_does() {
    let args = [
        "worker",
        "seed=1",
        "first=0",
        "sims=1",
        "kernel=portable",
        "io-wait-ns=3600000000000",
    ];
    let mut child = command(&args)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
}

/// Ctrl-C, once the program watches for it, as Linux tells.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_the_comparison_with_130_and_nothing_printed() {
    const SIGINT_BIT: u64 = 1 << (2 - 1);
    let program = command(&["compare", "-n", "1e13"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = program.id().to_string();
    let watches = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & SIGINT_BIT != 0
    };
    while !watches() {
        std::thread::sleep(Duration::from_millis(1));
    }
    signal(&program, "INT");
    let output = program.wait_with_output().unwrap();
    let printed = (output.stdout.as_slice(), output.stderr.as_slice());
    assert_eq!(
        (output.status.code(), printed),
        (Some(130), (&b""[..], &b""[..]))
    );
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    contract: u32,
    seed: u64,
    sims: u64,
    scaling: String,
    io_wait_s: f64,
    warmup: usize,
    machine: JsonMachine,
    rows: Vec<JsonRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are here to be parsed")]
struct JsonMachine {
    cpu: String,
    cores: usize,
    kernel: String,
    os: String,
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are here to be parsed")]
struct JsonRow {
    strategy: String,
    workers: usize,
    sims: u64,
    mean_s: f64,
    sd_s: Option<f64>,
    min_s: f64,
    speed_up: Option<JsonRatio>,
    efficiency: Option<f64>,
    serial_fraction: Option<f64>,
    sims_per_s: Option<f64>,
    hits: u64,
    serial_hits: u64,
    verdict: String,
    runs: Vec<JsonRun>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRatio {
    mean: f64,
    ci95: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRun {
    elapsed_s: f64,
    hits: u64,
}

const SMALL: [&str; 9] = [
    "compare", "-n", "1e6", "-s", "42", "-w", "1,2", "--runs", "3",
];

#[test]
fn json_is_what_is_documented_and_holds_every_run() {
    let line = stdout(&[&SMALL[..], &["--strategy", "all", "--format", "json"]].concat());
    assert_eq!(line.find('\n'), Some(line.len() - 1));
    let json: Json = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (json.contract, json.seed, json.sims, json.warmup),
        (1, 42, 1_000_000, 1)
    );
    assert_eq!((json.scaling.as_str(), json.io_wait_s), ("strong", 0.0));
    assert_eq!(json.machine.kernel, Kernel::detect().name());
    assert_eq!(json.rows.len(), 1 + 8 * 2);
    for row in &json.rows {
        assert_eq!((row.runs.len(), row.serial_hits), (3, MILLION_HITS));
        let mean = row.runs.iter().map(|run| run.elapsed_s).sum::<f64>() / 3.0;
        assert!((mean / row.mean_s - 1.0).abs() < 1e-9);
        if let Some(JsonRatio {
            mean,
            ci95: Some([low, high]),
        }) = &row.speed_up
        {
            assert!(low <= mean && mean <= high);
            assert!(
                row.runs.iter().all(|run| run.hits == MILLION_HITS),
                "no speed without equal hits"
            );
        }
    }
}

#[test]
fn the_tables_agree_and_name_the_machine() {
    let machine = pi_mc::compare::machine::Machine::this(Kernel::detect());
    let table = |format| stdout(&[&SMALL[..], &["--format", format]].concat());
    let text = table("text");
    assert!(
        text.contains(&machine.cpu) && text.contains("1,000,000 darts of seed 42"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 3 + 1 + 3, "{text}");
    assert!(!text.contains('\x1b'));
    let markdown = table("markdown");
    assert!(markdown.contains(&machine.cpu));
    let bars = markdown
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    assert!(
        bars.clone().all(|line| line.matches(" | ").count() == 9),
        "{markdown}"
    );
    assert_eq!(bars.count(), 2 + 3);

    let csv = table("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    let cell = |row: usize, name| &rows[row][columns.iter().position(|c| c == name).unwrap()];
    assert_eq!(
        (cell(0, "strategy"), cell(0, "workers"), cell(0, "hits")),
        ("serial", "1", "785725")
    );
    assert_eq!(
        (cell(2, "strategy"), cell(2, "workers"), cell(2, "cpu")),
        ("pool", "2", &*machine.cpu)
    );
}

#[test]
fn waiting_chunks_wait() {
    // 16 chunks, 3 ms each: at least 48 ms one after the other. A lower bound cannot fail by noise.
    let args = [
        "--io-wait",
        "3ms",
        "--format",
        "json",
        "--strategy",
        "serial",
    ];
    let json: Json = serde_json::from_str(&stdout(&[&SMALL[..], &args].concat())).unwrap();
    assert_eq!((json.rows.len(), json.io_wait_s), (1, 0.003));
    assert!(json.rows[0].min_s >= 0.048);
}

#[test]
fn bad_input_is_named_with_what_is_accepted() {
    let names = "serial, pool, threads, queue, processes, lock, atomic, race, same-seed";
    for (option, value, accepted) in [
        (
            "--workers <LIST>",
            "0",
            "a whole number from 1 to 4096; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "1,0",
            "a whole number from 1 to 4096; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "",
            "a whole number from 1 to 4096; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "1,,2",
            "a whole number from 1 to 4096; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "1;2",
            "a whole number from 1 to 4096; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "2,1,2",
            "'2' is there twice; name each once; or several, as 1,2,4",
        ),
        ("--runs <R>", "0", "a whole number from 1 to 10000"),
        ("--runs <R>", "10001", "a whole number from 1 to 10000"),
        ("--warmup <R>", "-1", "a whole number from 0 to 10000"),
        (
            "--io-wait <TIME>",
            "2",
            "a time with its unit (ns, us, ms, s, m, h, d), such as 2ms or 1.5s",
        ),
        (
            "--io-wait <TIME>",
            "-2s",
            "a time with its unit (ns, us, ms, s, m, h, d), such as 2ms or 1.5s",
        ),
        (
            "--io-wait <TIME>",
            "1.5ns",
            "a time with its unit (ns, us, ms, s, m, h, d), such as 2ms or 1.5s",
        ),
        (
            "--io-wait <TIME>",
            "s",
            "a time with its unit (ns, us, ms, s, m, h, d), such as 2ms or 1.5s",
        ),
    ] {
        let name = option.split(' ').next().unwrap();
        let message = usage_error(&["compare", &format!("{name}={value}")]);
        assert_eq!(
            message,
            format!("pi-mc: invalid value '{value}' for '{option}': {accepted}")
        );
    }
    for (strategies, what) in [
        ("pool,pool", "'--strategy' has pool twice; name each once"),
        ("all,pool", "'--strategy all' has them all; name no others"),
        (
            "fast",
            &format!(
                "invalid value 'fast' for '--strategy <LIST>' [possible values: {names}, all]"
            ),
        ),
        ("pool,quue", "tip: a similar value exists: 'queue'"),
        ("pool,", "a value is required for '--strategy <LIST>'"),
    ] {
        let message = usage_error(&["compare", "--strategy", strategies]);
        assert!(message.contains(what), "{message}");
    }
    usage_error(&["compare", "--scaling", "big"]);
    usage_error(&["compare", "--format", "xml"]);
    usage_error(&["--sims", "5", "compare"]);
}

#[test]
fn too_many_darts_for_all_workers_is_an_error() {
    let output = command(&["compare", "-n", "2^63", "-w", "2", "--scaling", "weak"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).contains("must stay below 2^64"));
}
