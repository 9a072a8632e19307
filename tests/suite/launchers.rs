//! Launchers: parts that job arrays and ranks name, tasks that share nothing, and what a run would take.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::program::{command, json, new_file, one_line, stdout, usage_error};

const LAUNCHERS: [&str; 14] = [
    "JOB_COMPLETION_INDEX",
    "CLOUD_RUN_TASK_INDEX",
    "BATCH_TASK_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "PBS_ARRAY_INDEX",
    "SGE_TASK_ID",
    "LSB_JOBINDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "OMPI_COMM_WORLD_RANK",
    "PMI_RANK",
    "SLURM_PROCID",
    "SLURM_JOB_ID",
    "SLURM_STEP_ID",
    "SLURM_NTASKS",
];

/// A run with these variables, such as "A=1 B=2", and none of a launcher that started the tests.
fn run_in(variables: &str, args: &str) -> Output {
    let args: Vec<_> = args.split(' ').collect();
    let mut command = command(&args);
    for name in LAUNCHERS {
        command.env_remove(name);
    }
    let variables = variables.split(' ').filter_map(|set| set.split_once('='));
    command.envs(variables).output().unwrap()
}

#[test]
fn a_shard_takes_its_number_from_its_launcher() {
    for (variables, shard, number) in [
        ("SLURM_PROCID=1 SLURM_NTASKS=3", "env", 2),
        ("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=3", "env", 3),
        ("CLOUD_RUN_TASK_INDEX=0 CLOUD_RUN_TASK_COUNT=3", "env", 1),
        ("SGE_TASK_ID=3", "env/3", 3),
    ] {
        let args = format!("-n 1e6 -s 42 --format json --shard {shard}");
        let output = run_in(variables, &args);
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            result["shard"],
            serde_json::json!([number, 3]),
            "{variables}"
        );
        let from = variables.split(' ').next().unwrap();
        assert!(
            result["shard_from"].as_str().unwrap().starts_with(from),
            "{result}"
        );
    }
    for (variables, shard, named) in [
        (
            "SGE_TASK_ID=4",
            "env/3",
            "SGE_TASK_ID=4 is not one of 3 parts",
        ),
        ("SGE_TASK_ID=4", "env", "type env/N"),
        ("PMI_RANK=x PMI_SIZE=3", "env", "PMI_RANK=x PMI_SIZE=3"),
        (
            "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_PROCID=1 SLURM_NTASKS=3",
            "env",
            "both set",
        ),
        ("A=1", "env", "no launcher's variables"),
    ] {
        let output = run_in(variables, &format!("-n 1e6 --shard {shard}"));
        assert_eq!(output.status.code(), Some(2), "{variables}");
        let message = one_line(output.stderr);
        assert!(message.contains(named), "{variables}: {message}");
    }
}

/// Several tasks that do the same are a mistake, of which the first of them warns.
#[test]
fn tasks_that_share_nothing_are_told() {
    let said = |variables: &str, args: &str| {
        let output = run_in(variables, args);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let plain = "-n 10 -s 1 -q";
    let message = said("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4", plain);
    assert!(
        message.contains("each task counts the same darts; share them with '--mpi'"),
        "{message}"
    );
    let srun = "SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_JOB_ID=7 SLURM_STEP_ID=0";
    let message = said(srun, "-n 10 -q");
    assert!(message.contains("with a seed of its own"), "{message}");
    for (variables, args) in [
        ("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4", plain),
        ("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", plain),
        (
            "OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4",
            "-n 1e6 -s 1 -q --shard env",
        ),
        // The script of a batch job is one process.
        ("SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_JOB_ID=7", plain),
    ] {
        assert_eq!(said(variables, args), "", "{variables} {args}");
    }
}

#[test]
fn a_dry_run_counts_nothing_and_says_what_a_run_takes() {
    let number = |value: &Value| value.as_f64().unwrap();
    let near = |value: &Value, expected: f64| (number(value) / expected - 1.0).abs() < 0.01;
    // 4 sqrt(p (1 - p)) is 1.6422.
    let plan = json(&["--dry-run", "-n", "1e12"]);
    assert_eq!(
        (&plan["sims"], &plan["chunks"]),
        (&1_000_000_000_000u64.into(), &15_258_790.into())
    );
    assert!(near(&plan["std_error"], 1.6422e-6), "{plan}");
    assert!(
        near(&plan["elapsed_s"], 1e12 / number(&plan["sims_per_s"])),
        "{plan}"
    );

    let error = json(&["--dry-run", "--target-error", "1e-6"]);
    let sims = number(&error["sims"]) / 1.6422f64.powi(2) / 1e12;
    assert!((1.0..1.01).contains(&sims), "{error}");
    assert!(number(&error["std_error"]) <= 1e-6);

    let shard = ["--dry-run", "-n", "1e15", "--shard", "3/4000"];
    let part = json(&shard);
    assert_eq!(part["shard"], serde_json::json!([3, 4000]));
    assert_eq!(part["whole"]["sims"], 1_000_000_000_000_000u64);
    assert!(near(&part["sims"], 2.5e11));
    let times = number(&part["whole"]["elapsed_s"]) / number(&part["elapsed_s"]);
    assert!((times / 4000.0 - 1.0).abs() < 0.01, "{part}");
    let text = stdout(&shard);
    assert!(
        text.contains(
            "\nall shards      4000: 1,000,000,000,000,000 sims, standard error 0.000000052, "
        ),
        "{text}"
    );

    for refused in [
        &["-q"][..],
        &["--format", "csv"],
        &["--method", "lazy"],
        &["--mpi"],
    ] {
        let message = usage_error(&[&["--dry-run"], refused].concat());
        assert!(message.contains("'--dry-run'"), "{message}");
    }
}

/// No file is made, and one that is there counts and stays.
#[test]
fn a_dry_run_leaves_files_alone() {
    let (folder, path, file) = new_file("run.json");
    let trace = folder.path().join("trace");
    let args = [
        "--dry-run",
        "-n",
        "1e6",
        "--checkpoint",
        &file,
        "--trace",
        trace.to_str().unwrap(),
    ];
    json(&args);
    assert!(!path.exists() && !trace.exists());
    stdout(&["-n", "1e6", "-s", "42", "--checkpoint", &file]);
    let content = fs::read_to_string(&path).unwrap();
    let more = json(&["--dry-run", "-n", "1e12", "--checkpoint", &file]);
    assert_eq!(
        (&more["held"], &more["seed"]),
        (&1_000_000.into(), &42.into())
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
}
