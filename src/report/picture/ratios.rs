//! The axis of speed-ups: upwards by their logarithms to base 2, so that twice as fast and half as fast are equally far
//! from serial, and a lock that is 40 times slower is as plain to see as a pool that is twice as fast.

use crate::compare::stats::Measured;
use crate::report::picture::page::{Font, NOTE, Page, Path, Point, SMALL, Side, power};
use crate::report::picture::paint::{Paint, Pen};

/// The least distance between two labels.
const LABEL: f64 = 20.0;

/// Powers of 2 from this one on are written as powers.
const LARGE_POWER: i32 = 13;

pub(crate) const WHISKER: Pen = Pen::line(Paint::Ink, 1.2);

/// An axis, and its pixels.
#[derive(Clone, Copy)]
pub(crate) struct Ratios {
    low: f64,
    high: f64,
    top: f64,
    bottom: f64,
}

impl Ratios {
    /// An axis for these ratios and 1, from the pixels `top` to `bottom`.
    pub(crate) fn of(ratios: impl IntoIterator<Item = f64>, top: f64, bottom: f64) -> Ratios {
        let logs = ratios
            .into_iter()
            .map(f64::log2)
            .filter(|log| log.is_finite());
        let (low, high) = logs.fold((0.0, 0.0), |(low, high): (f64, f64), log| {
            (low.min(log), high.max(log))
        });
        // At least an octave.
        let more = (1.0 - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - more, high + more);
        let room = 0.06 * (high - low);
        Ratios {
            low: low - room,
            high: high + room,
            top,
            bottom,
        }
    }

    /// The same axis elsewhere.
    pub(crate) fn moved(self, by: f64) -> Ratios {
        Ratios {
            top: self.top + by,
            bottom: self.bottom + by,
            ..self
        }
    }

    /// The pixel of a ratio. One beyond an end is drawn at that end.
    pub(crate) fn y(self, ratio: f64) -> f64 {
        // 0 has no logarithm.
        let log = ratio.max(f64::MIN_POSITIVE).log2();
        let share = ((log - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.bottom - share * (self.bottom - self.top)
    }

    pub(crate) fn holds(self, ratio: f64) -> bool {
        (self.low..=self.high).contains(&ratio.max(f64::MIN_POSITIVE).log2())
    }

    /// Draws the labels to the left of `left`, lines from there to `right`, and the line of serial.
    pub(crate) fn draw(self, page: &mut Page, left: f64, right: f64) {
        let mut lines = Vec::new();
        let serial = self.y(1.0);
        for (ratio, label) in self.ticks() {
            let y = self.y(ratio);
            if (y - serial).abs() >= LABEL {
                lines.push(Path::through([(left, y), (right, y)]));
                page.write((left - 8.0, y), Side::Right, NOTE, &label);
            }
        }
        page.draw(lines.into_iter().collect(), Pen::line(Paint::Grid, 1.0));
        let font = Font::of(SMALL).bold();
        page.write((left - 8.0, serial), Side::Right, font, "serial");
        page.draw(
            Path::through([(left, serial), (right, serial)]),
            Pen::line(Paint::Ink, 1.6),
        );
    }

    /// Powers of 2; and where there is room for more labels, values between the powers above 1.
    fn ticks(self) -> Vec<(f64, String)> {
        let octave = (self.bottom - self.top) / (self.high - self.low);
        // The values of an octave, which are closest at its upper end.
        let within: &[f64] = if octave * (2.0f64 / 1.75).log2() >= LABEL {
            &[1.0, 1.25, 1.5, 1.75]
        } else if octave * (2.0f64 / 1.5).log2() >= LABEL {
            &[1.0, 1.5]
        } else {
            &[1.0]
        };
        let every = (LABEL / octave).ceil().max(1.0) as i32;
        let mut ticks = Vec::new();
        for exponent in self.low.floor() as i32..=self.high as i32 {
            if exponent % every != 0 {
                continue;
            }
            let whole = 2f64.powi(exponent);
            if exponent.abs() > LARGE_POWER {
                ticks.push((whole, power("2", exponent) + "×"));
            } else if exponent < 0 {
                ticks.push((whole, format!("1/{}×", 1.0 / whole)));
            } else {
                ticks.extend(
                    within
                        .iter()
                        .map(|value| (value * whole, format!("{}×", value * whole))),
                );
            }
        }
        ticks.retain(|(ratio, _)| self.holds(*ratio));
        ticks
    }

    /// The bar of an interval at pixel `x`, with tips that reach `reach` pixels to both sides. An end on the axis has a crossbar; an end beyond it has an arrow.
    pub(crate) fn whisker(self, ratio: Measured, x: f64, reach: f64) -> Path {
        let Some(ends) = ratio.ci95.map(<[f64; 2]>::from) else {
            return Path::default();
        };
        let [low, high] = ends.map(|end| self.y(end));
        let tip = |end: f64, y: f64, back: f64| -> [Point; 3] {
            let back = if self.holds(end) { 0.0 } else { back };
            [(x - reach, y + back), (x, y), (x + reach, y + back)]
        };
        let tips = [tip(ends[0], low, -5.0), tip(ends[1], high, 5.0)];
        let bar = [(x, low), (x, high)];
        let lines = [Path::through(bar)].into_iter();
        lines.chain(tips.map(Path::through)).collect()
    }
}

/// The ends of a mark's interval that the axis has room for: a wide interval goes on beyond it.
pub(crate) fn shown_ends(ratio: Measured) -> [f64; 2] {
    let ends: [f64; 2] = ratio.ci95.map_or([ratio.value; 2], Into::into);
    ends.map(|end| end.clamp(ratio.value / 2.0, ratio.value * 2.0))
}
