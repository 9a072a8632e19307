//! Tables: rows in columns, as aligned text or as Markdown, both from one list of columns.

use anstyle::Style;

use crate::printable::printable;

/// The columns of a terminal.
pub(crate) const WIDTH: usize = 80;

/// How text is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct TextStyle {
    /// Whether terminal escapes colour the text.
    pub colour: bool,
    /// Whether the text is ASCII.
    pub ascii: bool,
    /// Whether tables have all columns, however wide they are.
    pub wide: bool,
}

impl TextStyle {
    /// `text` in the characters that may be shown.
    pub(crate) fn shown(self, text: &str) -> String {
        if self.ascii {
            ascii(text)
        } else {
            text.to_owned()
        }
    }

    /// `text` cut between words into lines of at most [`WIDTH`], all but the first after `indent`. A number stays with
    /// its percent sign.
    pub(crate) fn wrapped(self, text: &str, indent: &str) -> String {
        const NO_BREAK: &str = "\u{a0}%";
        let mut out = String::new();
        let mut used = 0;
        for (i, word) in self
            .shown(text)
            .replace(" %", NO_BREAK)
            .split(' ')
            .enumerate()
        {
            let width = word.chars().count();
            if i > 0 && used + 1 + width > WIDTH {
                out += "\n";
                out += indent;
                used = indent.len();
            } else if i > 0 {
                out.push(' ');
                used += 1;
            }
            out += word;
            used += width;
        }
        out.replace(NO_BREAK, " %") + "\n"
    }

    /// `style`, or none without colour.
    pub(crate) fn coloured(self, style: Style) -> Style {
        if self.colour { style } else { Style::new() }
    }
}

/// `text` in ASCII, for a terminal or a locale without UTF-8. Columns stay aligned: a replacement that is wider than
/// its letter takes the room from the next gap of three spaces or more.
pub(crate) fn ascii(text: &str) -> String {
    let mut out = String::new();
    let mut surplus = 0;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_in_gap = letter == ' ' && out.ends_with(' ') && letters.peek() == Some(&' ');
        if surplus > 0 && is_in_gap {
            surplus -= 1;
            continue;
        }
        let replacement = match letter {
            '✓' => "ok",
            '✗' => "NO",
            '±' => "+/-",
            '×' => "x",
            '–' => "-",
            '≈' => "~",
            'µ' => "u",
            'π' => "pi",
            'σ' => "sigma",
            'κ' => "kappa",
            'λ' => "lambda",
            '√' => "sqrt ",
            '²' => "^2",
            '³' => "^3",
            '█' => "#",
            '\n' => {
                surplus = 0;
                "\n"
            }
            letter => {
                out.push(if letter.is_ascii() { letter } else { '?' });
                continue;
            }
        };
        out += replacement;
        surplus += replacement.len() - 1;
    }
    out
}

/// The side of a column on which its cells are aligned.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column of a table whose rows are `R`s.
pub(crate) struct Column<R> {
    pub(crate) name: &'static str,
    align: Align,
    cell: fn(&R) -> String,
}

/// A column of words.
pub(crate) const fn left<R>(name: &'static str, cell: fn(&R) -> String) -> Column<R> {
    let align = Align::Left;
    Column { name, align, cell }
}

/// A column of numbers.
pub(crate) const fn right<R>(name: &'static str, cell: fn(&R) -> String) -> Column<R> {
    let align = Align::Right;
    Column { name, align, cell }
}

/// The cell of a value that may be unknown.
pub(crate) fn known<T>(value: Option<T>, cell: fn(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), cell)
}

/// The table as lines, the names first.
pub(crate) fn text<R>(columns: &[Column<R>], rows: &[R], style: TextStyle) -> Vec<String> {
    let aligns: Vec<Align> = columns.iter().map(|column| column.align).collect();
    let names = columns
        .iter()
        .map(|column| style.shown(column.name))
        .collect();
    let cells = |row| {
        let cell = |column: &Column<R>| style.shown(&(column.cell)(row));
        columns.iter().map(cell).collect()
    };
    let rows: Vec<Vec<String>> = [names].into_iter().chain(rows.iter().map(cells)).collect();
    lines(&aligns, &rows)
}

/// The lines, each without blanks at its end, the first dim.
pub(crate) fn with_dim_header(lines: &[String], style: TextStyle) -> String {
    let dim = style.coloured(Style::new().dimmed());
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let line = line.trim_end();
        out += &if i == 0 {
            format!("{dim}{line}{dim:#}\n")
        } else {
            format!("{line}\n")
        };
    }
    out
}

/// The rows as lines in which each column is as wide as its widest cell. Each row has a cell for each of `aligns`.
pub(crate) fn lines(aligns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let width = |i: usize| {
        let widths = rows.iter().map(|row| row[i].chars().count());
        widths.max().unwrap_or(0)
    };
    let columns: Vec<_> = (0..)
        .zip(aligns)
        .map(|(i, align)| (align, width(i)))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&columns);
        let aligned = cells.map(|(cell, (align, width))| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        aligned.collect::<Vec<_>>().join("  ")
    };
    rows.iter().map(line).collect()
}

/// The table in HTML, for a notebook.
pub(crate) fn html<R>(columns: &[Column<R>], rows: &[R]) -> String {
    let line = |tag: &str, cell: &dyn Fn(&Column<R>) -> String| {
        let cells = columns.iter().map(|column| {
            let align = match column.align {
                Align::Left => "left",
                Align::Right => "right",
            };
            let cell = html_text(&cell(column));
            format!("<{tag} style=\"text-align:{align}\">{cell}</{tag}>")
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let names = line("th", &|column| column.name.to_owned());
    let rows = rows
        .iter()
        .map(|row| line("td", &|column| (column.cell)(row)));
    format!("<table>\n{names}{}</table>\n", rows.collect::<String>())
}

/// `text` for an element of HTML or SVG, without tags of its own.
pub(crate) fn html_text(text: &str) -> String {
    let text = printable(text).replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// `text` as it reads in Markdown, without links, HTML, headings or new cells of its own.
pub(crate) fn markdown_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        if "\\`*_[]<>|#~&".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// The paragraph of these lines in Markdown.
pub(crate) fn markdown_lines(lines: &[String]) -> String {
    let line = |line: &String| {
        // Not a list, and no underline that makes a heading of the line above.
        let opens = line.starts_with(['+', '-', '=']);
        format!("{}{}", if opens { "\\" } else { "" }, markdown_text(line))
    };
    lines.iter().map(line).collect::<Vec<_>>().join("  \n") + "\n\n"
}

/// The table in Markdown.
pub(crate) fn markdown<R>(columns: &[Column<R>], rows: &[R]) -> String {
    let line = |cell: &dyn Fn(&Column<R>) -> String| {
        let cells = columns.iter().map(|column| markdown_text(&cell(column)));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule = |column: &Column<R>| match column.align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    };
    let rows = rows.iter().map(|row| line(&|column| (column.cell)(row)));
    line(&|column| column.name.to_owned()) + &line(&rule) + &rows.collect::<String>()
}
