//! `--live`: every way out of it, in a pseudo terminal that script(1) makes. Each must leave the terminal as it was, and
//! the result on stdout. The screen itself is tested in src/cli/run/live.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{NEVER, PROGRAM, hits, not_tested, processes_with, usage_error};

/// Takes the screen, and gives it back.
const TAKE: &str = "\x1b[?1049h";
const GIVE_BACK: &str = "\x1b[?1049l";

/// A shell script on a terminal of 80 by 24, in which `pi-mc` is the program and LIVE a run to watch whose result goes
/// to the file `out`.
struct Terminal {
    folder: tempfile::TempDir,
    script: Child,
}

impl Terminal {
    /// `None` on a machine without script(1).
    fn start(shell: &str, script: &str) -> Option<Terminal> {
        let folder = tempfile::tempdir().unwrap();
        let script = script.replace("LIVE", "pi-mc --live -s 42 --format json");
        let script = format!(
            "stty cols 80 rows 24; before=$(stty -g); {script}; \
             [ \"$(stty -g)\" = \"$before\" ] && echo SAME-MODES"
        );
        let mut command = Command::new("script");
        command.args(["-qec", &script.replace("pi-mc", PROGRAM), "/dev/null"]);
        command
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", shell);
        for name in ["NO_COLOR", "PI_MC_WORKERS"] {
            command.env_remove(name);
        }
        command
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        match command.spawn() {
            Ok(script) => Some(Terminal { folder, script }),
            Err(error) => {
                not_tested(&format!("--live, since script does not start: {error}"));
                None
            }
        }
    }

    /// Types keys, one by one, half a second after each other.
    fn type_keys(&mut self, keys: &str) {
        for key in keys.chars() {
            sleep(Duration::from_millis(500));
            let stdin = self.script.stdin.as_mut().unwrap();
            write!(stdin, "{key}").unwrap();
            stdin.flush().unwrap();
        }
    }

    /// The bytes that the screen got until the script ended, and the script's folder.
    fn end(self) -> (Ended, tempfile::TempDir) {
        let Output { stdout, .. } = self.script.wait_with_output().unwrap();
        let out = fs::read_to_string(self.folder.path().join("out"));
        let ended = Ended {
            screen: String::from_utf8_lossy(&stdout).into_owned(),
            out: out.unwrap_or_default(),
        };
        (ended, self.folder)
    }
}

/// A script that has ended.
struct Ended {
    screen: String,
    out: String,
}

impl Ended {
    /// Checks that the terminal is as it was after it was taken `times`, and returns what was printed after that.
    fn left(&self, times: usize) -> &str {
        let (before, after) = self.screen.rsplit_once(GIVE_BACK).unwrap();
        assert_eq!(self.screen.matches(TAKE).count(), times, "{after:?}");
        assert!(!after.contains('\x1b'), "{after:?}");
        assert!(after.ends_with("SAME-MODES\r\n"), "{after:?}");
        // Letters may be apart, since spaces are not drawn.
        assert!(before.contains('π') && before.contains("┌─"), "{after:?}");
        after
    }

    fn record(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{:?}", self.out))
    }
}

#[test]
fn the_end_leaves_the_screen_and_the_result() {
    let Some(terminal) = Terminal::start("/bin/sh", "LIVE -n 2e6 > out; echo code $?") else {
        return;
    };
    let (ended, _) = terminal.end();
    assert_eq!(ended.left(1), "code 0\r\nSAME-MODES\r\n");
    let record = ended.record();
    assert_eq!(record["hits"], hits(42, 2_000_000));
    assert!(record.get("partial").is_none());
}

#[test]
fn q_ends_with_the_result_so_far() {
    let script = format!("LIVE -n {NEVER} > out; echo code $?");
    let Some(mut terminal) = Terminal::start("/bin/sh", &script) else {
        return;
    };
    terminal.type_keys("?xq");
    let (ended, _) = terminal.end();
    assert_eq!(ended.left(1), "code 0\r\nSAME-MODES\r\n");
    assert!(ended.screen.contains("faster,"));
    let record = ended.record();
    assert_eq!(record["partial"], true);
    let sims = record["sims"].as_u64().unwrap();
    assert_eq!(record["hits"], hits(42, sims), "{sims}");
}

#[test]
fn ctrl_c_and_term_end_as_without_it() {
    for (key, kill, code) in [("\x03", "", 130), ("", "sleep 1; kill $!;", 143)] {
        // Both shells get the Ctrl-C too.
        let script = if kill.is_empty() {
            format!("trap : INT; LIVE -n {NEVER} > out; echo code $?")
        } else {
            // A job of its own would be in the background.
            format!("LIVE -n {NEVER} > out & {kill} wait $!; echo code $?")
        };
        let Some(mut terminal) = Terminal::start("/bin/sh", &script) else {
            return;
        };
        terminal.type_keys(key);
        let (ended, _) = terminal.end();
        assert!(ended.left(1).contains(&format!("code {code}\r\n")));
        assert_eq!(ended.record()["partial"], true);
    }
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let script = format!(
        "set -m; LIVE -n {NEVER} > out; echo code $?; \
         [ \"$(stty -g)\" = \"$before\" ] && echo STOPPED-SAME; fg; echo code $?"
    );
    let Some(mut terminal) = Terminal::start("/bin/bash", &script) else {
        return;
    };
    terminal.type_keys("\x1aq");
    let (ended, _) = terminal.end();
    let between: Vec<&str> = ended.screen.split(GIVE_BACK).collect();
    let [_, stopped, _] = between[..] else {
        panic!("{} pieces", between.len());
    };
    let shell = stopped.split(TAKE).next().unwrap();
    assert!(shell.contains("Stopped"), "{shell:?}");
    assert!(shell.contains("\r\nSTOPPED-SAME\r\n"), "{shell:?}");
    assert!(ended.left(2).contains("code 0\r\n"));
    assert_eq!(ended.record()["partial"], true);
}

/// The signals that end a program without a result.
#[test]
fn signals_that_end_it_at_once_give_the_terminal_back() {
    for (name, code) in [("HUP", 129), ("QUIT", 131), ("USR1", 138)] {
        // The shell would start a background job so that it ignores QUIT.
        let script = format!(
            "(sleep 1; kill -{name} $(cat id)) & \
             sh -c 'echo $$ > id; exec LIVE -n {NEVER} > out'; echo code $?"
        );
        let Some(terminal) = Terminal::start("/bin/sh", &script) else {
            return;
        };
        let (ended, _) = terminal.end();
        assert!(
            ended.left(1).contains(&format!("code {code}\r\n")),
            "{name}"
        );
        assert_eq!(ended.out, "");
    }
}

#[test]
fn a_full_disk_is_reported_on_the_screen_as_it_was() {
    let script = "LIVE -n 1e6 > /dev/full; echo code $?";
    let Some(terminal) = Terminal::start("/bin/sh", script) else {
        return;
    };
    let (ended, _) = terminal.end();
    let after = ended.left(1);
    assert!(
        after.contains("pi-mc: could not write to stdout: No space left"),
        "{after:?}"
    );
    assert!(after.contains("code 1\r\n"), "{after:?}");
}

/// With HUP ignored, as by nohup, a run outlives its terminal.
#[test]
fn a_lost_terminal_does_not_end_a_run_that_ignores_it() {
    let script = "trap '' HUP; LIVE -n 1e16 --time-limit 4s > out";
    let Some(mut terminal) = Terminal::start("/bin/sh", script) else {
        return;
    };
    // In slow motion and paused, which nobody could undo without a terminal.
    terminal.type_keys("-- ");
    sleep(Duration::from_millis(500));
    terminal.script.kill().unwrap();
    let Terminal { folder, script } = terminal;
    drop(script);
    let out = folder.path().join("out");
    let start = Instant::now();
    while fs::read_to_string(&out).unwrap().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(60), "no result");
        sleep(Duration::from_millis(50));
    }
    let record: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    let sims = record["sims"].as_u64().unwrap();
    assert!(
        sims > 1_000_000 && record.get("partial").is_none(),
        "{record}"
    );
}

#[test]
fn a_lost_terminal_ends_a_run_as_without_it() {
    // The number tells it from other runs.
    let script = "LIVE -n 9876543210987654";
    let Some(mut terminal) = Terminal::start("/bin/sh", script) else {
        return;
    };
    terminal.type_keys("x");
    let running = || {
        let all = processes_with("9876543210987654");
        all.iter().filter(|line| line.starts_with(PROGRAM)).count()
    };
    assert_eq!(running(), 1);
    terminal.script.kill().unwrap();
    let start = Instant::now();
    while running() > 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "it still runs");
        sleep(Duration::from_millis(50));
    }
}

/// Slow motion counts the same darts, on the same threads, and neither it nor a pause is time of the run.
#[test]
fn slow_motion_and_pauses_change_no_hit_and_take_no_time() {
    let script = "LIVE -n 1e8 --time-limit 5m -w 2 --timeline lanes.json > out; echo code $?";
    let Some(mut terminal) = Terminal::start("/bin/sh", script) else {
        return;
    };
    let start = Instant::now();
    // Ten million darts take a moment. So the first keys must come before the screen does.
    terminal
        .script
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"---")
        .unwrap();
    terminal.type_keys(" ");
    sleep(Duration::from_secs(1));
    terminal.type_keys(" -+++++");
    let lanes = terminal.folder.path().join("lanes.json");
    let (ended, _folder) = terminal.end();
    let took = start.elapsed().as_secs_f64();
    assert!(ended.left(1).starts_with("code 0\r\n"));
    assert!(ended.screen.contains("PAUSED"));
    let record = ended.record();
    assert_eq!(record["hits"], hits(42, 100_000_000));
    let elapsed = record["elapsed_s"].as_f64().unwrap();
    assert!(elapsed < took - 1.0, "{elapsed} of {took}");
    let lanes: Value = serde_json::from_str(&fs::read_to_string(lanes).unwrap()).unwrap();
    let spans = lanes["traceEvents"].as_array().unwrap();
    for worker in ["worker 0", "worker 1"] {
        assert!(
            spans.iter().any(|span| span["args"]["name"] == worker),
            "{worker}"
        );
    }
}

#[test]
fn it_is_refused_where_it_cannot_be_shown() {
    assert!(usage_error(&["--live"]).contains("'--live' draws on stderr, which is not a terminal"));
    for other in [
        &["--progress", "never"][..],
        &["--method", "lazy"],
        &["--mpi"],
        &["--dry-run"],
    ] {
        let message = usage_error(&[&["--live"], other].concat());
        let [live, other] = ["--live", other[0]].map(|option| format!("'{option}"));
        assert!(
            message.contains(&live) && message.contains(&other),
            "{message}"
        );
    }
    if cfg!(feature = "gpu") {
        assert!(usage_error(&["--live", "--kernel", "gpu"]).contains("'--live' shows"));
    }
    let Some(terminal) = Terminal::start("/bin/sh", "TERM=dumb LIVE; echo code $?") else {
        return;
    };
    let (ended, _) = terminal.end();
    assert!(ended.screen.contains("TERM=dumb") && ended.screen.contains("code 2"));
}
