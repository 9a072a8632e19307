//! A comparison as a table: in text of 80 columns or with all columns, or in Markdown. The lines above it name
//! the machine, and the notes below it explain the rows that need a sentence.

use anstyle::{AnsiColor, Style};

use crate::compare::row::{Comparison, Reason, Row};
use crate::report::columns::{self, Column, TextStyle, WIDTH, known, left, right};
use crate::report::comparison::notes::notes;
use crate::report::comparison::words::{self, answer, darts, is_right, ratio};
use crate::report::numbers::{fixed, grouped, mean_time, seconds, short};

/// The columns of text, before the answer, which takes the room that is left.
const FEW: [Column<Row>; 5] = [
    left("strategy", |row| row.strategy.to_string()),
    right("workers", |row| row.workers.to_string()),
    left("time", shown_time),
    left("speed-up", words::speed_up),
    left("π", |row| words::pi(row, 7)),
];

/// All columns, of wide text and of Markdown.
const ALL: [Column<Row>; 13] = [
    left("strategy", |row| row.strategy.to_string()),
    right("workers", |row| row.workers.to_string()),
    right("time", time),
    right("minimum", |row| seconds(row.min_s)),
    right("processor time", |row| known(row.cpu_s, cpu_time)),
    right("cores", |row| {
        known(row.cores(), |cores| format!("{cores:.1}"))
    }),
    right("speed-up", |row| known(row.speed_up, ratio)),
    right("efficiency", |row| known(row.efficiency, share)),
    right("serial fraction", |row| known(row.serial_fraction, share)),
    right("darts/s", |row| known(row.sims_per_s, short)),
    right("hits", |row| grouped(row.hits)),
    left("π", |row| words::pi(row, 17)),
    left("verdict", |row| row.verdict.clone()),
];

/// The mean time; of a wrong row, the time of the one run whose hits the row shows.
fn shown_time(row: &Row) -> String {
    match row.runs.get(row.shown_run) {
        Some(run) if row.speed_up.is_none() => mean_time(run.elapsed_s, None),
        _ => time(row),
    }
}

/// The mean time, marked as uncertain if the machine was busy.
fn time(row: &Row) -> String {
    let is_busy = row.reason == Some(Reason::BusyMachine);
    let mark = if is_busy { "≈ " } else { "" };
    mark.to_owned() + &mean_time(row.mean_s, row.sd_s)
}

/// Processor time, which is 0 for a run shorter than the system's ticks.
fn cpu_time(cpu_s: f64) -> String {
    if cpu_s > 0.0 {
        seconds(cpu_s)
    } else {
        "0 s".to_owned()
    }
}

fn share(share: f64) -> String {
    fixed(share, 2)
}

/// The table as aligned text, between its heading and its notes.
pub fn text(comparison: &Comparison, style: TextStyle) -> String {
    let mut out = String::new();
    for line in heading(comparison) {
        out += &style.wrapped(&line, "");
    }
    out.push('\n');
    let lines = if style.wide {
        columns::text(&ALL, &comparison.rows, style)
    } else {
        with_answers(comparison, style)
    };
    out += &columns::with_dim_header(&lines, style);
    for (i, note) in notes(comparison).iter().enumerate() {
        if i == 0 {
            out.push('\n');
        }
        for line in note.lines() {
            out += &style.wrapped(line, "  ");
        }
    }
    out
}

/// The lines of the table in 80 columns, each with its row's answer.
fn with_answers(comparison: &Comparison, style: TextStyle) -> Vec<String> {
    let mut lines = columns::text(&FEW, &comparison.rows, style);
    lines[0] += "  answer";
    for (line, row) in lines[1..].iter_mut().zip(&comparison.rows) {
        let room = WIDTH.saturating_sub(line.chars().count() + 2);
        *line += &format!("  {}", styled_answer(row, room, style));
    }
    lines
}

/// The answer in green or red; the short one if the long one does not fit into `room` characters.
fn styled_answer(row: &Row, room: usize, style: TextStyle) -> String {
    let [long, brief] = [true, false].map(|long| style.shown(&answer(row, long)));
    let colour = match is_right(row.status) {
        Some(true) => Style::new().fg_color(Some(AnsiColor::Green.into())),
        Some(false) => Style::new().fg_color(Some(AnsiColor::Red.into())),
        None => Style::new(),
    };
    let colour = style.coloured(colour);
    let text = if long.chars().count() <= room {
        long
    } else {
        brief
    };
    format!("{colour}{text}{colour:#}")
}

/// The table in Markdown with all columns, below its heading.
pub fn markdown(comparison: &Comparison) -> String {
    columns::markdown_lines(&heading(comparison)) + &columns::markdown(&ALL, &comparison.rows)
}

/// The table in HTML, with the columns of narrow text and each row's verdict, between its heading and its notes.
pub fn html(comparison: &Comparison) -> String {
    let lines = |lines: &[String]| -> String {
        let lines = lines.iter().flat_map(|text| text.lines());
        let lines: Vec<_> = lines.map(columns::html_text).collect();
        format!("<p>{}</p>\n", lines.join("<br>\n"))
    };
    let [strategy, workers, time, speed_up, pi] = FEW;
    let verdict = left("verdict", |row: &Row| row.verdict.clone());
    let columns = [strategy, workers, time, speed_up, pi, verdict];
    let notes = notes(comparison);
    let mut out = lines(&heading(comparison)) + &columns::html(&columns, &comparison.rows);
    if !notes.is_empty() {
        out += &lines(&notes);
    }
    out
}

fn heading(comparison: &Comparison) -> Vec<String> {
    let darts = format!("{} of seed {}", darts(comparison), comparison.setup.seed);
    let tests = comparison.rows.iter().filter(|row| row.p.is_some()).count();
    let intervals = match tests {
        0 => String::new(),
        1 => "; speed-ups are 95 % intervals".to_owned(),
        _ => format!("; speed-ups are 95 % intervals, corrected for {tests} rows (Holm)"),
    };
    words::heading(comparison, darts, &intervals)
}
