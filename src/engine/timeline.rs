//! A timeline of a run: which worker did what, and when.
//!
//! Every worker writes to a lane of its own, so recording makes no worker wait, and costs two readings of the
//! clock a span. A run of any length has about ten thousand spans at most: when a lane is full, neighbouring
//! spans merge, the times of each activity are added up, and the lane's resolution halves.

use std::collections::BTreeSet;

use strum::VariantArray;

use crate::darts::tally::counted;
use crate::error::Error;

/// The activity of a worker.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase", parse_err_ty = Error, parse_err_fn = unknown)]
#[non_exhaustive]
pub enum Activity {
    /// Starts: from the start of the run to the first step of its thread or process.
    Start,
    /// Counts the hits of chunks.
    Count,
    /// Adds hits to a shared counter, one by one.
    Add,
    /// Waits for a lock.
    #[strum(serialize = "wait: lock")]
    Lock,
    /// Waits for its turn at a queue.
    #[strum(serialize = "wait: queue")]
    Queue,
    /// Waits for its turn at an interpreter lock.
    #[strum(serialize = "wait: gil")]
    Gil,
    /// Waits for input.
    #[strum(serialize = "wait: io")]
    Io,
    /// Is done, and waits until the run ends.
    Join,
}

fn unknown(name: &str) -> Error {
    Error::Invalid(format!("unknown activity {name:?}"))
}

impl Activity {
    /// All activities.
    pub const ALL: &[Activity] = Activity::VARIANTS;

    /// The activity's name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the activity keeps a core busy.
    pub fn is_busy(self) -> bool {
        matches!(self, Activity::Count | Activity::Add)
    }
}

/// A stretch of time that a worker spent on one activity, in nanoseconds from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Span {
    /// The activity.
    pub activity: Activity,
    /// The start.
    pub start_ns: u64,
    /// The end.
    pub end_ns: u64,
    /// The first chunk counted; 0 if `chunks` is 0.
    pub first_chunk: u64,
    /// The number of chunks counted. They are consecutive, unless spans have merged. A chunk that is counted
    /// in several steps belongs to the span that began it.
    pub chunks: u64,
    /// The hits counted.
    pub hits: u64,
}

impl Span {
    pub(crate) fn new(activity: Activity, start_ns: u64, end_ns: u64) -> Span {
        Span {
            activity,
            start_ns,
            end_ns,
            first_chunk: 0,
            chunks: 0,
            hits: 0,
        }
    }

    /// The length, in nanoseconds.
    pub fn ns(&self) -> u64 {
        self.end_ns - self.start_ns
    }
}

/// The spans of one worker, in order. They do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Lane {
    /// The operating system's id of the worker's process; 0 if the worker did nothing.
    pub process: u32,
    /// On Linux the operating system's id of the worker's thread, the last one if it had several; elsewhere
    /// the worker's number, from 1.
    pub thread: u32,
    /// The worker's spans.
    pub spans: Vec<Span>,
    /// The cores that it ran on at the end of a chunk, by the operating system's numbers; empty where that is not
    /// known: only Linux reports it.
    pub cores: BTreeSet<usize>,
}

impl Lane {
    /// Merges spans until there are at most `most`, or one of each activity: the spans that begin in the same
    /// stretch of time, of the shortest stretches that leave so few.
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

/// Merges the spans that begin in the same stretch of time: one span of each activity, as long as all of
/// that activity together, one after the other.
fn merged(spans: &[Span], stretch: u64) -> Vec<Span> {
    let is_near = |one: &Span, other: &Span| one.start_ns / stretch == other.start_ns / stretch;
    let mut all = Vec::new();
    for near in spans.chunk_by(is_near) {
        let mut sums: Vec<Span> = Vec::new();
        for span in near {
            match sums.iter_mut().find(|sum| sum.activity == span.activity) {
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

/// The work of one worker so far, without the span that is under way.
#[cfg(feature = "live")]
#[derive(Clone, Copy, Default)]
pub(crate) struct Load {
    /// The chunks counted.
    pub(crate) chunks: u64,
    /// The time spent on them, in nanoseconds.
    pub(crate) busy_ns: u64,
}

#[cfg(feature = "live")]
impl Lane {
    /// The sum of the lane's spans.
    pub(crate) fn load(&self) -> Load {
        let busy = self.spans.iter().filter(|span| span.activity.is_busy());
        busy.fold(Load::default(), |sum, span| Load {
            chunks: sum.chunks + span.chunks,
            busy_ns: sum.busy_ns + span.ns(),
        })
    }
}

/// The activities of all workers of a run.
///
/// ```
/// use pi_mc::{Plan, Walk};
///
/// let walk = Walk::of(Plan::first(42, 1_000_000)?).with_timeline();
/// let mut walk = walk.start()?;
/// while walk.step(u64::MAX, || false)?.is_some() {}
/// assert_eq!(walk.timeline().counted(), 785_725);
/// # Ok::<(), pi_mc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Timeline {
    /// The run's name: "queue, 4 workers".
    pub name: String,
    /// The id of the process that started the workers.
    pub process: u32,
    /// The run's hits.
    pub hits: u64,
    /// The time the run took.
    pub elapsed_ns: u64,
    /// A lane for each worker.
    pub lanes: Vec<Lane>,
}

/// A run's name: "queue, 4 workers".
pub(crate) fn name(what: &str, workers: usize) -> String {
    format!("{what}, {}", counted(workers, "worker"))
}

impl Timeline {
    /// All spans, worker by worker.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.lanes.iter().flat_map(|lane| &lane.spans)
    }

    /// The hits that the workers counted: more than [`Self::hits`] if a race lost some.
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
