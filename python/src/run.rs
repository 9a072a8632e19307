//! A run: from the arguments of `estimate` and `Walk` to a walk through darts, and its end at the first of its
//! limits.

use std::ops::Range;
use std::time::Instant;

use pi_mc::engine::counter::Counter;
use pi_mc::{Error, Plan, Record, Tally, Walk};
use pyo3::prelude::*;
use pyo3::types::PyRange;

use crate::error::{invalid, of_library};
use crate::number::{self, from_zero, given, wrong_type};

/// How many darts a run throws by default.
pub(crate) const DEFAULT_SIMS: u64 = 10_000_000;

/// The arguments of a run, as Python passes them.
#[derive(Default)]
pub(crate) struct Asked<'py> {
    pub(crate) sims: Option<Bound<'py, PyAny>>,
    pub(crate) workers: Option<Bound<'py, PyAny>>,
    pub(crate) seed: Option<Bound<'py, PyAny>>,
    pub(crate) kernel: Option<String>,
    pub(crate) time_limit: Option<Bound<'py, PyAny>>,
    pub(crate) target_error: Option<Bound<'py, PyAny>>,
    pub(crate) shard: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    pub(crate) range: Option<Bound<'py, PyAny>>,
}

/// A run that has started.
pub(crate) struct Run {
    walk: Walk,
    /// The number of darts of the whole; `None` if something else ends the run.
    total: Option<u64>,
    range: Option<Range<u64>>,
    deadline: Option<Instant>,
    target_error: Option<f64>,
    is_over: bool,
}

impl Run {
    /// Starts the threads of the run.
    pub(crate) fn start(py: Python, asked: &Asked) -> PyResult<Run> {
        let sims = given("sims", asked.sims.as_ref(), number::sims)?;
        let seed = seed(py, asked.seed.as_ref())?;
        let workers = given("workers", asked.workers.as_ref(), number::workers)?;
        let counter = Counter::named(asked.kernel.as_deref().unwrap_or("auto"));
        let counter = counter.map_err(of_library)?;
        let limit = given("time_limit", asked.time_limit.as_ref(), number::limit)?;
        let target_error = given(
            "target_error",
            asked.target_error.as_ref(),
            number::positive,
        )?;
        let range = given("range", asked.range.as_ref(), darts_of)?;
        if range.is_some() && (sims.is_some() || asked.shard.is_some()) {
            return Err(invalid(
                "range says which darts to count; leave out sims and shard",
            ));
        }

        let is_open = range.is_some() || limit.is_some() || target_error.is_some();
        let total = sims.or((!is_open).then_some(DEFAULT_SIMS));
        let all = Plan::first(seed, total.unwrap_or(u64::MAX)).map_err(of_library)?;
        let plan = match (&asked.shard, &range) {
            (Some((number, of)), _) => {
                let number = from_zero("shard number", number)?;
                all.shard(number, number::sims("shards", of)?)
            }
            (None, Some(range)) => Plan::new(seed, range.clone()),
            (None, None) => Ok(all),
        };
        let plan = plan.map_err(of_library)?;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let walk = Walk::of(plan).counter(counter).workers(workers);
        let walk = py.detach(|| walk.start()).map_err(of_library)?;
        Ok(Run {
            walk,
            total,
            range,
            deadline,
            target_error,
            is_over: false,
        })
    }

    /// Counts for about a tenth of a second, or to the end; `None` if it was reached before.
    pub(crate) fn step(&mut self, py: Python) -> PyResult<Option<Tally>> {
        py.detach(|| self.count()).map_err(of_library)
    }

    fn count(&mut self) -> Result<Option<Tally>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let is_late = || self.deadline.is_some_and(|end| Instant::now() >= end);
        let check = |_| self.walk.tally().next_check();
        let until = self.target_error.map_or(u64::MAX, check);
        let tally = self.walk.step(until, is_late)?;
        let is_small = |target| self.walk.tally().reaches(target);
        self.is_over = is_late() || self.target_error.is_some_and(is_small);
        Ok(tally)
    }

    /// The record of the darts counted so far. A run that ends at a limit is whole, but a part of a run, which is to
    /// be merged, is whole only at its end.
    pub(crate) fn record(&self) -> Record {
        let mut record = self.walk.record();
        let is_shard = record.shard.is_some();
        let is_part = self.range.is_some() || is_shard && self.total.is_some();
        record.partial &= is_part || !self.is_over;
        record.total = self.total.filter(|_| record.partial || is_shard);
        record.range = self.range.as_ref().map(|range| (range.start, range.end));
        record
    }
}

/// The seed asked for, or one from the operating system, below 2^53 because every JSON reader keeps such a number
/// exactly.
pub(crate) fn seed(py: Python, asked: Option<&Bound<PyAny>>) -> PyResult<u64> {
    match asked {
        Some(seed) => from_zero("seed", seed),
        None => {
            let drawn = py.import("os")?.call_method1("urandom", (8,))?;
            let drawn: [u8; 8] = drawn.extract()?;
            Ok(u64::from_ne_bytes(drawn) >> (64 - 53))
        }
    }
}

/// The darts of a range(first, end) or a pair (first, end).
fn darts_of(name: &str, given: &Bound<PyAny>) -> PyResult<Range<u64>> {
    let expected = "expected a range(first, end) of darts, or a pair (first, end)";
    let (first, end) = if let Ok(range) = given.cast::<PyRange>() {
        if !range.getattr("step")?.eq(1)? {
            return Err(invalid(format!(
                "{name}={given}: {expected}, without a step"
            )));
        }
        (range.getattr("start")?, range.getattr("stop")?)
    } else {
        let pair = given.extract();
        pair.map_err(|_| wrong_type(name, given, expected))?
    };
    let first = from_zero("range's first dart", &first)?;
    Ok(first..from_zero("range's end", &end)?)
}
