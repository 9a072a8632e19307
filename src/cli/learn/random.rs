//! Lesson 9: copies of one stream add nothing, and a seed for each worker is not enough.

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{Ready, Room, SEED, Shown};
use crate::cli::learn::text::Text;
use crate::compare::strategy::Strategy;
use crate::compare::strategy::same_seed::{repeats, thrown_by_each};
use crate::darts::plan::Plan;
use crate::darts::replay::darts;
use crate::darts::tally::Tally;
use crate::report::columns::Align;
use crate::report::numbers::grouped;
use crate::result::average::average;
use crate::result::estimate::Estimate;
use crate::result::record::{Method, Record};

const WORKERS: usize = 4;
const EACH: u64 = 1_000_000;
const DARTS: u64 = 2;

pub(crate) fn ready(room: &Room) -> Ready {
    let room = room.clone();
    Ready::new(Vec::new(), move || show(&room))
}

fn show(room: &Room) -> Result<Shown> {
    let text = Text::of("random");
    let sims = EACH * WORKERS as u64;
    let task = room.task(sims, WORKERS)?;
    let mut page = text.say("first", &[]);
    for (thrown, number) in thrown_by_each(&task.plan, task.workers).iter().zip(0..) {
        let first = thrown.start()..thrown.start() + DARTS;
        let places =
            darts(thrown.seed(), first).map(|dart| format!("({:6.3}, {:6.3})", dart.x, dart.y));
        let places: Vec<String> = places.collect();
        let same = if number > 0 {
            text.raw("same")
        } else {
            String::new()
        };
        let worker = text.fill("worker", &[("number", &number)]);
        let line = format!("  {worker}  {}  {same}", places.join("  "));
        page += &format!("{}\n", line.trim_end());
    }
    let hits = Strategy::SameSeed.count(&task)?;
    let estimate = Estimate::of(Tally { sims, hits });
    let claimed = estimate.known_error().unwrap_or(0.0);
    let honest = claimed * repeats(&task.plan, task.workers).sqrt();
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("pi", &format!("{:.4}", estimate.pi)),
        ("claimed", &format!("{claimed:.4}")),
        ("sims", &grouped(sims)),
        ("honest", &format!("{honest:.4}")),
    ];
    page += &text.say("claimed", &values);

    page.push('\n');
    page += &text.say("seeds", &[]);
    let mut rows = Vec::new();
    for seeds in [0..4, 1..5] {
        let name = format!("{} to {}", seeds.start, seeds.end - 1);
        let record = |seed| {
            let tally = room.tally(seed, EACH, room.cores)?;
            Ok(Record::new(&Plan::first(seed, EACH)?, tally, Method::Darts))
        };
        let records = seeds.map(record).collect::<Result<Vec<_>>>()?;
        let mean = average(records.iter().enumerate())?;
        let error = mean.std_error.unwrap_or(0.0);
        let off = (mean.pi - std::f64::consts::PI).abs();
        rows.push(vec![
            name,
            format!("{:.4}", mean.pi),
            format!("{error:.4}"),
            format!("{off:.4}"),
        ]);
    }
    page += &text.table("seeds-header", Align::Right, rows);
    page += &text.say("seeds-share", &[]);

    let mut numbered = text.say("numbered", &[("sims", &grouped(sims)), ("seed", &SEED)]);
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for workers in [1, 2, 4, 7] {
        let hits = room.tally(SEED, sims, workers)?.hits;
        rows.push(vec![workers.to_string(), grouped(hits)]);
        all.push(hits);
    }
    numbered += &text.table("numbered-header", Align::Right, rows);
    numbered += &text.say("python", &[]);
    Ok(Shown {
        pages: vec![page, numbered],
        measured: json!({"claimed": claimed, "honest": honest, "hits": all}),
    })
}
