//! The notes below a table: sentences on the rows that need one.

use std::num::NonZero;

use crate::compare::row::{Comparison, Reason, Row, SHORT_S, Status, TimedRun};
use crate::compare::strategy::Strategy;
use crate::compare::strategy::same_seed::thrown_by_each;
use crate::compare::{busy, sizes};
use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::darts::replay::darts;
use crate::darts::tally::counted;
use crate::engine::machine::quota_in_cores;
use crate::report::comparison::words::{decimals, loss, name, names, repeated};
use crate::report::numbers::{fixed, grouped, mean_time, seconds};
use crate::result::milestones::marks;

/// The most losses, workers and darts that a note lists; it counts the others.
const LOSSES: usize = 20;
const WORKERS: usize = 3;
const DARTS: u64 = 3;

/// The rate of fewer darts than this is mostly the cost of starting, so it says nothing about more darts.
const LEAST: u64 = 16 * CHUNK_DARTS as u64;

/// All notes on a comparison, each one line or several.
pub(crate) fn notes(comparison: &Comparison) -> Vec<String> {
    let rows = &comparison.rows;
    let mut notes: Vec<String> = too_short(comparison).into_iter().collect();
    notes.extend(unknown(comparison));
    for row in rows {
        match row.status {
            Status::Lost => notes.push(race(row)),
            Status::Lucky => notes.push(format!(
                "{} lost no hit in {}: luck, or too few darts; it is still a race. See \
                 pi-mc explain race.",
                name(row),
                counted(row.runs.len(), "run")
            )),
            Status::Repeated => notes.push(same_seed(comparison, row)),
            Status::TooFewDarts => notes.push(format!(
                "{} repeats nothing yet: {} darts are one chunk, which one worker throws. This lesson \
                 needs more darts, a chunk of 65,536 for each worker: -n {}. See pi-mc explain \
                 same-seed.",
                name(row),
                grouped(row.sims),
                round_up(65_536 * row.workers as u64),
            )),
            Status::Wrong => notes.push(format!(
                "{}: {}. It should give {}: please report this.",
                name(row),
                row.verdict,
                grouped(row.serial_hits)
            )),
            _ => {}
        }
    }
    notes.extend(hand_overs(rows));
    notes
}

/// How often the threads of gil handed their lock over.
fn hand_overs(rows: &[Row]) -> Option<String> {
    let each: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let workers = counted(row.workers, "worker");
            Some(format!("{} on {workers}", fixed(row.hand_overs?, 0)))
        })
        .collect();
    (!each.is_empty()).then(|| {
        format!(
            "gil, a model of CPython's lock: hand-overs in a run {}. A thread that counts hands over \
             once another has waited 5 ms. Why: pi-mc explain gil.",
            each.join(", ")
        )
    })
}

/// The rows whose speed is unknown, a note for each reason.
fn unknown(comparison: &Comparison) -> Vec<String> {
    let (rows, quota) = (&comparison.rows, comparison.machine.quota);
    let mut notes = Vec::new();
    let is_unknown =
        |row: &Row, reason| row.status == Status::CannotTell && row.reason == Some(reason);
    for reason in [Reason::TooFewRuns, Reason::BusyMachine, Reason::TooShort] {
        let unknown: Vec<_> = rows.iter().filter(|r| is_unknown(r, reason)).collect();
        let is_busy = reason == Reason::BusyMachine;
        let busy = is_busy.then(|| busy(rows, quota)).flatten();
        if !unknown.is_empty() {
            let why = busy.unwrap_or_else(|| why(reason, rows[0].runs.len(), quota));
            let names = names(&unknown);
            notes.push(format!("Cannot tell {names} from serial: {why}"));
        } else if let Some(busy) = busy {
            notes.push(format!("Do not trust the times: {busy}"));
        }
    }
    notes
}

/// The number of darts to try, if serial is over too soon.
fn too_short(comparison: &Comparison) -> Option<String> {
    let serial = comparison.rows.first()?;
    let Row { sims, mean_s, .. } = serial;
    if *mean_s >= SHORT_S {
        return None;
    }
    let took = seconds(*mean_s);
    if *sims < LEAST {
        return Some(format!(
            "Serial takes {took}, too short to compare well. Leave out -n: a number is then chosen."
        ));
    }
    let would = sizes::darts(*sims as f64 / mean_s);
    Some(format!(
        "Serial takes {took}, too short to compare well. Try -n {would:e}, which takes about {} s, or \
         leave out -n.",
        sizes::SERIAL_S
    ))
}

/// How busy the machine was for the row with the largest shortfall, if rows got far fewer cores than they wanted. A
/// `quota` of fewer cores explains that, and no program has to be closed.
pub(crate) fn busy<'a>(
    rows: impl IntoIterator<Item = &'a Row>,
    quota: Option<f64>,
) -> Option<String> {
    let (row, cores) = busy::worst(rows)?;
    let row = names(&[row]);
    if let Some(quota) = quota.filter(|quota| *quota < cores.wanted) {
        return Some(format!(
            "at the worst, {row} got {cores}, since {}",
            under(quota)
        ));
    }
    Some(format!(
        "the machine was busy. At the worst, {row} got {cores}. Close other programs; if they come and \
         go, more --runs would help."
    ))
}

/// Why the speed of rows with this many runs is unknown, and what would help: four times the runs halve an interval.
fn why(reason: Reason, runs: usize, quota: Option<f64>) -> String {
    match (reason, quota) {
        (Reason::BusyMachine, Some(quota)) => {
            format!("equal runs take unequal times: {}", under(quota))
        }
        (Reason::TooFewRuns, _) => format!(
            "the runs are too few for their noise. Try --runs {}; at least 3 are needed.",
            runs.saturating_mul(4).max(20)
        ),
        (Reason::BusyMachine, None) => {
            "the machine is busy, and equal runs take unequal times. Close other \
                                programs, or take more --runs."
                .to_owned()
        }
        (Reason::TooShort, _) => "the runs are too short. Throw more darts (-n).".to_owned(),
    }
}

/// What a quota does, and what helps.
fn under(quota: f64) -> String {
    format!(
        "this process has a quota of {} of processor time, and waits when that is used up. A larger quota would help.",
        quota_in_cores(quota)
    )
}

/// The losses of a race, run by run.
fn race(row: &Row) -> String {
    let lost = |run: &TimedRun| row.serial_hits.saturating_sub(run.hits);
    let shown = |lost| loss(lost, row.serial_hits, "");
    let mut losses: Vec<u64> = row.runs.iter().map(lost).collect();
    let some = losses.iter().filter(|lost| **lost > 0).count();
    let in_order: Vec<String> = losses.iter().copied().map(shown).take(LOSSES).collect();
    let more = losses.len() - in_order.len();
    let more = if more > 0 {
        format!(" and {}", counted(grouped(more as u64), "more run"))
    } else {
        String::new()
    };
    losses.sort_unstable();
    let (n, worst) = (losses.len(), losses[losses.len() - 1]);
    let median = u64::midpoint(losses[(n - 1) / 2], losses[n / 2]);
    let run = &row.runs[row.shown_run];
    format!(
        "{}: {some} of {} lost hits, in order {}{more}; median {}, worst {}. The row shows run \
         {}, the worst: {}, {} of {} hits. Why: pi-mc explain race.",
        name(row),
        counted(n, "run"),
        in_order.join(", "),
        shown(median),
        shown(worst),
        row.shown_run + 1,
        mean_time(run.elapsed_s, None),
        grouped(run.hits),
        grouped(row.serial_hits)
    )
}

/// The first darts of each worker side by side, and the true error of the estimate.
fn same_seed(comparison: &Comparison, row: &Row) -> String {
    let mut out = format!(
        "{}: all throw the same darts. The first of each:",
        name(row)
    );
    let plan = Plan::from_start(comparison.setup.seed, comparison.setup.first, row.sims);
    let thrown: Vec<Plan> = match (plan, NonZero::new(row.workers)) {
        (Ok(plan), Some(workers)) => thrown_by_each(&plan, workers),
        _ => Vec::new(),
    };
    let mut before = None;
    for (thrown, worker) in thrown.iter().zip(0..WORKERS) {
        let numbers = thrown.start()..thrown.start() + thrown.sims().min(DARTS);
        let darts = darts(thrown.seed(), numbers.clone());
        let places: Vec<_> = darts
            .map(|dart| format!("({:6.3}, {:6.3})", dart.x, dart.y))
            .collect();
        let is_same = before.replace(numbers.clone()) == Some(numbers);
        let same = if is_same { "  the same" } else { "" };
        out += &format!("\n  worker {worker}  {}{same}", places.join("  "));
    }
    let more = thrown.len().saturating_sub(WORKERS);
    if more > 0 {
        out += &format!("\n  and the same for {} more", grouped(more as u64));
    }
    out + "\n  " + &errors(row)
}

/// The error that repeated darts claim beside their true error.
fn errors(row: &Row) -> String {
    let (Some(claimed), Some(honest)) = (row.std_error, row.honest_error) else {
        return "Why: pi-mc explain same-seed.".to_owned();
    };
    let decimals = decimals(row);
    format!(
        "{} of the darts are repeated: π claims ± {claimed:.decimals$}, but the honest error is \
         {honest:.decimals$}. Why: pi-mc explain {}.",
        repeated(row, ""),
        Strategy::SameSeed,
    )
}

/// The first round number that is at least `n`, as a person types it: 5e8.
fn round_up(n: u64) -> String {
    let round = marks().find(|round| *round >= n);
    round.map_or_else(|| n.to_string(), |round| format!("{round:e}"))
}
