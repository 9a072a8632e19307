//! Comparisons of several sizes as one table: the speed-up by number of darts, and where each strategy
//! breaks even with serial.

use super::cells::below;
use super::{Look, WIDTH, machine, wrapped};
use crate::compare::break_even::{BreakEven, break_even};
use crate::compare::strategy::Strategy;
use crate::compare::{Comparison, Row, Scaling};
use crate::report::columns::{Align, lines};

/// The table of comparisons that differ in their size only, the smallest first.
pub fn curve(comparisons: &[Comparison], look: Look) -> String {
    let Some(first) = comparisons.first() else {
        return String::new();
    };
    let runs = first.rows.first().map_or(0, |row| row.runs.len());
    let each = match first.scaling {
        Scaling::Strong => "",
        Scaling::Weak => " a worker",
    };
    let mut out = String::new();
    for text in [
        format!(
            "Speed-up over serial by number of darts{each}, seed {}",
            first.seed
        ),
        format!(
            "{runs} runs of each, in turn, after {} to warm up",
            first.warmup
        ),
        machine(first),
    ] {
        out += &wrapped(&look.of(&text), "");
    }
    out += &blocks(comparisons, look);
    out.push('\n');
    for (i, row) in first.rows.iter().enumerate() {
        if row.strategy != Strategy::Serial {
            out += &wrapped(&look.of(&sentence(comparisons, i)), "  ");
        }
    }
    out
}

/// The rows, with as many sizes side by side as there is room for.
fn blocks(comparisons: &[Comparison], look: Look) -> String {
    let rows = &comparisons[0].rows;
    let mut names: Vec<Vec<String>> = vec![vec!["strategy".to_owned(), "workers".to_owned()]];
    names.extend(
        rows.iter()
            .map(|row| vec![row.strategy.to_string(), row.workers.to_string()]),
    );
    let mut out = String::new();
    let mut block = names.clone();
    for comparison in comparisons {
        let mut cells = vec![format!("{:e}", comparison.sims)];
        cells.extend(comparison.rows.iter().map(|row| look.of(&speed_up(row))));
        let mut wider = block.clone();
        for (line, cell) in wider.iter_mut().zip(&cells) {
            line.push(cell.clone());
        }
        if block[0].len() > names[0].len() && width(&wider) > WIDTH {
            out += &written(&block);
            wider = names.clone();
            for (line, cell) in wider.iter_mut().zip(cells) {
                line.push(cell);
            }
        }
        block = wider;
    }
    out + &written(&block)
}

/// The lines of a block, with numbers to the right.
fn aligned(block: &[Vec<String>]) -> Vec<String> {
    let mut aligns = vec![Align::Right; block[0].len()];
    aligns[0] = Align::Left;
    lines(&aligns, block)
}

fn width(block: &[Vec<String>]) -> usize {
    let widths = aligned(block).into_iter().map(|line| line.chars().count());
    widths.max().unwrap_or(0)
}

fn written(block: &[Vec<String>]) -> String {
    let lines = aligned(block).into_iter().map(|line| line + "\n");
    "\n".to_owned() + &lines.collect::<String>()
}

/// "1.9×", "0.62×" or "1/43×"; nothing for a wrong answer.
fn speed_up(row: &Row) -> String {
    match row.speed_up.map(|ratio| ratio.mean) {
        _ if row.strategy == Strategy::Serial => "1".to_owned(),
        None => "wrong".to_owned(),
        Some(mean) if mean < 0.0995 => below(mean) + "×",
        Some(mean) if mean < 0.995 => format!("{mean:.2}×"),
        Some(mean) if mean < 9.95 => format!("{mean:.1}×"),
        Some(mean) => format!("{mean:.0}×"),
    }
}

/// The speed-ups of row `i` by size.
fn by_size(comparisons: &[Comparison], i: usize) -> Vec<(u64, f64)> {
    let ratio = |row: &Row| row.speed_up.map(|ratio| ratio.mean);
    comparisons
        .iter()
        .filter_map(|comparison| Some((comparison.sims, ratio(comparison.rows.get(i)?)?)))
        .collect()
}

/// Where row `i` breaks even with serial.
fn sentence(comparisons: &[Comparison], i: usize) -> String {
    let Row {
        strategy, workers, ..
    } = comparisons[0].rows[i];
    let s = if workers == 1 { "" } else { "s" };
    let name = format!("{strategy} on {workers} worker{s}");
    let [least, most] = [0, comparisons.len() - 1].map(|at| comparisons[at].sims);
    let wrong = comparisons.iter().find(|one| one.rows[i].status.is_wrong());
    if let Some(Comparison { sims, .. }) = wrong {
        return format!("{name}: wrong from {sims:e} darts on. Why: pi-mc explain {strategy}.");
    }
    match break_even(&by_size(comparisons, i)) {
        BreakEven::Before => format!("{name}: at least as fast as serial from {least:e} darts on"),
        BreakEven::Near(n) => format!("{name}: breaks even with serial near {n:.0e} darts"),
        BreakEven::Beyond => format!("{name}: slower than serial up to {most:e} darts"),
        BreakEven::Unknown => format!("{name}: no speed-up is known"),
    }
}
