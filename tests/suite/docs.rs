//! Runs every command in a `console` block of README.md and docs/, and compares its output with the page.
//! Times, rates and the CPU's kernel may differ. Blocks that begin with `console measured` show times and take long;
//! they are not run here.
//!
//! A backslash at the end of a line continues it on the next. The commands of a page share a folder, so one
//! can read the files of an earlier one. docs/record.py runs the same commands and writes their outputs into the
//! pages.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

/// Tools that some examples use and not every machine has. Examples whose tool is missing are named and
/// left out.
const TOOLS: [&str; 2] = ["jq", "parallel"];

/// Saved comparisons that examples may read, and their folder.
const SAVED: [&str; 2] = ["laws.json", "later.json"];
const FIXTURES: &str = "tests/fixtures/comparisons";

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

fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
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

fn masked(output: &str) -> String {
    [
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
    ]
    .iter()
    .fold(output.to_owned(), |text, (pattern, mask)| {
        let pattern = Regex::new(pattern).unwrap();
        pattern.replace_all(&text, *mask).into_owned()
    })
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
    let pipes = examples(&page);
    let pipes: usize = pipes
        .iter()
        .map(|one| one.command.matches(" | ").count())
        .sum();
    assert!(pipes <= 5, "{pipes} pipes");
}

/// Runs all examples with `workers` in the variable, and compares what they print.
fn check_examples(workers: &str) {
    let missing = missing_tools();
    let (mut tested, mut failures) = (0, Vec::new());
    for path in pages() {
        let page = path.file_name().unwrap().display();
        let folder = tempfile::tempdir().unwrap();
        for saved in SAVED {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(FIXTURES)
                .join(saved);
            fs::copy(from, folder.path().join(saved)).unwrap();
        }
        for example in examples(&fs::read_to_string(&path).unwrap()) {
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
