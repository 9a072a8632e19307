//! What a verification finds, as lines for a person. The program gives the verdict on the whole, which
//! is also its exit code.

use std::num::NonZero;
use std::time::Duration;

use crate::darts::contract::CHUNK_DARTS;
use crate::engine::counter::Counter;
use crate::report::numbers::{grouped, seconds, short};
use crate::result::record::Record;
use crate::verify::{BurnIn, Check, Class, Turn, chance_missed};

/// The heading above a class's lines: what is counted, and the known answer.
pub fn class(class: Class, workers: NonZero<usize>) -> String {
    format!(
        "class {class:?}: {} darts of seed {}, workers {workers}; the known answer is {} hits\n",
        grouped(class.sims()),
        Class::SEED,
        grouped(class.hits()),
    )
}

/// A line for a kernel that counted a class.
pub fn known(check: &Check) -> String {
    format!("{:<8}  {}\n", check.counter, counted(check))
}

/// A line for a recounted part of the saved result `name`.
pub fn part(name: &str, check: &Check) -> String {
    format!(
        "{name}: {}, {}: {}\n",
        check.expected,
        check.counter,
        counted(check)
    )
}

/// How much of the saved result `name` was recounted, and the chance that a bad part was missed.
pub fn sample(name: &str, recounted: usize, of: usize) -> String {
    if of == 0 {
        return format!("{name}: no darts, so nothing to recount\n");
    }
    if recounted == of {
        return format!("{name}: all of it recounted\n");
    }
    // It is never sure to be missed.
    let percent = (chance_missed(recounted, of) * 1000.0).floor() / 10.0;
    format!(
        "{name}: {recounted} of {of} parts recounted; a single bad part would be missed \
         with a chance of {percent:.1} %\n"
    )
}

/// What the saved result `name`, which is wrong, says of where it was made.
pub fn made_on(name: &str, record: &Record) -> String {
    let Some(machine) = &record.machine else {
        let hint = if record.parts.is_empty() {
            ""
        } else {
            "; the results that it was added up from may"
        };
        return format!("{name}: does not say where it was made{hint}\n");
    };
    let started = machine.started.as_ref();
    let started = started.map_or(String::new(), |time| format!(", started {time}"));
    format!("{name}: made on {machine}{started}\n")
}

/// How many chunks a burn-in has checked in `elapsed`.
pub fn burn_in(
    chunks: u64,
    seed: u64,
    counters: &[Counter],
    workers: NonZero<usize>,
    elapsed: Duration,
) -> String {
    let names: Vec<_> = counters.iter().map(Counter::name).collect();
    let darts = chunks as f64 * f64::from(CHUNK_DARTS);
    let elapsed_s = elapsed.as_secs_f64();
    format!(
        "{} chunks of seed {seed} counted twice in {}, workers {workers}, by {}: {} darts/s\n",
        grouped(chunks),
        seconds(elapsed_s),
        names.join(", "),
        short(2.0 * darts / elapsed_s),
    )
}

/// A line for each core that a burn-in went over, with its rate by the first kernel, and whether a count of
/// it is not what the reference counts.
pub fn cores(turns: &[Turn], counters: &[Counter], found: &BurnIn) -> String {
    let is_wrong = |worker| {
        found.mismatch.as_ref().is_some_and(|mismatch| {
            let mut counts = mismatch.counts.iter();
            counts.any(|count| count.worker == worker && count.hits != mismatch.reference)
        })
    };
    let kernel = counters.first().map_or("", Counter::name);
    let names: Vec<String> = turns.iter().map(|turn| turn.core.to_string()).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut out = String::new();
    for (worker, (name, turn)) in names.iter().zip(turns).enumerate() {
        let counts = grouped(turn.counts);
        let rate = match turn.sims_per_s() {
            None => "not reached in this time".to_owned(),
            Some(rate) => format!("{} darts/s by {kernel}", short(rate)),
        };
        let wrong = if is_wrong(worker) { "  WRONG" } else { "" };
        out += &format!("{name:<width$}  {counts} counts  {rate}{wrong}\n");
    }
    out
}

/// The hits, the time, the rate, and whether the hits are right.
fn counted(check: &Check) -> String {
    let elapsed_s = check.elapsed.as_secs_f64().max(1e-9);
    let hits = grouped(check.hits);
    let time = seconds(elapsed_s);
    let rate = short(check.expected.sims as f64 / elapsed_s);
    let found = if check.is_right() {
        "right".to_owned()
    } else {
        format!("WRONG, not {} hits", grouped(check.expected.hits))
    };
    format!("{hits} hits  {time:>8}  {rate:>6} darts/s  {found}")
}
