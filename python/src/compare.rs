//! `compare`: strategies beside serial, timed and judged.

use std::ffi::OsString;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;

use pi_mc::Kernel;
use pi_mc::compare::strategy::Strategy;
use pi_mc::compare::{Comparison as Compared, Lineup, Scaling, Setup, timelines};
use pi_mc::engine::cores::Pinning;
use pi_mc::report::{self, TextStyle};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::error::{failed, invalid, of_comparison, of_library};
use crate::number::{self, given, whole};
use crate::plot::Plot;
use crate::result::loaded;
use crate::run;

/// The most runs of each row.
const MOST_RUNS: u64 = 10_000;

/// Times strategies, and serial, on the same darts, and checks that their hits are serial's.
///
/// strategies: names such as ["pool", "threads", "race"], or "all". Serial always runs.
/// sims: the number of darts, or a list of several. By default as many as serial throws in 0.2 s.
/// workers: the number of workers, or a list of several. By default 1, 2, 4 and so on up to the cores.
/// runs: timed runs of each row, from 1 to 10,000. By default 7.
/// warmup: untimed runs of each row before, from 0 to 10,000. By default 1.
/// seed: from 0 to 2^64-1. By default one is drawn.
/// scaling: "strong" keeps the number of darts, "weak" lets it grow with the workers.
/// io_wait: seconds that each chunk of 65,536 darts waits first, as if for a network.
/// kernel: as in `estimate`.
/// pin: whether to keep worker i on the i-th core (Linux).
///
/// Raises InvalidError for a value out of range, and FailedError if a strategy fails. Strategy "processes" needs the
/// program pi-mc, which a wheel has. Ctrl-C ends it after the run at hand.
#[pyfunction]
#[pyo3(signature = (strategies=None, sims=None, workers=None, runs=None, *, warmup=None, seed=None, scaling="strong", io_wait=None, kernel=None, pin=false))]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub(crate) fn compare<'py>(
    py: Python<'py>,
    strategies: Option<&Bound<'py, PyAny>>,
    sims: Option<&Bound<'py, PyAny>>,
    workers: Option<&Bound<'py, PyAny>>,
    runs: Option<&Bound<'py, PyAny>>,
    warmup: Option<&Bound<'py, PyAny>>,
    seed: Option<&Bound<'py, PyAny>>,
    scaling: &str,
    io_wait: Option<&Bound<'py, PyAny>>,
    kernel: Option<&str>,
    pin: bool,
) -> PyResult<Comparison> {
    let mut setup = Setup::default();
    setup.seed = run::seed(py, seed)?;
    setup.scaling = [Scaling::Strong, Scaling::Weak]
        .into_iter()
        .find(|known| known.name() == scaling)
        .ok_or_else(|| invalid(format!("scaling='{scaling}': expected 'strong' or 'weak'")))?;
    setup.io_wait = given("io_wait", io_wait, number::wait)?.unwrap_or(setup.io_wait);
    setup.warmup = given("warmup", warmup, warmups)?.unwrap_or(setup.warmup);
    let mut lineup = Lineup::default();
    let strategies = given("strategies", strategies, named)?;
    lineup.strategies = strategies.unwrap_or_else(|| vec![Strategy::Pool]);
    let workers = given("workers", workers, |name, list| {
        each(name, list, number::workers)
    })?;
    lineup.workers = workers.unwrap_or_else(|| {
        let cores = std::thread::available_parallelism();
        Lineup::doubling_up_to(cores.unwrap_or(NonZero::<usize>::MIN))
    });
    lineup.runs = given("runs", runs, number_of_runs)?.unwrap_or(lineup.runs);
    if let Some(name) = kernel.filter(|name| *name != "auto") {
        lineup.kernel = Kernel::named(name).map_err(of_library)?;
    }
    lineup.pinning = pinning(pin)?;
    lineup.worker = worker(py, &lineup.strategies)?;
    let sizes = given("sims", sims, |name, list| each(name, list, number::sims))?;
    let mut sizes = sizes.unwrap_or_default();
    sizes.sort_unstable();

    let mut interrupt = Ok(());
    let outcome =
        py.detach(|| pi_mc::compare::run(&setup, &sizes, &lineup, None, |_| go_on(&mut interrupt)));
    interrupt?;
    Ok(Comparison(outcome.map_err(of_comparison)?.comparisons))
}

/// Stops at Ctrl-C, and keeps what it raised.
fn go_on(interrupt: &mut PyResult<()>) -> ControlFlow<()> {
    *interrupt = Python::attach(|py| py.check_signals());
    match interrupt {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

/// A number of untimed runs.
fn warmups(name: &str, given: &Bound<PyAny>) -> PyResult<usize> {
    Ok(whole(name, given, 0..=MOST_RUNS)? as usize)
}

/// A number of timed runs.
fn number_of_runs(name: &str, given: &Bound<PyAny>) -> PyResult<NonZero<usize>> {
    let runs = whole(name, given, 1..=MOST_RUNS)?;
    Ok(NonZero::new(runs as usize).unwrap_or(NonZero::<usize>::MIN))
}

/// The cores to keep workers on, if they are to be pinned.
fn pinning(is_pinned: bool) -> PyResult<Option<Pinning>> {
    let pinning = is_pinned.then(Pinning::of_this_process);
    pinning.transpose().map_err(of_library)
}

/// One value or a list of several, each once.
fn each<T: PartialEq>(
    name: &str,
    given: &Bound<PyAny>,
    read: impl Fn(&str, &Bound<PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    let is_list = !given.is_instance_of::<PyString>() && given.hasattr("__iter__")?;
    if !is_list {
        return Ok(vec![read(name, given)?]);
    }
    let mut values = Vec::new();
    for value in given.try_iter()? {
        let value = value?;
        let read = read(name, &value)?;
        if values.contains(&read) {
            return Err(invalid(format!("{name} has {value} twice; name each once")));
        }
        values.push(read);
    }
    if values.is_empty() {
        return Err(invalid(format!("{name} is empty; name at least one")));
    }
    Ok(values)
}

/// The strategies of these names.
fn named(argument: &str, names: &Bound<PyAny>) -> PyResult<Vec<Strategy>> {
    if names.eq("all")? {
        return Ok(Strategy::ALL.to_vec());
    }
    each(argument, names, |_, name| {
        let name: String = name.extract()?;
        Strategy::every()
            .find(|strategy| strategy.name() == name)
            .ok_or_else(|| {
                let all: Vec<_> = Strategy::every().map(Strategy::name).collect();
                invalid(format!(
                    "there is no strategy '{name}', only {}; or 'all' of them",
                    all.join(", ")
                ))
            })
    })
}

/// The command that starts a worker process, if one of the strategies needs it: the program that came with this module.
fn worker(py: Python, strategies: &[Strategy]) -> PyResult<Vec<OsString>> {
    if !strategies.contains(&Strategy::Processes) {
        return Ok(Vec::new());
    }
    let name = format!("pi-mc{}", std::env::consts::EXE_SUFFIX);
    let path = |scheme: &[String]| -> PyResult<PathBuf> {
        let sysconfig = py.import("sysconfig")?;
        let mut words = vec!["scripts".to_owned()];
        words.extend_from_slice(scheme);
        let words = PyTuple::new(py, words)?;
        let folder: PathBuf = sysconfig.call_method1("get_path", words)?.extract()?;
        Ok(folder.join(&name))
    };
    let os: String = py.import("os")?.getattr("name")?.extract()?;
    for path in [path(&[])?, path(&[format!("{os}_user")])?] {
        if path.exists() {
            return Ok(vec![path.into(), "worker".into()]);
        }
    }
    Err(failed(format!(
        "strategy 'processes' needs the program {name}, which is not installed beside this module; a wheel has both"
    )))
}

/// Strategies beside serial, timed and judged: a table in a notebook.
#[pyclass(frozen, module = "pi_mc")]
pub(crate) struct Comparison(Vec<Compared>);

#[pymethods]
impl Comparison {
    /// A dictionary without nested values for each strategy and number of workers, with the columns of
    /// `pi-mc compare --format csv`: `pandas.DataFrame(comparison.rows)`. Times are in seconds.
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loaded(py, &report::csv::comparisons_json(&self.0))
    }

    /// The comparison as JSON with every single run, a line for each number of darts, as
    /// `pi-mc compare --format json` prints it.
    fn to_json(&self) -> String {
        self.0.iter().map(Compared::to_json).collect()
    }

    /// Reads what `to_json`, or `pi-mc compare --format json`, wrote.
    ///
    /// Raises InvalidError if it is not a comparison. Verdicts are not read but judged again.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Comparison> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let read = lines.map(Compared::read);
        let read: Result<Vec<_>, _> = read.collect();
        let read = read.map_err(of_library)?;
        if read.is_empty() {
            return Err(invalid("no saved comparison"));
        }
        Ok(Comparison(read))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let class = py.get_type::<Comparison>();
        Ok((class.getattr("from_json")?, (self.to_json(),)))
    }

    /// Draws the speed-ups by number of workers, or by number of darts if there are several.
    fn plot(&self) -> Plot {
        Plot::new(report::picture::comparison(&self.0))
    }

    /// Draws which worker does what, and when, in one more run of each row. It takes one number of darts.
    fn timeline(&self, py: Python) -> PyResult<Plot> {
        let [comparison] = &self.0[..] else {
            return Err(invalid("a timeline shows one number of darts"));
        };
        let lineup = lineup(py, comparison)?;
        let mut interrupt = Ok(());
        let timelines = py.detach(|| {
            timelines(&comparison.setup, comparison.sims, &lineup, |_| {
                go_on(&mut interrupt)
            })
        });
        interrupt?;
        let timelines = timelines.map_err(of_library)?;
        let origin = report::origin::timelines(comparison);
        Ok(Plot::new(report::picture::timeline(&timelines, &origin)))
    }

    fn __repr__(&self) -> String {
        let rows: usize = self.0.iter().map(|one| one.rows.len()).sum();
        format!("<pi_mc.Comparison, {rows} rows>")
    }

    fn __str__(&self) -> String {
        let style = TextStyle::default();
        let texts = self
            .0
            .iter()
            .map(|one| report::comparison::text(one, style));
        texts.collect::<Vec<_>>().join("\n")
    }

    fn _repr_html_(&self) -> String {
        self.0.iter().map(report::comparison::html).collect()
    }
}

/// The lineup of a comparison, to run it once more.
fn lineup(py: Python, comparison: &Compared) -> PyResult<Lineup> {
    let kernel = Kernel::named(&comparison.machine.kernel).map_err(of_library)?;
    let mut lineup = Lineup::default();
    lineup.kernel = kernel;
    lineup.pinning = pinning(!comparison.machine.pinned.is_empty())?;
    for row in &comparison.rows {
        let Some(strategy) = row.strategy.known().filter(|it| *it != Strategy::Serial) else {
            continue;
        };
        if !lineup.strategies.contains(&strategy) {
            lineup.strategies.push(strategy);
        }
        lineup.workers.extend(NonZero::new(row.workers));
    }
    lineup.workers.sort_unstable();
    lineup.workers.dedup();
    lineup.worker = worker(py, &lineup.strategies)?;
    Ok(lineup)
}
