//! Runs on a pseudo terminal: what reaches the screen.

use std::process::Command;

use crate::program::{PROGRAM, new_file, not_tested, stdout};

/// The bytes that a terminal of `columns` gets from a shell script, in which `pi-mc` is the program; `None` on a
/// machine without script(1).
pub(crate) fn on_terminal(columns: usize, script: &str) -> Option<String> {
    let script = script.replace("pi-mc", PROGRAM);
    let script = format!("stty cols {columns} rows 24; {script}");
    let mut command = Command::new("script");
    command.args(["-qec", &script, "/dev/null"]);
    command.env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    command.env("SHELL", "/bin/sh");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PI_MC_WORKERS"] {
        command.env_remove(name);
    }
    match command.stdin(std::process::Stdio::null()).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            not_tested(&format!("terminals, since script does not start: {error}"));
            None
        }
    }
}

/// The text on a screen that got `bytes`, if it knows \r and \n and nothing else, as a notebook does.
fn without_escapes(bytes: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let mut column = 0;
    let mut letters = bytes.chars();
    while let Some(letter) = letters.next() {
        let line = lines.last_mut().unwrap();
        match letter {
            '\r' => column = 0,
            '\n' => lines.push(Vec::new()),
            '\x1b' => {
                // Not shown, and without effect.
                letters.find(char::is_ascii_alphabetic);
            }
            letter => {
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
    }
    let lines = lines.into_iter().map(String::from_iter);
    lines
        .map(|line: String| line.trim_end().to_owned())
        .collect()
}

/// The progress lines among `bytes`.
fn progress(bytes: &str) -> Vec<&str> {
    let lines = bytes.split(['\r', '\n']);
    lines.filter(|line| line.contains("arts")).collect()
}

#[test]
fn progress_fits_a_terminal_of_any_width() {
    for columns in [120, 80, 40, 20, 7] {
        let run = "pi-mc --time-limit 1s --progress always -q > /dev/null";
        let Some(bytes) = on_terminal(columns, run) else {
            return;
        };
        let lines: Vec<&str> = bytes.split('\r').collect();
        assert!(lines.len() > 3, "{bytes:?}");
        for line in lines {
            let line = line.split('\x1b').next().unwrap();
            assert!(line.chars().count() < columns, "{columns}: {line:?}");
        }
        let whole = progress(&bytes).iter().any(|line| line.contains('π'));
        assert!(
            columns == 80 || whole == (columns == 120),
            "{columns}: {bytes:?}"
        );
    }
}

#[test]
fn progress_fits_after_the_terminal_became_narrower() {
    let run = "(sleep 1; stty cols 30 < /dev/tty; echo NARROW) & pi-mc --time-limit 2s > /dev/null";
    let Some(bytes) = on_terminal(100, run) else {
        return;
    };
    let (wide, narrow) = bytes.split_once("NARROW").unwrap();
    let longest = |bytes| {
        let lines = progress(bytes).into_iter();
        let lines = lines.map(|line: &str| line.trim_end().chars().count());
        lines.max().unwrap()
    };
    assert!(longest(wide) > 40, "{wide:?}");
    assert!(longest(narrow) < 30, "{narrow:?}");
    // The terminal has broken the last wide line in two; both halves are removed before the next line.
    assert_eq!(
        bytes.matches("\x1b[J").count(),
        2,
        "then and at the end: {bytes:?}"
    );
}

/// Findings break at spaces on a terminal, and stay whole in a pipe, where scripts search them for names.
#[test]
fn lines_of_a_recount_fit_a_terminal() {
    let (_folder, path, file) = new_file("a result of a machine that has a long name.json");
    let saved = stdout(&["-n", "1e6", "-s", "42", "--format", "json"]);
    std::fs::write(path, saved).unwrap();
    let whole = stdout(&["verify", &file]);
    let line = whole.lines().next().unwrap();
    assert!(
        line.chars().count() > 80 && line.ends_with("right"),
        "{whole}"
    );
    let Some(bytes) = on_terminal(40, &format!("pi-mc verify '{file}'")) else {
        return;
    };
    for line in bytes.lines() {
        let is_one_word = !line.trim_end().contains(' ');
        assert!(line.chars().count() <= 40 || is_one_word, "{line:?}");
    }
    assert!(bytes.contains("right\r\n"), "{bytes:?}");
}

#[test]
fn quiet_draws_no_progress_unless_it_is_asked_for() {
    for (args, draws) in [
        ("-q", false),
        ("-q --progress auto", false),
        ("-q --progress always", true),
        ("", true),
    ] {
        let run = format!("pi-mc --time-limit 1s {args} > /dev/null");
        let Some(bytes) = on_terminal(80, &run) else {
            return;
        };
        assert_eq!(!bytes.is_empty(), draws, "{args}: {bytes:?}");
    }
}

#[test]
fn a_background_job_draws_no_progress() {
    for command in ["pi-mc --time-limit 1s", "pi-mc verify --for 1s"] {
        // With job control, a job has a process group of its own.
        let run = format!("set -m; {command} > /dev/null & wait");
        let Some(bytes) = on_terminal(80, &run) else {
            return;
        };
        assert_eq!(progress(&bytes), [""; 0], "{command}: {bytes:?}");
        let foreground = on_terminal(80, &format!("{command} > /dev/null")).unwrap();
        assert_ne!(progress(&foreground), [""; 0], "{command}: {foreground:?}");
    }
}

/// A notebook knows no escapes: the result must not have the rest of a progress line behind it.
#[test]
fn progress_leaves_nothing_behind_where_escapes_are_unknown() {
    let run = "pi-mc --time-limit 1s -s 1 --progress always -q 2>&1";
    let Some(bytes) = on_terminal(80, run) else {
        return;
    };
    assert!(progress(&bytes).len() > 1, "{bytes:?}");
    let shown = without_escapes(&bytes);
    let shown: Vec<&String> = shown.iter().filter(|line| !line.is_empty()).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    let pi: f64 = shown[0].parse().unwrap();
    assert!((3.1..3.2).contains(&pi));
}

#[test]
fn an_error_breaks_at_spaces() {
    for columns in [80, 40, 25] {
        let Some(bytes) = on_terminal(columns, "pi-mc -n 1.5") else {
            return;
        };
        let lines: Vec<&str> = bytes.lines().map(str::trim_end).collect();
        assert!(lines.len() > 1, "{bytes:?}");
        for line in &lines {
            assert!(line.chars().count() <= columns, "{columns}: {line:?}");
        }
        let pipe = Command::new(PROGRAM).args(["-n", "1.5"]).output().unwrap();
        let pipe = String::from_utf8(pipe.stderr).unwrap();
        assert_eq!(lines.join(" "), pipe.trim_end());
    }
}

/// A script's background job ignores Ctrl-C, and goes on to its end.
#[test]
fn an_ignored_signal_stays_ignored() {
    for (name, code) in [("INT", 0), ("TERM", 0), ("", 130)] {
        let trap = if name.is_empty() {
            "true".to_owned()
        } else {
            format!("trap '' {name}")
        };
        let kill = if name.is_empty() { "INT" } else { name };
        // Without job control, the shell itself would make its jobs ignore INT.
        let script = format!(
            "set -m; ({trap}; exec {PROGRAM} --time-limit 2s -s 1 -q) & \
             sleep 1; kill -{kill} $!; wait $!; echo \"code $?\""
        );
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(
            stdout.ends_with(&format!("code {code}\n")),
            "{name}: {stdout}"
        );
    }
}
