//! Pictures: they are complete, no two texts overlap whatever the data, and a bad path fails before the run. Looks need
//! a human eye.

use std::f64::consts::FRAC_PI_4;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use pi_mc::compare::row::{Row, Scaling, Setup, Status, TimedRun};
use pi_mc::compare::stats::Measured;
use pi_mc::compare::strategy::Strategy;
use pi_mc::engine::cores::Core;
use pi_mc::report::picture;
use pi_mc::result::merge_partial;
use pi_mc::result::milestones;
use pi_mc::result::record::Method;
use pi_mc::{Comparison, Kernel, Machine, Plan, Record, Tally, estimate};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::strategy::Strategy as _;
use regex::Regex;

#[cfg(windows)]
use crate::program::new_file;
use crate::program::{failure, stdout, usage_error};

/// A text and its bounding box in a wide font: left, right, top, bottom.
#[derive(Debug)]
struct Label {
    text: String,
    sides: [f64; 4],
}

fn labels(svg: &str) -> Vec<Label> {
    let pattern = r#"<text x="([\d.-]+)" y="([\d.-]+)"(?: text-anchor="(\w+)")? font-size="([\d.]+)"[^>]*>(.*)</text>"#;
    let pattern = Regex::new(pattern).unwrap();
    let part = Regex::new("<[^>]*>").unwrap();
    let found: Vec<_> = pattern.captures_iter(svg).collect();
    let texts = svg.matches("<text").count();
    assert_eq!(found.len(), texts, "every text is understood");
    found
        .iter()
        .map(|found| {
            let number = |i: usize| found[i].parse::<f64>().unwrap();
            let (x, y, size) = (number(1), number(2), number(4));
            let text = part.replace_all(&found[5], "");
            let text = text.replace("&lt;", "<").replace("&gt;", ">");
            let text = text.replace("&amp;", "&");
            let width = 0.6 * size * text.chars().count() as f64;
            let left = match found.get(3).map(|side| side.as_str()) {
                None => x,
                Some("middle") => x - width / 2.0,
                Some(_) => x - width,
            };
            // From the top of a high letter to the bottom of a low one.
            let sides = [left, left + width, y - 0.85 * size, y + 0.15 * size];
            Label { text, sides }
        })
        .collect()
}

/// The width and the height of a picture, which it has twice: as its size, and as what scales.
pub(crate) fn size(svg: &str) -> [f64; 2] {
    let pattern = r#"viewBox="0 0 ([\d.]+) ([\d.]+)" width="([\d.]+)" height="([\d.]+)""#;
    let found = Regex::new(pattern).unwrap();
    let found = found.captures(svg).unwrap();
    let [width, height, w, h] = [1, 2, 3, 4].map(|i| found[i].parse::<f64>().unwrap());
    assert_eq!((width, height), (w, h));
    [width, height]
}

/// Requires that no texts overlap, that all are on the page, and that the picture has all that it needs for readers who
/// cannot see it, and for a dark page.
pub(crate) fn assert_readable(svg: &str) {
    let [width, height] = size(svg);
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
    for (from, to) in [("<title>", "</title>"), ("<desc>", "</desc>")] {
        let (_, rest) = svg.split_once(from).unwrap();
        assert!(!rest.split_once(to).unwrap().0.is_empty());
    }
    assert!(svg.contains("role=\"img\"") && !svg.contains("NaN") && !svg.contains("inf"));
    // Every colour on the page has a dark one.
    let (_, style) = svg
        .split_once("@media (prefers-color-scheme:dark){")
        .unwrap();
    let (style, page) = style.split_once("</style>").unwrap();
    let class = Regex::new("class=\"([^\"]+)\"").unwrap();
    for classes in class.captures_iter(page) {
        for class in classes[1].split(' ') {
            let rule = format!(".pi-mc .{class}{{");
            assert_eq!(style.matches(&rule).count(), 1, "{class}");
        }
    }
}

/// The texts of a picture, line by line.
pub(crate) fn texts(svg: &str) -> Vec<String> {
    labels(svg).into_iter().map(|label| label.text).collect()
}

/// The middle of the one text like this, below pixel `from`.
fn place(svg: &str, text: &str, from: f64) -> [f64; 2] {
    let labels = labels(svg);
    let mut found = labels
        .iter()
        .filter(|label| label.text == text && label.sides[2] > from);
    let [left, right, top, bottom] = found.next().unwrap_or_else(|| panic!("{text}")).sides;
    assert!(found.next().is_none(), "{text}");
    [(left + right) / 2.0, (top + bottom) / 2.0]
}

/// The paths with these attributes.
fn paths<'a>(svg: &'a str, attributes: &str) -> Vec<&'a str> {
    let lines = svg.lines().filter(|line| line.starts_with("<path"));
    let lines = lines.filter(|line| line.contains(attributes));
    lines
        .map(|line| {
            line.split_once(" d=\"")
                .unwrap()
                .1
                .strip_suffix("\"/>")
                .unwrap()
        })
        .collect()
}

/// The boxes of a path: left, top, right, bottom.
pub(crate) fn boxes(path: &str) -> Vec<[f64; 4]> {
    let corners = r"M([\d.-]+) ([\d.-]+)H([\d.-]+)V([\d.-]+)H";
    let corners = Regex::new(corners).unwrap();
    let boxes = corners.captures_iter(path);
    boxes
        .map(|found| [1, 2, 3, 4].map(|i| found[i].parse().unwrap()))
        .collect()
}

fn record(sims: u64, hits: u64) -> Record {
    let plan = Plan::first(u64::MAX, sims).unwrap();
    let tally = Tally { sims, hits };
    Record::new(&plan, tally, Method::Darts).counted_by(Kernel::detect().name(), 1, None)
}

/// As many hits as there should be.
fn likely(sims: u64) -> Tally {
    let hits = (sims as f64 * FRAC_PI_4) as u64;
    Tally { sims, hits }
}

/// Each mark up to the end of a run.
fn course(end: u64) -> Vec<Tally> {
    let marks = milestones::marks().take_while(|mark| *mark < end);
    marks.chain([end]).map(likely).collect()
}

/// The number of marks of a course that are inside the band, and outside of it, without those of the legend.
fn marks(svg: &str) -> [usize; 2] {
    let inside = paths(svg, "stroke-width=\"7\"");
    let inside: usize = inside.iter().map(|path| path.matches("h0").count()).sum();
    let outside = paths(svg, r##"stroke="#d55e00" stroke-width="2""##);
    let outside: usize = outside.iter().map(|path| path.matches("m0-").count()).sum();
    [inside - 1, outside.saturating_sub(1)]
}

/// A picture names the darts that it is of: of a shard its own, and of a run with gaps not those of another.
#[test]
fn a_picture_of_a_part_names_its_own_darts() {
    let whole = Plan::first(42, 8 * 65_536).unwrap();
    let shard = |number| whole.shard(number, 4).unwrap();
    let parts = [1, 3].map(|number| estimate(shard(number)).unwrap());
    let mut shard = parts[1].clone();
    (shard.sims, shard.hits, shard.partial) = (65_536, parts[1].hits / 2, true);
    let shown = |record: &Record| texts(&picture::run(record, &[record.tally()])).join("\n");
    let told = shown(&shard);
    assert!(
        told.contains("PARTIAL: stopped after 65,536 of 131,072 darts"),
        "{told}"
    );
    assert!(told.contains("darts 262,144 to 327,679"), "{told}");
    let told = shown(&merge_partial(parts.iter().enumerate()).unwrap());
    assert!(told.contains("darts 0 to 393,215, with gaps"), "{told}");
    assert!(!told.contains("pi-mc"), "{told}");
}

#[test]
fn a_run_of_any_size_is_readable_and_small() {
    for power in 0..=19 {
        let end = 10u64.pow(power);
        let tallies = course(end);
        let mut record = record(end, likely(end).hits);
        record.partial = power % 2 == 1;
        let svg = picture::run(&record, &tallies);
        assert_readable(&svg);
        assert!(svg.len() < 60_000, "{} bytes", svg.len());
        // One more of each in the legend.
        let hits = paths(&svg, "stroke-width=\"4\"");
        let hits: usize = hits.iter().map(|path| path.matches("h0").count()).sum();
        let misses = paths(&svg, r##"stroke="#d55e00" stroke-width="1""##);
        let misses: usize = misses.iter().map(|path| path.matches("m0-").count()).sum();
        assert_eq!(hits + misses - 2, end.min(2_000) as usize, "10^{power}");
        assert_eq!(marks(&svg)[0] + marks(&svg)[1], tallies.len());
        let texts = texts(&svg);
        let says_partial = texts.iter().any(|text| text.starts_with("PARTIAL: "));
        assert_eq!(says_partial, record.partial);
        let command = format!(
            "seed {0}: pi-mc -n {1} -s {0}",
            u64::MAX,
            if end < 1_000 {
                end.to_string()
            } else {
                format!("1e{power}")
            }
        );
        assert!(texts.contains(&command), "{command}: {texts:?}");
    }
    assert_readable(&picture::run(&record(1, 0), &[Tally { sims: 1, hits: 0 }]));
}

/// Each decade has its estimate, however many there are.
#[test]
fn the_course_has_the_digits_of_every_decade() {
    let end = 10_000_000_000;
    let svg = picture::run(&record(end, likely(end).hits), &course(end));
    for (decade, digits) in [
        ("10", "2.80"),
        ("10³", "3.140"),
        ("10⁵", "3.1416"),
        ("10⁷", "3.14159"),
        ("10¹⁰", "3.141593"),
    ] {
        let [_, y] = place(&svg, decade, 100.0);
        let is_there = labels(&svg).iter().any(|label| {
            let [_, _, top, bottom] = label.sides;
            label.text.starts_with(digits) && ((top + bottom) / 2.0 - y).abs() < 0.2
        });
        assert!(is_there, "{decade}: {:?}", texts(&svg));
    }
    // Digits that agree with π are bold.
    assert!(
        svg.contains("font-weight=\"bold\">3.14159</tspan>"),
        "{svg}"
    );
    assert!(svg.contains(">2.80</tspan>") && !svg.contains("font-weight=\"bold\">2.8"));
}

/// The picture in README.md, which was drawn on a different machine.
#[test]
fn value_stability_the_picture_of_a_run_has_the_same_bytes_everywhere() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/run.svg");
    let drawn = stdout(&["-n", "1e6", "-s", "42", "-w", "2", "--plot", "-"]);
    let without_machine = |svg: &str| {
        let lines = svg.lines().filter(|line| !line.contains(", pi-mc "));
        lines.collect::<Vec<_>>().join("\n")
    };
    let documented = fs::read_to_string(path).unwrap();
    assert!(without_machine(&drawn) == without_machine(&documented));
    assert_eq!(
        documented.lines().count(),
        without_machine(&documented).lines().count() + 1
    );
}

/// A milestone whose interval misses π is a cross; one whose interval holds π is not.
#[test]
fn misses_of_the_interval_are_marked() {
    let found = |hits: u64| {
        let mut tallies: Vec<_> = (1..=20).map(|i| likely(10_000 * i)).collect();
        tallies.push(Tally {
            sims: 1_000_000,
            hits,
        });
        let svg = picture::run(&record(1_000_000, hits), &tallies);
        assert_readable(&svg);
        assert_eq!(
            texts(&svg).contains(&"outside of it".to_owned()),
            marks(&svg)[1] > 0
        );
        marks(&svg)
    };
    // The hits' standard deviation is 411.
    assert_eq!(found(785_398 + 1_000), [20, 1]);
    assert_eq!(found(785_398 - 1_000), [20, 1]);
    assert_eq!(found(785_398 + 700), [21, 0]);
}

/// A lazy run has a band and its estimate, and no darts.
#[test]
fn a_lazy_run_has_a_picture_without_darts() {
    let draw = |n: &str| stdout(&["--method", "lazy", "-n", n, "-s", "1", "--plot", "-"]);
    for n in ["1", "12345", "1e19"] {
        let svg = draw(n);
        assert_readable(&svg);
        assert!(paths(&svg, "stroke-width=\"4\"").is_empty(), "no hits");
        let misses = paths(&svg, r##"stroke="#d55e00" stroke-width="1""##);
        assert!(misses.is_empty(), "{misses:?}");
        assert!(svg.contains("No dart was thrown"));
        assert_eq!(marks(&svg)[0] + marks(&svg)[1], 1);
        let text = format!("seed 1: pi-mc --method lazy -n {n} -s 1");
        assert!(texts(&svg).contains(&text), "{:?}", texts(&svg));
    }
}

/// The picture says how few cores the worst row got, and whether workers were pinned.
#[test]
fn the_picture_of_a_comparison_says_what_disturbed_it() {
    let mut one = comparison(&[Strategy::Pool, Strategy::Threads], &[2]);
    let svg = drawn(&one);
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
    let svg = drawn(&one);
    assert_readable(&svg);
    let how = ", workers pinned, machine busy: 1.3 of 2 cores at the worst";
    assert!(texts(&svg).join(" ").contains(how), "{svg}");
}

/// A row with this speed-up.
fn row(strategy: Strategy, workers: usize, speed_up: Option<Measured>) -> Row {
    let right = strategy.is_right() || workers == 1;
    let value = speed_up.map_or(1.0, |ratio| ratio.value);
    Row {
        strategy: strategy.into(),
        workers,
        sims: 10_000_000,
        mean_s: 1.0,
        sd_s: None,
        min_s: 1.0,
        cpu_s: None,
        hand_overs: None,
        cores_wanted: None,
        speed_up: speed_up.filter(|_| right),
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
        status: match speed_up {
            _ if !right => Status::Repeated,
            _ if strategy == Strategy::Serial => Status::Baseline,
            Some(_) if value > 1.05 => Status::Faster,
            Some(_) if value < 0.95 => Status::Slower,
            _ => Status::Same,
        },
        reason: None,
        verdict: String::new(),
        runs: Vec::new(),
    }
}

/// A ratio with an interval of a tenth to both sides.
fn about(value: f64) -> Option<Measured> {
    let ci95 = Some([value * 0.9, value * 1.1].into());
    Some(Measured { value, ci95 })
}

/// A comparison of these rows and serial, on a machine of 64 cores.
fn with_rows(mut rows: Vec<Row>) -> Comparison {
    rows.insert(0, row(Strategy::Serial, 1, about(1.0)));
    let mut machine = Machine::this(Kernel::detect().name(), SystemTime::now());
    machine.cores = 64;
    Comparison {
        setup: Setup {
            seed: 42,
            first: 0,
            scaling: Scaling::Weak,
            io_wait: Duration::ZERO,
            warmup: 1,
        },
        sims: 10_000_000,
        machine,
        partial: false,
        rows,
    }
}

/// A comparison of these strategies on these workers. Strategies that are wrong on purpose are wrong in it.
fn comparison(strategies: &[Strategy], workers: &[usize]) -> Comparison {
    let mut rows = Vec::new();
    for (strategy, i) in strategies.iter().zip(1..) {
        for workers in workers {
            let value = *workers as f64 * 0.3f64.powi(i);
            let ratio = match strategy {
                // The interval of two runs that differ, which may be very wide.
                Strategy::Queue => Some(Measured {
                    value,
                    ci95: Some([value * 1e-12, value * 1e12].into()),
                }),
                _ => about(value),
            };
            rows.push(row(*strategy, *workers, ratio));
        }
    }
    with_rows(rows)
}

fn drawn(comparison: &Comparison) -> String {
    picture::comparison(std::slice::from_ref(comparison))
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
            let svg = drawn(&comparison(strategies, workers));
            assert_readable(&svg);
            let texts = texts(&svg);
            for strategy in strategies {
                assert!(texts.contains(&strategy.to_string()), "{strategy}");
            }
            let wrong = strategies.iter().filter(|strategy| !strategy.is_right());
            let wrong = wrong.filter(|_| workers.iter().any(|workers| *workers > 1));
            let shown = texts.iter().filter(|text| *text == "✗ 74 % repeated");
            assert_eq!(shown.count(), wrong.count());
        }
    }
    assert_readable(&picture::comparison(&[]));
}

/// The message comes first, and below it all that changes the result.
#[test]
fn a_picture_names_its_message_and_how_it_was_measured() {
    let mut comparison = comparison(&[Strategy::Pool, Strategy::Lock], &[2, 4]);
    comparison.rows[2].speed_up = about(1.95);
    let heading = |comparison: &Comparison| texts(&drawn(comparison)).join(" ");
    let machine = comparison.machine.to_string();
    assert!(
        heading(&comparison).starts_with(&format!(
            "pool: 1.8–2.1× on 4 workers Speed-up over serial, 10,000,000 darts a worker, seed 42, 0 runs of each \
             pi-mc compare pool,lock -n 1e7 -s 42 -w 2,4 --runs 0 --scaling weak {machine} "
        )),
        "{}",
        heading(&comparison)
    );
    comparison.setup.io_wait = Duration::from_micros(2_500);
    comparison.setup.scaling = Scaling::Strong;
    comparison.partial = true;
    assert!(
        heading(&comparison).starts_with(&format!(
            "pool: 1.8–2.1× on 4 workers PARTIAL: stopped before all runs were done Speed-up over serial, 10,000,000 \
             darts, seed 42, 0 runs of each, every chunk of 65,536 darts waits 2.50 ms pi-mc compare pool,lock -n 1e7 \
             -s 42 -w 2,4 --io-wait 2ms500us {machine} "
        )),
        "{}",
        heading(&comparison)
    );
    assert!(texts(&drawn(&with_rows(vec![])))[0].starts_with("serial alone, "));
}

/// A bar stands over its number of workers, between serial and its speed-up: upwards if it is faster. Twice as fast and
/// half as fast are equally far from serial.
#[test]
fn bars_go_up_for_faster_and_down_for_slower() {
    let speed_ups = [(2, 2.0), (4, 0.5), (8, 1.0 / 32.0)];
    let rows = speed_ups.map(|(workers, value)| row(Strategy::Pool, workers, about(value)));
    let svg = drawn(&with_rows(rows.to_vec()));
    assert_readable(&svg);
    let [_, serial] = place(&svg, "serial", 0.0);
    let all = |colour: &str| -> Vec<[f64; 4]> {
        let paths = paths(&svg, &format!("fill=\"{colour}\""));
        // The first is the legend's.
        paths[1..].iter().flat_map(|path| boxes(path)).collect()
    };
    let ([up], [down, far]) = (&all("#0072b2")[..], &all("#d55e00")[..]) else {
        panic!("{svg}")
    };
    let height = serial - up[1];
    for (sides, workers, from, to) in [
        (up, "2", serial - height, serial),
        (down, "4", serial, serial + height),
        (far, "8", serial, serial + 5.0 * height),
    ] {
        let [x, _] = place(&svg, workers, serial);
        let [left, top, right, bottom] = sides;
        assert!(((left + right) / 2.0 - x).abs() < 0.2, "{workers}");
        let ends = [top.min(*bottom) - from, top.max(*bottom) - to];
        assert!(
            ends.iter().all(|off| off.abs() < 0.4),
            "{workers}: {sides:?}"
        );
    }
    assert!(height > 20.0);
}

/// More workers than cores are no reason to expect more, unless they wait.
#[test]
fn the_ideal_ends_at_the_cores_unless_workers_wait() {
    let mut one = with_rows(vec![row(Strategy::Pool, 128, about(100.0))]);
    let height = |one: &Comparison| {
        let svg = drawn(one);
        let ideals = paths(&svg, "stroke-width=\"3\"");
        let line = Regex::new(r"M[\d.]+ ([\d.]+) [\d.]+ [\d.]+").unwrap();
        let y = |text: &str| line.captures(text).unwrap()[1].parse::<f64>().unwrap();
        let [_, serial] = place(&svg, "serial", 0.0);
        let [_, tick] = place(&svg, "64×", 0.0);
        // As a multiple of the distance of 64 from serial, which is six octaves.
        (serial - y(ideals[1])) / (serial - tick) * 6.0
    };
    assert!((height(&one) - 6.0).abs() < 0.05);
    one.setup.io_wait = Duration::from_millis(1);
    assert!((height(&one) - 7.0).abs() < 0.05);
}

/// A bar whose interval is unknown is hollow and dashed, so it looks less certain than one with an interval, not more.
#[test]
fn a_row_without_an_interval_looks_uncertain() {
    let mut one = with_rows(vec![row(Strategy::Pool, 2, about(1.9))]);
    let dashed = |one: &Comparison| {
        let svg = drawn(one);
        let said = texts(&svg).contains(&"interval unknown".to_owned());
        (paths(&svg, "stroke-dasharray").len(), said)
    };
    assert_eq!(dashed(&one), (0, false));
    let filled = drawn(&one).matches("fill=\"#0072b2\"").count();
    one.rows[1].speed_up = Some(Measured {
        value: 1.9,
        ci95: None,
    });
    assert_eq!(dashed(&one), (2, true));
    assert_eq!(drawn(&one).matches("fill=\"#0072b2\"").count(), filled - 2);
}

/// Right answers and wrong ones are apart, and a wrong row has a cross in place of a bar.
#[test]
fn wrong_answers_are_apart_and_have_no_bar() {
    let rows = [Strategy::Pool, Strategy::Race, Strategy::Lock].map(|strategy| {
        let rows = [1, 2].map(|workers| row(strategy, workers, about(0.5 * workers as f64)));
        rows.to_vec()
    });
    let svg = drawn(&with_rows(rows.concat()));
    assert_readable(&svg);
    let x = |text: &str| place(&svg, text, 0.0)[0];
    assert!(x("pool") < x("lock") && x("lock") < x("✗ wrong answers"));
    assert!((x("✗ wrong answers") - x("race")).abs() < 60.0);
    // Pool and lock on 1 worker, race on 1 worker, and one in the legend; two are as fast as serial.
    assert_eq!(paths(&svg, "fill=\"#d55e00\"").len(), 3 + 1);
    let crosses = paths(&svg, "stroke-width=\"2.5\"");
    let crosses: usize = crosses.iter().map(|path| path.matches("m0-").count()).sum();
    assert_eq!(crosses, 2);
    // Nothing is apart if all are right.
    let right = drawn(&comparison(&[Strategy::Pool], &[2]));
    assert!(!texts(&right).iter().any(|text| text.contains("answers")));
}

/// An interval's tips have three points: a crossbar on the axis, an arrow where it goes beyond.
#[test]
fn an_interval_beyond_the_axis_ends_in_an_arrow() {
    let arrows = |low: f64, high: f64| {
        let ratio = Some(Measured {
            value: 1.5,
            ci95: Some([low, high].into()),
        });
        let svg = drawn(&with_rows(vec![row(Strategy::Pool, 2, ratio)]));
        let whiskers = paths(&svg, "stroke-width=\"1.2\"");
        let tip = Regex::new(r"M[\d.]+ ([\d.]+) [\d.]+ ([\d.]+) [\d.]+ [\d.]+").unwrap();
        let tips = tip.captures_iter(whiskers.last().unwrap());
        let back = |tip: regex::Captures| {
            let [side, end] = [1, 2].map(|i| tip[i].parse::<f64>().unwrap());
            (side - end).round()
        };
        tips.map(back).collect::<Vec<f64>>()
    };
    assert_eq!(arrows(1.4, 1.6), [0.0, 0.0]);
    assert_eq!(arrows(0.01, 1.6), [-5.0, 0.0]);
    assert_eq!(arrows(1.4, 100.0), [0.0, 5.0]);
}

/// Speed-up by darts, where it breaks even.
#[test]
fn several_sizes_are_drawn_as_curves() {
    let sizes = [10_000, 1_000_000, 100_000_000];
    let comparisons: Vec<Comparison> = sizes
        .iter()
        .zip([0.25, 1.0 / 1.9, 1.9])
        .map(|(sims, value)| Comparison {
            sims: *sims,
            ..with_rows(vec![
                row(Strategy::Pool, 1, about(1.0)),
                row(Strategy::Pool, 2, about(value)),
                row(Strategy::Lock, 2, about(0.02)),
                row(Strategy::Race, 2, about(1.0)),
            ])
        })
        .collect();
    let svg = picture::comparison(&comparisons);
    assert_readable(&svg);
    // The line of the pool, after the legend's: a point for each size, and the break-even in the middle of the last two.
    let x = |label: &str| place(&svg, label, 400.0)[0];
    let line = |width: &str| {
        let lines = paths(
            &svg,
            &format!(r##"stroke="#0072b2" stroke-width="{width}""##),
        );
        lines.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let lines = line("1.5");
    let points: Vec<f64> = lines[0][1..]
        .split(' ')
        .step_by(2)
        .map(|x| x.parse().unwrap())
        .collect();
    let expected = ["1e4", "1e6", "1e8"].map(x);
    assert_eq!(points.len(), expected.len(), "{points:?}");
    assert!(
        points
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 6.0),
        "{points:?}"
    );
    let even = lines.iter().find(|path| path.contains("a8 8")).unwrap();
    let left: f64 = even[1..].split(' ').next().unwrap().parse().unwrap();
    let middle = (expected[1] + expected[2]) / 2.0;
    assert!((left + 8.0 - middle).abs() < 6.0, "{left} {middle}");
    let texts = texts(&svg);
    for text in [
        "pool: 1.7–2.1× on 2 workers, 100,000,000 darts a worker",
        "pays from about 1e7 darts on",
        "slower up to 1e8 darts",
        "speed-up on 2 workers",
        "breaks even",
        "race: wrong at 3 sizes, as at 1e8 darts: 74 % of the darts repeated",
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
    checked("π ≈ 3.1429 ± 0.0016 from 1,000,000 darts");
    stdout(&["-n", "1", "-s", "42", "--shard", "1/2", "--plot", file]);
    checked("no darts");
    let text = stdout(&["--method", "lazy", "-n", "1e9", "-s", "1", "--plot", file]);
    assert!(text.contains("Lazy: no dart was thrown"));
    checked("from 1,000,000,000 lazy darts");
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
    checked("✗ 34 % repeated");

    // Nothing is counted if the picture cannot be drawn.
    for command in [
        &["-n", "1e16"][..],
        &["compare", "-n", "1e16"],
        &["--method", "lazy", "-n", "1e19"],
    ] {
        for path in ["/no/such/folder/x.svg", folder.path().to_str().unwrap()] {
            let message = failure(&[command, &["--plot", path]].concat());
            assert!(
                message.contains(&format!("could not write '{path}'")),
                "{message}"
            );
        }
    }
    assert!(usage_error(&["--trace", file, "--plot", file]).contains("same file"));
}

/// Rows of any strategy, workers and speed-up.
fn any_row() -> impl proptest::strategy::Strategy<Value = Row> {
    let ratio = (-40.0..40.0f64, proptest::option::of(0.0..30.0f64));
    let of = |(i, workers, ratio, status): (usize, usize, Option<(f64, Option<f64>)>, usize)| {
        let ratio = ratio.map(|(log, width)| Measured {
            value: log.exp(),
            ci95: width.map(|width| [(log - width).exp(), (log + width).exp()].into()),
        });
        let mut row = row(Strategy::ALL[1 + i], workers, ratio);
        if row.strategy.is_right() && status == 0 {
            (row.status, row.speed_up) = (Status::Wrong, None);
            (row.hits, row.serial_hits) = (u64::MAX, 1);
        }
        row
    };
    let workers = (1..4_097usize).prop_map(|n| if n % 3 == 0 { n } else { n % 8 + 1 });
    let parts = (0..8usize, workers, proptest::option::of(ratio), 0..9usize);
    parts.prop_map(of)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_comparison_of_any_data_is_readable(
        rows in vec(any_row(), 0..40),
        sims in vec(1..=u64::MAX, 1..6),
        cpu in any::<String>(),
        wait in proptest::option::of(any::<u64>()),
        partial in any::<bool>(),
    ) {
        // Each strategy and number of workers once.
        let mut rows = rows;
        rows.sort_by_key(|row| (row.strategy.known().unwrap() as usize, row.workers));
        rows.dedup_by_key(|row| (row.strategy.clone(), row.workers));
        let mut one = with_rows(rows);
        one.machine.cpu = cpu;
        one.setup.io_wait = wait.map_or(Duration::ZERO, Duration::from_nanos);
        one.partial = partial;
        let all: Vec<Comparison> = sims.iter().map(|sims| Comparison { sims: *sims, ..one.clone() }).collect();
        let all = pi_mc::compare::sizes::by_size(all.clone()).unwrap_or(vec![one]);
        let svg = picture::comparison(&all);
        assert_readable(&svg);
        assert_eq!(svg.contains(">PARTIAL"), partial);
    }

    #[test]
    fn a_run_of_any_data_is_readable(
        seed in any::<u64>(),
        first in proptest::option::of(any::<u64>()),
        end in 0..64u32,
        hits in vec(0.0..=1.0f64, 64),
        cpu in any::<String>(),
        lazy in any::<bool>(),
        total in proptest::option::of(any::<u64>()),
    ) {
        let end = seed >> end;
        let tally = |sims: u64, share: f64| Tally { sims, hits: ((sims as f64 * share) as u64).min(sims) };
        let marks = course(end.max(1));
        let tallies: Vec<Tally> = marks.iter().zip(hits).map(|(one, share)| tally(one.sims, share)).collect();
        let mut record = record(end.max(1), tallies[tallies.len() - 1].hits);
        if end == 0 {
            (record.sims, record.hits) = (0, 0);
        }
        record.seed = seed;
        record.first = first.unwrap_or(0).min(u64::MAX - end);
        record.method = if lazy { Method::Lazy } else { Method::Darts };
        record.partial = total.is_some();
        record.total = total;
        let mut machine = Machine::this(Kernel::detect().name(), SystemTime::now());
        machine.cpu = cpu;
        record.machine = Some(machine);
        let svg = picture::run(&record, &tallies);
        assert_readable(&svg);
        assert_eq!(svg.contains(">PARTIAL"), total.is_some());
        assert!(svg.len() < 60_000, "{} bytes", svg.len());
    }
}

/// Other programs may read and write the file meanwhile, but nobody can replace it.
#[cfg(windows)]
#[test]
fn a_picture_that_another_program_holds_open_is_an_error_before_counting() {
    use std::os::windows::fs::OpenOptionsExt;
    const SHARE_READ_AND_WRITE: u32 = 3;
    let (_folder, path, file) = new_file("run.svg");
    fs::write(&path, "old").unwrap();
    let mut options = fs::File::options();
    let held = options
        .read(true)
        .share_mode(SHARE_READ_AND_WRITE)
        .open(&path);
    let held = held.unwrap();
    let args = ["-n", "1e6", "-s", "42", "--plot", &file];
    // It fails only if stdout is empty, as it is before the result.
    let error = failure(&args);
    assert!(error.contains("could not write"), "{error}");
    drop(held);
    stdout(&args);
    assert!(fs::read_to_string(&path).unwrap().starts_with("<svg"));
}
