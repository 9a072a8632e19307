//! A count on a GPU. Two batches are in flight at any time, so that the device never waits for the CPU:
//! while the device counts one and the next waits behind it, the crew's threads settle the darts that the
//! last one left undecided. The CPU also counts the chunks that a range cuts, and counts some chunks again,
//! to find a device that computes wrongly.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::darts::contract::CHUNK_DARTS;
use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::crew::{Crew, Deal};
use crate::engine::gpu::batch::{Batch, Found};
use crate::engine::gpu::device::{Device, MOST_CHUNKS};
use crate::engine::recorder::Recorder;
use crate::engine::timeline::Activity;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::kernel::chacha::Key;

/// Batches in flight.
const FLYING: usize = 2;

/// How long the device should take for a batch. Two of them are well below the longest step of a walk.
const TARGET: Duration = Duration::from_millis(40);

/// Chunks of the first batch: any device counts them in a moment.
const FIRST_CHUNKS: u64 = 16;

/// Listed darts that a thread settles at a time, in some tens of microseconds.
const SETTLED_AT_A_TIME: usize = 1024;

/// The ordinary numbers of sure hits in a chunk: within ten standard deviations of 105 of 65536 pi/4. One chunk
/// in 10^22 lies beyond. The device decides all but about four darts of a chunk.
const ORDINARY: Range<u32> = 50_400..52_530;

/// The batches of one walk.
pub(crate) struct Flights {
    device: Device,
    /// The kernel that the CPU counts and settles with.
    kernel: Kernel,
    /// The batches in flight with the time of their launch, in the order of their chunks.
    flying: VecDeque<(Batch, Instant)>,
    idle: Vec<Batch>,
    /// The chunks of the next batch.
    size: u64,
    /// The time at which the last batch landed.
    landed: Instant,
    /// The time that the device took for all batches.
    #[cfg(feature = "internals")]
    pub(crate) busy: Duration,
}

impl Flights {
    pub(crate) fn new(device: Device) -> Flights {
        Flights {
            device,
            kernel: Kernel::detect(),
            flying: VecDeque::new(),
            idle: (0..FLYING).map(|_| Batch::new()).collect(),
            size: FIRST_CHUNKS,
            landed: Instant::now(),
            #[cfg(feature = "internals")]
            busy: Duration::ZERO,
        }
    }

    /// Counts `plan` from its first dart on until `is_over`, but at least one batch or chunk.
    ///
    /// # Errors
    /// [`Error::Failed`] and [`Error::Wrong`].
    pub(crate) fn count(
        &mut self,
        plan: &Plan,
        crew: &Crew,
        log: &Recorder,
        is_over: impl Fn() -> bool,
    ) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        loop {
            let rest = plan.part(tally.sims..plan.sims())?;
            let counted = match whole_chunks(&rest) {
                chunks if chunks.is_empty() => self.edge(&rest, log),
                chunks => self.batch(plan.seed(), chunks, crew, log)?,
            };
            tally.sims += counted.sims;
            tally.hits += counted.hits;
            if tally.sims == plan.sims() || is_over() {
                return Ok(tally);
            }
        }
    }

    /// Counts the part of the first chunk that is in `plan`.
    fn edge(&self, plan: &Plan, log: &Recorder) -> Tally {
        let chunk = plan.chunks().start;
        let places = plan.places(chunk);
        let key = Key::new(plan.seed());
        let sims = places.len() as u64;
        let count = || u64::from(self.kernel.count_chunk(&key, chunk, places));
        let hits = log.worker(0).count(chunk..chunk + 1, count);
        Tally { sims, hits }
    }

    /// Counts the first batch of `chunks`.
    fn batch(
        &mut self,
        seed: u64,
        chunks: Range<u64>,
        crew: &Crew,
        log: &Recorder,
    ) -> Result<Tally, Error> {
        let key = Key::new(seed);
        self.ground_all_but(&key, &chunks)?;
        // Some drivers do the work during the launch, which is then a wait.
        log.worker(0)
            .wait(Activity::Io, || self.launch(&key, &chunks));
        let Some((mut batch, launched)) = self.flying.pop_front() else {
            unreachable!("a batch was launched");
        };
        let own = batch.chunks().cloned().unwrap_or(chunks.clone());
        let found = log
            .worker(0)
            .wait(Activity::Io, || batch.land(&self.device, &key));
        self.idle.push(batch);
        let found = found?;
        let n = own.end - own.start;
        self.set_pace(n, launched);
        // The device counts the next batch while the CPU settles this one.
        log.worker(0)
            .wait(Activity::Io, || self.launch(&key, &chunks));

        self.check(&key, seed, &own, &found)?;
        let settled = self.settle(&key, seed, own.start, &found.listed, crew, log)?;
        let sure = || found.hits.iter().copied().map(u64::from).sum();
        let sure: u64 = log.worker(0).count(own, sure);
        Ok(Tally {
            sims: n * u64::from(CHUNK_DARTS),
            hits: sure + settled,
        })
    }

    /// Leaves only batches in flight that count `chunks` from the first on. Others are left over from a step
    /// with a different end.
    fn ground_all_but(&mut self, key: &Key, chunks: &Range<u64>) -> Result<(), Error> {
        let flown = self.flying.iter().filter_map(|(batch, _)| batch.chunks());
        let mut next = chunks.start;
        let mut fits = true;
        for own in flown {
            fits &= own.start == next && own.end <= chunks.end;
            next = own.end;
        }
        if fits {
            return Ok(());
        }
        while let Some((mut batch, _)) = self.flying.pop_front() {
            let landed = batch.land(&self.device, key);
            self.idle.push(batch);
            landed?;
        }
        Ok(())
    }

    /// Launches batches of `chunks`, after those in flight.
    fn launch(&mut self, key: &Key, chunks: &Range<u64>) {
        let last = self
            .flying
            .back()
            .and_then(|(batch, _)| Some(batch.chunks()?.end));
        let mut start = last.unwrap_or(chunks.start);
        while start < chunks.end
            && let Some(mut batch) = self.idle.pop()
        {
            let end = chunks.end.min(start.saturating_add(self.size));
            batch.launch(&self.device, key, start..end);
            self.flying.push_back((batch, Instant::now()));
            start = end;
        }
    }

    /// Chooses the size of the next batches by the time that a batch of `n` chunks took. The device began it
    /// when the batch before it was done, or at its launch.
    fn set_pace(&mut self, n: u64, launched: Instant) {
        let took = launched.max(self.landed).elapsed();
        #[cfg(feature = "internals")]
        {
            self.busy += took;
        }
        self.landed = Instant::now();
        let took = took.as_secs_f64();
        let wanted = (n as f64 * TARGET.as_secs_f64() / took.max(1e-9)) as u64;
        let near = wanted.clamp(self.size / 2, self.size * 4);
        self.size = near.clamp(1, MOST_CHUNKS);
    }

    /// Counts one chunk again, which the hits choose as if at random, and the first chunk out of the ordinary.
    ///
    /// # Errors
    /// [`Error::Wrong`] if the CPU counts different hits.
    fn check(&self, key: &Key, seed: u64, chunks: &Range<u64>, found: &Found) -> Result<(), Error> {
        let sum: u64 = found.hits.iter().copied().map(u64::from).sum();
        let drawn = (sum % found.hits.len() as u64) as u32;
        let strange = (0..)
            .zip(&found.hits)
            .find(|(_, hits)| !ORDINARY.contains(hits));
        let strange = strange.map(|(place, _)| place);
        for place in [drawn].into_iter().chain(strange) {
            let is_there = |dart: &u32| dart / CHUNK_DARTS == place;
            let listed: Vec<u32> = found.listed.iter().copied().filter(is_there).collect();
            let settled = self.kernel.settle(key, chunks.start, &listed);
            let settled = settled.ok_or_else(|| self.device.lists_wrong(seed))?;
            let hits = found.hits[place as usize].saturating_add(settled);
            let chunk = chunks.start + u64::from(place);
            self.device.check_chunk(seed, chunk, hits)?;
        }
        Ok(())
    }

    /// Counts the hits among the darts in `listed`, on all threads of the crew.
    fn settle(
        &self,
        key: &Key,
        seed: u64,
        first: u64,
        listed: &[u32],
        crew: &Crew,
        log: &Recorder,
    ) -> Result<u64, Error> {
        let is_stray = AtomicBool::new(false);
        let hits_of = |piece: u64| {
            let start = piece as usize * SETTLED_AT_A_TIME;
            let end = listed.len().min(start + SETTLED_AT_A_TIME);
            let hits = self.kernel.settle(key, first, &listed[start..end]);
            if hits.is_none() {
                is_stray.store(true, Ordering::Relaxed);
            }
            u64::from(hits.unwrap_or(0))
        };
        let pieces = 0..listed.len().div_ceil(SETTLED_AT_A_TIME) as u64;
        let settle = |crew: &Crew| {
            crew.sum(
                pieces.clone(),
                log,
                Deal::InOrder { stop: || false },
                |pieces, worker| worker.count(0..0, || pieces.map(hits_of).sum()),
            )
        };
        // If a thread is refused, the calling thread settles them all.
        let (_, hits) = settle(crew).or_else(|_| settle(&Crew::alone()))?;
        if is_stray.into_inner() {
            return Err(self.device.lists_wrong(seed));
        }
        Ok(hits)
    }
}

/// The whole chunks that `plan` begins with: none if it begins within a chunk, or ends in its first.
fn whole_chunks(plan: &Plan) -> Range<u64> {
    let chunks = plan.chunks();
    let is_whole = |chunk| plan.places(chunk) == (0..CHUNK_DARTS);
    if !is_whole(chunks.start) {
        chunks.start..chunks.start
    } else if is_whole(chunks.end - 1) {
        chunks
    } else {
        chunks.start..chunks.end - 1
    }
}
