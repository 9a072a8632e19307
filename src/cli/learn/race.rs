//! Lesson 2: += is three steps, and a race loses what comes in between.

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{Ready, Room, Shown, lanes, run};
use crate::cli::learn::text::Text;
use crate::compare::strategy::turns::{self, Switch};
use crate::compare::strategy::{Strategy, Task};
use crate::report::columns::Align;
use crate::report::numbers::{grouped, percent};

/// Two threads add for so long, in each iteration.
const ITERATION_S: f64 = 0.075;

/// And under the lock. 20 turns of 5 ms.
const TURNS_S: f64 = 0.1;

const ITERATIONS: usize = 10;

pub(crate) fn ready(room: &Room) -> Result<Ready> {
    let task = room.task(room.darts(race_ms(room)?, 2), 2)?;
    let hits = Strategy::Pool.count(&task)?;
    let asked = vec![("hits", grouped(hits))];
    Ok(Ready::new(asked, move || show(&task, hits)))
}

/// The milliseconds that one core counts the darts whose hits two threads add in [`ITERATION_S`].
fn race_ms(room: &Room) -> Result<f64> {
    let mut ms = 0.5;
    loop {
        let task = room.task(room.darts(ms, 2), 2)?;
        let s = run(Strategy::Race, &task)?.s;
        if s > ITERATION_S / 4.0 {
            return Ok(ms * ITERATION_S / s);
        }
        ms *= 2.0;
    }
}

fn show(task: &Task, hits: u64) -> Result<Shown> {
    let text = Text::of("race");
    let lost = |x: u64, of: u64| match of - x.min(of) {
        0 => text.raw("nothing"),
        lost => percent(100.0 * lost as f64 / of as f64),
    };
    let mut page = String::new();
    let mut all = Vec::new();
    for number in 0..ITERATIONS {
        let x = Strategy::Race.count(task)?;
        let values = (grouped(x), lost(x, hits));
        page += &text.say(
            "line",
            &[("number", &number), ("x", &values.0), ("lost", &values.1)],
        );
        all.push(x);
    }
    page.push('\n');
    page += &text.say("drawing", &[]);
    let is_lost = all.iter().any(|x| *x < hits);
    page += &if is_lost {
        text.say("cores", &[])
    } else {
        let is_alone = crate::engine::cores::cores().get() == 1;
        let why = text.raw(if is_alone { "why-one" } else { "why-busy" });
        text.say("none", &[("why", &why)])
    };

    let adds = adds()?;
    page.push('\n');
    page += &text.say("gil", &[("adds", &grouped(adds))]);
    let (mut rows, mut switches) = (Vec::new(), Vec::new());
    let mut drawn = String::new();
    for (switch, name) in [
        (Switch::BeforeStore, "before"),
        (Switch::AfterStore, "after"),
    ] {
        let turns = turns::race(adds, switch)?;
        let handed = turns.hand_overs.to_string();
        rows.push(vec![
            text.raw(name),
            handed,
            grouped(turns.x),
            lost(turns.x, 2 * adds),
        ]);
        switches.push(json!({"hand_overs": turns.hand_overs, "x": turns.x}));
        if switch == Switch::BeforeStore {
            drawn = lanes(&turns.timeline);
            drawn += &if turns.hand_overs < 3 {
                text.say("few", &[("n", &turns.hand_overs)])
            } else {
                text.say("turns", &[])
            };
        }
    }
    page += &text.table("gil-header", Align::Right, rows);
    drawn += &text.say("python", &[]);
    Ok(Shown {
        pages: vec![page, drawn],
        measured: json!({"adds": hits, "x": all, "gil": {"adds": 2 * adds, "switches": switches}}),
    })
}

/// The additions of each of two threads that take [`TURNS_S`] together.
fn adds() -> Result<u64> {
    let mut adds = 100_000;
    loop {
        let start = std::time::Instant::now();
        turns::race(adds, Switch::BeforeStore)?;
        let s = start.elapsed().as_secs_f64();
        if s > TURNS_S / 8.0 {
            return Ok((adds as f64 * TURNS_S / s) as u64);
        }
        adds *= 2;
    }
}
