//! Completions in live shells, which type on a pseudo terminal.

use std::cell::Cell;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::program::{PROGRAM, not_tested, stdout};

/// The answer of `shell`, started with `arguments`, to `typed` and Tab, once it has all `words`: the bytes that it writes
/// to its terminal after the prompt; `None` if it is not installed.
fn offered(
    shell: &str,
    arguments: &str,
    setup: &str,
    typed: &str,
    words: &[&str],
) -> Option<String> {
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
    let mut output = child.stdout.take().unwrap();
    let (read, bytes) = mpsc::channel();
    let reader = spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            let _ = read.send(buffer[..length].to_vec());
        }
    });
    let mut text = String::new();
    // Reads until `is_there` holds, or for ten seconds.
    let mut wait = |is_there: &dyn Fn(&str) -> bool| {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !is_there(&text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(bytes) = bytes.recv_timeout(left) else {
                break;
            };
            text += &String::from_utf8_lossy(&bytes);
        }
        text.clone()
    };
    let mut keys = |keys: &str| {
        let _ = terminal.write_all(keys.as_bytes());
    };
    let setup = setup.replace("SCRIPTS", &scripts.display().to_string());
    keys(&format!("{setup}; echo REA''DY\r"));
    let text = wait(&|text| text.contains("READY"));
    assert!(text.contains("READY"), "{shell}: {text:?}");
    // A shell that has not printed its prompt yet takes keys as text.
    sleep(Duration::from_millis(500));
    if shell == "fish" {
        // Its list is for a terminal that answers questions about itself. This prints the same list.
        keys(&format!("complete -C '{typed}'\r"));
    } else {
        keys(typed);
        wait(&|text| text.contains(typed));
        keys("\t");
        sleep(Duration::from_millis(300));
        keys("\t");
    }
    let answer = |text: &str| {
        text.rsplit_once("READY")
            .map(|(_, answer)| answer.to_owned())
    };
    if words.is_empty() {
        sleep(Duration::from_millis(1500));
    }
    wait(&|text| {
        let answer = answer(text).unwrap_or_default();
        words.iter().all(|word| answer.contains(word))
    });
    // Time to show more than that.
    sleep(Duration::from_millis(500));
    // Ctrl-U empties the line.
    keys("\x15exit\r");
    drop(terminal);
    child.wait().unwrap();
    reader.join().unwrap();
    answer(&wait(&|_| false))
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
        let Some(answer) = offered(shell, arguments, setup, typed, words) else {
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
        // tmux leaves out spaces at the end of a line.
        screen(&|screen| screen.contains(typed.trim_end()));
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
