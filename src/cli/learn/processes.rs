//! Lesson 6: a process has its own memory, not its own core.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{CHUNK, Ready, Room, Shown, ran_on};
use crate::cli::learn::tasks::on_processes;
use crate::cli::learn::text::Text;
use crate::compare::strategy::process_pool::{self, Finished};
use crate::compare::strategy::{Strategy, Task};
use crate::engine::cores::Pinning;
use crate::engine::timeline::Timeline;
use crate::report::columns::Align;
use crate::report::numbers::grouped;

const PROCESSES: usize = 4;
const CHUNKS: u64 = 64;
/// So that each process has its share, however long the others take to start.
const WAIT: Duration = Duration::from_millis(2);

pub(crate) fn ready(room: &Room) -> Result<Ready> {
    let task = room.waits(CHUNKS, WAIT, PROCESSES)?;
    let hits = Strategy::Pool.count(&room.task(CHUNKS * CHUNK, 1)?)?;
    let asked = vec![("sims", grouped(CHUNKS * CHUNK)), ("hits", grouped(hits))];
    Ok(Ready::new(asked, move || show(&task)))
}

fn show(task: &Task) -> Result<Shown> {
    let text = Text::of("processes");
    let mut pages = text.say("free", &[]);
    let (free, timeline) = on_processes(task)?;
    pages += &table(text, &free, &timeline);
    let sum = timeline.hits;

    let pinned = Pinning::of_this_process().ok().map(Pinning::only_first);
    let mut after = String::new();
    if pinned.is_some() {
        let task = Task {
            pinning: pinned,
            ..task.clone()
        };
        pages.push('\n');
        pages += &text.say("pinned", &[]);
        let (finished, timeline) = on_processes(&task)?;
        pages += &table(text, &finished, &timeline);
    } else {
        after += &text.say("not-pinned", &[]);
    }
    after += &text.say("sum", &[("sum", &grouped(sum)), ("x", &process_pool::x())]);
    after += &text.say("notebook", &[]);
    let each: Vec<u64> = free.iter().map(|child| child.x).collect();
    Ok(Shown {
        pages: vec![pages, after],
        measured: json!({"x_of_each": each, "x_of_parent": process_pool::x()}),
    })
}

fn table(text: Text, processes: &[Finished], timeline: &Timeline) -> String {
    let ended = || text.raw("ended");
    let mut rows = vec![vec![
        timeline.process.to_string(),
        text.raw("main"),
        String::new(),
        String::new(),
        String::new(),
        process_pool::x().to_string(),
    ]];
    for (child, lane) in processes.iter().zip(&timeline.lanes) {
        rows.push(vec![
            child.id.to_string(),
            timeline.process.to_string(),
            if child.was_alive {
                text.raw("alive")
            } else {
                ended()
            },
            // Joining waits until it has.
            ended(),
            ran_on(lane),
            grouped(child.x),
        ]);
    }
    text.table("header", Align::Left, rows)
}
