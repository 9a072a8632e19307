//! The picture of a comparison of several sizes: the speed-up by number of darts, a line for each strategy on the most
//! workers, and where it breaks even with serial. Wrong rows have no speed-up; they are listed below.

use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Row, strategies};
use crate::compare::sizes::{BreakEven, break_even};
use crate::compare::stats::Measured;
use crate::compare::strategy::Strategy;
use crate::darts::tally::counted;
use crate::report::comparison::words::{known_speed_up, wrong, wrong_share};
use crate::report::picture::look::{look, mark};
use crate::report::picture::page::{MARGIN, NOTE, ORIGIN, Page, Path, Point, SMALL, Side, width};
use crate::report::picture::paint::{Paint, Pen};
use crate::report::picture::ratios::{Ratios, shown_ends};

/// The sides of the panel, and its height.
const SIDES: [f64; 2] = [92.0, 770.0];
const HEIGHT: f64 = 400.0;
/// The left end of the legend, and the distances of its lines.
const LEGEND: f64 = 796.0;
const LEGEND_LINE: f64 = 42.0;
const NAME: f64 = 38.0;
const WRONG_LINE: f64 = 22.0;

/// The distance of two marks that would hide each other; and the greatest distance of all marks in one place, so
/// that each still touches the place.
const APART: f64 = 4.0;
const SPREAD: f64 = 10.0;

/// A strategy's speed-ups by number of darts.
struct Curve {
    strategy: StrategyName,
    marks: Vec<(u64, Measured)>,
    even: BreakEven,
}

/// The width of a page for the panel and its legend, at least `least`.
pub(crate) fn page_width(comparisons: &[Comparison], least: f64) -> f64 {
    let names = drawn(comparisons);
    let names = names.iter().map(|strategy| width(strategy.name(), SMALL));
    (LEGEND + NAME + MARGIN + names.fold(0.0, f64::max)).max(least)
}

/// Draws the speed-ups below `top`. Returns the lower end of everything.
pub(crate) fn sizes(page: &mut Page, comparisons: &[Comparison], top: f64) -> f64 {
    let curves = curves(comparisons);
    let top = top + 30.0;
    let marks = || curves.iter().flat_map(|curve| &curve.marks);
    let ends = marks().flat_map(|(_, ratio)| shown_ends(*ratio));
    let axis = Ratios::of(ends, top, top + HEIGHT);
    axis.draw(page, SIDES[0], SIDES[1]);
    let x = Darts::of(comparisons);
    x.draw(page, comparisons, top);
    for (i, curve) in curves.iter().enumerate() {
        let paint = look(&curve.strategy).paint;
        let aside = aside(i, curves.len());
        let points = curve.marks.iter();
        let points = points.map(|(sims, ratio)| (x.at(*sims as f64) + aside, axis.y(ratio.value)));
        let points: Vec<Point> = points.collect();
        page.draw(Path::through(points.iter().copied()), Pen::line(paint, 1.5));
        let whiskers = curve.marks.iter().zip(&points);
        let whiskers = whiskers.map(|((_, ratio), (x, _))| axis.whisker(*ratio, *x, 3.0));
        page.draw(whiskers.collect(), Pen::line(paint, 1.2));
        if let BreakEven::Near(sims) = curve.even {
            let (x, serial) = (x.at(sims) + aside, axis.y(1.0));
            let down = Path::through([(x, serial), (x, top + HEIGHT)]);
            page.draw(down, Pen::dashed(paint, 1.5));
            page.draw(Path::circle((x, serial), 8.0), Pen::line(paint, 1.5));
        }
        for at in points {
            mark(page, &curve.strategy, at);
        }
    }
    let end = legend(page, comparisons, &curves, top);
    wrong_rows(page, comparisons, end.max(top + HEIGHT + 56.0))
}

/// The pixels by which the marks of one of `all` strategies stand beside their place.
fn aside(i: usize, all: usize) -> f64 {
    let spread = (APART * (all as f64 - 1.0)).min(SPREAD);
    spread * i as f64 / (all as f64 - 1.0).max(1.0) - spread / 2.0
}

/// The rows of a strategy that are drawn: those on the most workers.
fn rows<'a>(
    comparisons: &'a [Comparison],
    strategy: &'a StrategyName,
) -> impl Iterator<Item = (u64, &'a Row)> {
    let most = most_workers(&comparisons[0]);
    let is_drawn = move |row: &&Row| {
        row.strategy == *strategy && (row.workers == most || strategy.has_one_row())
    };
    comparisons.iter().flat_map(move |comparison| {
        let rows = comparison.rows.iter().filter(is_drawn);
        rows.map(|row| (comparison.sims, row))
    })
}

fn most_workers(comparison: &Comparison) -> usize {
    let workers = comparison.rows.iter().map(|row| row.workers);
    workers.max().unwrap_or(1)
}

/// The strategies to draw.
fn drawn(comparisons: &[Comparison]) -> Vec<StrategyName> {
    let mut strategies = strategies(comparisons[0].rows.iter());
    strategies.retain(|strategy| {
        *strategy != Strategy::Serial && rows(comparisons, strategy).next().is_some()
    });
    strategies
}

fn curves(comparisons: &[Comparison]) -> Vec<Curve> {
    let of = |strategy: StrategyName| {
        let marks = rows(comparisons, &strategy);
        let marks = marks.filter_map(|(sims, row)| Some((sims, row.speed_up?)));
        let known = rows(comparisons, &strategy);
        let known = known.filter_map(|(sims, row)| Some((sims, known_speed_up(row)?)));
        let marks = marks.collect();
        let even = break_even(&known.collect::<Vec<_>>());
        Curve {
            strategy,
            marks,
            even,
        }
    };
    drawn(comparisons).into_iter().map(of).collect()
}

/// The axis of darts.
struct Darts {
    least: f64,
    most: f64,
}

impl Darts {
    fn of(comparisons: &[Comparison]) -> Darts {
        let logs = comparisons
            .iter()
            .map(|one| (one.sims.max(1) as f64).log10());
        let least = logs.clone().fold(f64::INFINITY, f64::min);
        let most = logs.fold(least, f64::max).max(least + 1e-3);
        Darts { least, most }
    }

    fn at(&self, sims: f64) -> f64 {
        const ROOM: f64 = 34.0;
        let [left, right] = [SIDES[0] + ROOM, SIDES[1] - ROOM];
        let share = (sims.max(1.0).log10() - self.least) / (self.most - self.least);
        left + share.clamp(0.0, 1.0) * (right - left)
    }

    /// Writes the numbers of darts. One that is too near the one before it is left out.
    fn draw(&self, page: &mut Page, comparisons: &[Comparison], top: f64) {
        let bottom = top + HEIGHT;
        let mut last = f64::NEG_INFINITY;
        let mut lines = Vec::new();
        for comparison in comparisons {
            let x = self.at(comparison.sims as f64);
            lines.push(Path::through([(x, top), (x, bottom)]));
            let label = short(comparison.sims);
            let half = width(&label, SMALL) / 2.0;
            if x - half >= last {
                page.write((x, bottom + 14.0), Side::Middle, NOTE, &label);
                last = x + half + 8.0;
            }
        }
        page.draw(lines.into_iter().collect(), Pen::line(Paint::Grid, 1.0));
        let middle = (SIDES[0] + SIDES[1]) / 2.0;
        page.write((middle, bottom + 34.0), Side::Middle, NOTE, "darts");
        let corners = Path::rectangle((SIDES[0], top), (SIDES[1], bottom));
        page.draw(corners, Pen::line(Paint::Ink, 1.0));
        let workers = counted(most_workers(&comparisons[0]), "worker");
        let name = format!("speed-up on {workers}");
        page.write((SIDES[0], top - 14.0), Side::Left, NOTE, &name);
    }
}

/// The names of the strategies, with their break-even. Returns the lower end.
fn legend(page: &mut Page, comparisons: &[Comparison], curves: &[Curve], top: f64) -> f64 {
    let mut y = top + 10.0;
    for curve in curves {
        let paint = look(&curve.strategy).paint;
        let ends = [(LEGEND, y), (LEGEND + 28.0, y)];
        page.draw(Path::through(ends), Pen::line(paint, 1.5));
        mark(page, &curve.strategy, (LEGEND + 14.0, y));
        let x = LEGEND + NAME;
        page.write((x, y), Side::Left, NOTE, curve.strategy.name());
        page.write((x, y + 18.0), Side::Left, ORIGIN, &even(comparisons, curve));
        y += LEGEND_LINE;
    }
    if curves
        .iter()
        .any(|curve| matches!(curve.even, BreakEven::Near(_)))
    {
        let middle = (LEGEND + 14.0, y);
        page.draw(Path::circle(middle, 8.0), Pen::line(Paint::Ink, 1.5));
        page.write((LEGEND + NAME, y), Side::Left, NOTE, "breaks even");
        y += 24.0;
    }
    page.write((LEGEND, y), Side::Left, NOTE, "bars: 95 % intervals");
    y + 20.0
}

/// A number of darts in a few letters, 1e8 or 1.2e8.
fn short(sims: u64) -> String {
    let exact = format!("{sims:e}");
    if exact.len() > 6 {
        format!("{:.1e}", sims as f64)
    } else {
        exact
    }
}

/// Where a strategy breaks even, in few words.
fn even(comparisons: &[Comparison], curve: &Curve) -> String {
    let [least, most] = [0, comparisons.len() - 1].map(|i| comparisons[i].sims);
    if rows(comparisons, &curve.strategy).any(|(_, row)| row.status.is_wrong()) {
        return "wrong answers".to_owned();
    }
    match curve.even {
        BreakEven::Before => format!("pays from {} darts on", short(least)),
        BreakEven::Near(sims) => format!("pays from about {sims:.0e} darts on"),
        BreakEven::Beyond => format!("slower up to {} darts", short(most)),
        BreakEven::Unknown => "cannot be told from serial".to_owned(),
    }
}

/// A line for each strategy that was wrong: its worst error. Returns the lower end.
fn wrong_rows(page: &mut Page, comparisons: &[Comparison], mut y: f64) -> f64 {
    for strategy in drawn(comparisons) {
        let rows: Vec<(u64, &Row)> = rows(comparisons, &strategy)
            .filter(|(_, row)| row.status.is_wrong())
            .collect();
        let worst = rows
            .iter()
            .max_by(|(_, a), (_, b)| wrong_share(a).total_cmp(&wrong_share(b)));
        if let Some((sims, worst)) = worst {
            let sizes = counted(rows.len(), "size");
            let text = format!(
                "{strategy}: wrong at {sizes}, as at {} darts: {}",
                short(*sims),
                wrong(worst)
            );
            mark(page, &strategy, (MARGIN + 8.0, y));
            page.write((MARGIN + 24.0, y), Side::Left, NOTE, &text);
            y += WRONG_LINE;
        }
    }
    y
}
