//! The recipes of docs/many-machines.md for GNU parallel and make, with a shard that is killed. `.ci/slurm` and
//! `.ci/kubernetes` run those for clusters.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use pi_mc::Record;
use tempfile::TempDir;

use crate::contract::CONTRACT;
use crate::program::{PROGRAM, not_tested};

/// The text on the page between two others.
fn on_page(before: &str, after: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/many-machines.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(before).expect(before);
    rest.split_once(after).expect(after).0.to_owned()
}

fn is_installed(tool: &str) -> bool {
    let is_there = Command::new(tool).arg("--version").output().is_ok();
    if !is_there {
        not_tested(&format!("the recipe for {tool}, which is not installed"));
    }
    is_there
}

/// A folder with a program `pi-mc` that does `killed` instead, when it is to count shard 3 for the first time.
fn folder_in_which_shard_3_is(killed: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("pi-mc");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *' 3/8 '*) [ -e killed ] || {{ touch killed; {killed}; }} ;; esac\n\
         exec {PROGRAM} \"$@\"\n"
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn run_in(folder: &TempDir, script: &str) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .current_dir(folder);
    shell.output().unwrap()
}

#[test]
fn gnu_parallel_runs_a_killed_shard_again() {
    if !is_installed("parallel") {
        return;
    }
    let folder = folder_in_which_shard_3_is("kill -KILL $$");
    let script = format!(
        "seq 8 | parallel{}",
        on_page("$ seq 8 | parallel", "\n3.14")
    );
    let logged = || fs::read_to_string(folder.path().join("jobs")).unwrap();
    let output = run_in(&folder, &script);
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(logged().lines().count(), 9, "a header and eight jobs");
    let output = run_in(&folder, &script);
    assert_eq!(output.stdout, b"3.14182124\n", "{output:?}");
    assert_eq!(logged().lines().count(), 10, "{}", logged());
}

#[test]
fn make_does_not_take_a_killed_shard_for_done() {
    if !is_installed("make") {
        return;
    }
    // Its process group has make and everything that make started: as if the machine were lost.
    let killed = format!("{PROGRAM} \"$@\" --time-limit 1ms; kill -KILL 0");
    let folder = folder_in_which_shard_3_is(&killed);
    let makefile = on_page("```make\n", "```");
    fs::write(folder.path().join("Makefile"), makefile).unwrap();
    let is_there = |file: &str| folder.path().join(file).exists();
    let output = run_in(&folder, "setsid --wait make -j 2");
    assert!(!output.status.success(), "{output:?}");
    assert!(is_there("shard-3.json.new"), "{output:?}");
    assert!(!is_there("shard-3.json") && !is_there("result.json"));
    let output = run_in(&folder, "make -j 2");
    assert!(output.status.success(), "{output:?}");
    let result = fs::read_to_string(folder.path().join("result.json")).unwrap();
    let (seed, sims, hits) = CONTRACT[9];
    let result = Record::read(&result).unwrap();
    assert_eq!((result.seed, result.sims, result.hits), (seed, sims, hits));
}
