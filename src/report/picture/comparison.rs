//! The picture of a comparison: the speed-up of each strategy by workers, or by darts if there are several sizes.
//! Wrong rows have no speed-up; they are listed below, a line for each strategy.

use plotters::prelude::*;

use crate::compare::busy;
use crate::compare::laws::laws;
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Row, Status, strategies};
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::comparison::words::{darts, loss, per_worker, repeated};
use crate::report::numbers::{grouped, seconds};
use crate::report::picture::chart::{Chart, Curve, Mark, Scale};
use crate::report::picture::look::{look, mark};
use crate::report::picture::page::{
    Area, LARGE, Page, Point, Result, SMALL, beside, centred, drawn, line, note,
};

/// Without the list of wrong rows, which makes a page longer.
const SIZE: (u32, u32) = (940, 580);
const TITLE: Point = (470, 12);
/// The two lines below the title.
const BELOW_TITLE: [Point; 2] = [(470, 40), (470, 60)];
/// The area of the speed-ups, and its two halves.
const WHOLE: Area = Area::of(70..730, 104..520);
const LEFT: Area = Area::of(70..365, 104..520);
const RIGHT: Area = Area::of(435..730, 104..520);
/// The left end of the legend's first line, and the distance to the next.
const LEGEND: Point = (WHOLE.right + 16, WHOLE.top + 12);
const LEGEND_LINE: i32 = 24;
/// The heading of the list of wrong rows, its first mark, and the distance to the next.
const WRONG_HEADING: Point = (WHOLE.left, 590);
const WRONG: Point = (80, 616);
const WRONG_LINE: i32 = 22;

/// The distance from a mark to its text.
const TO_TEXT: i32 = 14;

/// Rows below this speed-up press all others together, so the others get a panel of their own.
const FAR_BELOW: f64 = 0.25;
/// Strategies that reach this speed-up come near serial.
const NEAR: f64 = 0.5;

/// Draws comparisons that differ only in their number of darts: the speed-ups with their 95 % intervals, the ideal,
/// and a list of the wrong rows.
///
/// # Errors
/// Those of plotters, which do not occur when drawing into memory.
pub fn comparison(comparisons: &[Comparison]) -> Result<String> {
    let Some(first) = comparisons.first() else {
        return drawn(SIZE, |_| Ok(()));
    };
    let wrong = wrong_lines(comparisons);
    let (width, mut height) = SIZE;
    if !wrong.is_empty() {
        height += 30 + WRONG_LINE as u32 * wrong.len() as u32;
    }
    drawn((width, height), |page| {
        heading(page, comparisons)?;
        let mut shown = strategies(first.rows.iter());
        if comparisons.len() == 1 {
            let chart = by_workers(first);
            let dashed = !chart.laws.is_empty();
            panels(page, chart)?;
            legend(page, &shown, "ideal", dashed)?;
        } else {
            shown.retain(|strategy| *strategy != Strategy::Serial);
            panels(page, by_size(comparisons))?;
            legend(page, &shown, "serial", false)?;
        }
        wrong_rows(page, &wrong)
    })
}

/// The title, and below it how and where the speed-ups were measured.
fn heading(page: &Page, comparisons: &[Comparison]) -> Result<()> {
    let first = &comparisons[0];
    let title = if comparisons.len() == 1 {
        format!("Speed-up over serial, {}", darts(first))
    } else {
        let each = per_worker(first.setup.scaling);
        let workers = counted(most_workers(first), "worker");
        format!("Speed-up over serial by number of darts{each}, {workers}")
    };
    centred(page, TITLE, LARGE, title)?;
    let runs = first.rows.first().map_or(0, |row| row.runs.len());
    let mut how = format!(
        "seed {}, {} of each",
        first.setup.seed,
        counted(runs, "run")
    );
    if !first.setup.io_wait.is_zero() {
        let wait = seconds(first.setup.io_wait.as_secs_f64());
        how += &format!(", every chunk of 65,536 darts waits {wait}");
    }
    if !first.machine.pinned.is_empty() {
        how += ", workers pinned";
    }
    let rows = comparisons.iter().flat_map(|comparison| &comparison.rows);
    if let Some((_, cores)) = busy::worst(rows) {
        how += &format!(", machine busy: {cores} at the worst");
    }
    if comparisons.iter().any(|comparison| comparison.partial) {
        how = format!("PARTIAL: {how}");
    }
    centred(page, BELOW_TITLE[0], SMALL, how)?;
    let machine = &first.machine;
    let machine = format!(
        "{}, {} cores, kernel {}",
        machine.cpu, machine.cores, machine.kernel
    );
    centred(page, BELOW_TITLE[1], SMALL, machine)
}

/// A line for each strategy that was wrong: its numbers of workers, and its worst error.
fn wrong_lines(comparisons: &[Comparison]) -> Vec<(StrategyName, String)> {
    let rows = || comparisons.iter().flat_map(|comparison| &comparison.rows);
    let line = |strategy: StrategyName| {
        let mut wrong: Vec<&Row> = rows()
            .filter(|row| row.strategy == strategy && row.status.is_wrong())
            .collect();
        wrong.sort_by_key(|row| row.workers);
        let workers = match (wrong.first()?.workers, wrong.last()?.workers) {
            (least, most) if least == most => counted(most, "worker"),
            (least, most) => format!("{least} to {most} workers"),
        };
        let share = |row: &&&Row| match row.status {
            Status::Repeated => 1.0 - row.distinct as f64 / row.sims as f64,
            _ => row.hits.abs_diff(row.serial_hits) as f64 / row.serial_hits as f64,
        };
        let worst = wrong.iter().max_by(|a, b| share(a).total_cmp(&share(b)))?;
        let up_to = if wrong.len() > 1 { "up to " } else { "" };
        let off = off(worst);
        let text = format!("{strategy}, {workers}: {up_to}{off}");
        Some((strategy, text))
    };
    strategies(rows()).into_iter().filter_map(line).collect()
}

/// The error of a wrong row in words.
fn off(row: &Row) -> String {
    match row.status {
        Status::Lost => {
            let lost = row.serial_hits.saturating_sub(row.hits);
            loss(lost, row.serial_hits, " of the hits") + " lost"
        }
        Status::Repeated => repeated(row, " of the darts") + " repeated",
        _ => {
            let [hits, right] = [row.hits, row.serial_hits].map(grouped);
            format!("{hits} hits instead of {right}")
        }
    }
}

fn wrong_rows(page: &Page, lines: &[(StrategyName, String)]) -> Result<()> {
    if !lines.is_empty() {
        note(page, WRONG_HEADING, "Wrong, so there is no speed-up:")?;
    }
    let (x, mut y) = WRONG;
    for (strategy, text) in lines {
        mark(page, strategy, (x, y))?;
        beside(page, (x + TO_TEXT, y), SMALL, text)?;
        y += WRONG_LINE;
    }
    Ok(())
}

/// One panel; or, if some strategies are far below serial and some near it, a panel of logarithms for all and a
/// linear one for those near.
fn panels(page: &Page, mut chart: Chart) -> Result<()> {
    let far = |mark: &Mark| mark.ratio.value < FAR_BELOW;
    let near = |mark: &Mark| mark.ratio.value >= NEAR;
    let others = chart
        .curves
        .iter()
        .filter(|curve| curve.strategy != Strategy::Serial);
    let mut marks = others.flat_map(|curve| &curve.marks);
    if !marks.clone().any(far) || !marks.any(near) {
        return chart.draw(page, WHOLE, Scale::Logarithmic);
    }
    chart.draw(page, LEFT, Scale::Logarithmic)?;
    chart.curves.retain(|curve| curve.marks.iter().any(near));
    chart.draw(page, RIGHT, Scale::Linear)
}

/// The speed-ups by workers.
fn by_workers(comparison: &Comparison) -> Chart {
    let rows = &comparison.rows;
    let mut workers: Vec<usize> = rows.iter().map(|row| row.workers).collect();
    workers.sort_unstable();
    workers.dedup();
    let label = |workers: usize| (workers as f64, workers.to_string());
    Chart {
        name: "workers",
        numbers: workers.into_iter().map(label).collect(),
        ideal: true,
        curves: curves(rows.iter().map(|row| (row.workers as f64, row))),
        laws: laws(comparison),
    }
}

/// The speed-ups by number of darts, for each strategy on the most workers.
fn by_size(comparisons: &[Comparison]) -> Chart {
    let most = most_workers(&comparisons[0]);
    let shown = |row: &Row| row.workers == most || row.strategy.has_one_row();
    let drawn = |row: &&Row| row.strategy != Strategy::Serial && shown(row);
    let rows = comparisons.iter().flat_map(|comparison| {
        let rows = comparison.rows.iter().filter(drawn);
        rows.map(|row| (comparison.sims as f64, row))
    });
    let label =
        |comparison: &Comparison| (comparison.sims as f64, format!("{:e}", comparison.sims));
    Chart {
        name: "darts",
        numbers: comparisons.iter().map(label).collect(),
        ideal: false,
        curves: curves(rows),
        laws: Vec::new(),
    }
}

fn most_workers(comparison: &Comparison) -> usize {
    let workers = comparison.rows.iter().map(|row| row.workers);
    workers.max().unwrap_or(1)
}

/// A curve for each strategy that has a speed-up, from rows and their places on the x axis.
fn curves<'a>(rows: impl Iterator<Item = (f64, &'a Row)> + Clone) -> Vec<Curve> {
    let of = |strategy: StrategyName| {
        let rows = rows.clone();
        let rows = rows.filter(|(_, row)| row.strategy == strategy);
        let marks = rows.filter_map(|(number, row)| {
            let ratio = row.speed_up?;
            Some(Mark { number, ratio })
        });
        let marks: Vec<Mark> = marks.collect();
        Curve { strategy, marks }
    };
    let all = strategies(rows.clone().map(|(_, row)| row));
    let all = all.into_iter().map(of);
    all.filter(|curve| !curve.marks.is_empty()).collect()
}

/// The names of the strategies and of the reference line, and what bars and dashes mean.
fn legend(page: &Page, shown: &[StrategyName], reference: &str, dashed: bool) -> Result<()> {
    let (left, mut y) = LEGEND;
    let middle = left + 14;
    for strategy in shown {
        line(page, [(left, y), (left + 28, y)], look(strategy).colour)?;
        mark(page, strategy, (middle, y))?;
        note(page, (middle + 4 + TO_TEXT, y), strategy.name())?;
        y += LEGEND_LINE;
    }
    line(page, [(left, y), (left + 28, y)], BLACK)?;
    note(page, (middle + 4 + TO_TEXT, y), reference)?;
    note(page, (left, y + LEGEND_LINE), "bars: 95 % intervals")?;
    if dashed {
        note(page, (left, y + 2 * LEGEND_LINE), "dashed: scaling law")?;
    }
    Ok(())
}
