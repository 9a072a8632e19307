//! Ctrl-C and TERM during compare and verify: what is done until then is printed.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use pi_mc::compare::row::Comparison;

use crate::program::{command, new_file, one_line, signal, stdout};
use crate::terminal::on_terminal;

/// The output of a command that gets a signal after `seconds`.
fn interrupted(args: &[&str], name: &str, seconds: u64) -> Output {
    let mut child = command(args);
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.unwrap();
    sleep(Duration::from_secs(seconds));
    signal(&child, name);
    // It takes half a second at most, and so ends before this does, on a loaded machine too.
    let mut later = Command::new("sleep").arg("10").spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        later.try_wait().unwrap().is_none(),
        "{args:?} ended too late"
    );
    later.kill().unwrap();
    later.wait().unwrap();
    output
}

/// Ten thousand rounds of two runs, each of 20 ms or more.
const ROUNDS: [&str; 12] = [
    "compare",
    "-n",
    "131072",
    "-s",
    "1",
    "-w",
    "1",
    "--io-wait",
    "10ms",
    "--warmup=0",
    "--runs",
    "10000",
];

/// The stdout of the rounds with `extra`, interrupted after at least one.
fn rounds(extra: &[&str], name: &str, code: i32) -> String {
    let args = [&ROUNDS[..], extra].concat();
    for seconds in [2, 10, 60] {
        let output = interrupted(&args, name, seconds);
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        if !output.stdout.is_empty() {
            assert_eq!(output.stderr, b"", "{args:?}");
            return String::from_utf8(output.stdout).unwrap();
        }
    }
    panic!("no round in a minute");
}

#[test]
fn an_interrupted_comparison_prints_its_complete_rounds_in_every_format() {
    let (_folder, picture, plot) = new_file("x.svg");
    let json = rounds(&["--format", "json", "--plot", &plot], "INT", 130);
    assert!(json.contains(",\"partial\":true,"), "{json}");
    let read = Comparison::read(&json).unwrap();
    let runs: Vec<usize> = read.rows.iter().map(|row| row.runs.len()).collect();
    assert!(
        runs[0] > 0 && runs[0] < 10_000 && runs == [runs[0]; 2],
        "{runs:?}"
    );
    let svg = fs::read_to_string(picture).unwrap();
    assert!(
        svg.ends_with("</svg>\n") && svg.contains(">PARTIAL: "),
        "{svg}"
    );

    let (_folder, path, saved) = new_file("x.json");
    fs::write(path, &json).unwrap();
    assert!(stdout(&["compare", "--from", &saved]).contains("\nPARTIAL: "));
    assert_eq!(
        stdout(&["compare", "--from", &saved, "--format", "json"]),
        json
    );

    assert!(rounds(&[], "TERM", 143).contains("\nPARTIAL: "));
    assert!(rounds(&["--format", "markdown"], "INT", 130).contains("PARTIAL: "));
    let csv = rounds(&["--format", "csv"], "TERM", 143);
    assert!(csv.lines().next().unwrap().ends_with(",partial"), "{csv}");
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert!(
        rows.len() == 2 && rows.iter().all(|row| row.ends_with(",true")),
        "{csv}"
    );
    let svg = rounds(&["--plot", "-"], "INT", 130);
    assert!(
        svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains(">PARTIAL: "),
        "{svg}"
    );
}

/// A run that takes hours is not waited for.
#[test]
fn an_interrupt_inside_a_long_run_ends_it() {
    let hours = ["compare", "-n", "1e6", "-w", "1", "--io-wait", "1h"];
    let output = interrupted(&hours, "INT", 2);
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(output.stdout, b"");
    assert!(one_line(output.stderr).contains("no row to show"));
}

/// All runs are done by then, so nothing is partial but the timeline.
#[test]
fn an_interrupt_while_timelines_are_recorded_loses_no_row() {
    let (_folder, path, file) = new_file("t.json");
    let runs = [
        "-n",
        "131072",
        "-w",
        "1",
        "--io-wait",
        "1s",
        "--warmup=0",
        "--runs",
        "1",
    ];
    let more = ["--format", "json", "--timeline", &file];
    let args = [&["compare"], &runs[..], &more].concat();
    for seconds in [6, 7, 8, 9] {
        let output = interrupted(&args, "INT", seconds);
        assert_eq!(output.status.code(), Some(130));
        let said = String::from_utf8(output.stderr).unwrap();
        // A loaded machine may not be there yet.
        if !said.contains("timelines were recorded: none is written") {
            continue;
        }
        let read = Comparison::read(&String::from_utf8(output.stdout).unwrap()).unwrap();
        assert_eq!((read.rows.len(), read.partial), (2, false));
        assert!(!path.exists());
        return;
    }
    panic!("never among the timelines");
}

#[test]
fn numbers_of_darts_without_rows_are_named() {
    let sizes = [
        "-n",
        "1000,1e13",
        "-s",
        "1",
        "-w",
        "1",
        "--warmup=0",
        "--runs",
        "1",
    ];
    let args = [&["compare", "--format", "json"], &sizes[..]].concat();
    let output = interrupted(&args, "INT", 3);
    assert_eq!(output.status.code(), Some(130));
    let message = one_line(output.stderr);
    assert!(
        message.contains("interrupted after 1 of 2 numbers of darts"),
        "{message}"
    );
    let small = Comparison::read(&String::from_utf8(output.stdout).unwrap()).unwrap();
    assert_eq!((small.sims, small.partial), (1000, false));
}

#[test]
fn an_interrupted_check_says_what_it_has_checked() {
    let (_folder, path, saved) = new_file("huge.json");
    let record = r#"{"contract":1,"method":"darts","seed":1,"first":0,"sims":10000000000000,"hits":7853981633974}"#;
    fs::write(path, record).unwrap();
    for args in [&["verify", "--class", "C"][..], &["verify", &saved]] {
        for (name, code) in [("INT", 130), ("TERM", 143)] {
            let output = interrupted(args, name, 2);
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(code), "{stdout}");
            assert!(stdout.contains("interrupted after "), "{stdout}");
            let verdict = "darts, not checked\nVerification: INTERRUPTED, no mismatch so far\n";
            assert!(stdout.ends_with(verdict), "{stdout}");
        }
    }
}

#[test]
fn the_progress_of_a_comparison_names_the_row_and_the_time_left() {
    let args = "-n 1e6 -w 2 --io-wait 50ms --warmup 0 --runs 3";
    let Some(bytes) = on_terminal(80, &format!("pi-mc compare {args} > /dev/null")) else {
        return;
    };
    for part in ["pool on 2: ", " of 6 runs, ", "00:00:0", " left"] {
        assert!(bytes.contains(part), "{part}: {bytes:?}");
    }
    // The first run, which takes as long as the whole test, has a name from the start.
    let args = "-n 1e6 -w 2 --io-wait 1h";
    let run = format!("timeout --foreground -s INT 3 pi-mc compare {args} > /dev/null");
    let bytes = on_terminal(80, &run).unwrap();
    assert!(bytes.contains("serial on 1: 0 of 16 runs"), "{bytes:?}");
}
