//! Records the spans of a run's workers while they work.

use std::cell::RefCell;
use std::mem;
use std::ops::Range;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "live")]
use crate::engine::timeline::Load;
use crate::engine::timeline::{Activity, Lane, Span, Timeline};

/// The most spans of all workers together, as long as each worker has room for [`FEWEST`].
const SPANS: usize = 10_000;
/// One span of each [`Activity`], and one more that makes them merge.
const FEWEST: usize = Activity::ALL.len() + 1;

/// Records a run, or nothing if it is off.
#[derive(Debug)]
pub struct Recorder(Option<On>);

#[derive(Debug)]
struct On {
    /// The start of the run.
    origin: Instant,
    /// The most spans of a lane.
    most: usize,
    lanes: Vec<Mutex<Lane>>,
}

impl Recorder {
    /// A recorder that records nothing.
    pub const fn off() -> Recorder {
        Recorder(None)
    }

    /// A recorder of a run on `workers` that started at `origin`.
    pub fn new(workers: usize, origin: Instant) -> Recorder {
        Recorder(Some(On {
            origin,
            most: (SPANS / workers.max(1)).max(FEWEST),
            lanes: (0..workers).map(|_| Mutex::default()).collect(),
        }))
    }

    /// A recorder for a process with one worker, of a run that another process started `unix_ns` nanoseconds
    /// after 1970.
    pub fn in_process(unix_ns: u64) -> Recorder {
        let age = since_1970().saturating_sub(Duration::from_nanos(unix_ns));
        let now = Instant::now();
        Recorder::new(1, now.checked_sub(age).unwrap_or(now))
    }

    /// The time from 1970 to the start of the run, for other processes; `None` if the recorder is off.
    pub fn unix(&self) -> Option<Duration> {
        let on = self.0.as_ref()?;
        Some(since_1970().saturating_sub(on.origin.elapsed()))
    }

    /// Records worker `number`, which runs on this thread, until the result is dropped.
    pub fn worker(&self, number: usize) -> Worker<'_> {
        let notes = self.0.as_ref().and_then(|on| Notes::begin(on, number));
        Worker(notes.map(RefCell::new))
    }

    /// Takes over the lane of worker `number`, which is another process. Times that its clock puts in the
    /// future become now.
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

    /// The lane of worker `number`, which is done; `None` if the recorder is off.
    pub fn lane(&self, number: usize) -> Option<Lane> {
        let lane = self.0.as_ref()?.lanes.get(number)?;
        Some(unlock(lane).clone())
    }

    /// The work of each worker so far, while none is at work. Empty if the recorder is off.
    #[cfg(feature = "live")]
    pub(crate) fn loads(&self) -> Vec<Load> {
        let lanes = self.0.iter().flat_map(|on| &on.lanes);
        lanes.map(|lane| unlock(lane).load()).collect()
    }

    /// The timeline of a run that ends now with `hits`, after all workers are done. It has no lanes if the
    /// recorder is off.
    pub fn timeline(&self, name: String, hits: u64) -> Timeline {
        let on = self.0.as_ref();
        let elapsed_ns = on.map_or(0, |on| nanoseconds(on.origin.elapsed()));
        let joined = |lane: &Mutex<Lane>| {
            let mut lane = unlock(lane).clone();
            if let Some(last) = lane.spans.last() {
                let join = Span::new(Activity::Join, last.end_ns, elapsed_ns);
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

/// Records one worker, on the worker's own thread.
pub struct Worker<'a>(Option<RefCell<Notes<'a>>>);

struct Notes<'a> {
    origin: Instant,
    most: usize,
    lane: MutexGuard<'a, Lane>,
    /// Whether a span has begun and not ended.
    is_open: bool,
    /// The worker's waits within that span, in nanoseconds.
    waited: Option<(Activity, u64)>,
}

impl Worker<'_> {
    /// Does `work`, which waits. Waits within [`Worker::add`] are added up.
    pub fn wait<T>(&self, activity: Activity, work: impl FnOnce() -> T) -> T {
        self.span(activity, 0..0, work, |_| 0)
    }

    /// Does `work`, which counts the hits of `chunks`.
    pub fn count(&self, chunks: Range<u64>, work: impl FnOnce() -> u64) -> u64 {
        self.span(Activity::Count, chunks, work, |hits| *hits)
    }

    /// Does `work`, which adds hits to a shared counter.
    pub fn add(&self, work: impl FnOnce()) {
        self.span(Activity::Add, 0..0, work, |()| 0);
    }

    fn span<T>(
        &self,
        activity: Activity,
        chunks: Range<u64>,
        work: impl FnOnce() -> T,
        hits: impl FnOnce(&T) -> u64,
    ) -> T {
        let Some(notes) = &self.0 else { return work() };
        let is_outer = !mem::replace(&mut notes.borrow_mut().is_open, true);
        let start = Instant::now();
        let done = work();
        let mut notes = notes.borrow_mut();
        if !chunks.is_empty() {
            notes.lane.cores.extend(core());
        }
        let start_ns = nanoseconds(start - notes.origin);
        let end_ns = nanoseconds(notes.origin.elapsed());
        let span = Span {
            first_chunk: chunks.start,
            chunks: chunks.end - chunks.start,
            hits: hits(&done),
            ..Span::new(activity, start_ns, end_ns)
        };
        if is_outer {
            notes.note(span);
        } else {
            let sum = notes.waited.map_or(0, |(_, sum)| sum);
            notes.waited = Some((activity, sum + span.ns()));
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
            let start = Span::new(Activity::Start, 0, nanoseconds(on.origin.elapsed()));
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

    /// Records a span that has ended, and after it the waits within it.
    fn note(&mut self, span: Span) {
        self.is_open = false;
        let Span { end_ns, .. } = span;
        let waited = self.waited.take();
        let wait =
            waited.map(|(activity, ns)| Span::new(activity, end_ns - ns.min(span.ns()), end_ns));
        let end_ns = wait.map_or(end_ns, |wait| wait.start_ns);
        self.lane.spans.push(Span { end_ns, ..span });
        self.lane.spans.extend(wait);
        if self.lane.spans.len() >= self.most {
            self.lane.thin(self.most / 2);
        }
    }
}

/// Locks a lane, which nobody but its worker uses until the run ends.
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

/// The core that this thread is on; `None` where the system does not report it.
fn core() -> Option<usize> {
    #[cfg(target_os = "linux")]
    return Some(rustix::thread::sched_getcpu());
    #[cfg(not(target_os = "linux"))]
    return None;
}

#[cfg(target_os = "linux")]
fn thread_id(_: usize) -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

#[cfg(not(target_os = "linux"))]
fn thread_id(number: usize) -> u32 {
    number as u32 + 1
}
