//! A picture of dots, two by four in a cell of the screen, as braille has them (Unicode, "Braille Patterns"). Dots of
//! several inks may share a cell; the picture's owner says which of them is seen, and as which letter.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

/// The inks of a picture.
const INKS: usize = 3;

/// The dots of each ink in one cell, a bit each.
pub(crate) type Cell = [u8; INKS];

/// A picture over some cells of the screen.
pub(crate) struct Dots {
    area: Rect,
    cells: Vec<Cell>,
}

impl Dots {
    pub(crate) fn new(area: Rect) -> Dots {
        let cells = usize::from(area.width) * usize::from(area.height);
        Dots {
            area,
            cells: vec![Cell::default(); cells],
        }
    }

    /// The number of dots in a row.
    pub(crate) fn width(&self) -> usize {
        2 * usize::from(self.area.width)
    }

    /// The number of dots in a column.
    pub(crate) fn height(&self) -> usize {
        4 * usize::from(self.area.height)
    }

    /// Puts a dot at `x` from the left and `y` from the top, if that is within the picture.
    pub(crate) fn put(&mut self, x: usize, y: usize, ink: usize) {
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        if x < self.width() && y < self.height() {
            let cell = y / 4 * usize::from(self.area.width) + x / 2;
            self.cells[cell][ink] |= BITS[y % 4][x % 2];
        }
    }

    /// Draws the cells that have dots. `seen` gives a cell's letter and style.
    pub(crate) fn draw(&self, buffer: &mut Buffer, seen: impl Fn(&Cell) -> (char, Style)) {
        let width = usize::from(self.area.width);
        for (i, cell) in self.cells.iter().enumerate() {
            if *cell != Cell::default() {
                let (letter, style) = seen(cell);
                let x = self.area.x + (i % width) as u16;
                let y = self.area.y + (i / width) as u16;
                buffer[(x, y)].set_char(letter).set_style(style);
            }
        }
    }
}

/// The letter with these dots.
pub(crate) fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_two_by_four_dots_and_none_fall_outside() {
        let area = Rect::new(1, 1, 2, 1);
        let mut dots = Dots::new(area);
        for (x, y) in [(0, 0), (1, 3), (3, 0), (4, 0), (0, 4)] {
            dots.put(x, y, 0);
        }
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 3));
        dots.draw(&mut buffer, |cell| (braille(cell[0]), Style::new()));
        assert_eq!(buffer, Buffer::with_lines(["    ", " ⢁⠈ ", "    "]));
    }
}
