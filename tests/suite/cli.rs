//! The command line as a person types it. Expected values come from the contract's table or from the
//! library, never from the program's output.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use pi_mc::compare::strategy::Strategy;
use pi_mc::darts::tally::Part;
use pi_mc::engine::clock::Spent;
use pi_mc::report::csv;
use pi_mc::result::goal::Goal;
use pi_mc::result::record::Method;
use pi_mc::{Kernel, Machine, Plan, Record, Tally};
use regex::Regex;
use serde_json::Value;

use crate::contract::{CONTRACT, MILLION_HITS};
#[cfg(unix)]
use crate::program::one_line;
use crate::program::{command, failure, json, new_file, stdout, usage_error};

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
    // Compared as text, since a parsed object would not show the order of the fields.
    let fields = [
        "format",
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
        "cpu_s",
        "sims_per_s",
        "machine",
    ];
    let places: Vec<_> = fields
        .map(|field| line.find(&format!("\"{field}\":")).unwrap())
        .into();
    assert!(places.is_sorted(), "{line}");

    let result: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(result.as_object().unwrap().len(), fields.len());
    assert_eq!(result["format"], 1);
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
    if cfg!(any(unix, windows)) {
        assert!(number("cpu_s") >= 0.0);
    } else {
        assert_eq!(result["cpu_s"], Value::Null);
    }
    let machine = Machine::this(Kernel::detect().name(), SystemTime::now());
    let mut saved = result["machine"].clone();
    assert!(saved["started"].as_str().unwrap().ends_with('Z'));
    saved["started"] = serde_json::to_value(&machine.started).unwrap();
    assert_eq!(saved, serde_json::to_value(&machine).unwrap());
    let rate = number("sims_per_s") * number("elapsed_s");
    assert!((rate / 1e6 - 1.0).abs() < 1e-9, "{line}");
}

const CSV_HEADER: &str = "contract,method,seed,first,sims,hits,pi,std_error,ci95_low,ci95_high,workers,\
                          kernel,elapsed_s,cpu_s,sims_per_s,total,partial";

#[test]
fn csv_has_the_same_columns_as_json() {
    let args = ["-s", "42", "-n", "1e6", "-w", "1"];
    let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
    let lines: Vec<Vec<_>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let [header, row] = &lines[..] else {
        panic!("a header and a row: {csv}")
    };
    assert_eq!(header.join(","), CSV_HEADER);
    assert_eq!(row[15..], ["", "false"], "what the JSON of a whole lacks");
    let json = json(&args);
    for (name, value) in header.iter().zip(row) {
        let expected = match *name {
            "ci95_low" => &json["ci95"][0],
            "ci95_high" => &json["ci95"][1],
            "elapsed_s" | "cpu_s" | "sims_per_s" => continue, // another run, another time
            "total" | "partial" => continue,
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
fn the_csv_of_a_shard_has_the_columns_of_its_json_in_order() {
    // The second chunk of two, which is half full.
    let plan = Plan::first(42, 98_304).unwrap().shard(2, 2).unwrap();
    let (sims, hits) = (32_768, 16_384);
    let record = Record::new(&plan, Tally { sims, hits }, Method::Darts);
    let spent = Spent {
        elapsed: Duration::from_millis(500),
        cpu: Some(Duration::from_millis(750)),
    };
    let mut record = record.counted_by("avx2", 2, Some(spent));
    record.total = Some(98_304);
    let csv = csv::record(&record);
    let start = format!("{CSV_HEADER}\n1,darts,42,65536,32768,16384,2,");
    assert!(csv.starts_with(&start), "{csv}");
    let end = ",2,avx2,0.5,0.75,65536,98304,false\n";
    assert!(csv.ends_with(end), "{csv}");
    assert_eq!(csv.matches(',').count(), 2 * 16);
}

/// A record that was read may lack even its interval, which takes two columns all the same.
#[test]
fn what_a_result_lacks_is_empty_in_csv() {
    let empty = Plan::first(42, 1).unwrap().shard(1, 2).unwrap();
    let mut empty = Record::new(&empty, Tally::default(), Method::Darts);
    empty.total = Some(1);
    empty.partial = true;
    let json = r#"{"contract":1,"method":"darts","seed":42,"first":0,"sims":4,"hits":3}"#;
    for (record, row) in [
        (empty, "1,darts,42,0,0,0,,,0,4,,,,,,1,true"),
        (
            Record::read(json).unwrap(),
            "1,darts,42,0,4,3,,,,,,,,,,,false",
        ),
    ] {
        assert_eq!(csv::record(&record), format!("{CSV_HEADER}\n{row}\n"));
    }
}

#[test]
fn csv_leaves_out_what_only_some_results_have() {
    let plan = Plan::first(42, 4).unwrap();
    let mut record = Record::new(&plan, Tally { sims: 4, hits: 4 }, Method::Darts);
    let (first, sims, hits) = (0, 4, 4);
    record.parts = vec![Part { first, sims, hits }.into()];
    record.goal = Some(Goal::default());
    record.shard_from = Some("SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=1".to_owned());
    let csv = csv::record(&record);
    assert!(csv.starts_with(&format!("{CSV_HEADER}\n1,darts,42,0,4,4,4,,")));
    assert!(csv.ends_with(",4,,,,,,,false\n"), "{csv}");
}

/// A text has no comma, quotes are doubled, no spreadsheet computes a name, and a number has no exponent.
#[test]
fn csv_can_be_cut_and_computes_nothing() {
    let plan = Plan::first(42, 1).unwrap();
    for (kernel, shown) in [
        ("avx2", "avx2"),
        ("a,b", "a;b"),
        ("a\"b", "\"a\"\"b\""),
        ("=1+1", "'=1+1"),
        (" @a", "' @a"),
        ("a\n\u{202e}", r"a\n\u{202e}"),
    ] {
        let record = Record::new(&plan, Tally { sims: 1, hits: 0 }, Method::Darts);
        let csv = csv::record(&record.counted_by(kernel, 1, Some(Spent::default())));
        let cells = format!(",{shown},0.000000001,");
        assert!(csv.contains(&cells), "{csv}");
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
    // A run long enough to tell also reports how many cores it got, as on a slow machine.
    let last = lines.len() - 1;
    assert!(lines[last].starts_with("darts/s         "), "{text}");
    assert!(
        last == 9 || (last == 10 && lines[9].starts_with("cores           ")),
        "{text}"
    );
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
        let result = json(&args);
        assert_eq!(result["hits"], hits);
        assert_eq!(result["method"], "lazy");
        assert_eq!(result["kernel"], "lazy");
        assert_eq!(result["workers"], 1);
        assert_eq!(result["sims_per_s"], Value::Null);
        assert_eq!(result.as_object().unwrap().len(), 16);
        let csv = stdout(&[&args[..], &["--format", "csv"]].concat());
        assert!(
            csv.starts_with("contract,method,seed,") && csv.ends_with(",,,false\n"),
            "{csv}"
        );
    }
}

/// All digits of the estimate and its error, computed independently to 60 decimals.
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
    assert!(text.contains("\n\nLazy: no dart was thrown."), "{text}");
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
        "pi-mc: unexpected argument '--method' found"
    );
}

#[test]
fn quiet_is_the_estimate_alone() {
    assert_eq!(stdout(&["-q", "-s", "42", "-n", "1e6"]), "3.1429\n");
    let shown = stdout(&["-q", "-s", "123", "-n", "100M"]);
    assert_eq!(shown.trim_end().parse(), Ok(4.0 * 78_545_531.0 / 1e8));
}

#[test]
fn without_a_dart_there_is_no_estimate_and_no_rate() {
    let args = ["-n", "1", "-s", "42", "--shard", "1/2"];
    let result = json(&args);
    for field in ["pi", "std_error", "sims_per_s"] {
        assert_eq!(result[field], Value::Null, "{field}");
    }
    assert!(result["elapsed_s"].is_f64());
    assert_eq!(
        failure(&[&args[..], &["-q"]].concat()),
        "pi-mc: no estimate: the result holds no darts"
    );
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

/// Two examples; the tables of accepted values are tested beside the parsers.
#[test]
fn bad_numbers_are_named_with_what_is_accepted() {
    assert_eq!(
        usage_error(&["--sims", "1.5"]),
        "pi-mc: invalid value '1.5' for '--sims <N>': expected a whole number of darts from 1 to \
         2^64-1, such as 10000000, 10_000_000, 1e7, 2.5e9, 10M or 2^32"
    );
    assert_eq!(
        usage_error(&["--workers", "-1"]),
        "pi-mc: invalid value '-1' for '--workers <W>': expected a whole number from 1 to 4096, or auto"
    );
    // The maximum number of darts is accepted: the error is about the next value.
    for most in ["18446744073709551615", "2^64-1"] {
        let message = usage_error(&["--sims", most, "--workers", "0"]);
        assert!(message.contains("--workers"), "{message}");
    }
}

/// A leading minus belongs to the value and does not begin an option.
#[test]
fn what_is_below_0_is_named_with_what_is_accepted() {
    for (args, option, accepted) in [
        (&["--sims", "-1e6"][..], "--sims <N>", "from 1 to 2^64-1"),
        (&["--workers", "-x"], "--workers <W>", "from 1 to 4096"),
        (&["--seed", "-0x1"], "--seed <S>", "from 0 to 2^64-1"),
        (
            &["--time-limit", "-1s"],
            "--time-limit <TIME>",
            "such as 2ms",
        ),
        (
            &["--time-limit", "-.5s"],
            "--time-limit <TIME>",
            "such as 2ms",
        ),
        (
            &["--target-error", "-1e-6"],
            "--target-error <ERROR>",
            "above 0",
        ),
        (
            &["--target-error", "-inf"],
            "--target-error <ERROR>",
            "above 0",
        ),
        (&["--shard", "-1/4"], "--shard <I/N>", "such as 3/64"),
        (
            &["compare", "-n", "-1k"],
            "--sims <LIST>",
            "from 1 to 2^64-1",
        ),
        (&["compare", "-w", "-1,2"], "--workers <LIST>", "as 1,2,4"),
        (
            &["compare", "--runs", "-1k"],
            "--runs <R>",
            "from 1 to 10000",
        ),
        (&["compare", "--warmup", "-1k"], "--warmup <R>", "from 0 to"),
        (&["compare", "--io-wait", "-2ms"], "--io-wait <TIME>", "2ms"),
        (&["verify", "--for", "-10m"], "--for <TIME>", "such as 2ms"),
        (&["verify", "-w", "-x"], "--workers <W>", "from 1 to 4096"),
        (
            &["verify", "--sample", "-1x", "f"],
            "--sample <K>",
            "from 1 to 1000000",
        ),
        // An option without a value takes the next option as its value.
        (
            &["--time-limit", "-q"],
            "--time-limit <TIME>",
            "such as 2ms",
        ),
    ] {
        let message = usage_error(args);
        let value = args
            .iter()
            .skip_while(|arg| !arg.starts_with('-'))
            .nth(1)
            .unwrap();
        let refused = format!("invalid value '{}' for '{option}': ", value);
        assert!(
            message.contains(&refused) && message.contains(accepted),
            "{message}"
        );
    }
    let message = usage_error(&["--time-limit"]);
    assert!(message.contains("a value is required"), "{message}");
}

/// `auto` is the default, spelled out.
#[test]
fn auto_is_a_number_of_workers() {
    let args = ["-n", "1e6", "-s", "42"];
    let auto = json(&[&args[..], &["-w", "auto", "--kernel", "auto"]].concat());
    let bare = json(&args);
    for field in ["workers", "kernel", "hits"] {
        assert_eq!(auto[field], bare[field], "{field}");
    }
    let rows = |workers: &[&str]| {
        let args = ["compare", "-n", "1e5", "--runs", "1", "--warmup", "0"];
        let rows = json(&[&args[..], workers].concat());
        let rows = rows["rows"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["workers"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&["-w", "auto"]), rows(&[]));
    let message = usage_error(&["compare", "-w", "1,auto"]);
    assert!(message.contains("'auto' stands alone"), "{message}");
    let verified = stdout(&["verify", "--class", "S", "-w", "auto"]);
    let heading = |text: &str| text.lines().next().unwrap().to_owned();
    assert_eq!(
        heading(&verified),
        heading(&stdout(&["verify", "--class", "S"]))
    );
}

#[test]
fn a_kernel_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let mut names = Kernel::NAMES.join(", ");
    if cfg!(feature = "gpu") {
        names += ", gpu";
    } else {
        let message = usage_error(&["--kernel", "gpu:any"]);
        assert!(
            message.ends_with("build it with cargo's '--features gpu'"),
            "{message}"
        );
    }
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
    // The short help fits one screen. The long help has groups and examples, within 100 columns.
    assert!(stdout(&["-h"]).lines().count() <= 40);
    let help = stdout(&["--help"]);
    let groups = [
        "Run:",
        "Output:",
        "Many machines and long runs:",
        "Advanced:",
    ];
    let places = groups.map(|group| help.find(&format!("\n{group}\n")).unwrap());
    assert!(
        places.is_sorted() && help.contains("\nExamples:\n"),
        "{help}"
    );
    for command in [vec![String::new()], commands()].concat() {
        let args = |help| {
            [command.as_str(), help]
                .into_iter()
                .filter(|arg| !arg.is_empty())
        };
        for help in ["-h", "--help"] {
            let help = stdout(&args(help).collect::<Vec<_>>());
            let wide = help.lines().find(|line| line.chars().count() > 100);
            assert_eq!(wide, None, "{command}");
        }
        let short = stdout(&args("-h").collect::<Vec<_>>());
        assert!(short.lines().count() <= 45, "{command}: {short}");
        let long = stdout(&args("--help").collect::<Vec<_>>());
        let (_, examples) = long.split_once("\nExamples:\n").unwrap();
        let examples = examples.lines().filter(|line| line.contains("pi-mc "));
        assert!(examples.count() >= 2, "{command}: {long}");
    }
}

/// The commands that `pi-mc -h` lists.
pub(crate) fn commands() -> Vec<String> {
    let help = stdout(&["-h"]);
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn man_takes_every_command_and_writes_all_pages() {
    let commands = commands();
    assert_eq!(commands.len(), 8);
    let (_parent, folder, name) = new_file("man");
    assert_eq!(stdout(&["man", "--all", &name]), "");
    for command in &commands {
        let page = stdout(&["man", command]);
        assert!(page.contains(&format!("pi\\-mc\\-{command}")), "{page}");
        let written = fs::read_to_string(folder.join(format!("pi-mc-{command}.1")));
        assert_eq!(written.unwrap(), page);
    }
    let written = fs::read_to_string(folder.join("pi-mc.1")).unwrap();
    assert_eq!(written, stdout(&["man"]));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 9);
    assert!(
        usage_error(&["man", "worker"]).contains("compare, dart, explain, learn, merge, verify")
    );
    assert!(usage_error(&["man", "dart", "--all", &name]).contains("cannot be used with"));
}

#[test]
fn completions_of_every_shell_are_written_at_once() {
    let (_parent, folder, name) = new_file("completions");
    assert_eq!(stdout(&["completions", "--all", &name]), "");
    for (shell, file) in [
        ("bash", "pi-mc.bash"),
        ("elvish", "pi-mc.elv"),
        ("fish", "pi-mc.fish"),
        ("powershell", "_pi-mc.ps1"),
        ("zsh", "_pi-mc"),
    ] {
        let written = fs::read_to_string(folder.join(file)).unwrap();
        assert_eq!(written, stdout(&["completions", shell]));
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 5);
    assert!(usage_error(&["completions"]).contains("<SHELL>"));
}

/// An error names the folder, and a file that cannot be replaced stays as it was.
#[test]
fn a_folder_that_takes_no_files_is_an_error() {
    let (_parent, path, name) = new_file("taken");
    fs::write(&path, "mine").unwrap();
    for command in ["man", "completions"] {
        let message = failure(&[command, "--all", &name]);
        assert!(message.contains(&format!("'{name}'")), "{message}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}

#[test]
fn there_is_no_command_help_and_the_answer_says_what_to_type() {
    for args in [&["help"][..], &["help", "compare"]] {
        assert_eq!(
            usage_error(args),
            "pi-mc: unrecognized subcommand 'help'; type 'pi-mc --help' or 'pi-mc COMMAND --help'"
        );
    }
}

/// `word` with its second and third letters swapped; if they are equal, its first and second.
fn mistyped(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let start = word.len() - word.trim_start_matches('-').len();
    let swapped = if letters.get(start + 1) == letters.get(start + 2) {
        start
    } else {
        start + 1
    };
    letters.swap(swapped, swapped + 1);
    letters.into_iter().collect()
}

/// The options listed by `pi-mc COMMAND --help`, with their listed values.
fn options(command: &[&str]) -> Vec<String> {
    let help = stdout(&[command, &["--help"]].concat());
    let lines = help.lines().map(str::trim_start);
    let options = lines.filter(|line| line.starts_with('-'));
    let long = options.filter_map(|line| {
        line.split([' ', ',', '.'])
            .find(|word| word.starts_with("--"))
    });
    long.map(str::to_owned).collect()
}

#[test]
fn every_mistyped_word_is_answered_with_the_right_one() {
    let mut tried = 0;
    let mut answered = |args: &[&str], right: &str| {
        let message = usage_error(args);
        let answer = format!(" exists: '{right}'");
        assert!(
            message.contains("; a similar ") && message.ends_with(&answer),
            "{message}"
        );
        tried += 1;
    };
    let commands = commands();
    for command in &commands {
        let typed = mistyped(command);
        answered(&[&typed], command);
        answered(&[&typed, "--help"], command);
        answered(&["-n", "5", &typed], command);
        answered(&["man", &typed], command);
    }
    for command in [""].into_iter().chain(commands.iter().map(String::as_str)) {
        let command: &[&str] = if command.is_empty() { &[] } else { &[command] };
        let mut options = options(command);
        // A word of two letters is near to none.
        options.retain(|option| option.len() > "--as".len());
        assert!(!options.is_empty(), "{command:?}");
        for option in options {
            answered(&[command, &[&mistyped(&option)]].concat(), &option);
        }
    }
    let kernels = [&["auto"][..], Kernel::NAMES].concat();
    let strategies: Vec<_> = Strategy::ALL.iter().map(|one| one.name()).collect();
    for (option, values) in [
        (&["--format"][..], &["text", "json", "csv"][..]),
        (&["--progress"], &["auto", "always", "never"]),
        (&["--method"], &["darts", "lazy"]),
        (&["--kernel"], &kernels),
        (&["merge", "x", "--format"], &["text", "json", "csv"]),
        (
            &["compare", "--format"],
            &["text", "json", "csv", "markdown"],
        ),
        (&["compare", "--scaling"], &["strong", "weak"]),
        (&["compare", "--kernel"], &kernels),
        (&["compare", "--strategy"], &strategies),
        (&["compare", "--strategy"], &["all"]),
        (
            &["completions"],
            &["bash", "zsh", "fish", "elvish", "powershell"],
        ),
    ] {
        for value in values {
            answered(&[option, &[&mistyped(value)]].concat(), value);
        }
    }
    assert!(tried > 100, "{tried}");
}

/// No suggestion if no word is close.
#[test]
fn what_is_far_from_every_word_gets_no_advice() {
    for args in [
        &["stray"][..],
        &["--class-action"],
        &["verify", "--class", "Z"],
        &["--kernel", "mmx"],
        // clap's own suggestion would be completions.
        &["plot"],
        &["-x"],
    ] {
        let message = usage_error(args);
        assert!(!message.contains("similar"), "{message}");
        assert!(!message.contains("completions"));
    }
    // clap's other advice stays.
    assert_eq!(
        usage_error(&["merge", "--all"]),
        "pi-mc: unexpected argument '--all' found; to pass '--all' as a value, use '-- --all'"
    );
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
        (&["explain", "rase"], "race"),
        (&["explian"], "explain"),
        (&["comapre", "--strategy", "all"], "compare"),
        (&["--sim", "5"], "--sims"),
        (&["--sim=5"], "--sims"),
        (&["verify", "--fro", "1s"], "--for"),
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
    let shells = ["bash", "zsh", "fish", "elvish", "powershell"];
    let scripts = shells.map(|shell| stdout(&["completions", shell]));
    let page = |args: &[&str]| stdout(args).replace("\\-", "-");
    let hidden = Regex::new(r"--(threads|jobs|samples|iterations|darts)\b").unwrap();
    let mut tried = 0;
    for command in [vec![String::new()], commands()].concat() {
        let command: &[&str] = if command.is_empty() { &[] } else { &[&command] };
        let page = page(&[&["man"], command].concat());
        assert!(!hidden.is_match(&page), "{page}");
        for option in options(command) {
            let name = option.trim_start_matches('-');
            let whole_word = format!(r"(?m)(--|-l ){name}([^\w-]|$)");
            let whole_word = Regex::new(&whole_word).unwrap();
            for text in scripts.iter().chain([&page]) {
                assert!(whole_word.is_match(text), "{command:?} {option}: {text}");
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried} options");
    for (text, command) in scripts
        .iter()
        .flat_map(|text| commands().into_iter().map(move |one| (text, one)))
    {
        assert!(text.contains(&command), "{command}: {text}");
    }
    assert!(page(&["man", "dart"]).contains("10..20"));
    assert!(page(&["man"]).starts_with(".ie"), "roff");
}

/// No other example of the help names a result.
#[test]
fn the_hits_that_the_help_promises_are_right() {
    assert!(stdout(&["--help"]).contains("785381759 hits, on every machine\n"));
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

/// Nobody can read the message, but the exit code still reports the failure.
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

/// Arguments need not be valid UTF-8.
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
    let message = one_line(output.stderr);
    assert!(message.contains("UTF-8"), "{message}");
}

/// The error for an option of another command names that command.
#[test]
fn options_of_a_command_lead_to_it() {
    for (args, command) in [
        (
            &["-n", "1e6", "--strategy=pool,lock", "-q"][..],
            "compare --strategy ...",
        ),
        (&["--runs"], "compare --runs ..."),
        (&["--wide"], "compare --wide"),
        (&["--sample", "3"], "verify --sample ..."),
        (&["--partial"], "merge --partial"),
    ] {
        let (name, option) = command.split_once(' ').unwrap();
        let option = option.trim_end_matches(" ...");
        assert_eq!(
            usage_error(args),
            format!("pi-mc: '{option}' is an option of {name}: pi-mc {command}")
        );
    }
    // No such hint within a command, or for a mistyped option.
    for args in [&["merge", "--runs", "3"][..], &["--methd", "lazy"]] {
        let message = usage_error(args);
        assert!(!message.contains("is an option of"), "{message}");
    }
}

/// A locale without UTF-8 gets ASCII in all text, help and errors; data stays as it is.
#[cfg(unix)]
#[test]
fn in_a_locale_without_utf_8_everything_for_a_person_is_ascii() {
    let ascii = |args: &[&str]| {
        let output = command(args).env("LC_ALL", "C").output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        assert!(
            text.is_ascii(),
            "{args:?}: {}",
            String::from_utf8_lossy(&text)
        );
        String::from_utf8(text).unwrap()
    };
    for command in [vec![String::new()], commands()].concat() {
        for help in ["-h", "--help"] {
            let args = [command.as_str(), help];
            ascii(if command.is_empty() {
                &args[1..]
            } else {
                &args
            });
        }
    }
    assert!(ascii(&["-h"]).starts_with("Estimates pi by"));
    let text = ascii(&["-s", "42", "-n", "1e6"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "pi ~            3.1429");
    assert_eq!(lines[1], "standard error  0.0016");
    ascii(&["--method", "lazy", "-n", "1e18"]);
    ascii(&["dart", "-s", "42", "0", "1", "65536"]);
    ascii(&["verify", "--class", "S"]);
    ascii(&["explain", "race"]);
    assert!(ascii(&["--time-limit", "2\u{b5}x"]).contains("2ux"));
    assert!(ascii(&["merge", "\u{fc}.json"]).starts_with("pi-mc: "));
    let args = ["--time-limit", "600ms", "--progress", "always"];
    assert!(ascii(&args).contains("pi ~ 3.1"));
    // Data is for programs.
    for args in [&["man"][..], &["-n", "10", "--plot", "-"]] {
        let output = command(args).env("LC_ALL", "C").output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap().contains('π'));
    }
}
