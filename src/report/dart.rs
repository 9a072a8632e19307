//! Replayed darts as a table for a person.

use crate::darts::replay::{Dart, DecidedBy};
use crate::report::columns::{self, Column, TextStyle, left, right};

const COLUMNS: [Column<Dart>; 10] = [
    right("dart", |dart| dart.dart.to_string()),
    right("chunk", |dart| dart.chunk.to_string()),
    right("place", |dart| dart.place.to_string()),
    left("coarse", |dart| hex(dart.coarse)),
    left("fx", |dart| hex(dart.fx)),
    left("fy", |dart| hex(dart.fy)),
    right("x", |dart| format!("{:.15}", dart.x)),
    right("y", |dart| format!("{:.15}", dart.y)),
    left("verdict", |dart| {
        if dart.hit { "hit" } else { "miss" }.to_owned()
    }),
    left("decided by", |dart| match dart.decided_by {
        DecidedBy::Coarse => "coarse word".to_owned(),
        DecidedBy::Fine => "fine words".to_owned(),
    }),
];

fn hex(word: u32) -> String {
    format!("{word:#010x}")
}

/// The darts, one a line below a header; with `colour` the header is dim. Words are in hexadecimal.
pub fn text(darts: &[Dart], colour: bool) -> String {
    let style = TextStyle {
        colour,
        ..TextStyle::default()
    };
    columns::with_dim_header(&columns::text(&COLUMNS, darts, style), style)
}
