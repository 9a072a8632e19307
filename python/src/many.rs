//! Results of several runs: shards that add up, what they lack, and the mean of independent runs.

use pi_mc::result::estimate::Interval;
use pi_mc::result::{Gap, MergeError};
use pi_mc::{Record, report};
use pyo3::prelude::*;
use pyo3::types::PyRange;

use crate::error::of_merge;
use crate::result::{RunResult, loaded};

/// Results from any iterable.
fn collected<'py>(results: &Bound<'py, PyAny>) -> PyResult<Vec<PyRef<'py, RunResult>>> {
    let results = results.try_iter()?;
    results.map(|result| Ok(result?.extract()?)).collect()
}

/// Records with the names by which errors call them: their places in the list.
fn named<'a>(
    results: &'a [PyRef<RunResult>],
) -> impl Iterator<Item = (String, &'a Record)> + use<'a> {
    let results = results.iter().enumerate();
    results.map(|(i, result)| (format!("results[{i}]"), &result.0))
}

/// Adds up the results of one seed's darts, such as the shards of a run, in any order.
///
/// partial: whether darts may be missing. `missing` says which.
///
/// Raises MissingError if darts are missing, and MergeError if results overlap, or belong to different runs.
#[pyfunction]
#[pyo3(signature = (results, partial=false))]
pub(crate) fn merge(results: &Bound<PyAny>, partial: bool) -> PyResult<RunResult> {
    let results = collected(results)?;
    let merged = if partial {
        pi_mc::result::merge_partial(named(&results))
    } else {
        pi_mc::merge(named(&results))
    };
    Ok(RunResult(merged.map_err(of_merge)?))
}

/// The darts that `merge` lacks, as a list of range(first, end) in order: `estimate(seed=seed, range=gap)` counts
/// them. Empty if nothing is missing.
///
/// Raises MergeError if results overlap, or belong to different runs.
#[pyfunction]
pub(crate) fn missing<'py>(
    py: Python<'py>,
    results: &Bound<'py, PyAny>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let results = collected(results)?;
    let gaps = match pi_mc::merge(named(&results)) {
        Ok(_) => Vec::new(),
        Err(MergeError::Missing(missing)) => missing.gaps,
        Err(error) => return Err(of_merge(error)),
    };
    let range = py.get_type::<PyRange>();
    let gaps = gaps.into_iter();
    gaps.map(|Gap { first, end, .. }| range.call1((first, end)))
        .collect()
}

/// The mean of the estimates of independent runs, each with its own seed: what a pool of processes with a seed each
/// computes. It differs from the estimate of one long run.
///
/// Raises MergeError if two results share darts, or one has none.
#[pyfunction]
pub(crate) fn average(results: &Bound<PyAny>) -> PyResult<Average> {
    let results = collected(results)?;
    let average = pi_mc::average(named(&results));
    Ok(Average(average.map_err(of_merge)?))
}

/// The mean of the estimates of several runs. `float(average)` is the mean.
#[pyclass(frozen, module = "pi_mc")]
pub(crate) struct Average(pi_mc::result::Average);

#[pymethods]
impl Average {
    /// The mean, in which each run has the same weight.
    #[getter]
    fn pi(&self) -> f64 {
        self.0.pi
    }

    /// The standard error of the mean; None if that of a run is unknown.
    #[getter]
    fn std_error(&self) -> Option<f64> {
        self.0.std_error
    }

    /// The two ends of the 95 % interval, the mean +- 1.96 standard errors; None if that is unknown.
    #[getter]
    fn ci95(&self) -> Option<(f64, f64)> {
        self.0.ci95.map(|Interval { low, high }| (low, high))
    }

    /// The darts of all runs together.
    #[getter]
    fn sims(&self) -> u64 {
        self.0.sims
    }

    /// The mean and each run as a dictionary, as `pi-mc merge --average --format json` prints them.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loaded(py, &serde_json::json!(self.0).to_string())
    }

    fn __float__(&self) -> f64 {
        self.0.pi
    }

    fn __repr__(&self) -> String {
        let number = |number: Option<f64>| number.map_or("None".to_owned(), |it| it.to_string());
        format!(
            "Average(pi={}, std_error={}, sims={}, runs={})",
            self.0.pi,
            number(self.0.std_error),
            self.0.sims,
            self.0.runs.len()
        )
    }

    fn __str__(&self) -> String {
        report::average::text(&self.0)
    }
}
