//! Lesson 7: two safe calls are not one safe step.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{Ready, Room, Shown};
use crate::cli::learn::tasks::{on_processes, taken};
use crate::cli::learn::text::{Text, in_two_columns, listed};
use crate::compare::strategy::look_then_take::{Queue, Step, look_then_take};

const ITEMS: u64 = 20;
const PROCESSES: usize = 4;
const WAIT: Duration = Duration::from_millis(5);
/// The one item of the forced run, and how long to wait for a second.
const ITEM: u64 = 19;
const LIMIT: Duration = Duration::from_millis(200);

pub(crate) fn ready(room: &Room) -> Ready {
    let room = room.clone();
    Ready::new(Vec::new(), move || show(&room))
}

fn show(room: &Room) -> Result<Shown> {
    let text = Text::of("queue");
    let queue = Queue::default();
    let put = [7, 8, 9];
    for item in put {
        queue.put(item);
    }
    let got: Vec<u64> = put.iter().filter_map(|_| queue.get(LIMIT)).collect();
    let mut page = text.say("fifo", &[("items", &listed(&put)), ("got", &listed(&got))]);

    page += &text.say("shown", &[]);
    let (_, timeline) = on_processes(&room.waits(ITEMS, WAIT, PROCESSES)?)?;
    let received = taken(&timeline);
    let lines = received.iter().map(|(worker, item)| {
        let process = timeline.lanes[*worker].process;
        text.fill("line", &[("process", &process), ("item", item)])
    });
    page += &in_two_columns(&lines.collect::<Vec<_>>());
    let mut items: Vec<u64> = received.iter().map(|(_, item)| *item).collect();
    items.sort_unstable();
    let is_whole = items.iter().copied().eq(0..ITEMS);
    items.dedup();
    page += &text.say(
        if is_whole { "all" } else { "not-all" },
        &[("n", &items.len())],
    );

    let mut forced = text.say("forced", &[]);
    let steps = look_then_take(ITEM, LIMIT)?;
    for ((worker, step), number) in steps.iter().zip(1..) {
        let what = match step {
            Step::NotEmpty => text.raw("look"),
            Step::Got(item) => text.fill("got", &[("item", item)]),
            Step::Waits => text.raw("waits"),
        };
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("number", &number), ("worker", worker), ("what", &what)];
        forced += &format!("  {}", text.say("step", &values));
    }
    let waited = steps
        .iter()
        .filter(|(_, step)| *step == Step::Waits)
        .count();
    Ok(Shown {
        pages: vec![page, forced],
        measured: json!({"received": items.len(), "waited_for_ever": waited}),
    })
}
