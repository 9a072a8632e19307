//! Lesson 8: starting costs, so help pays only for work that is large beside it.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{Ready, Room, Shown, fastest, recorded};
use crate::cli::learn::tasks::{completed, on_processes};
use crate::cli::learn::text::{Text, listed};
use crate::compare::sizes::{BreakEven, break_even};
use crate::compare::stats::Measured;
use crate::compare::strategy::Strategy;
use crate::engine::timeline::Activity;
use crate::report::columns::Align;
use crate::report::numbers::{below, fixed, grouped, seconds};

const TASKS: u64 = 20;
const PROCESSES: usize = 4;
const WAIT: Duration = Duration::from_millis(5);

/// The times that one core takes.
const SIZES_MS: [f64; 4] = [0.3, 3.0, 30.0, 300.0];
const RUNS: usize = 3;
const THREADS_MS: f64 = 200.0;

/// The workers of the column that is worked out.
const MANY: f64 = 64.0;

pub(crate) fn ready(room: &Room) -> Result<Ready> {
    let sims = room.darts(SIZES_MS[0], 2);
    let s = fastest(Strategy::Serial, &room.task(sims, 1)?, RUNS)?.s;
    let asked = vec![("sims", grouped(sims)), ("time", seconds(s))];
    let room = room.clone();
    Ok(Ready::new(asked, move || show(&room)))
}

fn show(room: &Room) -> Result<Shown> {
    let text = Text::of("cost");
    let (_, timeline) = on_processes(&room.waits(TASKS, WAIT, PROCESSES)?)?;
    let tasks = completed(&timeline);
    let mut page = text.say("pool", &[("tasks", &listed(&tasks))]);

    let mut measured = Vec::new();
    let mut start = f64::INFINITY;
    for ms in SIZES_MS {
        let sims = room.darts(ms, 2);
        let serial = fastest(Strategy::Serial, &room.task(sims, 1)?, RUNS)?.s;
        let two = room.task(sims, 2)?;
        let both = fastest(Strategy::Processes, &two, RUNS)?.s;
        let (timeline, _) = recorded(Strategy::Processes, &two)?;
        let starts = timeline
            .spans()
            .filter(|span| span.activity == Activity::Start);
        let last = starts.map(|span| span.end_ns).max().unwrap_or(0);
        start = start.min(last as f64 / 1e9);
        measured.push((sims, serial, both));
    }
    let as_fast = |ratio: f64| {
        if ratio < 0.1 {
            below(ratio)
        } else {
            fixed(ratio, 2)
        }
    };
    let rows = measured.iter().map(|(_, serial, both)| {
        let many = serial / (start + serial / MANY);
        vec![
            seconds(*serial),
            seconds(*both),
            as_fast(serial / both),
            as_fast(many),
        ]
    });
    page += "\n";
    page += &text.say("sizes", &[]);
    page += &text.table("header", Align::Right, rows.collect());
    page += &text.say("start", &[("start", &seconds(start))]);
    let ratios: Vec<(u64, Measured)> = measured
        .iter()
        .map(|(sims, serial, both)| {
            let value = serial / both;
            (
                *sims,
                Measured {
                    value,
                    ci95: Some([value, value].into()),
                },
            )
        })
        .collect();
    let per_dart = measured
        .last()
        .map_or(0.0, |(sims, serial, _)| serial / *sims as f64);
    page += &match break_even(&ratios) {
        BreakEven::Near(sims) => text.say("even", &[("time", &seconds(sims * per_dart))]),
        _ => {
            let why = if room.cores == 1 {
                "why-one"
            } else {
                "why-busy"
            };
            text.say("no-even", &[("why", &text.raw(why))])
        }
    };

    let mut threads = text.say("threads", &[("ms", &THREADS_MS)]);
    let work = room.darts(THREADS_MS, 4 * room.cores);
    let mut rows = Vec::new();
    let mut times = Vec::new();
    let mut counts = vec![1, room.cores, 4 * room.cores];
    counts.dedup();
    for workers in counts {
        let s = fastest(Strategy::Threads, &room.task(work, workers)?, RUNS)?.s;
        times.push(s);
        rows.push(vec![
            workers.to_string(),
            seconds(s),
            fixed(times[0] / s, 1),
        ]);
    }
    threads += &text.table("threads-header", Align::Right, rows);
    let sizes: Vec<_> = measured
        .iter()
        .map(|(sims, serial, both)| json!({"sims": sims, "serial_s": serial, "processes_s": both}))
        .collect();
    Ok(Shown {
        pages: vec![page, threads],
        measured: json!({"sizes": sizes, "start_s": start, "threads_s": times}),
    })
}
