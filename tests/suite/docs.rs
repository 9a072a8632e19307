//! Runs every command in a `console` block of README.md and docs/, and compares its output with the page.
//! Times, rates and the CPU's kernel may differ. Blocks that begin with `console measured` show times and take long:
//! they are run with fewer darts, and compared without numbers, verdicts and notes on a busy machine.
//!
//! A backslash at the end of a line continues it on the next. The commands of a page share a folder, so one
//! can read the files of an earlier one. docs/record.py runs the same commands and writes their outputs into the
//! pages.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use pi_mc::compare::strategy::Strategy;
use regex::Regex;
use serde_json::Value;

/// Tools that some examples use and not every machine has. Examples whose tool is missing are named and
/// left out.
const TOOLS: [&str; 3] = ["jq", "parallel", "timeout"];

/// Needs of some measured examples that no test can meet: how the command shows one, and its name.
const UNTESTED: [(&str, &str); 2] = [("--kernel gpu", "a GPU"), ("mpirun", "MPI")];

/// Changes to measured commands, so that all of them take seconds: the output keeps its form.
const SHORTER: [(&str, &str); 9] = [
    (r"-n [125]e([789]|10)\b", "-n 1e6"),
    // Some samples of 16 parts are all of them, which is said in other words.
    (r"-n 1e6 (.*--parts)", "-n 1e8 $1"),
    (r"-n 1e5,\S+", "-n 1e5,1e6"),
    (r"timeout \d+", "timeout 3"),
    (r"head -n 2$", "head -n 1"),
    (r"--time-limit 20s", "--time-limit 1s"),
    (r"--for \d+s", "--for 200ms"),
    (r"--for 200ms (.*)--pin", "--for 1s $1--pin"),
    (r"^pi-mc verify$", "pi-mc verify --class S"),
];

/// Saved comparisons that examples may read, and their folder.
const SAVED: [&str; 2] = ["laws.json", "later.json"];
const FIXTURES: &str = "tests/fixtures/comparisons";

/// How the blocks begin: those with the same output everywhere but for times, and those that show times.
const EXACT: &str = "```console";
const MEASURED: &str = "```console measured";

/// A command on a page, and its output there.
struct Example {
    command: String,
    output: String,
}

/// README.md and the pages of docs/.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    pages.push(root.join("README.md"));
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// The examples of the blocks that begin with `head`.
fn examples(page: &str, head: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == head;
            continue;
        }
        if !inside {
            continue;
        }
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => examples.push(Example {
                command: command.to_owned(),
                output: String::new(),
            }),
            (
                None,
                Some(Example {
                    command, output, ..
                }),
            ) => {
                let is_whole = !output.is_empty() || !command.ends_with('\\');
                let (text, line) = if is_whole {
                    (output, format!("{line}\n"))
                } else {
                    (command, format!("\n{line}"))
                };
                *text += &line;
            }
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    examples
}

/// The text with each pattern replaced, one after the other.
fn replaced(text: &str, patterns: &[(&str, &str)]) -> String {
    patterns
        .iter()
        .fold(text.to_owned(), |text, (pattern, mask)| {
            let pattern = Regex::new(pattern).unwrap();
            pattern.replace_all(&text, *mask).into_owned()
        })
}

fn masked(output: &str) -> String {
    let patterns = [
        (r"(?m)^(time|darts/s|kernel) +.*$", "$1 *"),
        // This line appears only if the run takes long enough.
        (r"(?m)^cores  .*\n", ""),
        (
            r#""(elapsed_s|cpu_s|sims_per_s|kernel)":[^,}]+"#,
            "\"$1\":*",
        ),
        (r#""machine":\{[^}]+\}"#, "\"machine\":*"),
        // Kernel, times and rate in a CSV row.
        (
            r"(?m)^(1,darts,([^,\n]+,){9})[^,\n]+,[^,\n]+,[^,\n]+,[^,\n]+",
            "$1*",
        ),
    ];
    replaced(output, &patterns)
}

/// The headings, order and words of measured output, whatever the machine, its load and the number of darts.
fn words(output: &str) -> Vec<String> {
    let names: Vec<_> = Strategy::ALL.iter().map(|one| one.name()).collect();
    let row = format!(r"(?m)^({}) #.*$", names.join("|"));
    let text = replaced(
        output,
        &[
            // A line that is broken at spaces.
            (r"\n +", " "),
            (r"\b(avx512|avx2|sse4\.1|neon|portable)\b", "K"),
            (r"K(, K)+", "K"),
            (r"\d[\d,.:]*", "#"),
            (r"#e#", "#"),
            (r"# ([num\u{b5}]?s|[kMGT]|d)\b", "#"),
            (r" +", " "),
            (r"#( #)+", "#"),
            // Not with a single row, as on one core.
            (r",\ncorrected for # rows \(Holm\)", ""),
            // A worker that a busy machine kept from its core.
            (r"not reached in this time", "# darts/s by K"),
            (r"(?m)^class [SWABC]:", "class *:"),
            // The CPU's name and what else is said of the machine.
            (
                r"(?m)(^|made on )[^:\n]*, # cores?\b[^\n]*?, kernel K, \w+",
                "${1}machine",
            ),
            (&row, "$1"),
        ],
    );
    // Verdicts on this machine, and on how busy it was.
    let verdicts = Regex::new(
        "^(cores # of|Cannot tell|Do not trust|Serial takes|Some speed-ups are|\\?: cannot be told|No scaling law|\
         race on # workers|One core made both|[a-z-]+ \\(#(, #)*\\)[ ,:])",
    );
    let verdicts = verdicts.unwrap();
    let mut lines: Vec<_> = text
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty() && !verdicts.is_match(line))
        .collect();
    // How many workers, kernels, parts and steps there are depends on the machine and the number of darts.
    lines.dedup();
    lines
}

/// The tools that this machine lacks.
fn missing_tools() -> Vec<&'static str> {
    let is_missing = |tool: &&str| {
        let mut search = Command::new("sh");
        search.args(["-c", &format!("command -v {tool}")]);
        !search.output().unwrap().status.success()
    };
    TOOLS.into_iter().filter(is_missing).collect()
}

/// The command's stdout followed by its stderr, with `workers` in PI_MC_WORKERS. File names are relative to the folder.
fn printed(command: &str, folder: &Path, workers: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_pi-mc")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [program.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", command])
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("LC_ALL", "C.UTF-8")
        .env("PI_MC_WORKERS", workers)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let folder = format!("{}/", fs::canonicalize(folder).unwrap().display());
    text.replace(&folder, "")
}

#[test]
fn the_examples_of_every_page_are_real() {
    check_examples("");
}

/// A variable that sets a default conflicts with no option, and changes only the number of workers.
#[test]
fn the_examples_of_every_page_pass_with_a_default_number_of_workers() {
    check_examples("3");
}

/// The page has every cell once, in order, with its lines of Python and its command; together they name every lesson.
#[test]
fn the_notebook_page_has_every_cell_and_every_lesson() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/notebook.md");
    let page = fs::read_to_string(page).unwrap();
    let heading = Regex::new(r"^Cells? (\d+)(?:( to | and )(\d+))?: ").unwrap();
    let mut cells = Vec::new();
    for section in page.split("\n## ") {
        let Some(found) = heading.captures(section) else {
            continue;
        };
        let first: u64 = found[1].parse().unwrap();
        let last = found.get(3).map(|last| last.as_str().parse().unwrap());
        cells.extend(first..=last.unwrap_or(first));
        let (_, python) = section.split_once("```python\n").unwrap();
        let (python, rest) = python.split_once("```").unwrap();
        assert!(python.lines().count() <= 3, "{section}");
        let is_command = |line: &str| line.trim_start_matches("$ ").starts_with("pi-mc ");
        assert!(rest.lines().any(is_command), "{section}");
        assert!(rest.contains("**See**"), "{section}");
    }
    assert_eq!(cells, (1..=24).collect::<Vec<_>>());
    let lessons = printed("pi-mc learn --list", Path::new("."), "");
    for lesson in lessons.lines() {
        let name = lesson.split_whitespace().nth(1).unwrap();
        assert!(page.contains(&format!("pi-mc learn {name}\n")), "{name}");
    }
    let pipes = examples(&page, EXACT);
    let pipes: usize = pipes
        .iter()
        .map(|one| one.command.matches(" | ").count())
        .sum();
    assert!(pipes <= 5, "{pipes} pipes");
}

/// Measured blocks are recorded by docs/record.py on a quiet machine, which may be long ago. This finds those that the
/// program no longer prints.
#[test]
fn the_measured_examples_of_every_page_have_todays_words() {
    let missing = missing_tools();
    let (mut tested, mut failures) = (0, Vec::new());
    for path in pages() {
        let page = path.file_name().unwrap().display();
        let folder = folder_of_a_page();
        for example in examples(&fs::read_to_string(&path).unwrap(), MEASURED) {
            let Example { command, output } = example;
            let tool = missing.iter().find(|tool| command.contains(*tool));
            let untested = UNTESTED.iter().find(|(shown, _)| command.contains(shown));
            if let Some(lacking) = tool.or(untested.map(|(_, name)| name)) {
                let mut stderr = std::io::stderr();
                writeln!(stderr, "{page}: NOT tested without {lacking}: {command}").unwrap();
                continue;
            }
            tested += 1;
            let shorter = replaced(&command, &SHORTER);
            let printed = printed(&shorter, folder.path(), "");
            let [now, then] = [&printed, &output].map(|text| words(text).join("\n"));
            if now != then {
                failures.push(format!(
                    "{page}: record it again with docs/record.py\n$ {shorter}\n{printed}\n\
                     In words:\n{now}\n\ninstead of\n{then}\n"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(tested >= 15, "only {tested} examples found");
}

/// A new folder with the files that examples may read.
fn folder_of_a_page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for saved in SAVED {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURES);
        fs::copy(fixtures.join(saved), folder.path().join(saved)).unwrap();
    }
    folder
}

/// Runs all examples with `workers` in the variable, and compares what they print.
fn check_examples(workers: &str) {
    let missing = missing_tools();
    let (mut tested, mut failures) = (0, Vec::new());
    for path in pages() {
        let page = path.file_name().unwrap().display();
        let folder = folder_of_a_page();
        for example in examples(&fs::read_to_string(&path).unwrap(), EXACT) {
            let Example { command, output } = example;
            if let Some(tool) = missing.iter().find(|tool| command.contains(*tool)) {
                // Past the test harness, which captures `eprintln!`.
                let mut stderr = std::io::stderr();
                writeln!(stderr, "{page}: NOT tested without {tool}: {command}").unwrap();
                continue;
            }
            tested += 1;
            let printed = printed(&command, folder.path(), workers);
            if masked(&printed) != masked(&output) {
                failures.push(format!(
                    "{page}\n$ {command}\n{printed}instead of\n{output}"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(tested >= 20, "only {tested} examples found");
}

/// Every field that a result may have is in the tables of usage.md.
#[test]
fn the_page_of_formats_has_every_field_of_a_result() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/usage.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, page) = page.split_once("\n## JSON\n").unwrap();
    let (section, _) = page.split_once("\n## ").unwrap();
    let mut names: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" |"))
        .flat_map(|(names, _)| names.split(", "))
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for command in [
        "pi-mc -n 2e5 -s 1 --parts 2 --checkpoint a.json --format json",
        "cat a.json",
        "pi-mc -n 2e5 -s 1 --shard 1/2 --format json | tee 1.json",
        "SLURM_ARRAY_TASK_ID=2 pi-mc -n 2e5 -s 1 --shard env/2 --format json",
        "pi-mc -s 1 --range 0..3 --format json",
        "pi-mc merge --partial 1.json --format json",
    ] {
        let result: Value = serde_json::from_str(&printed(command, folder.path(), "")).unwrap();
        let fields = result.as_object().unwrap().iter();
        let machine = result["machine"].as_object().into_iter().flatten();
        seen.extend(fields.chain(machine).map(|(name, _)| name.clone()));
    }
    for name in &seen {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    names.retain(|name| !seen.contains(name));
    // These need a machine that has them.
    assert_eq!(names, ["quota", "pinned"]);
}
