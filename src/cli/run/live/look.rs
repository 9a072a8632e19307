//! The letters and styles of the live view. Where something must be told apart, it has another form too, for terminals without
//! colour.

use ratatui_core::style::{Color, Modifier, Style};

use crate::report::columns::ascii;

/// Colours of the 256 that are legible on white and on black, and different to colour-blind eyes: sky blue and vermilion
/// of Okabe and Ito's palette, and a green for π.
pub(crate) const BLUE: Color = Color::Indexed(74);
pub(crate) const ORANGE: Color = Color::Indexed(166);
pub(crate) const GREEN: Color = Color::Indexed(71);

/// The style in a colour, where the terminal has colours.
pub(crate) fn ink(colour: Color, look: Look) -> Style {
    if look.colour {
        Style::new().fg(colour)
    } else {
        Style::new()
    }
}

pub(crate) fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

pub(crate) fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// The letters and colours that the terminal has.
#[derive(Clone, Copy, Default)]
pub(crate) struct Look {
    pub(crate) colour: bool,
    pub(crate) ascii: bool,
}

impl Look {
    /// The text in letters that the terminal has.
    pub(crate) fn text(self, text: &str) -> String {
        if self.ascii {
            ascii(text)
        } else {
            text.to_owned()
        }
    }

    /// One of two letters, the second for a terminal that has only ASCII.
    pub(crate) fn letter(self, letter: char, ascii: char) -> char {
        if self.ascii { ascii } else { letter }
    }
}
