//! The table of a comparison: never wider than a terminal, in the locale's characters, with a note on each
//! wrong row. Also `explain`. Times are given; no test reads a clock.

use std::num::NonZero;
use std::time::Duration;

use pi_mc::compare::row::{Row, Scaling, Setup, TimedRun};
use pi_mc::compare::sizes;
use pi_mc::compare::strategy::Strategy;
use pi_mc::compare::trial::Trial;
use pi_mc::engine::cores::Core;
use pi_mc::report::{TextStyle, comparison as table, csv};
use pi_mc::{Comparison, Machine, Plan};
use regex::Regex;

use crate::program::{NEVER, failure, stdout, usage_error};

const ASCII: TextStyle = TextStyle {
    colour: false,
    ascii: true,
    wide: false,
};

/// A comparison of every strategy on these workers. Serial takes `serial_s`, and each strategy in the list
/// `slower` times longer than the one before. Races lose a seventh of the hits in their second run.
fn comparison(sims: u64, workers: &[usize], serial_s: f64, slower: f64, runs: usize) -> Comparison {
    disturbed(sims, workers, serial_s, slower, runs, None)
}

/// The same on a machine that gave runs of several workers this many cores, if known, and serial one.
fn disturbed(
    sims: u64,
    workers: &[usize],
    serial_s: f64,
    slower: f64,
    runs: usize,
    cores: Option<f64>,
) -> Comparison {
    let plan = Plan::first(u64::MAX, sims).unwrap();
    let serial_hits = (sims as f64 * 0.785).ceil() as u64;
    let trial = |strategy: Strategy, workers: usize, place: i32| {
        let elapsed_s =
            |run: usize| serial_s * slower.powi(place) * (1.0 + 0.07 * ((run * 7) % 5) as f64);
        let cores = cores.map(|cores| if workers == 1 { 1.0 } else { cores });
        let timed = |run: usize| TimedRun {
            elapsed_s: elapsed_s(run),
            cpu_s: cores.map(|cores| cores * elapsed_s(run)),
            hits: match strategy {
                Strategy::Race if run == 1 && workers > 1 => serial_hits - serial_hits / 7,
                _ => serial_hits,
            },
            hand_overs: None,
        };
        Trial {
            strategy: strategy.into(),
            plan,
            workers: NonZero::new(workers).unwrap(),
            serial_hits,
            cores_wanted: cores.map(|_| workers as f64),
            runs: (0..runs).map(timed).collect(),
        }
    };
    let mut trials = vec![trial(Strategy::Serial, 1, 0)];
    for (strategy, place) in Strategy::ALL[1..].iter().zip(0..) {
        trials.extend(workers.iter().map(|w| trial(*strategy, *w, place)));
    }
    Comparison {
        setup: Setup {
            seed: u64::MAX,
            first: 0,
            scaling: Scaling::Weak,
            io_wait: Duration::from_micros(1_500),
            warmup: 10_000,
        },
        sims,
        machine: Machine {
            cpu: "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz, of a rather long name".to_owned(),
            cores: 4096,
            quota: None,
            kernel: "portable".to_owned(),
            os: "linux".to_owned(),
            version: "0.1.0".to_owned(),
            started: Some("2026-07-05T12:48:16Z".to_owned()),
            pinned: Vec::new(),
        },
        partial: false,
        rows: Row::judge_all(&trials, Scaling::Strong, 2),
    }
}

/// A pinning to this many cores, the last of them a sibling of the first.
fn pinned(cores: usize) -> Vec<Core> {
    let core = |cpu| Core {
        cpu,
        sibling_of: (cpu + 1 == cores).then_some(0),
        kind: None,
    };
    (0..cores).map(core).collect()
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
                    let quiet = comparison(sims, workers, serial_s, slower, runs);
                    let mut busy = disturbed(sims, workers, serial_s, slower, runs, Some(0.3));
                    busy.machine.pinned = pinned(40);
                    busy.machine.quota = [None, Some(0.125)][runs % 2];
                    let looks = [TextStyle::default(), ASCII];
                    for (comparison, look) in [quiet, busy].iter().zip(looks) {
                        let text = table::text(comparison, look);
                        let widest = widest(&text);
                        assert!(widest.chars().count() <= 80, "{sims}: {widest}\n{text}");
                        assert!(!look.ascii || text.is_ascii(), "{text}");
                        assert!(!text.contains(" \n"), "{text}");
                        assert!(!text.contains("\n  %"), "{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_wide_table_and_markdown_have_every_column() {
    let comparison = comparison(10_000_000, &[1, 2], 0.3, 1.2, 7);
    let wide = TextStyle {
        wide: true,
        ..TextStyle::default()
    };
    let texts = [table::text(&comparison, wide), table::markdown(&comparison)];
    // Two spaces or more, or a bar, are between two columns.
    let between = Regex::new(r" {2,}| \| ").unwrap();
    for text in texts {
        let mut lines = text.lines().map(|line| line.trim_matches(['|', ' ']));
        let header = lines.find(|line| line.starts_with("strategy ")).unwrap();
        assert_eq!(
            between.split(header).collect::<Vec<_>>(),
            [
                "strategy",
                "workers",
                "time",
                "minimum",
                "processor time",
                "cores",
                "speed-up",
                "efficiency",
                "serial fraction",
                "darts/s",
                "hits",
                "π",
                "verdict",
            ],
            "{text}"
        );
        assert!(text.contains("wrong: the race lost"), "{text}");
    }
}

/// A quota of processor time is named in place of other programs, which are not to blame.
#[test]
fn a_quota_is_named_where_it_explains_the_missing_cores() {
    let named = |quota, runs| {
        let mut busy = disturbed(10_000_000, &[1, 2], 0.3, 0.9, runs, Some(0.5));
        busy.machine.quota = quota;
        let mut all = table::text(&busy, TextStyle::default());
        all += &table::curve(&[busy.clone(), busy], TextStyle::default());
        all.replace("\n  ", " ")
    };
    let why = "since this process has a quota of 0.5 cores of processor time, and waits when that is used up.";
    let told = named(Some(0.5), 7);
    assert!(told.contains(why), "{told}");
    assert!(
        told.contains("cores with a quota of 0.5 cores, kernel "),
        "{told}"
    );
    assert!(!told.contains("lose other programs"), "{told}");
    // One that is larger explains nothing.
    let told = named(Some(2.0), 7);
    assert!(
        told.contains("Close other programs") && !told.contains(why),
        "{told}"
    );
    assert!(!named(None, 7).contains("quota"));
}

/// One note names the row that fared worst and the remedy. Wrong answers stay wrong.
#[test]
fn a_busy_machine_is_told_once() {
    let busy = disturbed(10_000_000, &[1, 2], 0.3, 0.9, 7, Some(1.3));
    let text = table::text(&busy, TextStyle::default());
    let told = text.replace("\n  ", " ");
    for note in [
        " from serial: the machine was busy. At the worst, ",
        " (2) got 1.3 of 2 cores. Close other programs; if they come and go, more --runs would help.",
    ] {
        assert_eq!(told.matches(note).count(), 1, "{text}");
    }
    assert_eq!(told.matches("was busy").count(), 1, "{text}");
    let row = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap();
    assert!(
        row("pool             2").ends_with("  cannot tell: busy"),
        "{text}"
    );
    assert!(
        row("race             2").ends_with("  ✗ lost 14 % of the hits"),
        "{text}"
    );
    assert!(!row("threads          1").contains("busy"), "{text}");
    let verdict = "cannot tell: the machine was busy (1.3 of 2 cores)";
    let wide = TextStyle {
        wide: true,
        ..TextStyle::default()
    };
    let csv = csv::comparisons(std::slice::from_ref(&busy));
    let [markdown, html] = [table::markdown, table::html].map(|table| table(&busy));
    for table in [table::text(&busy, wide), markdown, html, csv] {
        assert!(table.contains(verdict), "{table}");
    }
    // Sizes measured on a busy machine do not decide where a strategy breaks even.
    let quiet = disturbed(1_000_000, &[2], 0.1, 0.9, 7, Some(2.0));
    let busy = disturbed(10_000_000, &[2], 1.0, 0.9, 7, Some(1.3));
    let text = table::curve(&[quiet, busy], TextStyle::default());
    let told = text.replace("\n  ", " ");
    let note = "\nSome speed-ups are uncertain: the machine was busy. At the worst, ";
    assert_eq!(told.matches(note).count(), 1, "{text}");
    let row = text
        .lines()
        .find(|line| line.starts_with("threads "))
        .unwrap();
    assert!(row.ends_with("1.1×  1.1×?"), "{text}");
    assert!(!table::text(&quiet_pair(), TextStyle::default()).contains("busy"));
}

/// A comparison in which every row got its cores.
fn quiet_pair() -> Comparison {
    disturbed(10_000_000, &[2], 0.3, 0.9, 3, Some(2.0))
}

#[test]
fn the_text_says_where_workers_are_pinned() {
    let mut comparison = comparison(10_000_000, &[2], 0.3, 0.9, 3);
    assert!(!table::text(&comparison, TextStyle::default()).contains("inned"));
    comparison.machine.pinned = pinned(2);
    let line = "\nWorkers pinned to core 0, core 1 (sibling of core 0)\n";
    let texts = [
        table::text(&comparison, TextStyle::default()),
        table::curve(&[comparison.clone(), comparison.clone()], ASCII),
        table::markdown(&comparison),
    ];
    for text in texts {
        assert!(text.contains(line.trim()), "{text}");
    }
}

/// Each row that needs a note has one, and the correction is named once.
#[test]
fn wrong_rows_tell_their_story() {
    let text = table::text(
        &comparison(10_000_000, &[2], 0.3, 1.1, 3),
        TextStyle::default(),
    );
    let told = text.replace("\n  ", " ");
    for words in [
        "✗ lost 14 % of the hits",
        "race on 2 workers: 1 of 3 runs lost hits, in order none, 14 %, none; median none, worst 14 %.",
        "The row shows run 2, the worst: 666 ms, 6,728,572 of 7,850,000 hits.",
        "pi-mc explain race",
        "✗ half the darts repeated",
        "  the same",
        "π claims ± 0.00052, but the honest error is 0.00073",
        "pi-mc explain same-seed",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(text.matches("Holm").count(), 1, "{text}");
    // The workers' darts line up.
    let darts: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("  worker "))
        .collect();
    assert_eq!(darts.len(), 2);
    assert_eq!(darts[0][11..], darts[1][11..darts[0].len()]);
    // The row shows time and hits of the same run.
    let row = text.lines().find(|line| line.starts_with("race ")).unwrap();
    assert!(
        row.contains("  666 ms  ") && row.contains("  2.69143  "),
        "{row}"
    );

    let few = table::text(&comparison(65_536, &[4], 0.3, 1.1, 3), TextStyle::default());
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
        table::text(&comparison, TextStyle::default()).replace("\n  ", " ")
    };
    let short = told(0.003);
    assert!(
        short.contains("Try -n 5e8, which takes about 0.2 s"),
        "{short}"
    );
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
        assert_eq!(sizes::darts(rate), darts, "{rate}");
    }
}

/// Without -n, 1, 2 or 5 times a power of ten.
#[test]
fn a_chosen_number_of_darts_is_round() {
    let args = ["compare", "-w", "1", "--runs", "1", "--warmup", "0"];
    let text = stdout(&[&args[..], &["-s", "42"]].concat());
    let (darts, _) = text.split_once(" darts of seed 42\n").unwrap();
    let digits = darts.replace(',', "");
    assert!(
        ["1", "2", "5"].contains(&digits.trim_end_matches('0')),
        "{text}"
    );
    usage_error(&["compare", "-n", "0"]);
}

/// Several sizes: as many columns as fit, and a sentence on each strategy.
#[test]
fn several_sizes_are_one_table() {
    // Serial takes 1 ns per dart; a strategy half of that, plus 5 ms times its place in the list.
    let of = |sims: u64| {
        let serial_s = sims as f64 * 1e-9;
        let mut one = comparison(sims, &[2], serial_s, 1.0, 7);
        let plan = Plan::first(1, sims).unwrap();
        let serial_hits = one.rows[0].serial_hits;
        let trial = |strategy: Strategy, workers: usize, elapsed_s, hits| Trial {
            strategy: strategy.into(),
            plan,
            workers: NonZero::new(workers).unwrap(),
            serial_hits,
            cores_wanted: None,
            runs: vec![
                TimedRun {
                    elapsed_s,
                    cpu_s: None,
                    hits,
                    hand_overs: None,
                };
                3
            ],
        };
        // As fast as serial, apart from noise.
        let mut noisy = trial(Strategy::Queue, 2, serial_s * 0.9, serial_hits);
        noisy.runs[1].elapsed_s = serial_s * 1.3;
        let lost = if sims < 1_000_000 { 0 } else { 5 };
        let trials = [
            trial(Strategy::Serial, 1, serial_s, serial_hits),
            trial(Strategy::Pool, 2, serial_s / 2.0, serial_hits),
            trial(Strategy::Processes, 2, 0.005 + serial_s / 2.0, serial_hits),
            trial(Strategy::Lock, 2, 0.01 + serial_s * 1.5, serial_hits),
            trial(Strategy::Atomic, 2, 0.01 + serial_s * 1.5, serial_hits),
            noisy,
            trial(Strategy::Race, 2, serial_s, serial_hits - lost),
        ];
        one.rows = Row::judge_all(&trials, Scaling::Strong, 2);
        one
    };
    let sizes = (4..=9).flat_map(|power| [1, 2, 5].map(|n| n * 10u64.pow(power)));
    let comparisons: Vec<_> = sizes.map(of).collect();
    for look in [TextStyle::default(), ASCII] {
        let text = table::curve(&comparisons, look);
        assert!(widest(&text).chars().count() <= 80, "{text}");
        assert!(!look.ascii || text.is_ascii(), "{text}");
    }
    let text = table::curve(&comparisons, TextStyle::default());
    for sentence in [
        "\npool (2): at least as fast as serial from 1e4 darts on\n",
        "\nprocesses (2): break-even with serial near 1e7 darts\n",
        "\nlock (2), atomic (2): slower than serial up to 5e9 darts\n",
        "\nqueue (2): cannot be told from serial at 5e9 darts\n",
        "\nrace (2): wrong at 12 of 18 sizes. Why: pi-mc explain race.\n",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    // A speed-up hidden by noise gets a question mark, which a note explains.
    assert!(text.contains("×?\n"), "{text}");
    for line in text
        .lines()
        .filter(|line| line.ends_with('×') || line.ends_with("×?"))
    {
        assert_eq!(line.ends_with('?'), line.starts_with("queue"), "{line}");
    }
    assert_eq!(text.matches("?: cannot be told from serial\n").count(), 1);
    // Every size appears once.
    let header = text.lines().filter(|line| line.starts_with("strategy"));
    let shown: Vec<&str> = header
        .flat_map(|line| line.split_whitespace().skip(2))
        .collect();
    assert_eq!(shown.len(), comparisons.len(), "{shown:?}");
    assert_eq!((shown[0], shown[17]), ("1e4", "5e9"));
}

/// Each size is a line of JSON and some rows of one CSV, the smallest first.
#[test]
fn several_sizes_are_several_lines_for_programs() {
    let sizes = [
        "compare", "-n", "1e5,2e4", "-w", "2", "--runs", "2", "-s", "1",
    ];
    let json = stdout(&[&sizes[..], &["--format", "json"]].concat());
    let sims: Vec<_> = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["sims"].as_u64())
        .collect();
    assert_eq!(sims, [Some(20_000), Some(100_000)]);
    let csv = stdout(&[&sizes[..], &["--format", "csv"]].concat());
    assert_eq!(csv.lines().count(), 1 + 2 * 2);
    assert_eq!(csv.matches("strategy,").count(), 1);
    assert!(stdout(&sizes).contains("\npool (2): "));
    // A size that cannot be counted is refused before any run.
    let weak = [
        "compare",
        "-n",
        &format!("{NEVER},1e19"),
        "--scaling",
        "weak",
        "-w",
        "4",
    ];
    assert!(failure(&weak).contains("10000000000000000000"));
    let many: Vec<String> = (1..=101).map(|sims| sims.to_string()).collect();
    let many = many.join(",");
    for (list, message) in [
        ("1e4,", "or several, as 1e4,1e6"),
        ("1,000", "as 1e4,1e6; type 'pi-mc compare -n 1_000'"),
        ("1e4,10000", "'10000' is given twice; name each once"),
        ("-1", "10M or 2^32; or several, as 1e4,1e6"),
        (&many, "expected at most 100 numbers of darts"),
    ] {
        let said = usage_error(&["compare", &format!("-n={list}")]);
        assert!(said.ends_with(message), "{list}: {said}");
    }
}

/// The first variable that is set names the locale; without UTF-8 the text is ASCII. Windows names locales
/// in other ways, and its terminals show UTF-8.
#[cfg(unix)]
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
        (&[], false),
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
        let mut program = crate::program::command(&args);
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

/// Right answers are green and wrong ones red, but only if the terminal wants colour.
#[test]
fn answers_are_green_or_red() {
    let comparison = comparison(10_000_000, &[2], 0.3, 1.1, 3);
    let coloured = table::text(
        &comparison,
        TextStyle {
            colour: true,
            ..TextStyle::default()
        },
    );
    assert!(coloured.contains("\x1b[32m✓ "), "{coloured:?}");
    assert!(coloured.contains("\x1b[31m✗ lost"), "{coloured:?}");
    assert!(!table::text(&comparison, TextStyle::default()).contains('\x1b'));
}

/// The text fits one screen, and its code is in the source, line for line.
#[test]
fn explain_shows_the_source_of_every_strategy() {
    let list = stdout(&["explain"]);
    for &strategy in Strategy::ALL {
        assert!(
            list.contains(&format!("\n  {:<9}  ", strategy.name())),
            "{list}"
        );
        let screen = stdout(&["explain", strategy.name()]);
        assert!(widest(&screen).chars().count() <= 80, "{}", widest(&screen));
        assert!(screen.lines().count() <= 24, "{screen}");
        assert!(screen.is_ascii() && screen.contains("worker") | screen.contains("main"));
        let file = format!(
            "src/compare/strategy/{}.rs",
            strategy.name().replace('-', "_")
        );
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(root.join(&file)).unwrap();
        let source: Vec<_> = source.lines().map(str::trim).collect();
        let (_, shown) = screen.split_once(&format!("from {file}:\n")).unwrap();
        let (code, rest) = shown.split_once("\nSee: ").unwrap();
        for excerpt in code.split("\n\n") {
            let lines: Vec<_> = excerpt.lines().map(str::trim).collect();
            assert!(lines.len() >= 3, "{excerpt}");
            let mut places = source.windows(lines.len());
            assert!(places.any(|place| place == lines), "{strategy}: {excerpt}");
        }
        for word in ["\nInstead: ", "\nTry: pi-mc compare --strategy "] {
            assert!(rest.contains(word), "{rest}");
        }
    }
    let race = stdout(&["explain", "race"]);
    let drawn: Vec<_> = race
        .match_indices("load 7")
        .chain(race.match_indices("store 8"))
        .collect();
    assert_eq!(
        drawn.len(),
        4,
        "two workers load, load, store, store: {race}"
    );
    assert!(usage_error(&["explain", "fast"]).contains("serial, pool, threads"));
    assert!(usage_error(&["explain", "rase"]).contains("race"));
}

/// Runs in a terminal made by the util-linux command `script`.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_unless_it_is_refused() {
    let line = format!(
        "{} compare -n 1e5 -s 1 -w 1 --runs 2",
        crate::program::PROGRAM
    );
    for (variables, coloured) in [
        (&[("TERM", "xterm")][..], true),
        (&[("TERM", "xterm"), ("NO_COLOR", "")], true),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "xterm"), ("CLICOLOR", "0")], false),
        (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true),
    ] {
        let mut script = std::process::Command::new("script");
        script
            .args(["-qec", &line, "/dev/null"])
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR")
            .env_remove("CLICOLOR_FORCE")
            // anstream takes the log of a CI service for a terminal with colour.
            .env_remove("CI");
        script
            .stdin(std::process::Stdio::null())
            .envs(variables.iter().copied());
        let Ok(output) = script.output() else {
            return crate::program::not_tested("colour in a terminal: there is no command script");
        };
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("baseline"), "{text:?}");
        // The header is dim. (Progress moves the cursor, but has no colour.)
        assert_eq!(
            text.contains("\x1b[2m"),
            coloured,
            "{variables:?}: {text:?}"
        );
    }
}

/// A notebook's rows have the columns of CSV, and no value within a value.
#[test]
fn rows_as_json_have_the_columns_of_csv() {
    let comparison = [comparison(1_000_000, &[1, 2], 1.0, 0.9, 3)];
    let csv = csv::comparisons(&comparison);
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let rows = csv::comparisons_json(&comparison);
    let rows: Vec<serde_json::Map<_, _>> = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows.len(), csv.lines().count() - 1);
    for row in rows {
        assert_eq!(row.keys().collect::<Vec<_>>(), header);
        assert!(
            row.values()
                .all(|value| !value.is_object() && !value.is_array())
        );
        assert_eq!(row["runs"], 3);
    }
}
