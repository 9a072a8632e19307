//! `pi-mc learn`: every lesson straight through and with votes, on a pipe, on a terminal and in a notebook. The lessons
//! show measurements; nothing here depends on how fast the machine is.

use std::collections::BTreeSet;
use std::f64::consts::PI;
use std::fs;
use std::sync::OnceLock;

use pi_mc::{Estimate, Tally};
use regex::Regex;
use serde_json::Value;

use crate::program::{command, hits, new_file, one_line, run, stdout, usage_error};

const NAMES: [&str; 10] = [
    "threads",
    "race",
    "lock",
    "pool",
    "waiting",
    "processes",
    "queue",
    "cost",
    "random",
    "pi",
];

/// All lessons, straight through, as printed once; and their answers.
fn all() -> &'static (String, Vec<Value>) {
    static ALL: OnceLock<(String, Vec<Value>)> = OnceLock::new();
    ALL.get_or_init(|| {
        let (_folder, path, file) = new_file("answers.jsonl");
        let text = stdout(&["learn", "--all", "--answers", &file]);
        let answers = fs::read_to_string(path).unwrap();
        let answers = answers
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        (text, answers.collect())
    })
}

/// The pages of a lesson, each from its heading on.
fn pages(name: &str) -> Vec<String> {
    let (text, _) = all();
    let text = format!("\n{text}");
    let pages = text.split("\n-- ").skip(1);
    let pages = pages.map(|page| format!("-- {page}"));
    let number = NAMES.iter().position(|one| *one == name).unwrap() + 1;
    let heading = format!("-- {number} {name} (");
    pages.filter(|page| page.starts_with(&heading)).collect()
}

/// The answer of a lesson.
fn measured(name: &str) -> &'static Value {
    let (_, answers) = all();
    let answer = answers
        .iter()
        .find(|answer| answer["lesson"] == name)
        .unwrap();
    &answer["measured"]
}

/// A number with its thousands separated.
fn number(text: &str) -> u64 {
    text.replace(',', "").parse().unwrap()
}

#[test]
fn every_page_fits_a_terminal_and_every_text_is_filled_in() {
    for name in NAMES {
        let pages = pages(name);
        assert!((2..=3).contains(&pages.len()), "{name}: {}", pages.len());
        for page in &pages {
            assert!(page.trim_end().lines().count() <= 24, "{page}");
            for line in page.lines() {
                assert!(line.chars().count() <= 80, "{line}");
                assert!(!line.contains(['{', '}', '|']), "{line}");
                assert_eq!(line.trim_end(), line);
            }
        }
        let (first, last) = (&pages[0], &pages[pages.len() - 1]);
        // The vote is judged before the run.
        for text in ["\n  a) ", "\n  c) ", "\nThe answer is "] {
            assert!(first.contains(text), "{first}");
        }
        for text in ["\nTake home: ", "Next: pi-mc "] {
            assert!(last.contains(text), "{last}");
        }
    }
}

#[test]
fn the_list_is_ten_lines_and_nothing_else() {
    let list = stdout(&["learn", "--list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), NAMES.len());
    for ((line, name), number) in lines.iter().zip(NAMES).zip(1..) {
        assert!(
            line.starts_with(&format!("{number:>2}  {name:<9}  ")),
            "{line}"
        );
        assert!(line.ends_with('?') && line.len() <= 80, "{line}");
    }
}

/// In the head of a lesson: "cells 9 to 14".
#[test]
fn every_cell_of_the_notebook_is_in_one_lesson() {
    let mut cells = Vec::new();
    let pattern = Regex::new(r"\(cells? (\d+)(?:( to | and )(\d+))?").unwrap();
    for name in NAMES {
        let pages = pages(name);
        let heading = pages[0].lines().next().unwrap();
        let found = pattern.captures(heading).unwrap();
        let first: u64 = found[1].parse().unwrap();
        let last = found
            .get(3)
            .map_or(first, |last| last.as_str().parse().unwrap());
        cells.extend(first..=last);
    }
    assert_eq!(cells, (1..=24).collect::<Vec<_>>());
}

#[test]
fn hits_are_those_of_the_library() {
    let whole = |name: &str| pages(name).join("\n").replace('\n', " ");
    let counts = |name: &str, pattern: &str| {
        let text = whole(name);
        let found = Regex::new(pattern).unwrap();
        let found = found
            .captures_iter(&text)
            .map(|found| (number(&found[1]), number(&found[2])));
        let found: Vec<(u64, u64)> = found.collect();
        assert!(!found.is_empty(), "{text}");
        found
    };
    let of = |sims| hits(42, sims);
    for (name, pattern) in [
        ("threads", r"([\d,]+) darts of seed 42: ([\d,]+) hits"),
        (
            "pi",
            r"([\d,]+) darts of seed 42: ([\d,]+) hits on 1 worker",
        ),
        (
            "processes",
            r"throw ([\d,]+) darts together.*?a\) ([\d,]+), all hits",
        ),
    ] {
        for (sims, hits) in counts(name, pattern) {
            assert_eq!(hits, of(sims), "{name}");
        }
    }
    // Ten iterations under the lock.
    let lock = whole("lock");
    let sims = Regex::new(r"([\d,]+) darts of seed 42").unwrap();
    let expected = of(number(&sims.captures(&lock).unwrap()[1]));
    let x = Regex::new(r"x = ([\d,]+)").unwrap();
    let x: Vec<u64> = x
        .captures_iter(&lock)
        .map(|found| number(&found[1]))
        .collect();
    assert_eq!(x, [expected; 10]);
    // The pool and the shares count the same tasks, and numbered darts are the same for any workers.
    let tasks = of(20 * 65_536).to_string();
    let pool = whole("pool").replace(',', "");
    assert_eq!(pool.matches(&tasks).count(), 2, "{pool}");
    assert_eq!(
        measured("random")["hits"],
        serde_json::json!(vec![of(4_000_000); 4])
    );
    // A process adds to an x of its own.
    let each = measured("processes")["x_of_each"].as_array().unwrap();
    let sum: u64 = each.iter().map(|x| x.as_u64().unwrap()).sum();
    assert_eq!(
        (sum, measured("processes")["x_of_parent"].as_u64()),
        (of(64 * 65_536), Some(0))
    );
}

/// Golden: 10 of the seeds 1 to 200 miss π with a million darts each, on every machine.
#[test]
fn ten_of_two_hundred_intervals_miss() {
    let missing: Vec<u64> = (1..=200)
        .filter(|seed| {
            let (sims, hits) = (1_000_000, hits(*seed, 1_000_000));
            !Estimate::of(Tally { sims, hits }).ci95.holds(PI)
        })
        .collect();
    assert_eq!(missing, GOLDEN);
}

#[test]
fn the_last_lesson_names_the_seeds_whose_intervals_miss() {
    assert_eq!(measured("pi")["seeds_that_miss"], serde_json::json!(GOLDEN));
    let text = pages("pi").join("").replace('\n', " ");
    assert!(
        text.contains("10 of 200 intervals miss π (seeds 3, 22, 80, ...)"),
        "{text}"
    );
}

const GOLDEN: [u64; 10] = [3, 22, 80, 82, 116, 119, 122, 127, 171, 191];

#[test]
fn what_is_forced_or_waited_for_shows_on_any_machine() {
    let queue = pages("queue").join("");
    for line in ["  1: worker ", ": empty? no", "got 19", "waits for ever"] {
        assert!(queue.contains(line), "{queue}");
    }
    let received = Regex::new(r"process \d+ received (\d+)").unwrap();
    let received: BTreeSet<&str> = received
        .captures_iter(&queue)
        .map(|found| found.extract::<1>().1[0])
        .collect();
    assert_eq!(received.len(), 20, "{queue}");
    let took = Regex::new(r"worker \d took task (\d+)").unwrap();
    let pool = pages("pool").join("");
    let took: BTreeSet<&str> = took
        .captures_iter(&pool)
        .map(|found| found.extract::<1>().1[0])
        .collect();
    assert_eq!(took.len(), 20, "{pool}");
    let alive = Regex::new(r"alive +ended ").unwrap();
    let processes = pages("processes").join("");
    assert!(alive.find_iter(&processes).count() >= 4, "{processes}");
    let random = pages("random").join("").replace('\n', " ");
    assert!(
        random.contains("claims ± 0.0008 for 4,000,000 darts. The honest error is 0.0016."),
        "{random}"
    );
    // Every iteration of the race, and both switches, are there; what they lost is up to the machine.
    let race = pages("race").join("");
    assert_eq!(race.matches("\niteration ").count(), 10, "{race}");
    let switches = &measured("race")["gil"]["switches"];
    assert_eq!(
        switches[1]["x"],
        measured("race")["gil"]["adds"],
        "after the store nothing is lost"
    );
}

/// Two runs differ in numbers alone: the questions and the ends are the same, byte for byte.
#[test]
fn straight_through_is_the_same_every_time() {
    let text = stdout(&["learn", "race"]);
    let numbers = Regex::new(r"[\d,.]+").unwrap();
    let masked = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        numbers.replace_all(&words.join(" "), "N").into_owned()
    };
    let question = |text: &str| masked(text.split("-- 2 race (cell 2): page 2").next().unwrap());
    let end = |text: &str| text.split("\nTake home:").last().unwrap().trim().to_owned();
    let pages = pages("race").concat();
    assert_eq!(question(&text), question(&pages));
    assert_eq!(end(&text), end(&pages));
    // So does a run with the option, and one without a lesson, which begins with the first.
    let first = stdout(&["learn", "--no-questions"]);
    assert!(first.starts_with(&stdout(&["learn", "--list"])), "{first}");
    assert!(first.contains("-- 1 threads (cell 1): page 1\n"), "{first}");
}

#[test]
fn ascii_where_the_locale_asks_for_it() {
    let output = command(&["learn", "random"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("claims +/- 0.0008"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
}

#[test]
fn bad_input_is_answered() {
    let message = usage_error(&["learn", "rase"]);
    assert!(
        message.ends_with("a similar value exists: 'race'"),
        "{message}"
    );
    let message = usage_error(&["lern"]);
    assert!(
        message.ends_with("a similar subcommand exists: 'learn'"),
        "{message}"
    );
    for args in [
        &["learn", "race", "--all"][..],
        &["learn", "race", "--as", "Ada"],
        &["learn", "--list", "race"],
        &["learn", "race", "--tally", "x"],
    ] {
        usage_error(args);
    }
    // Found out before the first lesson.
    for path in ["/no/such/folder/x", "/"] {
        let output = run(&["learn", "race", "--answers", path]);
        assert_eq!((output.status.code(), output.stdout), (Some(1), Vec::new()));
        let message = one_line(output.stderr);
        assert!(
            message.contains(&format!("could not write '{path}'")),
            "{message}"
        );
    }
}

const ANSWER: &str =
    r#"{"lesson":"race","vote":"a","second":"c","measured":{},"cores":2,"version":"0.1.0"}"#;

#[test]
fn a_tally_has_a_bar_for_each_option_and_names_a_broken_line() {
    let (_folder, path, file) = new_file("votes.jsonl");
    let lock = ANSWER.replace("race", "lock").replace("\"c\"", "null");
    let skipped = lock.replace("\"a\"", "null");
    fs::write(&path, format!("{ANSWER}\n\n{ANSWER}\n{lock}\n{skipped}\n")).unwrap();
    let text = stdout(&["learn", "--tally", &file, &file]);
    let lines: Vec<&str> = text.lines().collect();
    let expected = "\
2. Two threads add to one number: what does it say, ten times? (4 answers, 0
without a vote)
  a  ############################## 4   then 0
  b   0                                 then 0
  c   0                                 then 4  (right)
  d   0                                 then 0

3. A lock makes the sum right: what does it cost? (4 answers, 2 without a vote)
  a  ############### 2
  b   0
  c   0  (right)
";
    assert_eq!(text, expected, "{lines:?}");

    for (broken, what) in [
        (
            "{}",
            "line 2, is not an answer of pi-mc learn: missing field `lesson`",
        ),
        ("nonsense", "line 2, is not an answer"),
        (&ANSWER.replace("race", "rase"), "line 2, is not an answer"),
        (
            &ANSWER.replace("\"a\"", "\"e\""),
            "line 2, is not an answer of pi-mc learn: lesson race has no option 'e'",
        ),
    ] {
        fs::write(&path, format!("{ANSWER}\n{broken}\n")).unwrap();
        let output = run(&["learn", "--tally", &file]);
        assert_eq!(output.status.code(), Some(1));
        let message = one_line(output.stderr);
        assert!(message.contains(what), "{message}");
    }
    fs::write(&path, "").unwrap();
    assert_eq!(
        stdout(&["learn", "--tally", &file]),
        "There is no answer in these files.\n"
    );
}

/// A name only if it was given; one line for each lesson, after what is there already.
#[test]
fn answers_are_appended() {
    let (_, answers) = all();
    assert_eq!(answers.len(), NAMES.len());
    for (answer, name) in answers.iter().zip(NAMES) {
        assert_eq!(answer["lesson"], name);
        assert_eq!(
            (&answer["vote"], &answer["second"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
        assert!(answer["cores"].as_u64() > Some(0));
        assert!(answer.get("name").is_none());
        assert!(answer["measured"].is_object());
    }
    let (_folder, path, file) = new_file("answers.jsonl");
    // Its last line has no end.
    fs::write(&path, ANSWER).unwrap();
    stdout(&["learn", "queue", "--answers", &file, "--as", "Ada"]);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, ANSWER));
    let answer: Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(
        (&answer["name"], &answer["lesson"]),
        (&"Ada".into(), &"queue".into())
    );
    stdout(&["learn", "--tally", &file]);
}

#[cfg(target_os = "linux")]
mod on_a_terminal {
    use std::process::Command;

    use super::*;
    use crate::program::{PROGRAM, not_tested};

    /// The screen after a command, in which `learn` is the program's, while a shell script typed `keys`; `None` on a
    /// machine without script(1).
    fn typed(command: &str, keys: &str) -> Option<String> {
        let command = command.replace("learn", &format!("{PROGRAM} learn"));
        let script =
            format!("({keys}) | script -qec 'trap : INT; {command}; echo code $?' /dev/null");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).env("LC_ALL", "C.UTF-8");
        shell.env("TERM", "xterm").env("SHELL", "/bin/sh");
        if Command::new("script").arg("--version").output().is_err() {
            not_tested("lessons on a terminal, since script does not start");
            return None;
        }
        let output = shell.output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        Some(shown.replace('\r', ""))
    }

    #[test]
    fn a_vote_is_judged_by_the_principle() {
        for (lines, says, does_not) in [
            ("c\\n\\n", "c is right.", "is not right"),
            ("A\\n\\n", "a is not right.", "b would be right"),
            ("\\n\\n", "The answer is c.", "is right."),
            (
                "x\\nb\\n\\n",
                "x is not an option: a, b, c, or Enter alone:",
                "a would be right",
            ),
            ("x\\ny\\n\\n", "The answer is c.", "is right."),
            (
                "p\\nc\\n\\n",
                "from examples/python/07_queue.py",
                "is not right",
            ),
        ] {
            let Some(text) = typed("learn queue", &format!("printf '{lines}'")) else {
                return;
            };
            assert!(text.contains(says), "{lines}: {text}");
            assert!(!text.contains(does_not), "{lines}: {text}");
            assert!(
                text.contains("Take home: Two safe calls"),
                "{lines}: {text}"
            );
            assert!(text.contains("Enter for the next page:"), "{lines}: {text}");
            assert!(!text.contains('\x1b'), "{lines}: {text}");
            let verdict = text.find(says).unwrap();
            assert!(Some(verdict) < text.find(": page 2"), "{lines}: {text}");
        }
    }

    /// A second vote comes after the run, and the answer after the second vote.
    #[test]
    fn a_vote_that_is_kept_is_judged_after_the_second_one() {
        let (_folder, path, file) = new_file("answers.jsonl");
        let command = format!("learn queue --answers {file}");
        let Some(text) = typed(&command, "printf 'a\\n\\nc\\n'") else {
            return;
        };
        let places = [": page 2", "And now?", "c is right.", "Take home: "];
        let places = places.map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}")));
        assert!(places.is_sorted(), "{text}");
        assert!(!text.contains("is not right"), "{text}");
        let answer: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let votes = (&answer["vote"], &answer["second"]);
        assert_eq!(votes, (&"a".into(), &"c".into()));
    }

    /// In Jupyter all streams are terminals, and nobody can type.
    #[test]
    fn nobody_is_asked_in_a_notebook() {
        for (variable, option) in [("JPY_PARENT_PID=1", ""), ("X=1", "--no-questions")] {
            let (_folder, _, file) = new_file("done");
            // The input stays open and empty: a question would wait.
            let command = format!("{variable} learn queue {option}; echo done > {file}");
            let keys = format!("until [ -s {file} ]; do sleep 0.1; done");
            let Some(text) = typed(&command, &keys) else {
                return;
            };
            assert!(
                text.contains("Take home: ") && text.contains("code 0"),
                "{text}"
            );
            assert!(!text.contains("Enter"), "{text}");
        }
    }

    #[test]
    fn ctrl_c_leaves_at_once_and_leaves_the_answers_so_far() {
        let (_folder, path, file) = new_file("answers.jsonl");
        // The first lesson is skipped; at the question of the second, Ctrl-C.
        let keys = format!(
            "printf '\\n\\n\\n\\n'; until grep -q threads {file}; do sleep 0.1; done; sleep 1; printf '\\003'"
        );
        let Some(text) = typed(&format!("learn --all --answers {file}"), &keys) else {
            return;
        };
        assert!(text.contains("code 130"), "{text}");
        let answers = fs::read_to_string(path).unwrap();
        assert_eq!(answers.lines().count(), 1, "{answers}");
        assert!(answers.ends_with('\n'));
    }
}
