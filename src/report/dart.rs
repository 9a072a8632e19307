//! Replayed darts as a table for a person.

use crate::darts::replay::{Dart, DecidedBy};
use crate::report::columns::{self, Column, TextStyle, WIDTH, left, right};

/// A dart, and the decimals of its coordinates.
struct Shown {
    dart: Dart,
    decimals: usize,
}

const COLUMNS: [Column<Shown>; 7] = [
    right("dart", |shown| shown.dart.dart.to_string()),
    left("coarse", |shown| hex(shown.dart.coarse)),
    left("fx", |shown| hex(shown.dart.fx)),
    left("fy", |shown| hex(shown.dart.fy)),
    right("x", |shown| shown.coordinate(shown.dart.x)),
    right("y", |shown| shown.coordinate(shown.dart.y)),
    left("verdict", |shown| {
        let verdict = if shown.dart.hit { "hit" } else { "miss" };
        match shown.dart.decided_by {
            DecidedBy::Coarse => format!("{verdict}, coarse"),
            DecidedBy::Fine => format!("{verdict}, fine"),
        }
    }),
];

/// The fewest and the most decimals of coordinates. Sub-cells differ in the fifteenth.
const DECIMALS: (usize, usize) = (4, 15);

fn hex(word: u32) -> String {
    format!("{word:08x}")
}

impl Shown {
    fn coordinate(&self, value: f64) -> String {
        format!("{value:.*}", self.decimals)
    }
}

/// The darts below a header, each on a line, and its place on the next; with `colour` the header is dim. Words are in hexadecimal. Coordinates are
/// rounded so that a line fits a terminal: the larger the numbers of the darts, the fewer decimals.
pub fn text(darts: &[Dart], colour: bool) -> String {
    let style = TextStyle {
        colour,
        ..TextStyle::default()
    };
    let lines = |decimals| {
        let darts = darts.iter().cloned();
        let rows: Vec<Shown> = darts.map(|dart| Shown { dart, decimals }).collect();
        columns::text(&COLUMNS, &rows, style)
    };
    let (fewest, most) = DECIMALS;
    let widths = lines(fewest).iter().map(String::len).max();
    let room = WIDTH.saturating_sub(widths.unwrap_or(0));
    let lines = lines((fewest + room / 2).min(most));
    // The number of a dart is as wide as the column's name at least, and the next column begins two further right.
    let indent = lines[0].find("coarse").unwrap_or(0);
    let places = darts
        .iter()
        .map(|dart| format!("{:indent$}chunk {}, place {}", "", dart.chunk, dart.place));
    let both = lines[1..].iter().cloned().zip(places);
    let lines: Vec<String> = lines[..1]
        .iter()
        .cloned()
        .chain(both.flat_map(|(line, place)| [line, place]))
        .collect();
    columns::with_dim_header(&lines, style)
}
