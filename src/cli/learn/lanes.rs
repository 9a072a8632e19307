//! A timeline in letters: a row for each worker, from left to right in time, for a terminal without pictures.

use crate::engine::timeline::{Activity, Lane, Timeline};
use crate::report::numbers::seconds;

/// The columns of a row, and the rows of a drawing.
const COLUMNS: usize = 64;
const ROWS: usize = 8;

/// The rows of the first workers, and what the letters mean. All of it is ASCII.
pub(crate) fn text(timeline: &Timeline) -> String {
    let mut out = String::new();
    let mut used = Vec::new();
    for (lane, number) in timeline.lanes.iter().zip(0..ROWS) {
        let row = row(lane, timeline.elapsed_ns);
        let letters: String = row
            .iter()
            .map(|activity| activity.map_or(' ', letter))
            .collect();
        out += format!("  worker {number}  {letters}").trim_end();
        out.push('\n');
        used.extend(row.into_iter().flatten());
    }
    let elapsed = seconds(timeline.elapsed_ns as f64 / 1e9);
    let all = Activity::ALL
        .iter()
        .filter(|activity| used.contains(activity));
    let meanings: Vec<String> = all
        .map(|activity| format!("{} {}", letter(*activity), activity.name()))
        .collect();
    out + &format!("  in {elapsed}: {}\n", meanings.join(", "))
}

/// The activity that took most of each column; `None` where the worker was done, or had not begun.
fn row(lane: &Lane, elapsed_ns: u64) -> Vec<Option<Activity>> {
    let column = (elapsed_ns / COLUMNS as u64).max(1);
    let time = |i: u64, activity: Activity| -> u64 {
        let (from, to) = (i * column, (i + 1) * column);
        let spans = lane.spans.iter().filter(|span| span.activity == activity);
        spans
            .map(|span| span.end_ns.min(to).saturating_sub(span.start_ns.max(from)))
            .sum()
    };
    let most = |i: u64| {
        let all = Activity::ALL.iter().copied();
        let most = all.max_by_key(|activity| time(i, *activity))?;
        (most != Activity::Join && time(i, most) > 0).then_some(most)
    };
    (0..COLUMNS as u64).map(most).collect()
}

fn letter(activity: Activity) -> char {
    match activity {
        Activity::Start => '-',
        Activity::Count => '#',
        Activity::Add => '+',
        Activity::Lock => 'l',
        Activity::Queue => 'q',
        Activity::Gil => '.',
        Activity::Io => 'w',
        Activity::Join => ' ',
    }
}
