//! The picture of timelines: a lane for each worker, and in it a box for each span of time, whose height and colour
//! both show the activity. All timelines share one axis of time. Spans too short to be seen are merged with their
//! neighbours, so the picture of any run is of moderate size.

use std::collections::BTreeMap;

use crate::engine::timeline::{Activity, Lane, Span, Timeline};
use crate::report::axis::TimeAxis;
use crate::report::kinds::kind;
use crate::report::numbers::{fixed, seconds};
use crate::report::picture::page::{
    Font, MARGIN, NOTE, ORIGIN, Page, Path, Point, SAMPLE, SMALL, Side, width,
};
use crate::report::picture::paint::{Paint, Pen};
use crate::report::timeline::{busy, heading, loses, summary, worker};

const WIDTH: f64 = 1120.0;
/// The sides of all lanes. "worker 4095 (process 4194304)" fits on the left.
const LEFT: f64 = 264.0;
const RIGHT: f64 = 1090.0;

/// The height of all lanes of a timeline, and the most for a single lane.
const LANES: f64 = 480.0;
const LANE: f64 = 22.0;
/// The least distance between the names of two lanes.
const NAMES: f64 = 18.0;

/// The room above the lanes of a timeline, for its name, and below them, for the summary.
const ABOVE: f64 = 30.0;
const BELOW: f64 = 38.0;
/// The room for the times above and below all timelines.
const TIMES: f64 = 24.0;

/// The most boxes in a picture, so that it is smaller than a megabyte; and in a lane, so that most boxes can be seen.
const BOXES: usize = 9_000;
const BOXES_A_LANE: usize = 250;

/// The least width of a label of a time.
const LABEL: f64 = 70.0;

/// Draws the timelines, one below the other, on one axis of time. `origin` says where they come from, in lines below
/// the title.
pub fn timeline(timelines: &[Timeline], origin: &[String]) -> String {
    let mut page = Page::new(WIDTH);
    let title = title(timelines);
    let mut y = page.heading(&title, None, origin);
    let axis = TimeAxis::of(timelines);
    let (places, end) = page.legend(MARGIN, y + 4.0, legend(timelines, axis));
    for (sample, at) in places {
        sample.draw(&mut page, at);
    }
    y = end + TIMES;
    let top = y + 4.0;
    let bottom = top + timelines.iter().map(height).sum::<f64>();
    if !timelines.is_empty() {
        times(&mut page, axis, top, bottom);
    }
    let lanes = timelines.iter().map(|timeline| timeline.lanes.len());
    let boxes = (BOXES / lanes.sum::<usize>().max(1)).min(BOXES_A_LANE);
    y = top;
    for timeline in timelines {
        draw(&mut page, timeline, axis, y, boxes);
        y += height(timeline);
    }
    if let Some(share) = axis.break_share() {
        let zigzag = zigzag(LEFT + (RIGHT - LEFT) * share, top, bottom);
        page.draw(zigzag.clone(), Pen::line(Paint::Paper, 6.0));
        page.draw(zigzag, BREAK);
    }
    let sentences = timelines
        .iter()
        .map(|one| format!("{}: {}.", heading(one), summary(one)));
    let mut description: Vec<String> = sentences.collect();
    if description.is_empty() {
        description.push(title.clone());
    }
    page.finish(bottom + TIMES + 10.0, &title, &description.join(" "))
}

/// The message: who took how long, and how much longer the longest took than the shortest.
fn title(timelines: &[Timeline]) -> String {
    let time = |one: &Timeline| seconds(one.elapsed_ns.max(1) as f64 / 1e9);
    let by_time = |one: &&Timeline| one.elapsed_ns;
    let ends = timelines.iter().max_by_key(by_time);
    match ends.zip(timelines.iter().min_by_key(by_time)) {
        None => "no timelines".to_owned(),
        Some((longest, shortest)) if timelines.len() > 1 => {
            let times = longest.elapsed_ns as f64 / shortest.elapsed_ns.max(1) as f64;
            let decimals = usize::from(times < 9.95);
            format!(
                "{}: {}, {} times as long as {}: {}",
                longest.name,
                time(longest),
                fixed(times, decimals),
                shortest.name,
                time(shortest)
            )
        }
        Some((only, _)) => format!("{}: {}, {}", heading(only), time(only), busy(only)),
    }
}

/// The samples of the legend.
#[derive(Clone, Copy)]
enum Sample {
    Kind(Activity),
    /// A count whose shade says which darts.
    Shades,
    /// An addition of which some are lost.
    Lossy,
    Break,
}

/// Everything that occurs, in words.
fn legend(timelines: &[Timeline], axis: TimeAxis) -> Vec<(Sample, String)> {
    let occurs = |activity: &&Activity| {
        let mut spans = timelines.iter().flat_map(Timeline::spans);
        spans.any(|span| span.activity == **activity)
    };
    let mut samples = Vec::new();
    for activity in Activity::ALL.iter().filter(occurs) {
        let mut name = kind(*activity).does.to_owned();
        if *activity == Activity::Count {
            name += ", in alternating shades";
        }
        samples.push((Sample::Kind(*activity), name));
    }
    if timelines.iter().any(|one| shades(one).is_some()) {
        let name = "counts: the same shade is the same darts";
        samples.push((Sample::Shades, name.to_owned()));
    }
    if timelines.iter().any(loses) {
        let name = "adds, and some of it is lost";
        samples.push((Sample::Lossy, name.to_owned()));
    }
    if let Some((_, times)) = axis.at_break() {
        let decimals = usize::from(times < 9.95);
        let times = fixed(times, decimals);
        samples.push((
            Sample::Break,
            format!("from here on the axis is {times} times as dense"),
        ));
    }
    samples
}

impl Sample {
    fn draw(self, page: &mut Page, (x, y): Point) {
        let corners = |left: f64, right: f64, height: f64| {
            let half = LANE * 0.4 * height;
            Path::rectangle((x + left, y - half), (x + right, y + half))
        };
        match self {
            Sample::Kind(activity) => {
                let kind = kind(activity);
                let half = SAMPLE / 2.0;
                if activity == Activity::Count {
                    page.draw(corners(0.0, half, kind.height), Pen::fill(kind.paint));
                    let other = Pen::fill(Paint::LightBlue);
                    page.draw(corners(half, SAMPLE, kind.height), other);
                } else {
                    page.draw(corners(0.0, SAMPLE, kind.height), Pen::fill(kind.paint));
                }
            }
            Sample::Shades => {
                let step = SAMPLE / f64::from(Paint::SHADES);
                for i in 0..Paint::SHADES {
                    let left = step * f64::from(i);
                    let pen = Pen::fill(Paint::Shade(i));
                    page.draw(corners(left, left + step, 1.0), pen);
                }
            }
            Sample::Lossy => {
                let kind = kind(Activity::Add);
                page.draw(corners(0.0, SAMPLE, kind.height), Pen::fill(kind.paint));
                page.draw(crosses(x, x + SAMPLE, y), LOST);
            }
            Sample::Break => page.draw(zigzag(x + SAMPLE / 2.0, y - 8.0, y + 8.0), BREAK),
        }
    }
}

const LOST: Pen = Pen::line(Paint::Ink, 1.4);
const BREAK: Pen = Pen::line(Paint::Ink, 1.6);

/// Crosses from left to right, as many as there is room for.
fn crosses(left: f64, right: f64, y: f64) -> Path {
    const APART: f64 = 11.0;
    let count = ((right - left) / APART).floor() as u32;
    let first = (left + right - APART * (f64::from(count) - 1.0)) / 2.0;
    (0..count)
        .map(|i| Path::cross((first + APART * f64::from(i), y), 3.0))
        .collect()
}

fn zigzag(x: f64, top: f64, bottom: f64) -> Path {
    const STEP: f64 = 5.0;
    let steps = ((bottom - top) / STEP).ceil() as u32;
    let side = |i: u32| if i.is_multiple_of(2) { -2.5 } else { 2.5 };
    let at = |i: u32| (x + side(i), (top + STEP * f64::from(i)).min(bottom));
    Path::through((0..=steps).map(at))
}

/// The number of lanes of a timeline, and the height of one.
fn lanes(timeline: &Timeline) -> (f64, f64) {
    let workers = timeline.lanes.len().max(1) as f64;
    (workers, (LANES / workers).floor().clamp(1.0, LANE))
}

fn height(timeline: &Timeline) -> f64 {
    let (workers, lane) = lanes(timeline);
    ABOVE + workers * lane + BELOW
}

fn x_at(axis: TimeAxis, ns: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * axis.share(ns)
}

/// The times above and below all timelines, and the lines between them.
fn times(page: &mut Page, axis: TimeAxis, top: f64, bottom: f64) {
    let mut last = f64::NEG_INFINITY;
    let mut lines = Vec::new();
    for (ns, label) in axis.ticks(10.0) {
        let x = x_at(axis, ns);
        lines.push(Path::through([(x, top), (x, bottom)]));
        // The label's whole width is on the page.
        let half = width(&label, SMALL) / 2.0;
        if x - half >= last && x + half <= page.right() + MARGIN {
            for y in [top - 12.0, bottom + 12.0] {
                page.write((x, y), Side::Middle, NOTE, &label);
            }
            last = (x + half + 8.0).max(x - half + LABEL);
        }
    }
    page.draw(lines.into_iter().collect(), Pen::line(Paint::Grid, 1.0));
}

/// One timeline below `top`, with at most `boxes` boxes in each lane.
fn draw(page: &mut Page, timeline: &Timeline, axis: TimeAxis, top: f64, boxes: usize) {
    let (_, lane) = lanes(timeline);
    let font = Font::of(SMALL + 1.0).bold();
    let mut at = (MARGIN, top + ABOVE / 2.0);
    if loses(timeline) {
        page.draw(
            Path::cross((at.0 + 5.0, at.1), 5.0),
            Pen::line(Paint::Vermilion, 2.0),
        );
        at.0 += 18.0;
    }
    page.write(at, Side::Left, font, &heading(timeline));
    let top = top + ABOVE;
    let end = (timeline.elapsed_ns.max(1)) as f64;
    let step = (NAMES / lane).ceil() as usize;
    let shades = shades(timeline);
    let losing = loses(timeline) && lane >= 8.0;
    let mut paths: BTreeMap<(bool, Paint), Path> = BTreeMap::new();
    for (number, worker_lane) in timeline.lanes.iter().enumerate() {
        let y = top + lane * (number as f64 + 0.5);
        if number % step == 0 && y + NAMES / 2.0 <= top + (lanes(timeline).0 * lane).max(LANE) {
            let name = worker(timeline, number);
            page.write((LEFT - 8.0, y), Side::Right, NOTE, &name);
        }
        for part in axis.parts() {
            let mut lane_part = within(worker_lane, part.start, part.end);
            lane_part.thin(boxes / axis.parts().len());
            for (paint, corners) in boxes_of(&lane_part, shades, axis, (y, lane)) {
                let is_lost = losing && paint == kind(Activity::Add).paint;
                let [from, to] = corners;
                paths
                    .entry((false, paint))
                    .or_default()
                    .extend([Path::rectangle(from, to)]);
                if is_lost {
                    let lost = crosses(from.0, to.0, y);
                    paths.entry((true, Paint::Ink)).or_default().extend([lost]);
                }
            }
        }
    }
    for ((is_lost, paint), path) in paths {
        page.draw(path, if is_lost { LOST } else { Pen::fill(paint) });
    }
    let bottom = top + lanes(timeline).0 * lane;
    let outline = Path::rectangle((LEFT, top), (x_at(axis, end), bottom));
    page.draw(outline, Pen::line(Paint::Ink, 1.0));
    let at = (MARGIN, bottom + BELOW / 2.0 - 4.0);
    page.write(at, Side::Left, ORIGIN, &summary(timeline));
}

/// The part of a lane between two times.
fn within(lane: &Lane, start: f64, end: f64) -> Lane {
    let (start, end) = (start as u64, end.ceil() as u64);
    let spans = lane
        .spans
        .iter()
        .filter(|span| span.start_ns < end && span.end_ns > start);
    Lane {
        spans: spans
            .map(|span| Span {
                start_ns: span.start_ns.max(start),
                end_ns: span.end_ns.min(end),
                ..*span
            })
            .collect(),
        process: lane.process,
        thread: lane.thread,
        cores: lane.cores.clone(),
    }
}

/// The boxes of a worker with their colours, in a lane `height` pixels high around `y`.
fn boxes_of(
    lane: &Lane,
    shades: Option<(u64, u64)>,
    axis: TimeAxis,
    (y, height): Point,
) -> Vec<(Paint, [Point; 2])> {
    let full = height - (height / 6.0).floor();
    let mut counts = 0;
    let mut boxes = Vec::new();
    for span in &lane.spans {
        let [left, right] = [span.start_ns, span.end_ns].map(|ns| x_at(axis, ns as f64));
        if right - left < 0.05 {
            continue;
        }
        let kind = kind(span.activity);
        let half = (full * kind.height).max(1.0) / 2.0;
        let is_count = span.activity == Activity::Count;
        let paint = match shades {
            _ if !is_count => kind.paint,
            Some((first, last)) => {
                let chunk = span.first_chunk.saturating_sub(first);
                let share = chunk as f64 / (last - first).max(1) as f64;
                let most = f64::from(Paint::SHADES - 1);
                Paint::Shade((share * most).round().clamp(0.0, most) as u8)
            }
            // Every other span of counting is lighter.
            None if counts % 2 == 1 => Paint::LightBlue,
            None => kind.paint,
        };
        counts += u32::from(is_count);
        boxes.push((paint, [(left, y - half), (right, y + half)]));
    }
    boxes
}

/// The first chunk and the last, if each chunk has a shade of its own, to show which workers throw the same darts.
fn shades(timeline: &Timeline) -> Option<(u64, u64)> {
    let counts = || timeline.spans().filter(|span| span.chunks > 0);
    let firsts = || counts().map(|span| span.first_chunk);
    let ends = firsts().min().zip(firsts().max());
    ends.filter(|_| timeline.repeats_chunks())
}
