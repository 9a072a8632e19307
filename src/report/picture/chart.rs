//! A chart of speed-ups by workers or by darts: for each strategy a line with marks and the bars of their intervals,
//! and a reference line, which is the ideal or serial.

use std::ops::Range;

use plotters::prelude::*;

use crate::compare::laws::Law;
use crate::compare::own::StrategyName;
use crate::compare::stats::Measured;
use crate::report::numbers::ticks;
use crate::report::picture::look::{look, mark};
use crate::report::picture::page::{Area, Axis, Page, Panel, Point, Result, line, line_label};

/// The least distance of the labels of the y axis.
const LABEL: i32 = 22;
/// The distance of two marks that would hide each other; and the greatest distance of all marks in one place, so
/// that each still touches the place.
const APART: i32 = 4;
const SPREAD: i32 = 10;
/// Half the height of a mark.
const REACH: i32 = 6;

/// Speed-ups and their reference.
pub(crate) struct Chart {
    /// The name of the x axis, and the numbers that have a label there, in ascending order.
    pub(crate) name: &'static str,
    pub(crate) numbers: Vec<(f64, String)>,
    /// Whether the reference is the ideal, a speed-up as great as the number of workers, rather than serial.
    pub(crate) ideal: bool,
    pub(crate) curves: Vec<Curve>,
    /// The laws by which the strategies scale, as far as they are known.
    pub(crate) laws: Vec<Law>,
}

/// A strategy's marks, from left to right.
#[derive(Clone)]
pub(crate) struct Curve {
    pub(crate) strategy: StrategyName,
    pub(crate) marks: Vec<Mark>,
}

/// A speed-up at a number of workers, or of darts.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) number: f64,
    pub(crate) ratio: Measured,
}

/// The scale of the y axis.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// By their logarithms to base 2, like the numbers of the x axis: the ideal is a straight line.
    Logarithmic,
    /// From 0, for speed-ups near serial. The ideal bends, and is cut off above the panel.
    Linear,
}

impl Scale {
    fn value(self, ratio: f64) -> f64 {
        match self {
            // An end of 0 has no logarithm.
            Scale::Logarithmic => ratio.max(f64::MIN_POSITIVE).log2(),
            Scale::Linear => ratio,
        }
    }
}

impl Chart {
    /// Draws the axes, the reference, and the curves.
    pub(crate) fn draw(&self, page: &Page, area: Area, scale: Scale) -> Result<()> {
        let drawn = Drawn {
            panel: self.panel(area, scale),
            scale,
        };
        drawn.panel.axes(page)?;
        self.reference(page, &drawn)?;
        self.laws(page, &drawn)?;
        for (curve, asides) in self.curves.iter().zip(self.asides(&drawn)) {
            let colour = look(&curve.strategy).colour;
            let places = curve.marks.iter().zip(asides);
            let places = places.map(|(mark, aside)| {
                let (x, y) = drawn.at(mark.number, mark.ratio.value);
                (x + aside, y)
            });
            let places: Vec<Point> = places.collect();
            line(page, places.clone(), colour)?;
            for (mark, (x, _)) in curve.marks.iter().zip(&places) {
                drawn.interval(page, mark.ratio, *x, colour)?;
            }
            for at in places {
                mark(page, &curve.strategy, at)?;
            }
        }
        Ok(())
    }

    fn panel(&self, area: Area, scale: Scale) -> Panel {
        let [least, most] = self.numbers_ends();
        let height = area.bottom - area.top;
        let y = match scale {
            Scale::Logarithmic => {
                let (low, high) = self.ratio_ends(if self.ideal { most } else { 2.0 });
                let values = (low * 0.95).log2().floor()..(high * 1.02).log2();
                Axis {
                    name: "speed-up",
                    ticks: octaves(&values, height),
                    values,
                }
            }
            Scale::Linear => {
                let end = self.ratio_ends(1.0).1 * 1.1;
                Axis {
                    name: "near serial: speed-up from 0",
                    ticks: ticks(end, f64::from(height / LABEL / 2)),
                    values: 0.0..end,
                }
            }
        };
        let room = (most / least).log2() * 0.07;
        let numbers = self.numbers.iter();
        let x = Axis {
            name: self.name,
            values: least.log2() - room..most.log2() + room,
            ticks: numbers
                .map(|(number, text)| (number.log2(), text.clone()))
                .collect(),
        };
        Panel { area, x, y }
    }

    /// The least and the greatest number, which are never the same.
    fn numbers_ends(&self) -> [f64; 2] {
        let numbers = self.numbers.iter().map(|(number, _)| *number);
        let least = numbers.clone().fold(f64::INFINITY, f64::min);
        let most = numbers.fold(0.0, f64::max);
        [least, if most > least { most } else { 2.0 * least }]
    }

    /// The least and the greatest speed-up that a panel has room for; it reaches to `high` at least.
    fn ratio_ends(&self, high: f64) -> (f64, f64) {
        let marks = self.curves.iter().flat_map(|curve| &curve.marks);
        let ends = marks.flat_map(|Mark { ratio, .. }| {
            // A wide interval goes on beyond the panel.
            let ends: [f64; 2] = ratio.ci95.map_or([ratio.value; 2], Into::into);
            ends.map(|end| end.clamp(ratio.value / 2.0, ratio.value * 2.0))
        });
        let low = ends.clone().fold(1.0, f64::min);
        (low, ends.fold(high, f64::max))
    }

    /// The reference line; the ideal has its name beside it.
    fn reference(&self, page: &Page, drawn: &Drawn) -> Result<()> {
        let [least, most] = self.numbers_ends();
        if !self.ideal {
            let ends = [least, most].map(|number| drawn.at(number, 1.0));
            return line(page, ends, BLACK);
        }
        let (end, pieces) = match drawn.scale {
            Scale::Logarithmic => (most, 1),
            Scale::Linear => (most.min(drawn.panel.y.values.end), 32),
        };
        let share = |i| f64::from(i) / f64::from(pieces);
        let numbers = (0..=pieces).map(|i| least * (end / least).powf(share(i)));
        line(page, numbers.map(|number| drawn.at(number, number)), BLACK)?;
        line_label(page, drawn.at(end, end), drawn.panel.area, "ideal")
    }

    /// The laws of the curves in this chart, dashed, up to the most workers that they were fitted to.
    fn laws(&self, page: &Page, drawn: &Drawn) -> Result<()> {
        const DASHES: i32 = 40;
        let [least, _] = self.numbers_ends();
        let is_drawn = |law: &&Law| self.curves.iter().any(|one| one.strategy == law.strategy);
        for law in self.laws.iter().filter(is_drawn) {
            let most = law.workers.iter().max();
            let most = most.map_or(least, |most| *most as f64);
            let workers =
                |i: i32| least * (most / least).powf(f64::from(i) / f64::from(2 * DASHES));
            let at = |i| Some((workers(i), law.speed_up(workers(i))?));
            for ends in (0..DASHES).filter_map(|i| Some([at(2 * i)?, at(2 * i + 1)?])) {
                let inside = |(_, ratio): (f64, f64)| {
                    let value = drawn.scale.value(ratio);
                    drawn.panel.y.values.contains(&value)
                };
                if ends.into_iter().all(inside) {
                    let dash = ends.map(|(workers, ratio)| drawn.at(workers, ratio));
                    line(page, dash, look(&law.strategy).colour)?;
                }
            }
        }
        Ok(())
    }

    /// The number of pixels by which each mark stands beside its place: 0 unless marks or bars would hide each other.
    fn asides(&self, drawn: &Drawn) -> Vec<Vec<i32>> {
        let none = |curve: &Curve| vec![0; curve.marks.len()];
        let mut asides: Vec<Vec<i32>> = self.curves.iter().map(none).collect();
        // The place of a mark, its reach from top to bottom, and its indices.
        let mut columns: Vec<(i32, Range<i32>, [usize; 2])> = Vec::new();
        for (i, curve) in self.curves.iter().enumerate() {
            for (j, mark) in curve.marks.iter().enumerate() {
                let (x, y) = drawn.at(mark.number, mark.ratio.value);
                let [low, high] = mark
                    .ratio
                    .ci95
                    .map_or([y; 2], |ends| drawn.bar(ends.into()));
                columns.push((x, high.min(y - REACH)..low.max(y + REACH), [i, j]));
            }
        }
        columns.sort_by_key(|(x, reach, of)| (*x, reach.start, *of));
        let mut rest = &columns[..];
        while let Some((x, reach, _)) = rest.first() {
            let mut end = reach.end;
            let overlaps = |(other, reach, _): &&(i32, Range<i32>, _)| {
                let overlaps = other == x && reach.start < end;
                end = end.max(reach.end);
                overlaps
            };
            let together = rest.iter().take_while(overlaps).count() as i32;
            let gaps = (together - 1).max(1);
            let spread = (APART * (together - 1)).min(SPREAD);
            for ((_, _, [i, j]), k) in rest.iter().zip(0..together) {
                asides[*i][*j] = spread * k / gaps - spread / 2;
            }
            rest = &rest[together as usize..];
        }
        asides
    }
}

/// A panel, with the scale of its y axis.
struct Drawn {
    panel: Panel,
    scale: Scale,
}

impl Drawn {
    fn at(&self, number: f64, ratio: f64) -> Point {
        self.panel.at((number.log2(), self.scale.value(ratio)))
    }

    /// The lower and the upper end of an interval's bar.
    fn bar(&self, ends: [f64; 2]) -> [i32; 2] {
        ends.map(|end| self.panel.y_at(self.scale.value(end)))
    }

    /// The bar of an interval at pixel `x`. An end within the panel has a crossbar; an end beyond it has an arrow.
    fn interval(&self, page: &Page, ratio: Measured, x: i32, colour: RGBColor) -> Result<()> {
        let Some(ends) = ratio.ci95.map(<[f64; 2]>::from) else {
            return Ok(());
        };
        let bar = self.bar(ends);
        line(page, bar.map(|y| (x, y)), colour)?;
        let Range { start, end: top } = self.panel.y.values;
        for (end, y) in ends.into_iter().zip(bar) {
            let value = self.scale.value(end);
            let back = if value < start {
                -6
            } else if value > top {
                6
            } else {
                0
            };
            let tip = [(x - 3, y + back), (x, y), (x + 3, y + back)];
            line(page, tip, colour)?;
        }
        Ok(())
    }
}

/// Ticks at powers of 2 between two logarithms. Where `height` pixels have room for more labels, there are values
/// between the powers above 1; where they have too little room, some powers are left out.
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
        if power % every != 0 {
            continue;
        }
        if power < 0 {
            ticks.push((f64::from(power), format!("1/{}", 2f64.powi(-power))));
            continue;
        }
        for value in within.iter().map(|value| value * 2f64.powi(power)) {
            ticks.push((value.log2(), value.to_string()));
        }
    }
    ticks.retain(|(value, _)| (logarithms.start..=logarithms.end).contains(value));
    ticks
}
