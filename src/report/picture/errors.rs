//! The third panel of a run's picture: how far its estimate was from π at every milestone, beside its
//! standard error. On logarithmic axes both fall as the line 1/√n does, from the first darts to the last.

use std::f64::consts::PI;
use std::ops::Range;

use plotters::prelude::*;

use crate::report::picture::page::{
    Area, Axis, BLUE, Page, Panel, Point, Result, SKY, VERMILION, dashed, note, power_of_ten,
};
use crate::result::estimate::Estimate;

/// How a milestone is marked, or its sample in a legend: by a circle, or by a cross if π is outside of
/// its interval.
pub(crate) fn mark(page: &Page, at: Point, is_miss: bool) -> Result<()> {
    if is_miss {
        page.draw(&Cross::new(at, 4, VERMILION.stroke_width(2)))?;
    } else {
        page.draw(&Circle::new(at, 3, BLUE.filled()))?;
    }
    Ok(())
}

/// Whether π is outside of the 95 % interval.
pub(crate) fn is_miss(estimate: &Estimate) -> bool {
    PI < estimate.ci95.low || estimate.ci95.high < PI
}

/// Draws the panel for estimates at these logarithms of darts, of which `x` is the axis.
pub(crate) fn errors(page: &Page, area: Area, x: Axis, points: &[(f64, Estimate)]) -> Result<()> {
    let Range { start, end } = x.values;
    let y = axis(points, end);
    let panel = &Panel { area, x, y };
    panel.axes(page)?;
    dashed(
        page,
        [panel.at((start, -start / 2.0)), panel.at((end, -end / 2.0))],
    )?;

    // It is unknown if every dart hit, or none did.
    let known = points
        .iter()
        .filter(|(_, estimate)| estimate.std_error > 0.0);
    let line = known.map(|(x, estimate)| panel.at((*x, estimate.std_error.log10())));
    page.draw(&PathElement::new(
        line.collect::<Vec<_>>(),
        SKY.stroke_width(3),
    ))?;
    for (x, estimate) in points {
        let at = panel.at((*x, distance(estimate).log10()));
        mark(page, at, is_miss(estimate))?;
    }
    legend(page, area)
}

fn distance(estimate: &Estimate) -> f64 {
    (estimate.pi - PI).abs()
}

/// The axis of distances and standard errors. Lucky distances are drawn at its lower end.
fn axis(points: &[(f64, Estimate)], decades: f64) -> Axis {
    let lowest = points
        .iter()
        .map(|(_, estimate)| distance(estimate).log10());
    // Two decades are room for all but one of some hundred.
    let floor = (-decades / 2.0 - 2.0).floor();
    let low = lowest.fold(-decades / 2.0, f64::min).floor().max(floor);
    let ticks = (low as i32..=1).map(|decade| (f64::from(decade), power_of_ten(decade)));
    Axis {
        name: "error",
        values: low..1.0,
        ticks: ticks.collect(),
    }
}

/// What is what, above the panel and below it.
fn legend(page: &Page, area: Area) -> Result<()> {
    const SAMPLE: i32 = 24;
    let y = area.top - 14;
    let marks = [
        (20, false, "distance from π"),
        (180, true, "π outside the interval"),
    ];
    for (x, is_miss, name) in marks {
        mark(page, (area.left + x, y), is_miss)?;
        note(page, (area.left + x + 10, y), name)?;
    }
    let y = area.bottom + 60;
    let [error, root] = [20, 200].map(|x| area.left + x);
    let line = [(error, y), (error + SAMPLE, y)];
    page.draw(&PathElement::new(line, SKY.stroke_width(3)))?;
    note(page, (error + SAMPLE + 6, y), "standard error")?;
    dashed(page, [(root, y), (root + SAMPLE, y)])?;
    note(page, (root + SAMPLE + 6, y), "1/√n")
}
