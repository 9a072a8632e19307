//! The keyboard elsewhere: a console's events.

use std::io;
use std::time::Duration;

use crossterm::ansi_support::supports_ansi;
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

/// The console.
pub(crate) struct Keyboard;

/// A console that was made raw.
pub(crate) struct Cooked;

impl Keyboard {
    pub(crate) fn open() -> Keyboard {
        Keyboard
    }

    /// Gives the keys at once, and lets the console understand escape sequences.
    pub(crate) fn make_raw(&self) -> io::Result<Cooked> {
        if !supports_ansi() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        enable_raw_mode()?;
        Ok(Cooked)
    }

    /// The keys typed until now, or the first one before `longest` has passed. The console reports when a key goes
    /// up, too.
    pub(crate) fn keys(&mut self, longest: Duration) -> io::Result<Vec<char>> {
        let mut keys = Vec::new();
        let mut wait = longest;
        while event::poll(wait)? {
            wait = Duration::ZERO;
            let Event::Key(key) = event::read()? else {
                continue;
            };
            if key.kind == KeyEventKind::Release {
                continue;
            }
            match key.code {
                KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                    keys.push('\x03');
                }
                KeyCode::Char(letter) if letter.is_ascii() => keys.push(letter),
                _ => {}
            }
        }
        Ok(keys)
    }
}

impl Cooked {
    pub(crate) fn restore(self) {
        let _ = disable_raw_mode();
    }
}
