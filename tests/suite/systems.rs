//! File systems that cannot do everything, tried by refusing single system calls (strace), by mount points and by
//! folders that may not be written; and files of other users.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use pi_mc::Record;
use tempfile::TempDir;

use crate::contract::MILLION_HITS;
use crate::program::{
    NEVER, PROGRAM, copy_program, failure, new_file, not_tested, one_line, run, stdout,
};

/// A user without rights.
const NOBODY: u32 = 65_534;

/// The output of the program in `folder` on a system that fails the calls in `faults`; `None` where that cannot be
/// tested. A fault is written as for `strace -e inject=`.
fn with_faults(faults: &[&str], folder: &Path, args: &[&str]) -> Option<Output> {
    let strace = || {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null"]).current_dir(folder);
        strace
    };
    let works = strace().arg("true").output();
    if !works.is_ok_and(|output| output.status.success()) {
        not_tested("faults of file systems, since strace is not installed or not allowed");
        return None;
    }
    let mut strace = strace();
    for fault in faults {
        strace.args(["-e", &format!("inject={fault}")]);
    }
    strace.env("LC_ALL", "C.UTF-8").env_remove("PI_MC_WORKERS");
    Some(strace.arg(PROGRAM).args(args).output().unwrap())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn record(path: &Path) -> Record {
    Record::read(&fs::read_to_string(path).unwrap()).unwrap()
}

fn is_picture(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|svg| svg.starts_with("<svg ") && svg.ends_with("</svg>\n"))
}

/// Makes a picture to be replaced, and returns its inode.
fn old_picture(path: &Path) -> u64 {
    fs::write(path, "old").unwrap();
    fs::metadata(path).unwrap().ino()
}

#[test]
fn a_checkpoint_without_locks_goes_on_and_says_so_once() {
    for error in ["ENOSYS", "ENOLCK", "EOPNOTSUPP"] {
        let (folder, path, _) = new_file("c");
        let fault = format!("flock:error={error}");
        for sims in ["1000", "1e6"] {
            let args = ["-n", sims, "-s", "42", "-q", "--checkpoint", "c"];
            let Some(output) = with_faults(&[&fault], folder.path(), &args) else {
                return;
            };
            let message = one_line(output.stderr);
            assert!(
                message.ends_with("has no locks; do not start a second run with it"),
                "{message}"
            );
            assert_eq!(output.status.code(), Some(0), "{error}");
        }
        assert_eq!(record(&path).hits, MILLION_HITS);
    }
    // Any other error of a lock is one.
    let (folder, path, _) = new_file("c");
    let args = ["-n", NEVER, "--checkpoint", "c"];
    let output = with_faults(&["flock:error=EIO"], folder.path(), &args).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).contains("Input/output error"));
    assert!(!path.exists());
}

/// Calls that some file systems lack, without which a file is replaced all the same.
#[test]
fn what_a_file_system_lacks_is_done_without() {
    for fault in [
        "fsync:error=EINVAL",
        "fsync:error=EOPNOTSUPP",
        "fchmod:error=EPERM",
        "fchmod:error=EOPNOTSUPP",
        // The second is that of the folder, where the file has its name already.
        "fsync:error=EIO:when=2",
    ] {
        let (folder, path, _) = new_file("c");
        let picture = folder.path().join("p");
        for sims in ["1000", "1e6"] {
            old_picture(&picture);
            fs::set_permissions(&picture, Permissions::from_mode(0o600)).unwrap();
            let args = [
                "-n",
                sims,
                "-s",
                "42",
                "-q",
                "--checkpoint",
                "c",
                "--plot",
                "p",
            ];
            let Some(output) = with_faults(&[fault], folder.path(), &args) else {
                return;
            };
            assert_eq!(text(&output.stderr), "", "{fault}");
            assert_eq!(output.status.code(), Some(0), "{fault}");
            assert!(is_picture(&picture), "{fault}");
            let mode = fs::metadata(&picture).unwrap().mode() & 0o777;
            assert_eq!(mode, 0o600, "{fault}: as when it was made");
        }
        assert_eq!(record(&path).hits, MILLION_HITS);
    }
    // The file's own is a failure: its bytes may be lost.
    let (folder, path, _) = new_file("p");
    let args = ["-n", "1000", "-q", "--plot", "p"];
    let output = with_faults(&["fsync:error=EIO:when=1"], folder.path(), &args).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).contains("Input/output error"));
    assert!(!path.exists());
}

/// A mount point (EBUSY), and a folder that keeps its names (EACCES, EPERM, EROFS).
#[test]
fn where_replacing_is_impossible_outputs_are_written_in_place_and_checkpoints_refused() {
    for (error, why) in [
        ("EBUSY", "it is a mount point"),
        ("EACCES", "its folder does not let it be replaced"),
        ("EPERM", "its folder does not let it be replaced"),
        ("EROFS", "its folder does not let it be replaced"),
    ] {
        let fault = format!("?rename,?renameat,renameat2:error={error}");
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for args in [
            &[
                "-n",
                "1000",
                "-q",
                "--plot",
                "p",
                "--timeline",
                "t.json",
                "--trace",
                "trace",
            ][..],
            &[
                "compare",
                "-n",
                "1000",
                "--runs",
                "1",
                "--plot",
                "p",
                "--timeline",
                "t.json",
            ],
        ] {
            let old = ["p", "t.json", "trace"].map(|name| old_picture(&path(name)));
            let Some(output) = with_faults(&[&fault], folder.path(), args) else {
                return;
            };
            assert_eq!(text(&output.stderr), "", "{error}: {args:?}");
            assert_eq!(output.status.code(), Some(0), "{error}: {args:?}");
            let new = ["p", "t.json", "trace"].map(|name| fs::metadata(path(name)).unwrap().ino());
            assert_eq!(new, old, "in place");
            assert!(is_picture(&path("p")), "{error}");
            let trace = fs::read_to_string(path("trace")).unwrap();
            let is_traced = args.contains(&"--trace");
            assert_eq!(
                trace.starts_with("{\"sims\":1,"),
                is_traced,
                "{error}: {trace}"
            );
            let timeline = fs::read_to_string(path("t.json")).unwrap();
            serde_json::from_str::<serde_json::Value>(&timeline).unwrap();
            assert_eq!(
                fs::read_dir(folder.path()).unwrap().count(),
                3,
                "nothing is left"
            );
        }
        // A checkpoint is refused before the run, and left as it is.
        stdout(&[
            "-n",
            "1000",
            "-s",
            "42",
            "--checkpoint",
            path("c").to_str().unwrap(),
        ]);
        let before = fs::read(path("c")).unwrap();
        let args = ["-n", NEVER, "--checkpoint", "c"];
        let output = with_faults(&[&fault], folder.path(), &args).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        let message = one_line(output.stderr);
        assert!(
            message.contains(why) && message.contains("checkpoint"),
            "{message}"
        );
        assert_eq!(fs::read(path("c")).unwrap(), before);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            4,
            "nothing is left"
        );
    }
}

#[test]
fn a_file_that_cannot_be_given_to_its_owner_is_written_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let [picture, checkpoint] = ["p", "c"].map(|name| folder.path().join(name));
    stdout(&[
        "-n",
        "10",
        "-s",
        "42",
        "--checkpoint",
        checkpoint.to_str().unwrap(),
    ]);
    let old = old_picture(&picture);
    if [&picture, &checkpoint]
        .iter()
        .any(|path| chown(path, Some(1234), Some(5678)).is_err())
    {
        not_tested("files of other owners, since only root can make one");
        return;
    }
    let fault = ["fchown:error=EPERM"];
    let args = ["-n", "1000", "-q", "--plot", "p"];
    let Some(output) = with_faults(&fault, folder.path(), &args) else {
        return;
    };
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let new = fs::metadata(&picture).unwrap();
    assert_eq!((new.ino(), new.uid(), new.gid()), (old, 1234, 5678));
    assert!(is_picture(&picture));
    let output = with_faults(&fault, folder.path(), &["-n", NEVER, "--checkpoint", "c"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = one_line(output.stderr);
    assert!(
        message.contains("a different owner or group, which only root can give"),
        "{message}"
    );
}

/// The same at a real mount point, in a name space of its own.
#[test]
fn a_mount_point_is_written_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    stdout(&[
        "-n",
        "1000",
        "-s",
        "42",
        "--checkpoint",
        path("c").to_str().unwrap(),
    ]);
    for name in ["mounted-p", "p"] {
        fs::write(path(name), "old").unwrap();
    }
    fs::copy(path("c"), path("mounted-c")).unwrap();
    let in_space = |script: &str| {
        let mounts = "mount --bind mounted-p p && mount --bind mounted-c c || exit 99";
        let mut unshare = Command::new("unshare");
        unshare.args(["-rm", "sh", "-c", &format!("{mounts}; {script}")]);
        unshare
            .current_dir(folder.path())
            .env("LC_ALL", "C.UTF-8")
            .output()
    };
    let output = in_space(&format!("{PROGRAM} -n 1000 -q --plot p"));
    if !matches!(&output, Ok(output) if output.status.code() == Some(0)) {
        let works = in_space("true");
        assert!(
            !works.is_ok_and(|works| works.status.success()),
            "{output:?}"
        );
        not_tested("mount points, since a name space for users is not allowed");
        return;
    }
    assert!(is_picture(&path("mounted-p")));
    let output = in_space(&format!("{PROGRAM} -n {NEVER} --checkpoint c")).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).contains("it is a mount point, and a checkpoint"));
    assert_eq!(record(&path("mounted-c")).sims, 1000);
}

/// A folder with a copy of the program, which everybody may write to, as /tmp is.
struct Shared(TempDir);

impl Shared {
    /// `None` where the tests do not run as root.
    fn new() -> Option<Shared> {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        copy_program(&folder.path().join("pi-mc"));
        let shared = Shared(folder);
        let works = shared.command("id -u").output();
        let uid = format!("{NOBODY}\n");
        if !works.is_ok_and(|output| output.stdout == uid.as_bytes()) {
            not_tested("files of other users, since the tests do not run as root with setpriv");
            return None;
        }
        Some(shared)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A command of the other user, in the folder, where `./pi-mc` is the program.
    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("setpriv");
        let [user, group] = ["reuid", "regid"].map(|id| format!("--{id}={NOBODY}"));
        command.args([&user, &group, "--clear-groups", "sh", "-c", script]);
        command.current_dir(self.0.path()).env("LC_ALL", "C.UTF-8");
        command.env_remove("PI_MC_WORKERS");
        command
    }

    /// The other user runs this, successfully and quietly.
    fn does(&self, script: &str) {
        let output = self.command(script).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{script}: {output:?}"
        );
    }

    /// Lets the other user begin with something that prints a line once it is under way.
    fn begins(&self, script: &str) -> Other {
        use std::io::{BufRead, BufReader};
        let mut command = self.command(script);
        // The command that it starts ends when its stdin does.
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n", "{script}");
        Other(child)
    }
}

/// A process of the other user, which ends with the test.
struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Files in a folder that may be entered and written but not read, and in one that may only be entered.
#[test]
fn a_folder_needs_no_more_rights_than_the_write_does() {
    let Some(shared) = Shared::new() else { return };
    shared.does(
        "mkdir -m 0333 blind; mkdir shut; echo old > shut/p; echo old > shut/c; chmod 0555 shut",
    );
    shared.does("./pi-mc -n 10 -s 1 -q --plot blind/p --checkpoint blind/c >/dev/null");
    shared.does("./pi-mc -n 20 -s 1 -q --plot blind/p --checkpoint blind/c >/dev/null");
    assert!(is_picture(&shared.path("blind/p")));
    assert_eq!(record(&shared.path("blind/c")).sims, 20);

    shared.does("./pi-mc -n 10 -q --plot shut/p >/dev/null");
    assert!(is_picture(&shared.path("shut/p")));
    for (option, why) in [
        ("--plot shut/new", "Permission denied"),
        ("--trace shut/new", "Permission denied"),
        ("--checkpoint shut/new", "Permission denied"),
    ] {
        let script = format!("exec ./pi-mc -n {NEVER} {option}");
        let output = shared.command(&script).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{option}");
        let message = one_line(output.stderr);
        assert!(message.contains(why), "{message}");
    }
    shared.does("cp blind/c c; chmod 0755 shut; mv c shut/c; chmod 0555 shut");
    let output = shared
        .command(&format!("exec ./pi-mc -n {NEVER} --checkpoint shut/c"))
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = one_line(output.stderr);
    assert!(
        message.contains("its folder does not let it be replaced, and a checkpoint"),
        "{message}"
    );
    assert_eq!(record(&shared.path("shut/c")).sims, 20);
}

#[test]
fn a_link_of_a_different_user_in_a_shared_folder_is_refused() {
    let Some(shared) = Shared::new() else { return };
    let own = tempfile::tempdir().unwrap();
    let [secret, absent] = ["secret", "absent"].map(|name| own.path().join(name));
    for target in [&secret, &absent] {
        fs::write(&secret, "secret").unwrap();
        shared.does(&format!("ln -sfn {} link", target.display()));
        for option in ["--plot", "--trace", "--checkpoint"] {
            let message = failure(&["-n", NEVER, option, &shared.name("link")]);
            assert!(message.contains("is a link of user 65534"), "{message}");
        }
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
        assert!(!absent.exists());
        // The same link is the own user's: root followed nobody's.
        fs::remove_file(shared.path("link")).unwrap();
        symlink(target, shared.path("link")).unwrap();
        stdout(&["-n", "10", "-q", "--plot", &shared.name("link")]);
        assert!(is_picture(target));
        fs::remove_file(target).unwrap();
        fs::remove_file(shared.path("link")).unwrap();
    }
}

/// The other user puts a link in the way, again and again, at the moment when a name is looked up.
#[test]
fn a_racing_link_never_gets_a_file_overwritten() {
    let Some(shared) = Shared::new() else { return };
    if Command::new("perl").arg("-e1").output().is_err() {
        not_tested("racing links, since perl is not installed");
        return;
    }
    let own = tempfile::tempdir().unwrap();
    let [secret, absent] = ["secret", "absent"].map(|name| own.path().join(name));
    fs::write(&secret, "secret").unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    for (target, own_first) in [(&secret, false), (&secret, true), (&absent, false)] {
        // Makes the link beside the name and moves it there, so that the name is never free of both.
        let file = "open(F, '>', 'f'); close F; rename('f', 'out');";
        let script = format!(
            "exec perl -e 'alarm 600; $| = 1; print \"ready\\n\"; while (1) {{ {} symlink(\"{}\", \"l\"); rename(\"l\", \"out\"); \
             unlink(\"out\"); }}'",
            if own_first {
                file.replace('\'', "\"")
            } else {
                String::new()
            },
            target.display()
        );
        let mut racer = shared.begins(&script);
        for round in 0..150 {
            let option = ["--plot", "--trace"][round % 2];
            // Most runs fail, some do not; none follows the link.
            let _ = run(&["-n", "10", "-q", option, &shared.name("out")]);
            assert_eq!(fs::read_to_string(&secret).unwrap(), "secret", "{option}");
            assert!(!absent.exists(), "{option}");
            // A file of root's own the other user could not replace any more.
            let _ = fs::remove_file(shared.path("out"));
        }
        assert_eq!(racer.0.try_wait().unwrap(), None, "it raced to the end");
    }
}

/// A worker process is the program that runs, whatever has its name by now.
#[test]
fn workers_are_started_from_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    copy_program(&path("pi-mc"));
    fs::write(path("other"), "#!/bin/sh\necho 1\n").unwrap();
    fs::set_permissions(path("other"), Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(path("pi-mc"));
    command.args([
        "compare",
        "processes",
        "-n",
        "131072",
        "-s",
        "1",
        "-w",
        "2",
        "--io-wait",
        "20ms",
    ]);
    command
        .args(["--runs", "40", "--format", "csv"])
        .env_remove("PI_MC_WORKERS");
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(300));
    fs::rename(path("other"), path("pi-mc")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("\nprocesses,2,"));
}

#[test]
fn a_pipe_of_a_different_user_is_not_waited_for() {
    let Some(shared) = Shared::new() else { return };
    shared.does("mkfifo -m 0666 pipe");
    let pipe = shared.name("pipe");
    let message = failure(&["-n", NEVER, "--trace", &pipe]);
    assert!(
        message.ends_with("it is a pipe of a different user, and nobody reads it"),
        "{message}"
    );
    let output = run(&["-n", "1e6", "-s", "42", "-q", "--plot", &pipe]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"3.1429\n", "the result is there");
    assert!(one_line(output.stderr).ends_with("nobody reads it"));
    // With a reader it is a pipe as any other.
    let _reader = shared.begins("exec 3<>pipe; echo ready; exec cat <&3 > got");
    stdout(&["-n", "10", "-q", "--trace", &pipe]);
    let got = || fs::read_to_string(shared.path("got")).unwrap();
    for _ in 0..1000 {
        if got().lines().count() == 4 {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("{}", got());
}

/// A user who may read a file may lock it.
#[test]
fn the_holder_of_a_lock_is_named() {
    let Some(shared) = Shared::new() else { return };
    let checkpoint = shared.name("c");
    stdout(&["-n", "1000", "-s", "42", "--checkpoint", &checkpoint]);
    let locker = shared.begins("exec flock c sh -c 'echo ready; exec cat'");
    let message = failure(&["-n", "1e6", "--checkpoint", &checkpoint]);
    let pid = locker.0.id();
    let named =
        format!("in use by another run: process {pid} of user 65534, 'flock', has locked it");
    assert!(message.contains(&named), "{message}");
    assert!(message.ends_with("resume a copy of the file"), "{message}");
    let copy = shared.name("copy");
    fs::copy(&checkpoint, &copy).unwrap();
    stdout(&["-n", "1e6", "--checkpoint", &copy]);
    assert_eq!(record(Path::new(&copy)).hits, MILLION_HITS);
}
