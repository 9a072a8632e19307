//! The picture of a comparison: speed-up by workers, a line for each strategy. A wrong row has no
//! speed-up; it is listed below the panel with its verdict.

use std::ops::Range;

use plotters::prelude::*;

use super::page::{
    Area, Axis, BLUE, GREEN, GREY, LARGE, ORANGE, PURPLE, Page, Panel, Point, Result, SKY, SMALL,
    VERMILION, beside, centred, dashed, drawn, note,
};
use crate::compare::strategy::Strategy;
use crate::compare::timing::Ratio;
use crate::compare::{Comparison, Row};
use crate::report::table::darts;

/// Without the list of wrong rows, which makes a page longer.
const SIZE: (u32, u32) = (940, 560);
const TITLE: Point = (470, 12);
const MACHINE: Point = (470, 38);
const SPEED_UPS: Area = Area {
    left: 70,
    right: 700,
    top: 80,
    bottom: 500,
};
/// The left end of the legend's first line, and the distance to the next.
const LEGEND: Point = (SPEED_UPS.right + 16, SPEED_UPS.top + 12);
const LEGEND_LINE: i32 = 24;
/// The heading of the list of wrong rows, its first mark, and the distance to the next.
const WRONG_HEADING: Point = (SPEED_UPS.left, 570);
const WRONG: Point = (80, 596);
const WRONG_LINE: i32 = 22;
const WRONG_TEXT: i32 = 13;

/// From a mark to its text.
const TO_TEXT: i32 = 14;

/// Draws a comparison: the speed-ups with their 95 % intervals, the ideal, and a list of what was wrong.
///
/// # Errors
/// Those of plotters, which do not occur when drawing into memory.
pub fn comparison(comparison: &Comparison) -> Result<String> {
    let rows = comparison.rows.iter();
    let wrong: Vec<&Row> = rows.filter(|row| row.speed_up.is_none()).collect();
    let (width, mut height) = SIZE;
    if !wrong.is_empty() {
        height += 30 + WRONG_LINE as u32 * wrong.len() as u32;
    }
    let machine = &comparison.machine;
    drawn((width, height), |page| {
        let title = format!("Speed-up over serial, {}", darts(comparison));
        centred(page, TITLE, LARGE, title)?;
        let machine = format!(
            "{}, {} cores, kernel {}",
            machine.cpu, machine.cores, machine.kernel
        );
        centred(page, MACHINE, SMALL, machine)?;
        speed_ups(page, &comparison.rows)?;
        wrong_rows(page, &wrong)
    })
}

fn wrong_rows(page: &Page, rows: &[&Row]) -> Result<()> {
    if !rows.is_empty() {
        note(page, WRONG_HEADING, "Wrong, so there is no speed-up:")?;
    }
    let (x, mut y) = WRONG;
    for row in rows {
        mark(page, row.strategy, (x, y))?;
        let text = format!("{}, {} workers: {}", row.strategy, row.workers, row.verdict);
        beside(page, (x + TO_TEXT, y), WRONG_TEXT, text)?;
        y += WRONG_LINE;
    }
    Ok(())
}

/// The panel with a line for each strategy, and its legend.
fn speed_ups(page: &Page, rows: &[Row]) -> Result<()> {
    let most = most_workers(rows).log2();
    let panel = panel(rows);
    panel.axes(page)?;
    dashed(page, [panel.at((0.0, 0.0)), panel.at((most, most))])?;

    let of = |strategy| rows.iter().filter(move |row| row.strategy == strategy);
    let shown = Strategy::ALL.into_iter();
    #[cfg(feature = "gpu")]
    let shown = shown.chain([Strategy::Gpu]);
    let shown: Vec<_> = shown.filter(|s| of(*s).next().is_some()).collect();
    let (left, mut y) = LEGEND;
    let middle = left + 14;
    for (i, strategy) in shown.iter().enumerate() {
        // Lines are set apart where they would hide each other.
        let aside = 7 * (i as i32) - 7 * (shown.len() as i32 - 1) / 2;
        line(page, &panel, *strategy, of(*strategy), aside)?;
        mark(page, *strategy, (middle, y))?;
        note(page, (middle + TO_TEXT, y), strategy.name())?;
        y += LEGEND_LINE;
    }
    dashed(page, [(left, y), (left + 24, y)])?;
    note(page, (middle + TO_TEXT, y), "ideal")?;
    note(page, (left, y + LEGEND_LINE), "bars: 95 % interval")
}

/// The end of the axis of workers.
fn most_workers(rows: &[Row]) -> f64 {
    let workers = rows.iter().map(|row| row.workers);
    workers.max().unwrap_or(1).max(2) as f64
}

/// The panel that has room for these rows. Both axes are logarithms to base 2, in which the ideal is a
/// straight line.
fn panel(rows: &[Row]) -> Panel {
    let mut workers: Vec<usize> = rows.iter().map(|row| row.workers).collect();
    workers.sort_unstable();
    workers.dedup();
    let x_ticks = workers.iter().map(|n| ((*n as f64).log2(), n.to_string()));
    let most = most_workers(rows);
    // Room for the lines that are set apart.
    let room = most.log2() * 40.0 / 550.0;

    let ratios = rows.iter().filter_map(|row| row.speed_up);
    // The interval of two runs may reach from nothing to anything; it then goes on beyond the panel.
    let ends = ratios.flat_map(|ratio| {
        let ends = ratio.ci95.unwrap_or([ratio.mean; 2]);
        ends.map(|end| end.clamp(ratio.mean / 4.0, ratio.mean * 4.0))
    });
    let low = ends.clone().fold(1.0, f64::min);
    let high = ends.fold(most, f64::max);
    let values = (low * 0.95).log2().floor()..(high * 1.02).log2();
    Panel {
        area: SPEED_UPS,
        x: Axis {
            name: "workers",
            values: -room..most.log2() + room,
            ticks: x_ticks.collect(),
        },
        y: Axis {
            name: "speed-up",
            ticks: octaves(&values),
            values,
        },
    }
}

/// Powers of 2 between two logarithms, and three values between each two if those are few.
fn octaves(logarithms: &Range<f64>) -> Vec<(f64, String)> {
    let few = logarithms.end - logarithms.start < 3.0;
    let quarters = if few { 4 } else { 1 };
    let mut ticks = Vec::new();
    for octave in logarithms.start as i32..=logarithms.end as i32 {
        for quarter in 0..quarters {
            let value = 2f64.powi(octave) * (1.0 + f64::from(quarter) / 4.0);
            let text = if value < 1.0 && quarter == 0 {
                format!("1/{}", 2f64.powi(-octave))
            } else {
                value.to_string()
            };
            if value.log2() <= logarithms.end {
                ticks.push((value.log2(), text));
            }
        }
    }
    ticks
}

/// A strategy's speed-ups, moved `aside` by some pixels: intervals, the line, and the marks on it.
fn line<'a>(
    page: &Page,
    panel: &Panel,
    strategy: Strategy,
    rows: impl Iterator<Item = &'a Row>,
    aside: i32,
) -> Result<()> {
    let mut points = Vec::new();
    for row in rows {
        let Some(speed_up) = row.speed_up else {
            continue;
        };
        let workers = (row.workers as f64).log2();
        let (x, y) = panel.at((workers, speed_up.mean.log2()));
        let x = x + aside;
        interval(page, panel, strategy, speed_up, x)?;
        points.push((x, y));
    }
    page.draw(&PathElement::new(points.clone(), look(strategy).colour))?;
    for at in points {
        mark(page, strategy, at)?;
    }
    Ok(())
}

/// The bar of a speed-up's interval at pixel `x`. An end within the panel has a crossbar.
fn interval(page: &Page, panel: &Panel, strategy: Strategy, speed_up: Ratio, x: i32) -> Result<()> {
    let Some(ends) = speed_up.ci95 else {
        return Ok(());
    };
    let Look { colour, .. } = look(strategy);
    // An end of 0 has no logarithm.
    let ends = ends.map(|end| end.max(f64::MIN_POSITIVE).log2());
    let bar = ends.map(|end| (x, panel.y_at(end)));
    page.draw(&PathElement::new(bar, colour))?;
    for end in ends.into_iter().filter(|end| panel.y.values.contains(end)) {
        let y = panel.y_at(end);
        page.draw(&PathElement::new([(x - 3, y), (x + 3, y)], colour))?;
    }
    Ok(())
}

/// How a strategy is drawn.
struct Look {
    colour: RGBColor,
    /// The corners of its mark around the middle; none for a circle.
    corners: &'static [Point],
    filled: bool,
}

fn look(strategy: Strategy) -> Look {
    const CIRCLE: &[Point] = &[];
    const SQUARE: &[Point] = &[(-4, -4), (4, -4), (4, 4), (-4, 4)];
    const DIAMOND: &[Point] = &[(0, -6), (6, 0), (0, 6), (-6, 0)];
    const UP: &[Point] = &[(0, -6), (5, 4), (-5, 4)];
    const DOWN: &[Point] = &[(0, 6), (5, -4), (-5, -4)];
    let (colour, corners, filled) = match strategy {
        Strategy::Serial => (BLACK, SQUARE, true),
        Strategy::Pool => (BLUE, CIRCLE, true),
        Strategy::Threads => (VERMILION, UP, true),
        Strategy::Queue => (GREEN, DIAMOND, true),
        Strategy::Processes => (PURPLE, SQUARE, false),
        Strategy::Lock => (ORANGE, DOWN, true),
        Strategy::Atomic => (SKY, CIRCLE, false),
        Strategy::Race => (GREY, UP, false),
        Strategy::SameSeed => (GREY, DIAMOND, false),
        #[cfg(feature = "gpu")]
        Strategy::Gpu => (BLACK, UP, true),
    };
    Look {
        colour,
        corners,
        filled,
    }
}

/// A strategy's mark.
fn mark(page: &Page, strategy: Strategy, (x, y): Point) -> Result<()> {
    let Look {
        colour,
        corners,
        filled,
    } = look(strategy);
    // Hollow marks are filled with white, so that no line shows through.
    let inside = if filled { colour } else { WHITE }.filled();
    let outline = colour.stroke_width(2);
    if corners.is_empty() {
        page.draw(&Circle::new((x, y), 4, inside))?;
        page.draw(&Circle::new((x, y), 4, outline))?;
        return Ok(());
    }
    let mut corners: Vec<_> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
    page.draw(&Polygon::new(corners.clone(), inside))?;
    corners.push(corners[0]);
    page.draw(&PathElement::new(corners, outline))?;
    Ok(())
}
