//! The keys of the live view, in one table: what a key does, and what the help says about it.

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Pause,
    Faster,
    Slower,
    Help,
    End,
    /// Ctrl-C where it is a key, as on Windows.
    Interrupt,
}

/// A row of the table.
pub(crate) struct Key {
    letters: &'static str,
    pub(crate) action: Action,
    /// The key's name; empty for one that the help does not show.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
}

const fn key(letters: &'static str, action: Action, name: &'static str, what: &'static str) -> Key {
    Key {
        letters,
        action,
        name,
        what,
    }
}

/// All keys. `=` is `+` without shift.
pub(crate) const KEYS: [Key; 6] = [
    key(" ", Action::Pause, "space", "pause, or go on"),
    key("+=", Action::Faster, "+", "faster, up to full speed"),
    key("-_", Action::Slower, "-", "slower, down to 1 dart/s"),
    key("?", Action::Help, "?", "show or hide the keys"),
    key("qQ", Action::End, "q", "end, and print the result"),
    key("\x03", Action::Interrupt, "", ""),
];

/// What the key with this letter does.
pub(crate) fn action(letter: char) -> Option<Action> {
    let key = KEYS.iter().find(|key| key.letters.contains(letter))?;
    Some(key.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_does_one_thing() {
        for (letter, does) in [
            (' ', Some(Action::Pause)),
            ('+', Some(Action::Faster)),
            ('=', Some(Action::Faster)),
            ('-', Some(Action::Slower)),
            ('?', Some(Action::Help)),
            ('q', Some(Action::End)),
            ('\x03', Some(Action::Interrupt)),
            ('x', None),
            ('\x1b', None),
        ] {
            assert_eq!(action(letter), does, "{letter:?}");
        }
        let letters: String = KEYS.iter().map(|key| key.letters).collect();
        let mut sorted: Vec<char> = letters.chars().collect();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), letters.len(), "a letter twice");
    }
}
