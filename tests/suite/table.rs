//! The table of a comparison: never wider than a terminal, in words that fit its locale, with a story for
//! each wrong row. All times are given; no clock is read.

use std::num::NonZero;

use pi_mc::compare::strategy::Strategy;
use pi_mc::compare::{Comparison, Row, Scaling, Timed, Trial, enough};
use pi_mc::report::table::{self, Look};
use pi_mc::{Machine, Plan};

use crate::program::{command, stdout, usage_error};

const ASCII: Look = Look {
    colour: false,
    ascii: true,
    wide: false,
};

/// A comparison of every strategy on these workers, in which serial takes `serial_s`, and a strategy times
/// that by `slower` for the place it has. Races lose a seventh of the hits in their second run.
fn comparison(sims: u64, workers: &[usize], serial_s: f64, slower: f64, runs: usize) -> Comparison {
    let plan = Plan::new(u64::MAX, sims).unwrap();
    let serial_hits = (sims as f64 * 0.785).ceil() as u64;
    let trial = |strategy, workers: usize, place: i32| {
        let timed = |run: usize| Timed {
            elapsed_s: serial_s * slower.powi(place) * (1.0 + 0.07 * ((run * 7) % 5) as f64),
            hits: match strategy {
                Strategy::Race if run == 1 && workers > 1 => serial_hits - serial_hits / 7,
                _ => serial_hits,
            },
        };
        Trial {
            strategy,
            plan,
            workers: NonZero::new(workers).unwrap(),
            serial_hits,
            runs: (0..runs).map(timed).collect(),
        }
    };
    let mut trials = vec![trial(Strategy::Serial, 1, 0)];
    for (strategy, place) in Strategy::ALL[1..].iter().zip(0..) {
        trials.extend(workers.iter().map(|w| trial(*strategy, *w, place)));
    }
    Comparison {
        contract: 1,
        seed: u64::MAX,
        first: 0,
        sims,
        probed_sims_per_s: Some(1.5e9),
        scaling: Scaling::Weak,
        io_wait_s: 0.0015,
        warmup: 10_000,
        machine: Machine {
            cpu: "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz, of a rather long name".to_owned(),
            cores: 4096,
            kernel: "portable".to_owned(),
            os: "linux".to_owned(),
            version: "0.1.0".to_owned(),
            started: Some("2026-07-05T12:48:16Z".to_owned()),
            pinned: Vec::new(),
        },
        rows: Row::judge_all(&trials, Scaling::Strong),
    }
}

fn widest(text: &str) -> &str {
    let width = |line: &&str| line.chars().count();
    text.lines().max_by_key(width).unwrap()
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let sizes = (0..=19).map(|power| 10u64.pow(power)).chain([u64::MAX]);
    for sims in sizes {
        for workers in [&[1][..], &[2], &[1, 2, 3], &[1, 64, 4096]] {
            for (serial_s, slower) in [(1e-7, 12.0), (0.3, 1.01), (0.3, 0.6), (5e9, 3.0)] {
                for runs in [1, 2, 7, 30] {
                    let comparison = comparison(sims, workers, serial_s, slower, runs);
                    for look in [Look::default(), ASCII] {
                        let text = table::text(&comparison, look);
                        let widest = widest(&text);
                        assert!(widest.chars().count() <= 80, "{sims}: {widest}\n{text}");
                        assert!(!look.ascii || text.is_ascii(), "{text}");
                        assert!(!text.contains(" \n"), "{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_wide_table_and_markdown_have_every_column() {
    let comparison = comparison(10_000_000, &[1, 2], 0.3, 1.2, 7);
    let wide = Look {
        wide: true,
        ..Look::default()
    };
    let texts = [table::text(&comparison, wide), table::markdown(&comparison)];
    for text in texts {
        for column in [
            "strategy",
            "workers",
            "time",
            "minimum",
            "speed-up",
            "efficiency",
            "serial fraction",
            "darts/s",
            "hits",
            "π",
            "verdict",
        ] {
            assert!(text.contains(column), "{column}: {text}");
        }
        assert!(text.contains("wrong as a race is"), "{text}");
    }
}

/// Each row that needs one has its story, and the correction is named once.
#[test]
fn wrong_rows_tell_their_story() {
    let text = table::text(&comparison(10_000_000, &[2], 0.3, 1.1, 3), Look::default());
    let told = text.replace("\n  ", " ");
    for words in [
        "✗ lost 14 % of the hits",
        "race on 2 workers: 1 of 3 runs lost hits, in order none, 14 %, none; median none, worst 14 %.",
        "The row shows run 2, the worst: 606 ms, 6,728,572 of 7,850,000 hits.",
        "pi-mc explain race",
        "✗ half the darts repeated",
        "  the same",
        "π claims ± 0.00052, but the honest error is 0.00073",
        "pi-mc explain same-seed",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(text.matches("Holm").count(), 1, "{text}");
    // The workers' darts stand one below the other.
    let darts: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("  worker "))
        .collect();
    assert_eq!(darts.len(), 2);
    assert_eq!(darts[0][11..], darts[1][11..darts[0].len()]);
    // The row has the time of the run that it has the hits of.
    let row = text.lines().find(|line| line.starts_with("race ")).unwrap();
    assert!(
        row.contains("  606 ms  ") && row.contains("  2.69143  "),
        "{row}"
    );

    let few = table::text(&comparison(65_536, &[4], 0.3, 1.1, 3), Look::default());
    let told = few.replace("\n  ", " ");
    assert!(few.contains("  needs more darts\n"), "{few}");
    assert!(
        told.contains("needs more darts, a chunk of 65,536 for each worker: -n 5e5."),
        "{told}"
    );
}

/// Serial takes 3 ms here, so 6.7e8 darts would take 0.2 s.
#[test]
fn too_few_darts_are_answered_with_how_many_would_do() {
    let told = |serial_s| {
        let comparison = comparison(10_000_000, &[1], serial_s, 1.0, 7);
        table::text(&comparison, Look::default()).replace("\n  ", " ")
    };
    let short = told(0.003);
    assert!(short.contains(": -n 5e8 would take about 0.2 s"), "{short}");
    assert!(!told(0.03).contains("too short"));
}

#[test]
fn the_probe_chooses_a_round_number_that_takes_a_fifth_of_a_second() {
    for (rate, darts) in [
        (2.9e9, 500_000_000),
        (1.0e9, 200_000_000),
        (0.5e9, 100_000_000),
        (0.7e9, 100_000_000),
        (0.75e9, 200_000_000),
        (1.6e9, 500_000_000),
        (3.6e9, 1_000_000_000),
        (32e6, 5_000_000),
        (1e-9, 1),
        (f64::MAX, 10_000_000_000_000_000_000),
    ] {
        assert_eq!(enough::darts(rate), darts, "{rate}");
    }
}

/// The number, and the reason for it, where none was given.
#[test]
fn a_chosen_number_is_printed_with_its_reason() {
    let args = ["compare", "-w", "1", "--runs", "1", "--warmup", "0"];
    let text = stdout(&[&args[..], &["-s", "42"]].concat()).replace('\n', " ");
    assert!(
        text.contains("darts of seed 42, for serial to take about 0.2 s (a probe: "),
        "{text}"
    );
    let given = stdout(&[&args[..], &["-n", "1e6"]].concat());
    assert!(!given.contains("probe"), "{given}");
    usage_error(&["compare", "-n", "0"]);
}

/// The first variable that is set names the locale; without UTF-8 there is nothing but ASCII.
#[test]
fn the_locale_decides_on_ascii() {
    let args = [
        "compare",
        "-n",
        "1e6",
        "-w",
        "2",
        "--runs",
        "2",
        "--strategy",
        "all",
    ];
    for (variables, ascii) in [
        (&[("LANG", "en_GB.UTF-8")][..], false),
        (&[("LANG", "C.utf8")], false),
        (&[("LANG", "C")], true),
        (&[], true),
        (
            &[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C")],
            false,
        ),
        (&[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")], true),
        (
            &[("LC_CTYPE", "de_DE.ISO-8859-1"), ("LANG", "C.UTF-8")],
            true,
        ),
    ] {
        let mut program = command(&args);
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            program.env_remove(name);
        }
        let output = program.envs(variables.iter().copied()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.is_ascii(), ascii, "{variables:?}: {text}");
        let mark = if ascii { "NO " } else { "✗ " };
        assert!(text.contains(mark), "{text}");
    }
}

/// Right answers are green and wrong ones red, and only where colour is wanted.
#[test]
fn answers_are_green_or_red() {
    let comparison = comparison(10_000_000, &[2], 0.3, 1.1, 3);
    let coloured = table::text(
        &comparison,
        Look {
            colour: true,
            ..Look::default()
        },
    );
    assert!(coloured.contains("\x1b[32m✓ "), "{coloured:?}");
    assert!(coloured.contains("\x1b[31m✗ lost"), "{coloured:?}");
    assert!(!table::text(&comparison, Look::default()).contains('\x1b'));
}
