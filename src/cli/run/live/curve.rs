//! The estimate as it closes in on π, with its 95 % band, over the last decades of darts. Earlier ones would make the
//! band a line.

use std::f64::consts::PI;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

use crate::cli::run::live::dots::{Cell, Dots, braille};
use crate::cli::run::live::look::{BLUE, GREEN, dim, ink, strong};
use crate::cli::run::live::panel::{inside, panel};
use crate::cli::run::live::scene::Scene;
use crate::darts::tally::Tally;
use crate::report::numbers::short;
use crate::result::estimate::{Estimate, Z95, decimals};

const BAND: usize = 0;
const TRUE_PI: usize = 1;
const ESTIMATE: usize = 2;

/// How many decades the picture shows.
const DECADES: f64 = 3.0;

/// The part of the picture, in decades from the left, in which the band may leave it.
const CUT_OFF: f64 = 0.7;

/// A point of the curve: the logarithm of its darts, and its estimate.
type Point = (f64, Estimate);

/// What the picture shows of the plane.
struct View {
    start: f64,
    end: f64,
    /// How far from π the top and the bottom are.
    reach: f64,
}

impl View {
    fn of(tally: Tally) -> View {
        let end = (tally.sims as f64).log10().max(1.0);
        let start = (end - DECADES).max(0.0);
        // The standard error of an estimate is √(π (4 - π) / n).
        let n = 10f64.powf(start + CUT_OFF);
        View {
            start,
            end,
            reach: Z95 * (PI * (4.0 - PI) / n).sqrt(),
        }
    }
}

/// Draws the curve, its axes and their labels.
pub(crate) fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene) {
    let titles = ["the estimate and its 95 % band", "the estimate", "π"].map(str::to_owned);
    panel(buffer, area, &titles, scene.look);
    let inner = inside(area);
    let view = View::of(scene.tally);
    let decimals = decimals(view.reach);
    let labels = [PI + view.reach, PI, PI - view.reach].map(|y| format!("{y:.decimals$}"));
    let gutter = labels[0].len() as u16 + 1;
    if inner.width < gutter + 8 || inner.height < 3 {
        return;
    }
    let plot = Rect::new(
        inner.x + gutter,
        inner.y,
        inner.width - gutter,
        inner.height - 1,
    );
    let middle = scene.look.text("π");
    let rows = [plot.y, plot.y + plot.height / 2, plot.bottom() - 1];
    for (i, (label, y)) in labels.iter().zip(rows).enumerate() {
        let label = if i == 1 { &middle } else { label };
        let x = plot.x - 1 - label.chars().count() as u16;
        buffer.set_string(x, y, label, dim());
    }
    ticks(buffer, plot, &view);
    if scene.tally.sims > 0 {
        curve(plot, scene, &view).draw(buffer, |cell| seen(cell, scene));
    }
}

/// The numbers of darts at the powers of ten, below the picture.
fn ticks(buffer: &mut Buffer, plot: Rect, view: &View) {
    let mut free = plot.x;
    for power in view.start.ceil() as i32..=view.end.floor() as i32 {
        let label = short(10f64.powi(power))
            .replace(".00", "")
            .replace(".0", "");
        let share = (f64::from(power) - view.start) / (view.end - view.start);
        let at = plot.x + (share * f64::from(plot.width - 1)).round() as u16;
        let x = at.saturating_sub(label.len() as u16 / 2).max(plot.x);
        let x = x.min(plot.right().saturating_sub(label.len() as u16));
        if x >= free {
            buffer.set_string(x, plot.bottom(), &label, dim());
            free = x + label.len() as u16 + 1;
        }
    }
}

fn curve(plot: Rect, scene: &Scene, view: &View) -> Dots {
    let mut dots = Dots::new(plot);
    let (width, height) = (dots.width(), dots.height());
    // A row for each dot, π in the middle. Rows outside are cut off.
    let row = |y: f64| ((view.reach + PI - y) / (2.0 * view.reach) * (height as f64 - 1.0)).round();
    let clamped = |y: f64| row(y).clamp(0.0, height as f64 - 1.0) as usize;
    let points = points(scene);
    let mut last = None;
    for x in 0..width {
        let share = x as f64 / (width as f64 - 1.0);
        if x % 4 < 2 {
            dots.put(x, clamped(PI), TRUE_PI);
        }
        let Some(estimate) = at(&points, view.start + share * (view.end - view.start)) else {
            continue;
        };
        let [high, low] = [estimate.ci95.high, estimate.ci95.low].map(clamped);
        for y in high..=low {
            if (x + 2 * y).is_multiple_of(4) || y == high || y == low {
                dots.put(x, y, BAND);
            }
        }
        let y = row(estimate.pi);
        if (0.0..height as f64).contains(&y) {
            let y = y as usize;
            let from = last.unwrap_or(y);
            for y in y.min(from)..=y.max(from) {
                dots.put(x, y, ESTIMATE);
            }
            last = Some(y);
        } else {
            last = None;
        }
    }
    dots
}

/// The points of the run, and its present state.
fn points(scene: &Scene) -> Vec<Point> {
    let all = scene.points.iter().chain([&scene.tally]);
    let known = all.filter(|tally| tally.sims > 0);
    known
        .map(|tally| ((tally.sims as f64).log10(), Estimate::of(*tally)))
        .collect()
}

/// The estimate at `x`, on a straight line between its neighbours; `None` before the first and after the last.
fn at(points: &[Point], x: f64) -> Option<Estimate> {
    // The last column may round past the last point.
    let after = points.partition_point(|(log, _)| *log < x - 1e-9);
    let (right, b) = points.get(after)?;
    if right - x < 1e-9 {
        return Some(*b);
    }
    let (left, a) = points.get(after.checked_sub(1)?)?;
    let share = (x - left) / (right - left);
    let between = |a: f64, b: f64| a + share * (b - a);
    let [low, high] = [
        between(a.ci95.low, b.ci95.low),
        between(a.ci95.high, b.ci95.high),
    ];
    Some(Estimate {
        pi: between(a.pi, b.pi),
        std_error: between(a.std_error, b.std_error),
        ci95: [low, high].into(),
    })
}

/// The estimate hides π, and both hide the band.
fn seen(cell: &Cell, scene: &Scene) -> (char, Style) {
    let look = scene.look;
    match *cell {
        [_, _, dots] if dots != 0 => {
            let style = strong().patch(ink(BLUE, look));
            (look.letter(braille(dots), '*'), style)
        }
        [_, dots, _] if dots != 0 => (look.letter(braille(dots), '-'), ink(GREEN, look)),
        [dots, ..] => (look.letter(braille(dots), '.'), dim()),
    }
}
