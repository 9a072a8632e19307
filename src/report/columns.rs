//! Cells in columns, each column as wide as its widest cell.

/// Where a column's cells stand.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Right,
}

/// The rows as lines; each row has a cell for each of `aligns`.
pub(super) fn lines(aligns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let width = |i: usize| {
        let widths = rows.iter().map(|row| row[i].chars().count());
        widths.max().unwrap_or(0)
    };
    let columns: Vec<_> = aligns
        .iter()
        .enumerate()
        .map(|(i, align)| (*align, width(i)))
        .collect();
    let line = |row: &Vec<String>| {
        let aligned = row
            .iter()
            .zip(&columns)
            .map(|(cell, (align, width))| match align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            });
        aligned.collect::<Vec<_>>().join("  ")
    };
    rows.iter().map(line).collect()
}
