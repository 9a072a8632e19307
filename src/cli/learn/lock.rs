//! Lesson 3: a lock makes it right, not fast.

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{Ready, Room, Shown, lanes, recorded, run};
use crate::cli::learn::text::{Text, in_two_columns};
use crate::compare::strategy::Strategy;
use crate::report::columns::Align;
use crate::report::numbers::{fixed, grouped, seconds};

/// How long serial works. With a lock it takes up to a hundred times as long.
const WORK_MS: f64 = 3.0;

const RUNS: usize = 3;
const ITERATIONS: usize = 10;

pub(crate) fn ready(room: &Room) -> Ready {
    let room = room.clone();
    Ready::new(Vec::new(), move || show(&room))
}

fn show(room: &Room) -> Result<Shown> {
    let text = Text::of("lock");
    let sims = room.darts(WORK_MS, 2);
    let [alone, two] = [room.task(sims, 1)?, room.task(sims, 2)?];
    let hits = Strategy::Serial.count(&alone)?;
    let mut page = text.say("shown", &[("sims", &grouped(sims))]);
    let (mut lines, mut s, mut is_right) = (Vec::new(), 0.0, true);
    for number in 0..ITERATIONS {
        let run = run(Strategy::Lock, &two)?;
        is_right &= run.hits == hits;
        let key = if run.hits == hits { "line" } else { "wrong" };
        lines.push(text.fill(key, &[("number", &number), ("x", &grouped(run.hits))]));
        s += run.s / ITERATIONS as f64;
    }
    page += &in_two_columns(&lines);

    let seconds_of = |strategy, task| -> Result<f64> {
        let runs = (0..RUNS).map(|_| Ok(run(strategy, task)?.s));
        Ok(runs.sum::<Result<f64>>()? / RUNS as f64)
    };
    let serial = seconds_of(Strategy::Serial, &alone)?;
    let all = [
        (Strategy::Serial, 1, serial),
        (Strategy::Lock, 1, seconds_of(Strategy::Lock, &alone)?),
        (Strategy::Lock, 2, s),
        (Strategy::Threads, 2, seconds_of(Strategy::Threads, &two)?),
    ];
    let rows = all.map(|(strategy, threads, s)| {
        let per_hit = seconds(s / hits as f64);
        vec![
            strategy.to_string(),
            threads.to_string(),
            per_hit,
            fixed(s / serial, 1),
        ]
    });
    page += &if is_right {
        text.say("right-ten", &[])
    } else {
        String::new()
    };
    page += &text.say("per-hit", &[("runs", &RUNS)]);
    page += &text.table("header", Align::Right, rows.into());

    let (timeline, _) = recorded(Strategy::Lock, &two)?;
    let mut drawn = lanes(&timeline);
    if room.cores == 1 {
        drawn += &text.say("one-core", &[]);
    } else if s < 2.0 * serial {
        drawn += &text.say("busy", &[]);
    }
    let nanoseconds = all.map(|(.., s)| 1e9 * s / hits as f64);
    Ok(Shown {
        pages: vec![page, drawn],
        measured: json!({"hits": hits, "ns_a_hit": nanoseconds}),
    })
}
