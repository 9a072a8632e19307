//! Runs every row of a comparison in turn. Every round runs each row once, so that a drift of the machine's
//! speed affects all rows alike.

use std::collections::HashMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::time::SystemTime;

use crate::compare::baseline::{Baseline, BaselineError, BaselineReport};
use crate::compare::lineup::{Entry, Lineup};
#[cfg(feature = "cli")]
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, Row, Setup};
use crate::compare::sizes;
use crate::compare::strategy::Strategy;
use crate::compare::trial::Trial;
use crate::engine::cores;
use crate::engine::machine::Machine;
use crate::engine::progress::Progress;
use crate::engine::timeline::Timeline;
use crate::engine::whole;
use crate::error::Error;

/// How far a comparison is, and what it has found.
pub(crate) struct RunsDone<'a> {
    /// The size being compared, from 1, and the number of sizes.
    pub(crate) size: (usize, usize),
    /// The runs of this size that are done.
    pub(crate) done: usize,
    /// All runs of this size.
    pub(crate) total: usize,
    setup: &'a Setup,
    sims: u64,
    machine: &'a Machine,
    entries: &'a [Entry],
}

impl RunsDone<'_> {
    /// The numbers alone.
    fn progress(&self) -> Progress {
        Progress {
            size: self.size,
            ..Progress::new(self.done as u64, Some(self.total as u64))
        }
    }

    /// The row whose run is next; `None` after the last run.
    #[cfg(feature = "cli")]
    pub(crate) fn next(&self) -> Option<(&StrategyName, NonZero<usize>)> {
        let next = &self.entries[self.done % self.entries.len()].trial;
        (self.done < self.total).then_some((&next.strategy, next.workers))
    }

    /// The number of complete rounds, without those to warm up.
    pub(crate) fn rounds(&self) -> usize {
        (self.done / self.entries.len()).saturating_sub(self.setup.warmup)
    }

    /// The rows of all complete rounds, judged; `None` before the first.
    pub(crate) fn comparison(&self) -> Option<Comparison> {
        let rounds = self.rounds();
        let trials = self.entries.iter().map(|entry| entry.trial.clone());
        let mut trials: Vec<Trial> = trials.collect();
        for trial in &mut trials {
            trial.runs.truncate(rounds);
        }
        (rounds > 0).then(|| Comparison {
            setup: self.setup.clone(),
            sims: self.sims,
            machine: self.machine.clone(),
            partial: self.done < self.total,
            rows: Row::judge_all(&trials, self.setup.scaling, cores::cores().get()),
        })
    }
}

/// The outcome of [`run`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// A comparison of each size. If it was stopped, the last one has the rows of all complete rounds.
    pub comparisons: Vec<Comparison>,
    /// The changes since the baseline; `None` without a baseline, and for a comparison that was stopped.
    pub baseline: Option<BaselineReport>,
}

impl Outcome {
    /// The outcome without a baseline.
    pub(crate) fn of(comparisons: Vec<Comparison>) -> Outcome {
        Outcome {
            comparisons,
            baseline: None,
        }
    }

    /// The outcome with the changes since the baseline, if there is one.
    pub(crate) fn since(
        comparisons: Vec<Comparison>,
        baseline: Option<&Baseline>,
    ) -> Result<Outcome, BaselineError> {
        let changes = baseline.map(|baseline| baseline.compare_with(&comparisons));
        Ok(Outcome {
            baseline: changes.transpose()?,
            comparisons,
        })
    }
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A strategy failed, or the darts cannot be numbered.
    #[error(transparent)]
    Strategy(#[from] Error),

    /// The baseline cannot be compared with.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
}

impl From<CompareError> for Error {
    fn from(error: CompareError) -> Error {
        match error {
            CompareError::Strategy(error) => error,
            CompareError::Baseline(error) => Error::Invalid(format!("the baseline: {error}")),
        }
    }
}

/// Compares the strategies at each of `sizes`, which are numbers of darts, and compares the result with the
/// baseline, if there is one. Without any size, it takes the baseline's, or enough darts to time serial.
///
/// Between two runs it reports to `progress` how far it is, and stops if that says so.
///
/// ```
/// use std::num::NonZero;
/// use std::ops::ControlFlow::Continue;
///
/// use pi_mc::compare::strategy::Strategy;
/// use pi_mc::compare::{self, Lineup, Setup};
///
/// let two = NonZero::new(2).unwrap();
/// let mut lineup = Lineup::default();
/// lineup.strategies = vec![Strategy::Pool, Strategy::Race];
/// lineup.workers = vec![two];
/// lineup.runs = two;
/// let outcome = compare::run(&Setup::default(), &[200_000], &lineup, None, |_| Continue(()))?;
/// let rows = &outcome.comparisons[0].rows;
/// assert_eq!(rows[1].hits, rows[0].hits); // the pool's are serial's
/// assert!(rows[2].hits <= rows[0].hits); // the race may have lost some
/// # Ok::<(), pi_mc::Error>(())
/// ```
///
/// # Errors
/// Before the first run, if the darts grow too many with the workers, and those of [`Plan::new`](crate::Plan::new) and
/// [`Baseline::check`]. Then those of [`Strategy::count`](crate::compare::strategy::Strategy::count).
pub fn run(
    setup: &Setup,
    sizes: &[u64],
    lineup: &Lineup,
    baseline: Option<&Baseline>,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, CompareError> {
    run_by_rounds(setup, sizes, lineup, baseline, |runs| {
        progress(runs.progress())
    })
}

/// Does what [`run`] does, and lets `progress` see the complete rounds.
pub(crate) fn run_by_rounds(
    setup: &Setup,
    sizes: &[u64],
    lineup: &Lineup,
    baseline: Option<&Baseline>,
    mut progress: impl FnMut(&RunsDone) -> ControlFlow<()>,
) -> Result<Outcome, CompareError> {
    let sizes = match (sizes, baseline) {
        ([], Some(baseline)) => baseline.sizes(),
        ([], None) => {
            let rate = sizes::probe(lineup.kernel, setup.io_wait)?;
            vec![sizes::darts(rate)]
        }
        (sizes, _) => sizes.to_vec(),
    };
    let entries = sizes.iter().map(|sims| lineup.entries(setup, *sims));
    let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    if let Some(baseline) = baseline {
        let machine = Machine::this(lineup.kernel.name(), SystemTime::now());
        baseline.check(setup, &machine, &sizes)?;
    }

    let mut comparisons = Vec::new();
    for ((sims, entries), number) in sizes.iter().zip(entries).zip(1..) {
        let size = (number, sizes.len());
        let runs = lineup.runs.get();
        let (comparison, flow) = compare_size(setup, *sims, entries, runs, size, &mut progress)?;
        comparisons.extend(comparison);
        if flow.is_break() {
            return Ok(Outcome::of(comparisons));
        }
    }
    Ok(Outcome::since(comparisons, baseline)?)
}

/// Compares at one size: its number, and the number of sizes, are `size`. Runs each entry `runs` times. A stopped
/// comparison has the rows of all complete rounds; `None` if there is no such round.
fn compare_size(
    setup: &Setup,
    sims: u64,
    mut entries: Vec<Entry>,
    runs: usize,
    size: (usize, usize),
    progress: &mut impl FnMut(&RunsDone) -> ControlFlow<()>,
) -> Result<(Option<Comparison>, ControlFlow<()>), Error> {
    let machine = machine(&entries);
    count_serially(&mut entries)?;

    let rows = entries.len();
    let total = (setup.warmup + runs) * rows;
    let mut done = 0;
    loop {
        let so_far = RunsDone {
            size,
            done,
            total,
            setup,
            sims,
            machine: &machine,
            entries: &entries,
        };
        let flow = progress(&so_far);
        if flow.is_break() || done == total {
            return Ok((so_far.comparison(), flow));
        }
        let entry = &mut entries[done % rows];
        let run = entry.run()?;
        if done / rows >= setup.warmup {
            entry.trial.runs.push(run);
        }
        done += 1;
    }
}

/// The machine, with the cores that the workers of all entries are pinned to. All have serial's kernel and pinning.
fn machine(entries: &[Entry]) -> Machine {
    let serial = &entries[0].task;
    let most = entries.iter().map(Entry::workers).max();
    Machine::this(serial.kernel.name(), SystemTime::now())
        .pinned(serial.pinning.as_ref(), most.unwrap_or(1))
}

/// Counts serial's hits for every entry, once for the same darts.
fn count_serially(entries: &mut [Entry]) -> Result<(), Error> {
    let mut known = HashMap::new();
    for Entry { trial, task, .. } in entries {
        let sims = task.plan.sims();
        trial.serial_hits = match known.get(&sims) {
            Some(hits) => *hits,
            None => whole::count(&task.plan, task.kernel, NonZero::<usize>::MIN)?.hits,
        };
        known.insert(sims, trial.serial_hits);
    }
    Ok(())
}

/// Runs each row of a comparison of `sims` darts once more, and records which worker does what, and when; serial
/// only if the lineup names it, or nothing. Not for timing: taking notes may slow a run. A caller's own strategy
/// takes no notes, and has no timeline. Between two runs it reports to `progress` how many are done, and of
/// how many, and stops if that says so.
///
/// # Errors
/// As [`run`].
pub fn timelines(
    setup: &Setup,
    sims: u64,
    lineup: &Lineup,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Vec<Timeline>, Error> {
    let mut entries = lineup.entries(setup, sims)?;
    if !lineup.strategies.is_empty() && !lineup.strategies.contains(&Strategy::Serial) {
        entries.remove(0);
    }
    let mut timelines = Vec::new();
    let known = entries
        .iter()
        .filter_map(|entry| Some((entry, entry.trial.strategy.known()?)));
    let known: Vec<_> = known.collect();
    let so_far = |done: usize| Progress::new(done as u64, Some(known.len() as u64));
    while progress(so_far(timelines.len())).is_continue() {
        let Some((entry, strategy)) = known.get(timelines.len()) else {
            break;
        };
        timelines.push(strategy.timeline(&entry.task)?);
    }
    Ok(timelines)
}
