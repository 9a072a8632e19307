//! Pictures, as SVG: a run (its first darts, and how its estimate went) and a comparison (speed-up by
//! workers). Drawn in pixels, so that what could overlap is placed by rule. Colours are those of Okabe
//! and Ito ("Color universal design", 2008), which colour-blind people tell apart; no two things differ
//! in colour alone, for those who print in grey. Not here: files.

use std::error::Error;
use std::f64::consts::PI;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Record;
use super::text::grouped;
use crate::compare::strategy::Strategy;
use crate::compare::{Comparison, Row, Scaling};
use crate::dart;
use crate::estimate::Estimate;
use crate::plan::Plan;
use crate::run::Tally;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Page<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const SKY: RGBColor = RGBColor(86, 180, 233);
const PURPLE: RGBColor = RGBColor(204, 121, 167);
const GREY: RGBColor = RGBColor(110, 110, 110);
const GRID: RGBColor = RGBColor(221, 221, 221);

/// Height of small text, and the least distance between the middles of two labels beside each other and
/// one above the other.
const SMALL: i32 = 14;
const LABEL_WIDTH: i32 = 44;
const LABEL_HEIGHT: i32 = 20;

/// The side of a text that is centred below a point.
const TOP: (HPos, VPos) = (HPos::Center, VPos::Top);

/// Values along an edge of a picture, and the pixels of the first and the last.
struct Axis {
    values: Range<f64>,
    pixels: [i32; 2],
}

impl Axis {
    fn at(&self, value: f64) -> i32 {
        let Range { start, end } = self.values;
        let share = ((value - start) / (end - start)).clamp(0.0, 1.0);
        let [from, to] = self.pixels.map(f64::from);
        (from + share * (to - from)).round() as i32
    }
}

/// Writes `text` so that `at` is at its `side`.
fn write(
    page: &Page,
    at: (i32, i32),
    side: (HPos, VPos),
    size: i32,
    text: impl Into<String>,
) -> Result<()> {
    let font = ("sans-serif", size).into_font();
    let style = font.color(&BLACK).pos(Pos::new(side.0, side.1));
    Ok(page.draw(&Text::new(text.into(), at, style))?)
}

/// Writes a small `text` to the right of `at`.
fn note(page: &Page, at: (i32, i32), text: impl Into<String>) -> Result<()> {
    write(page, at, (HPos::Left, VPos::Center), SMALL, text)
}

/// A page of this size with what `draw` draws, as SVG.
fn drawn(size: (u32, u32), draw: impl FnOnce(&Page) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let page = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        page.fill(&WHITE)?;
        draw(&page)?;
        page.present()?;
    }
    Ok(svg)
}

/// A frame with a grid line and a label at each tick, but no label too near to the one before it.
fn frame(
    page: &Page,
    (x, x_name, x_ticks): (&Axis, &str, Vec<(f64, String)>),
    (y, y_name, y_ticks): (&Axis, &str, Vec<(f64, String)>),
) -> Result<()> {
    let ([left, right], [bottom, top]) = (x.pixels, y.pixels);
    let mut last = i32::MIN / 2;
    for (value, text) in x_ticks {
        let at = x.at(value);
        page.draw(&PathElement::new([(at, top), (at, bottom)], GRID))?;
        if at - last >= LABEL_WIDTH {
            write(page, (at, bottom + 6), TOP, SMALL, text)?;
            last = at;
        }
    }
    let mut last = i32::MAX / 2;
    for (value, text) in y_ticks {
        let at = y.at(value);
        page.draw(&PathElement::new([(left, at), (right, at)], GRID))?;
        if last - at >= LABEL_HEIGHT {
            let side = (HPos::Right, VPos::Center);
            write(page, (left - 6, at), side, SMALL, text)?;
            last = at;
        }
    }
    page.draw(&Rectangle::new([(left, top), (right, bottom)], BLACK))?;
    let below = ((left + right) / 2, bottom + 26);
    write(page, below, TOP, SMALL, x_name)?;
    let side = (HPos::Left, VPos::Bottom);
    write(page, (left - 40, top - 8), side, SMALL, y_name)
}

fn dashed(page: &Page, ends: [(i32, i32); 2]) -> Result<()> {
    let [(x0, y0), (x1, y1)] = ends.map(|(x, y)| (f64::from(x), f64::from(y)));
    let dashes = ((x1 - x0).hypot(y1 - y0) / 10.0).ceil();
    let at = |dash: f64| {
        let share = (dash / dashes).min(1.0);
        let along = |from, to| (from + share * (to - from)) as i32;
        (along(x0, x1), along(y0, y1))
    };
    for dash in 0..dashes as u32 {
        let dash = f64::from(dash);
        page.draw(&PathElement::new([at(dash), at(dash + 0.6)], BLACK))?;
    }
    Ok(())
}

/// The darts that a picture shows.
const SHOWN: u64 = 2_000;

/// A run: left its first darts, right its estimate as it went along `course`, which ends where the run
/// does.
///
/// # Errors
/// Those of plotters, which drawing into memory does not meet.
pub fn run(record: &Record, course: &[Tally]) -> Result<String> {
    drawn((1120, 560), |page| {
        write(page, (560, 14), TOP, 20, title(record))?;
        square(page, record)?;
        estimates(page, record, course)
    })
}

fn title(record: &Record) -> String {
    let Estimate { pi, std_error, .. } = record.estimate;
    let decimals = record.estimate.decimals();
    let error = match std_error > 0.0 {
        true => format!(" ± {std_error:.decimals$}"),
        // Where all darts hit, or none does, it is unknown.
        false => String::new(),
    };
    let partial = if record.partial { ", partial" } else { "" };
    match record.sims {
        0 => "no darts".to_owned(),
        1 => format!("π ≈ {pi:.decimals$} from 1 dart of seed {}", record.seed),
        sims => format!(
            "π ≈ {pi:.decimals$}{error} from {} darts of seed {}{partial}",
            grouped(sims),
            record.seed
        ),
    }
}

fn square(page: &Page, record: &Record) -> Result<()> {
    let (x, y) = (
        Axis {
            values: -1.0..1.0,
            pixels: [30, 470],
        },
        Axis {
            values: -1.0..1.0,
            pixels: [500, 60],
        },
    );
    let shown = record.sims.min(SHOWN);
    if shown > 0 {
        let plan = Plan::range(record.seed, record.first, shown)?;
        for chunk in plan.chunks() {
            for [coarse, fx, fy] in dart::words(record.seed, chunk, plan.places(chunk)) {
                // For the eye only: whether it hits is decided in integers.
                let to_f64 = |cell: u16, fine: u32| {
                    (f64::from(cell as i16) + f64::from(fine) / 2f64.powi(32)) / 2f64.powi(15)
                };
                let at = (
                    x.at(to_f64(coarse as u16, fx)),
                    y.at(to_f64((coarse >> 16) as u16, fy)),
                );
                dart_at(page, at, dart::is_hit(coarse, fx, fy))?;
            }
        }
    }
    page.draw(&Rectangle::new([(30, 60), (470, 500)], BLACK))?;
    page.draw(&Circle::new((250, 280), 220, BLACK.stroke_width(2)))?;

    let count = match record.sims > shown {
        true => format!("the first {} darts:", grouped(shown)),
        false => "all darts:".to_owned(),
    };
    note(page, (110, 525), count)?;
    dart_at(page, (275, 525), true)?;
    note(page, (283, 525), "hit")?;
    dart_at(page, (325, 525), false)?;
    note(page, (333, 525), "miss")
}

fn dart_at(page: &Page, at: (i32, i32), hit: bool) -> Result<()> {
    match hit {
        true => page.draw(&Circle::new(at, 2, BLUE.filled()))?,
        false => page.draw(&Cross::new(at, 3, VERMILION))?,
    }
    Ok(())
}

fn estimates(page: &Page, record: &Record, course: &[Tally]) -> Result<()> {
    let points: Vec<(f64, Estimate)> = course
        .iter()
        .filter(|tally| tally.sims > 0)
        .map(|tally| ((tally.sims as f64).log10(), Estimate::of(*tally)))
        .collect();
    let decades = (record.sims.max(10) as f64).log10();
    let x = Axis {
        values: 0.0..decades,
        pixels: [560, 1080],
    };
    // All that an estimate can be above π, as much below it, and more if it was lower.
    let lowest = points.iter().map(|(_, estimate)| estimate.pi);
    let y = Axis {
        values: lowest.fold(2.0 * PI - 4.0, f64::min)..4.0,
        pixels: [500, 60],
    };
    let decades = (0..=decades as usize).map(|decade| (decade as f64, power_of_ten(decade)));
    frame(
        page,
        (&x, "darts", decades.collect()),
        (&y, "estimate", steps(&y.values)),
    )?;

    let at = |(x_value, value): (f64, f64)| (x.at(x_value), y.at(value));
    let edge = |i: usize| {
        points
            .iter()
            .map(move |(x, estimate)| (*x, estimate.ci95[i]))
    };
    let band: Vec<_> = edge(0).chain(edge(1).rev()).map(at).collect();
    page.draw(&Polygon::new(band, SKY.mix(0.35).filled()))?;
    dashed(page, [at((0.0, PI)), at((x.values.end, PI))])?;
    let line = points.iter().map(|(x, estimate)| at((*x, estimate.pi)));
    let line: Vec<_> = line.collect();
    page.draw(&PathElement::new(line.clone(), BLUE.stroke_width(2)))?;
    for point in line {
        page.draw(&Circle::new(point, 3, BLUE.filled()))?;
    }

    // What is what, above the frame, where nothing is drawn.
    page.draw(&PathElement::new(
        [(760, 46), (790, 46)],
        BLUE.stroke_width(2),
    ))?;
    page.draw(&Circle::new((775, 46), 3, BLUE.filled()))?;
    note(page, (796, 46), "estimate")?;
    page.draw(&Rectangle::new(
        [(870, 40), (900, 52)],
        SKY.mix(0.35).filled(),
    ))?;
    note(page, (906, 46), "95 % interval")?;
    dashed(page, [(1010, 46), (1040, 46)])?;
    note(page, (1046, 46), "π")
}

/// 1, 10, 100, 10³ and so on.
fn power_of_ten(exponent: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match exponent {
        0..=2 => 10u32.pow(exponent as u32).to_string(),
        _ => {
            let digits = exponent.to_string();
            let raised = digits
                .bytes()
                .map(|digit| DIGITS[usize::from(digit - b'0')]);
            format!("10{}", raised.collect::<String>())
        }
    }
}

/// Halves, or if those are too many, whole numbers.
fn steps(values: &Range<f64>) -> Vec<(f64, String)> {
    let (step, decimals) = match values.end - values.start <= 3.0 {
        true => (0.5, 1),
        false => (1.0, 0),
    };
    let first = (values.start / step).ceil() as i64;
    let last = (values.end / step).floor() as i64;
    (first..=last)
        .map(|i| (i as f64 * step, format!("{:.decimals$}", i as f64 * step)))
        .collect()
}

/// A comparison: speed-up by workers, a line a strategy, and below it what was wrong, which has no
/// speed-up.
///
/// # Errors
/// As [`run`].
pub fn comparison(comparison: &Comparison) -> Result<String> {
    let wrong: Vec<&Row> = comparison
        .rows
        .iter()
        .filter(|row| row.speed_up.is_none())
        .collect();
    let below = match wrong.len() {
        0 => 0,
        lines => 30 + 22 * lines as u32,
    };
    let each = match comparison.scaling {
        Scaling::Strong => "",
        Scaling::Weak => " a worker",
    };
    let sims = grouped(comparison.sims);
    let machine = &comparison.machine;
    drawn((940, 560 + below), |page| {
        let title = format!("Speed-up over serial, {sims} darts{each}");
        write(page, (470, 12), TOP, 20, title)?;
        let place = format!(
            "{}, {} cores, kernel {}",
            machine.cpu, machine.cores, machine.kernel
        );
        write(page, (470, 38), TOP, SMALL, place)?;
        speed_ups(page, comparison)?;
        if !wrong.is_empty() {
            note(page, (70, 570), "Wrong, so there is no speed-up:")?;
        }
        for (i, row) in wrong.iter().enumerate() {
            let at = 596 + 22 * i as i32;
            marker(page, row.strategy, (80, at))?;
            let text = format!("{}, {} workers: {}", row.strategy, row.workers, row.verdict);
            write(page, (94, at), (HPos::Left, VPos::Center), 13, text)?;
        }
        Ok(())
    })
}

fn speed_ups(page: &Page, comparison: &Comparison) -> Result<()> {
    let rows = || comparison.rows.iter();
    let mut workers: Vec<usize> = rows().map(|row| row.workers).collect();
    workers.sort_unstable();
    workers.dedup();
    let most = workers.last().copied().unwrap_or(1).max(2) as f64;
    let ratios = rows().filter_map(|row| row.speed_up);
    // The interval of two runs may go from nothing to anything: it then goes on beyond the frame.
    let ends = ratios.flat_map(|ratio| {
        let ends = ratio.ci95.unwrap_or([ratio.mean; 2]);
        ends.map(|end| end.clamp(ratio.mean / 4.0, ratio.mean * 4.0))
    });
    let (low, high) = ends.fold((1.0, most), |(low, high): (f64, f64), end| {
        (low.min(end), high.max(end))
    });
    // Both axes are logarithms to base 2, in which the ideal is a straight line. Left and right there is
    // room for marks beside each other.
    let room = most.log2() * 40.0 / 550.0;
    let x = Axis {
        values: -room..most.log2() + room,
        pixels: [70, 700],
    };
    let y = Axis {
        values: (low * 0.95).log2().floor()..(high * 1.02).log2(),
        pixels: [500, 80],
    };
    let x_ticks = workers
        .iter()
        .map(|n| ((*n as f64).log2(), n.to_string()))
        .collect();
    frame(
        page,
        (&x, "workers", x_ticks),
        (&y, "speed-up", octaves(&y.values)),
    )?;
    dashed(
        page,
        [
            (x.at(0.0), y.at(0.0)),
            (x.at(most.log2()), y.at(most.log2())),
        ],
    )?;

    let shown: Vec<Strategy> = Strategy::ALL
        .into_iter()
        .filter(|strategy| rows().any(|row| row.strategy == *strategy))
        .collect();
    for (i, strategy) in shown.iter().enumerate() {
        // Beside each other, where they would hide each other.
        let aside = 7 * (i as i32) - 7 * (shown.len() as i32 - 1) / 2;
        let own = rows().filter(|row| row.strategy == *strategy);
        let own = own.filter_map(|row| Some((row.workers, row.speed_up?)));
        let mut points = Vec::new();
        for (workers, ratio) in own {
            let at = (
                x.at((workers as f64).log2()) + aside,
                y.at(ratio.mean.log2()),
            );
            if let Some([low, high]) = ratio.ci95 {
                let colour = look(*strategy).0;
                let ends = [low, high].map(|end| end.max(f64::MIN_POSITIVE).log2());
                page.draw(&PathElement::new(ends.map(|end| (at.0, y.at(end))), colour))?;
                for end in ends.into_iter().filter(|end| y.values.contains(end)) {
                    let (x, y) = (at.0, y.at(end));
                    page.draw(&PathElement::new([(x - 3, y), (x + 3, y)], colour))?;
                }
            }
            points.push(at);
        }
        page.draw(&PathElement::new(points.clone(), look(*strategy).0))?;
        for at in points {
            marker(page, *strategy, at)?;
        }
        let at = 92 + 24 * i as i32;
        marker(page, *strategy, (730, at))?;
        note(page, (744, at), strategy.name())?;
    }
    let at = 92 + 24 * shown.len() as i32;
    dashed(page, [(716, at), (740, at)])?;
    note(page, (744, at), "ideal")?;
    note(page, (716, at + 24), "bars: 95 % interval")
}

/// Powers of 2 between two logarithms, and where those are few, three values between each two.
fn octaves(logarithms: &Range<f64>) -> Vec<(f64, String)> {
    let few = logarithms.end - logarithms.start < 3.0;
    let quarters = if few { 4 } else { 1 };
    let mut ticks = Vec::new();
    for octave in logarithms.start as i32..=logarithms.end as i32 {
        for quarter in 0..quarters {
            let value = 2f64.powi(octave) * (1.0 + f64::from(quarter) / 4.0);
            let text = match value < 1.0 && quarter == 0 {
                true => format!("1/{}", 2f64.powi(-octave)),
                false => value.to_string(),
            };
            if value.log2() <= logarithms.end {
                ticks.push((value.log2(), text));
            }
        }
    }
    ticks
}

/// How a strategy is drawn: its colour, and the corners of its mark, none for a circle; and whether the
/// mark is filled.
fn look(strategy: Strategy) -> (RGBColor, &'static [(i32, i32)], bool) {
    const SQUARE: &[(i32, i32)] = &[(-4, -4), (4, -4), (4, 4), (-4, 4)];
    const DIAMOND: &[(i32, i32)] = &[(0, -6), (6, 0), (0, 6), (-6, 0)];
    const UP: &[(i32, i32)] = &[(0, -6), (5, 4), (-5, 4)];
    const DOWN: &[(i32, i32)] = &[(0, 6), (5, -4), (-5, -4)];
    match strategy {
        Strategy::Serial => (BLACK, SQUARE, true),
        Strategy::Pool => (BLUE, &[], true),
        Strategy::Threads => (VERMILION, UP, true),
        Strategy::Queue => (GREEN, DIAMOND, true),
        Strategy::Processes => (PURPLE, SQUARE, false),
        Strategy::Lock => (ORANGE, DOWN, true),
        Strategy::Atomic => (SKY, &[], false),
        Strategy::Race => (GREY, UP, false),
        Strategy::SameSeed => (GREY, DIAMOND, false),
    }
}

fn marker(page: &Page, strategy: Strategy, (x, y): (i32, i32)) -> Result<()> {
    let (colour, corners, filled) = look(strategy);
    // Hollow ones are filled with white, so that no line shows through.
    let inside = if filled { colour } else { WHITE }.filled();
    if corners.is_empty() {
        page.draw(&Circle::new((x, y), 4, inside))?;
        page.draw(&Circle::new((x, y), 4, colour.stroke_width(2)))?;
        return Ok(());
    }
    let mut corners: Vec<_> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
    page.draw(&Polygon::new(corners.clone(), inside))?;
    corners.push(corners[0]);
    page.draw(&PathElement::new(corners, colour.stroke_width(2)))?;
    Ok(())
}
