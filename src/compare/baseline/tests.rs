//! Comparisons with given times, held to one another.

use std::num::NonZero;

use crate::compare::baseline::*;
use crate::compare::row::{TimedRun, Trial};
use crate::darts::plan::Plan;

const SIMS: u64 = 1_000_000;

/// Serial at 1 s and rows with these times, of 5 runs that spread by `noise`.
fn comparison(sims: u64, noise: f64, rows: &[(Strategy, usize, f64)]) -> Comparison {
    let trial = |(strategy, workers, elapsed_s): (Strategy, usize, f64)| {
        let plan = Plan::new(1, sims).unwrap();
        let hits = sims / 2 - u64::from(strategy == Strategy::Race);
        let by = [0.0, 1.0, -1.0, 0.5, -0.5].map(|by| 1.0 + noise * by);
        let runs = by.map(|by| TimedRun {
            elapsed_s: elapsed_s * by,
            cpu_s: None,
            hits,
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
    let machine = r#"{"cpu":"A","cores":4,"kernel":"avx2","os":"linux","version":"0.1.0"}"#;
    let text = serde_json::json!({
        "contract": 1, "seed": 1, "first": 0, "sims": sims, "scaling": "strong",
        "io_wait_s": 0.0, "warmup": 1, "rows": [],
        "machine": serde_json::from_str::<serde_json::Value>(machine).unwrap(),
    });
    Comparison {
        rows: Row::judge_all(&trials, Scaling::Strong),
        ..serde_json::from_value(text).unwrap()
    }
}

fn changes(noise: f64, now_s: f64) -> (Change, bool) {
    let [then, now] = [1.0, now_s].map(|s| comparison(SIMS, noise, &[(Strategy::Pool, 2, s)]));
    let against = hold(&[now], &[then], 0.05).unwrap();
    assert_eq!(against.rows.len(), 2);
    assert_eq!(
        against.rows[0].change,
        if noise < 0.02 {
            Change::Same
        } else {
            Change::CannotTell
        }
    );
    (against.rows[1].change, against.rows[1].fails)
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
    let against = hold(&[now], &[then], 0.05).unwrap();
    let speed = against.rows[1].speed.unwrap();
    assert!((speed.mean - 0.5).abs() < 1e-12);
    let [low, high] = speed.ci95.unwrap();
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
    let against = hold(std::slice::from_ref(&now), &[then], 0.05).unwrap();
    let workers = |names: &[Name]| names.iter().map(|name| name.workers).collect::<Vec<_>>();
    assert_eq!(workers(&against.only_here), [4]);
    assert_eq!(workers(&against.only_in_baseline), [2]);
    let race = against.rows[1];
    assert_eq!(
        (race.change, race.fails, race.speed),
        (Change::Wrong, false, None)
    );
    let other = comparison(2 * SIMS, 0.01, &[]);
    assert_eq!(hold(&[now], &[other], 0.05), Err(BaselineError::NoRow));
}

#[test]
fn another_machine_or_other_work_is_refused() {
    let work = Work::of(&[comparison(SIMS, 0.01, &[])]).unwrap();
    assert_eq!(work.check(&work, false), Ok(()));
    type Edit = fn(&mut Work);
    let machines: [Edit; 4] = [
        |work| work.machine.cpu = "B".into(),
        |work| work.machine.cores = 8,
        |work| work.machine.kernel = "avx512".into(),
        |work| work.machine.os = "macos".into(),
    ];
    let works: [Edit; 3] = [
        |work| work.scaling = Scaling::Weak,
        |work| work.io_wait_s = 0.001,
        |work| work.sims = vec![2 * SIMS],
    ];
    let after = |edit: Edit| {
        let mut other = work.clone();
        edit(&mut other);
        other
    };
    for edit in machines {
        let refused = work.check(&after(edit), false);
        assert!(
            matches!(refused, Err(BaselineError::Machine { .. })),
            "{refused:?}"
        );
        assert_eq!(work.check(&after(edit), true), Ok(()));
    }
    for edit in works {
        for any_machine in [false, true] {
            let refused = work.check(&after(edit), any_machine);
            assert!(
                matches!(refused, Err(BaselineError::Work { .. })),
                "{refused:?}"
            );
        }
    }
    // A later version is what it is for.
    let mut later = work.clone();
    later.machine.version = "0.2.0".into();
    later.machine.started = Some("2026-07-05T12:48:16Z".into());
    assert_eq!(later.check(&work, false), Ok(()));
}
