//! The colour and the mark of each strategy, the same in every picture.

use plotters::prelude::*;

use crate::compare::own::StrategyName;
use crate::compare::strategy::Strategy;
use crate::report::picture::page::{
    BLUE, GREEN, GREY, ORANGE, PURPLE, Page, Point, Result, SKY, VERMILION, line,
};

/// A strategy's colour and mark.
pub(crate) struct Look {
    pub(crate) colour: RGBColor,
    /// The corners of the mark around its middle; none for a circle.
    corners: &'static [Point],
    filled: bool,
}

/// All of a caller's own strategies look alike.
pub(crate) fn look(strategy: &StrategyName) -> Look {
    const CIRCLE: &[Point] = &[];
    const SQUARE: &[Point] = &[(-4, -4), (4, -4), (4, 4), (-4, 4)];
    const DIAMOND: &[Point] = &[(0, -6), (6, 0), (0, 6), (-6, 0)];
    const UP: &[Point] = &[(0, -6), (5, 4), (-5, 4)];
    const DOWN: &[Point] = &[(0, 6), (5, -4), (-5, -4)];
    let (colour, corners, filled) = match strategy.known() {
        None => (BLACK, DOWN, false),
        Some(Strategy::Serial) => (BLACK, SQUARE, true),
        Some(Strategy::Pool) => (BLUE, CIRCLE, true),
        Some(Strategy::Threads) => (VERMILION, UP, true),
        Some(Strategy::Gil) => (SKY, DOWN, false),
        Some(Strategy::Queue) => (GREEN, DIAMOND, true),
        Some(Strategy::Processes) => (PURPLE, SQUARE, false),
        Some(Strategy::Lock) => (ORANGE, DOWN, true),
        Some(Strategy::Atomic) => (SKY, CIRCLE, false),
        Some(Strategy::Race) => (GREY, UP, false),
        Some(Strategy::SameSeed) => (GREY, DIAMOND, false),
        #[cfg(feature = "gpu")]
        Some(Strategy::Gpu) => (BLACK, UP, true),
    };
    Look {
        colour,
        corners,
        filled,
    }
}

/// Draws a strategy's mark.
pub(crate) fn mark(page: &Page, strategy: &StrategyName, (x, y): Point) -> Result<()> {
    let look = look(strategy);
    // Hollow marks are filled with white, so that no line shows through.
    let inside = if look.filled { look.colour } else { WHITE }.filled();
    let outline = look.colour.stroke_width(2);
    if look.corners.is_empty() {
        page.draw(&Circle::new((x, y), 4, inside))?;
        return page.draw(&Circle::new((x, y), 4, outline));
    }
    let mut corners: Vec<_> = look
        .corners
        .iter()
        .map(|(dx, dy)| (x + dx, y + dy))
        .collect();
    page.draw(&Polygon::new(corners.clone(), inside))?;
    corners.push(corners[0]);
    line(page, corners, outline)
}
