//! Comparisons of several sizes as one table: the speed-up by number of darts, and where each strategy
//! breaks even with serial, and a GPU with the pool.

use anstyle::Style;

use crate::compare::row::{Comparison, Row, Status};
#[cfg(feature = "gpu")]
use crate::compare::sizes;
use crate::compare::sizes::{BreakEven, break_even};
use crate::compare::stats::Measured;
use crate::compare::strategy::Strategy;
use crate::report::columns::{Align, TextStyle, WIDTH, lines};
use crate::report::comparison::notes;
use crate::report::comparison::words::{self, heading, known_speed_up, names, per_worker};
use crate::report::numbers::below;

/// The table of comparisons that differ only in their size, the smallest first.
pub fn curve(comparisons: &[Comparison], style: TextStyle) -> String {
    let Some(first) = comparisons.first() else {
        return String::new();
    };
    let (each, seed) = (per_worker(first.setup.scaling), first.setup.seed);
    let what = format!("Speed-up over serial by number of darts{each}, seed {seed}");
    let mut out = String::new();
    for line in heading(first, what, "") {
        out += &style.wrapped(&line, "");
    }
    if let Some(last) = comparisons.last().filter(|last| last.partial) {
        let line = format!("{}, at {}", words::PARTIAL, words::darts(last));
        out += &style.wrapped(&line, "");
    }
    let table = table(comparisons, style);
    out += &table;
    out.push('\n');
    if table.contains('?') {
        out += "?: cannot be told from serial\n";
    }
    let rows = comparisons.iter().flat_map(|comparison| &comparison.rows);
    if let Some(busy) = notes::busy(rows, first.machine.quota) {
        let note = format!("Some speed-ups are uncertain: {busy}");
        out += &style.wrapped(&note, "  ");
    }
    for sentence in sentences(comparisons) {
        out += &style.wrapped(&sentence, "  ");
    }
    out
}

/// The rows, with as many sizes side by side as fit the width, and the other sizes below.
fn table(comparisons: &[Comparison], style: TextStyle) -> String {
    let rows = &comparisons[0].rows;
    let mut names = vec![vec!["strategy".to_owned(), "workers".to_owned()]];
    names.extend(
        rows.iter()
            .map(|row| vec![row.strategy.to_string(), row.workers.to_string()]),
    );
    let with = |block: &[Vec<String>], comparison: &Comparison| {
        let mut wider = block.to_vec();
        let cells = comparison
            .rows
            .iter()
            .map(|row| style.shown(&speed_up(row)));
        let cells = [format!("{:e}", comparison.sims)].into_iter().chain(cells);
        for (line, cell) in wider.iter_mut().zip(cells) {
            line.push(cell);
        }
        wider
    };
    let mut blocks = vec![with(&names, &comparisons[0])];
    for comparison in &comparisons[1..] {
        let last = blocks.len() - 1;
        let wider = with(&blocks[last], comparison);
        if aligned(&wider)[0].chars().count() <= WIDTH {
            blocks[last] = wider;
        } else {
            blocks.push(with(&names, comparison));
        }
    }
    let dim = style.coloured(Style::new().dimmed());
    let mut out = String::new();
    for block in blocks {
        let lines = aligned(&block);
        out += &format!("\n{dim}{}{dim:#}\n{}\n", lines[0], lines[1..].join("\n"));
    }
    out
}

/// The lines of a block, all equally wide, with numbers to the right.
fn aligned(block: &[Vec<String>]) -> Vec<String> {
    let mut aligns = vec![Align::Right; block[0].len()];
    aligns[0] = Align::Left;
    lines(&aligns, block)
}

/// "1.9×", "0.62×" or "1/43×", with a question mark if it may as well be 1; "wrong" for a wrong answer.
fn speed_up(row: &Row) -> String {
    let Some(Measured { value, ci95 }) = known_speed_up(row) else {
        let wrong = if row.status.is_wrong() {
            "wrong"
        } else {
            "–"
        };
        return wrong.to_owned();
    };
    if row.status == Status::Baseline {
        return "1".to_owned();
    }
    let ratio = match value {
        _ if value < 0.0995 => below(value),
        _ if value < 0.995 => format!("{value:.2}"),
        _ if value < 9.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    };
    let is_clear = ci95.is_some_and(|ci| ci.low > 1.0 || ci.high < 1.0);
    ratio + if is_clear { "×" } else { "×?" }
}

/// Where each strategy breaks even with serial, one sentence for all that do alike.
fn sentences(comparisons: &[Comparison]) -> Vec<String> {
    let rows = comparisons[0].rows.iter().enumerate();
    let mut alike: Vec<(String, Vec<&Row>)> = Vec::new();
    for (i, row) in rows.filter(|(_, row)| row.strategy != Strategy::Serial) {
        let found = outcome(comparisons, i);
        match alike.iter_mut().find(|(outcome, _)| *outcome == found) {
            Some((_, rows)) => rows.push(row),
            None => alike.push((found, vec![row])),
        }
    }
    let sentence = |(outcome, rows): (String, Vec<&Row>)| names(&rows) + ": " + &outcome;
    let sentences = alike.into_iter().map(sentence);
    #[cfg(feature = "gpu")]
    let sentences = sentences.chain(overtaking(comparisons, Strategy::Gpu, Strategy::Pool));
    sentences.collect()
}

/// Where the rows `i` break even with serial.
fn outcome(comparisons: &[Comparison], i: usize) -> String {
    let rows = || comparisons.iter().map(|comparison| &comparison.rows[i]);
    let strategy = &comparisons[0].rows[i].strategy;
    let wrong = rows().filter(|row| row.status.is_wrong()).count();
    if wrong > 0 {
        let sizes = comparisons.len();
        let found = format!("wrong at {wrong} of {sizes} sizes.");
        // The program does not know why a caller's own strategy is wrong.
        return match strategy.known() {
            Some(strategy) => format!("{found} Why: pi-mc explain {strategy}."),
            None => found,
        };
    }
    if rows().any(|row| row.status == Status::Lucky) {
        return format!("right by luck. See pi-mc explain {strategy}.");
    }
    let speed_ups: Vec<_> = rows().map(known_speed_up).collect();
    against(comparisons, Strategy::Serial, &speed_ups)
}

/// Where a strategy breaks even with another one, both on their fastest numbers of workers, if both are there.
#[cfg(feature = "gpu")]
fn overtaking(comparisons: &[Comparison], strategy: Strategy, other: Strategy) -> Option<String> {
    let ratio = |one| sizes::fastest_over_fastest(one, strategy, other);
    let ratios: Vec<_> = comparisons.iter().map(ratio).collect();
    let is_there = ratios.iter().any(Option::is_some);
    is_there.then(|| format!("{strategy}: {}", against(comparisons, other, &ratios)))
}

/// Where a strategy breaks even with `other`, from the ratios of their speeds at each size.
fn against(comparisons: &[Comparison], other: Strategy, ratios: &[Option<Measured>]) -> String {
    let known = comparisons.iter().zip(ratios);
    let known: Vec<_> = known
        .filter_map(|(one, ratio)| Some((one.sims, (*ratio)?)))
        .collect();
    let [least, most] = [0, comparisons.len() - 1].map(|at| comparisons[at].sims);
    match break_even(&known) {
        BreakEven::Before => format!("at least as fast as {other} from {least:e} darts on"),
        BreakEven::Near(n) => format!("break-even with {other} near {n:.0e} darts"),
        BreakEven::Beyond => format!("slower than {other} up to {most:e} darts"),
        BreakEven::Unknown => format!("cannot be told from {other} at {most:e} darts"),
    }
}
