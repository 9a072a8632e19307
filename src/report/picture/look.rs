//! The colour and the mark of each strategy.

use crate::compare::strategy::Strategy;
use crate::report::picture::page::{Page, Path, Point};
use crate::report::picture::paint::{Paint, Pen};

/// A strategy's colour and mark.
pub(crate) struct Look {
    pub(crate) paint: Paint,
    /// The corners of the mark around its middle; none for a circle.
    corners: &'static [Point],
    filled: bool,
}

pub(crate) fn look(strategy: Strategy) -> Look {
    const CIRCLE: &[Point] = &[];
    const SQUARE: &[Point] = &[(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)];
    const DIAMOND: &[Point] = &[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)];
    const UP: &[Point] = &[(0.0, -6.0), (5.0, 4.0), (-5.0, 4.0)];
    const DOWN: &[Point] = &[(0.0, 6.0), (5.0, -4.0), (-5.0, -4.0)];
    let (paint, corners, filled) = match strategy {
        Strategy::Serial => (Paint::Ink, SQUARE, true),
        Strategy::Pool => (Paint::Blue, CIRCLE, true),
        Strategy::Threads => (Paint::Vermilion, UP, true),
        Strategy::Queue => (Paint::Green, DIAMOND, true),
        Strategy::Processes => (Paint::Purple, SQUARE, false),
        Strategy::Lock => (Paint::Orange, DOWN, true),
        Strategy::Atomic => (Paint::LightBlue, CIRCLE, false),
        Strategy::Race => (Paint::Grey, UP, false),
        Strategy::SameSeed => (Paint::Grey, DIAMOND, false),
        #[cfg(feature = "gpu")]
        Strategy::Gpu => (Paint::Ink, UP, true),
    };
    Look {
        paint,
        corners,
        filled,
    }
}

/// Draws a strategy's mark.
pub(crate) fn mark(page: &mut Page, strategy: Strategy, (x, y): Point) {
    let look = look(strategy);
    // Hollow marks are filled with the paper's colour, so that no line shows through.
    let inside = if look.filled {
        look.paint
    } else {
        Paint::Paper
    };
    let pen = Pen {
        fill: Some(inside),
        ..Pen::line(look.paint, 2.0)
    };
    let corners = look.corners.iter();
    let path = if look.corners.is_empty() {
        Path::circle((x, y), 4.0)
    } else {
        Path::around(corners.map(|(dx, dy)| (x + dx, y + dy)))
    };
    page.draw(path, pen);
}
