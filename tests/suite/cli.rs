//! The command line as a person types it. Expected values come from the contract's table or from
//! the library, never from what the program printed once.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use pi_mc::Kernel;
use serde_json::Value;

use crate::contract::CONTRACT;

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pi-mc"));
    command.args(args);
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// What a command that must succeed, and say nothing on stderr, prints.
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

/// What a command line that cannot be obeyed says: exit 2, nothing on stdout, one line on stderr.
pub(crate) fn usage_error(args: &[&str]) -> String {
    refusal(args, 2)
}

/// What a command that must fail says: exit 1, nothing on stdout, one line on stderr.
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

#[test]
fn the_contract_comes_out_of_the_binary() {
    for (seed, sims, hits) in CONTRACT {
        let result = json(&["--seed", &seed.to_string(), "--sims", &sims.to_string()]);
        assert_eq!(result["hits"], hits, "seed {seed}, {sims} sims");
    }
}

#[test]
fn workers_and_kernels_change_no_hit() {
    let (seed, sims, hits) = CONTRACT[5];
    for workers in ["1", "2", "3", "8"] {
        for kernel in Kernel::available().map(Kernel::name).chain(["auto"]) {
            let args = [
                "-s",
                &seed.to_string(),
                "-n",
                &sims.to_string(),
                "-w",
                workers,
            ];
            let result = json(&[&args[..], &["--kernel", kernel]].concat());
            assert_eq!(result["hits"], hits, "{workers} workers, kernel {kernel}");
            assert_eq!(result["workers"].to_string(), workers);
            if kernel != "auto" {
                assert_eq!(result["kernel"], kernel);
            }
        }
    }
}

#[test]
fn json_has_exactly_the_documented_fields() {
    let line = stdout(&["-s", "42", "-n", "1e6", "-w", "2", "--format", "json"]);
    // In the order of the documentation, which a parsed object would not show.
    let fields = [
        "contract",
        "method",
        "seed",
        "first",
        "sims",
        "hits",
        "pi",
        "std_error",
        "ci95",
        "workers",
        "kernel",
        "elapsed_s",
        "sims_per_s",
    ];
    let places: Vec<_> = fields
        .map(|field| line.find(&format!("\"{field}\":")).unwrap())
        .into();
    assert!(places.is_sorted(), "{line}");

    let result: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(result.as_object().unwrap().len(), fields.len());
    assert_eq!(result["contract"], 1);
    assert_eq!(result["method"], "darts");
    assert_eq!(result["seed"], 42);
    assert_eq!(result["first"], 0);
    assert_eq!(result["sims"], 1_000_000);
    assert_eq!(result["hits"], 785_725);
    assert_eq!(result["pi"], 3.1429);
    assert_eq!(result["workers"], 2);
    let number = |name: &str| result[name].as_f64().unwrap();
    assert!((number("std_error") - 0.001_641_274).abs() < 1e-9);
    assert_eq!(result["ci95"].as_array().unwrap().len(), 2);
    let rate = number("sims_per_s") * number("elapsed_s");
    assert!((rate / 1e6 - 1.0).abs() < 1e-9, "{line}");
}

#[test]
fn csv_has_the_same_columns_as_json() {
    let args = ["-s", "42", "-n", "1e6", "-w", "1"];
    let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
    let lines: Vec<Vec<_>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let [header, row] = &lines[..] else {
        panic!("a header and a row: {csv}")
    };
    assert_eq!(
        header.join(","),
        "contract,method,seed,first,sims,hits,pi,std_error,ci95_low,ci95_high,workers,kernel,\
         elapsed_s,sims_per_s"
    );
    let json = json(&args);
    for (name, value) in header.iter().zip(row) {
        let expected = match *name {
            "ci95_low" => &json["ci95"][0],
            "ci95_high" => &json["ci95"][1],
            "elapsed_s" | "sims_per_s" => continue, // another run, another time
            name => &json[name],
        };
        assert_eq!(
            expected.as_str().unwrap_or(&expected.to_string()),
            *value,
            "{name}"
        );
    }
}

#[test]
fn text_is_for_a_person() {
    let text = stdout(&["--sims", "10_000_000", "--seed", "0x0", "--workers", "2"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[..7],
        [
            "π ≈             3.14125",
            "standard error  0.00052",
            "95 % interval   3.14023 to 3.14227 (Wilson)",
            "hits            7,853,126",
            "sims            10,000,000",
            "seed            0",
            "workers         2",
        ]
    );
    assert_eq!(
        lines[7],
        format!("kernel          {}", Kernel::detect().name())
    );
    assert!(
        lines[8].starts_with("time            ") && lines[8].ends_with('s'),
        "{text}"
    );
    assert!(lines[9].starts_with("darts/s         "), "{text}");
    assert_eq!(lines.len(), 10);
    assert!(
        !text.contains('\x1b'),
        "no colour where there is no terminal"
    );
}

#[test]
fn where_the_standard_error_says_nothing_the_text_says_so() {
    let text = stdout(&["-s", "7", "-n", "2"]);
    assert!(
        text.contains("standard error  unknown: every dart hit\n"),
        "{text}"
    );
}

#[test]
fn lazy_darts_are_the_same_kind_of_result_without_a_rate() {
    for (sims, hits) in [
        ("1e9", 785_405_935u64),
        ("1e18", 785_398_163_236_284_798),
        ("18446744073709551615", 14_488_038_918_888_983_555),
    ] {
        let args = ["--method", "lazy", "-s", "1", "-n", sims];
        // Workers and kernels change nothing.
        for more in [&[][..], &["-w", "8"], &["--kernel", "portable"]] {
            let result = json(&[&args[..], more].concat());
            assert_eq!(result["hits"], hits);
            assert_eq!(result["method"], "lazy");
            assert_eq!(result["kernel"], "lazy");
            assert_eq!(result["workers"], 1);
            assert_eq!(result["sims_per_s"], Value::Null);
            assert_eq!(result.as_object().unwrap().len(), 13);
        }
        let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
        assert!(
            csv.starts_with("contract,method,seed,") && csv.ends_with(",\n"),
            "{csv}"
        );
    }
}

/// All digits of the estimate and its error, worked out in 60 decimals outside this project.
#[test]
fn lazy_text_shows_the_digits_that_the_statistics_carry() {
    let text = stdout(&["--method", "lazy", "-s", "42", "-n", "18446744073709551615"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[..8],
        [
            "π ≈             3.14159265439",
            "standard error  0.00000000038",
            "95 % interval   3.14159265364 to 3.14159265514 (Wilson)",
            "hits            14,488,038,919,856,380,796",
            "sims            18,446,744,073,709,551,615",
            "seed            42",
            "workers         1",
            "kernel          lazy",
        ]
    );
    assert!(lines[8].starts_with("time  "), "{text}");
    assert!(lines[10].starts_with("Lazy: no dart was thrown."), "{text}");
    assert!(!text.contains("darts/s"), "{text}");
    assert_eq!(
        stdout(&["--method", "lazy", "-s", "1", "-n", "1e18", "-q"]),
        "3.141592652945139\n"
    );
}

#[test]
fn lazy_darts_are_not_compared() {
    assert_eq!(
        usage_error(&["compare", "--method", "lazy"]),
        "pi-mc: invalid value 'lazy' for '--method <METHOD>': lazy darts are not thrown, so there \
         is no speed to compare; only darts"
    );
}

#[test]
fn quiet_is_the_estimate_alone() {
    assert_eq!(stdout(&["-q", "-s", "42", "-n", "1e6"]), "3.1429\n");
    let shown = stdout(&["-q", "-s", "123", "-n", "100M"]);
    assert_eq!(shown.trim_end().parse(), Ok(4.0 * 78_545_531.0 / 1e8));
}

#[test]
fn a_drawn_seed_is_printed_and_repeats_the_run() {
    let first = json(&["-n", "100000"]);
    let again = json(&["-n", "100000", "-s", &first["seed"].to_string()]);
    assert_eq!(first["hits"], again["hits"]);
    assert!(
        first["seed"].as_u64().unwrap() < 1 << 53,
        "every JSON reader keeps it"
    );
    assert_ne!(first["seed"], json(&["-n", "1"])["seed"]);
}

#[test]
fn the_defaults_are_ten_million_darts() {
    let result = json(&[]);
    assert_eq!(result["sims"], 10_000_000);
    assert_eq!(result["kernel"], Kernel::detect().name());
}

#[test]
fn small_runs_use_no_more_threads_than_chunks() {
    for (sims, workers, expected) in [("1", "8", 1), ("65536", "8", 1), ("65537", "8", 2)] {
        assert_eq!(
            json(&["-n", sims, "-w", workers])["workers"],
            expected,
            "{sims} sims"
        );
    }
}

#[test]
fn counts_of_darts_are_read_exactly() {
    for (typed, sims) in [
        ("100000", 100_000u64),
        ("100_000", 100_000),
        ("1e5", 100_000),
        ("1E+5", 100_000),
        ("2.5e3", 2_500),
        ("0.25e2", 25),
        ("1.50", 0), // refused below
        ("10k", 10_000),
        ("10K", 10_000),
        ("2M", 2_000_000),
        ("0.001G", 1_000_000),
        ("0.0000001T", 100_000),
        ("2^16", 65_536),
        ("10^5", 100_000),
        ("007", 7),
    ] {
        if sims == 0 {
            usage_error(&["-n", typed]);
        } else {
            assert_eq!(json(&["-n", typed])["sims"], sims, "{typed}");
        }
    }
}

#[test]
fn bad_counts_of_darts_are_named_with_what_is_accepted() {
    for typed in [
        "0",
        "-1",
        "-1e6",
        "abc",
        "1.5",
        "1e20",
        "2^64",
        "",
        " ",
        "1e",
        "e5",
        "1e-3",
        "1.5001k",
        ".5",
        "5.",
        "_1",
        "1_",
        "1__",
        "0e5",
        "0k",
        "k",
        "^",
        "2^",
        "^2",
        "0^3",
        "18446744073709551616",
        "1e99999999999999999999",
        "2^99999999999",
        "99999999999999T",
        "1 000",
        "1,000",
        "0x10",
        "+5",
        "NaN",
        "inf",
        "١٢",
        "1e5k",
        "1kk",
        "π",
    ] {
        let message = usage_error(&["--sims", typed]);
        assert_eq!(
            message,
            format!(
                "pi-mc: invalid value '{typed}' for '--sims <N>': a whole number of darts from 1 \
                 to 2^64-1, such as 10000000, 10_000_000, 1e7, 2.5e9, 10M or 2^32"
            )
        );
    }
}

#[test]
fn the_most_darts_are_accepted_where_one_more_is_not() {
    // Not run to the end, which would take a century: the next value is refused first.
    for sims in ["18446744073709551615", "18446744073709.551615M"] {
        let message = usage_error(&["--sims", sims, "--workers", "0"]);
        assert!(message.contains("--workers"), "{message}");
    }
}

#[test]
fn bad_workers_are_named_with_what_is_accepted() {
    for typed in [
        "0",
        "4097",
        "-1",
        "two",
        "1.5",
        "",
        "99999999999999999999999",
    ] {
        assert_eq!(
            usage_error(&["--workers", typed]),
            format!(
                "pi-mc: invalid value '{typed}' for '--workers <W>': a whole number from 1 to 4096"
            )
        );
    }
}

#[test]
fn bad_seeds_are_named_with_what_is_accepted() {
    for typed in [
        "18446744073709551616",
        "-1",
        "0x",
        "0x10000000000000000",
        "0xg",
        "1e3",
        "s",
        "",
    ] {
        assert_eq!(
            usage_error(&["--seed", typed]),
            format!(
                "pi-mc: invalid value '{typed}' for '--seed <S>': a whole number from 0 to \
                 2^64-1, such as 42 or 0x2a"
            )
        );
    }
    for (typed, seed) in [
        ("18446744073709551615", u64::MAX),
        ("0xFFFF_ffff_FFFF_ffff", u64::MAX),
    ] {
        assert_eq!(json(&["-n", "1", "-s", typed])["seed"], seed);
    }
}

#[test]
fn a_kernel_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let names = Kernel::NAMES.join(", ");
    assert_eq!(
        usage_error(&["--kernel", "mmx"]),
        format!(
            "pi-mc: invalid value 'mmx' for '--kernel <KERNEL>' [possible values: auto, {names}]"
        )
    );
    let available: Vec<_> = Kernel::available().map(Kernel::name).collect();
    for missing in Kernel::NAMES
        .iter()
        .filter(|name| !available.contains(name))
    {
        let message = usage_error(&["--kernel", missing]);
        assert!(
            message.ends_with(&format!("only {}", available.join(", "))),
            "{message}"
        );
    }
}

#[test]
fn other_misuse_is_one_line_too() {
    for (args, part) in [
        (
            &["--format", "xml"][..],
            "[possible values: text, json, csv]",
        ),
        (&["--simms", "5"], "'--sims'"),
        (&["--sims"], "a value is required for '--sims <N>'"),
        (&["-q", "--format", "json"], "cannot be used with"),
        (&["-n", "1", "-n", "2"], "'--sims <N>'"),
        (&["stray"], "'stray'"),
    ] {
        let message = usage_error(args);
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn help_and_version_are_answers() {
    assert_eq!(
        stdout(&["--version"]),
        format!("pi-mc {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(stdout(&["-V"]), stdout(&["--version"]));
    // One screen, no line wider than 100 columns, and the whole in groups, with examples.
    assert!(stdout(&["-h"]).lines().count() <= 40);
    let help = stdout(&["--help"]);
    let groups = [
        "Run:",
        "Limits:",
        "Output:",
        "Many machines and long runs:",
        "Advanced:",
    ];
    let places = groups.map(|group| help.find(&format!("\n{group}\n")).unwrap());
    assert!(
        places.is_sorted() && help.contains("\nExamples:\n"),
        "{help}"
    );
    for command in ["", "compare", "merge", "verify", "completions", "man"] {
        let args = |help| [command, help].into_iter().filter(|arg| !arg.is_empty());
        for help in ["-h", "--help"] {
            let help = stdout(&args(help).collect::<Vec<_>>());
            let wide = help.lines().find(|line| line.chars().count() > 100);
            assert_eq!(wide, None, "{command}");
        }
        assert!(
            stdout(&args("--help").collect::<Vec<_>>()).contains("\nExamples:\n"),
            "{command}"
        );
    }
}

#[test]
fn a_mistyped_word_is_answered_with_the_nearest_right_one() {
    for (args, right) in [
        (&["--format", "jsn"][..], "json"),
        (&["--kernel", "avx3"], "avx2"),
        (&["--method", "lasy"], "lazy"),
        (&["--progress", "alway"], "always"),
        (&["compare", "--strategy", "pol"], "pool"),
        (&["compare", "--scaling", "weka"], "weak"),
        (&["compare", "--format", "markdwn"], "markdown"),
        (&["completions", "bahs"], "bash"),
        (&["man", "vrify"], "verify"),
        (&["merg"], "merge"),
        (&["--sim", "5"], "--sims"),
    ] {
        let message = usage_error(args);
        assert!(
            message.contains("similar") && message.ends_with(&format!("'{right}'")),
            "{message}"
        );
    }
}

#[test]
fn shells_and_man_are_told_of_every_option_and_of_nothing_hidden() {
    let shells = ["bash", "zsh", "fish", "elvish", "powershell"].map(|shell| {
        let script = stdout(&["completions", shell]);
        assert!(script.contains("pi-mc"), "{shell}");
        script
    });
    let page = |args: &[&str]| stdout(args).replace("\\-", "-");
    for text in shells.iter().chain([&page(&["man"])]) {
        for option in [
            "target-error",
            "checkpoint",
            "shard",
            "kernel",
            "compare",
            "verify",
        ] {
            assert!(text.contains(option), "{option}: {text}");
        }
        assert!(!text.contains("worker process"), "{text}");
    }
    assert!(page(&["man", "compare"]).contains("--io-wait"));
    assert!(page(&["man"]).starts_with(".ie"), "roff");
}

/// The shell itself reads the script, where there is one.
#[test]
fn bash_takes_its_completions() {
    let script = r#"eval "$(pi-mc completions bash)" && COMP_WORDS=(pi-mc --targ) COMP_CWORD=1 &&
        _pi__mc pi-mc --targ pi-mc && echo "${COMPREPLY[@]}""#;
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_pi-mc"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    match Command::new("bash")
        .args(["-c", script])
        .env("PATH", path)
        .output()
    {
        Ok(output) => assert_eq!(output.stdout, b"--target-error\n", "{output:?}"),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bash completions NOT tested: {error}");
        }
    }
}

/// The examples of the help are promises.
#[test]
fn the_hits_that_the_help_promises_are_right() {
    assert!(stdout(&["--help"]).contains("same hits on every machine: 785381759\n"));
    assert_eq!(json(&["-n", "1e9", "-s", "42"])["hits"], 785_381_759);
}

#[test]
fn a_closed_pipe_ends_quietly_with_success() {
    for args in [
        &["-n", "1"][..],
        &["-q", "-n", "1"],
        &["--help"],
        &["--version"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(
            (output.status.code(), output.stderr),
            (Some(0), vec![]),
            "{args:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_that_is_said() {
    let formats = ["text", "json", "csv"].map(|format| ["-n1", "--format", format]);
    let mut commands: Vec<&[&str]> = vec![&["-q", "-n", "1"], &["--help"], &["-h"], &["--version"]];
    commands.extend(formats.iter().map(|args| &args[..]));
    for args in commands {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = command(args)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            one_line(output.stderr).starts_with("pi-mc: could not write to stdout: No space left"),
            "{args:?}"
        );
    }
}

/// Nobody is left to tell, but the exit code still says it.
#[cfg(target_os = "linux")]
#[test]
fn a_full_stderr_does_not_change_the_exit_code() {
    let full = || std::fs::File::create("/dev/full").unwrap();
    let status = |args| {
        command(args)
            .stdout(full())
            .stderr(full())
            .status()
            .unwrap()
            .code()
    };
    assert_eq!(status(&["-n", "0"]), Some(2));
    assert_eq!(status(&["-n", "1"]), Some(1));
}

/// Arguments need not be text.
#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_an_error_not_a_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let output = command(&["--sims"])
        .arg(OsStr::from_bytes(b"\xff1"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    one_line(output.stderr);
}
