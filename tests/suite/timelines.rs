//! Timelines: every chunk is recorded, no two spans of a worker overlap, every strategy shows its waits, and
//! all three formats are right. The looks of pictures need a human eye.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZero;
use std::time::Duration;

use pi_mc::compare::strategy::{Strategy, Task};
use pi_mc::engine::timeline::{Activity, Lane, Span, Timeline};
use pi_mc::report::{self, picture, timeline};
use pi_mc::result::record::Method;
use pi_mc::{Kernel, Plan, Record, Tally, Walk};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, proptest};
use proptest::sample::select;
use regex::Regex;
use serde::Deserialize;

use crate::plots::{self, assert_readable};
use crate::program;
use crate::program::{PROGRAM, failure, json, new_file, stdout, usage_error};
#[cfg(unix)]
use crate::program::{signal, start, wait_for_darts};
#[cfg(target_os = "linux")]
use crate::terminal::on_terminal;

const CHUNK: u64 = 65_536;

fn task(sims: u64, workers: usize) -> Task {
    Task {
        worker: vec![PROGRAM.into(), "worker".into()],
        ..Task::new(
            Plan::new(42, 1_000..1_000 + sims).unwrap(),
            Kernel::detect(),
            NonZero::new(workers).unwrap(),
        )
    }
}

/// Requires that no two spans of a worker overlap, and that all lie within the run.
fn assert_in_order(timeline: &Timeline) {
    for lane in &timeline.lanes {
        let mut end = 0;
        for span in &lane.spans {
            assert!(end <= span.start_ns, "{}: {span:?}", timeline.name);
            assert!(span.start_ns <= span.end_ns, "{}: {span:?}", timeline.name);
            end = span.end_ns;
        }
        assert!(end <= timeline.elapsed_ns, "{}", timeline.name);
    }
}

/// The chunks of all spans. The timeline must be short enough that no spans were merged.
fn chunks(timeline: &Timeline) -> Vec<u64> {
    let ranges = timeline.spans().map(|span| (span.first_chunk, span.chunks));
    let mut chunks: Vec<u64> = ranges.flat_map(|(first, n)| first..first + n).collect();
    chunks.sort_unstable();
    chunks
}

fn activities(timeline: &Timeline) -> BTreeSet<&'static str> {
    timeline.spans().map(|span| span.activity.name()).collect()
}

/// Perfetto's reading of microseconds, in nanoseconds: the whole part and the fraction as doubles, cut off.
fn perfetto_ns(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut us = whole.parse::<i64>().unwrap() as f64;
    if !fraction.is_empty() {
        us += fraction.parse::<i64>().unwrap() as f64 / 10f64.powi(fraction.len() as i32);
    }
    (us * 1000.0) as i64
}

/// Requires that no two spans of a track overlap, as Perfetto reads them, and that each track has one name.
fn assert_apart(trace: &str) {
    let mut ends: BTreeMap<String, i64> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let number = |line: &str, name: &str| {
        let (_, after) = line.split_once(&format!("\"{name}\":")).unwrap();
        after[..after.find([',', '}']).unwrap()].to_owned()
    };
    let mut spans = 0;
    for line in trace.lines().filter(|line| line.contains("\"ph\"")) {
        let track = number(line, "pid") + "/" + &number(line, "tid");
        if line.contains("thread_name") {
            assert!(named.insert(track.clone()), "two workers on {track}");
        }
        if line.contains("\"ph\":\"X\"") {
            let [ts, dur] = ["ts", "dur"].map(|name| perfetto_ns(&number(line, name)));
            let end = ends.entry(track).or_insert(0);
            assert!(ts >= *end, "{line}: begins before {end}");
            *end = ts + dur;
            spans += 1;
        }
    }
    assert!(spans > 0);
}

/// Spans that touch, at times that a double cannot hold in microseconds; and a thread's id that is used again.
#[test]
fn no_reader_sees_an_overlap() {
    let lane = |thread, start: u64, steps: std::ops::Range<u64>| Lane {
        process: 7,
        thread,
        spans: steps
            .scan(start, |at, step| {
                let start_ns = *at;
                *at += step % 97 + 1;
                Some(Span {
                    activity: Activity::Lock,
                    start_ns,
                    end_ns: *at,
                    first_chunk: 0,
                    chunks: 0,
                    hits: 0,
                })
            })
            .collect(),
        ..Lane::default()
    };
    let made_up = Timeline {
        name: "made up".to_owned(),
        process: 7,
        hits: 0,
        elapsed_ns: 1 << 50,
        lanes: vec![
            lane(7, 0, 0..5_000),
            lane(8, 1_000_000_007, 0..5_000),
            lane(9, 86_400_000_000_123, 0..5_000),
            lane(8, 3, 0..10),
            lane(7, 5, 0..10),
        ],
    };
    assert_apart(&timeline::json(&[made_up]));
    let (_folder, path, file) = new_file("timeline.json");
    for (workers, strategies) in [
        ("2", "all"),
        (
            "64",
            "serial,pool,threads,gil,lock,queue,atomic,race,same-seed",
        ),
        ("4096", "serial,threads"),
    ] {
        let args = [
            "compare", "-s", "1", "-n", "2e6", "--runs", "1", "--warmup", "0", "-w", workers,
        ];
        let args = [&args[..], &["--strategy", strategies, "--timeline", &file]].concat();
        let output = program::run(&args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_apart(&fs::read_to_string(&path).unwrap());
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn every_strategy_counts_each_chunk_once_and_shows_its_waits() {
    for io_wait in [Duration::ZERO, Duration::from_millis(1)] {
        for (sims, workers) in [
            (131_072, 1),
            (1, 1),
            (300_000, 2),
            (2_000_000, 3),
            (100_000, 8),
        ] {
            let task = Task {
                io_wait,
                ..task(sims, workers)
            };
            for &strategy in Strategy::ALL {
                let timeline = strategy.timeline(&task).unwrap();
                let name = &timeline.name;
                assert_in_order(&timeline);
                let all: Vec<u64> = task.plan.chunks().collect();
                if strategy == Strategy::SameSeed {
                    assert!(chunks(&timeline).len() >= all.len(), "{name}");
                } else {
                    assert_eq!(chunks(&timeline), all, "{name}");
                }
                // One worker has nobody to race with, and nobody's darts to repeat.
                if strategy.is_right() || workers == 1 {
                    assert_eq!(timeline.hits, task.count_here(), "{name}");
                }
                if strategy != Strategy::Race {
                    assert_eq!(timeline.counted(), timeline.hits, "{name}");
                }
                let adds = [Strategy::Lock, Strategy::Atomic, Strategy::Race].contains(&strategy);
                let mut expected = BTreeSet::from(["start", "count", "join"]);
                expected.extend(adds.then_some("add"));
                expected.extend((strategy == Strategy::Queue).then_some("wait: queue"));
                expected.extend((!io_wait.is_zero()).then_some("wait: io"));
                let mut shown = activities(&timeline);
                // Whether two workers meet at the lock depends on the machine.
                shown.retain(|activity| !["wait: lock", "wait: gil"].contains(activity));
                assert_eq!(shown, expected, "{name}");
            }
        }
    }
}

/// Two threads that each add a hundred thousand hits meet at the lock at some time, even on one core.
#[test]
fn the_lock_is_waited_for() {
    let task = task(2_000_000, 4);
    let waits = |_: &usize| {
        let timeline = Strategy::Lock.timeline(&task).unwrap();
        activities(&timeline).contains("wait: lock")
    };
    assert!((0..100).any(|i| waits(&i)));
}

#[test]
fn a_queue_hands_out_in_order() {
    let timeline = Strategy::Queue.timeline(&task(5_000_000, 3)).unwrap();
    for lane in &timeline.lanes {
        let counts = lane
            .spans
            .iter()
            .filter(|span| span.activity == Activity::Count);
        let taken: Vec<u64> = counts.map(|span| span.first_chunk).collect();
        assert!(taken.is_sorted(), "{taken:?}");
    }
    let text = timeline::text(&[timeline]);
    assert!(text.contains(" took chunk 0 from the queue\n"), "{text}");
}

#[test]
fn processes_have_ids_of_their_own_and_threads_have_not() {
    let ids = |strategy: Strategy| {
        let timeline = strategy.timeline(&task(300_000, 3)).unwrap();
        let lanes = timeline.lanes.iter();
        let ids = lanes.map(|lane| (lane.process, lane.thread));
        let ids: BTreeSet<_> = ids.collect();
        assert_eq!(ids.len(), 3, "{strategy}");
        let own = std::process::id();
        ids.iter().filter(|(process, _)| *process == own).count()
    };
    assert_eq!(ids(Strategy::Processes), 0);
    assert_eq!(ids(Strategy::Threads), 3);
}

#[test]
fn repeated_darts_and_only_those_are_told() {
    for &strategy in Strategy::ALL {
        for workers in [1, 3] {
            let timeline = strategy.timeline(&task(1_000_000, workers)).unwrap();
            let repeats = strategy == Strategy::SameSeed && workers > 1;
            assert_eq!(timeline.repeats_chunks(), repeats, "{}", timeline.name);
        }
    }
}

/// A walk's spans include each chunk once, wherever its steps end, and their hits add up to the walk's,
/// without the earlier ones.
#[test]
fn a_walk_records_each_chunk_once() {
    let plan = Plan::new(42, 1_000..3_001_000).unwrap();
    for (workers, before) in [(1, 0), (2, 0), (5, 0), (2, 100_000)] {
        let mut tally = Tally::default();
        if before > 0 {
            let first = plan.part(0..before).unwrap();
            let one = NonZero::<usize>::MIN;
            tally = pi_mc::engine::whole::count(&first, Kernel::detect(), one).unwrap();
        }
        let workers = NonZero::new(workers);
        let record = Record::new(&plan, tally, Method::Darts);
        let walk = Walk::of(plan).workers(workers).resume(&record).unwrap();
        assert_eq!(walk.clone().start().unwrap().timeline().lanes, []);
        let mut walk = walk.with_timeline().start().unwrap();
        let mut until = before;
        while walk.step(until, || false).unwrap().is_some() {
            until = walk.tally().sims + 99_999;
        }
        let timeline = walk.timeline();
        assert_in_order(&timeline);
        let rest = plan.part(before..plan.sims()).unwrap();
        let all: Vec<u64> = rest.chunks().collect();
        assert_eq!(chunks(&timeline), all);
        assert_eq!(timeline.hits, walk.tally().hits - tally.hits);
        assert_eq!(timeline.counted(), timeline.hits);
    }
}

/// A long run merges spans, but their sums stay exact.
#[test]
fn a_long_run_has_some_ten_thousand_spans() {
    for workers in [1, 3, 64] {
        // A million chunks take only a moment, since nothing is counted. Workers take 16 at a time.
        let sims = 1_000_000 * CHUNK;
        let plan = Plan::first(7, sims).unwrap();
        let counter = pi_mc::engine::counter::Counter::new("one a chunk", |_, _, _| 1);
        let workers = NonZero::new(workers);
        let walk = Walk::of(plan).counter(counter).workers(workers);
        let mut walk = walk.with_timeline().start().unwrap();
        while walk.step(u64::MAX, || false).unwrap().is_some() {}
        let timeline = walk.timeline();
        assert_in_order(&timeline);
        assert_eq!(timeline.counted(), 1_000_000);
        let chunks: u64 = timeline.spans().map(|span| span.chunks).sum();
        assert_eq!(chunks, 1_000_000);
        assert!(timeline.spans().count() <= 10_200);
    }
}

#[test]
fn thinning_keeps_the_sums_and_the_order() {
    let span = |i: u64| Span {
        activity: Activity::ALL[(i % 3) as usize + 1],
        start_ns: 10 * i,
        end_ns: 10 * i + i % 11,
        first_chunk: i,
        chunks: u64::from(i.is_multiple_of(3)),
        hits: i,
    };
    let sums = |lane: &Lane| {
        let of = |activity: &Activity| {
            let spans = lane.spans.iter().filter(|span| span.activity == *activity);
            spans.fold((0, 0, 0), |sum, span| {
                (sum.0 + span.ns(), sum.1 + span.chunks, sum.2 + span.hits)
            })
        };
        Activity::ALL.iter().map(of).collect::<Vec<_>>()
    };
    for n in [1, 2, 7, 1_000] {
        let lane = Lane {
            spans: (0..n).map(span).collect(),
            ..Lane::default()
        };
        for most in [0, 1, 3, 10, 999, 1_000, 2_000] {
            let mut thin = lane.clone();
            thin.thin(most);
            assert_eq!(sums(&thin), sums(&lane), "{n} to {most}");
            assert!(thin.spans.len() <= most.max(3), "{n} to {most}");
            assert!(most < n as usize || thin == lane, "{n} to {most}");
            let timeline = Timeline {
                elapsed_ns: 10 * n,
                ..timeline(vec![thin])
            };
            assert_in_order(&timeline);
        }
    }
}

/// A timeline of a second.
fn timeline(lanes: Vec<Lane>) -> Timeline {
    Timeline {
        name: "lock, some workers".to_owned(),
        process: 1,
        hits: 5_000,
        elapsed_ns: 1_000_000_000,
        lanes,
    }
}

/// A timeline of workers, each with `spans` spans of every activity.
fn busy(workers: u32, spans: u64) -> Timeline {
    let all = 7 * spans + 2;
    let length = 1_000_000_000 / all;
    let span = |i: u64, n: u32| Span {
        activity: match i {
            0 => Activity::Start,
            i if i + 1 == all => Activity::Join,
            i => Activity::ALL[1 + (i % 5) as usize],
        },
        start_ns: i * length + u64::from(n % 7),
        end_ns: (i + 1) * length,
        first_chunk: i,
        chunks: 1,
        hits: 1,
    };
    let lane = |n: u32| Lane {
        process: 4_194_304 - n,
        thread: 4_194_304 - n,
        spans: (0..all).map(|i| span(i, n)).collect(),
        ..Lane::default()
    };
    timeline((0..workers).map(lane).collect())
}

fn drawn(timelines: &[Timeline]) -> String {
    let svg = picture::timeline(timelines, &["seed 42".to_owned()]);
    assert_readable(&svg);
    svg
}

/// The boxes of a picture that are filled: left, top, right, bottom.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let filled = svg.lines().filter(|line| !line.contains("fill=\"none\""));
    filled.flat_map(plots::boxes).collect()
}

/// The outlines of the timelines.
fn outlines(svg: &str) -> Vec<[f64; 4]> {
    let open = svg.lines().filter(|line| line.contains("fill=\"none\""));
    open.flat_map(plots::boxes).collect()
}

#[test]
fn a_picture_of_any_size_is_readable_and_small() {
    for workers in [1, 2, 64, 4_096] {
        for (panels, spans) in [(1, 1), (1, 200), (9, 3)] {
            if workers == 4_096 && panels * spans > 27 {
                continue;
            }
            let timelines: Vec<_> = (0..panels).map(|_| busy(workers, spans)).collect();
            let svg = drawn(&timelines);
            let [width, height] = plots::size(&svg);
            let boxes = boxes(&svg);
            for [left, top, right, bottom] in &boxes {
                assert!(0.0 <= *left && left <= right && *right <= width);
                assert!(0.0 <= *top && top <= bottom && *bottom <= height);
            }
            assert!(boxes.len() >= workers as usize * panels as usize);
            assert!(workers > 64 || svg.len() < 500_000, "{} bytes", svg.len());
        }
    }
    drawn(&[]);
    drawn(&[timeline(vec![Lane::default()])]);
    let at_once = Timeline {
        elapsed_ns: 0,
        ..timeline(vec![Lane::default()])
    };
    drawn(&[at_once]);
}

/// A worker with spans that end at these times, in milliseconds.
fn lane(ends: &[(Activity, u64)]) -> Lane {
    let mut start_ns = 0;
    let mut spans = Vec::new();
    for (activity, ms) in ends {
        let end_ns = ms * 1_000_000;
        spans.push(Span {
            activity: *activity,
            start_ns,
            end_ns,
            first_chunk: 0,
            chunks: u64::from(*activity == Activity::Count),
            hits: if *activity == Activity::Count {
                2_500
            } else {
                0
            },
        });
        start_ns = end_ns;
    }
    Lane {
        process: 1,
        thread: 7,
        spans,
        ..Lane::default()
    }
}

/// A timeline with one worker, which counts until `ms`.
fn counting(ms: u64) -> Timeline {
    Timeline {
        elapsed_ns: ms * 1_000_000,
        ..timeline(vec![lane(&[(Activity::Count, ms)])])
    }
}

/// A lane's boxes follow each other from one end of the axis to the other.
#[test]
fn a_picture_shows_the_spans_where_they_are() {
    let ends = [
        (Activity::Start, 250),
        (Activity::Count, 500),
        (Activity::Join, 1_000),
    ];
    let svg = drawn(&[timeline(vec![lane(&ends)])]);
    let [outline] = outlines(&svg)[..] else {
        panic!("{svg}")
    };
    let [left, _, right, _] = outline;
    let sides: Vec<_> = boxes(&svg).iter().map(|side| (side[0], side[2])).collect();
    let at = |share: f64| left + share * (right - left);
    for expected in [(0.0, 0.25), (0.25, 0.5), (0.5, 1.0)] {
        let is_near = |(from, to): &(f64, f64)| {
            (from - at(expected.0)).abs() <= 0.1 && (to - at(expected.1)).abs() <= 0.1
        };
        assert!(sides.iter().any(is_near), "{expected:?} in {sides:?}");
    }
    for text in [
        ">lock, some workers: 1.00 s, 0.2 of 1 worker busy<",
        ">seed 42<",
        ">0.2 of 1 worker busy; 25 % of the time starting<",
    ] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
}

/// All timelines share one axis, until one takes more than 50 times as long as another. Then there is a break, and each
/// side of it has a scale of its own.
#[test]
fn a_longer_run_is_as_much_wider() {
    let widths = |ms: &[u64]| {
        let timelines: Vec<_> = ms.iter().map(|ms| counting(*ms)).collect();
        let svg = drawn(&timelines);
        let widths: Vec<f64> = outlines(&svg)
            .iter()
            .map(|side| side[2] - side[0])
            .collect();
        (widths, svg.contains(" times as dense"))
    };
    let (wide, is_broken) = widths(&[4, 100, 20]);
    assert!(!is_broken);
    assert!((wide[1] / wide[0] - 25.0).abs() < 0.1 && (wide[2] / wide[0] - 5.0).abs() < 0.1);
    assert!(!widths(&[1, 50]).1);
    let (wide, is_broken) = widths(&[1, 51, 30, 1_000, 2_000]);
    assert!(is_broken);
    assert!((wide[2] / wide[0] - 30.0).abs() < 0.3, "{wide:?}");
    assert!(
        wide[2] < wide[1] && wide[1] < wide[3] && wide[3] < wide[4],
        "{wide:?}"
    );
    assert!(wide[0] > 5.0, "the shortest is still seen: {wide:?}");
    let title = "lock, some workers: 100 ms, 25 times as long as lock, some workers: 4.00 ms";
    assert!(drawn(&[counting(4), counting(100)]).contains(title));
}

/// Every kind of box that occurs is in the legend, and no other.
#[test]
fn the_legend_is_complete() {
    for activity in Activity::ALL {
        let names = |svg: &str| -> Vec<String> {
            let legend = svg.split("font-size=\"13\">").skip(1);
            legend
                .map(|text| text.split('<').next().unwrap().to_owned())
                .take_while(|text| !text.starts_with("0 "))
                .collect()
        };
        let only = drawn(&[timeline(vec![lane(&[(*activity, 1_000)])])]);
        assert_eq!(names(&only).len(), 1, "{activity:?}: {:?}", names(&only));
        let all: Vec<_> = Activity::ALL
            .iter()
            .zip(1..)
            .map(|(one, end)| (*one, end))
            .collect();
        let all = drawn(&[timeline(vec![lane(&all)])]);
        assert!(names(&all).contains(&names(&only)[0]));
        assert_eq!(names(&all).len(), Activity::ALL.len());
    }
    let twice = vec![lane(&[(Activity::Count, 5)]), lane(&[(Activity::Count, 5)])];
    assert!(drawn(&[timeline(twice)]).contains("the same shade is the same darts"));
}

#[test]
fn lanes_have_a_line_a_worker_and_the_sums_of_each_kind() {
    use Activity::{Add, Count, Join, Lock, Start};
    let race = vec![
        lane(&[(Start, 100), (Count, 300), (Add, 700), (Lock, 1_000)]),
        lane(&[(Start, 50), (Count, 500), (Join, 1_000)]),
    ];
    let race = Timeline {
        hits: 5_000,
        ..timeline(race)
    };
    let lost = Timeline {
        name: "race".to_owned(),
        hits: 4_000,
        ..race.clone()
    };
    let text = report::lanes(&[race, lost], 60);
    let expected = "\
lock, some workers: all throw the same darts, 1.00 s
worker 0  .....██████████++++++++++++++++++++LLLLLLLLLLLLLLL
worker 1  ..███████████████████████-------------------------
          0 ms                     500 ms
. starts: 150 ms, 7.5 %   █ counts: 650 ms, 32 %
+ adds to the counter: 400 ms, 20 %
L waits for the lock: 300 ms, 15 %
- done, waits for others: 500 ms, 25 %
1.1 of 2 workers busy; last share 33 % longer

race: lost 1,000 of 5,000 hits, 1.00 s
";
    assert!(text.starts_with(expected), "{text}");
    assert!(
        text.contains("\nworker 0  .....██████████××××××××××××××××××××LLLLLLLLLLLLLLL\n"),
        "{text}"
    );
    assert!(
        text.contains("\n× adds to the counter, in vain at times: 400 ms, 20 %\n"),
        "{text}"
    );

    // A break is one column, and what comes after it is denser.
    let text = report::lanes(&[counting(1), counting(1_000)], 60);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("worker"))
        .collect();
    assert!(lines[0].contains("██") && !lines[0].contains('/'), "{text}");
    assert!(
        lines[1].contains("█/█") && lines[1].ends_with('█'),
        "{text}"
    );
    assert!(text.contains("/ from 1.05 ms on a column is "), "{text}");
}

/// Every line fits the terminal, and the lanes take all of its width.
#[cfg(target_os = "linux")]
#[test]
fn lanes_are_as_wide_as_the_terminal() {
    for (columns, locale) in [(40, "C"), (80, "C.UTF-8"), (132, "C.UTF-8")] {
        for command in [
            "-n 2e6 -w 3 -q",
            "compare -n 2e6 -w 3 --runs 1 --warmup 0 --strategy lock,race",
        ] {
            let run = format!("LC_ALL={locale} pi-mc {command} -s 42 --timeline -");
            let Some(shown) = on_terminal(columns, &run) else {
                return;
            };
            let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
            let lanes: Vec<&&str> = lines
                .iter()
                .filter(|line| line.starts_with("worker "))
                .collect();
            assert_eq!(
                lanes.len(),
                if command.starts_with("compare") { 6 } else { 3 },
                "{shown}"
            );
            let wide = |line: &str| line.chars().count();
            let widest = lanes.iter().map(|line| wide(line)).max().unwrap();
            assert!(widest >= columns - 1 && widest <= columns, "{shown}");
            assert_eq!(shown.contains('█'), locale != "C", "{shown}");
            assert_eq!(shown.is_ascii(), locale == "C", "{shown}");
            let sums = lines.iter().filter(|line| line.contains(" counts: "));
            assert!(sums.clone().count() >= lanes.len() / 3, "{shown}");
            assert!(
                sums.into_iter().all(|line| wide(line) <= columns),
                "{shown}"
            );
        }
    }
}

/// Serial is in a comparison's timelines only if it is asked for.
#[test]
fn serial_has_a_timeline_only_if_it_is_asked_for() {
    let (_folder, path, file) = new_file("one.json");
    let names = |strategy: &str| {
        let args = [
            "compare", "-n", "1e5", "-w", "2", "--runs", "1", "--warmup", "0",
        ];
        stdout(&[&args[..], &["--strategy", strategy, "--timeline", &file]].concat());
        read_trace(&fs::read_to_string(&path).unwrap()).0
    };
    assert_eq!(names("queue"), ["queue, 2 workers"]);
    assert_eq!(names("serial"), ["serial, 1 worker"]);
    assert_eq!(
        names("queue,serial"),
        ["serial, 1 worker", "queue, 2 workers"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn timelines_of_any_data_are_readable(
        runs in vec(vec(vec((select(Activity::ALL), 0..1u64 << 40, 0..20u32), 0..12), 0..6), 0..5),
        lost in 0..20u64,
        columns in 0..200usize,
    ) {
        let timelines: Vec<Timeline> = runs
            .iter()
            .map(|lanes| {
                let lane = |parts: &Vec<(Activity, u64, u32)>| {
                    let mut at = 0;
                    let span = |(activity, ns, shift): &(Activity, u64, u32)| {
                        let start_ns = at;
                        at += ns >> (2 * shift);
                        Span { activity: *activity, start_ns, end_ns: at, first_chunk: at, chunks: at % 3, hits: ns % 100 }
                    };
                    Lane { process: u32::MAX, thread: u32::MAX, spans: parts.iter().map(span).collect(), ..Lane::default() }
                };
                let lanes: Vec<Lane> = lanes.iter().map(lane).collect();
                let end = lanes.iter().flat_map(|lane| &lane.spans).map(|span| span.end_ns).max();
                let one = Timeline { elapsed_ns: end.unwrap_or(0), ..timeline(lanes) };
                Timeline { hits: one.counted().saturating_sub(lost), ..one }
            })
            .collect();
        drawn(&timelines);
        let text = report::lanes(&timelines, columns);
        let lines = text.lines().filter(|line| line.starts_with("worker "));
        assert_eq!(lines.clone().count(), runs.iter().map(Vec::len).sum::<usize>());
        assert!(lines.into_iter().all(|line| line.chars().count() <= columns.max(30)), "{text}");
    }
}

#[test]
fn the_sentence_says_who_was_busy_who_was_last_and_what_was_waited_for() {
    let span = |activity, start_ms: u64, end_ms: u64| Span {
        activity,
        start_ns: start_ms * 1_000_000,
        end_ns: end_ms * 1_000_000,
        first_chunk: 0,
        chunks: 0,
        hits: 0,
    };
    let lane = |count: u64, lock: u64| Lane {
        spans: vec![
            span(Activity::Count, 0, count - 100),
            span(Activity::Add, count - 100, count),
            span(Activity::Lock, count, count + lock),
            span(Activity::Join, count + lock, 1_000),
        ],
        ..Lane::default()
    };
    let summary = |lanes| timeline::summary(&timeline(lanes));
    assert_eq!(
        summary(vec![lane(500, 500), lane(400, 200)]),
        "0.9 of 2 workers busy; last share 25 % longer; 35 % of the time waiting for the lock, 10 % \
         adding to the counter"
    );
    assert_eq!(
        summary(vec![lane(1_000, 0)]),
        "1.0 of 1 worker busy; 10 % of the time adding to the counter"
    );
    assert_eq!(summary(vec![]), "0.0 of 0 workers busy");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Trace {
    trace_events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(tag = "ph", deny_unknown_fields)]
enum Event {
    M {
        name: String,
        pid: u32,
        tid: u32,
        args: Name,
    },
    X {
        name: String,
        pid: u32,
        tid: u32,
        ts: f64,
        dur: f64,
        args: Option<Chunks>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chunks {
    #[expect(dead_code, reason = "it is here to be parsed")]
    first_chunk: u64,
    chunks: u64,
}

/// Reads trace events: the processes' names, the number of named threads, and the chunks of each pid.
/// Requires that everything has a name, and that no two spans of a thread overlap.
fn read_trace(text: &str) -> (Vec<String>, usize, BTreeMap<u32, u64>) {
    let trace: Trace = serde_json::from_str(text).unwrap();
    let (mut processes, mut threads) = (BTreeMap::new(), BTreeMap::new());
    let (mut ends, mut counted) = (BTreeMap::new(), BTreeMap::new());
    let nanoseconds = |microseconds: f64| (microseconds * 1e3).round() as u64;
    for event in trace.trace_events {
        match event {
            Event::M {
                name,
                pid,
                tid,
                args,
            } => {
                let before = match name.as_str() {
                    "process_name" => processes.insert(pid, args.name),
                    "thread_name" => threads.insert((pid, tid), args.name),
                    _ => panic!("{name}"),
                };
                assert_eq!(before, None);
            }
            Event::X {
                name,
                pid,
                tid,
                ts,
                dur,
                args,
            } => {
                assert!(
                    Activity::ALL.iter().any(|activity| activity.name() == name),
                    "{name}"
                );
                assert_eq!(name == "count", args.is_some());
                assert!(threads[&(pid, tid)].starts_with("worker "));
                let end = ends.insert((pid, tid), nanoseconds(ts) + nanoseconds(dur));
                assert!(end.is_none_or(|end| end <= nanoseconds(ts)));
                let chunks = args.map_or(0, |args| args.chunks);
                *counted.entry(pid).or_default() += chunks;
            }
        }
    }
    let processes: Vec<_> = processes.into_values().collect();
    (processes, threads.len(), counted)
}

#[test]
fn trace_events_are_what_is_documented() {
    let (_folder, path, file) = new_file("run.json");
    let run = ["-n", "2e6", "-s", "42", "-w", "2"];
    let with = json(&[&run[..], &["--timeline", &file]].concat());
    assert_eq!(with["hits"], json(&run)["hits"]);
    let (processes, _, counted) = read_trace(&fs::read_to_string(&path).unwrap());
    assert_eq!(processes, ["pi-mc, 2 workers"]);
    assert_eq!(counted.into_values().collect::<Vec<_>>(), [31]);

    let compare = [
        "compare", "-n", "2e6", "-s", "42", "-w", "1,2", "--runs", "1", "--format", "json",
    ];
    let strategies = ["--strategy", "all", "--timeline", &file];
    stdout(&[&compare[..], &strategies].concat());
    let (processes, threads, counted) = read_trace(&fs::read_to_string(&path).unwrap());
    assert_eq!(processes.len(), 1 + 9 * 2);
    assert_eq!(processes[..2], ["serial, 1 worker", "pool, 1 worker"]);
    assert_eq!(processes[10], "processes, 2 workers");
    // All workers are there, even one that started too late to count.
    assert_eq!(threads, 1 + 9 * 3);
    for (process, counted) in processes.iter().zip(counted.values()) {
        // Two workers start at the same dart: one has 16 chunks and the other 15.
        assert!([31, 32].contains(counted), "{process}: {counted}");
    }
}

#[test]
fn text_has_a_line_an_event_in_the_order_of_time() {
    let run = ["-n", "2e6", "-s", "42", "-w", "2", "-q"];
    let text = stdout(&[&run[..], &["--timeline", "-"]].concat());
    let lines: Vec<&str> = text.lines().collect();
    let [name, events @ .., summary, estimate] = &lines[..] else {
        panic!("{text}")
    };
    assert_eq!((*name, *estimate), ("pi-mc, 2 workers", "3.141418"));
    assert!(summary.contains(" of 2 workers busy"), "{summary}");
    let pattern = Regex::new(
        r"^ *(\d+\.\d{3}) ms  worker [01] \(thread \d+\) (starts|took chunk \d+|done with chunk \d+: [\d,]+ hits|is done: [\d,]+ hits in all)$",
    )
    .unwrap();
    let mut last = 0.0;
    for line in events {
        let time = pattern.captures(line).unwrap_or_else(|| panic!("{line}"));
        let time: f64 = time[1].parse().unwrap();
        assert!(last <= time, "{line}");
        last = time;
    }
    let said = |what| events.iter().filter(|line| line.contains(what)).count();
    assert_eq!((said(" took chunk "), said(" done with chunk ")), (31, 31));
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_writes_what_it_has() {
    let (_folder, path, file) = new_file("cut.json");
    let (_checkpoints, checkpoint, saved) = new_file("checkpoint.json");
    let args = ["-s", "42", "--checkpoint", &saved, "--timeline", &file];
    let run = start(&[&args[..], &["-n", "1e15", "--format", "json"]].concat());
    wait_for_darts(&checkpoint, 0);
    signal(&run, "INT");
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let sims = record["sims"].as_u64().unwrap();
    let (_, _, counted) = read_trace(&fs::read_to_string(&path).unwrap());
    assert_eq!(counted.into_values().collect::<Vec<_>>(), [sims / CHUNK]);
}

#[test]
fn bad_paths_and_forms_fail_before_the_run() {
    let (folder, _, file) = new_file("picture.svg");
    for command in [&["-n", "1e16"][..], &["compare", "-n", "1e16"]] {
        let refused = |path: &str| usage_error(&[command, &["--timeline", path]].concat());
        for path in ["x", "x.html", "svg", "/no/such/folder/x"] {
            assert_eq!(
                refused(path),
                format!(
                    "pi-mc: '--timeline {path}' has no known ending; name a file that ends in \
                     .json, .svg or .txt, or - for text on stdout"
                )
            );
        }
        let message = failure(&[command, &["--timeline", "/no/such/folder/x.svg"]].concat());
        assert!(message.contains("could not write '/no/such/folder/x.svg'"));
        let both = ["--timeline", &file, "--plot", &file];
        assert!(usage_error(&[command, &both].concat()).contains("same file"));
    }
    for other in ["--trace", "--checkpoint"] {
        assert!(usage_error(&[other, &file, "--timeline", &file]).contains("same file"));
    }
    assert!(usage_error(&["--method", "lazy", "--timeline", &file]).contains("'--timeline'"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    stdout(&["-n", "1e6", "-q", "--timeline", &file]);
    let svg = fs::read_to_string(&file).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_readable(&svg);

    // The small print is about the run that is drawn, not about the timed ones.
    let setup = ["compare", "pool", "-n", "1e5", "-s", "42", "-w", "1"];
    let short = ["--runs", "1", "--warmup", "0", "--timeline", &file];
    stdout(&[&setup[..], &short].concat());
    let svg = fs::read_to_string(&file).unwrap();
    assert!(
        svg.contains(">One run of each, 100,000 darts, seed 42<"),
        "{svg}"
    );
    let command = ">pi-mc compare pool -n 1e5 -s 42 -w 1 --runs 1 --timeline FILE<";
    assert!(svg.contains(command), "{svg}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Lost hits are reported in words, and by crosses on the additions; a right run has neither.
#[test]
fn what_was_lost_is_marked() {
    let right = busy(2, 1);
    let lost = Timeline {
        hits: right.counted() - 3,
        ..right.clone()
    };
    let right = Timeline {
        hits: right.counted(),
        ..right
    };
    let words = format!("lock, some workers: lost 3 of {} hits", right.counted());
    let [lost, right] = [lost, right].map(|one| {
        let svg = drawn(std::slice::from_ref(&one));
        let told = [
            svg.contains(&words),
            svg.contains("adds, and some of it is lost"),
            timeline::text(&[one]).contains(&words),
        ];
        let crosses = svg
            .lines()
            .filter(|line| line.contains("stroke-width=\"1.4\""));
        let crosses = crosses
            .map(|line| line.matches("m0-").count())
            .sum::<usize>();
        (told, crosses)
    });
    assert_eq!((lost.0, right), ([true; 3], ([false; 3], 0)));
    // Two in the legend, and more on each addition.
    assert!(lost.1 > 2 + 2 * 2, "{}", lost.1);
}

/// A worker takes a chunk before it waits for its input, and after it waited for the queue.
#[test]
fn text_says_when_a_chunk_was_taken_and_when_it_was_done() {
    let span = |activity, start_ms: u64, end_ms: u64, chunks| Span {
        activity,
        start_ns: start_ms * 1_000_000,
        end_ns: end_ms * 1_000_000,
        first_chunk: 7_000,
        chunks,
        hits: 1_234 * chunks,
    };
    let own = Lane {
        process: 1,
        thread: 4_711,
        spans: vec![
            span(Activity::Start, 0, 10, 0),
            span(Activity::Queue, 10, 20, 0),
            span(Activity::Io, 20, 50, 0),
            span(Activity::Count, 50, 60, 1),
            span(Activity::Count, 60, 90, 2),
            span(Activity::Add, 90, 91, 0),
            span(Activity::Lock, 91, 93, 0),
            span(Activity::Queue, 93, 94, 0),
            span(Activity::Count, 94, 95, 0),
            span(Activity::Join, 95, 1_000, 0),
        ],
        ..Lane::default()
    };
    let other = Lane {
        process: 9_056,
        thread: 9_056,
        spans: vec![
            span(Activity::Start, 0, 15, 0),
            span(Activity::Count, 15, 55, 1),
            span(Activity::Join, 55, 1_000, 0),
        ],
        ..Lane::default()
    };
    let text = timeline::text(&[timeline(vec![own, Lane::default(), other])]);
    // The text says that both counted the same chunk.
    let expected = "\
lock, some workers: all throw the same darts
     10.000 ms  worker 0 (thread 4711) starts
     10.000 ms  worker 0 (thread 4711) waits for the queue for 10.0 ms
     15.000 ms  worker 2 (process 9056) starts
     15.000 ms  worker 2 (process 9056) took chunk 7,000
     20.000 ms  worker 0 (thread 4711) took chunk 7,000 from the queue
     20.000 ms  worker 0 (thread 4711) waits for input for 30.0 ms
     55.000 ms  worker 2 (process 9056) done with chunk 7,000: 1,234 hits
     55.000 ms  worker 2 (process 9056) is done: 1,234 hits in all
     60.000 ms  worker 0 (thread 4711) done with chunk 7,000: 1,234 hits
     60.000 ms  worker 0 (thread 4711) took 2 chunks from 7,000 on
     90.000 ms  worker 0 (thread 4711) done with 2 chunks from 7,000 on: 2,468 hits
     90.000 ms  worker 0 (thread 4711) adds its hits for 1.00 ms
     91.000 ms  worker 0 (thread 4711) waits for the lock for 2.00 ms
     93.000 ms  worker 0 (thread 4711) waits for the queue for 1.00 ms
     94.000 ms  worker 0 (thread 4711) took the rest of a chunk from the queue
     95.000 ms  worker 0 (thread 4711) done with the rest of a chunk: 0 hits
     95.000 ms  worker 0 (thread 4711) is done: 3,702 hits in all
0.1 of 3 workers busy; last share 27 % longer; 1 % of the time waiting for input, 1 % starting
";
    assert_eq!(text, expected);
}
