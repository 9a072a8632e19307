//! Comparisons with given times, compared with each other.

use std::num::NonZero;
use std::time::{Duration, SystemTime};

use crate::compare::baseline::*;
use crate::compare::row::Scaling;
use crate::compare::row::TimedRun;
use crate::compare::strategy::Strategy;
use crate::compare::trial::Trial;
use crate::darts::plan::Plan;

const SIMS: u64 = 1_000_000;

/// Serial at 1 s and rows with these times, of 5 runs that spread by `noise`.
fn comparison(sims: u64, noise: f64, rows: &[(Strategy, usize, f64)]) -> Comparison {
    let trial = |(strategy, workers, elapsed_s): (Strategy, usize, f64)| {
        let plan = Plan::first(1, sims).unwrap();
        let hits = sims / 2 - u64::from(strategy == Strategy::Race);
        let by = [0.0, 1.0, -1.0, 0.5, -0.5].map(|by| 1.0 + noise * by);
        let runs = by.map(|by| TimedRun {
            elapsed_s: elapsed_s * by,
            cpu_s: None,
            hits,
            hand_overs: None,
        });
        Trial {
            runs: runs.to_vec(),
            ..Trial::new(strategy, plan, NonZero::new(workers).unwrap(), sims / 2)
        }
    };
    let all = [(Strategy::Serial, 1, 1.0)]
        .into_iter()
        .chain(rows.iter().copied());
    let trials: Vec<Trial> = all.map(trial).collect();
    Comparison {
        setup: Setup {
            seed: 1,
            first: 0,
            scaling: Scaling::Strong,
            io_wait: Duration::ZERO,
            warmup: 1,
        },
        sims,
        machine: Machine::this("avx2", SystemTime::UNIX_EPOCH),
        partial: false,
        rows: Row::judge_all(&trials, Scaling::Strong, 2),
    }
}

/// `now` compared with `then`, 5 % slower at most.
fn changes_since(then: Comparison, now: Comparison) -> Result<BaselineReport, BaselineError> {
    baseline(then, false).compare_with(&[now])
}

fn baseline(comparison: Comparison, any_machine: bool) -> Baseline {
    Baseline {
        comparisons: vec![comparison],
        tolerance: 0.05,
        any_machine,
    }
}

fn changes(noise: f64, now_s: f64) -> (Change, bool) {
    let [then, now] = [1.0, now_s].map(|s| comparison(SIMS, noise, &[(Strategy::Pool, 2, s)]));
    let report = changes_since(then, now).unwrap();
    assert_eq!(report.rows.len(), 2);
    let of_serial = if noise < 0.02 {
        Change::Same
    } else {
        Change::CannotTell
    };
    assert_eq!(report.rows[0].change, of_serial);
    (report.rows[1].change, report.rows[1].fails)
}

#[test]
fn faster_slower_the_same_and_what_the_noise_hides() {
    assert_eq!(changes(0.001, 0.5), (Change::Faster, false));
    assert_eq!(changes(0.001, 1.5), (Change::Slower, true));
    assert_eq!(changes(0.001, 1.04), (Change::Same, false));
    assert_eq!(changes(0.001, 1.0), (Change::Same, false));
    // Slower, and perhaps by less than is tolerated.
    assert_eq!(changes(0.01, 1.055), (Change::Slower, false));
    assert_eq!(changes(0.01, 1.10), (Change::Slower, true));
    assert_eq!(changes(0.2, 1.10), (Change::CannotTell, false));
    assert_eq!(changes(0.2, 1.50), (Change::Slower, true));
}

#[test]
fn the_ratio_is_that_of_the_speeds() {
    let [then, now] = [1.0, 2.0].map(|s| comparison(SIMS, 0.01, &[(Strategy::Pool, 2, s)]));
    let speed = changes_since(then, now).unwrap().rows[1].speed.unwrap();
    assert!((speed.value - 0.5).abs() < 1e-12);
    let [low, high] = speed.ci95.unwrap().into();
    assert!(low < 0.5 && high > 0.5 && (low * high - 0.25).abs() < 1e-12);
}

#[test]
fn rows_without_a_partner_are_named_and_wrong_ones_are_not_timed() {
    let then = comparison(
        SIMS,
        0.01,
        &[(Strategy::Pool, 2, 1.0), (Strategy::Race, 2, 1.0)],
    );
    let now = comparison(
        SIMS,
        0.01,
        &[(Strategy::Pool, 4, 1.0), (Strategy::Race, 2, 9.0)],
    );
    let report = changes_since(then, now.clone()).unwrap();
    let workers = |names: &[RowName]| names.iter().map(|name| name.workers).collect::<Vec<_>>();
    assert_eq!(workers(&report.only_here), [4]);
    assert_eq!(workers(&report.only_in_baseline), [2]);
    let race = &report.rows[1];
    assert_eq!(
        (race.change, race.fails, race.speed),
        (Change::Wrong, false, None)
    );
    let other = comparison(2 * SIMS, 0.01, &[]);
    let refused = changes_since(other, now);
    assert!(
        matches!(refused, Err(BaselineError::Work(_))),
        "{refused:?}"
    );
    let mut only_pool = comparison(SIMS, 0.01, &[(Strategy::Pool, 2, 1.0)]);
    only_pool.rows.remove(0);
    let mut only_serial = comparison(SIMS, 0.01, &[]);
    only_serial.rows.truncate(1);
    assert_eq!(
        changes_since(only_pool, only_serial),
        Err(BaselineError::NoRow)
    );
}

#[test]
fn another_machine_or_other_work_is_refused() {
    let now = comparison(SIMS, 0.01, &[]);
    type Edit = fn(&mut Comparison);
    let machines: [Edit; 4] = [
        |one| one.machine.cpu = "B".into(),
        |one| one.machine.cores += 1,
        |one| one.machine.kernel = "avx512".into(),
        |one| one.machine.os = "B".into(),
    ];
    let works: [Edit; 3] = [
        |one| one.setup.scaling = Scaling::Weak,
        |one| one.setup.io_wait = Duration::from_millis(1),
        |one| one.sims = 2 * SIMS,
    ];
    let checked = |edit: Edit, any_machine: bool| {
        let mut then = now.clone();
        edit(&mut then);
        baseline(then, any_machine).check(&now.setup, &now.machine, &[SIMS])
    };
    assert_eq!(checked(|_| (), false), Ok(()));
    for edit in machines {
        let refused = checked(edit, false);
        assert!(
            matches!(refused, Err(BaselineError::Machine(_))),
            "{refused:?}"
        );
        assert_eq!(checked(edit, true), Ok(()));
    }
    for edit in works {
        for any_machine in [false, true] {
            let refused = checked(edit, any_machine);
            assert!(
                matches!(refused, Err(BaselineError::Work(_))),
                "{refused:?}"
            );
        }
    }
    // A baseline is for comparing a later version with.
    let earlier: Edit = |one| {
        one.machine.version = "0.0.9".into();
        one.machine.started = Some("2026-07-05T12:48:16Z".into());
    };
    assert_eq!(checked(earlier, false), Ok(()));
}

/// Missing cores explain at most that factor; far beyond it a row is slower or faster whatever else ran.
#[test]
fn a_busy_machine_explains_only_so_much() {
    let pool = [(Strategy::Pool, 2, 1.0)];
    let then = comparison(SIMS, 0.001, &pool);
    for (now_s, cores_got, change, fails) in [
        // Half of the cores: at most twice as slow for that, and beyond four times it is something else.
        (1.9, 1.0, Change::BusyMachine, false),
        (3.9, 1.0, Change::BusyMachine, false),
        (4.2, 1.0, Change::Slower, true),
        (0.6, 1.0, Change::BusyMachine, false),
        (0.4, 1.0, Change::Faster, false),
    ] {
        let mut now = comparison(SIMS, 0.001, &[(Strategy::Pool, 2, now_s)]);
        let row = &mut now.rows[1];
        row.cores_wanted = Some(2.0);
        row.cpu_s = Some(now_s * cores_got);
        let report = changes_since(then.clone(), now).unwrap();
        let row = &report.rows[1];
        assert_eq!(
            (row.change, row.fails, row.is_busy),
            (change, fails, true),
            "{now_s}"
        );
        assert_eq!(report.rows[0].change, Change::Same);
    }
    // A tolerance is a tolerance.
    assert_eq!(judge_busy(0.2, [2.0, 1.0], 0.05), (Change::Slower, true));
    assert_eq!(judge_busy(0.2, [2.0, 1.0], 2.0), (Change::Slower, false));
    // The baseline was busy: it may have been that much faster.
    assert_eq!(
        judge_busy(3.0, [1.0, 2.0], 0.05),
        (Change::BusyMachine, false)
    );
    assert_eq!(judge_busy(4.1, [1.0, 2.0], 0.05), (Change::Faster, false));
}
