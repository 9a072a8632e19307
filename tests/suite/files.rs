//! Files that the program did not create: it follows links, writes to devices, leaves neighbours alone, and
//! leaves nothing behind after a failure.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use pi_mc::Record;

use crate::contract::MILLION_HITS;
use crate::program::{
    self, NEVER, PROGRAM, command, failure, new_fifo, new_file, not_tested, one_line, shell,
    stdout, usage_error,
};

/// The names in `folder`, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn is_picture(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|svg| svg.starts_with("<svg ") && svg.ends_with("</svg>\n"))
}

/// Runs the program in `folder`, as its user would.
fn run_in(folder: &Path, args: &[&str]) -> std::process::Output {
    command(args).current_dir(folder).output().unwrap()
}

#[test]
fn a_link_is_followed_by_every_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("there")).unwrap();
    // A link whose target exists, and a dangling one.
    for (option, is_right) in [
        ("--plot", is_picture as fn(&Path) -> bool),
        ("--timeline", is_picture),
        ("--trace", |path| {
            fs::read_to_string(path).is_ok_and(|text| text.starts_with("{\"sims\":1,"))
        }),
        ("--checkpoint", |path| {
            fs::read_to_string(path).is_ok_and(|text| Record::read(&text).is_ok())
        }),
    ] {
        for exists in [true, false] {
            let target = folder.join("there").join("target");
            // The ending says which form a timeline has.
            let link = folder.join("link.svg");
            if exists && option != "--checkpoint" {
                fs::write(&target, "old").unwrap();
            }
            symlink("there/target", &link).unwrap();
            let output = run_in(folder, &["-n", "1e5", "-q", option, "link.svg"]);
            assert_eq!(output.stderr, b"", "{option}");
            assert_eq!(output.status.code(), Some(0), "{option}");
            assert!(
                fs::symlink_metadata(&link).unwrap().is_symlink(),
                "{option}"
            );
            assert!(is_right(&target), "{option}, exists: {exists}");
            fs::remove_file(&link).unwrap();
            fs::remove_file(&target).unwrap();
            assert_eq!(names(folder), ["there"]);
        }
    }
}

#[test]
fn a_device_is_written_to_and_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    // Our own device if the system lets us create one, so that a mistake does no damage.
    let null = folder.path().join("null");
    let name = null.to_str().unwrap();
    let made = Command::new("mknod").args([name, "c", "1", "3"]).output();
    if made.is_ok_and(|made| made.status.success()) && File::create(&null).is_ok() {
        for option in ["--plot", "--trace"] {
            assert_eq!(
                stdout(&["-n", "1e6", "-s", "42", "-q", option, name]),
                "3.1429\n"
            );
        }
        stdout(&["compare", "-n", "1e5", "--runs", "2", "--plot", name]);
        let message = failure(&["-n", "1e6", "--checkpoint", name]);
        assert!(message.contains("not a regular file"), "{message}");
        let is_device = fs::metadata(&null).unwrap().file_type().is_char_device();
        assert!(is_device);
    } else {
        not_tested("outputs to a device, since only root can make one");
    }
    // A full device is an error, after the result.
    let output = program::run(&["-n", "1e6", "-s", "42", "-q", "--plot", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"3.1429\n");
    assert!(one_line(output.stderr).contains("could not write '/dev/full': No space left"));
}

#[test]
fn a_picture_on_stdout_is_all_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    for plot in ["-", "/dev/stdout"] {
        for args in [&["-n", "1e5"][..], &["compare", "-n", "1e5", "--runs", "2"]] {
            let out = File::create(&file).unwrap();
            let status = command(&[args, &["--plot", plot]].concat())
                .stdout(out)
                .status();
            assert!(status.unwrap().success());
            assert!(is_picture(&file), "{plot}: {args:?}");
            // And through a pipe.
            let svg = stdout(&[args, &["--plot", plot]].concat());
            assert!(
                svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
                "{plot}"
            );
        }
    }
    assert_eq!(names(folder.path()), ["out"]);
    let message = usage_error(&["--plot", "-", "--trace", "-"]);
    assert!(message.contains("same file"), "{message}");
}

#[test]
fn neighbours_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let victim = folder.join("victim");
    fs::write(&victim, "precious").unwrap();
    // Files, and links such as an attacker might put into a shared folder.
    for (suffix, is_link) in [
        ("lock", false),
        ("tmp", false),
        ("lock", true),
        ("tmp", true),
    ] {
        for name in ["Cargo", "report"] {
            let path = folder.join(format!("{name}.{suffix}"));
            if is_link {
                symlink(&victim, &path).unwrap();
            } else {
                fs::write(&path, "mine").unwrap();
            }
        }
        let args = [
            "-n",
            "1e6",
            "-q",
            "--checkpoint",
            "Cargo",
            "--plot",
            "report",
        ];
        assert_eq!(run_in(folder, &args).stderr, b"");
        for name in ["Cargo", "report"] {
            let path = folder.join(format!("{name}.{suffix}"));
            let expected = if is_link { "precious" } else { "mine" };
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
            fs::remove_file(&path).unwrap();
            fs::remove_file(folder.join(name)).unwrap();
        }
    }
    assert_eq!(names(folder), ["victim"]);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

#[test]
fn two_outputs_are_never_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = folder.join("c");
    stdout(&[
        "-n",
        "1e6",
        "-s",
        "42",
        "--checkpoint",
        path.to_str().unwrap(),
    ]);
    let good = fs::read(&path).unwrap();
    symlink("c", folder.join("link")).unwrap();
    fs::hard_link(&path, folder.join("hard")).unwrap();
    fs::create_dir(folder.join("sub")).unwrap();
    for alias in [
        "c",
        "./c",
        "sub/../c",
        path.to_str().unwrap(),
        "link",
        "hard",
    ] {
        for option in ["--plot", "--trace"] {
            let args = ["-n", "2e6", "--checkpoint", "c", option, alias];
            let output = run_in(folder, &args);
            assert_eq!(output.status.code(), Some(2), "{alias}");
            assert!(one_line(output.stderr).contains("same file"), "{alias}");
        }
    }
    let output = run_in(folder, &["--plot", "new", "--trace", "./new"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(one_line(output.stderr).contains("same file"));
    assert_eq!(fs::read(&path).unwrap(), good);
    assert_eq!(names(folder), ["c", "hard", "link", "sub"]);
}

/// The last writer wins, and the picture is complete at any moment.
#[test]
fn several_runs_may_draw_one_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.svg");
    let file = path.to_str().unwrap();
    for _ in 0..30 {
        let run = |seed: &str| {
            let args = ["-n", "1000", "-q", "-s", seed, "--plot", file];
            command(&args).stdout(Stdio::null()).spawn().unwrap()
        };
        let runs = ["1", "2", "3", "4"].map(run);
        for mut run in runs {
            assert!(run.wait().unwrap().success());
            assert!(is_picture(&path));
        }
        assert_eq!(names(folder.path()), ["picture.svg"]);
    }
}

#[test]
fn mode_and_owner_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    // New files get the mode that the umask leaves, as with any program.
    let new = shell(&format!(
        "umask 027; cd '{}' && pi-mc -n 1e5 -q --checkpoint c --plot p --trace t",
        folder.display()
    ));
    assert!(new.status.success());
    for name in ["c", "p", "t"] {
        assert_eq!(mode(&folder.join(name)), 0o640, "{name}");
    }
    for (kept, sims) in [(0o600, "2e5"), (0o664, "3e5"), (0o644, "4e5")] {
        for name in ["c", "p"] {
            fs::set_permissions(folder.join(name), Permissions::from_mode(kept)).unwrap();
        }
        let args = ["-n", sims, "-q", "--checkpoint", "c", "--plot", "p"];
        assert!(run_in(folder, &args).status.success());
        for name in ["c", "p"] {
            assert_eq!(mode(&folder.join(name)), kept, "{name}");
        }
    }
    // Only root can give a file away.
    let checkpoint = folder.join("c");
    if chown(&checkpoint, Some(1234), Some(5678)).is_ok() {
        assert!(
            run_in(folder, &["-n", "5e5", "--checkpoint", "c"])
                .status
                .success()
        );
        let metadata = fs::metadata(&checkpoint).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 5678));
    } else {
        not_tested("the owner of a replaced file, since only root can give one away");
    }
}

/// Root could write such a file; pi-mc refuses all the same.
#[test]
fn a_file_that_may_not_be_written_is_an_error_before_counting() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let checkpoint = folder.join("c");
    stdout(&[
        "-n",
        "1e6",
        "-s",
        "42",
        "--checkpoint",
        checkpoint.to_str().unwrap(),
    ]);
    let picture = folder.join("p");
    fs::write(&picture, "old").unwrap();
    for path in [&checkpoint, &picture] {
        fs::set_permissions(path, Permissions::from_mode(0o444)).unwrap();
    }
    let before = fs::read(&checkpoint).unwrap();
    for (option, name) in [("--checkpoint", "c"), ("--plot", "p")] {
        let output = run_in(folder, &["-n", NEVER, option, name]);
        assert_eq!(output.status.code(), Some(1));
        let message = one_line(output.stderr);
        assert!(message.contains("ermission denied"), "{message}");
    }
    assert_eq!(fs::read(&checkpoint).unwrap(), before);
    assert_eq!(fs::read(&picture).unwrap(), b"old");
    assert_eq!(names(folder), ["c", "p"]);
}

/// If several runs start with the same new checkpoint, one gets it.
#[test]
fn of_runs_that_make_one_checkpoint_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let path = folder.path().join(round.to_string());
        let file = path.to_str().unwrap();
        let args = ["-n", "1e6", "-s", "42", "-q", "--checkpoint", file];
        let runs: Vec<_> = (0..3)
            .map(|_| {
                let mut command = command(&args);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let mut right = 0;
        for output in runs.into_iter().map(|run| run.wait_with_output().unwrap()) {
            // A run that starts after another has ended finds the work done.
            if output.stdout == b"3.1429\n" {
                right += 1;
            } else {
                let message = one_line(output.stderr);
                assert!(message.contains(": in use by another run"), "{message}");
            }
        }
        assert!(right >= 1);
        let record = Record::read(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(record.hits, MILLION_HITS);
    }
    assert_eq!(names(folder.path()).len(), 20, "nothing else is left");
}

/// A file that reaches its size limit is a failed write. By default the signal would kill the program.
#[test]
fn a_size_limit_is_a_failure_that_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // A trace is written in place, so its file stays, as short as it is.
    for (option, left) in [
        ("--checkpoint c", &[][..]),
        ("--plot p", &[]),
        ("--timeline t.svg", &[]),
        ("--trace t", &["t"]),
    ] {
        let script = format!(
            "cd '{}' && ulimit -f 0 && exec {PROGRAM} -n 1e6 -s 42 -q {option}",
            path.display()
        );
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{option}");
        let message = one_line(output.stderr);
        assert!(message.contains("could not write"), "{message}");
        assert!(message.contains("File too large"), "{message}");
        assert!(!message.contains(".pi-mc-"), "{message}");
        assert_eq!(names(path), left, "{option}");
    }
    assert_eq!(fs::read(path.join("t")).unwrap(), b"");
    let script = format!("cd '{}' && ulimit -f 0 && pi-mc -n 1 > out", path.display());
    let output = shell(&script);
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).contains("could not write to stdout"));
}

#[test]
fn a_trace_leaves_a_file_that_nobody_may_write_alone() {
    let (_folder, path, file) = new_file("trace");
    fs::write(&path, "mine").unwrap();
    let mut mode = fs::metadata(&path).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&path, mode).unwrap();
    let message = failure(&["-n", "10", "--trace", &file]);
    assert!(message.contains("could not open the trace"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn no_file_is_made_of_the_name_of_a_folder() {
    let (_folder, path, file) = new_file("folder");
    let message = failure(&["-n", "10", "--plot", &(file + "/")]);
    assert!(message.contains("not a regular file"), "{message}");
    assert!(!path.exists());
}

/// Several outputs may share /dev/null, since none can spoil another there.
#[test]
fn all_outputs_may_go_to_dev_null() {
    let output = shell("pi-mc -n 10 --trace /dev/null --plot /dev/null >/dev/null");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}

/// A named pipe is written to while it has a reader.
#[test]
fn a_picture_goes_through_a_pipe() {
    let (_folder, path, file) = new_fifo();
    let reader = thread::spawn({
        let path = path.clone();
        move || fs::read_to_string(path).unwrap()
    });
    stdout(&["-n", "1000", "-q", "--plot", &file]);
    assert!(reader.join().unwrap().ends_with("</svg>\n"));
    assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
}
