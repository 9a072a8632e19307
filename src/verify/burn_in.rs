//! A burn-in of one core after the other.

use std::num::NonZero;
use std::time::{Duration, Instant};

use crate::darts::contract::CHUNK_DARTS;
use crate::engine::clock::{cpu_time, cpu_time_since};
use crate::engine::cores::{Core, Pinning};
use crate::engine::counter::Counter;
use crate::error::Error;
use crate::verify::{BurnIn, Counted, Mismatch};

/// What a burn-in that goes core by core did on one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The core.
    pub core: Core,
    /// Counts of a chunk that it made, two of each chunk in all.
    pub counts: u64,
    /// The darts that it counted with the first counter, and the processor time that it took.
    timed: (u64, Duration),
}

impl Turn {
    /// Its darts a second of processor time with the first counter, whatever else the machine does; nothing
    /// if it did not come to that.
    pub fn sims_per_s(&self) -> Option<f64> {
        let (sims, time) = self.timed;
        (sims > 0).then(|| sims as f64 / time.as_secs_f64().max(1e-9))
    }
}

/// Chunks that a core counts before the next one's turn: some ten milliseconds, so that its clock has time
/// to rise.
const CHUNKS_A_CORE: u64 = 1024;

/// A burn-in that runs on one core at a time, so that each core gets its full power and clock rate, and a
/// wrong count can be traced to a core. Each chunk is counted twice: by a core, and
/// then by the next in the order of `pinning`, with different counters (if there are two), which change
/// once all cores have had their turn. `cores` is how many of them take part.
///
/// # Errors
/// if the operating system refuses to pin the calling thread, and those of a GPU.
pub fn burn_in_by_core(
    seed: u64,
    counters: &[Counter],
    pinning: &Pinning,
    cores: NonZero<usize>,
    stop: impl Fn() -> bool,
    mut seen: impl FnMut(u64),
) -> Result<(BurnIn, Vec<Turn>), Error> {
    let turn = |core| Turn {
        core,
        counts: 0,
        timed: (0, Duration::ZERO),
    };
    let mut turns: Vec<Turn> = pinning
        .cores_of(cores.get())
        .into_iter()
        .map(turn)
        .collect();
    let cores = turns.len();
    let (mut checked, mut mismatch) = (0, None);
    for round in 0.. {
        // The places in both lists of who counts first and who second.
        let places = [0, 1].map(|i| ((round + i) % cores, (round / cores + i) % counters.len()));
        let mut counts = [const { Vec::new() }; 2];
        for (counts, (core, counter)) in counts.iter_mut().zip(places) {
            let chunks = checked..checked + CHUNKS_A_CORE;
            let (start, cpu_start, turn) = (Instant::now(), cpu_time(), &mut turns[core]);
            *counts = pinning.on(core, || counters[counter].chunk_hits(seed, chunks))??;
            turn.counts += CHUNKS_A_CORE;
            if counter == 0 {
                turn.timed.0 += CHUNKS_A_CORE * u64::from(CHUNK_DARTS);
                turn.timed.1 += cpu_time_since(cpu_start).unwrap_or(start.elapsed());
            }
        }
        let [first, second] = &counts;
        if let Some(at) = first.iter().zip(second).position(|(a, b)| a != b) {
            let chunk = checked + at as u64;
            let counted = |i: usize| {
                let (core, counter) = places[i];
                let cpu = turns[core].core.cpu;
                Counted {
                    counter: counters[counter].name().to_owned(),
                    worker: core,
                    cores: Some((cpu, cpu)),
                    hits: counts[i][at],
                }
            };
            mismatch = Some(Mismatch::new(seed, chunk, [counted(0), counted(1)]));
            break;
        }
        checked += CHUNKS_A_CORE;
        seen(checked);
        if stop() {
            break;
        }
    }
    let chunks = checked;
    Ok((BurnIn { chunks, mismatch }, turns))
}
