//! The keyboard on Unix: the terminal's bytes.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{LocalFlags, SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};

const ESCAPE: u8 = 0x1b;

/// The terminal that keys are read from: that of stdin, or the one that controls the process. Without any, there
/// are no keys.
pub(crate) struct Keyboard(Option<File>);

/// The modes of a terminal before it was made raw.
pub(crate) struct Cooked(Option<(File, Termios)>);

impl Keyboard {
    pub(crate) fn open() -> Keyboard {
        let stdin = io::stdin();
        Keyboard(if stdin.is_terminal() {
            stdin.as_fd().try_clone_to_owned().map(File::from).ok()
        } else {
            File::open("/dev/tty").ok()
        })
    }

    /// Gives the keys at once, and does not echo them.
    pub(crate) fn make_raw(&self) -> io::Result<Cooked> {
        let Some(tty) = &self.0 else {
            return Ok(Cooked(None));
        };
        let cooked = tcgetattr(tty)?;
        let mut raw = cooked.clone();
        cfmakeraw(&mut raw);
        raw.local_flags |= LocalFlags::ISIG;
        tcsetattr(tty, SetArg::TCSANOW, &raw)?;
        Ok(Cooked(Some((tty.try_clone()?, cooked))))
    }

    /// The keys typed until now, or the first ones before `longest` has passed.
    pub(crate) fn keys(&mut self, longest: Duration) -> io::Result<Vec<char>> {
        let Some(tty) = &mut self.0 else {
            std::thread::sleep(longest);
            return Ok(Vec::new());
        };
        let timeout = PollTimeout::try_from(longest).unwrap_or(PollTimeout::MAX);
        let mut polled = [PollFd::new(tty.as_fd(), PollFlags::POLLIN)];
        // A signal ends the wait.
        if poll(&mut polled, timeout).unwrap_or(0) == 0 {
            return Ok(Vec::new());
        }
        let mut typed = [0; 64];
        match tty.read(&mut typed) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => Ok(letters(&typed[..length])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// The letters among what was typed. An arrow and the like is an escape and letters that mean nothing alone.
fn letters(typed: &[u8]) -> Vec<char> {
    let is_sequence = typed.len() > 1 && typed[0] == ESCAPE;
    let typed = typed.iter().filter(|key| key.is_ascii() && !is_sequence);
    typed.map(|key| char::from(*key)).collect()
}

impl Cooked {
    pub(crate) fn restore(self) {
        if let Some((tty, modes)) = self.0 {
            let _ = tcsetattr(&tty, SetArg::TCSANOW, &modes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_and_letters_beyond_ascii_are_no_keys() {
        assert_eq!(letters(b"+ q"), ['+', ' ', 'q']);
        assert_eq!(letters(b"\x1b[A"), []);
        assert_eq!(letters(b"\x1b"), ['\x1b']);
        assert_eq!(letters("é".as_bytes()), []);
        assert_eq!(letters(b"\xe9q"), ['q']);
    }
}
