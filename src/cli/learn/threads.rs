//! Lesson 1: a process is not a core.

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{QUIET, Ready, Room, SEED, Shown, ran_on, recorded, run};
use crate::cli::learn::text::Text;
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::columns::Align;
use crate::report::numbers::{grouped, seconds};

/// The most threads that the table lists.
const LISTED: usize = 8;

/// How long one core works.
const WORK_MS: f64 = 300.0;

pub(crate) fn ready(room: &Room) -> Ready {
    let threads = room.cores + 2;
    let asked = vec![
        ("threads", threads.to_string()),
        ("cores", counted(room.cores, "core")),
        ("c", room.cores.to_string()),
    ];
    let room = room.clone();
    Ready::new(asked, move || show(&room, threads))
}

fn show(room: &Room, threads: usize) -> Result<Shown> {
    let text = Text::of("threads");
    let task = room.task(room.darts(WORK_MS, threads), threads)?;
    let (timeline, free) = recorded(Strategy::Threads, &task)?;
    let locked = run(Strategy::Gil, &task)?;

    let sims = grouped(task.plan.sims());
    let mut page = text.say(
        "shown",
        &[
            ("sims", &sims),
            ("seed", &SEED),
            ("hits", &grouped(free.hits)),
            ("pid", &timeline.process),
        ],
    );
    let lanes = timeline.lanes.iter().zip(0..);
    let rows = lanes.take(LISTED).map(|(lane, number)| {
        let name = text.fill("worker", &[("number", &number)]);
        vec![name, lane.thread.to_string(), ran_on(lane)]
    });
    page += &text.table("header", Align::Left, rows.collect());
    if threads > LISTED {
        page += &text.say("more", &[("n", &(threads - LISTED))]);
    }

    let mut times = text.say("times", &[]);
    let rows = [(Strategy::Threads, &free), (Strategy::Gil, &locked)].map(|(strategy, run)| {
        let cores = run
            .cores
            .map_or("?".to_owned(), |cores| format!("{cores:.1}"));
        vec![
            strategy.to_string(),
            cores,
            room.cores.to_string(),
            seconds(run.s),
        ]
    });
    times += &text.table("times-header", Align::Right, rows.into());
    let got = free.cores.unwrap_or(room.cores as f64 * locked.s / free.s);
    if free.cores.is_none() {
        times += &text.say("untold", &[]);
    }
    if room.cores == 1 {
        times += &text.say("one-core", &[]);
    } else if got < QUIET * room.cores as f64 {
        let (got, cores) = (format!("{got:.1}"), counted(room.cores, "core"));
        times += &text.say("lost", &[("got", &got), ("cores", &cores)]);
    }
    times += &text.say("notebook", &[]);
    Ok(Shown {
        pages: vec![page, times],
        measured: json!({"threads": threads, "cores_threads": free.cores, "cores_gil": locked.cores}),
    })
}
