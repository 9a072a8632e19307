//! Pictures: that all is there, that no two texts overlap, and that a bad path fails before the run. How
//! they look, a person has to say.

use std::f64::consts::FRAC_PI_4;
use std::fs;
use std::path::Path;

use pi_mc::compare::machine::Machine;
use pi_mc::compare::strategy::Strategy;
use pi_mc::compare::timing::{Ratio, Times};
use pi_mc::compare::verdict::Status;
use pi_mc::compare::{Comparison, Row, Scaling};
use pi_mc::report::plot;
use pi_mc::{Kernel, Method, Plan, Record, Tally, milestones};
use regex::Regex;

use crate::program::{failure, stdout, usage_error};

/// A text and the box that it takes, as wide as a wide font makes it: left, right, top, bottom.
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

/// Nothing over anything else, and all on the page.
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
    let plan = Plan::new(u64::MAX, sims).unwrap();
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
        let svg = plot::run(&record, &tallies).unwrap();
        assert_readable(&svg);
        // Darts, estimates and their distances, the circle, and two in each of the legends and one for
        // the line.
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
    assert_readable(&plot::run(&record(1, 0), &[Tally { sims: 1, hits: 0 }]).unwrap());
}

/// The picture in README.md, which was drawn on another machine.
#[test]
fn value_stability_the_picture_of_a_run_has_the_same_bytes_everywhere() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/run.svg");
    let drawn = stdout(&["-n", "1e6", "-s", "42", "-w", "2", "--plot", "-"]);
    assert!(drawn == fs::read_to_string(path).unwrap());
}

/// A milestone whose interval misses π is a cross in both panels, and of 20 right ones none is.
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
        let svg = plot::run(&record(1_000_000, hits), &tallies).unwrap();
        assert_readable(&svg);
        svg.matches("#D55E00").count() / 2
    };
    // The standard deviation of the hits is 411.
    assert_eq!(crosses(785_398 + 1_000), crosses(785_398) + 2);
    assert_eq!(crosses(785_398 - 1_000), crosses(785_398) + 2);
    assert_eq!(crosses(785_398 + 700), crosses(785_398));
}

/// A comparison of these strategies on these workers, of which the wrong ones are.
fn comparison(strategies: &[Strategy], workers: &[usize]) -> Comparison {
    let row = |strategy: Strategy, workers: usize, i: usize| {
        let right = strategy.is_right() || workers == 1;
        let mean = workers as f64 * 0.3f64.powi(1 + i as i32);
        let verdict = "wrong, as repeated darts are: 10000000 thrown, 5019264 distinct; 1.3 standard \
                       errors off π";
        Row {
            strategy,
            workers,
            sims: 10_000_000,
            times: Times::of([1.0].into_iter()),
            speed_up: right.then_some(Ratio {
                mean,
                // One of two runs that differ, which may be anything.
                ci95: Some(match strategy {
                    Strategy::Queue => [mean * 1e-12, mean * 1e12],
                    _ => [mean * 0.9, mean * 1.1],
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
            distinct: 10_000_000,
            pi: 3.0,
            std_error: None,
            honest_error: None,
            status: if right {
                Status::Same
            } else {
                Status::Repeated
            },
            reason: None,
            verdict: verdict.to_owned(),
            runs: Vec::new(),
            #[cfg(feature = "gpu")]
            launch: None,
        }
    };
    let mut rows = vec![row(Strategy::Serial, 1, 0)];
    for (i, strategy) in strategies.iter().enumerate() {
        rows.extend(workers.iter().map(|workers| row(*strategy, *workers, i)));
    }
    Comparison {
        contract: 1,
        seed: 42,
        first: 0,
        sims: 10_000_000,
        probed_sims_per_s: None,
        scaling: Scaling::Weak,
        io_wait_s: 0.0,
        warmup: 1,
        machine: Machine::this(Kernel::detect()),
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
            let svg = plot::comparison(&comparison).unwrap();
            assert_readable(&svg);
            let texts: Vec<_> = labels(&svg).into_iter().map(|label| label.text).collect();
            for strategy in strategies {
                assert!(texts.contains(&strategy.to_string()), "{strategy}");
            }
            let wrong = comparison.rows.iter().filter(|row| row.speed_up.is_none());
            let shown = texts
                .iter()
                .filter(|text| text.contains(" workers: wrong, as repeated"));
            assert_eq!(shown.count(), wrong.count());
        }
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
    checked("same-seed, 2 workers: wrong");

    // Nothing is counted for a picture that cannot be.
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
