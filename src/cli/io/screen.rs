//! The whole terminal that stderr goes to, for a picture that moves. It is taken while the command is in its
//! foreground, and given back on every way out: at the end, at a panic, and before a signal stops or ends the program.

mod ansi;
mod keyboard;

use std::io::{self, Write};
use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use ratatui_core::terminal::{Frame, Terminal};

use crate::cli::io::screen::ansi::Ansi;
use crate::cli::io::screen::keyboard::{Cooked, Keyboard};
use crate::cli::io::signals::TerminalSignals;
use crate::cli::io::terminal::is_in_foreground;

/// Saves the screen and the cursor, empties the screen and hides the cursor (xterm, "Control Sequences").
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[2J";
/// Undoes that. The screen is emptied first, for terminals that do not save it.
const GIVE_BACK: &str = "\x1b[0m\x1b[2J\x1b[H\x1b[?25h\x1b[?1049l";

/// What the terminal was like before it was taken; `None` while it is not.
static BEFORE: Mutex<Option<Cooked>> = Mutex::new(None);

/// The terminal; see the module.
pub(crate) struct Screen {
    terminal: Terminal<Ansi>,
    keyboard: Keyboard,
    signals: TerminalSignals,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    /// Not taken yet, or given to the shell.
    Aside,
    Taken,
    /// The terminal cannot be drawn on any more.
    Lost,
}

impl Screen {
    /// The terminal, which the first picture takes.
    pub(crate) fn open() -> Result<Screen> {
        // Before the terminal is taken, so that none of them can leave it so.
        let signals = TerminalSignals::watch()?;
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |message| {
            give_back();
            print(message);
        }));
        Ok(Screen {
            terminal: Terminal::new(Ansi::default())?,
            keyboard: Keyboard::open(),
            signals,
            state: State::Aside,
        })
    }

    /// Whether the terminal shows the picture. The shell has it while the command is a background job.
    pub(crate) fn is_shown(&self) -> bool {
        self.state == State::Taken
    }

    /// Whether the terminal cannot be drawn on any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    /// Draws a picture, if the command is in the foreground.
    pub(crate) fn draw(&mut self, picture: impl FnOnce(&mut Frame)) {
        if self.state == State::Lost {
            return;
        }
        if !is_in_foreground() {
            if self.state == State::Taken {
                // The shell has set its own modes.
                drop(before().take());
                let _ = io::stderr().write_all(GIVE_BACK.as_bytes());
                self.state = State::Aside;
            }
            return;
        }
        let taken = match self.state {
            State::Taken => Ok(()),
            _ => self.take(),
        };
        let drawn = taken.and_then(|()| self.terminal.draw(picture).map(drop));
        if drawn.is_err() {
            self.lose();
        }
    }

    fn take(&mut self) -> io::Result<()> {
        *before() = Some(self.keyboard.make_raw()?);
        self.state = State::Taken;
        io::stderr().write_all(TAKE.as_bytes())?;
        self.terminal.clear()
    }

    fn lose(&mut self) {
        give_back();
        self.state = State::Lost;
    }

    /// The keys that were typed since the last call; waits for one until `longest` has passed. A key that has no letter
    /// of ASCII is none.
    pub(crate) fn keys(&mut self, longest: Duration) -> Vec<char> {
        if self.state != State::Taken {
            thread::sleep(longest);
            return Vec::new();
        }
        self.keyboard.keys(longest).unwrap_or_else(|_| {
            self.lose();
            Vec::new()
        })
    }

    /// Lets signals act that stop or end the program, after it has given the terminal back. Returns whether the program
    /// stood still.
    pub(crate) fn obey_signals(&mut self) -> bool {
        let Screen { signals, state, .. } = self;
        signals.obey(|| {
            give_back();
            if *state == State::Taken {
                *state = State::Aside;
            }
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn before() -> std::sync::MutexGuard<'static, Option<Cooked>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back if it is taken. There is nowhere to report a failure.
fn give_back() {
    if let Some(cooked) = before().take() {
        let _ = io::stderr().write_all(GIVE_BACK.as_bytes());
        cooked.restore();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::env;
    use std::io::{self, Write as _};
    use std::process::{Command, Stdio};

    use ratatui_core::style::Style;

    use super::*;

    /// The test runs itself again on a terminal, where it panics.
    #[test]
    fn a_panic_gives_the_terminal_back() {
        const CHILD: &str = "PI_MC_TEST_PANICS";
        const NAME: &str = "cli::io::screen::tests::a_panic_gives_the_terminal_back";
        if env::var_os(CHILD).is_some() {
            let mut screen = Screen::open().unwrap();
            screen.draw(|frame| frame.buffer_mut().set_string(0, 0, "SHOWN", Style::new()));
            assert!(screen.is_shown());
            // On a thread of its own, as a kernel's would be.
            let panicked = thread::spawn(|| panic!("LOST COUNT")).join();
            panic::resume_unwind(panicked.unwrap_err());
        }
        let test = env::current_exe().unwrap();
        let script = format!(
            "before=$(stty -g); {} --exact {NAME} --nocapture; [ \"$(stty -g)\" = \"$before\" ] && echo SAME-MODES",
            test.display()
        );
        let mut command = Command::new("script");
        command.args(["-qec", &script, "/dev/null"]);
        command
            .env(CHILD, "1")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::null());
        let Ok(output) = command.output() else {
            let _ = writeln!(
                io::stderr(),
                "NOT tested: panics on a terminal, since script does not start"
            );
            return;
        };
        let bytes = String::from_utf8_lossy(&output.stdout).into_owned();
        let (drawn, after) = bytes
            .split_once(GIVE_BACK)
            .unwrap_or_else(|| panic!("{bytes}"));
        assert!(drawn.contains(TAKE) && drawn.contains("SHOWN"), "{bytes}");
        assert!(
            after.contains("LOST COUNT") && after.contains("SAME-MODES"),
            "{bytes}"
        );
        assert!(!after.contains("1049"), "{bytes}");
    }
}
