//! Every strategy, verdicts on hits before speed, and worker processes that fail. Statistics are tested on
//! fixed times; no test reads a clock.

use std::ffi::OsString;
use std::num::NonZero;
use std::ops::ControlFlow;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use pi_mc::compare::baseline::{Baseline, BaselineError};
use pi_mc::compare::measure::CompareError;
use pi_mc::compare::row::{Reason, Row, Scaling, Setup, Status, TimedRun};
use pi_mc::compare::stats::{ALPHA, Corrected, Logs, Times, holm};
use pi_mc::compare::strategy::{Strategy, Task};
use pi_mc::compare::trial::Trial;
use pi_mc::compare::{Lineup, Outcome, StrategyName};
use pi_mc::engine::progress::Progress;
use pi_mc::{Comparison, Kernel, Plan, compare};
use serde::Deserialize;

use crate::contract::MILLION_HITS;
use crate::program::{PROGRAM, command, one_line, stdout, usage_error};
#[cfg(target_os = "linux")]
use crate::program::{processes_with, signal};

/// The command that starts the program's own worker process.
fn worker() -> Vec<OsString> {
    vec![PROGRAM.into(), "worker".into()]
}

/// A shell script that stands in for the worker process.
#[cfg(unix)]
fn fixture(name: &str) -> Vec<OsString> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    vec![path.into()]
}

fn task(sims: u64, workers: usize, worker: Vec<OsString>) -> Task {
    let plan = Plan::new(42, 1_000..1_000 + sims).unwrap();
    let workers = NonZero::new(workers).unwrap();
    Task {
        worker,
        ..Task::new(plan, Kernel::detect(), workers)
    }
}

#[test]
fn every_right_strategy_gives_the_serial_hits() {
    for sims in [1, 64_535, 64_536, 64_537, 65_536, 300_000] {
        let expected = Strategy::Serial.count(&task(sims, 1, worker())).unwrap();
        for strategy in Strategy::ALL.iter().filter(|strategy| strategy.is_right()) {
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
/// of freedom the half width is 12.7062 * 0.980258 / sqrt 2 = 8.807274 (computed independently). An
/// interval that wide says nothing, so it is `None`.
#[test]
fn ratio_of_known_pairs() {
    let logs = Logs::of([1.0, 4.0].into_iter());
    let [low, high] = logs.interval(0.05).unwrap().into();
    assert!((low.ln() - (2f64.ln() - 8.807_274)).abs() < 1e-5, "{low}");
    assert!((high.ln() - (2f64.ln() + 8.807_274)).abs() < 1e-5, "{high}");
    let ratio = logs.ratio(0.05);
    assert!((ratio.value - 2.0).abs() < 1e-12);
    assert_eq!(ratio.ci95, None);
    let ratio = Logs::of([1.5, 1.6, 1.5].into_iter()).ratio(ALPHA);
    let [low, high] = ratio.ci95.unwrap().into();
    assert!(1.0 < low && low < 1.53 && 1.53 < high, "{low} {high}");
    assert_eq!(Logs::of([1.5].into_iter()).ratio(ALPHA).ci95, None);
}

/// An interval that spans a factor of ten is kept, and a slightly wider one is not.
#[test]
fn an_interval_wider_than_a_factor_of_ten_is_not_known() {
    // With n = 2 the half width is 12.7062 |ln a - ln b| / 2.
    let pair = |width: f64| {
        let apart = (width.ln() / 12.706_204_7).exp();
        Logs::of([1.0, apart].into_iter()).ratio(ALPHA).ci95
    };
    let [low, high] = pair(9.99).unwrap().into();
    assert!((high / low - 9.99).abs() < 1e-4);
    assert_eq!(pair(10.01), None);
}

/// The p of 2, 1.9 and 1.8 against 1: mean of the logarithms 0.640928, standard deviation 0.052722,
/// t = 21.056 with 2 degrees of freedom, p = 1 - t / sqrt(t² + 2) = 0.002248 (computed independently).
#[test]
fn the_p_of_known_pairs() {
    let p = Logs::of([2.0, 1.9, 1.8].into_iter()).p().unwrap();
    assert!((p - 0.002_248).abs() < 1e-5, "{p}");
    assert_eq!(Logs::of([2.0].into_iter()).p(), None);
    assert_eq!(Logs::of([1.0, 1.0].into_iter()).p(), Some(1.0));
    assert!(Logs::of([2.0, 2.0].into_iter()).p().unwrap() < 1e-12);
}

/// Holm's scheme by hand: 0.01 * 4 and 0.015 * 3 are below 0.05; 0.03 * 2 is not, and so no later value
/// counts, however small.
#[test]
fn holm_on_given_numbers() {
    let corrected = holm(&[0.04, 0.01, 0.03, 0.015], 0.05);
    assert_eq!(corrected.len(), 4);
    let expected = [
        (0.06, 0.05 / 2.0),
        (0.04, 0.05 / 4.0),
        (0.06, 0.05 / 2.0),
        (0.045, 0.05 / 3.0),
    ];
    for (got, (p, alpha)) in corrected.iter().zip(expected) {
        assert!((got.p - p).abs() < 1e-15, "{corrected:?}");
        assert!((got.alpha - alpha).abs() < 1e-15, "{corrected:?}");
    }
    assert_eq!(holm(&[], 0.05), []);
    let [one] = holm(&[0.2], 0.05)[..] else {
        panic!("one for one");
    };
    assert_eq!((one.p, one.alpha), (0.2, 0.05));
    let p: Vec<f64> = holm(&[0.9, 0.8], 0.05).iter().map(|test| test.p).collect();
    assert_eq!(p, [1.0, 1.0]);
}

/// Holm rejects exactly when the interval excludes 1.
#[test]
fn corrected_intervals_agree_with_corrected_tests() {
    let samples: Vec<Logs> = (0..12)
        .map(|i| {
            let shift = 1.0 + 0.01 * f64::from(i);
            let noise = [0.98, 1.02, 1.01, 0.99, 1.03];
            Logs::of(noise.map(|ratio| ratio * shift).into_iter())
        })
        .collect();
    let p: Vec<f64> = samples.iter().map(|logs| logs.p().unwrap()).collect();
    let corrected = holm(&p, 0.05);
    let alone = p.iter().filter(|p| **p <= 0.05).count();
    let mut rejected = 0;
    for (logs, Corrected { p, alpha }) in samples.iter().zip(corrected) {
        let [low, high] = logs.interval(alpha).unwrap().into();
        assert_eq!(p <= 0.05, !(low..=high).contains(&1.0), "{p} {low} {high}");
        rejected += usize::from(p <= 0.05);
    }
    assert!(0 < rejected && rejected < alone, "{rejected} of {alone}");
}

/// A row of runs that take `seconds`, against serial with 1,000,000 darts in 10 s per run.
fn row(
    strategy: Strategy,
    workers: usize,
    sims: u64,
    runs: &[(f64, u64)],
    scaling: Scaling,
) -> Row {
    let runs: Vec<_> = runs
        .iter()
        .map(|&(elapsed_s, hits)| TimedRun {
            elapsed_s,
            cpu_s: None,
            hits,
            hand_overs: None,
        })
        .collect();
    let baseline = TimedRun {
        elapsed_s: 10.0,
        cpu_s: None,
        hits: MILLION_HITS,
        hand_overs: None,
    };
    let serial = Trial {
        strategy: Strategy::Serial.into(),
        plan: Plan::first(42, 1_000_000).unwrap(),
        workers: NonZero::<usize>::MIN,
        serial_hits: MILLION_HITS,
        cores_wanted: None,
        runs: vec![baseline; runs.len()],
    };
    let trial = Trial {
        strategy: strategy.into(),
        plan: Plan::first(42, sims).unwrap(),
        workers: NonZero::new(workers).unwrap(),
        serial_hits: MILLION_HITS,
        cores_wanted: None,
        runs,
    };
    Row::judge(&trial, &serial, scaling, 2)
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
    assert_close(row.speed_up.map(|ratio| ratio.value), 2.5);
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
    assert_close(row.speed_up.map(|ratio| ratio.value), 3.2);
    assert_close(row.efficiency, 0.8);
    assert_close(row.serial_fraction, 0.8 / 3.0);
    assert_eq!(row.verdict, "cannot tell: too few runs");
    assert_eq!(row.reason, Some(Reason::TooFewRuns));
}

/// Serial takes 10 s. The margin of 2 % separates "the same" from faster and slower.
#[test]
fn the_four_verdicts_on_speed() {
    let judged = |seconds: &[f64]| {
        let runs: Vec<_> = seconds.iter().map(|s| (*s, MILLION_HITS)).collect();
        let row = row(Strategy::Queue, 2, 1_000_000, &runs, Scaling::Strong);
        (row.status, row.reason, row.verdict)
    };
    let told = |status, verdict: &str| (status, None, verdict.to_owned());
    let faster = told(Status::Faster, "faster than serial");
    assert_eq!(judged(&[5.0, 5.1, 4.9]), faster);
    let slower = told(Status::Slower, "slower than serial");
    assert_eq!(judged(&[19.0, 20.0, 21.0]), slower);
    let same = told(Status::Same, "the same as serial within 2 %");
    assert_eq!(judged(&[10.01, 10.0, 9.99]), same);
    // Clearly slower than serial, first by less than the margin, then by more.
    assert_eq!(judged(&[10.1, 10.101, 10.102]), same);
    assert_eq!(judged(&[10.25, 10.251, 10.252]), slower);
    assert_eq!(judged(&[9.75, 9.751, 9.752]), faster);

    let unknown = |reason, why: &str| {
        let verdict = format!("cannot tell: {why}");
        (Status::CannotTell, Some(reason), verdict)
    };
    let few = unknown(Reason::TooFewRuns, "too few runs");
    let busy = unknown(Reason::BusyMachine, "the machine is busy");
    assert_eq!(judged(&[5.0]), few);
    assert_eq!(judged(&[9.0, 12.0]), few);
    assert_eq!(judged(&[10.1, 9.7, 9.9]), few);
    assert_eq!(judged(&[8.0, 13.0, 9.0]), busy);
}

/// The same noise, in runs that are too short.
#[test]
fn short_runs_are_told_from_a_busy_machine() {
    let status = |seconds: f64| {
        let trial = |strategy: Strategy, noise: [f64; 3]| Trial {
            strategy: strategy.into(),
            plan: Plan::first(42, 1_000_000).unwrap(),
            workers: NonZero::new(1).unwrap(),
            serial_hits: MILLION_HITS,
            cores_wanted: None,
            runs: noise
                .map(|noise| TimedRun {
                    elapsed_s: noise * seconds,
                    cpu_s: None,
                    hits: MILLION_HITS,
                    hand_overs: None,
                })
                .to_vec(),
        };
        let serial = trial(Strategy::Serial, [1.0; 3]);
        let pool = trial(Strategy::Pool, [0.8, 1.3, 0.9]);
        Row::judge(&pool, &serial, Scaling::Strong, 2).reason
    };
    assert_eq!(status(0.015), Some(Reason::TooShort));
    assert_eq!(status(0.025), Some(Reason::BusyMachine));
}

/// Ten rows at 1.02 to 1.2 times serial's speed. A difference that one row alone would show may be noise
/// among ten.
#[test]
fn verdicts_are_corrected_for_the_number_of_rows() {
    let trial = |strategy: Strategy, seconds: [f64; 4]| Trial {
        strategy: strategy.into(),
        plan: Plan::first(42, 1_000_000).unwrap(),
        workers: NonZero::<usize>::MIN,
        serial_hits: MILLION_HITS,
        cores_wanted: None,
        runs: seconds
            .map(|elapsed_s| TimedRun {
                elapsed_s,
                cpu_s: None,
                hits: MILLION_HITS,
                hand_overs: None,
            })
            .to_vec(),
    };
    let serial = trial(Strategy::Serial, [10.0; 4]);
    let noisy = trial(Strategy::Pool, [9.0, 9.5, 9.2, 9.8]);
    let alone = Row::judge(&noisy, &serial, Scaling::Strong, 2);
    assert_eq!(alone.status, Status::Faster);
    let ten: Vec<_> = [serial]
        .into_iter()
        .chain(std::iter::repeat_n(noisy, 10))
        .collect();
    let rows = Row::judge_all(&ten, Scaling::Strong, 2);
    assert_eq!((rows.len(), rows[0].status), (11, Status::Baseline));
    for row in &rows[1..] {
        assert_eq!(row.status, Status::CannotTell);
        assert_close(row.p, (10.0 * alone.p.unwrap()).min(1.0));
        let [wide, narrow] = [row, &alone].map(|row| row.speed_up.unwrap().ci95.unwrap());
        assert!(wide.low < narrow.low && narrow.high < wide.high);
    }
}

/// One wrong run among right ones is enough to withhold every speed.
#[test]
fn a_wrong_answer_has_no_speed() {
    for (strategy, hits, status, lost, verdict) in [
        (
            Strategy::Pool,
            785_724,
            Status::Wrong,
            1,
            "WRONG: 1 hit fewer than serial",
        ),
        (
            Strategy::Threads,
            785_730,
            Status::Wrong,
            0,
            "WRONG: 5 hits more than serial",
        ),
        (
            Strategy::Race,
            707_152,
            Status::Lost,
            78_573,
            "wrong: the race lost 78573 of 785725 hits (10.00 %)",
        ),
    ] {
        let runs = [(1.0, MILLION_HITS), (1.0, hits), (1.0, MILLION_HITS)];
        let row = row(strategy, 2, 1_000_000, &runs, Scaling::Strong);
        assert_eq!((row.hits, row.verdict.as_str()), (hits, verdict));
        assert_eq!((row.status, row.lost), (status, Some(lost)));
        // Time and hits come from the same run.
        assert_eq!((row.shown_run, row.runs[row.shown_run].hits), (1, hits));
        assert_eq!(row.pi, 4.0 * hits as f64 / 1e6);
        assert_no_speed(&row);
    }
}

/// A row with wrong answers has no figure of speed.
fn assert_no_speed(row: &Row) {
    let speeds = (
        row.speed_up,
        row.efficiency,
        row.serial_fraction,
        row.sims_per_s,
    );
    assert_eq!(speeds, (None, None, None, None));
}

/// Repeated darts are reported even if their hits happen to equal serial's. 16 chunks on two workers make
/// shares of 524,288 and 475,712 darts, so 475,712 darts are thrown twice and 48,576 once: the variance is
/// (4 * 475,712 + 48,576) / 1,000,000 times that of distinct darts.
#[test]
fn repeated_darts_have_no_speed_whatever_their_hits() {
    for hits in [MILLION_HITS, MILLION_HITS - 300, MILLION_HITS + 300] {
        let runs = [(1.0, hits); 3];
        let row = row(Strategy::SameSeed, 2, 1_000_000, &runs, Scaling::Strong);
        assert_eq!(
            row.verdict,
            "wrong: 1000000 darts thrown but only 524288 distinct"
        );
        assert_eq!((row.status, row.distinct), (Status::Repeated, 524_288));
        assert_eq!((row.hits, row.lost), (hits, None));
        assert_no_speed(&row);
        let std_error = row.std_error.unwrap();
        assert!((std_error - 0.001_641_274).abs() < 1e-6);
        let times = row.honest_error.map(|honest| honest / std_error);
        assert_close(times, 1.951_424f64.sqrt());
    }
}

/// With a single chunk only one worker counts, so nothing is repeated, and no speed is given either.
#[test]
fn same_seed_of_one_chunk_needs_more_darts() {
    let runs = [(1.0, MILLION_HITS); 3];
    let few = row(Strategy::SameSeed, 4, 65_536, &runs, Scaling::Strong);
    assert_eq!((few.status, few.speed_up), (Status::TooFewDarts, None));
    assert_eq!((few.distinct, few.honest_error), (65_536, None));
    let alone = row(Strategy::SameSeed, 1, 65_536, &runs, Scaling::Strong);
    assert!(alone.speed_up.is_some());
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
    assert_eq!((row.status, row.lost), (Status::Lucky, Some(0)));
}

const SETUP: Setup = Setup {
    seed: 42,
    first: 0,
    scaling: Scaling::Strong,
    io_wait: Duration::ZERO,
    warmup: 1,
};

fn lineup(strategies: &[Strategy], worker: Vec<OsString>) -> Lineup {
    let two = NonZero::new(2).unwrap();
    let mut lineup = Lineup::default();
    lineup.strategies = strategies.to_vec();
    lineup.workers = vec![two];
    lineup.runs = two;
    lineup.worker = worker;
    lineup
}

/// Compares 200,000 darts.
fn compared(
    setup: &Setup,
    lineup: &Lineup,
    progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Outcome {
    compare::run(setup, &[200_000], lineup, None, progress).unwrap()
}

/// A whole comparison in which the processes' fixture wrongly answers 1 for each of two shares.
#[cfg(unix)]
#[test]
fn only_a_wrong_way_that_should_be_right_is_a_fault() {
    let strategies = [Strategy::Pool, Strategy::Processes, Strategy::SameSeed];
    let lineup = lineup(&strategies, fixture("answers-wrongly.sh"));
    let mut seen = Vec::new();
    let outcome = compared(&SETUP, &lineup, |runs| {
        seen.push((runs.size, runs.done, runs.total));
        ControlFlow::Continue(())
    });
    let [comparison] = &outcome.comparisons[..] else {
        panic!("one size");
    };
    let faults: Vec<_> = comparison
        .faults()
        .map(|row| (row.strategy.known().unwrap(), row.hits))
        .collect();
    assert_eq!(faults, [(Strategy::Processes, 2)]);
    assert_eq!(comparison.rows[0].strategy, Strategy::Serial);
    assert!(comparison.rows.iter().all(|row| row.runs.len() == 2));
    // Three rounds of four rows.
    assert!(!comparison.partial);
    let expected = (0..=12).map(|done| ((1, 1), done, Some(12)));
    assert_eq!(seen, expected.collect::<Vec<_>>());
}

#[test]
fn with_weak_scaling_the_darts_grow_with_the_workers() {
    let setup = Setup {
        scaling: Scaling::Weak,
        ..SETUP
    };
    let lineup = lineup(&[Strategy::Pool], worker());
    let outcome = compared(&setup, &lineup, |_| ControlFlow::Continue(()));
    let rows = &outcome.comparisons[0].rows;
    assert_eq!((rows[0].sims, rows[1].sims), (200_000, 400_000));
    assert_eq!(rows[1].hits, rows[1].serial_hits);
}

/// A round of two rows to warm up, and two timed ones.
#[test]
fn a_stopped_comparison_has_the_rows_of_all_complete_rounds() {
    let lineup = lineup(&[Strategy::Pool], worker());
    for (stop, rounds) in [(0, 0), (2, 0), (3, 0), (4, 1), (5, 1)] {
        let mut last = 0;
        let outcome = compared(&SETUP, &lineup, |runs| {
            last = runs.done;
            match runs.done {
                done if done == stop => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });
        assert_eq!(last, stop);
        let runs = outcome.comparisons.iter().flat_map(|one| &one.rows);
        let runs: Vec<usize> = runs.map(|row| row.runs.len()).collect();
        assert_eq!(runs, vec![1; 2 * rounds], "stopped after {stop} runs");
        assert!(outcome.comparisons.iter().all(|one| one.partial));
    }
}

/// Refused before the first run, as no run is reported.
#[test]
fn the_baseline_is_checked_first_and_gives_the_size() {
    let lineup = lineup(&[Strategy::Pool], worker());
    let comparisons = compared(&SETUP, &lineup, |_| ControlFlow::Continue(())).comparisons;
    let baseline = Baseline {
        comparisons,
        tolerance: 1000.0,
        any_machine: false,
    };
    let weak = Setup {
        scaling: Scaling::Weak,
        ..SETUP
    };
    let refused = compare::run(&weak, &[], &lineup, Some(&baseline), |_| panic!("a run"));
    assert!(matches!(
        refused,
        Err(CompareError::Baseline(BaselineError::Work(_)))
    ));
    let run = |_| ControlFlow::Continue(());
    let outcome = compare::run(&SETUP, &[], &lineup, Some(&baseline), run).unwrap();
    assert_eq!(outcome.comparisons[0].sims, 200_000);
    assert_eq!(outcome.baseline.unwrap().rows.len(), 2);
}

#[test]
fn without_a_command_there_is_no_worker_process() {
    let task = task(200_000, 2, Vec::new());
    let error = Strategy::Processes.count(&task).unwrap_err();
    assert_eq!(
        error.to_string(),
        "worker process 0 of 2 could not start: there is no command for worker processes"
    );
}

/// The error of the processes strategy when `program` fails: it names the child and how it ended.
#[cfg(unix)]
#[test]
fn a_child_that_fails_is_named() {
    let error = |worker| {
        let task = Task {
            plan: Plan::first(42, 200_000).unwrap(),
            ..task(1, 2, worker)
        };
        Strategy::Processes.count(&task).unwrap_err().to_string()
    };
    let message = error(fixture("first-fails.sh"));
    assert!(
        message.starts_with("worker process 0 of 2 (process "),
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
        message.starts_with("worker process 0 of 2 did not start: No such file"),
        "{message}"
    );
}

/// A worker that has filled one pipe waits for its reader, who must not wait for the other pipe.
#[cfg(unix)]
#[test]
fn a_worker_process_may_write_any_amount_to_stderr() {
    let task = task(131_072, 2, fixture("fills-stderr.sh"));
    assert_eq!(Strategy::Processes.count(&task).unwrap(), 10);
}

#[cfg(target_os = "linux")]
#[test]
fn when_one_child_fails_the_others_are_not_left() {
    let plan = Plan::first(9_182_736_451, 200_000).unwrap();
    let task = Task {
        plan,
        ..task(1, 3, fixture("first-fails.sh"))
    };
    Strategy::Processes.count(&task).unwrap_err();
    assert_eq!(processes_with("seed=9182736451"), Vec::<String>::new());
}

/// A worker process ends when its stdin closes, since then its parent is gone. This one would otherwise
/// wait for an hour.
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

/// Sends Ctrl-C once the program catches it, according to /proc.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_before_the_first_round_ends_the_comparison_with_130_and_says_so() {
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
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(130), &b""[..])
    );
    let message = crate::program::one_line(output.stderr);
    assert!(message.contains("no row to show"), "{message}");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    format: u32,
    contract: u32,
    seed: u64,
    first: u64,
    sims: u64,
    scaling: String,
    io_wait_s: f64,
    warmup: usize,
    machine: JsonMachine,
    rows: Vec<JsonRow>,
    /// On this machine's cores, see tests/suite/saved.rs.
    #[allow(dead_code, reason = "only there")]
    laws: Vec<serde_json::Value>,
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
    started: Option<String>,
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
    cpu_s: Option<f64>,
    cores_wanted: Option<f64>,
    speed_up: Option<JsonRatio>,
    hand_overs: Option<f64>,
    p: Option<f64>,
    efficiency: Option<f64>,
    serial_fraction: Option<f64>,
    sims_per_s: Option<f64>,
    shown_run: usize,
    hits: u64,
    serial_hits: u64,
    lost: Option<u64>,
    distinct: u64,
    pi: f64,
    std_error: Option<f64>,
    honest_error: Option<f64>,
    status: String,
    reason: Option<String>,
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
    cpu_s: Option<f64>,
    hits: u64,
    hand_overs: Option<u64>,
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
        (
            json.format,
            json.contract,
            json.seed,
            json.sims,
            json.warmup
        ),
        (1, 1, 42, 1_000_000, 1)
    );
    assert_eq!((json.scaling.as_str(), json.io_wait_s), ("strong", 0.0));
    assert_eq!(json.first, 0);
    assert_eq!(json.machine.kernel, Kernel::detect().name());
    assert_eq!(json.rows.len(), 1 + 9 * 2);
    for row in &json.rows {
        assert_eq!((row.runs.len(), row.serial_hits), (3, MILLION_HITS));
        let mean = row.runs.iter().map(|run| run.elapsed_s).sum::<f64>() / 3.0;
        assert!((mean / row.mean_s - 1.0).abs() < 1e-9);
        assert_eq!(row.runs[row.shown_run].hits, row.hits);
        let sum: Option<f64> = row.runs.iter().map(|run| run.cpu_s).sum();
        assert_eq!(
            (sum.is_some(), row.cpu_s.is_some()),
            (cfg!(unix), cfg!(unix))
        );
        if let (Some(sum), Some(mean)) = (sum, row.cpu_s) {
            assert!((sum - 3.0 * mean).abs() < 1e-9 && mean > 0.0);
        }
        let sleeps = matches!(row.strategy.as_str(), "lock" | "queue" | "gil");
        assert_eq!(row.cores_wanted.is_none(), sleeps, "{}", row.strategy);
        let of_runs = row.runs.iter().map(|run| run.hand_overs);
        let of_runs: Option<Vec<u64>> = of_runs.collect();
        let mean = of_runs.map(|each| each.iter().sum::<u64>() as f64 / each.len() as f64);
        assert_eq!(row.hand_overs, mean);
        assert_eq!(mean.is_some(), row.strategy == "gil");
        assert_eq!(row.pi, 4.0 * row.hits as f64 / 1e6);
        let repeated = row.strategy == "same-seed" && row.workers == 2;
        assert_eq!(row.status == "repeated", repeated);
        assert_eq!(row.distinct, if repeated { 524_288 } else { 1_000_000 });
        assert_eq!(row.honest_error.is_some(), repeated);
        assert_eq!(row.lost.is_none(), row.strategy == "same-seed");
        // On a busy machine a row may be slower than missing cores explain.
        let is_told = matches!(row.status.as_str(), "faster" | "slower");
        let is_busy = row.reason.as_deref() == Some("busy-machine");
        let is_unknown = row.status == "cannot-tell";
        assert_eq!(row.reason.is_some(), is_unknown || is_told && is_busy);
        let is_answer = row.runs.iter().all(|run| run.hits == MILLION_HITS) && !repeated;
        let has_speeds = [row.speed_up.is_some(), row.sims_per_s.is_some()];
        assert_eq!(has_speeds, [is_answer; 2], "{}", row.verdict);
        if let Some(JsonRatio {
            mean,
            ci95: Some([low, high]),
        }) = &row.speed_up
        {
            assert!(low <= mean && mean <= high);
        }
    }
}

#[test]
fn the_tables_agree_and_name_the_machine() {
    let machine = pi_mc::engine::machine::Machine::this(
        Kernel::detect().name(),
        std::time::SystemTime::now(),
    );
    let table = |format| stdout(&[&SMALL[..], &["--format", format]].concat());
    let text = table("text");
    assert!(
        text.contains(&machine.cpu) && text.contains("1,000,000 darts of seed 42"),
        "{text}"
    );
    let rows = text.split("\n\n").nth(1).unwrap().lines().skip(1);
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split_whitespace().collect()).collect();
    let names = [["serial", "1"], ["pool", "1"], ["pool", "2"]];
    assert_eq!(rows.len(), names.len(), "{text}");
    for (row, name) in rows.iter().zip(names) {
        assert!(row.starts_with(&name) && row.contains(&"3.1429"), "{text}");
    }
    assert!(!text.contains('\x1b'));
    let markdown = table("markdown");
    assert!(markdown.contains(&machine.cpu));
    let bars = markdown
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with(" |"));
    assert!(
        bars.clone().all(|line| line.matches(" | ").count() == 12),
        "{markdown}"
    );
    let rows: Vec<&str> = bars.skip(2).collect();
    assert_eq!(rows.len(), names.len(), "{markdown}");
    for (row, [strategy, workers]) in rows.iter().zip(names) {
        let start = format!("| {strategy} | {workers} | ");
        assert!(
            row.starts_with(&start) && row.contains(" | 785,725 | 3.1429 | "),
            "{row}"
        );
    }

    let csv = table("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().flatten().all(|field| !field.contains(',')));
    assert!(!csv.contains('"'), "no field needs quotes: {csv}");
    let cell = |row: usize, name| &rows[row][columns.iter().position(|c| c == name).unwrap()];
    for (row, [strategy, workers]) in (0..).zip(names) {
        let cells = ["strategy", "workers", "hits", "pi"].map(|name| cell(row, name));
        assert_eq!(cells, [strategy, workers, "785725", "3.1429"]);
    }
    assert_eq!(
        (cell(0, "status"), cell(0, "pi"), cell(0, "distinct")),
        ("baseline", "3.1429", "1000000")
    );
    assert_eq!((cell(0, "lost"), cell(0, "honest_error")), ("0", ""));
    assert_eq!(cell(2, "cpu"), machine.cpu);
}

/// Processor time includes the worker processes.
#[cfg(unix)]
#[test]
fn what_worker_processes_burn_is_in_their_row() {
    let args = [
        "--kernel", "portable", "-n", "2e7", "--runs", "1", "--warmup", "0",
    ];
    let processes = [
        "compare",
        "-w",
        "2",
        "--strategy",
        "processes",
        "--format",
        "json",
    ];
    let json: Json = serde_json::from_str(&stdout(&[&processes[..], &args].concat())).unwrap();
    let [serial, processes] = &json.rows[..] else {
        panic!("serial and processes");
    };
    // Unlike elapsed time, processor time does not grow on a busy machine.
    assert!(processes.cpu_s.unwrap() > serial.cpu_s.unwrap() / 4.0);
}

#[test]
fn waiting_chunks_wait() {
    // 16 chunks of 3 ms take at least 48 ms in turn. Noise cannot break a lower bound.
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
    // A waiting worker wants no core.
    assert_eq!(json.rows[0].cores_wanted, None);
    assert!(json.rows[0].min_s >= 0.048);
}

#[test]
fn bad_input_is_named_with_what_is_accepted() {
    let names = "serial, pool, threads, gil, queue, processes, lock, atomic, race, same-seed";
    let names = format!(
        "{names}{}",
        if cfg!(feature = "gpu") { ", gpu" } else { "" }
    );
    for (option, value, accepted) in [
        (
            "--workers <LIST>",
            "0",
            "expected a whole number from 1 to 4096, or auto; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "1,0",
            "expected a whole number from 1 to 4096, or auto; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "",
            "expected a whole number from 1 to 4096, or auto; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "1,,2",
            "expected a whole number from 1 to 4096, or auto; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "1;2",
            "expected a whole number from 1 to 4096, or auto; or several, as 1,2,4",
        ),
        (
            "--workers <LIST>",
            "2,1,2",
            "'2' is given twice; name each once",
        ),
        ("--runs <R>", "0", "expected a whole number from 1 to 10000"),
        (
            "--runs <R>",
            "10001",
            "expected a whole number from 1 to 10000",
        ),
        (
            "--warmup <R>",
            "-1",
            "expected a whole number from 0 to 10000",
        ),
        (
            "--io-wait <TIME>",
            "2",
            "expected a time with its unit (ns, us, ms, s, m, h, d), such as 2ms, 1.5s or 1h30m",
        ),
        (
            "--io-wait <TIME>",
            "-2s",
            "expected a time with its unit (ns, us, ms, s, m, h, d), such as 2ms, 1.5s or 1h30m",
        ),
        (
            "--io-wait <TIME>",
            "1.5ns",
            "expected a time with its unit (ns, us, ms, s, m, h, d), such as 2ms, 1.5s or 1h30m",
        ),
        (
            "--io-wait <TIME>",
            "s",
            "expected a time with its unit (ns, us, ms, s, m, h, d), such as 2ms, 1.5s or 1h30m",
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
        (
            "all,pool",
            "'--strategy all' already has every strategy; name no others",
        ),
        (
            "fast",
            &format!(
                "invalid value 'fast' for '--strategy <LIST>' [possible values: {names}, all]"
            ),
        ),
        ("pool,quue", "a similar value exists: 'queue'"),
        ("pool,", "a value is required for '--strategy <LIST>'"),
    ] {
        let message = usage_error(&["compare", "--strategy", strategies]);
        assert!(message.contains(what), "{message}");
    }
    for (args, what) in [
        (
            ["compare", "--scaling", "big"],
            "[possible values: strong, weak]",
        ),
        (
            ["compare", "--format", "xml"],
            "[possible values: text, json, csv, markdown]",
        ),
        (
            ["--sims", "5", "compare"],
            "'compare' cannot be used with '--sims <N>'; type 'pi-mc compare --sims LIST'",
        ),
        (
            ["-n5", "-w2", "compare"],
            "--sims <N> --workers <W>; type 'pi-mc compare --sims LIST --workers LIST'",
        ),
    ] {
        let message = usage_error(&args);
        assert!(message.ends_with(what), "{message}");
    }
}

#[test]
fn too_many_darts_for_all_workers_is_an_error() {
    let output = command(&["compare", "-n", "2^63", "-w", "2", "--scaling", "weak"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).contains("must stay below 2^64"));
}

/// A right strategy and a wrong one of a caller's own, in turn with the pool. The saved form keeps their names, and
/// is judged the same when it is read.
#[test]
fn own_strategies_are_judged_by_hits_first() {
    let mut lineup = lineup(&[Strategy::Pool], Vec::new())
        .with("backwards", |task| {
            let chunks = task.plan.chunks().rev();
            Ok(chunks.map(|chunk| task.hits(chunk)).sum())
        })
        .with("hasty", |task| {
            let most = task.plan.chunks().end - 1;
            Ok((0..most).map(|chunk| task.hits(chunk)).sum())
        });
    lineup.runs = NonZero::new(3).unwrap();
    let mut runs = 0;
    let outcome = compared(&SETUP, &lineup, |progress| {
        runs = progress.done;
        ControlFlow::Continue(())
    });
    // Four rows, with a round to warm up.
    assert_eq!(runs, 4 * (1 + 3));
    let comparison = &outcome.comparisons[0];
    let [_, pool, right, wrong] = &comparison.rows[..] else {
        panic!("{:?}", comparison.rows);
    };
    assert_eq!(
        (pool.strategy.name(), right.strategy.name()),
        ("pool", "backwards")
    );
    assert_eq!((right.workers, right.runs.len()), (2, 3));
    assert!(!right.status.is_wrong(), "{}", right.verdict);
    assert!(right.speed_up.is_some());
    // Runs this short may spread too widely for an interval to be worth showing; these do not.
    let timed = |trial: Trial, elapsed_s: [f64; 3]| Trial {
        runs: elapsed_s
            .map(|elapsed_s| TimedRun {
                elapsed_s,
                hits: right.hits,
                ..right.runs[0]
            })
            .into(),
        ..trial
    };
    let plan = Plan::first(42, right.sims).unwrap();
    let trial = |strategy: StrategyName, elapsed_s| {
        let workers = NonZero::new(2).unwrap();
        timed(Trial::new(strategy, plan, workers, right.hits), elapsed_s)
    };
    let serial = trial(Strategy::Serial.into(), [2.0, 2.1, 2.2]);
    let own = trial(right.strategy.clone(), [1.0, 1.1, 1.2]);
    let judged = Row::judge(&own, &serial, Scaling::Strong, 2);
    assert!(judged.speed_up.unwrap().ci95.is_some(), "{judged:?}");
    assert_eq!(judged.status, Status::Faster);
    assert_eq!(
        (wrong.strategy.name(), wrong.status),
        ("hasty", Status::Wrong)
    );
    assert!(wrong.verdict.starts_with("WRONG: "), "{}", wrong.verdict);
    assert_eq!((wrong.speed_up.is_none(), wrong.sims_per_s), (true, None));
    let faults: Vec<_> = comparison.faults().map(|row| row.strategy.name()).collect();
    assert_eq!(faults, ["hasty"]);

    let saved = comparison.to_json();
    let read = Comparison::read(&saved).unwrap();
    assert_eq!(read.to_json(), saved);
    assert!(
        saved.contains(r#"{"strategy":"hasty","own":true,"workers":2,"#),
        "{saved}"
    );
    for (from, to, expected) in [
        (r#""own":true,"#, "", r#"unknown strategy "backwards""#),
        ("backwards", "pool", "a strategy of pi-mc has that name"),
        ("backwards", "back,wards", "expected up to 40 letters"),
        ("backwards", "hasty", "is there twice"),
    ] {
        let error = Comparison::read(&saved.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
    // Its timelines are those of the strategies that take notes.
    let timelines = compare::timelines(&SETUP, 200_000, &lineup, |_| ControlFlow::Continue(()));
    assert_eq!(timelines.unwrap().len(), 1);
}

#[test]
fn names_of_own_strategies_are_checked_before_the_first_run() {
    for (names, expected) in [
        (
            ["pool", "own"],
            "strategy name \"pool\": a strategy of pi-mc has that name",
        ),
        (
            ["own", "gpu"],
            "strategy name \"gpu\": a strategy of pi-mc has that name",
        ),
        (["own", "own"], "two strategies are called 'own'"),
        (["own", ""], "strategy name \"\": expected up to 40 letters"),
        (
            ["own", " own"],
            "strategy name \" own\": expected up to 40 letters",
        ),
        (
            ["own", "a\u{1b}b"],
            "strategy name \"a\\u{1b}b\": expected up to 40 letters",
        ),
        (
            ["own", "a|b"],
            "strategy name \"a|b\": expected up to 40 letters",
        ),
    ] {
        let count = |_: &Task| panic!("a run");
        let lineup = Lineup::default()
            .with(names[0], count)
            .with(names[1], count);
        let error = compare::run(&SETUP, &[1], &lineup, None, |_| panic!("a run")).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
