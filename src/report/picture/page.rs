//! The page that all pictures share: colours, text, dashes, and panels with axes. Everything is placed in whole
//! pixels, so that rules can keep apart whatever might overlap.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::printable::printable;

/// An error of plotters. None occurs when drawing into memory.
pub type Error = DrawingAreaErrorKind<std::io::Error>;

pub(crate) type Result<T> = std::result::Result<T, Error>;
pub(crate) type Page<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A place on the page: pixels from the left and from the top.
pub(crate) type Point = (i32, i32);

// The colours of Okabe and Ito ("Color universal design", 2008), which colour-blind people can tell apart.
// No two things differ in colour alone, since some people print in grey.
pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(crate) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(crate) const GREY: RGBColor = RGBColor(110, 110, 110);
const GRID: RGBColor = RGBColor(221, 221, 221);

/// Heights of text.
pub(crate) const LARGE: i32 = 20;
pub(crate) const SMALL: i32 = 14;

/// The least distance between the middles of two small labels side by side, and one above the other.
const LABEL_WIDTH: i32 = 44;
const LABEL_HEIGHT: i32 = 20;

/// 1, 10, 100, 10³ and so on; 0.1 and 0.01 before them.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match exponent {
        0..=2 => 10u32.pow(exponent as u32).to_string(),
        -2..0 => format!("0.{:0>width$}", 1, width = -exponent as usize),
        _ => {
            let sign = if exponent < 0 { "⁻" } else { "" };
            let digits = exponent.unsigned_abs().to_string();
            let raised = digits
                .bytes()
                .map(|digit| DIGITS[usize::from(digit - b'0')]);
            format!("10{sign}{}", raised.collect::<String>())
        }
    }
}

/// A page of this size on which `draw` draws, as SVG.
pub(crate) fn drawn(size: (u32, u32), draw: impl FnOnce(&Page) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let page = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        page.fill(&WHITE)?;
        draw(&page)?;
        page.present()?;
    }
    Ok(svg)
}

/// Writes `text` centred below `at`.
pub(crate) fn centred(page: &Page, at: Point, size: i32, text: impl Into<String>) -> Result<()> {
    write(page, at, (HPos::Center, VPos::Top), size, text)
}

/// Writes a small `text` to the right of `at`.
pub(crate) fn note(page: &Page, at: Point, text: impl Into<String>) -> Result<()> {
    beside(page, at, SMALL, text)
}

/// Writes `text` to the right of `at`.
pub(crate) fn beside(page: &Page, at: Point, size: i32, text: impl Into<String>) -> Result<()> {
    write(page, at, (HPos::Left, VPos::Center), size, text)
}

/// Writes the name of a line that ends at a point in a panel's `area`: beside the end, or above it where there is no
/// room.
pub(crate) fn line_label(page: &Page, (x, y): Point, area: Area, text: &str) -> Result<()> {
    if x + LABEL_WIDTH + 12 < area.right {
        return note(page, (x + 8, y.max(area.top + SMALL)), text);
    }
    // Not across the outline.
    let above = if y - 6 - SMALL < area.top {
        area.top - 4
    } else {
        y - 6
    };
    write(page, (x, above), (HPos::Right, VPos::Bottom), SMALL, text)
}

/// Writes `text` so that `at` is at its `side`.
fn write(
    page: &Page,
    at: Point,
    side: (HPos, VPos),
    size: i32,
    text: impl Into<String>,
) -> Result<()> {
    let font = ("sans-serif", size).into_font();
    let style = font.color(&BLACK).pos(Pos::new(side.0, side.1));
    page.draw(&Text::new(printable(&text.into()).into_owned(), at, style))
}

/// Draws a line through the points.
pub(crate) fn line(
    page: &Page,
    points: impl IntoIterator<Item = Point>,
    style: impl Into<ShapeStyle>,
) -> Result<()> {
    let points: Vec<Point> = points.into_iter().collect();
    page.draw(&PathElement::new(points, style))
}

/// Draws a dashed line between two points.
pub(crate) fn dashed(page: &Page, ends: [Point; 2]) -> Result<()> {
    let [(x0, y0), (x1, y1)] = ends.map(|(x, y)| (f64::from(x), f64::from(y)));
    let dashes = ((x1 - x0).hypot(y1 - y0) / 10.0).ceil();
    let at = |dash: f64| {
        let share = (dash / dashes).min(1.0);
        let along = |from, to| (from + share * (to - from)) as i32;
        (along(x0, x1), along(y0, y1))
    };
    for dash in 0..dashes as u32 {
        let dash = f64::from(dash);
        line(page, [at(dash), at(dash + 0.6)], BLACK)?;
    }
    Ok(())
}

/// A rectangle of the page, by the pixels of its sides.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) left: i32,
    pub(crate) right: i32,
    pub(crate) top: i32,
    pub(crate) bottom: i32,
}

impl Area {
    /// The area that spans these pixels from left to right and from top to bottom.
    pub(crate) const fn of(x: Range<i32>, y: Range<i32>) -> Area {
        Area {
            left: x.start,
            right: x.end,
            top: y.start,
            bottom: y.end,
        }
    }

    /// Draws the outline.
    pub(crate) fn outline(self, page: &Page) -> Result<()> {
        let corners = [(self.left, self.top), (self.right, self.bottom)];
        page.draw(&Rectangle::new(corners, BLACK))
    }
}

/// An axis of a panel: its name (empty for none), the values from one end to the other, and the ticks.
pub(crate) struct Axis {
    pub(crate) name: &'static str,
    pub(crate) values: Range<f64>,
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// The pixel of `value` between the pixels of the axis' ends. A value beyond an end is drawn at that end.
    fn pixel(&self, value: f64, from: i32, to: i32) -> i32 {
        let Range { start, end } = self.values;
        let share = ((value - start) / (end - start)).clamp(0.0, 1.0);
        let [from, to] = [from, to].map(f64::from);
        (from + share * (to - from)).round() as i32
    }
}

/// An area with axes: `x` to the right, `y` upwards.
pub(crate) struct Panel {
    pub(crate) area: Area,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Panel {
    /// The pixel of a pair of values.
    pub(crate) fn at(&self, (x, y): (f64, f64)) -> Point {
        (self.x_at(x), self.y_at(y))
    }

    /// The pixel of a value of the `x` axis.
    pub(crate) fn x_at(&self, value: f64) -> i32 {
        self.x.pixel(value, self.area.left, self.area.right)
    }

    /// The pixel of a value of the `y` axis.
    pub(crate) fn y_at(&self, value: f64) -> i32 {
        self.y.pixel(value, self.area.bottom, self.area.top)
    }

    /// Draws the axes: an outline, and a grid line and a label at each tick. A label too near to the label before it
    /// is left out.
    pub(crate) fn axes(&self, page: &Page) -> Result<()> {
        self.x_ticks(page)?;
        self.y_ticks(page)?;
        self.area.outline(page)?;
        let area = self.area;
        let below = ((area.left + area.right) / 2, area.bottom + 26);
        centred(page, below, SMALL, self.x.name)?;
        if self.y.name.is_empty() {
            return Ok(());
        }
        let side = (HPos::Left, VPos::Bottom);
        write(
            page,
            (area.left - 40, area.top - 8),
            side,
            SMALL,
            self.y.name,
        )
    }

    fn x_ticks(&self, page: &Page) -> Result<()> {
        let Area { top, bottom, .. } = self.area;
        let mut last = i32::MIN / 2;
        for (value, text) in &self.x.ticks {
            let x = self.x_at(*value);
            line(page, [(x, top), (x, bottom)], GRID)?;
            if x - last >= LABEL_WIDTH {
                centred(page, (x, bottom + 6), SMALL, text)?;
                last = x;
            }
        }
        Ok(())
    }

    fn y_ticks(&self, page: &Page) -> Result<()> {
        let Area { left, right, .. } = self.area;
        let mut last = i32::MAX / 2;
        for (value, text) in &self.y.ticks {
            let y = self.y_at(*value);
            line(page, [(left, y), (right, y)], GRID)?;
            if last - y >= LABEL_HEIGHT {
                let side = (HPos::Right, VPos::Center);
                write(page, (left - 6, y), side, SMALL, text)?;
                last = y;
            }
        }
        Ok(())
    }
}
