//! Lesson 5: waiting overlaps under an interpreter lock, and computing does not.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{QUIET, Ready, Room, Shown, lanes, recorded, run};
use crate::cli::learn::text::Text;
use crate::compare::strategy::Strategy;
use crate::compare::strategy::turns::{Beside, short_waits};
use crate::darts::tally::counted;
use crate::report::columns::Align;
use crate::report::numbers::{fixed, seconds};

const PAGE: Duration = Duration::from_millis(20);
const WORK_MS: f64 = 200.0;
const SHORT: Duration = Duration::from_micros(200);

pub(crate) fn ready(room: &Room) -> Ready {
    // The answers must differ.
    let threads = if room.cores == 7 { 10 } else { 8 };
    let pages: u64 = if room.cores == 50 { 49 } else { 50 };
    let rounds = pages.div_ceil(threads);
    let asked = vec![
        ("pages", pages.to_string()),
        ("threads", threads.to_string()),
        ("cores", counted(room.cores, "core")),
        ("cores-n", room.cores.to_string()),
        ("rounds", rounds.to_string()),
        ("times", (pages / rounds).to_string()),
    ];
    let alone = room.cores == 1;
    let room = room.clone();
    Ready {
        variant: if alone { "-one" } else { "" },
        ..Ready::new(asked, move || show(&room, pages, threads as usize))
    }
}

fn show(room: &Room, pages: u64, threads: usize) -> Result<Shown> {
    let text = Text::of("waiting");
    let waits = |threads| room.waits(pages, PAGE, threads);
    let one_by_one = run(Strategy::Serial, &waits(1)?)?.s;
    let work = |threads| room.task(room.darts(WORK_MS, room.cores.max(2)), threads);
    let serial = run(Strategy::Serial, &work(1)?)?.s;
    let mut rows = Vec::new();
    let mut faster = Vec::new();
    for strategy in [Strategy::Gil, Strategy::Threads] {
        let waiting = one_by_one / run(strategy, &waits(threads)?)?.s;
        let computing = serial / run(strategy, &work(room.cores)?)?.s;
        rows.push(vec![
            strategy.to_string(),
            fixed(waiting, 1),
            fixed(computing, 1),
        ]);
        faster.push([waiting, computing]);
    }
    let workers = counted(room.cores, "thread");
    let mut page = text.say(
        "shown",
        &[
            ("pages", &pages),
            ("threads", &threads),
            ("ms", &WORK_MS),
            ("workers", &workers),
        ],
    );
    page += &text.table("header", Align::Right, rows);
    if faster[0][0] < QUIET * (pages / pages.div_ceil(threads as u64)) as f64 {
        page += &text.say("lost-waits", &[]);
    }
    let is_off = |times: f64, expected: usize| {
        let share = times / expected as f64;
        !(QUIET..=1.0 / QUIET).contains(&share)
    };
    if room.cores == 1 {
        page += &text.say("one-core", &[]);
    } else if is_off(faster[0][1], 1) || is_off(faster[1][1], room.cores) {
        page += &text.say("lost", &[("wanted", &room.cores)]);
    }

    page.push('\n');
    page += &text.say("short", &[]);
    let (mut rows, mut each) = (Vec::new(), Vec::new());
    for (beside, key) in [
        (Beside::Nobody, "nobody"),
        (Beside::Thread, "thread"),
        (Beside::UnderGil, "under-gil"),
    ] {
        let mean = short_waits(50, SHORT, beside, room.kernel)?.as_secs_f64();
        rows.push(vec![text.raw(key), seconds(mean)]);
        each.push(mean);
    }
    page += &text.table("short-header", Align::Right, rows);

    let two = room.task(room.darts(WORK_MS / 2.0, 2), 2)?;
    let (timeline, _) = recorded(Strategy::Gil, &two)?;
    let drawn = lanes(&timeline) + &text.say("lanes", &[]);
    Ok(Shown {
        pages: vec![page, drawn],
        measured: json!({"gil": faster[0], "threads": faster[1], "short_waits_s": each}),
    })
}
