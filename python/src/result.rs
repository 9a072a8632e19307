//! The result of a run: a record, with what a notebook expects of it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pi_mc::result::estimate::Interval;
use pi_mc::result::record::Method;
use pi_mc::{Plan, Record, Walk, report};
use pyo3::prelude::*;
use serde_json::Value;

use crate::error::{invalid, of_library};
use crate::plot::Plot;

/// An estimate of pi, and everything known about how it was made.
///
/// `float(result)` is the estimate. Two results are equal if all of their values are, times included; compare their
/// `hits` to compare runs. Results pickle, and `to_json` is the form in which the program `pi-mc` saves them.
#[pyclass(frozen, module = "pi_mc", name = "Result")]
pub(crate) struct RunResult(pub(crate) Record);

/// How many darts a picture counts again at most, to see the course of the estimate.
const MOST_AGAIN: u64 = 1_000_000_000;

#[pymethods]
impl RunResult {
    /// The estimate of pi, from 0 to 4; None without a dart.
    #[getter]
    fn pi(&self) -> Option<f64> {
        self.0.pi
    }

    /// The standard error of pi; None without a dart, and if all darts hit or none does.
    #[getter]
    fn std_error(&self) -> Option<f64> {
        self.0.std_error
    }

    /// The two ends of the 95 % interval for pi, by Wilson's score method.
    #[getter]
    fn ci95(&self) -> (f64, f64) {
        let Interval { low, high } = self.0.estimate().ci95;
        (low, high)
    }

    /// The darts that hit the disc.
    #[getter]
    fn hits(&self) -> u64 {
        self.0.hits
    }

    /// The darts thrown.
    #[getter]
    fn sims(&self) -> u64 {
        self.0.sims
    }

    /// The seed.
    #[getter]
    fn seed(&self) -> u64 {
        self.0.seed
    }

    /// The number of the first dart.
    #[getter]
    fn first(&self) -> u64 {
        self.0.first
    }

    /// The number of threads that counted; None for a merged result.
    #[getter]
    fn workers(&self) -> Option<u64> {
        self.0.workers
    }

    /// The kernel that counted, or "lazy"; None for a merged result.
    #[getter]
    fn kernel(&self) -> Option<&str> {
        self.0.kernel.as_deref()
    }

    /// Elapsed seconds; None for a merged result.
    #[getter]
    fn elapsed_s(&self) -> Option<f64> {
        self.0.elapsed_s
    }

    /// Seconds of processor time, of all threads together; None where it is unknown, as on Windows.
    #[getter]
    fn cpu_s(&self) -> Option<f64> {
        self.0.cpu_s
    }

    /// Darts thrown per second; None where the elapsed time is unknown.
    #[getter]
    fn sims_per_s(&self) -> Option<f64> {
        self.0.sims_per_s
    }

    /// Whether some of the darts that were asked for are missing.
    #[getter]
    fn partial(&self) -> bool {
        self.0.partial
    }

    /// The result as one line of JSON, as `pi-mc --format json` prints it.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The values of `to_json` as a dictionary.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loaded(py, &self.to_json())
    }

    /// Reads what `to_json`, or `pi-mc --format json`, wrote of thrown darts.
    ///
    /// Raises InvalidError if it is not a result, or if its values do not follow from its hits.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<RunResult> {
        let record = Record::read(text).map_err(of_library)?;
        Ok(RunResult(record))
    }

    /// Draws the first darts, and the course of the estimate. For the course it counts the darts again, at most 10**9
    /// of them.
    fn plot(&self, py: Python) -> PyResult<Plot> {
        let record = &self.0;
        let first = record.ranges()[0];
        if record.method == Method::Lazy || first.sims == 0 {
            return Ok(Plot::new(report::picture::run(record, &[record.tally()])));
        }
        let again = first.sims.min(MOST_AGAIN);
        let plan = Plan::new(record.seed, first.first..first.first + again);
        let walk = Walk::of(plan.map_err(of_library)?);
        let mut walk = py.detach(|| walk.start()).map_err(of_library)?;
        let mut marks = Vec::new();
        let next = |walk: &mut Walk| {
            let until = walk.tally().next_mark();
            walk.step(until, || false)
        };
        while let Some(tally) = py.detach(|| next(&mut walk)).map_err(of_library)? {
            py.check_signals()?;
            if tally.is_mark() {
                marks.push(tally);
            }
        }
        if marks.last() != Some(&record.tally()) {
            marks.push(record.tally());
        }
        Ok(Plot::new(
            py.detach(|| report::picture::run(record, &marks)),
        ))
    }

    fn __float__(&self) -> PyResult<f64> {
        let pi = self.0.pi;
        pi.ok_or_else(|| invalid("a result without a dart has no estimate"))
    }

    fn __eq__(&self, other: &RunResult) -> bool {
        self.0 == other.0
    }

    fn __hash__(&self) -> u64 {
        let Record { seed, first, .. } = self.0;
        let mut hasher = DefaultHasher::new();
        (seed, first, self.0.sims, self.0.hits).hash(&mut hasher);
        hasher.finish()
    }

    /// Lets a result travel to a process pool and back.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let class = py.get_type::<RunResult>();
        Ok((class.getattr("_from_pickle")?, (self.to_json(),)))
    }

    /// Reads a pickle. Lazy results, which `from_json` refuses, have their hits drawn again.
    #[staticmethod]
    fn _from_pickle(text: &str) -> PyResult<RunResult> {
        let wrong = |error: serde_json::Error| invalid(format!("not a saved result ({error})"));
        let read: Value = serde_json::from_str(text).map_err(wrong)?;
        if read["method"] != Method::Lazy.name() {
            return RunResult::from_json(text);
        }
        let number = |name: &str| read[name].as_u64().unwrap_or_default();
        let record = Record::drawn(number("seed"), number("sims"));
        let mut record = record.map_err(of_library)?;
        record.elapsed_s = read["elapsed_s"].as_f64();
        record.cpu_s = read["cpu_s"].as_f64();
        record.machine = serde_json::from_value(read["machine"].clone()).map_err(wrong)?;
        Ok(RunResult(record))
    }

    fn __repr__(&self) -> String {
        let estimate = self.0.estimate();
        let decimals = estimate.decimals();
        let Record {
            hits, sims, seed, ..
        } = self.0;
        let number = |number: Option<f64>| {
            number.map_or("None".to_owned(), |number| format!("{number:.decimals$}"))
        };
        format!(
            "Result(pi={}, std_error={}, hits={hits}, sims={sims}, seed={seed}{})",
            number(self.0.pi),
            number(self.0.std_error),
            if self.0.partial { ", partial=True" } else { "" }
        )
    }

    fn __str__(&self) -> String {
        report::text(&self.0, false)
    }

    fn _repr_html_(&self) -> String {
        report::html(&self.0)
    }
}

/// Python's view of some JSON.
pub(crate) fn loaded<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}
