//! Takes the notes of a run's workers as they work.

use std::cell::RefCell;
use std::mem;
use std::ops::Range;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::engine::timeline::{Kind, Lane, Span, Timeline};

/// The most spans of all workers, as long as each has room for [`FEWEST`].
const SPANS: usize = 10_000;
/// One of each [`Kind`], and one more that makes them merge.
const FEWEST: usize = Kind::ALL.len() + 1;

/// Takes the notes of a run, or of none if it is off.
pub struct Recorder(Option<On>);

struct On {
    /// The start of the run.
    origin: Instant,
    /// The most spans of a lane.
    most: usize,
    lanes: Vec<Mutex<Lane>>,
}

impl Recorder {
    /// A recorder that takes no notes.
    pub const fn off() -> Recorder {
        Recorder(None)
    }

    /// A recorder of a run on `workers`, which started at `origin`.
    pub fn new(workers: usize, origin: Instant) -> Recorder {
        Recorder(Some(On {
            origin,
            most: (SPANS / workers.max(1)).max(FEWEST),
            lanes: (0..workers).map(|_| Mutex::default()).collect(),
        }))
    }

    /// A recorder for the one worker of a process, of a run that another process started at this many
    /// nanoseconds since 1970.
    pub fn in_process(unix_ns: u64) -> Recorder {
        let age = since_1970().saturating_sub(Duration::from_nanos(unix_ns));
        let now = Instant::now();
        Recorder::new(1, now.checked_sub(age).unwrap_or(now))
    }

    /// When the run started by the wall clock, which other processes share; none if it is off.
    pub fn unix(&self) -> Option<Duration> {
        let on = self.0.as_ref()?;
        Some(since_1970().saturating_sub(on.origin.elapsed()))
    }

    /// Takes notes of worker `number`, who is on this thread, until they are dropped.
    pub fn worker(&self, number: usize) -> Worker<'_> {
        let notes = self.0.as_ref().and_then(|on| Notes::begin(on, number));
        Worker(notes.map(RefCell::new))
    }

    /// Takes over the notes of worker `number`, who is another process. What its clock may have got
    /// wrong is put between the start of the run and now.
    pub fn adopt(&self, number: usize, lane: Lane) {
        let Some(on) = &self.0 else { return };
        let now = nanoseconds(on.origin.elapsed());
        let mut lane = lane;
        for span in &mut lane.spans {
            span.start_ns = span.start_ns.min(now);
            span.end_ns = span.end_ns.min(now);
        }
        lane.thin(on.most);
        if let Some(place) = on.lanes.get(number) {
            *unlock(place) = lane;
        }
    }

    /// What was noted of worker `number`, who is done.
    pub fn lane(&self, number: usize) -> Option<Lane> {
        let lane = self.0.as_ref()?.lanes.get(number)?;
        Some(unlock(lane).clone())
    }

    /// What was noted of a run that ends now and gave `hits`; nothing if it is off. All workers are done.
    pub fn timeline(&self, name: String, hits: u64) -> Timeline {
        let on = self.0.as_ref();
        let elapsed_ns = on.map_or(0, |on| nanoseconds(on.origin.elapsed()));
        let joined = |lane: &Mutex<Lane>| {
            let mut lane = unlock(lane).clone();
            if let Some(last) = lane.spans.last() {
                let join = Span::new(Kind::Join, last.end_ns, elapsed_ns);
                lane.spans.push(join);
            }
            lane
        };
        let lanes = on.iter().flat_map(|on| &on.lanes);
        Timeline {
            name,
            process: process::id(),
            hits,
            elapsed_ns,
            lanes: lanes.map(joined).collect(),
        }
    }
}

/// The notes of one worker, who takes them on its own thread.
pub struct Worker<'a>(Option<RefCell<Notes<'a>>>);

struct Notes<'a> {
    origin: Instant,
    most: usize,
    lane: MutexGuard<'a, Lane>,
    /// Whether a span has begun and not ended.
    is_open: bool,
    /// How long it has waited within that span.
    waited: Option<(Kind, u64)>,
}

impl Worker<'_> {
    /// Does `work`, which is to wait. Waits within [`Worker::add`] are summed up.
    pub fn wait<T>(&self, kind: Kind, work: impl FnOnce() -> T) -> T {
        self.span(kind, 0..0, work, |_| 0)
    }

    /// Does `work`, which counts the hits of `chunks`.
    pub fn count(&self, chunks: Range<u64>, work: impl FnOnce() -> u64) -> u64 {
        self.span(Kind::Count, chunks, work, |hits| *hits)
    }

    /// Does `work`, which adds hits to a shared counter.
    pub fn add(&self, work: impl FnOnce()) {
        self.span(Kind::Add, 0..0, work, |()| 0);
    }

    fn span<T>(
        &self,
        kind: Kind,
        chunks: Range<u64>,
        work: impl FnOnce() -> T,
        hits: impl FnOnce(&T) -> u64,
    ) -> T {
        let Some(notes) = &self.0 else { return work() };
        let is_outer = !mem::replace(&mut notes.borrow_mut().is_open, true);
        let start = Instant::now();
        let done = work();
        let mut notes = notes.borrow_mut();
        let start_ns = nanoseconds(start - notes.origin);
        let end_ns = nanoseconds(notes.origin.elapsed());
        let span = Span {
            first_chunk: chunks.start,
            chunks: chunks.end - chunks.start,
            hits: hits(&done),
            ..Span::new(kind, start_ns, end_ns)
        };
        if is_outer {
            notes.note(span);
        } else {
            let sum = notes.waited.map_or(0, |(_, sum)| sum);
            notes.waited = Some((kind, sum + span.ns()));
        }
        done
    }
}

impl<'a> Notes<'a> {
    fn begin(on: &'a On, number: usize) -> Option<Notes<'a>> {
        let mut lane = unlock(on.lanes.get(number)?);
        lane.process = process::id();
        lane.thread = thread_id(number);
        if lane.spans.is_empty() {
            let start = Span::new(Kind::Start, 0, nanoseconds(on.origin.elapsed()));
            lane.spans.push(start);
        }
        Some(Notes {
            origin: on.origin,
            most: on.most,
            lane,
            is_open: false,
            waited: None,
        })
    }

    /// Notes a span that has ended, and after it what it waited meanwhile.
    fn note(&mut self, span: Span) {
        self.is_open = false;
        let Span { end_ns, .. } = span;
        let waited = self.waited.take();
        let wait = waited.map(|(kind, ns)| Span::new(kind, end_ns - ns.min(span.ns()), end_ns));
        let end_ns = wait.map_or(end_ns, |wait| wait.start_ns);
        self.lane.spans.push(Span { end_ns, ..span });
        self.lane.spans.extend(wait);
        if self.lane.spans.len() >= self.most {
            self.lane.thin(self.most / 2);
        }
    }
}

/// A lane, which only its worker uses until the end.
fn unlock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn since_1970() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn thread_id(_: usize) -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

#[cfg(not(target_os = "linux"))]
fn thread_id(number: usize) -> u32 {
    number as u32 + 1
}
