//! Names of files, and strings from files, that try to forge a line, move a cursor, hide words or start a formula.
//! Every command shows them escaped, on stdout, on stderr, and in pictures, Markdown and CSV.

use std::fs;
use std::path::Path;
use std::process::Command;

use pi_mc::{Comparison, Record, report};
use serde_json::{Value, json};

use crate::program::{PROGRAM, stdout};

/// A formula, a line break that forges a verdict, escapes of a terminal, letters that turn the direction of writing,
/// and a character that XML forbids.
const HOSTILE: &str =
    "=cmd,|<b>\nVerification: SUCCESSFUL\n\u{1b}[2J\u{9b}2J\u{202e}\u{2066}\u{fffe}\u{200b}";

/// Control characters are refused in a machine, so its strings have the others.
const MACHINE: &str = "=cmd,|<b>![x](http://x)\u{202e}\u{2066}\u{fffe}\u{200b}\"";

fn is_safe(text: &str) {
    let is_hostile = |letter: char| {
        (letter.is_control() && letter != '\n')
            || "\u{202e}\u{2066}\u{fffe}\u{200b}\u{2028}".contains(letter)
    };
    assert!(!text.contains(is_hostile), "{text:?}");
    for line in text.lines() {
        assert_ne!(line, "Verification: SUCCESSFUL", "{text}");
    }
}

/// Runs the program in `folder` and checks that nothing it prints can spoil a terminal. Returns both outputs.
fn run(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(PROGRAM);
    let command = command.args(args).current_dir(folder);
    let output = command.env("LC_ALL", "C.UTF-8").output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    is_safe(&out);
    is_safe(&err);
    out + &err
}

/// A machine whose strings are hostile.
fn machine() -> Value {
    json!({"cpu": MACHINE, "cores": 2, "kernel": MACHINE, "os": MACHINE, "version": MACHINE})
}

/// A saved run with wrong hits, and with hostile strings wherever it has strings.
fn record() -> String {
    let mut record: Value =
        serde_json::from_str(&stdout(&["-n", "1e5", "-s", "42", "--format", "json"])).unwrap();
    for derived in ["pi", "std_error", "ci95"] {
        record[derived] = Value::Null;
    }
    record["hits"] = json!(record["hits"].as_u64().unwrap() - 1);
    record["kernel"] = json!(HOSTILE);
    record["shard_from"] = json!(HOSTILE);
    record["machine"] = machine();
    record.to_string()
}

/// A saved comparison of a hostile machine.
fn comparison() -> String {
    let saved = stdout(&[
        "compare", "pool", "-n", "1e4", "-w", "1", "--runs", "2", "--format", "json",
    ]);
    let mut saved: Value = serde_json::from_str(&saved).unwrap();
    saved["machine"] = machine();
    saved.to_string()
}

#[test]
fn a_hostile_name_forges_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = |ending: &str| format!("{HOSTILE}{ending}");
    let (run_file, comparison_file) = (name(".json"), name(".comparison"));
    fs::write(folder.join(&run_file), record()).unwrap();
    fs::write(folder.join(&comparison_file), comparison()).unwrap();
    fs::write(folder.join(name(".bad")), "Hello.").unwrap();
    fs::create_dir(folder.join(name(".d"))).unwrap();

    for all in ["--all", "--sample=1"] {
        let said = run(folder, &["verify", &run_file, all]);
        assert!(said.contains(r"=cmd,|<b>\nVerification: SUCC"), "{said}");
        assert!(said.ends_with("\nVerification: FAILED\n"), "{said}");
    }
    let (bad, nested) = (name(".bad"), name(".d"));
    let (plot, trace) = (format!("{nested}/x/y.svg"), format!("{nested}/x/t"));
    let words = name("");
    // The sum of one file names no file.
    for format in ["text", "csv"] {
        let said = run(folder, &["merge", &run_file, "--format", format]);
        assert!(said.replace(',', "").contains("100000"), "{said}");
    }
    let commands: [&[&str]; 19] = [
        &["verify", &bad],
        &["verify", &words],
        &["merge", &run_file, &run_file],
        &["merge", "--average", &run_file, &run_file],
        &["merge", &bad],
        &["merge", &nested],
        &["-n", "1e4", "--checkpoint", &bad],
        &["-n", "1e4", "--checkpoint", &nested],
        &["-n", "1e4", "-s", "42", "--checkpoint", &run_file],
        &["-n", "1e4", "--plot", &plot],
        &["-n", "1e4", "--trace", &trace],
        &["-n", "1e4", "--timeline", &bad],
        &["-n", &words],
        &["compare", "--from", &bad],
        &["compare", "--baseline", &bad],
        &[
            "compare",
            "--baseline",
            &comparison_file,
            "-n",
            "1e4",
            "pool",
            "--runs",
            "2",
        ],
        &["compare", &words],
        &["explain", &words],
        &["dart", &words],
    ];
    for args in commands {
        let said = run(folder, args);
        assert!(said.contains("=cmd"), "{args:?}: {said}");
    }
    for command in ["man", "completions"] {
        let said = run(folder, &[command, "--all", &bad]);
        assert!(said.contains(r"=cmd,|<b>\nVerification"), "{said}");
    }
}

#[test]
fn hostile_strings_from_a_file_forge_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("run.json"), record()).unwrap();
    fs::write(folder.join("c.json"), comparison()).unwrap();

    // As the sender's checkpoint: its shard's variables, its kernel and its machine.
    let resumed = run(
        folder,
        &["-s", "42", "--checkpoint", "run.json", "-n", "1e5"],
    );
    assert!(resumed.contains("hits"), "{resumed}");
    fs::write(folder.join("run.json"), record()).unwrap();
    let verified = run(folder, &["verify", "run.json"]);
    assert!(
        verified.contains(r"made on =cmd,|<b>![x](http://x)\u{202e}"),
        "{verified}"
    );

    let shown = run(folder, &["compare", "--from", "c.json"]);
    assert!(
        shown.contains(r"=cmd,|<b>![x](http://x)\u{202e}"),
        "{shown}"
    );
    let baseline = ["--baseline", "c.json", "--any-machine"];
    for format in ["text", "csv", "json", "markdown"] {
        let from = ["compare", "--from", "c.json", "--format", format];
        let held = run(folder, &[&from[..], &baseline].concat());
        // The CSV of a baseline has no machine.
        let named = if format == "csv" { "\npool,1," } else { "=cmd" };
        assert!(held.contains(named), "{held}");
    }
    let markdown = run(
        folder,
        &["compare", "--from", "c.json", "--format", "markdown"],
    );
    assert!(
        markdown.contains(r"\n=cmd,\|\<b\>!\[x\](http://x)".trim_start_matches(r"\n")),
        "{markdown}"
    );
    let saved = run(folder, &["compare", "--from", "c.json", "--format", "json"]);
    let saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["machine"]["cpu"], MACHINE);

    // Read as a spreadsheet does, and as `cut` does.
    let csv = run(folder, &["compare", "--from", "c.json", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().unwrap().len();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2, "{csv}");
    for row in &rows {
        assert!(row.iter().any(|cell| cell.starts_with("'=cmd;")), "{csv}");
        for cell in row {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(
                is_number || !cell.starts_with(['=', '+', '-', '@']),
                "{cell}"
            );
        }
    }
    for line in csv.lines() {
        assert_eq!(line.split(',').count(), columns, "{line}");
    }

    run(folder, &["compare", "--from", "c.json", "--plot", "c.svg"]);
    let svg = fs::read_to_string(folder.join("c.svg")).unwrap();
    is_safe(&svg);
    assert!(
        svg.contains(r"=cmd,|&lt;b&gt;![x](http://x)\u{202e}\u{2066}\u{fffe}"),
        "{svg}"
    );
}

/// A notebook shows HTML, in which tags would run.
#[test]
fn hostile_strings_are_text_in_html() {
    let record = Record::read(&record()).unwrap();
    let comparison = Comparison::read(&comparison()).unwrap();
    for html in [report::html(&record), report::comparison::html(&comparison)] {
        is_safe(&html);
        assert!(!html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;b&gt;"), "{html}");
    }
}
