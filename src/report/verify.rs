//! The findings of `pi-mc verify`, as lines for a person. The program adds the final verdict, which is also
//! its exit code.

use std::num::NonZero;
use std::time::Duration;

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::tally::counted as words;
use crate::engine::counter::Counter;
use crate::printable::printable;
use crate::report::columns::TextStyle;
use crate::report::forecast;
use crate::report::numbers::{grouped, seconds, short};
use crate::result::record::Record;
use crate::verify::burn::{BurnIn, CoreTally};
use crate::verify::twice::Common;
use crate::verify::{Check, Class};

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

/// The line for a recounted part of the saved result `name`, which was merged `from` another.
pub fn part(name: &str, from: Option<&str>, check: &Check) -> String {
    let from = from.map_or(String::new(), |from| format!(", from {}", printable(from)));
    format!(
        "{}{from}: {}, {}: {}\n",
        printable(name),
        check.expected,
        check.counter,
        counted(check)
    )
}

/// The line for the saved result `name`, which holds no darts.
pub fn empty(name: &str) -> String {
    format!("{}: no darts, so nothing to recount\n", printable(name))
}

/// The lines for darts that several of the results in `records` hold.
pub fn common(common: &Common, records: &[(String, Record)]) -> String {
    let results = common.results.iter().map(|i| &records[*i]);
    let names: Vec<_> = results.clone().map(|(name, _)| printable(name)).collect();
    let names = names.join(" and ");
    let mut out = String::new();
    for (part, hits) in &common.disputed {
        let hits: Vec<_> = hits.iter().map(|hits| grouped(*hits)).collect();
        out += &format!(
            "{names}: {part} were counted by each, but their hits differ: {}\n",
            hits.join(" and ")
        );
    }
    if common.agreed > 0 {
        let darts = format!(
            "{} of seed {}",
            words(grouped(common.agreed), "dart"),
            common.seed
        );
        let (first, mut others) = (results.clone().next(), results);
        let is_copy = others.all(|(_, other)| first.is_some_and(|(_, first)| first == other));
        out += &if is_copy {
            format!("{names}: copies of one result, and not several counts\n")
        } else {
            format!(
                "{names}: the same hits among the same {darts}; if counted apart, they confirm each other\n"
            )
        };
    }
    out
}

/// Announces a recount of so many darts that takes `time`; one by samples may have fewer.
pub fn takes_long(darts: u128, time: Duration, by_samples: bool) -> String {
    let fewer = if by_samples {
        "; a smaller '--sample' takes less"
    } else {
        ""
    };
    format!(
        "recounting {} darts will take about {}{fewer}",
        short(darts as f64),
        forecast::time(time.as_secs_f64())
    )
}

/// The chance that none of `samples` darts, each drawn from all darts, is in a forged part, if the forged parts hold
/// the share `forged` of all darts: (1 - forged)^samples. (Ateniese et al., "Provable Data Possession at Untrusted
/// Stores", CCS 2007, section 4: 300 samples find 1 % with 95 %, and 460 with 99 %.)
pub fn chance_missed(forged: f64, samples: usize) -> f64 {
    (1.0 - forged).powf(samples as f64)
}

/// How much of all results was recounted, in parts and darts, and the chance that `samples` darts miss a forgery.
/// `None` if everything was to be recounted.
pub fn recounted(
    (parts, darts): (usize, u128),
    (all_parts, all_darts): (usize, u128),
    samples: Option<usize>,
) -> String {
    let of_parts = words(grouped(all_parts as u64), "part");
    let Some(samples) = samples.filter(|_| parts < all_parts) else {
        let darts = words(big(all_darts), "dart");
        return format!("All of it recounted: {darts} in {of_parts}\n");
    };
    let missed = |forged| {
        let percent = chance_missed(forged, samples) * 100.0;
        // Rounded down, since a miss is never certain.
        match (percent * 10.0 + 1e-6).floor() / 10.0 {
            0.0 => "below 0.1 %".to_owned(),
            percent => format!("{percent:.1} %"),
        }
    };
    format!(
        "{} of {} darts recounted, in {} of {of_parts}, drawn by {}\n\
         A forged 1 % of the darts would be missed with a chance of {}, a forged 10 % with {}\n",
        big(darts),
        big(all_darts),
        grouped(parts as u64),
        words(grouped(samples as u64), "sample"),
        missed(0.01),
        missed(0.1),
    )
}

/// A number of darts of several results, which together may have more than one can.
fn big(darts: u128) -> String {
    u64::try_from(darts).map_or_else(|_| short(darts as f64), grouped)
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
