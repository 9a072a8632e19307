//! A panel of speed-ups: a line for each strategy with marks and the bars of their intervals, and the line that
//! they are held to.

use std::ops::Range;

use plotters::prelude::*;

use super::look::{Look, look, mark};
use super::page::{Area, Axis, Page, Panel, Point, Result, line_label};
use crate::compare::strategy::Strategy;
use crate::compare::timing::Ratio;

/// The least distance of the labels of the y axis.
const LABEL: i32 = 22;
/// How far two marks that would hide each other are set apart.
const APART: i32 = 4;
/// How far a mark reaches up and down.
const REACH: i32 = 6;

/// A strategy's marks, from left to right.
pub(super) struct Curve {
    pub(super) strategy: Strategy,
    pub(super) marks: Vec<Mark>,
}

/// A speed-up at a number of workers, or of darts.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) ratio: Ratio,
}

/// A panel and what its values mean.
pub(super) struct Chart {
    panel: Panel,
    /// From a speed-up to a value of the y axis.
    y: fn(f64) -> f64,
    /// The line to be held to, in speed-ups, and its name.
    held_to: Vec<(f64, f64)>,
    name: &'static str,
}

impl Chart {
    /// By workers. Both axes are logarithms to base 2, in which the ideal is a straight line.
    pub(super) fn logarithmic(area: Area, workers: &[usize], curves: &[Curve]) -> Chart {
        let most = most(workers);
        let (low, high) = ends(curves, most);
        let values = (low * 0.95).log2().floor()..(high * 1.02).log2();
        let height = area.bottom - area.top;
        Chart {
            panel: Panel {
                area,
                x: worker_axis(workers),
                y: Axis {
                    name: "speed-up",
                    ticks: octaves(&values, height),
                    values,
                },
            },
            y: f64::log2,
            held_to: vec![(1.0, 1.0), (most, most)],
            name: "ideal",
        }
    }

    /// By workers, for what is near serial: the speed-up itself, from 0.
    pub(super) fn linear(area: Area, workers: &[usize], curves: &[Curve]) -> Chart {
        let (_, high) = ends(curves, 1.0);
        let values = 0.0..high * 1.1;
        let height = area.bottom - area.top;
        // The ideal bends, since the workers are logarithms; what is above the panel is cut off.
        let top = values.end.min(most(workers));
        let bent = (0..=32).map(|i| top.powf(f64::from(i) / 32.0));
        Chart {
            panel: Panel {
                area,
                x: worker_axis(workers),
                y: Axis {
                    name: "near serial: speed-up from 0",
                    ticks: steps(values.end, height),
                    values,
                },
            },
            y: |ratio| ratio,
            held_to: bent.map(|ideal| (ideal, ideal)).collect(),
            name: "ideal",
        }
    }

    /// By number of darts.
    pub(super) fn by_size(area: Area, sizes: &[u64], curves: &[Curve]) -> Chart {
        let logarithm = |n: &u64| (*n as f64).log2();
        let least = sizes.iter().map(logarithm).fold(f64::INFINITY, f64::min);
        let most = sizes.iter().map(logarithm).fold(0.0, f64::max);
        let room = (most - least) * 0.06;
        let (low, high) = ends(curves, 2.0);
        let values = (low * 0.95).log2().floor()..(high * 1.02).log2();
        let height = area.bottom - area.top;
        let sides = [least, most].map(f64::exp2);
        Chart {
            panel: Panel {
                area,
                x: Axis {
                    name: "darts",
                    values: least - room..most + room,
                    ticks: sizes
                        .iter()
                        .map(|n| (logarithm(n), format!("{n:e}")))
                        .collect(),
                },
                y: Axis {
                    name: "speed-up",
                    ticks: octaves(&values, height),
                    values,
                },
            },
            y: f64::log2,
            held_to: sides.map(|n| (n, 1.0)).to_vec(),
            name: "serial",
        }
    }

    /// Draws the axes, the line to be held to with its name, and the curves.
    pub(super) fn draw(&self, page: &Page, curves: &[Curve]) -> Result<()> {
        self.panel.axes(page)?;
        let line: Vec<Point> = self
            .held_to
            .iter()
            .map(|(x, ratio)| self.at(*x, *ratio))
            .collect();
        page.draw(&PathElement::new(line.clone(), BLACK))?;
        if let Some(end) = line.last() {
            line_label(page, *end, self.panel.area.right, self.name)?;
        }
        let asides = self.asides(curves);
        for (curve, asides) in curves.iter().zip(&asides) {
            let Look { colour, .. } = look(curve.strategy);
            let aside = |(mark, aside): (&Mark, &i32)| {
                let (x, y) = self.at(mark.x, mark.ratio.mean);
                (x + aside, y)
            };
            let points: Vec<Point> = curve.marks.iter().zip(asides).map(aside).collect();
            page.draw(&PathElement::new(points.clone(), colour))?;
            for (one, (x, _)) in curve.marks.iter().zip(&points) {
                self.interval(page, one.ratio, *x, colour)?;
            }
            for at in points {
                mark(page, curve.strategy, at)?;
            }
        }
        Ok(())
    }

    fn at(&self, x: f64, ratio: f64) -> Point {
        self.panel.at((x.log2(), (self.y)(ratio)))
    }

    /// By how many pixels each mark stands beside its place: not at all, but where marks or bars would
    /// hide each other.
    fn asides(&self, curves: &[Curve]) -> Vec<Vec<i32>> {
        let mut asides: Vec<Vec<i32>> = curves.iter().map(|c| vec![0; c.marks.len()]).collect();
        let mut columns: Vec<(i32, Range<i32>, usize, usize)> = Vec::new();
        for (i, curve) in curves.iter().enumerate() {
            for (j, mark) in curve.marks.iter().enumerate() {
                let (x, y) = self.at(mark.x, mark.ratio.mean);
                let ends = self.bar(mark.ratio).unwrap_or([y, y]);
                columns.push((x, ends[1].min(y - REACH)..ends[0].max(y + REACH), i, j));
            }
        }
        columns.sort_by_key(|(x, reach, i, _)| (*x, reach.start, *i));
        let mut rest = &columns[..];
        while let Some((x, reach, ..)) = rest.first() {
            let mut end = reach.end;
            let overlaps = |(other, reach, ..): &&(i32, Range<i32>, usize, usize)| {
                let overlaps = other == x && reach.start < end;
                end = end.max(reach.end);
                overlaps
            };
            let together = rest.iter().take_while(overlaps).count().max(1);
            for (k, (_, _, i, j)) in rest[..together].iter().enumerate() {
                asides[*i][*j] = APART * (2 * k as i32 + 1 - together as i32) / 2;
            }
            rest = &rest[together..];
        }
        asides
    }

    /// The lower and the upper end of an interval's bar.
    fn bar(&self, ratio: Ratio) -> Option<[i32; 2]> {
        let ends = ratio.ci95?;
        // An end of 0 has no logarithm.
        Some(ends.map(|end| self.panel.y_at((self.y)(end.max(f64::MIN_POSITIVE)))))
    }

    /// The bar of an interval at pixel `x`. An end within the panel has a crossbar, one beyond an arrow.
    fn interval(&self, page: &Page, ratio: Ratio, x: i32, colour: RGBColor) -> Result<()> {
        let (Some(bar), Some(ends)) = (self.bar(ratio), ratio.ci95) else {
            return Ok(());
        };
        page.draw(&PathElement::new(bar.map(|y| (x, y)), colour))?;
        for (end, y) in ends.into_iter().zip(bar) {
            let value = (self.y)(end.max(f64::MIN_POSITIVE));
            let Range { start, end } = self.panel.y.values;
            let tip = if value < start {
                [(x - 3, y - 6), (x, y), (x + 3, y - 6)]
            } else if value > end {
                [(x - 3, y + 6), (x, y), (x + 3, y + 6)]
            } else {
                [(x - 3, y), (x, y), (x + 3, y)]
            };
            page.draw(&PathElement::new(tip, colour))?;
        }
        Ok(())
    }
}

/// The end of the axis of workers.
fn most(workers: &[usize]) -> f64 {
    workers.iter().max().copied().unwrap_or(1).max(2) as f64
}

/// The axis of workers, in logarithms to base 2.
fn worker_axis(workers: &[usize]) -> Axis {
    let most = most(workers).log2();
    let room = most * 0.07;
    Axis {
        name: "workers",
        values: -room..most + room,
        ticks: workers
            .iter()
            .map(|n| ((*n as f64).log2(), n.to_string()))
            .collect(),
    }
}

/// The least and the greatest speed-up that a panel has room for; it reaches to `high` at least.
fn ends(curves: &[Curve], high: f64) -> (f64, f64) {
    let marks = curves.iter().flat_map(|curve| &curve.marks);
    let ends = marks.flat_map(|mark| {
        let Ratio { mean, ci95 } = mark.ratio;
        // A wide interval goes on beyond the panel.
        let ends = ci95.unwrap_or([mean; 2]);
        ends.map(|end| end.clamp(mean / 2.0, mean * 2.0))
    });
    let low = ends.clone().fold(1.0, f64::min);
    (low, ends.fold(high, f64::max))
}

/// Powers of 2 between two logarithms, with as many values between them, or as many left out, as leaves
/// their labels apart on `height` pixels.
fn octaves(logarithms: &Range<f64>, height: i32) -> Vec<(f64, String)> {
    let octave = f64::from(height) / (logarithms.end - logarithms.start);
    let label = f64::from(LABEL);
    // The values of an octave, which are closest at its upper end.
    let within: &[f64] = if octave * (2.0f64 / 1.75).log2() >= label {
        &[1.0, 1.25, 1.5, 1.75]
    } else if octave * (2.0f64 / 1.5).log2() >= label {
        &[1.0, 1.5]
    } else {
        &[1.0]
    };
    let every = (label / octave).ceil().max(1.0) as i32;
    let mut ticks = Vec::new();
    for power in logarithms.start.floor() as i32..=logarithms.end as i32 {
        for value in within.iter().filter(|_| power % every == 0) {
            let value = value * 2f64.powi(power);
            let text = if value >= 1.0 {
                value.to_string()
            } else if 1.0 / value % 1.0 == 0.0 {
                format!("1/{}", 1.0 / value)
            } else {
                format!("{value:.2}")
            };
            if (logarithms.start..=logarithms.end).contains(&value.log2()) {
                ticks.push((value.log2(), text));
            }
        }
    }
    ticks
}

/// Even steps from 0 to `end`, of 1, 2 or 5 times a power of ten.
fn steps(end: f64, height: i32) -> Vec<(f64, String)> {
    let most = f64::from(height / LABEL / 2);
    let sizes = (-2..9).flat_map(|power| [1.0, 2.0, 5.0].map(|n| n * 10f64.powi(power)));
    let step = sizes
        .into_iter()
        .find(|step| end / step <= most)
        .unwrap_or(end);
    let count = (end / step) as i32;
    let decimals = (-step.log10()).ceil().max(0.0) as usize;
    let tick = |i| {
        let value = f64::from(i) * step;
        (value, format!("{value:.decimals$}"))
    };
    (0..=count).map(tick).collect()
}
