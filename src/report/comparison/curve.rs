//! Comparisons of several sizes as one table: the speed-up by number of darts, and where each strategy
//! breaks even with serial.

use anstyle::Style;

use crate::compare::break_even::{BreakEven, break_even};
use crate::compare::row::{Comparison, Reason, Row, Status};
use crate::compare::stats::Ratio;
use crate::compare::strategy::Strategy;
use crate::report::columns::{Align, TextStyle, WIDTH, lines};
use crate::report::comparison::notes;
use crate::report::comparison::words::{heading, names, per_worker};
use crate::report::numbers::below;

/// The table of comparisons that differ in their size only, the smallest first.
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
    let table = table(comparisons, style);
    out += &table;
    out.push('\n');
    if table.contains('?') {
        out += "?: cannot be told from serial\n";
    }
    let rows = comparisons.iter().flat_map(|comparison| &comparison.rows);
    if let Some(busy) = notes::busy(rows) {
        let note = format!("Some speed-ups are uncertain: {busy}");
        out += &style.wrapped(&note, "  ");
    }
    for sentence in sentences(comparisons) {
        out += &style.wrapped(&sentence, "  ");
    }
    out
}

/// The rows, with as many sizes side by side as there is room for; the others below.
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

/// "1.9×", "0.62×" or "1/43×", with a question mark if it may as well be 1; nothing for a wrong answer.
fn speed_up(row: &Row) -> String {
    let Some(Ratio { mean, ci95 }) = known(row) else {
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
    let ratio = match mean {
        _ if mean < 0.0995 => below(mean),
        _ if mean < 0.995 => format!("{mean:.2}"),
        _ if mean < 9.95 => format!("{mean:.1}"),
        _ => format!("{mean:.0}"),
    };
    let told = ci95.is_some_and(|[low, high]| low > 1.0 || high < 1.0);
    ratio + if told { "×" } else { "×?" }
}

/// The speed-up with its interval, if that is one of the strategy and not of a busy machine. An interval that
/// is too wide to be shown may still be on one side of 1.
fn known(row: &Row) -> Option<Ratio> {
    let Ratio { mean, ci95 } = row.speed_up?;
    let ci95 = match row.status {
        Status::Slower => ci95.or(Some([0.0, 1.0_f64.next_down()])),
        Status::Faster => ci95.or(Some([1.0_f64.next_up(), f64::INFINITY])),
        _ => ci95.filter(|_| row.reason != Some(Reason::BusyMachine)),
    };
    Some(Ratio { mean, ci95 })
}

/// Where each strategy breaks even with serial, those alike in one sentence.
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
    alike.into_iter().map(sentence).collect()
}

/// Where the rows `i` break even with serial.
fn outcome(comparisons: &[Comparison], i: usize) -> String {
    let rows = || comparisons.iter().map(|comparison| &comparison.rows[i]);
    let strategy = comparisons[0].rows[i].strategy;
    let sizes = comparisons.len();
    let wrong = rows().filter(|row| row.status.is_wrong()).count();
    if wrong > 0 {
        return format!("wrong at {wrong} of {sizes} sizes. Why: pi-mc explain {strategy}.");
    }
    if rows().any(|row| row.status == Status::Lucky) {
        return format!("right by luck. See pi-mc explain {strategy}.");
    }
    let known = comparisons.iter().zip(rows());
    let known = known
        .filter_map(|(one, row)| Some((one.sims, crate::report::comparison::curve::known(row)?)));
    let [least, most] = [0, sizes - 1].map(|at| comparisons[at].sims);
    match break_even(&known.collect::<Vec<_>>()) {
        BreakEven::Before => format!("at least as fast as serial from {least:e} darts on"),
        BreakEven::Near(n) => format!("break-even with serial near {n:.0e} darts"),
        BreakEven::Beyond => format!("slower than serial up to {most:e} darts"),
        BreakEven::Unknown => format!("cannot be told from serial at {most:e} darts"),
    }
}
