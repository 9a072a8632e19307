//! Words that people bring along from other programs, and the variable for the number of workers.

use crate::cli::commands;
use crate::program::{command, json, new_file, one_line, stdout, usage_error};

#[test]
fn the_names_that_other_programs_have_for_options_are_understood() {
    for sims in ["--samples", "--iterations", "--darts"] {
        assert_eq!(json(&[sims, "1e5", "-s", "42"])["sims"], 100_000);
    }
    for workers in ["--threads", "--jobs", "-j"] {
        assert_eq!(json(&["-n", "1e6", "-s", "42", workers, "3"])["workers"], 3);
        let verified = stdout(&["verify", "--class", "S", workers, "3"]);
        assert!(verified.contains("workers 3"), "{verified}");
        let args = [
            "compare", "--darts", "1e5", "--runs", "1", "--format", "csv",
        ];
        let compared = stdout(&[&args[..], &[workers, "3"]].concat());
        assert!(compared.contains("\npool,3,"), "{compared}");
    }
    assert!(!stdout(&["--help"]).contains("--threads"));
}

#[test]
fn strategies_are_arguments_of_compare() {
    let args = [
        "compare", "-n", "1e5", "-w", "2", "--runs", "1", "--format", "csv",
    ];
    for words in [
        &["lock", "queue"][..],
        &["lock,queue"],
        &["--strategy", "lock,queue"],
    ] {
        let csv = stdout(&[&args[..], words].concat());
        let names = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["serial", "lock", "queue"]);
    }
    for (args, answer) in [
        (&["compare", "lock", "lock"][..], "twice"),
        (
            &["compare", "lock", "--strategy", "race"],
            "cannot be used with",
        ),
        (&["compare", "lokc"], "a similar value exists: 'lock'"),
    ] {
        assert!(usage_error(args).contains(answer), "{}", usage_error(args));
    }
}

#[test]
fn a_word_in_the_wrong_place_is_answered_with_what_to_type() {
    for (args, answer) in [
        (&["1e6"][..], "type 'pi-mc -n 1e6'"),
        (&["compare", "1e6"], "type 'pi-mc compare -n 1e6'"),
        (&["-n", "1e3", "1e4"], "type 'pi-mc compare -n 1e3,1e4'"),
        (&["-n", "1e3,1e4"], "type 'pi-mc compare -n 1e3,1e4'"),
        (&["-n", "1,000,000"], "type 'pi-mc -n 1_000_000'"),
        (
            &["compare", "-n", "1,000,000"],
            "type 'pi-mc compare -n 1_000_000'",
        ),
        (&["--workers", "1-4"], "type 'pi-mc compare -w 1,2,3,4'"),
        (&["-j", "1..3"], "type 'pi-mc compare -w 1,2,3'"),
        (&["-w", "1,2,4"], "type 'pi-mc compare -w 1,2,4'"),
        (&["compare", "-w", "1-4"], "type 'pi-mc compare -w 1,2,3,4'"),
        (
            &["race"],
            "type 'pi-mc compare race' or 'pi-mc explain race'",
        ),
        (&["plot"], "type 'pi-mc --plot FILE'"),
        (&["baseline"], "type 'pi-mc compare --baseline FILE'"),
        (&["--json"], "type 'pi-mc --format json'"),
        (&["-n", "5", "--csv"], "type 'pi-mc --format csv'"),
        (&["compare", "--json"], "type 'pi-mc compare --format json'"),
        (&["--markdown"], "type 'pi-mc compare --format markdown'"),
        (&["--lazy"], "type 'pi-mc --method lazy'"),
        (
            &["--processes"],
            "type 'pi-mc compare --strategy processes'",
        ),
        (&["explain", "--race"], "type 'pi-mc explain race'"),
    ] {
        let message = usage_error(args);
        assert!(message.ends_with(&format!("; {answer}")), "{message}");
    }
    // A number that cannot be is no reason for advice.
    for args in [&["-n", "1,0"][..], &["-w", "4-1"], &["-w", "0"], &["stray"]] {
        let message = usage_error(args);
        assert!(!message.contains("type 'pi-mc"), "{message}");
    }
}

#[test]
fn a_picture_in_another_format_is_refused_before_the_run() {
    for name in ["x.png", "x.PDF", "x.svg.jpeg", "x.webp"] {
        let (_folder, path, file) = new_file(name);
        for args in [&["-n", "1"][..], &["compare", "-n", "1", "-w", "1"]] {
            let message = usage_error(&[args, &["--plot", &file]].concat());
            assert!(message.contains("pictures are SVG"), "{message}");
            assert!(!path.exists(), "{name}");
        }
    }
    let png = usage_error(&["--plot", "a/x.png"]);
    assert!(
        png.ends_with("draw 'a/x.svg', and convert it: rsvg-convert -f png -o a/x.png a/x.svg"),
        "{png}"
    );
    for name in ["x.svg", "x", "x.html", "x.png.svg"] {
        let (_folder, path, file) = new_file(name);
        stdout(&["-n", "1", "-q", "--plot", &file]);
        assert!(path.exists(), "{name}");
    }
}

/// In a pipe, which has no colour unless it is asked for.
#[test]
fn color_chooses() {
    let coloured = |args: &[&str], force: &str| {
        let mut command = command(args);
        command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", force);
        String::from_utf8(command.output().unwrap().stdout)
            .unwrap()
            .contains('\x1b')
    };
    for args in [
        &["-n", "1"][..],
        &["dart", "1"],
        &["--help"],
        &["compare", "-h"],
    ] {
        let with = |color: &[&'static str]| [args, color].concat();
        assert!(coloured(&with(&["--color", "always"]), ""), "{args:?}");
        assert!(coloured(&with(&["--color=always"]), ""), "{args:?}");
        for color in [&["--color", "always"][..], &["--color=always"]] {
            assert!(coloured(&[color, args].concat(), ""), "before: {args:?}");
        }
        assert!(
            !coloured(&[&["--color=never"], args].concat(), "1"),
            "{args:?}"
        );
        assert!(!coloured(&with(&[]), "0"), "{args:?}");
        assert!(coloured(&with(&[]), "1"), "{args:?}");
        assert!(!coloured(&with(&["--color", "never"]), "1"), "{args:?}");
        assert!(!coloured(&with(&["--color", "auto"]), ""), "{args:?}");
    }
    assert!(usage_error(&["--color", "alway"]).ends_with("'always'"));
    // Other options of a run stay before no command.
    let message = usage_error(&["--color", "never", "-n", "5", "compare"]);
    assert!(message.contains("cannot be used with"), "{message}");
    assert!(usage_error(&["--color"]).contains("--color"));
    assert!(usage_error(&["--color", "compare"]).contains("invalid value 'compare'"));
}

/// The stdout of a command with the variable set.
fn with_workers(workers: &str, args: &[&str]) -> String {
    let output = command(args)
        .env("PI_MC_WORKERS", workers)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(0), ""),
        "{args:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_variable_sets_the_default_number_of_workers() {
    let run = ["-n", "1e6", "-s", "42", "--format", "json"];
    assert!(with_workers("3", &run).contains("\"workers\":3,"));
    let four = [&run[..], &["-w", "4"]].concat();
    assert!(with_workers("3", &four).contains("\"workers\":4,"));
    let auto = [&run[..], &["-w", "auto"]].concat();
    let workers =
        |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap()["workers"].clone();
    assert_eq!(
        workers(&with_workers("3", &auto)),
        workers(&with_workers("", &run)),
        "an empty variable is none, and auto is auto"
    );
    assert!(with_workers("3", &["verify", "--class", "S"]).contains("workers 3;"));
    let compare = ["compare", "-n", "1e5", "--runs", "1", "--format", "csv"];
    let csv = with_workers("3", &compare);
    let pools = csv.lines().filter_map(|line| line.strip_prefix("pool,"));
    let pools: Vec<_> = pools.map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(pools, ["1", "2", "3"]);
}

#[test]
fn the_variable_conflicts_with_no_option() {
    let (_folder, path, saved) = new_file("saved.json");
    let (_folder, _, run) = new_file("run.json");
    let line = stdout(&[
        "compare", "-n", "1e5", "-w", "1", "--runs", "1", "--format", "json",
    ]);
    std::fs::write(&path, line).unwrap();
    std::fs::write(&run, stdout(&["-n", "10", "--format", "json"])).unwrap();
    for args in [
        &["--method", "lazy", "-n", "1e18"][..],
        &["-n", "10", "--shard", "1/2", "--pin"],
        &["compare", "--from", &saved],
        &["verify", &run],
        &["verify", "--for", "10ms"],
        &["merge", &run],
        &["dart", "1"],
        &["explain", "race"],
    ] {
        if cfg!(target_os = "linux") || !args.contains(&"--pin") {
            with_workers("2", args);
        }
    }
}

#[test]
fn a_wrong_value_is_named_with_the_variable() {
    for args in [&["-n", "1"][..], &["compare", "-n", "1"], &["verify"]] {
        let output = command(args).env("PI_MC_WORKERS", "1.5").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let message = one_line(output.stderr);
        let expected =
            "pi-mc: invalid value '1.5' of PI_MC_WORKERS: expected a whole number from 1 to 4096";
        assert!(message.starts_with(expected), "{message}");
    }
}

/// Names that help does not show are offered by no shell.
#[test]
fn no_shell_offers_a_hidden_name() {
    let hidden = regex::Regex::new(
        r"(--|-l |l ')(threads|jobs|samples|iterations|darts)\b|-s j\b|[ '(]-j[ ')]|\bworker\b.*hits",
    )
    .unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&["completions", shell]);
        assert!(
            script.contains("workers") && script.contains("sims"),
            "{shell}"
        );
        let offered = hidden.find(&script);
        assert!(offered.is_none(), "{shell}: {offered:?}");
    }
}

/// Examples have columns of their own, which a terminal of 80 columns must not break.
#[test]
fn examples_in_help_fit_80_columns() {
    for command in [vec![String::new()], commands()].concat() {
        let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let help = stdout(&words);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        assert!(examples.contains("pi-mc"), "{help}");
        for line in examples.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
