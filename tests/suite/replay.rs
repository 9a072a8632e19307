//! `pi-mc dart`: compared with the reference, and its refusals.

use pi_mc::darts::contract;
use pi_mc::kernel;
use serde_json::Value;

use crate::program::{hits, stdout, usage_error};

/// The darts as JSON, one per line.
fn replayed(args: &[&str]) -> Vec<Value> {
    let lines = stdout(&[&["dart", "--format", "json"], args].concat());
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The darts' numbers.
fn numbers(args: &[&str]) -> Vec<u64> {
    let number = |dart: &Value| dart["dart"].as_u64().unwrap();
    replayed(args).iter().map(number).collect()
}

/// `n / 2^48` to 15 decimals, by long division.
fn decimals(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    let scaled = i128::from(n.abs()) * 10i128.pow(15);
    let rounded = (scaled + (1 << 47)) >> 48;
    let unit = 10i128.pow(15);
    format!("{sign}{}.{:015}", rounded / unit, rounded % unit)
}

#[test]
fn darts_are_those_of_the_reference() {
    let last = u64::MAX - 1;
    for (seed, asked) in [
        (42, "0..3000"),
        (7, "65530..65540"),
        (0, "2^48"),
        (u64::MAX, &last.to_string()),
    ] {
        let args = ["-s", &seed.to_string(), asked];
        let text = stdout(&[&["dart"], &args[..]].concat());
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(format!("seed {seed}").as_str()));
        assert_eq!(lines.next(), Some(""));
        let header: Vec<_> = lines.next().unwrap().split_whitespace().collect();
        assert_eq!(header.join(" "), "dart coarse fx fy x y verdict");
        let darts = replayed(&args);
        for found in &darts {
            let line = lines.next().unwrap();
            let number = found["dart"].as_u64().unwrap();
            let (chunk, place) = (number / 65_536, (number % 65_536) as u32);
            let mut words = contract::words(seed, chunk, place..place + 1);
            let [coarse, fx, fy] = words.next().unwrap();
            let hit = contract::is_hit(coarse, fx, fy);
            let centre =
                |cell: u16, fine: u32| (i64::from(cell as i16) << 33) + 2 * i64::from(fine) + 1;
            let x = decimals(centre(coarse as u16, fx));
            let y = decimals(centre((coarse >> 16) as u16, fy));
            // It names the coarse word exactly where the kernels need no fine words.
            let decided_by = match contract::coarse_verdict(coarse) {
                Some(_) => "coarse",
                None => "fine",
            };
            if let Some(verdict) = kernel::classify(coarse) {
                assert_eq!((verdict, "coarse"), (hit, decided_by), "{found}");
            }

            let fields = format!(
                r#"{{"contract":1,"seed":{seed},"dart":{number},"chunk":{chunk},"place":{place},"coarse":{coarse},"fx":{fx},"fy":{fy},"x":{},"y":{},"decided_by":"{decided_by}","hit":{hit}}}"#,
                x.parse::<f64>().unwrap(),
                y.parse::<f64>().unwrap(),
            );
            assert_eq!(*found, serde_json::from_str::<Value>(&fields).unwrap());
            assert_eq!(found.to_string().len(), fields.len(), "no digit more");

            let verdict = if hit { "hit" } else { "miss" };
            assert!(line.len() <= 80, "{line}");
            let cells: Vec<_> = line.split_whitespace().collect();
            assert_eq!(
                [&cells[..4], &cells[6..]].concat(),
                [
                    &number.to_string(),
                    &format!("{coarse:08x}"),
                    &format!("{fx:08x}"),
                    &format!("{fy:08x}"),
                    &format!("{verdict},"),
                    decided_by,
                ]
                .map(|cell: &str| cell)
            );
            // The decimals that fit.
            let decimals = cells[4].split_once('.').unwrap().1.len();
            assert!(line.len() + 2 > 80 - 2 || decimals == 15, "{line}");
            let place_line = format!("chunk {chunk}, place {place}");
            let below = lines.next().unwrap();
            assert_eq!(below.trim_start(), place_line);
            assert_eq!(below.find("chunk"), line.find(cells[1]), "below the words");
            for (cell, exact) in [(cells[4], x), (cells[5], y)] {
                let exact: f64 = exact.parse().unwrap();
                assert_eq!(cell, format!("{exact:.decimals$}"));
            }
        }
        assert_eq!(lines.next(), None);
    }
}

/// Compared as text, since a parsed object would not show the order of the fields.
#[test]
fn json_is_an_object_a_line() {
    assert_eq!(
        stdout(&["dart", "--seed", "42", "--format", "json", "1430", "0"]),
        "{\"contract\":1,\"seed\":42,\"dart\":1430,\"chunk\":0,\"place\":1430,\"coarse\":3148835902,\
         \"fx\":415483684,\"fy\":393947287,\"x\":0.845645042032888,\"y\":-0.533719124664291,\
         \"decided_by\":\"fine\",\"hit\":true}\n\
         {\"contract\":1,\"seed\":42,\"dart\":0,\"chunk\":0,\"place\":0,\"coarse\":962419617,\
         \"fx\":3722606810,\"fy\":427748192,\"x\":0.715877280790398,\"y\":0.448153674099334,\
         \"decided_by\":\"coarse\",\"hit\":true}\n"
    );
}

#[test]
fn replayed_darts_add_up_to_the_hits_of_a_run() {
    let darts = replayed(&["-s", "7", "0..10000"]);
    assert_eq!(darts.len(), 10_000);
    let hit = darts.iter().filter(|dart| dart["hit"] == true).count();
    assert_eq!(hit as u64, hits(7, 10_000));
}

#[test]
fn numbers_are_read_in_every_form_and_kept_in_order() {
    assert_eq!(
        numbers(&[
            "-s", "1", "1e6", "10..13", "2^16", "0x10", "1_000", "5", "5"
        ]),
        [1_000_000, 10, 11, 12, 65_536, 16, 1_000, 5, 5]
    );
    assert_eq!(
        numbers(&["-s", "1", "18446744073709551613..18446744073709551615"]),
        [u64::MAX - 2, u64::MAX - 1]
    );
}

#[test]
fn a_drawn_seed_is_printed_and_repeats_the_darts() {
    let darts = replayed(&["0..3"]);
    let seed = darts[0]["seed"].to_string();
    assert_eq!(darts, replayed(&["-s", &seed, "0..3"]));
    assert_ne!(darts[0]["seed"], replayed(&["0"])[0]["seed"]);
    assert!(stdout(&["dart", "0"]).starts_with("seed "));
}

#[test]
fn bad_input_is_named_with_what_is_accepted() {
    for typed in [
        "-1",
        "1.5",
        "20..10",
        "10..10",
        "10..",
        "2^64",
        "18446744073709551615",
        "x",
        "",
    ] {
        assert_eq!(
            usage_error(&["dart", "-s", "1", "0", typed]),
            format!(
                "pi-mc: invalid value '{typed}' for '<NUMBER>...': expected the number of a dart from 0 \
                 to 2^64-2, such as 12, 1e6 or 2^48, or some in a row, such as 10..20, darts 10 to 19"
            )
        );
    }
    for args in [&["0..10001"][..], &["0..5000", "5000..10000", "3"]] {
        assert_eq!(
            usage_error(&[&["dart"], args].concat()),
            "pi-mc: 10001 darts are too many to replay, at most 10000"
        );
    }
    let all = usage_error(&["dart", "0..18446744073709551615", "1..18446744073709551615"]);
    assert!(all.ends_with("at most 10000"), "{all}");
    for (args, part) in [
        (&["dart"][..], "<NUMBER>..."),
        (&["dart", "0", "-s", "-1"], "from 0 to 2^64-1"),
        (
            &["dart", "0", "--format", "csv"],
            "[possible values: text, json]",
        ),
        (&["dart", "0", "-n", "5"], "'-n'"),
        (&["-s", "1", "dart", "0"], "cannot be used with"),
    ] {
        let message = usage_error(args);
        assert!(message.contains(part), "{message}");
    }
}

/// Ten thousand darts for a reader that has gone away.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    let script = "{ pi-mc dart -s 1 0..10000; echo \"code $?\" >&2; } | head -n 1";
    let output = crate::program::shell(script);
    assert_eq!(output.stdout, b"seed 1\n");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "code 0\n");
}
