//! Helpers that run the program and parse its output. No tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
#[cfg(unix)]
use std::sync::{Arc, Once, atomic::AtomicBool};
use std::thread::sleep;
use std::time::Duration;

use pi_mc::engine::whole;
use pi_mc::{Kernel, Plan, Record};
use serde_json::Value;
use tempfile::TempDir;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pi-mc");

/// A number of darts that no test can wait for.
pub(crate) const NEVER: &str = "1e16";

/// The program that [`command`] and [`shell`] start. `.ci/cross` names one for another CPU, so that the tests
/// themselves run here.
fn tested() -> String {
    std::env::var("PI_MC_TESTED").unwrap_or(PROGRAM.into())
}

/// Programs that a shell starts in the background ignore interrupts, and their children inherit that. A handler, even one
/// that does what the system would do, is not inherited, so the program is interrupted all the same.
#[cfg(unix)]
fn hear_interrupts() {
    static HEARD: Once = Once::new();
    HEARD.call_once(|| {
        let always = Arc::new(AtomicBool::new(true));
        signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, always)
            .unwrap();
    });
}

pub(crate) fn command(args: &[&str]) -> Command {
    #[cfg(unix)]
    hear_interrupts();
    let mut command = Command::new(tested());
    command.args(args);
    // The tests themselves may run in any locale.
    command.env("LC_ALL", "C.UTF-8");
    command.env_remove("PI_MC_WORKERS");
    // If this is unset, GPU drivers write to stderr.
    #[cfg(feature = "gpu")]
    command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// Prints on stderr what this machine could not test, past the test harness, which captures `eprintln!`.
pub(crate) fn not_tested(what: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "NOT tested: {what}");
}

/// The output of a shell script in which `pi-mc` is the program.
#[cfg(unix)]
pub(crate) fn shell(script: &str) -> Output {
    let script = script.replace("pi-mc", &tested());
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("LC_ALL", "C.UTF-8");
    shell.env_remove("PI_MC_WORKERS");
    shell.output().unwrap()
}

/// The stdout of a command, which must succeed and leave stderr empty.
pub(crate) fn stdout(args: &[&str]) -> String {
    let output = run(args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(0), ""),
        "{args:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn json(args: &[&str]) -> Value {
    let line = stdout(&[args, &["--format", "json"]].concat());
    assert_eq!(line.find('\n'), Some(line.len() - 1), "one line: {line:?}");
    serde_json::from_str(&line).unwrap()
}

/// The error for invalid usage: exit 2, nothing on stdout, one line on stderr.
pub(crate) fn usage_error(args: &[&str]) -> String {
    refusal(args, 2)
}

/// The error of a command that must fail: exit 1, nothing on stdout, one line on stderr.
pub(crate) fn failure(args: &[&str]) -> String {
    refusal(args, 1)
}

fn refusal(args: &[&str], code: i32) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}");
    assert_eq!(output.stdout, b"", "{args:?}");
    one_line(output.stderr)
}

pub(crate) fn one_line(stderr: Vec<u8>) -> String {
    let message = String::from_utf8(stderr).unwrap();
    assert_eq!(
        message.find('\n'),
        Some(message.len() - 1),
        "one line: {message:?}"
    );
    assert!(message.starts_with("pi-mc: "), "{message:?}");
    message.trim_end().to_owned()
}

/// Copies the program. By `cp`, since a file that this process writes is open in each child that another test starts
/// meanwhile, and such a file does not start.
#[cfg(target_os = "linux")]
pub(crate) fn copy_program(to: &Path) {
    let copied = Command::new("cp").arg(PROGRAM).arg(to).status().unwrap();
    assert!(copied.success());
}

/// The command lines of this machine's processes that contain `word`.
#[cfg(target_os = "linux")]
pub(crate) fn processes_with(word: &str) -> Vec<String> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(word))
        .collect()
}

/// The path of a new file, in a folder that is deleted after the test.
pub(crate) fn new_file(name: &str) -> (TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let text = path.to_str().unwrap().to_owned();
    (folder, path, text)
}

/// A named pipe in a folder that is deleted after the test.
#[cfg(unix)]
pub(crate) fn new_fifo() -> (TempDir, PathBuf, String) {
    let (folder, path, text) = new_file("fifo");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    (folder, path, text)
}

/// When a run of [`start`] ends by itself.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// A long run for the test to end. It ends by itself should the test fail.
pub(crate) fn start(args: &[&str]) -> Child {
    let limit = format!("{}s", LIMIT.as_secs());
    let mut command = command(&[args, &["--time-limit", &limit]].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Sends the signal `name` to the child.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = Command::new("sh")
        .args(["-c", &format!("kill -{name} {}", child.id())])
        .status();
    assert!(kill.unwrap().success());
}

/// Waits until the checkpoint holds more darts than `before`.
pub(crate) fn wait_for_darts(checkpoint: &Path, before: u64) {
    let has_more = |line: String| Record::read(&line).unwrap().sims > before;
    while !fs::read_to_string(checkpoint).is_ok_and(has_more) {
        sleep(Duration::from_millis(5));
    }
}

/// The hits according to the library.
pub(crate) fn hits(seed: u64, sims: u64) -> u64 {
    let plan = Plan::first(seed, sims).unwrap();
    let workers = whole::workers(&plan, None);
    whole::count(&plan, Kernel::detect(), workers).unwrap().hits
}
