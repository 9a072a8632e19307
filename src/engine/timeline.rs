//! Who did what when: a run's workers note their spans of time, and [`Timeline`] holds them all.
//!
//! Every worker writes to a lane of its own, so recording makes nobody wait, and costs two looks at the
//! clock for each span. A run of any length has at most some ten thousand spans: when a lane is full,
//! its neighbouring spans merge, each kind's times summed, and the lane's resolution is halved.

use crate::engine::cores::counted;
pub use crate::engine::recorder::{Recorder, Worker};

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Starts: from the start of the run to its thread's or process' first step.
    Start,
    /// Counts the hits of chunks.
    Count,
    /// Adds hits to a counter that it shares, one by one.
    Add,
    /// Waits for a lock.
    Lock,
    /// Waits for its turn at a queue.
    Queue,
    /// Waits for input.
    Io,
    /// Is done, and waits to be joined by the end of the run.
    Join,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 7] = [
        Kind::Start,
        Kind::Count,
        Kind::Add,
        Kind::Lock,
        Kind::Queue,
        Kind::Io,
        Kind::Join,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Start => "start",
            Kind::Count => "count",
            Kind::Add => "add",
            Kind::Lock => "wait: lock",
            Kind::Queue => "wait: queue",
            Kind::Io => "wait: io",
            Kind::Join => "join",
        }
    }

    /// Whether it keeps a core busy.
    pub fn is_busy(self) -> bool {
        matches!(self, Kind::Count | Kind::Add)
    }
}

/// A stretch of time that a worker spent on one thing, in nanoseconds from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// On what.
    pub kind: Kind,
    /// When it began.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// If it counted: the first of its chunks.
    pub first_chunk: u64,
    /// How many chunks it counted. They follow one another, unless spans have merged. A chunk that is
    /// counted in several steps is one of the span that began it.
    pub chunks: u64,
    /// How many hits it counted.
    pub hits: u64,
}

impl Span {
    pub(crate) fn new(kind: Kind, start_ns: u64, end_ns: u64) -> Span {
        Span {
            kind,
            start_ns,
            end_ns,
            first_chunk: 0,
            chunks: 0,
            hits: 0,
        }
    }

    /// How long it took.
    pub fn ns(&self) -> u64 {
        self.end_ns - self.start_ns
    }
}

/// The spans of one worker, in order. They do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// The operating system's id of its process; 0 if it did nothing.
    pub process: u32,
    /// The operating system's id of its thread, the last if it had several. Not on Linux, its number
    /// from 1 on.
    pub thread: u32,
    /// What it did.
    pub spans: Vec<Span>,
}

impl Lane {
    /// The same in at most `most` spans, or in one of each kind: the shortest stretches of equal length
    /// are merged that make it as few.
    pub fn thin(&mut self, most: usize) {
        let Some(end) = self.spans.last().map(|span| span.end_ns) else {
            return;
        };
        let mut stretch = end / (most as u64).max(1) + 1;
        while self.spans.len() > most {
            self.spans = merged(&self.spans, stretch);
            if stretch > end {
                break;
            }
            stretch *= 2;
        }
    }
}

/// The spans with those merged that begin in the same stretch of time: one of each kind, as long as all
/// of its kind were, one after the other.
fn merged(spans: &[Span], stretch: u64) -> Vec<Span> {
    let is_near = |one: &Span, other: &Span| one.start_ns / stretch == other.start_ns / stretch;
    let mut all = Vec::new();
    for near in spans.chunk_by(is_near) {
        let mut sums: Vec<Span> = Vec::new();
        for span in near {
            match sums.iter_mut().find(|sum| sum.kind == span.kind) {
                None => sums.push(*span),
                Some(sum) => {
                    if sum.chunks == 0 {
                        sum.first_chunk = span.first_chunk;
                    }
                    sum.end_ns += span.ns();
                    sum.chunks += span.chunks;
                    sum.hits += span.hits;
                }
            }
        }
        let mut start_ns = near[0].start_ns;
        for sum in sums {
            let end_ns = start_ns + sum.ns();
            all.push(Span {
                start_ns,
                end_ns,
                ..sum
            });
            start_ns = end_ns;
        }
    }
    all
}

/// What all workers of a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// What ran: "queue, 4 workers".
    pub name: String,
    /// The id of the process that started the workers.
    pub process: u32,
    /// The hits that the run gave.
    pub hits: u64,
    /// How long it took.
    pub elapsed_ns: u64,
    /// A lane for each worker.
    pub lanes: Vec<Lane>,
}

/// The name of a run: "queue, 4 workers".
pub(crate) fn name(what: &str, workers: usize) -> String {
    format!("{what}, {}", counted(workers, "worker"))
}

impl Timeline {
    /// All spans, worker by worker.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.lanes.iter().flat_map(|lane| &lane.spans)
    }

    /// The hits that the workers counted. A race gives fewer.
    pub fn counted(&self) -> u64 {
        self.spans().map(|span| span.hits).sum()
    }

    /// Whether several workers began with the same chunk, and so threw the same darts.
    pub fn repeats_chunks(&self) -> bool {
        let first = |lane: &Lane| {
            let mut counts = lane.spans.iter().filter(|span| span.chunks > 0);
            counts.next().map(|span| span.first_chunk)
        };
        let mut firsts: Vec<u64> = self.lanes.iter().filter_map(first).collect();
        firsts.sort_unstable();
        firsts.windows(2).any(|pair| pair[0] == pair[1])
    }
}
