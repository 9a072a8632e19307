//! The examples of README.md are real: every command in a `console` block is run, and what it
//! prints must be what the page shows, but for what differs from machine to machine and run to run
//! (times, rates, and which kernel the CPU has).

use std::io::Write;
use std::path::Path;
use std::process::Command;

use regex::Regex;

/// What a command not found makes the shell return.
const NOT_FOUND: i32 = 127;

/// The commands of the page, each with what it is said to print.
fn examples(page: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line, line.strip_prefix("$ "), examples.last_mut()) {
            ("```console", ..) => inside = true,
            ("```", ..) => inside = false,
            (_, Some(command), _) if inside => examples.push((command.to_owned(), String::new())),
            (_, None, Some((_, output))) if inside => *output += &format!("{line}\n"),
            _ => {}
        }
    }
    examples
}

fn masked(output: &str) -> String {
    [
        (r"(?m)^(time|darts/s|kernel) +.*$", "$1 *"),
        (r#""(elapsed_s|sims_per_s|kernel)":[^,}]+"#, "\"$1\":*"),
        // The last three columns of a CSV row.
        (r"(?m)^(1,darts,.*),[^,]+,[^,]+,[^,]+$", "$1,*"),
    ]
    .iter()
    .fold(output.to_owned(), |text, (pattern, mask)| {
        Regex::new(pattern)
            .unwrap()
            .replace_all(&text, *mask)
            .into_owned()
    })
}

#[test]
fn the_examples_of_the_readme_are_real() {
    let page = include_str!("../../README.md");
    let examples = examples(page);
    assert!(examples.len() >= 5, "the page has examples");

    let program = Path::new(env!("CARGO_BIN_EXE_pi-mc")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [program.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).unwrap();
    // The examples write files, and read what an earlier one wrote.
    let folder = tempfile::tempdir().unwrap();
    for (command, expected) in examples {
        let output = Command::new("sh")
            .args(["-c", &command])
            .env("PATH", &path)
            .current_dir(&folder)
            .output()
            .unwrap();
        if output.status.code() == Some(NOT_FOUND) {
            // Said on stderr itself, which the test harness does not capture.
            writeln!(
                std::io::stderr(),
                "README example NOT tested, a tool is missing: {command}"
            )
            .unwrap();
            continue;
        }
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(
            masked(&printed),
            masked(&expected),
            "$ {command}\n{printed}"
        );
    }
}
