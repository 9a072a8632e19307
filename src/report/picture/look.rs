//! The colour and the mark of each strategy.

use crate::compare::own::StrategyName;
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

/// All of a caller's own strategies look alike.
pub(crate) fn look(strategy: &StrategyName) -> Look {
    const CIRCLE: &[Point] = &[];
    const SQUARE: &[Point] = &[(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)];
    const DIAMOND: &[Point] = &[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)];
    const UP: &[Point] = &[(0.0, -6.0), (5.0, 4.0), (-5.0, 4.0)];
    const DOWN: &[Point] = &[(0.0, 6.0), (5.0, -4.0), (-5.0, -4.0)];
    let (paint, corners, filled) = match strategy.known() {
        None => (Paint::Ink, DOWN, false),
        Some(Strategy::Serial) => (Paint::Ink, SQUARE, true),
        Some(Strategy::Pool) => (Paint::Blue, CIRCLE, true),
        Some(Strategy::Threads) => (Paint::Vermilion, UP, true),
        Some(Strategy::Gil) => (Paint::LightBlue, DOWN, false),
        Some(Strategy::Queue) => (Paint::Green, DIAMOND, true),
        Some(Strategy::Processes) => (Paint::Purple, SQUARE, false),
        Some(Strategy::Lock) => (Paint::Orange, DOWN, true),
        Some(Strategy::Atomic) => (Paint::LightBlue, CIRCLE, false),
        Some(Strategy::Race) => (Paint::Grey, UP, false),
        Some(Strategy::SameSeed) => (Paint::Grey, DIAMOND, false),
        #[cfg(feature = "gpu")]
        Some(Strategy::Gpu) => (Paint::Ink, UP, true),
    };
    Look {
        paint,
        corners,
        filled,
    }
}

/// Draws a strategy's mark.
pub(crate) fn mark(page: &mut Page, strategy: &StrategyName, (x, y): Point) {
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
