//! Pictures: they are complete, no two texts overlap, and a bad path fails before the run. Looks need
//! a human eye.

use std::f64::consts::FRAC_PI_4;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use pi_mc::compare::row::{Row, Scaling, Setup, Status, TimedRun};
use pi_mc::compare::stats::{Measured, Times};
use pi_mc::compare::strategy::Strategy;
use pi_mc::engine::cores::Core;
use pi_mc::report::picture;
use pi_mc::result::milestones;
use pi_mc::result::record::Method;
use pi_mc::{Comparison, Kernel, Machine, Plan, Record, Tally};
use regex::Regex;

use crate::program::{failure, stdout, usage_error};

/// A text and its bounding box in a wide font: left, right, top, bottom.
#[derive(Debug)]
struct Label {
    text: String,
    sides: [f64; 4],
}

fn labels(svg: &str) -> Vec<Label> {
    let attributes =
        r#"x="(-?\d+)" y="(-?\d+)" dy="([^"]+)" text-anchor="(\w+)" [^>]*font-size="([\d.]+)"#;
    let pattern = Regex::new(&format!(r"<text {attributes}[^>]*>\n([^<]*)\n</text>")).unwrap();
    let found: Vec<_> = pattern.captures_iter(svg).collect();
    assert_eq!(
        found.len(),
        svg.matches("<text").count(),
        "every text is understood"
    );
    found
        .iter()
        .map(|found| {
            let number = |i: usize| found[i].parse::<f64>().unwrap();
            let (x, y, size) = (number(1), number(2), number(5));
            let text = found[6].to_owned();
            let width = 0.6 * size * text.chars().count() as f64;
            let left = match &found[4] {
                "start" => x,
                "middle" => x - width / 2.0,
                _ => x - width,
            };
            let top = match &found[3] {
                "0.76em" => y,
                "0.5ex" => y - size / 2.0,
                _ => y - size,
            };
            let sides = [left, left + width, top, top + size];
            Label { text, sides }
        })
        .collect()
}

/// Requires that no texts overlap, and that all are on the page.
pub(crate) fn assert_readable(svg: &str) {
    let size = Regex::new(r#"<svg width="(\d+)" height="(\d+)""#).unwrap();
    let size = size.captures(svg).unwrap();
    let [width, height] = [1, 2].map(|i| size[i].parse::<f64>().unwrap());
    let labels = labels(svg);
    for (i, one) in labels.iter().enumerate() {
        let [left, right, top, bottom] = one.sides;
        assert!(
            left >= 0.0 && right <= width && top >= 0.0 && bottom <= height,
            "{one:?}"
        );
        for other in &labels[..i] {
            let beside = right <= other.sides[0] || left >= other.sides[1];
            let above = bottom <= other.sides[2] || top >= other.sides[3];
            assert!(beside || above, "{one:?} and {other:?}");
        }
    }
}

fn record(sims: u64, hits: u64) -> Record {
    let plan = Plan::first(u64::MAX, sims).unwrap();
    let tally = Tally { sims, hits };
    Record::new(&plan, tally, Method::Darts).counted_by(Kernel::detect().name(), 1, None)
}

#[test]
fn a_run_of_any_size_is_readable() {
    for power in 0..=19 {
        let end = 10u64.pow(power);
        let at = |sims: u64| Tally {
            sims,
            hits: (sims as f64 * FRAC_PI_4) as u64,
        };
        let mut tallies = vec![at(1)];
        while let Some(last) = tallies.last().filter(|last| last.sims < end) {
            tallies.push(at(milestones::next_mark(last.sims)));
        }
        let mut record = record(end, at(end).hits);
        record.partial = power % 2 == 1;
        let svg = picture::run(&record, &tallies).unwrap();
        assert_readable(&svg);
        // Darts, estimates and their distances, the circle, two in each legend, and one for the line.
        let darts = end.min(2_000) as usize;
        let estimates = tallies.len();
        let (circles, crosses) = (
            svg.matches("<circle").count(),
            svg.matches("#D55E00").count() / 2,
        );
        assert_eq!(
            circles + crosses,
            darts + 2 * estimates + 1 + 2 + 1 + 2,
            "10^{power}"
        );
    }
    assert_readable(&picture::run(&record(1, 0), &[Tally { sims: 1, hits: 0 }]).unwrap());
}

/// The picture in README.md, which was drawn on a different machine.
#[test]
fn value_stability_the_picture_of_a_run_has_the_same_bytes_everywhere() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/run.svg");
    let drawn = stdout(&["-n", "1e6", "-s", "42", "-w", "2", "--plot", "-"]);
    assert!(drawn == fs::read_to_string(path).unwrap());
}

/// A milestone whose interval misses π is a cross in both panels; 20 whose interval holds π are not.
#[test]
fn misses_of_the_interval_are_marked() {
    let crosses = |hits: u64| {
        let at = |sims: u64| Tally {
            sims,
            hits: (sims as f64 * FRAC_PI_4) as u64,
        };
        let mut tallies: Vec<_> = (1..=20).map(|i| at(10_000 * i)).collect();
        tallies.push(Tally {
            sims: 1_000_000,
            hits,
        });
        let svg = picture::run(&record(1_000_000, hits), &tallies).unwrap();
        assert_readable(&svg);
        svg.matches("#D55E00").count() / 2
    };
    // The hits' standard deviation is 411.
    assert_eq!(crosses(785_398 + 1_000), crosses(785_398) + 2);
    assert_eq!(crosses(785_398 - 1_000), crosses(785_398) + 2);
    assert_eq!(crosses(785_398 + 700), crosses(785_398));
}

/// The picture says how few cores the worst row got, and whether workers were pinned.
#[test]
fn the_picture_of_a_comparison_says_what_disturbed_it() {
    let mut one = comparison(&[Strategy::Pool, Strategy::Threads], &[2]);
    let svg = picture::comparison(std::slice::from_ref(&one)).unwrap();
    assert!(!svg.contains("busy") && !svg.contains("pinned"), "{svg}");
    for (row, cpu_s) in one.rows.iter_mut().zip([0.9, 1.5, 1.3]) {
        let run = TimedRun {
            elapsed_s: 1.0,
            cpu_s: Some(cpu_s),
            hits: 1,
            hand_overs: None,
        };
        row.runs = vec![run];
        row.cpu_s = Some(cpu_s);
        row.cores_wanted = Some(row.workers as f64);
    }
    one.machine.pinned = vec![Core {
        cpu: 0,
        sibling_of: None,
        kind: None,
    }];
    let svg = picture::comparison(std::slice::from_ref(&one)).unwrap();
    assert_readable(&svg);
    let how = ", workers pinned, machine busy: 1.3 of 2 cores at the worst";
    assert!(svg.contains(how), "{svg}");
}

/// A comparison of these strategies on these workers. Strategies that are wrong on purpose are wrong in it.
fn comparison(strategies: &[Strategy], workers: &[usize]) -> Comparison {
    let row = |strategy: Strategy, workers: usize, i: usize| {
        let right = strategy.is_right() || workers == 1;
        let mean = workers as f64 * 0.3f64.powi(1 + i as i32);
        Row {
            strategy: strategy.into(),
            workers,
            sims: 10_000_000,
            times: Times::of([1.0].into_iter()),
            cpu_s: None,
            cores_wanted: None,
            hand_overs: None,
            speed_up: right.then_some(Measured {
                value: mean,
                // The interval of two runs that differ, which may be very wide.
                ci95: Some(match strategy {
                    Strategy::Queue => [mean * 1e-12, mean * 1e12].into(),
                    _ => [mean * 0.9, mean * 1.1].into(),
                }),
            }),
            efficiency: None,
            serial_fraction: None,
            sims_per_s: None,
            p: None,
            shown_run: 0,
            hits: 1,
            serial_hits: if right { 1 } else { 2 },
            lost: None,
            distinct: if right { 10_000_000 } else { 2_600_000 },
            pi: 3.0,
            std_error: None,
            honest_error: None,
            status: if right {
                Status::Same
            } else {
                Status::Repeated
            },
            reason: None,
            verdict: String::new(),
            runs: Vec::new(),
        }
    };
    let mut rows = vec![row(Strategy::Serial, 1, 0)];
    for (i, strategy) in strategies.iter().enumerate() {
        rows.extend(workers.iter().map(|workers| row(*strategy, *workers, i)));
    }
    Comparison {
        setup: Setup {
            seed: 42,
            first: 0,
            scaling: Scaling::Weak,
            io_wait: Duration::ZERO,
            warmup: 1,
        },
        sims: 10_000_000,
        machine: Machine::this(Kernel::detect().name(), SystemTime::now()),
        partial: false,
        rows,
    }
}

#[test]
fn a_comparison_of_any_size_is_readable() {
    let all = &Strategy::ALL[1..];
    let every: Vec<usize> = (1..=64).collect();
    for strategies in [&[][..], &[Strategy::Pool], all] {
        for workers in [
            &[1][..],
            &[2],
            &[1, 2, 3],
            &[1, 2, 4, 8, 16, 32, 64],
            &[4096],
            &every,
        ] {
            let comparison = comparison(strategies, workers);
            let svg = drawn(&comparison);
            assert_readable(&svg);
            let texts: Vec<_> = labels(&svg).into_iter().map(|label| label.text).collect();
            for strategy in strategies {
                assert!(texts.contains(&strategy.to_string()), "{strategy}");
            }
            assert_ideal_is_not_crossed(&svg);
            // A line for each strategy that is wrong in any row.
            let wrong = strategies.iter().filter(|strategy| !strategy.is_right());
            let wrong = wrong.filter(|_| workers.iter().any(|workers| *workers > 1));
            let shown = texts.iter().filter(|text| {
                text.contains(" workers: ") && text.ends_with("74 % of the darts repeated")
            });
            assert_eq!(shown.count(), wrong.count());
        }
    }
}

/// The ideal's label is in its panel or above it, not across the outline at 104.
fn assert_ideal_is_not_crossed(svg: &str) {
    for label in labels(svg).iter().filter(|label| label.text == "ideal") {
        let [left, _, top, bottom] = label.sides;
        assert!(left > 730.0 || bottom <= 104.0 || top >= 104.0, "{label:?}");
    }
}

fn drawn(comparison: &Comparison) -> String {
    picture::comparison(std::slice::from_ref(comparison)).unwrap()
}

fn texts(svg: &str) -> Vec<String> {
    labels(svg).into_iter().map(|label| label.text).collect()
}

/// The picture names seed, runs and wait, since they change the result.
#[test]
fn a_picture_names_how_it_was_measured() {
    let mut comparison = comparison(&[Strategy::Pool], &[2]);
    assert!(texts(&drawn(&comparison)).contains(&"seed 42, 0 runs of each".to_owned()));
    comparison.setup.io_wait = Duration::from_millis(2);
    let how = "seed 42, 0 runs of each, every chunk of 65,536 darts waits 2.00 ms";
    assert!(texts(&drawn(&comparison)).contains(&how.to_owned()));
}

/// The pool's marks, which are circles, are at their number of workers on the axis, on one unbroken line.
/// The ideal is labelled.
#[test]
fn marks_stand_at_their_number_of_workers() {
    let mut comparison = comparison(&[Strategy::Pool], &[2, 8, 64]);
    for row in &mut comparison.rows[1..] {
        let mean = 0.6 * row.workers as f64;
        row.speed_up = Some(Measured {
            value: mean,
            ci95: None,
        });
    }
    let svg = drawn(&comparison);
    let circles = Regex::new(r#"<circle cx="(\d+)""#).unwrap();
    let circles: Vec<f64> = circles
        .captures_iter(&svg)
        .map(|c| c[1].parse().unwrap())
        .collect();
    for label in labels(&svg) {
        if ["2", "8", "64"].contains(&label.text.as_str()) && label.sides[2] > 500.0 {
            let middle = (label.sides[0] + label.sides[1]) / 2.0;
            assert!(circles.contains(&middle), "{label:?}: {circles:?}");
        }
    }
    assert_eq!(
        circles.len(),
        2 * 3 + 2,
        "each is filled and outlined; one in the legend"
    );
    assert_eq!(
        texts(&svg).iter().filter(|text| *text == "ideal").count(),
        2
    );
    let black = Regex::new(r##"<polyline [^>]*stroke="#000000"[^>]*points="([^"]+)""##).unwrap();
    let long = black.captures_iter(&svg).filter(|line| {
        let x: Vec<i32> = line[1]
            .split_whitespace()
            .map(|point| point.split_once(',').unwrap().0.parse().unwrap())
            .collect();
        x[x.len() - 1] - x[0] > 400
    });
    assert_eq!(long.count(), 1, "the ideal is one straight line");
}

/// Marks that would hide each other are drawn 4 pixels apart, no farther from their place than necessary.
#[test]
fn marks_that_collide_stand_side_by_side() {
    let mut comparison = comparison(&[Strategy::Pool, Strategy::Atomic], &[2]);
    for row in &mut comparison.rows[1..] {
        row.speed_up = Some(Measured {
            value: 1.5,
            ci95: None,
        });
    }
    let svg = drawn(&comparison);
    let circles = Regex::new(r#"<circle cx="(\d+)""#).unwrap();
    let mut circles: Vec<i32> = circles
        .captures_iter(&svg)
        .map(|c| c[1].parse().unwrap())
        .collect();
    circles.retain(|x| *x < 730);
    circles.sort_unstable();
    circles.dedup();
    assert_eq!(circles[1] - circles[0], 4, "{circles:?}");
}

/// However many marks collide, each touches its place.
#[test]
fn marks_that_collide_stand_close_to_their_place() {
    let mut all = comparison(&Strategy::ALL[1..], &[1, 2]);
    for row in &mut all.rows {
        let ci95 = Some([0.9, 1.1].into());
        row.speed_up = Some(Measured { value: 1.0, ci95 });
    }
    let svg = drawn(&all);
    let places: Vec<f64> = labels(&svg)
        .iter()
        .filter(|label| ["1", "2"].contains(&label.text.as_str()) && label.sides[2] > 520.0)
        .map(|label| (label.sides[0] + label.sides[1]) / 2.0)
        .collect();
    assert_eq!(places.len(), 2);
    // The crossbars of the intervals, centred on the marks.
    let tips = r#"<polyline [^>]*points="(\d+),(\d+) (\d+),(\d+) (\d+),(\d+) ""#;
    let tips = Regex::new(tips).unwrap();
    let middles: Vec<f64> = tips
        .captures_iter(&svg)
        .map(|tip| tip[3].parse().unwrap())
        .collect();
    assert!(middles.len() > 2 * 2 * 8);
    let mut apart: Vec<f64> = middles.iter().map(|x| x - places[0]).collect();
    apart.retain(|x| x.abs() < 100.0);
    assert!(apart.iter().all(|x| x.abs() <= 5.0), "{apart:?}");
    apart.sort_by(f64::total_cmp);
    apart.dedup();
    assert_eq!(
        apart.len(),
        Strategy::ALL.len(),
        "each has its own: {apart:?}"
    );
}

/// A second panel, from 0, appears only if some rows are far below serial and others near it; then the first
/// panel's labels are powers of two, evenly spaced.
#[test]
fn what_is_near_serial_gets_a_panel_of_its_own() {
    let with = |mean: f64| {
        let mut comparison = comparison(&[Strategy::Pool, Strategy::Lock], &[2]);
        for (row, mean) in comparison.rows[1..].iter_mut().zip([1.85, mean]) {
            row.speed_up = Some(Measured {
                value: mean,
                ci95: None,
            });
        }
        drawn(&comparison)
    };
    let near = "near serial: speed-up from 0".to_owned();
    assert!(!texts(&with(0.5)).contains(&near));
    // No second panel if no row is near serial.
    let mut far = comparison(&[Strategy::Lock], &[2]);
    let ratio = Measured {
        value: 0.001,
        ci95: None,
    };
    far.rows[1].speed_up = Some(ratio);
    assert!(!texts(&drawn(&far)).contains(&near));
    let svg = with(0.001);
    assert_readable(&svg);
    assert_ideal_is_not_crossed(&svg);
    assert!(texts(&svg).contains(&near));
    let powers: Vec<f64> = labels(&svg)
        .iter()
        .filter(|label| label.sides[1] < 70.0 && label.sides[2] > 100.0)
        .map(|label| label.sides[2])
        .collect();
    let gaps: Vec<f64> = powers.windows(2).map(|pair| pair[0] - pair[1]).collect();
    assert!(gaps.len() >= 5, "{gaps:?}");
    assert!(
        gaps.iter().all(|gap| (gap - gaps[0]).abs() <= 1.0),
        "{gaps:?}"
    );
}

/// An interval's tips have three points: a crossbar within the panel, an arrow where it goes beyond.
#[test]
fn an_interval_beyond_the_panel_ends_in_an_arrow() {
    let arrows = |low: f64, high: f64| {
        let mut comparison = comparison(&[Strategy::Pool], &[2]);
        let ci95 = Some([low, high].into());
        comparison.rows[0].speed_up = None;
        comparison.rows[1].speed_up = Some(Measured { value: 1.5, ci95 });
        let svg = drawn(&comparison);
        let three = r#"points="(\d+),(\d+) (\d+),(\d+) (\d+),(\d+) ""#;
        let three = Regex::new(three).unwrap();
        let y = |tip: &regex::Captures, i: usize| tip[i].parse::<i32>().unwrap();
        let tips: Vec<i32> = three
            .captures_iter(&svg)
            .map(|tip| y(&tip, 2) - y(&tip, 4))
            .collect();
        tips
    };
    assert_eq!(arrows(1.4, 1.6), [0, 0]);
    assert_eq!(arrows(0.01, 1.6), [-6, 0]);
    assert_eq!(arrows(1.4, 100.0), [0, 6]);
}

/// Speed-up by darts.
#[test]
fn several_sizes_are_drawn_as_curves() {
    let sizes = [10_000, 1_000_000, 100_000_000];
    let comparisons = sizes.map(|sims| Comparison {
        sims,
        ..comparison(
            &[Strategy::Pool, Strategy::Processes, Strategy::Race],
            &[1, 2],
        )
    });
    let svg = picture::comparison(&comparisons).unwrap();
    assert_readable(&svg);
    // The pool's circles, one for each size, in both panels.
    let circles = Regex::new(r#"<circle cx="(\d+)""#).unwrap();
    let mut circles: Vec<i32> = circles
        .captures_iter(&svg)
        .map(|circle| circle[1].parse().unwrap())
        .filter(|x| *x < 730)
        .collect();
    circles.dedup();
    assert_eq!(circles.len(), 2 * 3, "{circles:?}");
    let texts = texts(&svg);
    for text in [
        "1e4",
        "1e6",
        "1e8",
        "darts",
        "serial",
        "Speed-up over serial by number of darts a worker, 2 workers",
        "race, 2 workers: up to 74 % of the darts repeated",
    ] {
        assert!(texts.contains(&text.to_owned()), "{text}: {texts:?}");
    }
}

#[test]
fn pictures_are_files_that_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.svg");
    let file = path.to_str().unwrap();
    let checked = |text: &str| {
        let svg = fs::read_to_string(&path).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert_readable(&svg);
        assert!(svg.contains(text), "{text}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    };
    stdout(&["-n", "1e6", "-s", "42", "-q", "--plot", file]);
    checked("π ≈ 3.1429 ± 0.0016 from 1,000,000 darts of seed 42");
    stdout(&["-n", "1", "-s", "42", "--shard", "1/2", "--plot", file]);
    checked("no darts");
    stdout(&[
        "compare",
        "-n",
        "1e5",
        "--runs",
        "2",
        "-w",
        "2",
        "--strategy",
        "all",
        "--plot",
        file,
    ]);
    checked("same-seed, 2 workers: 34 % of the darts repeated");

    // Nothing is counted if the picture cannot be drawn.
    for command in [&["-n", "1e16"][..], &["compare", "-n", "1e16"]] {
        for path in ["/no/such/folder/x.svg", folder.path().to_str().unwrap()] {
            let message = failure(&[command, &["--plot", path]].concat());
            assert!(
                message.contains(&format!("could not write '{path}'")),
                "{message}"
            );
        }
    }
    assert!(usage_error(&["--method", "lazy", "--plot", file]).contains("'--plot'"));
    assert!(usage_error(&["--trace", file, "--plot", file]).contains("same file"));
}
