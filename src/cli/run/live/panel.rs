//! A panel: a border with a title.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

use crate::cli::run::live::look::{Look, dim};

/// What is inside the border of `area`, which is at least two cells wide and high.
pub(crate) fn inside(area: Rect) -> Rect {
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// Draws the border of `area`, with the first of `titles` that fits.
pub(crate) fn panel(buffer: &mut Buffer, area: Rect, titles: &[String], look: Look) {
    let [across, down] = [look.letter('─', '-'), look.letter('│', '|')];
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    let mut put = |x, y, letter| {
        buffer[(x, y)].set_char(letter).set_style(dim());
    };
    for x in area.x..=right {
        put(x, area.y, across);
        put(x, bottom, across);
    }
    for y in area.y..=bottom {
        put(area.x, y, down);
        put(right, y, down);
    }
    put(area.x, area.y, look.letter('┌', '+'));
    put(right, area.y, look.letter('┐', '+'));
    put(area.x, bottom, look.letter('└', '+'));
    put(right, bottom, look.letter('┘', '+'));
    let room = usize::from(area.width).saturating_sub(4);
    let mut titles = titles.iter().map(|title| look.text(&format!(" {title} ")));
    if let Some(title) = titles.find(|title| title.chars().count() <= room) {
        buffer.set_stringn(area.x + 2, area.y, title, room, Style::reset());
    }
}
