//! The picture of a run. On the left are its first darts, on the right its estimate at every milestone, and below the
//! estimate its distance from π beside its standard error. On logarithmic axes both fall as the line 1/√n does.

use std::f64::consts::PI;
use std::ops::Range;

use plotters::prelude::*;

use crate::darts::replay;
use crate::darts::tally::Tally;
use crate::report::numbers::grouped;
use crate::report::picture::page::{
    Area, Axis, BLUE, LARGE, Page, Panel, Point, Result, SKY, VERMILION, centred, dashed, drawn,
    line, note, power_of_ten,
};
use crate::result::estimate::{Estimate, Interval};
use crate::result::record::Record;

const SIZE: (u32, u32) = (1120, 700);
const TITLE: Point = (560, 14);
const DARTS: Area = Area::of(30..590, 60..620);
const ESTIMATES: Area = Area::of(680..1080, 60..290);
const ERRORS: Area = Area::of(680..1080, 390..620);

/// The most darts that a picture shows.
const SHOWN: u64 = 2_000;

/// Draws a run: its first darts, and at each of the `milestones`, the last of which is the end of the run, the estimate
/// with its 95 % interval and its distance from π.
///
/// # Errors
/// Those of plotters, which do not occur when drawing into memory.
pub fn run(record: &Record, milestones: &[Tally]) -> Result<String> {
    drawn(SIZE, |page| {
        centred(page, TITLE, LARGE, title(record))?;
        darts(page, record)?;
        darts_legend(page, record)?;
        let points: Vec<(f64, Estimate)> = milestones
            .iter()
            .filter(|tally| tally.sims > 0)
            .map(|tally| ((tally.sims as f64).log10(), Estimate::of(*tally)))
            .collect();
        estimates(page, record, &points)?;
        estimates_legend(page)?;
        errors(page, record, &points)
    })
}

fn title(record: &Record) -> String {
    let estimate = record.estimate();
    let Estimate { pi, std_error, .. } = estimate;
    let decimals = estimate.decimals();
    // The error is unknown if every dart hit, or none did.
    let error = if std_error > 0.0 {
        format!(" ± {std_error:.decimals$}")
    } else {
        String::new()
    };
    let seed = record.seed;
    let partial = if record.partial { ", partial" } else { "" };
    match record.sims {
        0 => "no darts".to_owned(),
        1 => format!("π ≈ {pi:.decimals$} from 1 dart of seed {seed}"),
        sims => {
            let sims = grouped(sims);
            format!("π ≈ {pi:.decimals$}{error} from {sims} darts of seed {seed}{partial}")
        }
    }
}

/// The square with the first darts, and the circle that they should hit.
fn darts(page: &Page, record: &Record) -> Result<()> {
    // These axes only place the darts; they are not drawn.
    let axis = || Axis {
        name: "",
        values: -1.0..1.0,
        ticks: Vec::new(),
    };
    let square = Panel {
        area: DARTS,
        x: axis(),
        y: axis(),
    };
    let end = record.first.saturating_add(record.sims.min(SHOWN));
    for dart in replay::darts(record.seed, record.first..end) {
        mark(page, square.at((dart.x, dart.y)), dart.hit)?;
    }
    DARTS.outline(page)?;
    let radius = (DARTS.right - DARTS.left) / 2;
    let centre = square.at((0.0, 0.0));
    page.draw(&Circle::new(centre, radius, BLACK.stroke_width(2)))
}

/// Draws a dart, or its sample in the legend.
fn mark(page: &Page, at: Point, hit: bool) -> Result<()> {
    if hit {
        page.draw(&Circle::new(at, 2, BLUE.filled()))?;
    } else {
        page.draw(&Cross::new(at, 3, VERMILION))?;
    }
    Ok(())
}

/// The legend below the square: the number of darts shown, and a hit and a miss.
fn darts_legend(page: &Page, record: &Record) -> Result<()> {
    let y = DARTS.bottom + 25;
    let count = if record.sims > SHOWN {
        format!("the first {} darts:", grouped(SHOWN))
    } else {
        "all darts:".to_owned()
    };
    note(page, (110, y), count)?;
    for (x, hit, name) in [(275, true, "hit"), (325, false, "miss")] {
        mark(page, (x, y), hit)?;
        note(page, (x + 8, y), name)?;
    }
    Ok(())
}

/// The panel with the estimate at every milestone, its interval, and π.
fn estimates(page: &Page, record: &Record, points: &[(f64, Estimate)]) -> Result<()> {
    let panel = &estimates_panel(record.sims, points);
    panel.axes(page)?;

    let edge = |end: fn(&Interval) -> f64| {
        let points = points.iter();
        points.map(move |(x, estimate)| panel.at((*x, end(&estimate.ci95))))
    };
    let band = edge(|ci95| ci95.low).chain(edge(|ci95| ci95.high).rev());
    let band: Vec<_> = band.collect();
    page.draw(&Polygon::new(band, interval()))?;
    let Range { start, end } = panel.x.values;
    dashed(page, [panel.at((start, PI)), panel.at((end, PI))])?;
    let at = |(x, estimate): &(f64, Estimate)| panel.at((*x, estimate.pi));
    line(page, points.iter().map(at), BLUE.stroke_width(2))?;
    for point in points {
        milestone(page, at(point), is_miss(&point.1))?;
    }
    Ok(())
}

/// The axes for estimates at these logarithms of darts.
fn estimates_panel(sims: u64, points: &[(f64, Estimate)]) -> Panel {
    // No estimate is above 4. There is as much room below π, or more if an estimate was lower.
    let lowest = points.iter().map(|(_, estimate)| estimate.pi);
    let values = lowest.fold(2.0 * PI - 4.0, f64::min)..4.0;
    Panel {
        area: ESTIMATES,
        x: darts_axis(sims),
        y: Axis {
            name: "estimate",
            ticks: steps(&values),
            values,
        },
    }
}

/// The axis for the logarithms of darts.
fn darts_axis(sims: u64) -> Axis {
    let decades = (sims.max(10) as f64).log10();
    let ticks = (0..=decades as i32).map(|decade| (f64::from(decade), power_of_ten(decade)));
    Axis {
        name: "darts",
        values: 0.0..decades,
        ticks: ticks.collect(),
    }
}

/// The fill of the 95 % interval.
fn interval() -> ShapeStyle {
    SKY.mix(0.35).filled()
}

/// The legend of the estimates, above their panel.
fn estimates_legend(page: &Page) -> Result<()> {
    const SAMPLE: i32 = 30;
    let y = ESTIMATES.top - 14;
    let [estimate, band, pi] = [760, 870, 1010];
    let ends = [(estimate, y), (estimate + SAMPLE, y)];
    line(page, ends, BLUE.stroke_width(2))?;
    let middle = (estimate + SAMPLE / 2, y);
    page.draw(&Circle::new(middle, 3, BLUE.filled()))?;
    note(page, (estimate + SAMPLE + 6, y), "estimate")?;
    let corners = [(band, y - 6), (band + SAMPLE, y + 6)];
    page.draw(&Rectangle::new(corners, interval()))?;
    note(page, (band + SAMPLE + 6, y), "95 % interval")?;
    dashed(page, [(pi, y), (pi + SAMPLE, y)])?;
    note(page, (pi + SAMPLE + 6, y), "π")
}

/// Ticks at halves, or at whole numbers if there would be too many.
fn steps(values: &Range<f64>) -> Vec<(f64, String)> {
    let is_short = values.end - values.start <= 3.0;
    let (step, decimals) = if is_short { (0.5, 1) } else { (1.0, 0) };
    let steps = (0..=8).map(|i| f64::from(i) * step);
    let inside = steps.filter(|value| (values.start..=values.end).contains(value));
    inside
        .map(|value| (value, format!("{value:.decimals$}")))
        .collect()
}

/// Draws a milestone, or its sample in a legend: a circle, or a cross if π is outside the interval.
fn milestone(page: &Page, at: Point, is_miss: bool) -> Result<()> {
    if is_miss {
        page.draw(&Cross::new(at, 4, VERMILION.stroke_width(2)))?;
    } else {
        page.draw(&Circle::new(at, 3, BLUE.filled()))?;
    }
    Ok(())
}

/// Whether π is outside the 95 % interval.
fn is_miss(estimate: &Estimate) -> bool {
    let Interval { low, high } = estimate.ci95;
    PI < low || high < PI
}

/// The panel with the errors at these logarithms of darts.
fn errors(page: &Page, record: &Record, points: &[(f64, Estimate)]) -> Result<()> {
    let x = darts_axis(record.sims);
    let Range { start, end } = x.values;
    let y = errors_axis(points, end);
    let area = ERRORS;
    let panel = &Panel { area, x, y };
    panel.axes(page)?;
    let root = |x: f64| panel.at((x, -x / 2.0));
    dashed(page, [root(start), root(end)])?;

    // The error is unknown if every dart hit, or none did.
    let known = points.iter().map(|(x, estimate)| (*x, estimate.std_error));
    let known = known.filter(|(_, std_error)| *std_error > 0.0);
    let at = |(x, std_error): (f64, f64)| panel.at((x, std_error.log10()));
    line(page, known.map(at), SKY.stroke_width(3))?;
    for (x, estimate) in points {
        let at = panel.at((*x, distance(estimate).log10()));
        milestone(page, at, is_miss(estimate))?;
    }
    errors_legend(page)
}

fn distance(estimate: &Estimate) -> f64 {
    (estimate.pi - PI).abs()
}

/// The axis for distances and standard errors. Very small distances, which are luck, are drawn at its lower end.
fn errors_axis(points: &[(f64, Estimate)], decades: f64) -> Axis {
    let lowest = points
        .iter()
        .map(|(_, estimate)| distance(estimate).log10());
    // Two decades have room for all but one in some hundred.
    let floor = (-decades / 2.0 - 2.0).floor();
    let low = lowest.fold(-decades / 2.0, f64::min).floor().max(floor);
    let ticks = (low as i32..=1).map(|decade| (f64::from(decade), power_of_ten(decade)));
    Axis {
        name: "error",
        values: low..1.0,
        ticks: ticks.collect(),
    }
}

/// The legend of the errors, above and below their panel.
fn errors_legend(page: &Page) -> Result<()> {
    const SAMPLE: i32 = 24;
    let y = ERRORS.top - 14;
    let marks = [
        (20, false, "distance from π"),
        (180, true, "π outside the interval"),
    ];
    for (x, is_miss, name) in marks {
        milestone(page, (ERRORS.left + x, y), is_miss)?;
        note(page, (ERRORS.left + x + 10, y), name)?;
    }
    let y = ERRORS.bottom + 60;
    let [error, root] = [20, 200].map(|x| ERRORS.left + x);
    line(page, [(error, y), (error + SAMPLE, y)], SKY.stroke_width(3))?;
    note(page, (error + SAMPLE + 6, y), "standard error")?;
    dashed(page, [(root, y), (root + SAMPLE, y)])?;
    note(page, (root + SAMPLE + 6, y), "1/√n")
}
