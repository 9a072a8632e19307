//! The command line as a person types it. Expected values come from the contract's table or from
//! the library, never from what the program printed once.

use std::process::Stdio;

use pi_mc::Kernel;
use serde_json::Value;

use crate::contract::{CONTRACT, MILLION_HITS};
use crate::program::{command, json, one_line, stdout, usage_error};

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
    assert_eq!(result["hits"], MILLION_HITS);
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

/// Two smoke cases; the tables of what each parser takes stand beside the parsers.
#[test]
fn bad_numbers_are_named_with_what_is_accepted() {
    assert_eq!(
        usage_error(&["--sims", "1.5"]),
        "pi-mc: invalid value '1.5' for '--sims <N>': a whole number of darts from 1 to 2^64-1, such \
         as 10000000, 10_000_000, 1e7, 2.5e9, 10M or 2^32"
    );
    assert_eq!(
        usage_error(&["--workers", "-1"]),
        "pi-mc: invalid value '-1' for '--workers <W>': a whole number from 1 to 4096"
    );
    // The most darts are accepted: the next value is refused first.
    let message = usage_error(&["--sims", "18446744073709551615", "--workers", "0"]);
    assert!(message.contains("--workers"), "{message}");
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
    for command in [
        "",
        "compare",
        "dart",
        "merge",
        "verify",
        "completions",
        "man",
    ] {
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
        (&["drat"], "dart"),
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
    assert!(page(&["man", "dart"]).contains("10..20"));
    assert!(page(&["man"]).starts_with(".ie"), "roff");
}

/// The shell itself reads the script, where there is one.
#[cfg(unix)]
#[test]
fn bash_takes_its_completions() {
    use std::io::Write;
    use std::process::Command;
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
