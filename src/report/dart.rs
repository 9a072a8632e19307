//! Replayed darts as a table for a person.

use anstyle::Style;

use crate::darts::replay::{Dart, DecidedBy};
use crate::report::columns::{Align, lines};

/// The columns, and where their cells stand.
const COLUMNS: [(&str, Align); 10] = [
    ("dart", Align::Right),
    ("chunk", Align::Right),
    ("place", Align::Right),
    ("coarse", Align::Left),
    ("fx", Align::Left),
    ("fy", Align::Left),
    ("x", Align::Right),
    ("y", Align::Right),
    ("verdict", Align::Left),
    ("decided by", Align::Left),
];

/// The darts, one a line below a header; with `colour` it is dim. Words are in hexadecimal.
pub fn text(darts: &[Dart], colour: bool) -> String {
    let names = COLUMNS.map(|(name, _)| name.to_owned());
    let rows = darts.iter().map(|dart| cells(dart).to_vec());
    let rows: Vec<_> = [names.to_vec()].into_iter().chain(rows).collect();
    let lines = lines(&COLUMNS.map(|(_, align)| align), &rows);
    let dim = if colour {
        Style::new().dimmed()
    } else {
        Style::new()
    };
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let style = if i == 0 { dim } else { Style::new() };
        out += &format!("{style}{}{style:#}\n", line.trim_end());
    }
    out
}

fn cells(dart: &Dart) -> [String; COLUMNS.len()] {
    let word = |word: u32| format!("{word:#010x}");
    let verdict = if dart.hit { "hit" } else { "miss" };
    let decided_by = match dart.decided_by {
        DecidedBy::Coarse => "coarse word",
        DecidedBy::Fine => "fine words",
    };
    [
        dart.dart.to_string(),
        dart.chunk.to_string(),
        dart.place.to_string(),
        word(dart.coarse),
        word(dart.fx),
        word(dart.fy),
        format!("{:.15}", dart.x),
        format!("{:.15}", dart.y),
        verdict.to_owned(),
        decided_by.to_owned(),
    ]
}
