//! One run on the ranks of an MPI job. These tests need mpirun; start them with `cargo test --features mpi`.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pi_mc::engine::whole;
use pi_mc::{Kernel, Plan, Record};
use serde_json::Value;

use crate::contract::{CONTRACT, MILLION_HITS};
use crate::program::{PROGRAM, hits, stdout, usage_error};

/// A shell that runs the script, in which `mpirun` takes more ranks than cores, and root.
fn launcher(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .env("OMPI_MCA_rmaps_base_oversubscribe", "1")
        .args(["-c", script]);
    shell
}

/// The output of a job, in which `pi-mc` is the program.
fn mpirun(job: &str) -> Output {
    let script = format!("mpirun {}", job.replace("pi-mc", PROGRAM));
    launcher(&script).output().unwrap()
}

#[test]
fn ranks_add_up_to_one_run() {
    for (seed, sims, hits) in [CONTRACT[0], CONTRACT[5], CONTRACT[6]] {
        for ranks in [1, 2, 4, 7] {
            let run = format!("--mpi -n {sims} -s {seed} --format json");
            let output = mpirun(&format!("-n {ranks} pi-mc {run}"));
            assert!(output.status.success(), "{output:?}");
            let result: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(result["hits"], hits, "{sims} darts on {ranks} ranks");
            assert_eq!(result["sims"], sims);
            assert!(result["workers"].as_u64() >= Some(ranks));
        }
    }
    let output = mpirun("-n 3 pi-mc --mpi -n 1e6 -s 42 -w 2 --format json");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&result["workers"], &result["hits"]),
        (&6.into(), &MILLION_HITS.into())
    );
}

/// If the launcher binds no rank, ranks of one machine pin their threads to different cores.
#[test]
fn ranks_pin_their_workers_to_cores_of_their_own() {
    let job = "--bind-to none -n 2 sh -c 'pi-mc --mpi -n 1e16 -w 1 --pin & sleep 6; \
               grep -h Cpus_allowed_list /proc/$!/status; kill -KILL $!'";
    let output = mpirun(job);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let lists = said.lines().filter_map(|line| line.split_once(':'));
    let mut cores: Vec<_> = lists.map(|(_, list)| list.trim().to_owned()).collect();
    cores.sort();
    let pinning = pi_mc::engine::cores::Pinning::of_this_process().unwrap();
    let mut expected: Vec<_> = [0, 1].map(|i| pinning.core(i).cpu.to_string()).into();
    expected.sort();
    assert_eq!(cores, expected, "{output:?}");
}

/// The result has the processor time of all ranks, and no machine.
#[test]
fn ranks_add_up_their_processor_time() {
    let output = mpirun("-n 2 pi-mc --mpi -n 1e8 -s 42 -w 1 --format json");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(result["cpu_s"].as_f64() > Some(0.0), "{result}");
    assert_eq!(result.get("machine"), Some(&Value::Null));
}

/// At Ctrl-C the launcher sends each rank a signal, and kills it a second later, which is too soon for three ranks on a
/// busy machine with fewer cores.
#[test]
fn a_signal_prints_what_all_ranks_have_counted() {
    let job = format!(
        "export OMPI_MCA_odls_base_sigkill_timeout=8; exec timeout -s INT 8 mpirun -n 3 {PROGRAM} --mpi -n 1e16 -s 42 -w 1 --kernel portable --format json"
    );
    let output = launcher(&job).output().unwrap();
    let record = Record::read(str::from_utf8(&output.stdout).unwrap()).unwrap();
    assert!(record.partial);
    assert_eq!((record.total, record.parts.len()), (Some(10u64.pow(16)), 3));
    let part = record.parts[1].part;
    let plan = Plan::new(42, part.first..part.first + part.sims).unwrap();
    let counted = whole::count(&plan, Kernel::detect(), whole::workers(&plan, None));
    assert_eq!(counted.unwrap().hits, part.hits);
}

#[test]
fn without_a_seed_all_ranks_take_the_same() {
    let output = mpirun("-n 3 pi-mc --mpi -n 1e6 --format json");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let args = ["-n", "1e6", "-s", &result["seed"].to_string()];
    assert_eq!(crate::program::json(&args)["hits"], result["hits"]);
}

#[test]
fn a_rank_that_fails_ends_the_job_with_its_message() {
    // The second rank has address space for one stack of a gigabyte, and half a gigabyte for the rest.
    let job = "-n 1 pi-mc --mpi -n 1e14 -w 1 : -n 1 sh -c 'ulimit -v 1700000; \
               RUST_MIN_STACK=1073741824 exec pi-mc --mpi -w 4096'";
    let output = mpirun(job);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert_eq!(output.stdout, b"");
    assert!(
        stderr.contains("pi-mc: rank 1: could not start 4096 worker threads"),
        "{stderr}"
    );
}

/// A job of `ranks`, each of which writes its process id into `folder` before it runs pi-mc with `args`.
fn started(folder: &Path, ranks: usize, args: &str) -> Child {
    let script = format!(
        "exec mpirun -n {ranks} sh -c 'echo $$ > {0}/$OMPI_COMM_WORLD_RANK.new; \
         mv {0}/$OMPI_COMM_WORLD_RANK.new {0}/$OMPI_COMM_WORLD_RANK; exec {PROGRAM} {args}'",
        folder.display()
    );
    launcher(&script)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until `is_there`, for at most a minute.
fn wait_for(what: &str, is_there: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to a rank of a job.
fn signal(folder: &Path, rank: usize, name: &str) {
    let pid = fs::read_to_string(folder.join(rank.to_string())).unwrap();
    let kill = Command::new("kill")
        .args([&format!("-{name}"), pid.trim()])
        .status();
    assert!(kill.unwrap().success());
}

/// The record in `file`, each part of which is that of the reference. Empty and missing files have none.
fn saved(file: &Path) -> Option<Record> {
    Record::read(&fs::read_to_string(file).ok()?).ok()
}

#[test]
fn what_needs_the_darts_in_order_is_refused_with_the_reason() {
    for option in [
        ["--target-error", "1e-5"],
        ["--trace", "t"],
        ["--plot", "p.svg"],
        ["--parts", "4"],
    ] {
        let message = usage_error(&["--mpi", option[0], option[1]]);
        let reason = format!(
            "'{}' needs the darts in order, and the processes",
            option[0]
        );
        assert!(message.contains(&reason), "{message}");
    }
}

/// Shares with gaps between them are no whole, even if nothing but a time was asked for.
#[test]
fn a_time_limit_ends_all_ranks() {
    for sims in ["", "-n 1e16"] {
        let output = mpirun(&format!(
            "-n 3 pi-mc --mpi --time-limit 1s {sims} -s 42 --format json"
        ));
        assert!(output.status.success(), "{output:?}");
        let record = Record::read(str::from_utf8(&output.stdout).unwrap()).unwrap();
        assert!(record.partial && record.has_gaps(), "{record:?}");
        assert_eq!(record.parts.len(), 3);
    }
}

/// A checkpoint resumes on any number of ranks, or none, and ends with the hits of one run.
#[test]
fn a_checkpoint_resumes_on_another_number_of_ranks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let file = path.display();
    let mut held = 0;
    for ranks in [3, 1, 4] {
        let job = format!(
            "-n {ranks} pi-mc --mpi -n 2e9 -s 42 -w 1 --kernel portable --time-limit 300ms"
        );
        let output = mpirun(&format!("{job} --checkpoint {file} -q"));
        assert!(output.status.success(), "{output:?}");
        let record = saved(&path).unwrap();
        assert!(record.sims > held && record.partial, "{record:?}");
        held = record.sims;
        let verified = stdout(&["verify", "--all", path.to_str().unwrap()]);
        assert!(
            verified.ends_with("Verification: SUCCESSFUL\n"),
            "{verified}"
        );
    }
    let copy = folder.path().join("copy.json");
    fs::copy(&path, &copy).unwrap();
    let output = mpirun(&format!(
        "-n 2 pi-mc --mpi --checkpoint {file} --format json"
    ));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let whole = hits(42, 2_000_000_000);
    assert_eq!(result["hits"], whole);
    assert_eq!((result.get("parts"), result.get("partial")), (None, None));
    // Without MPI.
    let result = crate::program::json(&["--checkpoint", copy.to_str().unwrap()]);
    assert_eq!(result["hits"], whole);
    // There is nothing left to do.
    let output = mpirun(&format!(
        "-n 2 pi-mc --mpi --checkpoint {file} --format json"
    ));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["hits"], whole);
}

/// A rank that is killed takes the job with it, and what all ranks had counted until a few seconds before stays.
#[test]
fn a_killed_rank_costs_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let args = format!("--mpi -n 1e16 -s 42 --checkpoint {} -q", path.display());
    let job = started(folder.path(), 3, &args);
    let held = || saved(&path).map_or(0, |record| record.sims);
    wait_for("a checkpoint with darts", || held() > 0);
    let first = held();
    wait_for("another checkpoint", || held() > first);
    signal(folder.path(), 1, "KILL");
    let output = job.wait_with_output().unwrap();
    assert!(
        !output.status.success() && output.stdout.is_empty(),
        "{output:?}"
    );
    let left = saved(&path).unwrap();
    assert!(
        left.sims > first && left.partial && left.parts.len() == 3,
        "{left:?}"
    );
    let job = format!(
        "-n 2 pi-mc --mpi --time-limit 1s --checkpoint {} -q",
        path.display()
    );
    assert!(mpirun(&job).status.success());
    let more = saved(&path).unwrap();
    assert!(more.sims > left.sims && more.total == Some(10u64.pow(16)));
}

/// A signal to one rank, be it the first or not, ends all of them.
#[test]
fn a_signal_to_one_rank_ends_all() {
    for (rank, name, code) in [(1, "TERM", 143), (0, "INT", 130), (2, "INT", 130)] {
        let folder = tempfile::tempdir().unwrap();
        let job = started(folder.path(), 3, "--mpi -n 1e16 -s 42 --format json");
        wait_for("the ranks", || {
            (0..3).all(|rank| folder.path().join(rank.to_string()).exists())
        });
        // Until the ranks watch for signals, one ends its process at once.
        sleep(Duration::from_secs(2));
        signal(folder.path(), rank, name);
        let output = job.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let record = Record::read(str::from_utf8(&output.stdout).unwrap()).unwrap();
        assert!(record.partial && record.parts.len() == 3, "{record:?}");
    }
}
