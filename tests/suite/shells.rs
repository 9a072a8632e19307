//! Completions in live shells, which type on a pseudo terminal.

use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::program::{PROGRAM, not_tested, stdout};

/// The answer of `shell`, started with `arguments`, to `typed` and Tab: the bytes that it writes to its terminal after
/// the prompt; `None` if it is not installed.
fn offered(shell: &str, arguments: &str, setup: &str, typed: &str) -> Option<String> {
    let has = |name: &str| Command::new(name).arg("--version").output().is_ok();
    if !has(shell) || !has("script") {
        not_tested(&format!(
            "completions in {shell}, which is not installed, or script is not"
        ));
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    let scripts = home.path().join("scripts");
    stdout(&["completions", "--all", scripts.to_str().unwrap()]);
    // Files must not be offered in place of values.
    std::fs::write(home.path().join("a_file"), "").unwrap();
    let line = format!(
        "stty cols 200 rows 50; cd {}; exec {shell} {arguments}",
        home.path().display()
    );
    let program = Path::new(PROGRAM).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env("PATH", path)
        .env("TERM", "dumb")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut terminal = child.stdin.take().unwrap();
    let scripts = scripts.display();
    let mut keys = |keys: &str, wait_ms| {
        let _ = terminal.write_all(keys.as_bytes());
        sleep(Duration::from_millis(wait_ms));
    };
    sleep(Duration::from_millis(1500));
    keys(
        &format!(
            "{}; echo REA''DY\r",
            setup.replace("SCRIPTS", &scripts.to_string())
        ),
        1500,
    );
    if shell == "fish" {
        // Its list is for a terminal that answers questions about itself. This prints the same list.
        keys(&format!("complete -C '{typed}'\r"), 1500);
    } else {
        keys(typed, 300);
        keys("\t", 700);
        keys("\t", 1500);
    }
    // Ctrl-U empties the line.
    keys("\x15exit\r", 300);
    drop(terminal);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, answer) = text
        .rsplit_once("READY")
        .unwrap_or_else(|| panic!("{text:?}"));
    Some(answer.to_owned())
}

/// Each is a command line to complete, words that are offered, and a word that is not.
const CASES: [(&str, &[&str], &str); 6] = [
    ("pi-mc compare --sc", &["--scaling"], "a_file"),
    ("pi-mc --format ", &["text", "json", "csv"], "a_file"),
    ("pi-mc compare --format ", &["markdown", "json"], "a_file"),
    ("pi-mc explain ", &["threads", "same-seed"], "a_file"),
    ("pi-mc learn ", &["race", "waiting"], "a_file"),
    ("pi-mc --th", &[], "--threads"),
];

fn check(shell: &str, arguments: &str, setup: &str) {
    for (typed, words, not) in CASES {
        let Some(answer) = offered(shell, arguments, setup, typed) else {
            return;
        };
        for word in words {
            assert!(answer.contains(word), "{shell}: {typed}: {answer:?}");
        }
        let answer = answer.replace(typed, "");
        assert!(!answer.contains(not), "{shell}: {typed}: {answer:?}");
    }
}

#[test]
fn bash_completes_options_and_values() {
    check("bash", "--norc --noprofile -i", ". SCRIPTS/pi-mc.bash");
}

#[test]
fn zsh_completes_options_and_values() {
    check(
        "zsh",
        "-f -i",
        "fpath=(SCRIPTS $fpath); autoload -U compinit; compinit -u -D",
    );
}

#[test]
fn fish_completes_options_and_values() {
    check("fish", "--no-config -i", "source SCRIPTS/pi-mc.fish");
}

/// fish asks its terminal questions before it shows a list, which tmux answers.
#[test]
fn fish_completes_at_the_tab_key() {
    let has = |name: &str, version| Command::new(name).arg(version).output().is_ok();
    if !has("fish", "--version") || !has("tmux", "-V") {
        not_tested("the Tab key in fish, since fish or tmux is not installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let scripts = home.path().join("scripts");
    stdout(&["completions", "--all", scripts.to_str().unwrap()]);
    std::fs::write(home.path().join("a_file"), "").unwrap();
    // A server of its own for each case, since one that ends may still be there for the next.
    let case = Cell::new(0);
    let tmux = |words: &[&str]| {
        let socket = home.path().join(format!("socket{}", case.get()));
        let mut tmux = Command::new("tmux");
        tmux.arg("-S")
            .arg(&socket)
            .args(["-f", "/dev/null"])
            .args(words);
        let program = Path::new(PROGRAM).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            tmux.env(name, home.path());
        }
        tmux.env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX");
        let output = tmux.output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let shell = format!(
        "cd {}; exec fish --no-config -i -C 'source scripts/pi-mc.fish; echo REA''DY'",
        home.path().display()
    );
    // The screen once `is_there` holds for it, or as it is after ten seconds.
    let screen = |is_there: &dyn Fn(&str) -> bool| {
        let mut screen = String::new();
        for _ in 0..100 {
            screen = tmux(&["capture-pane", "-p"]);
            if is_there(&screen) {
                break;
            }
            sleep(Duration::from_millis(100));
        }
        screen
    };
    for (typed, words, not) in CASES {
        tmux(&["new-session", "-d", "-x", "160", "-y", "50", &shell]);
        let ready = screen(&|screen| screen.contains("READY"));
        assert!(ready.contains("READY"), "{ready}");
        tmux(&["send-keys", "-l", typed]);
        screen(&|screen| screen.contains(typed));
        tmux(&["send-keys", "Tab"]);
        let has_all = |screen: &str| words.iter().all(|word| screen.contains(word));
        let shown = if words.is_empty() {
            sleep(Duration::from_secs(2));
            screen(&|_| true)
        } else {
            screen(&has_all)
        };
        tmux(&["kill-server"]);
        case.set(case.get() + 1);
        assert!(has_all(&shown), "{typed}: {shown}");
        assert!(!shown.replace(typed, "").contains(not), "{typed}: {shown}");
    }
}
