//! The picture of timelines: a panel for each timeline, a row for each worker, and a box for each span of time, whose
//! height and colour both show the activity. Spans too short to be seen are merged with their neighbours, so the picture
//! of any run is of moderate size.

use plotters::prelude::*;

use crate::engine::timeline::{Activity, Lane, Timeline};
use crate::report::numbers::ticks;
use crate::report::picture::page::{
    Area, Axis, BLUE, GREEN, GREY, ORANGE, PURPLE, Page, Panel, Point, Result, SKY, SMALL,
    VERMILION, beside, drawn, note,
};
use crate::report::timeline::{heading, summary, worker};

const WIDTH: u32 = 1040;
/// The sides of all panels. "worker 4095 (process 4194304)" fits on the left.
const LEFT: i32 = 256;
const RIGHT: i32 = 1010;
/// The left end of other texts.
const MARGIN: i32 = 20;

/// The height of all rows of a panel, and the most for a single row.
const ROWS: i32 = 480;
const ROW: i32 = 22;
/// The least distance between the names of two rows.
const NAMES: i32 = 20;

/// The room above and below the rows of a panel.
const ABOVE: i32 = 40;
const BELOW: i32 = 80;

/// The most boxes in a picture, so that it is smaller than a megabyte; and in a row, so that most boxes can be seen.
const BOXES: usize = 9_000;
const BOXES_A_ROW: usize = 250;

/// The greatest width of a letter.
const LETTER: i32 = 9;
const SAMPLE: i32 = 22;
const LEGEND_LINE: i32 = 24;

/// The names of the activities in the legend.
const LEGEND: [(Activity, &str); 8] = [
    (Activity::Count, "counts"),
    (Activity::Add, "adds to the counter"),
    (Activity::Lock, "waits for the lock"),
    (Activity::Queue, "waits for the queue"),
    (Activity::Gil, "waits for the interpreter lock"),
    (Activity::Io, "waits for input"),
    (Activity::Start, "starts"),
    (Activity::Join, "done, waits to be joined"),
];

/// Draws the timelines, one below the other. Each has its own scale of time.
///
/// # Errors
/// Those of plotters, which do not occur when drawing into memory.
pub fn timeline(timelines: &[Timeline]) -> Result<String> {
    let legend = legend(timelines);
    let lines = legend.last().map_or(0, |((_, y), _)| y + LEGEND_LINE / 2);
    let height = |timeline: &Timeline| {
        let (workers, row) = rows(timeline);
        ABOVE + workers * row + BELOW
    };
    let all: i32 = timelines.iter().map(height).sum();
    let lanes = timelines.iter().map(|timeline| timeline.lanes.len());
    let boxes = (BOXES / lanes.sum::<usize>().max(1)).min(BOXES_A_ROW);
    drawn((WIDTH, (lines + all) as u32), |page| {
        for (at, activity) in &legend {
            sample(page, *at, *activity)?;
        }
        let mut top = lines;
        for timeline in timelines {
            panel(page, timeline, top, boxes)?;
            top += height(timeline);
        }
        Ok(())
    })
}

/// The activities that occur, each with its place in the legend.
fn legend(timelines: &[Timeline]) -> Vec<(Point, (Activity, &'static str))> {
    let is_there = |activity| {
        let mut spans = timelines.iter().flat_map(Timeline::spans);
        spans.any(|span| span.activity == activity)
    };
    let (mut x, mut y) = (MARGIN, LEGEND_LINE);
    let mut places = Vec::new();
    for (activity, name) in LEGEND
        .into_iter()
        .filter(|(activity, _)| is_there(*activity))
    {
        let width = SAMPLE + LETTER * name.chars().count() as i32 + 2 * MARGIN;
        if x + width > WIDTH as i32 {
            (x, y) = (MARGIN, y + LEGEND_LINE);
        }
        places.push(((x, y), (activity, name)));
        x += width;
    }
    places
}

fn sample(page: &Page, (x, y): Point, (activity, name): (Activity, &str)) -> Result<()> {
    let (colour, height) = box_style(activity);
    let size = (16.0 * height) as i32;
    let corners = [(x, y - size / 2), (x + SAMPLE, y - size / 2 + size)];
    page.draw(&Rectangle::new(corners, colour.filled()))?;
    note(page, (x + SAMPLE + 6, y), name)
}

/// The number of rows of a timeline, and the height of one.
fn rows(timeline: &Timeline) -> (i32, i32) {
    let workers = timeline.lanes.len().max(1) as i32;
    (workers, (ROWS / workers).clamp(1, ROW))
}

/// One timeline, with at most `boxes` boxes in each row.
fn panel(page: &Page, timeline: &Timeline, above: i32, boxes: usize) -> Result<()> {
    let (workers, row) = rows(timeline);
    let top = above + ABOVE;
    let bottom = top + workers * row;
    let mut at = (MARGIN, top - 18);
    if timeline.hits < timeline.counted() {
        let lost = Cross::new((MARGIN + 6, at.1), 5, VERMILION.stroke_width(2));
        page.draw(&lost)?;
        at.0 += 18;
    }
    beside(page, at, SMALL + 2, heading(timeline))?;
    let (unit, ticks) = time_ticks(timeline.elapsed_ns as f64);
    let panel = Panel {
        area: Area::of(LEFT..RIGHT, top..bottom),
        x: Axis {
            name: unit,
            values: 0.0..timeline.elapsed_ns.max(1) as f64,
            ticks,
        },
        y: Axis {
            name: "",
            values: f64::from(workers)..0.0,
            ticks: names(timeline, row),
        },
    };
    panel.axes(page)?;
    let shades = shades(timeline);
    for (lane, y) in timeline.lanes.iter().zip((top..).step_by(row as usize)) {
        let mut lane = lane.clone();
        lane.thin(boxes);
        boxes_of(page, &panel, &lane, shades, (y, row))?;
    }
    panel.area.outline(page)?;
    note(page, (MARGIN, bottom + 58), summary(timeline))
}

/// The names of the workers, from the lowest row up; where rows are low, only some of them.
fn names(timeline: &Timeline, row: i32) -> Vec<(f64, String)> {
    let step = (NAMES + row - 1) / row;
    let numbers = (0..timeline.lanes.len()).step_by(step as usize);
    let names = numbers.map(|number| (number as f64 + 0.5, worker(timeline, number)));
    names.rev().collect()
}

/// The boxes of a worker, in a row `row` pixels high below `y`.
fn boxes_of(
    page: &Page,
    panel: &Panel,
    lane: &Lane,
    shades: Option<(u64, u64)>,
    (y, row): Point,
) -> Result<()> {
    let full = f64::from(row - row / 6);
    let mut counts = 0;
    for span in &lane.spans {
        let [left, right] = [span.start_ns, span.end_ns].map(|ns| panel.x_at(ns as f64));
        if left == right {
            continue;
        }
        let (colour, height) = box_style(span.activity);
        let size = ((full * height).round() as i32).max(1);
        let top = y + (row - size) / 2;
        let colour = match shades {
            _ if span.activity != Activity::Count => colour,
            Some((first, last)) => {
                shade((span.first_chunk - first) as f64 / (last - first).max(1) as f64)
            }
            // Every other span of counting is lighter.
            None if counts % 2 == 1 => RGBColor(77, 157, 204),
            None => colour,
        };
        counts += u32::from(span.activity == Activity::Count);
        let corners = [(left, top), (right, top + size)];
        page.draw(&Rectangle::new(corners, colour.filled()))?;
    }
    Ok(())
}

/// The colour of an activity's box, and its height as a share of the row's.
fn box_style(activity: Activity) -> (RGBColor, f64) {
    match activity {
        Activity::Count => (BLUE, 1.0),
        Activity::Add => (PURPLE, 0.8),
        Activity::Lock => (VERMILION, 0.6),
        Activity::Queue => (GREEN, 0.5),
        Activity::Gil => (SKY, 0.45),
        Activity::Io => (ORANGE, 0.4),
        Activity::Start => (GREY, 0.3),
        Activity::Join => (RGBColor(190, 190, 190), 0.15),
    }
}

/// The first chunk and the last, if each chunk has a shade of its own, to show which workers throw the same darts.
fn shades(timeline: &Timeline) -> Option<(u64, u64)> {
    let counts = || timeline.spans().filter(|span| span.chunks > 0);
    let firsts = || counts().map(|span| span.first_chunk);
    let ends = firsts().min().zip(firsts().max());
    ends.filter(|_| timeline.repeats_chunks())
}

/// A blue, from light to dark.
fn shade(share: f64) -> RGBColor {
    let between = |light: f64, dark: f64| (light + share * (dark - light)) as u8;
    RGBColor(
        between(190.0, 0.0),
        between(225.0, 50.0),
        between(245.0, 110.0),
    )
}

/// The unit of time, and ticks at round times up to `elapsed_ns`.
fn time_ticks(elapsed_ns: f64) -> (&'static str, Vec<(f64, String)>) {
    const UNITS: [(f64, &str); 3] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let fits = |(ns, _): &(f64, &str)| elapsed_ns >= 2.0 * ns;
    let (ns, unit) = UNITS.into_iter().find(fits).unwrap_or((1.0, "ns"));
    let ticks = ticks(elapsed_ns / ns, 10.0).into_iter();
    (
        unit,
        ticks.map(|(value, label)| (value * ns, label)).collect(),
    )
}
