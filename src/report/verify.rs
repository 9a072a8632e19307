//! The findings of `pi-mc verify`, as lines for a person. The program adds the final verdict, which is also
//! its exit code.

use std::num::NonZero;
use std::time::Duration;

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::tally::counted as words;
use crate::engine::counter::Counter;
use crate::printable::printable;
use crate::report::columns::TextStyle;
use crate::report::numbers::{grouped, seconds, short};
use crate::result::record::Record;
use crate::verify::burn_in::{BurnIn, CoreTally};
use crate::verify::{Check, Class, chance_missed};

/// The line, continued on others where it is wider than a terminal.
fn wrapped(line: &str) -> String {
    TextStyle::default().wrapped(line, "  ")
}

/// The heading above a class's lines: the problem, and its known answer.
pub fn class(class: Class, workers: NonZero<usize>) -> String {
    let answer = class.answer();
    wrapped(&format!(
        "class {class:?}: {} darts of seed {}, workers {workers}; the known answer is {} hits",
        grouped(answer.sims),
        Class::SEED,
        grouped(answer.hits),
    ))
}

/// The line for a kernel that counted a class.
pub fn known(check: &Check) -> String {
    format!("{:<8}  {}\n", check.counter, counted(check))
}

/// The line for a check that was interrupted at `sims` of `of` darts, whose hits are not known.
pub fn unfinished(name: &str, sims: u64, of: u64) -> String {
    let (sims, of) = (grouped(sims), grouped(of));
    let name = printable(name);
    format!("{name:<8}  interrupted after {sims} of {of} darts, not checked\n")
}

/// The line for a recounted part of the saved result `name`.
pub fn part(name: &str, check: &Check) -> String {
    format!(
        "{}: {}, {}: {}\n",
        printable(name),
        check.expected,
        check.counter,
        counted(check)
    )
}

/// The share of the saved result `name` that was recounted, and the chance that a bad part was missed.
pub fn sample(name: &str, recounted: usize, parts: usize) -> String {
    let name = printable(name);
    if parts == 0 {
        return format!("{name}: no darts, so nothing to recount\n");
    }
    if recounted == parts {
        return format!("{name}: all of it recounted\n");
    }
    // Rounded down, since it is never certain to be missed.
    let percent = (chance_missed(recounted, parts) * 1000.0).floor() / 10.0;
    format!(
        "{name}: {recounted} of {parts} parts recounted; a single bad part would be missed \
         with a chance of {percent:.1} %\n"
    )
}

/// The machine that made the saved result `name`, which is wrong, as far as the result names it.
pub fn made_on(name: &str, record: &Record) -> String {
    let name = printable(name);
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

/// The number of chunks that a burn-in has checked in `elapsed`.
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
    wrapped(&format!(
        "{} chunks of seed {seed} counted twice in {}, workers {workers}, by {}: {} darts/s",
        grouped(chunks),
        seconds(elapsed_s),
        names.join(", "),
        short(2.0 * darts / elapsed_s),
    ))
}

/// How far a burn-in is, the most important part first.
pub fn burn_in_progress(chunks: u64, elapsed: Duration) -> Vec<String> {
    let elapsed_s = elapsed.as_secs_f64();
    let darts = chunks as f64 * f64::from(CHUNK_DARTS);
    vec![
        format!("{} chunks counted twice", grouped(chunks)),
        format!("in {}", seconds(elapsed_s)),
        format!("{} darts/s", short(2.0 * darts / elapsed_s)),
    ]
}

/// A line for each core of a burn-in: its rate by the first kernel, and whether one of its counts differs
/// from the reference.
pub fn cores(tallies: &[CoreTally], counters: &[Counter], found: &BurnIn) -> String {
    let is_wrong = |worker| {
        found.mismatch.as_ref().is_some_and(|mismatch| {
            let mut counts = mismatch.counts.iter();
            counts.any(|count| count.worker == worker && count.hits != mismatch.reference)
        })
    };
    let kernel = counters.first().map_or("", Counter::name);
    let names: Vec<String> = tallies.iter().map(|tally| tally.core.to_string()).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut out = String::new();
    for (worker, (name, tally)) in names.iter().zip(tallies).enumerate() {
        let counts = grouped(tally.counts);
        let rate = match tally.sims_per_s() {
            None => "not reached in this time".to_owned(),
            Some(rate) => format!("{} darts/s by {kernel}", short(rate)),
        };
        let wrong = if is_wrong(worker) { "  WRONG" } else { "" };
        out += &format!("{name:<width$}  {counts} counts  {rate}{wrong}\n");
    }
    out
}

/// The hits, the time, the rate, and whether the hits are as expected.
fn counted(check: &Check) -> String {
    let elapsed_s = check.elapsed.as_secs_f64().max(1e-9);
    let hits = words(grouped(check.hits), "hit");
    let time = seconds(elapsed_s);
    let rate = short(check.expected.sims as f64 / elapsed_s);
    let found = if check.is_right() {
        "right".to_owned()
    } else {
        format!("WRONG, not {}", words(grouped(check.expected.hits), "hit"))
    };
    format!("{hits}  {time:>8}  {rate:>6} darts/s  {found}")
}
