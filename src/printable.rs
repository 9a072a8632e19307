//! Names of files, and strings from files, as they may be shown: on a terminal, in a picture, in a table or in JSON.
//! The program's own words need none of this.

use std::borrow::Cow;

/// `text` with an escape such as `\n` or `\u{202e}` for each character that could forge a line, move a cursor, reorder
/// or hide what stands beside it, or make a picture ill-formed.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |letter| letter.escape_default().to_string())
}

/// `json` with the escapes of JSON for the same characters, which stand only in its strings.
pub(crate) fn printable_json(json: &str) -> Cow<'_, str> {
    escaped(json, |letter| {
        let mut units = [0; 2];
        let units = letter.encode_utf16(&mut units);
        units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(spoils) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if spoils(letter) {
            out += &escape(letter);
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// Whether a character is not shown as a letter or a space of its own. Joiners stay, since some scripts need them.
fn spoils(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Breaks of lines and paragraphs.
            '\u{2028}' | '\u{2029}'
            // Marks and overrides of the direction of writing (UAX #9, "Directional Formatting Characters").
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Letters without a width.
            | '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
            // Not characters, some of which XML 1.0 forbids (section 2.2).
            | '\u{fdd0}'..='\u{fdef}')
        || matches!(u32::from(letter) & 0xffff, 0xfffe | 0xffff)
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_json};

    #[test]
    fn only_what_spoils_is_escaped() {
        for plain in [
            "a file: it's 'there'",
            "名前 π é",
            "\u{1f469}\u{200d}\u{1f52c}",
            "C:\\x",
        ] {
            assert_eq!(printable(plain), plain);
        }
        let hostile = "a\n\x1b[2J\u{9b}\u{202e}\u{fffe}\u{1ffff}\u{2028}\u{200b}z";
        let shown = r"a\n\u{1b}[2J\u{9b}\u{202e}\u{fffe}\u{1ffff}\u{2028}\u{200b}z";
        assert_eq!(printable(hostile), shown);
        assert_eq!(printable(shown), shown);
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let hostile = "a\n\x1b\u{7f}\u{9b}\u{202e}\u{fffe}\u{1ffff}z";
        let json = serde_json::to_string(hostile).unwrap();
        let safe = printable_json(&json);
        assert_eq!(safe, printable(&safe));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), hostile);
    }
}
