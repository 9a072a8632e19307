//! The picture of a run: on the left its first darts, on the right its estimate at every milestone, and
//! below that how far it was from π.

use std::f64::consts::PI;
use std::ops::Range;

use plotters::prelude::*;

use crate::darts::contract;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::report::picture::errors;
use crate::report::picture::page::{
    Area, Axis, BLUE, LARGE, Page, Panel, Point, Result, SKY, VERMILION, centred, dashed, drawn,
    note, power_of_ten,
};
use crate::report::run::grouped;
use crate::result::estimate::{Estimate, Interval};
use crate::result::record::Record;

const SIZE: (u32, u32) = (1120, 700);
const TITLE: Point = (560, 14);
const DARTS: Area = Area {
    left: 30,
    right: 590,
    top: 60,
    bottom: 620,
};
const ESTIMATES: Area = Area {
    left: 680,
    right: 1080,
    top: 60,
    bottom: 290,
};
const ERRORS: Area = Area {
    left: 680,
    right: 1080,
    top: 390,
    bottom: 620,
};

/// The darts that a picture shows at most.
const SHOWN: u64 = 2_000;

/// Draws a run: its first darts; and at the `milestones`, of which the last is the run's end, its
/// estimate with the 95 % interval, and how far from π that was.
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
        errors::errors(page, ERRORS, darts_axis(record.sims), &points)
    })
}

fn title(record: &Record) -> String {
    let estimate = record.estimate();
    let Estimate { pi, std_error, .. } = estimate;
    let decimals = estimate.decimals();
    // It is unknown if every dart hit, or none did.
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
    let shown = record.sims.min(SHOWN);
    if shown > 0 {
        let plan = Plan::range(record.seed, record.first, shown)?;
        for chunk in plan.chunks() {
            for [coarse, fx, fy] in contract::words(record.seed, chunk, plan.places(chunk)) {
                let x = coordinate(coarse as u16, fx);
                let y = coordinate((coarse >> 16) as u16, fy);
                mark(page, square.at((x, y)), contract::is_hit(coarse, fx, fy))?;
            }
        }
    }
    DARTS.outline(page)?;
    let radius = (DARTS.right - DARTS.left) / 2;
    let centre = square.at((0.0, 0.0));
    Ok(page.draw(&Circle::new(centre, radius, BLACK.stroke_width(2)))?)
}

/// Where the darts of a small plan lie, from -1 to 1 each way.
pub(in crate::report) fn coordinates(plan: &Plan) -> impl Iterator<Item = (f64, f64)> {
    let plan = *plan;
    let chunks = plan.chunks();
    let words =
        chunks.flat_map(move |chunk| contract::words(plan.seed(), chunk, plan.places(chunk)));
    words.map(|[coarse, fx, fy]| {
        let [x, y] = [coarse as u16, (coarse >> 16) as u16];
        (coordinate(x, fx), coordinate(y, fy))
    })
}

/// Where a dart is drawn, from -1 to 1. Good enough to look at; whether it hits is decided in integers.
fn coordinate(coarse: u16, fine: u32) -> f64 {
    (f64::from(coarse as i16) + f64::from(fine) / 2f64.powi(32)) / 2f64.powi(15)
}

/// A dart, or its sample in the legend.
fn mark(page: &Page, at: Point, hit: bool) -> Result<()> {
    if hit {
        page.draw(&Circle::new(at, 2, BLUE.filled()))?;
    } else {
        page.draw(&Cross::new(at, 3, VERMILION))?;
    }
    Ok(())
}

/// Below the square: how many darts are shown, and how hits and misses look.
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

/// The estimate at every milestone, its interval, and π.
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
    let line = points.iter();
    let line: Vec<_> = line
        .map(|(x, estimate)| panel.at((*x, estimate.pi)))
        .collect();
    page.draw(&PathElement::new(line.clone(), BLUE.stroke_width(2)))?;
    for (at, (_, estimate)) in line.into_iter().zip(points) {
        errors::mark(page, at, errors::is_miss(estimate))?;
    }
    Ok(())
}

/// The panel for estimates at these logarithms of darts.
fn estimates_panel(sims: u64, points: &[(f64, Estimate)]) -> Panel {
    // No estimate is above 4. As much room below π, and more if an estimate was lower.
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

/// The axis of the logarithms of darts.
fn darts_axis(sims: u64) -> Axis {
    let decades = (sims.max(10) as f64).log10();
    let ticks = (0..=decades as i32).map(|decade| (f64::from(decade), power_of_ten(decade)));
    Axis {
        name: "darts",
        values: 0.0..decades,
        ticks: ticks.collect(),
    }
}

/// How a 95 % interval is filled.
fn interval() -> ShapeStyle {
    SKY.mix(0.35).filled()
}

/// What is what, above the panel, where nothing else is drawn.
fn estimates_legend(page: &Page) -> Result<()> {
    const SAMPLE: i32 = 30;
    let y = ESTIMATES.top - 14;
    let [estimate, band, pi] = [760, 870, 1010];
    let line = [(estimate, y), (estimate + SAMPLE, y)];
    page.draw(&PathElement::new(line, BLUE.stroke_width(2)))?;
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
    let few = values.end - values.start <= 3.0;
    let step = if few { 0.5 } else { 1.0 };
    let decimals = usize::from(few);
    let first = (values.start / step).ceil() as i64;
    let last = (values.end / step).floor() as i64;
    (first..=last)
        .map(|i| i as f64 * step)
        .map(|value| (value, format!("{value:.decimals$}")))
        .collect()
}
