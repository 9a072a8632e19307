//! Timelines as trace events, as lines of text, and in a sentence. Their picture is
//! [`crate::report::picture::timeline`].
//!
//! Trace events are the format of Perfetto and chrome://tracing ("Trace Event Format", Google 2016): an object
//! with a list `traceEvents`, which has
//!
//! - metadata (`ph` "M"): `process_name` names the timeline, and `thread_name` a worker;
//! - complete events (`ph` "X"): spans, with `ts` and `dur` in microseconds. `name` is the name of the [`Activity`]; a
//!   span called `count` has `args` with its `first_chunk` and its `chunks`.
//!
//! `tid` is the real id of a thread, or an unused number if an earlier worker's thread, which had ended, had the same id.
//! `ts` is a quarter of a nanosecond late, so that spans do not overlap in a reader that truncates. `pid` is the id of
//! the process if there is one timeline. Several timelines are numbered from 1 instead, and all of them begin at 0, so
//! that they can be compared.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::darts::tally::counted;
use crate::engine::timeline::{Activity, Lane, Span, Timeline};
use crate::report::kinds::kind;
use crate::report::numbers::{grouped, seconds};

/// The timelines as trace events, a line each.
pub fn json(timelines: &[Timeline]) -> String {
    let events = timelines.iter().zip(1..).flat_map(|(timeline, number)| {
        let pid = match timelines {
            [only] => only.process,
            _ => number,
        };
        events(timeline, pid)
    });
    let lines: Vec<String> = events.map(|event| event.to_string()).collect();
    format!("{{\"traceEvents\":[\n{}\n]}}\n", lines.join(",\n"))
}

/// The events of one timeline.
fn events(timeline: &Timeline, pid: u32) -> Vec<Value> {
    let named = |what: &str, name: &str, tid: u32| json!({"name": what, "ph": "M", "pid": pid, "tid": tid, "args": {"name": name}});
    let mut events = vec![named("process_name", &timeline.name, timeline.process)];
    let mut taken: BTreeSet<u32> = timeline.lanes.iter().map(|lane| lane.thread).collect();
    let mut used = BTreeSet::new();
    for (number, lane) in timeline.lanes.iter().enumerate() {
        if lane.spans.is_empty() {
            continue;
        }
        let mut tid = lane.thread;
        if !used.insert(tid) {
            // The system gave the id of a thread that had ended to a new one.
            tid = taken.last().map_or(1, |last| last.saturating_add(1));
            taken.insert(tid);
        }
        events.push(named("thread_name", &format!("worker {number}"), tid));
        for span in &lane.spans {
            // Perfetto reads microseconds as a double and cuts off below a nanosecond. A quarter more
            // keeps a start from becoming the one before. A duration may become one shorter, but never overlaps.
            let (ts, dur) = ((span.start_ns as f64 + 0.25) / 1e3, span.ns() as f64 / 1e3);
            let name = span.activity.name();
            let mut event =
                json!({"name": name, "ph": "X", "pid": pid, "tid": tid, "ts": ts, "dur": dur});
            if span.activity == Activity::Count {
                event["args"] = json!({"first_chunk": span.first_chunk, "chunks": span.chunks});
            }
            events.push(event);
        }
    }
    events
}

/// The timelines as text: a line for each event, in order of time.
pub fn text(timelines: &[Timeline]) -> String {
    let texts: Vec<String> = timelines.iter().map(lines).collect();
    texts.join("\n")
}

fn lines(timeline: &Timeline) -> String {
    let mut events: Vec<(u64, usize, String)> = Vec::new();
    for (number, lane) in timeline.lanes.iter().enumerate() {
        let of_lane = lane_events(lane).into_iter();
        events.extend(of_lane.map(|(ns, what)| (ns, number, what)));
    }
    // The events of one worker stay in their order.
    events.sort_by_key(|(ns, ..)| *ns);
    let mut out = format!("{}\n", heading(timeline));
    for (ns, number, what) in events {
        let (time, worker) = (ns as f64 / 1e6, worker(timeline, number));
        out += &format!("{time:11.3} ms  {worker} {what}\n");
    }
    out + &summary(timeline) + "\n"
}

/// The events of a worker in words, each with its time in nanoseconds. The last is its end.
fn lane_events(lane: &Lane) -> Vec<(u64, String)> {
    let mut events = Vec::new();
    let mut from = "";
    let mut is_taken = false;
    for (span, i) in lane.spans.iter().zip(1..) {
        let time = || seconds(span.ns() as f64 / 1e9);
        let (start, end) = (span.start_ns, span.end_ns);
        match span.activity {
            Activity::Start => events.push((end, "starts".to_owned())),
            Activity::Count => {
                let (chunks, hits) = (chunks(span), counted(grouped(span.hits), "hit"));
                if !is_taken {
                    events.push((start, format!("took {chunks}{from}")));
                }
                events.push((end, format!("done with {chunks}: {hits}")));
            }
            Activity::Add => events.push((start, format!("adds its hits for {}", time()))),
            Activity::Lock | Activity::Gil | Activity::Queue => {
                let does = kind(span.activity).does;
                events.push((start, format!("{does} for {}", time())));
            }
            Activity::Io => {
                // The input of the next chunk, which the worker has already taken.
                let next = lane.spans.get(i);
                if let Some(next) = next.filter(|next| next.activity == Activity::Count) {
                    events.push((start, format!("took {}{from}", chunks(next))));
                }
                events.push((start, format!("waits for input for {}", time())));
            }
            Activity::Join => events.push((start, String::new())),
        }
        is_taken = span.activity == Activity::Io;
        from = if span.activity == Activity::Queue {
            " from the queue"
        } else {
            ""
        };
    }
    if let Some((_, last)) = events.last_mut() {
        let hits = lane.spans.iter().map(|span| span.hits).sum();
        *last = format!("is done: {} in all", counted(grouped(hits), "hit"));
    }
    events
}

fn chunks(span: &Span) -> String {
    let first = grouped(span.first_chunk);
    match span.chunks {
        0 => "the rest of a chunk".to_owned(),
        1 => format!("chunk {first}"),
        n => format!("{} chunks from {first} on", grouped(n)),
    }
}

/// "worker 2 (thread 4711)", or "worker 2 (process 4711)" if the worker is a process of its own.
pub(crate) fn worker(timeline: &Timeline, number: usize) -> String {
    let lane = &timeline.lanes[number];
    let (process, thread) = (lane.process, lane.thread);
    if lane.spans.is_empty() {
        format!("worker {number}")
    } else if process == timeline.process {
        format!("worker {number} (thread {thread})")
    } else {
        format!("worker {number} (process {process})")
    }
}

/// Whether hits were lost.
pub(crate) fn loses(timeline: &Timeline) -> bool {
    timeline.hits < timeline.counted()
}

/// The name, and what is wrong with the hits.
pub(crate) fn heading(timeline: &Timeline) -> String {
    let Timeline { name, hits, .. } = timeline;
    let counted = timeline.counted();
    if loses(timeline) {
        let lost = grouped(counted - hits);
        let all = self::counted(grouped(counted), "hit");
        format!("{name}: lost {lost} of {all}")
    } else if timeline.repeats_chunks() {
        format!("{name}: all throw the same darts")
    } else {
        name.clone()
    }
}

/// How busy the workers were, how much longer than the mean the last one took, and the two other activities that most
/// time was spent on, without waiting for the end.
pub fn summary(timeline: &Timeline) -> String {
    let all = elapsed(timeline) * timeline.lanes.len() as f64;
    let idle = |activity: &&Activity| !matches!(activity, Activity::Count | Activity::Join);
    let mut spent: Vec<(f64, Activity)> = Activity::ALL
        .iter()
        .filter(idle)
        .map(|activity| (spent(timeline, |other| other == *activity) / all, *activity))
        .filter(|(share, _)| *share >= 0.005)
        .collect();
    spent.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let spent = spent.into_iter().zip(["% of the time", "%"]);
    let spent: Vec<_> = spent
        .map(|((share, activity), of)| {
            format!("{:.0} {of} {}", 100.0 * share, kind(activity).doing)
        })
        .collect();
    let busy = busy(timeline);
    if spent.is_empty() {
        busy
    } else {
        format!("{busy}; {}", spent.join(", "))
    }
}

/// How busy the workers were, and how much longer than the mean the last one took.
pub(crate) fn busy(timeline: &Timeline) -> String {
    let busy = spent(timeline, Activity::is_busy) / elapsed(timeline);
    let workers = counted(timeline.lanes.len(), "worker");
    let later = last_share(timeline).filter(|later| *later >= 0.005);
    let later = later.map_or(String::new(), |later| {
        format!("; last share {:.0} % longer", 100.0 * later)
    });
    format!("{busy:.1} of {workers} busy{later}")
}

/// The time that the run took, in nanoseconds, and not 0.
fn elapsed(timeline: &Timeline) -> f64 {
    (timeline.elapsed_ns as f64).max(1.0)
}

/// The time that the workers spent on some activities, in nanoseconds.
fn spent(timeline: &Timeline, is: impl Fn(Activity) -> bool) -> f64 {
    let spans = timeline.spans().filter(|span| is(span.activity));
    spans.map(Span::ns).sum::<u64>() as f64
}

/// How much longer than the mean the last of several workers took, as a share of the mean.
fn last_share(timeline: &Timeline) -> Option<f64> {
    let done = |lane: &Lane| {
        let spans = lane.spans.iter().rev();
        let last = spans.clone().find(|span| span.activity != Activity::Join);
        last.map(|span| span.end_ns as f64)
    };
    let ends: Vec<f64> = timeline.lanes.iter().filter_map(done).collect();
    let mean = ends.iter().sum::<f64>() / ends.len() as f64;
    let last = ends.iter().copied().fold(0.0, f64::max);
    (ends.len() > 1).then(|| last / mean - 1.0)
}
