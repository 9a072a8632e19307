//! Timelines as trace events, as lines of text, and in a sentence. Their picture is
//! [`crate::report::picture::timeline`].
//!
//! Trace events are the format of Perfetto and chrome://tracing ("Trace Event Format", Google 2016): an
//! object with `traceEvents`, which are
//!
//! - metadata (`ph` "M"): `process_name` is the timeline's, `thread_name` that of a worker;
//! - complete events (`ph` "X"): a span, with `ts` and `dur` in microseconds. `name` is its
//!   [`Kind`]'s; a span called `count` has `args` with its `first_chunk` and its `chunks`.
//!
//! `tid` is the real id of a thread. `pid` is that of the process if there is one timeline. Several are
//! numbered from 1 instead, and all of them begin at 0, so that they can be compared.

use std::fmt::Write;

use serde::Serialize;

use crate::engine::timeline::{Kind, Lane, Span, Timeline};
use crate::report::numbers::{grouped, seconds};

#[derive(Serialize)]
struct Event<'a> {
    name: &'a str,
    ph: &'static str,
    pid: u32,
    tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Args<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Args<'a> {
    Name { name: &'a str },
    Chunks { first_chunk: u64, chunks: u64 },
}

/// The timelines as trace events, a line each.
///
/// # Errors
/// Those of JSON, which do not occur when writing into memory.
pub fn json(timelines: &[Timeline]) -> serde_json::Result<String> {
    let mut lines = Vec::new();
    for (timeline, number) in timelines.iter().zip(1..) {
        let pid = match timelines {
            [only] => only.process,
            _ => number,
        };
        for event in events(timeline, pid) {
            lines.push(event?);
        }
    }
    let lines = lines.join(",\n");
    Ok(format!("{{\"traceEvents\":[\n{lines}\n]}}\n"))
}

/// The lines of one timeline.
fn events(timeline: &Timeline, pid: u32) -> impl Iterator<Item = serde_json::Result<String>> {
    let named = move |what, name: &str, tid| {
        serde_json::to_string(&Event {
            name: what,
            ph: "M",
            pid,
            tid,
            ts: None,
            dur: None,
            args: Some(Args::Name { name }),
        })
    };
    let microseconds = |ns: u64| Some(ns as f64 / 1e3);
    let span = move |span: &Span, tid| {
        serde_json::to_string(&Event {
            name: span.kind.name(),
            ph: "X",
            pid,
            tid,
            ts: microseconds(span.start_ns),
            dur: microseconds(span.ns()),
            args: (span.kind == Kind::Count).then_some(Args::Chunks {
                first_chunk: span.first_chunk,
                chunks: span.chunks,
            }),
        })
    };
    let lanes = timeline.lanes.iter().enumerate();
    let lanes = lanes.filter(|(_, lane)| !lane.spans.is_empty());
    let process = named("process_name", &timeline.name, timeline.process);
    [process]
        .into_iter()
        .chain(lanes.flat_map(move |(number, lane)| {
            let tid = lane.thread;
            let name = named("thread_name", &format!("worker {number}"), tid);
            let spans = lane.spans.iter().map(move |one| span(one, tid));
            [name].into_iter().chain(spans)
        }))
}

/// The timelines as text: a line an event, in the order of time.
pub fn text(timelines: &[Timeline]) -> String {
    let texts: Vec<String> = timelines.iter().map(lines).collect();
    texts.join("\n")
}

fn lines(timeline: &Timeline) -> String {
    let mut events: Vec<(u64, usize, String)> = Vec::new();
    for (number, lane) in timeline.lanes.iter().enumerate() {
        let mut said = said(lane);
        let hits = lane.spans.iter().map(|span| span.hits).sum();
        if let Some((_, last)) = said.last_mut() {
            *last = format!("is done: {} hits in all", grouped(hits));
        }
        events.extend(said.into_iter().map(|(ns, what)| (ns, number, what)));
    }
    // The events of one worker stay in their order.
    events.sort_by_key(|(ns, ..)| *ns);
    let mut out = format!("{}\n", heading(timeline));
    for (ns, number, what) in events {
        let lane = &timeline.lanes[number];
        let time = ns as f64 / 1e6;
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{time:11.3} ms  {} {what}",
            worker(timeline, number, lane)
        );
    }
    out + &summary(timeline) + "\n"
}

/// What a worker did, each with its time; at last that it ended.
fn said(lane: &Lane) -> Vec<(u64, String)> {
    let mut said = Vec::new();
    let mut from = "";
    let mut is_taken = false;
    for (span, i) in lane.spans.iter().zip(1..) {
        let time = || seconds(span.ns() as f64 / 1e9);
        let (start, end) = (span.start_ns, span.end_ns);
        match span.kind {
            Kind::Start => said.push((end, "starts".to_owned())),
            Kind::Count => {
                let (chunks, hits) = (chunks(span), grouped(span.hits));
                if !is_taken {
                    said.push((start, format!("took {chunks}{from}")));
                }
                said.push((end, format!("done with {chunks}: {hits} hits")));
            }
            Kind::Add => said.push((start, format!("adds its hits for {}", time()))),
            Kind::Lock => said.push((start, format!("waits for the lock for {}", time()))),
            Kind::Queue => said.push((start, format!("waits for the queue for {}", time()))),
            Kind::Io => {
                // It is the input of a chunk that was taken before.
                if let Some(next) = lane.spans.get(i).filter(|next| next.kind == Kind::Count) {
                    said.push((start, format!("took {}{from}", chunks(next))));
                }
                said.push((start, format!("waits for input for {}", time())));
            }
            Kind::Join => said.push((start, String::new())),
        }
        is_taken = span.kind == Kind::Io;
        from = if span.kind == Kind::Queue {
            " from the queue"
        } else {
            ""
        };
    }
    said
}

fn chunks(span: &Span) -> String {
    let first = grouped(span.first_chunk);
    match span.chunks {
        0 => "the rest of a chunk".to_owned(),
        1 => format!("chunk {first}"),
        n => format!("{} chunks from {first} on", grouped(n)),
    }
}

/// "worker 2 (thread 4711)", or if it is another process than the one that started it, "(process 4711)".
pub(crate) fn worker(timeline: &Timeline, number: usize, lane: &Lane) -> String {
    let Lane {
        process, thread, ..
    } = lane;
    if lane.spans.is_empty() {
        format!("worker {number}")
    } else if *process == timeline.process {
        format!("worker {number} (thread {thread})")
    } else {
        format!("worker {number} (process {process})")
    }
}

/// The name, and what went wrong.
pub(crate) fn heading(timeline: &Timeline) -> String {
    let Timeline { name, hits, .. } = timeline;
    let counted = timeline.counted();
    if *hits < counted {
        let (lost, counted) = (grouped(counted - hits), grouped(counted));
        format!("{name}: lost {lost} of {counted} hits")
    } else if timeline.repeats_chunks() {
        format!("{name}: all throw the same darts")
    } else {
        name.clone()
    }
}

/// How busy the workers were, how much later than the mean the last was done, and what else they spent
/// their time on.
pub fn summary(timeline: &Timeline) -> String {
    let elapsed = (timeline.elapsed_ns as f64).max(1.0);
    let workers = timeline.lanes.len();
    let sum = |is: &dyn Fn(Kind) -> bool| -> f64 {
        let spans = timeline.spans().filter(|span| is(span.kind));
        spans.map(Span::ns).sum::<u64>() as f64
    };
    let busy = sum(&Kind::is_busy) / elapsed;
    let mut parts = vec![format!("{busy:.1} of {workers} workers busy")];
    if let Some(later) = last_share(timeline).filter(|later| *later >= 0.005) {
        parts.push(format!("last share {:.0} % longer", 100.0 * later));
    }
    let all = elapsed * workers as f64;
    let spent = SPENT.into_iter().filter_map(|(kind, doing)| {
        let share = sum(&|other| other == kind) / all;
        (share >= 0.005).then_some((100.0 * share, doing))
    });
    let mut spent = spent.take(2);
    if let Some((share, doing)) = spent.next() {
        let mut part = format!("{share:.0} % of the time {doing}");
        for (share, doing) in spent {
            // Writing to a String cannot fail.
            let _ = write!(part, ", {share:.0} % {doing}");
        }
        parts.push(part);
    }
    parts.join("; ")
}

/// What keeps workers from counting, but for the end: what is worth telling first.
const SPENT: [(Kind, &str); 5] = [
    (Kind::Lock, "waiting for the lock"),
    (Kind::Io, "waiting for input"),
    (Kind::Queue, "waiting for the queue"),
    (Kind::Add, "adding to the counter"),
    (Kind::Start, "starting"),
];

/// How much longer than the mean the last of several workers took.
fn last_share(timeline: &Timeline) -> Option<f64> {
    let done = |lane: &Lane| {
        let spans = lane.spans.iter().rev();
        let last = spans.clone().find(|span| span.kind != Kind::Join);
        last.map(|span| span.end_ns as f64)
    };
    let ends: Vec<f64> = timeline.lanes.iter().filter_map(done).collect();
    let mean = ends.iter().sum::<f64>() / ends.len() as f64;
    let last = ends.iter().copied().fold(0.0, f64::max);
    (ends.len() > 1).then(|| last / mean - 1.0)
}
