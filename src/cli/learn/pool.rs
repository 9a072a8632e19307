//! Lesson 4: results come as tasks finish, and whoever is free takes the next.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{Ready, Room, Shown, recorded};
use crate::cli::learn::tasks::{completed, taken};
use crate::cli::learn::text::{Text, in_two_columns, listed, wrapped};
use crate::compare::strategy::{Strategy, Task};
use crate::engine::timeline::Timeline;
use crate::report::columns::Align;
use crate::report::numbers::{grouped, seconds};

const TASKS: u64 = 20;
const THREADS: usize = 4;
const TASK: Duration = Duration::from_millis(20);
const TASK_0: Duration = Duration::from_millis(100);

pub(crate) fn ready(room: &Room) -> Ready {
    let room = room.clone();
    Ready::new(Vec::new(), move || show(&room))
}

fn show(room: &Room) -> Result<Shown> {
    let text = Text::of("pool");
    let task = Task {
        slow_chunk: Some((0, TASK_0)),
        ..room.waits(TASKS, TASK, THREADS)?
    };
    let (pool, of_pool) = recorded(Strategy::Queue, &task)?;
    let (shares, of_shares) = recorded(Strategy::Threads, &task)?;

    let mut page = text.say("shown", &[]);
    let taken = taken(&pool).into_iter();
    let lines =
        taken.map(|(worker, task)| text.fill("line", &[("worker", &worker), ("task", &task)]));
    page += &in_two_columns(&lines.collect::<Vec<_>>());
    let completed = completed(&pool);
    let mut sorted = completed.clone();
    sorted.sort_unstable();
    for (key, list) in [("completed", &completed), ("in-order", &sorted)] {
        page += &wrapped(&format!("{} {}", text.raw(key), listed(list)), "  ");
    }

    let rows = [("pool", &pool, &of_pool), ("shares", &shares, &of_shares)];
    let rows = rows.map(|(key, timeline, run)| {
        vec![
            text.raw(key),
            listed(&tasks_of_each(timeline)),
            seconds(run.s),
            grouped(run.hits),
        ]
    });
    let mut table = text.table("header", Align::Right, rows.into());
    let passed = completed.iter().position(|task| *task == 0).unwrap_or(0);
    if passed < 10 {
        table += &text.say("differ", &[]);
    }
    Ok(Shown {
        pages: vec![page, table],
        measured: json!({"completed": completed, "pool_s": of_pool.s, "shares_s": of_shares.s}),
    })
}

/// How many tasks each worker had.
fn tasks_of_each(timeline: &Timeline) -> Vec<usize> {
    let lanes = timeline.lanes.iter();
    lanes
        .map(|lane| lane.spans.iter().filter(|span| span.chunks > 0).count())
        .collect()
}
