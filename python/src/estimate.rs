//! `estimate` and `Walk`: a run in one call, or step by step.

use pi_mc::Record;
use pyo3::prelude::*;

use crate::error::{invalid, of_library};
use crate::number::{self, given};
use crate::result::RunResult;
use crate::run::{self, Asked, DEFAULT_SIMS, Run};

/// Throws darts and estimates pi. The hits of a seed are the same for any number of workers, shards or machines.
///
/// sims: the number of darts, from 1 to 2^64-1, also as 1e7. By default 10 million, or with a limit or a range
///     as many as that takes.
/// workers: the number of threads, from 1 to 4096. By default as many as the darts repay, at most one a core.
/// seed: from 0 to 2^64-1. By default one is drawn, and the result has it.
/// kernel: "avx512", "avx2", "sse4.1", "neon" or "portable". By default the fastest that this CPU has. The hits are
///     the same with each.
/// time_limit: seconds after which the run ends.
/// target_error: the standard error at which the run ends. It is checked at fixed numbers of darts, so any number of
///     workers stops at the same one.
/// shard: a pair (i, n): count only the i-th of n parts, from 1 to n. `merge` adds the parts up.
/// range: a range(first, end) of darts to count instead of the first ones.
/// method: "darts" throws every dart; "lazy" draws the number of hits from its exact distribution, which is as accurate
///     and takes a moment for 10**18 darts. Lazy takes only sims and seed besides.
///
/// Raises InvalidError, a ValueError, for a value out of range, TypeError for one of the wrong type, and FailedError if
/// the operating system refuses a thread that was asked for. Ctrl-C raises KeyboardInterrupt within 0.2 s.
#[pyfunction]
#[pyo3(signature = (sims=None, *, workers=None, seed=None, kernel=None, time_limit=None, target_error=None, shard=None, range=None, method="darts"))]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub(crate) fn estimate<'py>(
    py: Python<'py>,
    sims: Option<Bound<'py, PyAny>>,
    workers: Option<Bound<'py, PyAny>>,
    seed: Option<Bound<'py, PyAny>>,
    kernel: Option<String>,
    time_limit: Option<Bound<'py, PyAny>>,
    target_error: Option<Bound<'py, PyAny>>,
    shard: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    range: Option<Bound<'py, PyAny>>,
    method: &str,
) -> PyResult<RunResult> {
    let asked = Asked {
        sims,
        workers,
        seed,
        kernel,
        time_limit,
        target_error,
        shard,
        range,
    };
    match method {
        "darts" => {
            let mut run = Run::start(py, &asked)?;
            while run.step(py)?.is_some() {
                py.check_signals()?;
            }
            Ok(RunResult(run.record()))
        }
        "lazy" => lazy(py, &asked),
        method => Err(invalid(format!(
            "method='{method}': expected 'darts' or 'lazy'"
        ))),
    }
}

/// Draws the hits.
fn lazy(py: Python, asked: &Asked) -> PyResult<RunResult> {
    let thrown = [
        ("workers", asked.workers.is_some()),
        ("kernel", asked.kernel.is_some()),
        ("time_limit", asked.time_limit.is_some()),
        ("target_error", asked.target_error.is_some()),
        ("shard", asked.shard.is_some()),
        ("range", asked.range.is_some()),
    ];
    if let Some((name, _)) = thrown.iter().find(|(_, is_given)| *is_given) {
        return Err(invalid(format!(
            "{name} is for darts that are thrown; method='lazy' takes only sims and seed"
        )));
    }
    let sims = given("sims", asked.sims.as_ref(), number::sims)?.unwrap_or(DEFAULT_SIMS);
    let seed = run::seed(py, asked.seed.as_ref())?;
    let record = py.detach(|| Record::drawn(seed, sims));
    Ok(RunResult(record.map_err(of_library)?))
}

/// A run that shows itself while it counts: iterates over results, one about each tenth of a second, each with all
/// darts so far. All but the last are partial.
///
/// The arguments are those of `estimate`. The threads sleep between two steps.
#[pyclass(module = "pi_mc")]
pub(crate) struct Walk(Run);

#[pymethods]
impl Walk {
    #[new]
    #[pyo3(signature = (sims=None, *, workers=None, seed=None, kernel=None, time_limit=None, target_error=None, shard=None, range=None))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn new<'py>(
        py: Python<'py>,
        sims: Option<Bound<'py, PyAny>>,
        workers: Option<Bound<'py, PyAny>>,
        seed: Option<Bound<'py, PyAny>>,
        kernel: Option<String>,
        time_limit: Option<Bound<'py, PyAny>>,
        target_error: Option<Bound<'py, PyAny>>,
        shard: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
        range: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Walk> {
        let asked = Asked {
            sims,
            workers,
            seed,
            kernel,
            time_limit,
            target_error,
            shard,
            range,
        };
        Ok(Walk(Run::start(py, &asked)?))
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&mut self, py: Python) -> PyResult<Option<RunResult>> {
        let step = self.0.step(py)?;
        // `list(walk)` runs no Python code between two steps, so nothing else would look for Ctrl-C.
        py.check_signals()?;
        Ok(step.map(|_| RunResult(self.0.record())))
    }
}
