//! Systems that refuse threads, memory, a stdout or /proc. No result is lost, and nothing panics.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Output};

use pi_mc::engine::whole;
use pi_mc::{Kernel, Plan, Record};

use crate::contract::MILLION_HITS;
use crate::program::{NEVER, PROGRAM, copy_program, hits, new_file, not_tested, one_line, shell};

/// The output of a shell script in which `pi-mc` is the program, as a user limited to `threads` threads, since root has
/// no limit. `None` if this system cannot test it.
fn with_threads(threads: u32, script: &str) -> Option<Output> {
    // A separate user, since the limit counts all of a user's processes.
    let user = 1_234_567 + threads;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("pi-mc");
    copy_program(&program);
    for path in [folder.path(), &program] {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = script.replace("pi-mc", program.to_str().unwrap());
    let script = format!("ulimit -u {threads}; {script}");
    let mut setpriv = Command::new("setpriv");
    setpriv.args([
        &format!("--reuid={user}"),
        "--clear-groups",
        "bash",
        "-c",
        &script,
    ]);
    let Ok(output) = setpriv.output() else {
        not_tested("refused threads, since setpriv is not installed");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("setpriv") || said.contains("Permission denied") {
        not_tested(&format!("refused threads: {said}"));
        return None;
    }
    Some(output)
}

/// Whole records would take about 100 MB here.
#[test]
fn many_records_are_merged_in_little_memory() {
    const RECORDS: u64 = 60_000;
    let (_folder, path, file) = new_file("records.json");
    let lines: String = (0..RECORDS)
        .map(|i| {
            let first = i * 65_536;
            format!(
                "{{\"contract\":1,\"method\":\"darts\",\"seed\":7,\"first\":{first},\"sims\":65536,\"hits\":51472}}\n"
            )
        })
        .collect();
    fs::write(path, lines).unwrap();
    for option in ["--format json", "--format csv", "--average --format json"] {
        let script = format!("ulimit -v 50000; exec pi-mc merge '{file}' {option}");
        let output = shell(&script);
        assert_eq!(output.stderr, b"", "{option}");
        let said = String::from_utf8(output.stdout).unwrap();
        let hits = (RECORDS * 51_472).to_string();
        let sims = (RECORDS * 65_536).to_string();
        assert!(said.contains(&sims), "{option}: {sims}");
        assert!(
            option.contains("average") || said.contains(&hits),
            "{option}: {hits}"
        );
    }
}

#[test]
fn a_default_run_goes_on_with_the_threads_it_gets() {
    for (args, sims) in [
        ("-n 1e8 -s 42 --format json", 100_000_000),
        ("-n 1e6 -s 42 -w 1 --format json", 1_000_000),
    ] {
        let Some(output) = with_threads(1, &format!("exec pi-mc {args}")) else {
            return;
        };
        assert_eq!(output.stderr, b"", "{args}");
        assert_eq!(output.status.code(), Some(0), "{args}");
        let record = Record::read(str::from_utf8(&output.stdout).unwrap()).unwrap();
        assert_eq!(record.workers, Some(1));
        assert_eq!((record.sims, record.partial), (sims, false));
        assert_eq!(record.hits, hits(42, sims));
    }
}

#[test]
fn threads_that_were_asked_for_and_refused_are_an_error_said_once() {
    // With a picture or a trace, the first steps count a single chunk, which needs no thread.
    for (workers, more) in [
        (2, ""),
        (3, ""),
        (64, ""),
        (64, "--plot /dev/null"),
        (64, "--trace /dev/null"),
    ] {
        let script = format!("exec pi-mc -n {NEVER} -s 42 -w {workers} {more}");
        let Some(output) = with_threads(1, &script) else {
            return;
        };
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
        let message = one_line(output.stderr);
        assert_eq!(
            message,
            format!(
                "pi-mc: could not start {workers} worker threads: Resource temporarily unavailable \
                 (os error 11)"
            )
        );
    }
}

/// The system also refuses the thread that waits for a second signal. The result so far is whole, and right.
#[test]
fn a_signal_without_threads_loses_no_result() {
    for seconds in [0.5, 5.0, 20.0] {
        // The limit leaves no room for a shell that forks beside the program's threads, so it sleeps before.
        let script = format!(
            "sleep {seconds} & asleep=$!; exec pi-mc -n {NEVER} -s 42 --format json & \
             wait $asleep; kill -TERM $!; wait $!"
        );
        let Some(output) = with_threads(3, &script) else {
            return;
        };
        assert_eq!(output.status.code(), Some(143));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        // On a loaded machine the signal may come before the program is ready for it.
        if !output.stdout.is_empty() {
            let record = Record::read(std::str::from_utf8(&output.stdout).unwrap()).unwrap();
            assert!(record.partial && record.sims > 0, "{record:?}");
            assert_eq!(record.hits, hits(42, record.sims));
            return;
        }
    }
    panic!("no result");
}

#[test]
fn a_comparison_without_threads_does_not_panic() {
    let script = "exec pi-mc compare -n 1e6 -w 1 --runs 2 --strategy serial";
    let Some(output) = with_threads(1, script) else {
        return;
    };
    assert_eq!(output.stderr, b"");
    assert_eq!(output.status.code(), Some(0));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("\nserial "), "{table}");
    let Some(output) = with_threads(1, "exec pi-mc compare -n 1e6 -w 2 --runs 2 --strategy all")
    else {
        return;
    };
    assert_eq!(output.status.code(), Some(1));
    let message = one_line(output.stderr);
    assert!(
        message.contains("Resource temporarily unavailable"),
        "{message}"
    );
}

#[test]
fn a_closed_stdout_is_a_failure() {
    for args in ["-q -n 1", "--help", "merge --help", "verify --class S"] {
        let output = shell(&format!("pi-mc {args} >&-"));
        assert_eq!(output.status.code(), Some(1), "{args}");
        assert_eq!(
            one_line(output.stderr),
            "pi-mc: could not write to stdout: it is closed"
        );
    }
    // Like Python's subprocess.DEVNULL: open for reading and writing.
    let output = shell("pi-mc -q -n 1 1<>/dev/null");
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

/// A root folder that contains only the program and its libraries.
#[test]
fn without_proc_all_but_worker_processes_works() {
    let root = tempfile::tempdir().unwrap();
    let linked = Command::new("ldd").arg(PROGRAM).output().unwrap();
    let linked = String::from_utf8(linked.stdout).unwrap();
    let libraries = linked
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    for library in libraries {
        let copy = root
            .path()
            .join(Path::new(library).strip_prefix("/").unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(library, copy).unwrap();
    }
    copy_program(&root.path().join("pi-mc"));
    let run = |args: &str| {
        let output = Command::new("chroot")
            .arg(root.path())
            .arg("/pi-mc")
            .args(args.split(' '))
            .output()
            .unwrap();
        (output.status.code(), output)
    };
    if run("--version").0 == Some(125) {
        not_tested("an empty root: chroot is not allowed");
        return;
    }
    let (code, output) = run("-n 1e6 -s 42 -q");
    assert_eq!((code, output.stdout), (Some(0), b"3.1429\n".to_vec()));
    // Rust's own runtime opens it for a closed stdout.
    let dev = root.path().join("dev");
    fs::create_dir(&dev).unwrap();
    let null = Command::new("mknod")
        .arg(dev.join("null"))
        .args(["c", "1", "3"])
        .status();
    assert!(null.unwrap().success());
    let script = format!("exec chroot {} /pi-mc -n 1 -q >&-", root.path().display());
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(output.stderr).ends_with("could not write to stdout: it is closed"));
    let (code, output) = run("compare -n 1e6 -w 2 --runs 2 --strategy pool,threads,queue");
    assert_eq!(code, Some(0), "{output:?}");
    let (code, output) = run("compare -n 1e6 -w 2 --runs 2 --strategy processes");
    assert_eq!(code, Some(1));
    assert!(one_line(output.stderr).contains("this program's own file"));
}

/// In the library, more threads than any machine has cores give the same hits.
#[test]
fn thousands_of_workers_change_nothing() {
    let plan = Plan::new(42, 1_000..300_001_000).unwrap();
    let count = |workers| {
        let workers = NonZero::new(workers).unwrap();
        whole::count(&plan, Kernel::detect(), workers).unwrap()
    };
    let serial = count(1);
    for workers in [2, 3, 7, 64, 1_000, 4_096] {
        assert_eq!(count(workers), serial, "{workers} workers");
    }
    let million = Plan::first(42, 1_000_000).unwrap();
    let many = NonZero::new(4_096).unwrap();
    let counted = whole::count(&million, Kernel::detect(), many).unwrap();
    assert_eq!(counted.hits, MILLION_HITS);
}
