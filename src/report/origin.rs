//! The lines of a picture that say where it comes from: the settings, the command that repeats it, and the machine.

use std::slice;

use crate::compare::busy;
use crate::compare::row::{Comparison, Scaling, strategies};
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::comparison::words::{darts, per_worker};
use crate::report::numbers::{grouped, seconds};
use crate::result::record::{Method, Record};

/// The lines of a run.
pub fn record(record: &Record) -> Vec<String> {
    let Record {
        seed, first, sims, ..
    } = record;
    let method = match record.method {
        Method::Darts => "",
        Method::Lazy => " --method lazy",
    };
    let how = match (first, sims) {
        (_, 0) => format!("seed {seed}"),
        (0, _) if !record.has_gaps() => {
            format!("seed {seed}: pi-mc{method} -n {} -s {seed}", compact(*sims))
        }
        _ => {
            let last = grouped(record.end() - 1);
            let gaps = if record.has_gaps() { ", with gaps" } else { "" };
            format!("seed {seed}, darts {} to {last}{gaps}", grouped(*first))
        }
    };
    let machine = record.machine.as_ref().map(ToString::to_string);
    [Some(how), machine].into_iter().flatten().collect()
}

/// The lines of comparisons that differ only in their number of darts.
pub fn comparison(comparisons: &[Comparison]) -> Vec<String> {
    let Some(first) = comparisons.first() else {
        return Vec::new();
    };
    let setup = &first.setup;
    let runs = first.rows.first().map_or(0, |row| row.runs.len());
    let what = match comparisons {
        [one] => format!("Speed-up over serial, {}", darts(one)),
        _ => format!(
            "Speed-up over serial by number of darts{}",
            per_worker(setup.scaling)
        ),
    };
    let mut how = format!(
        "{what}, seed {}, {} of each",
        setup.seed,
        counted(runs, "run")
    );
    how += &circumstances(first);
    let rows = comparisons.iter().flat_map(|comparison| &comparison.rows);
    if let Some((_, cores)) = busy::worst(rows) {
        how += &format!(", machine busy: {cores} at the worst");
    }
    below(how, command(comparisons), first)
}

/// The lines of the timelines of a comparison, which show one more run of each row.
pub fn timelines(comparison: &Comparison) -> Vec<String> {
    let seed = comparison.setup.seed;
    let mut how = format!("One run of each, {}, seed {seed}", darts(comparison));
    how += &circumstances(comparison);
    let command = command(slice::from_ref(comparison)).map(|one| one + " --timeline FILE");
    below(how, command, comparison)
}

/// The wait and the pinning that the runs have in common, to follow the rest of the line.
fn circumstances(comparison: &Comparison) -> String {
    let mut more = String::new();
    let io_wait = comparison.setup.io_wait;
    if !io_wait.is_zero() {
        let wait = seconds(io_wait.as_secs_f64());
        more += &format!(", every chunk of 65,536 darts waits {wait}");
    }
    if !comparison.machine.pinned.is_empty() {
        more += ", workers pinned";
    }
    more
}

/// The settings, the command and the machine, a line each.
fn below(how: String, command: Option<String>, comparison: &Comparison) -> Vec<String> {
    let machine = comparison.machine.to_string();
    [Some(how), command, Some(machine)]
        .into_iter()
        .flatten()
        .collect()
}

/// The command that repeats comparisons; `None` for strategies of a caller's own.
fn command(comparisons: &[Comparison]) -> Option<String> {
    let first = &comparisons[0];
    let list = |items: Vec<String>| items.join(",");
    let sizes = comparisons.iter().map(|one| compact(one.sims)).collect();
    let others = || {
        let rows = first.rows.iter();
        rows.filter(|row| row.strategy != Strategy::Serial)
    };
    let mut workers: Vec<usize> = others()
        .filter(|row| !row.strategy.has_one_row())
        .map(|row| row.workers)
        .collect();
    workers.sort_unstable();
    workers.dedup();
    let strategies = strategies(others());
    if strategies.iter().any(|strategy| strategy.known().is_none()) {
        return None;
    }
    let names: Vec<String> = strategies.iter().map(ToString::to_string).collect();
    let setup = &first.setup;
    let mut command = format!(
        "pi-mc compare {} -n {} -s {}",
        if names.is_empty() {
            "serial".to_owned()
        } else {
            list(names)
        },
        list(sizes),
        setup.seed
    );
    if !workers.is_empty() {
        let workers = workers.iter().map(ToString::to_string).collect();
        command += &format!(" -w {}", list(workers));
    }
    if let Some(row) = first.rows.first().filter(|_| !first.partial) {
        command += &format!(" --runs {}", row.runs.len());
    }
    if setup.scaling == Scaling::Weak {
        command += " --scaling weak";
    }
    if !setup.io_wait.is_zero() {
        let wait = humantime::format_duration(setup.io_wait).to_string();
        command += &format!(" --io-wait {}", wait.replace(' ', ""));
    }
    if !first.machine.pinned.is_empty() {
        command += " --pin";
    }
    Some(command)
}

/// A number of darts in as few letters as possible: 1e8.
fn compact(sims: u64) -> String {
    let (digits, short) = (sims.to_string(), format!("{sims:e}"));
    if short.len() < digits.len() {
        short
    } else {
        digits
    }
}
