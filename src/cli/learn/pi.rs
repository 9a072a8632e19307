//! Lesson 10: workers buy time, and a digit costs a hundred times the darts.

use std::f64::consts::PI;

use anyhow::Result;
use serde_json::json;

use crate::cli::learn::room::{QUIET, Ready, Room, SEED, Shown, fastest};
use crate::cli::learn::text::{Text, listed};
use crate::compare::strategy::Strategy;
use crate::report::columns::Align;
use crate::report::numbers::{fixed, grouped, short};
use crate::result::estimate::{Estimate, decimals};

const WORK_MS: f64 = 300.0;
const SIZES: [u64; 3] = [10_000, 1_000_000, 100_000_000];
const SEEDS: u64 = 200;
const EACH: u64 = 1_000_000;
/// The seeds named of those whose interval misses.
const NAMED: usize = 3;

pub(crate) fn ready(room: &Room) -> Ready {
    let room = room.clone();
    Ready::new(Vec::new(), move || show(&room))
}

fn show(room: &Room) -> Result<Shown> {
    let text = Text::of("pi");
    let mut page = text.say("speed", &[("ms", &WORK_MS)]);
    let mut counts = vec![1, room.cores];
    counts.dedup();
    let (mut rows, mut rates) = (Vec::new(), Vec::new());
    for workers in counts {
        let sims = room.darts(WORK_MS, 1) * workers as u64;
        let s = fastest(Strategy::Pool, &room.task(sims, workers)?, 1)?.s;
        rates.push(sims as f64 / s);
        // The run took about that long; show the darts of exactly that long.
        let bought = rates[rates.len() - 1] * WORK_MS / 1e3;
        let error = (PI * (4.0 - PI) / bought).sqrt();
        let faster = fixed(rates[rates.len() - 1] / rates[0], 1);
        let digits = fixed(-error.log10(), 1);
        let error = format!("{error:.1e}");
        rows.push(vec![
            workers.to_string(),
            short(bought),
            faster,
            error,
            digits,
        ]);
    }
    page += &text.table("speed-header", Align::Right, rows);
    let faster = rates[rates.len() - 1] / rates[0];
    if room.cores == 1 {
        page += &text.say("one-core", &[]);
    } else if faster < QUIET * room.cores as f64 {
        page += &text.say("busy", &[("workers", &room.cores), ("wanted", &room.cores)]);
    }

    page.push('\n');
    page += &text.say("digits", &[]);
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for sims in SIZES {
        let estimate = Estimate::of(room.tally(SEED, sims, room.cores)?);
        let error = estimate.known_error().unwrap_or(0.0);
        let places = decimals(error);
        let off = (estimate.pi - PI).abs();
        let shown = [estimate.pi, error, off].map(|x| format!("{x:.places$}"));
        rows.push([vec![grouped(sims)], shown.to_vec()].concat());
        errors.push(error);
    }
    page += &text.table("digits-header", Align::Right, rows);
    let sims = SIZES[2];
    let [one, many] = [1, room.cores].map(|workers| room.tally(SEED, sims, workers));
    let (one, many) = (one?.hits, many?.hits);
    let values: [(&str, &dyn std::fmt::Display); 3] = [
        ("one", &grouped(one)),
        ("many", &grouped(many)),
        ("workers", &room.cores),
    ];
    page += &text.say("same", &values);

    let mut missing = Vec::new();
    for seed in 1..=SEEDS {
        let estimate = Estimate::of(room.tally(seed, EACH, room.cores)?);
        if !estimate.ci95.holds(PI) {
            missing.push(seed);
        }
    }
    let named = listed(&missing[..missing.len().min(NAMED)]);
    let misses = text.say("misses", &[("misses", &missing.len()), ("seeds", &named)]);
    Ok(Shown {
        pages: vec![page, misses],
        measured: json!({"as_fast": faster, "errors": errors, "seeds_that_miss": missing}),
    })
}
