//! Draws cells by escape sequences, which every terminal knows, on stderr. A picture is one write.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use ratatui_core::backend::{Backend, ClearType, WindowSize};
use ratatui_core::buffer::Cell;
use ratatui_core::layout::{Position, Size};
use ratatui_core::style::{Color, Modifier};

/// The size of a terminal that does not report it.
const SIZE: Size = Size::new(80, 24);

/// What is drawn and not written yet.
#[derive(Default)]
pub(crate) struct Ansi(String);

impl Ansi {
    fn go(&mut self, column: u16, row: u16) {
        let _ = write!(self.0, "\x1b[{};{}H", row + 1, column + 1);
    }

    /// Sets the style of the letters that follow.
    fn style(&mut self, cell: &Cell) {
        self.0 += "\x1b[0";
        let styles = [
            (Modifier::BOLD, ";1"),
            (Modifier::DIM, ";2"),
            (Modifier::UNDERLINED, ";4"),
            (Modifier::REVERSED, ";7"),
        ];
        for (_, code) in styles.iter().filter(|(it, _)| cell.modifier.contains(*it)) {
            self.0 += code;
        }
        if let Color::Indexed(colour) = cell.fg {
            let _ = write!(self.0, ";38;5;{colour}");
        }
        self.0.push('m');
    }
}

impl Backend for Ansi {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut next = None;
        let mut style = None;
        for (column, row, cell) in content {
            if next != Some((column, row)) {
                self.go(column, row);
            }
            if style != Some((cell.fg, cell.modifier)) {
                self.style(cell);
                style = Some((cell.fg, cell.modifier));
            }
            self.0 += cell.symbol();
            next = Some((column + 1, row));
        }
        if style.is_some() {
            self.0 += "\x1b[0m";
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Nobody asks: no text is typed.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.go(x, y);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.0 += "\x1b[0m\x1b[2J";
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        let size = terminal_size::terminal_size_of(io::stderr());
        Ok(size.map_or(SIZE, |(columns, rows)| Size::new(columns.0, rows.0)))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = io::stderr().write_all(self.0.as_bytes());
        self.0.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use ratatui_core::buffer::Buffer;
    use ratatui_core::layout::Rect;
    use ratatui_core::style::Style;

    use super::*;

    #[test]
    fn cells_that_follow_each_other_share_a_style_and_a_place() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 9, 3));
        let plain = Style::new();
        buffer.set_string(2, 0, "ab", plain);
        buffer.set_string(4, 0, "c", plain.fg(Color::Indexed(74)));
        buffer.set_string(
            0,
            2,
            "π",
            plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        );
        let mut ansi = Ansi::default();
        let shown = buffer.content.iter().enumerate();
        let shown = shown.filter(|(_, cell)| cell.symbol() != " ");
        ansi.draw(shown.map(|(i, cell)| (i as u16 % 9, i as u16 / 9, cell)))
            .unwrap();
        let expected = "\x1b[1;3H\x1b[0mab\x1b[0;38;5;74mc\x1b[3;1H\x1b[0;1;4mπ\x1b[0m";
        assert_eq!(ansi.0, expected);
    }
}
