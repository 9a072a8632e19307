//! Timelines in characters, for a terminal: a line for each worker, in which each column is the activity that took most
//! of its time. All timelines share one axis of time, and below each are the sums of its activities.

use crate::engine::timeline::{Activity, Lane, Span, Timeline};
use crate::report::axis::TimeAxis;
use crate::report::kinds::kind;
use crate::report::numbers::{percent, seconds};
use crate::report::timeline::{busy, heading, loses};

/// The fewest columns of a lane.
const FEWEST: usize = 20;

/// The least distance between the labels of two times.
const LABEL: usize = 12;

/// The letter of an addition of which some is lost.
const LOST: char = '×';

/// The column in which a lane goes on with another scale.
const BREAK: char = '/';

/// The timelines as lanes, in lines of at most `columns` columns.
pub fn lanes(timelines: &[Timeline], columns: usize) -> String {
    let axis = TimeAxis::of(timelines);
    let workers = timelines.iter().map(|timeline| timeline.lanes.len());
    let last = workers.max().unwrap_or(0).saturating_sub(1);
    let margin = name(last).len() + 2;
    let columns = columns.max(margin + FEWEST);
    let room = columns - margin;
    let one = |timeline: &Timeline| {
        let mut out = format!(
            "{}, {}\n",
            heading(timeline),
            seconds(timeline.elapsed_ns.max(1) as f64 / 1e9)
        );
        for (number, lane) in timeline.lanes.iter().enumerate() {
            let letters = letters(timeline, lane, axis, room);
            out += format!("{:<margin$}{letters}", name(number)).trim_end();
            out.push('\n');
        }
        out += format!("{:margin$}{}", "", times(axis, room)).trim_end();
        out.push('\n');
        for line in filled(&sums(timeline, axis), columns) {
            out += &format!("{line}\n");
        }
        out + &busy(timeline) + "\n"
    };
    let all: Vec<String> = timelines.iter().map(one).collect();
    all.join("\n")
}

fn name(number: usize) -> String {
    format!("worker {number}")
}

fn letter(timeline: &Timeline, activity: Activity) -> char {
    if activity == Activity::Add && loses(timeline) {
        LOST
    } else {
        kind(activity).letter
    }
}

/// A worker's lane.
fn letters(timeline: &Timeline, lane: &Lane, axis: TimeAxis, room: usize) -> String {
    // The share of each column that each activity takes.
    let mut shares = vec![[0.0; Activity::ALL.len()]; room];
    for span in &lane.spans {
        let place = |ns: u64| axis.share(ns as f64) * room as f64;
        let (start, end) = (place(span.start_ns), place(span.end_ns).min(room as f64));
        let kind = Activity::ALL.iter().position(|one| *one == span.activity);
        let taken = shares.iter_mut().enumerate().take(end.ceil() as usize);
        for (column, shares) in taken.skip(start as usize) {
            let at = column as f64;
            shares[kind.unwrap_or(0)] += end.min(at + 1.0) - start.max(at);
        }
    }
    let most = |shares: &[f64; Activity::ALL.len()]| {
        let all = Activity::ALL.iter().zip(shares);
        let (activity, share) = all.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        // What takes hardly any time is not there.
        (*share >= 0.1).then(|| letter(timeline, *activity))
    };
    let mut letters: Vec<char> = shares
        .iter()
        .map(|shares| most(shares).unwrap_or(' '))
        .collect();
    if let Some(share) = axis.break_share() {
        let column = (share * room as f64) as usize;
        if letters[column] != ' ' {
            letters[column] = BREAK;
        }
    }
    letters.into_iter().collect()
}

/// The times below the lanes, each beginning in its column.
fn times(axis: TimeAxis, room: usize) -> String {
    let mut out = String::new();
    let mut taken = 0;
    for (ns, label) in axis.ticks((room / LABEL) as f64) {
        let column = (axis.share(ns) * room as f64).round() as usize;
        let length = label.chars().count();
        if (column > taken || taken == 0) && column + length <= room {
            out += &format!("{:gap$}{label}", "", gap = column - taken);
            taken = column + length;
        }
    }
    out
}

/// What the workers spent their time on, each with its letter; and what a break means.
fn sums(timeline: &Timeline, axis: TimeAxis) -> Vec<String> {
    let all = timeline.elapsed_ns as f64 * timeline.lanes.len() as f64;
    let mut sums = Vec::new();
    for activity in Activity::ALL {
        let spans = timeline.spans().filter(|span| span.activity == *activity);
        let ns = spans.map(Span::ns).sum::<u64>() as f64;
        if ns > 0.0 {
            let (letter, does) = (letter(timeline, *activity), kind(*activity).does);
            let lossy = if letter == LOST {
                ", in vain at times"
            } else {
                ""
            };
            let (time, share) = (seconds(ns / 1e9), percent(100.0 * ns / all.max(1.0)));
            sums.push(format!("{letter} {does}{lossy}: {time}, {share}"));
        }
    }
    if let Some((at, times)) = axis
        .at_break()
        .filter(|(at, _)| timeline.elapsed_ns as f64 > *at)
    {
        let at = seconds(at / 1e9);
        sums.push(format!(
            "{BREAK} from {at} on a column is {times:.0} times as long"
        ));
    }
    sums
}

/// The parts in lines of at most `columns` columns, three spaces apart.
fn filled(parts: &[String], columns: usize) -> Vec<String> {
    const GAP: &str = "   ";
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + GAP.len() + part.chars().count() <= columns => {
                *line += GAP;
                *line += part;
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}
