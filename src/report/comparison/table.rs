//! A comparison as a table: text of 80 columns or with all columns, Markdown for a person, CSV with plain
//! numbers, or JSON with every single run. All of them name the machine.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::compare::row::{Comparison, Row, Scaling};
use crate::compare::sizes;
use crate::compare::stats::Ratio;
use crate::report::columns::{self, Align, lines};
pub use crate::report::comparison::baseline::{against, against_csv, against_markdown};
pub use crate::report::comparison::csv::csv;
pub use crate::report::comparison::curve::curve;
pub use crate::report::comparison::laws::scaling;
use crate::report::comparison::words::{self, RIGHT, WRONG, answer};
use crate::report::run::{cores_in_short, grouped, prefixed, short};

/// The columns of a terminal.
pub(crate) const WIDTH: usize = 80;

/// How text is to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Whether terminal escapes colour it.
    pub colour: bool,
    /// Whether only ASCII is understood.
    pub ascii: bool,
    /// Whether all columns are wanted, however wide.
    pub wide: bool,
}

impl Look {
    /// `text` as it may be shown.
    pub(crate) fn of(self, text: &str) -> String {
        if self.ascii {
            words::ascii(text)
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn style(self, style: Style) -> Style {
        if self.colour { style } else { Style::new() }
    }
}

/// A column of a table.
struct Column {
    name: &'static str,
    align: Align,
    /// A row's cell, as a person reads it.
    cell: fn(&Row) -> String,
}

/// The columns of text, before the answer, which takes what room there is.
const FEW: [Column; 5] = [
    left("strategy", |row| row.strategy.to_string()),
    right("workers", |row| row.workers.to_string()),
    left("time", shown_time),
    left("speed-up", words::speed_up),
    left("π", |row| words::pi(row, 7)),
];

/// All of them.
const ALL: [Column; 13] = [
    left("strategy", |row| row.strategy.to_string()),
    right("workers", |row| row.workers.to_string()),
    right("time", |row| words::time(row.times.mean_s, row.times.sd_s)),
    right("minimum", |row| prefixed(row.times.min_s) + "s"),
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

const fn left(name: &'static str, cell: fn(&Row) -> String) -> Column {
    let align = Align::Left;
    Column { name, align, cell }
}

const fn right(name: &'static str, cell: fn(&Row) -> String) -> Column {
    let align = Align::Right;
    Column { name, align, cell }
}

/// A wrong row shows the time of the one run whose hits it shows.
fn shown_time(row: &Row) -> String {
    match row.runs.get(row.shown_run) {
        Some(run) if row.speed_up.is_none() => words::time(run.elapsed_s, None),
        _ => words::time(row.times.mean_s, row.times.sd_s),
    }
}

/// The table as aligned text, with notes below it on rows that need a sentence.
pub fn text(comparison: &Comparison, look: Look) -> String {
    let mut out = String::new();
    for line in heading(comparison) {
        out += &wrapped(&look.of(&line), "");
    }
    out.push('\n');
    out += &if look.wide {
        aligned(comparison, &ALL, look)
    } else {
        aligned(comparison, &FEW, look)
    };
    for (i, note) in crate::report::comparison::notes::of(comparison)
        .iter()
        .enumerate()
    {
        if i == 0 {
            out.push('\n');
        }
        for line in note.lines() {
            out += &wrapped(&look.of(line), "  ");
        }
    }
    out
}

/// The header and the rows.
fn aligned(comparison: &Comparison, columns: &[Column], look: Look) -> String {
    let cells = |row| {
        columns
            .iter()
            .map(move |column| look.of(&(column.cell)(row)))
    };
    let names = columns.iter().map(|column| look.of(column.name)).collect();
    let rows = comparison.rows.iter().map(|row| cells(row).collect());
    let rows: Vec<Vec<String>> = [names].into_iter().chain(rows).collect();
    let aligns: Vec<Align> = columns.iter().map(|column| column.align).collect();
    let lines = lines(&aligns, &rows);

    let dim = look.style(Style::new().dimmed());
    let mut out = String::new();
    let rows = comparison.rows.iter().map(Some);
    for (row, line) in [None].into_iter().chain(rows).zip(&lines) {
        // Writing to a String cannot fail.
        let _ = match row {
            None if look.wide => writeln!(out, "{dim}{}{dim:#}", line.trim_end()),
            None => writeln!(out, "{dim}{line}  answer{dim:#}"),
            Some(_) if look.wide => writeln!(out, "{}", line.trim_end()),
            Some(row) => {
                let room = WIDTH.saturating_sub(line.chars().count() + 2);
                writeln!(out, "{line}  {}", styled_answer(row, room, look))
            }
        };
    }
    out
}

/// The answer in at most `room` characters if it can be, green or red.
fn styled_answer(row: &Row, room: usize, look: Look) -> String {
    let both = [true, false].map(|long| answer(row, long));
    let [long, brief] = both.each_ref().map(|text| look.of(text));
    let colour = match both[0].chars().next() {
        Some(RIGHT) => Style::new().fg_color(Some(AnsiColor::Green.into())),
        Some(WRONG) => Style::new().fg_color(Some(AnsiColor::Red.into())),
        _ => Style::new(),
    };
    let style = look.style(colour);
    let text = if long.chars().count() <= room {
        long
    } else {
        brief
    };
    format!("{style}{text}{style:#}")
}

/// The table in Markdown with all columns, below the lines that say what was measured where.
pub fn markdown(comparison: &Comparison) -> String {
    let (aligns, names) = (
        ALL.map(|column| column.align),
        ALL.map(|column| column.name),
    );
    let rows = comparison.rows.iter();
    let rows = rows.map(|row| ALL.map(|column| (column.cell)(row)));
    heading(comparison).join("  \n") + "\n\n" + &columns::markdown(aligns, names, rows)
}

/// What was measured where, in a few lines.
fn heading(comparison: &Comparison) -> Vec<String> {
    let mut what = format!("{} of seed {}", darts(comparison), comparison.seed);
    if let Some(rate) = comparison.probed_sims_per_s {
        let rate = short(rate);
        let seconds = sizes::SERIAL_S;
        what += &format!(", for serial to take about {seconds} s (a probe: {rate} darts/s)");
    }
    let tests = comparison.rows.iter().filter(|row| row.p.is_some()).count();
    let intervals = match tests {
        0 => String::new(),
        1 => "; speed-ups are 95 % intervals".to_owned(),
        _ => format!("; speed-ups are 95 % intervals, corrected for {tests} rows (Holm)"),
    };
    measured(comparison, what, &intervals)
}

/// `what`, and how and where it was measured.
pub(crate) fn measured(comparison: &Comparison, what: String, intervals: &str) -> Vec<String> {
    let Comparison {
        machine,
        warmup,
        rows,
        ..
    } = comparison;
    let mut lines = vec![what];
    if comparison.io_wait_s > 0.0 {
        let wait = prefixed(comparison.io_wait_s);
        lines.push(format!("Every chunk of 65,536 darts waits {wait}s first"));
    }
    let runs = rows.first().map_or(0, |row| row.runs.len());
    lines.push(format!(
        "{runs} runs of each, in turn, after {warmup} to warm up{intervals}"
    ));
    lines.push(machine.to_string());
    if !machine.pinned.is_empty() {
        let cores = cores_in_short(&machine.pinned);
        lines.push(format!("Workers pinned to {cores}"));
    }
    lines
}

/// The darts that each strategy counts, or with weak scaling each worker.
pub(crate) fn darts(comparison: &Comparison) -> String {
    let sims = grouped(comparison.sims);
    format!("{sims} darts{}", a_worker(comparison))
}

/// What to add to a number of darts with weak scaling.
pub(crate) fn a_worker(comparison: &Comparison) -> &'static str {
    match comparison.scaling {
        Scaling::Strong => "",
        Scaling::Weak => " a worker",
    }
}

/// `line` in lines of at most [`WIDTH`], cut between words, all but the first after `indent`. A number stays
/// with its sign for percent.
pub(crate) fn wrapped(line: &str, indent: &str) -> String {
    const NO_BREAK: &str = "\u{a0}%";
    let mut out = String::new();
    let mut used = 0;
    for (i, word) in line.replace(" %", NO_BREAK).split(' ').enumerate() {
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

pub(crate) fn known<T>(value: Option<T>, cell: fn(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), cell)
}

/// Of a run that was over before the system noticed, nothing.
fn cpu_time(cpu_s: f64) -> String {
    if cpu_s > 0.0 {
        prefixed(cpu_s) + "s"
    } else {
        "0 s".to_owned()
    }
}

fn share(share: f64) -> String {
    format!("{share:.2}")
}

/// "1.95 (1.93 to 1.97)", but two digits of a slow strategy too: 0.035.
pub(crate) fn ratio(Ratio { mean, ci95 }: Ratio) -> String {
    let decimals = if mean < 0.1 { 3 } else { 2 };
    match ci95 {
        Some([low, high]) => format!("{mean:.decimals$} ({low:.decimals$} to {high:.decimals$})"),
        None => format!("{mean:.decimals$} (not known)"),
    }
}
