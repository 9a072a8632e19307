//! Cells in columns: as lines in which each column is as wide as its widest cell, or in Markdown.

/// Where a column's cells stand.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Right,
}

/// The rows as lines; each row has a cell for each of `aligns`.
pub(crate) fn lines(aligns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
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

/// The rows below their names in Markdown, a line each; each has a cell for each of `aligns`.
pub(crate) fn markdown<const N: usize>(
    aligns: [Align; N],
    names: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let line = |cells: [String; N]| {
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = aligns.map(|align| match align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    });
    let head = [names.map(str::to_owned), rule];
    head.into_iter().chain(rows).map(line).collect()
}
