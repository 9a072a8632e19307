//! Numbers as Python has them: whole ones, which may be written 1e7, and seconds. An error names the argument and
//! says the range.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::time::Duration;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat};

use crate::error::invalid;

/// The numbers of darts that a run may have.
const SIMS: RangeInclusive<u64> = 1..=u64::MAX;

/// The numbers of workers, as for the program.
const WORKERS: RangeInclusive<u64> = 1..=4096;

/// The argument `name` as `read` takes it; `None` if it was left out.
pub(crate) fn given<T>(
    name: &str,
    argument: Option<&Bound<PyAny>>,
    read: impl Fn(&str, &Bound<PyAny>) -> PyResult<T>,
) -> PyResult<Option<T>> {
    argument.map(|value| read(name, value)).transpose()
}

/// A number of darts.
pub(crate) fn sims(name: &str, given: &Bound<PyAny>) -> PyResult<u64> {
    whole(name, given, SIMS)
}

/// The number of a seed or a dart.
pub(crate) fn from_zero(name: &str, given: &Bound<PyAny>) -> PyResult<u64> {
    whole(name, given, 0..=u64::MAX)
}

/// A whole number in `range`: an int, or a float such as 1e7.
pub(crate) fn whole(name: &str, given: &Bound<PyAny>, range: RangeInclusive<u64>) -> PyResult<u64> {
    let expected = format!(
        "expected a whole number from {} to {}",
        range.start(),
        shown(*range.end())
    );
    let number = if given.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, given, &expected));
    } else if let Ok(float) = given.cast::<PyFloat>() {
        let float: f64 = float.extract()?;
        // 2^64 and more are cut down to 2^64 - 1, which as a float is 2^64.
        let whole = float as u64;
        (whole as f64 == float && float < 2f64.powi(64)).then_some(whole)
    } else {
        let number: PyResult<u64> = given.extract();
        match number {
            Err(error) if error.is_instance_of::<PyTypeError>(given.py()) => {
                return Err(wrong_type(name, given, &expected));
            }
            number => number.ok(),
        }
    };
    let number = number.filter(|number| range.contains(number));
    number.ok_or_else(|| invalid(format!("{name}={given}: {expected}")))
}

/// The largest numbers in a form that people read.
fn shown(number: u64) -> String {
    match number {
        u64::MAX => "2^64-1".to_owned(),
        number => number.to_string(),
    }
}

/// A number of workers.
pub(crate) fn workers(name: &str, given: &Bound<PyAny>) -> PyResult<NonZero<usize>> {
    let workers = whole(name, given, WORKERS)?;
    Ok(NonZero::new(workers as usize).unwrap_or(NonZero::<usize>::MIN))
}

/// A number above 0.
pub(crate) fn positive(name: &str, given: &Bound<PyAny>) -> PyResult<f64> {
    let expected = "expected a number above 0, such as 1e-6";
    let number = real(name, given, expected)?;
    let is_positive = number > 0.0 && number.is_finite();
    let number = is_positive.then_some(number);
    number.ok_or_else(|| invalid(format!("{name}={given}: {expected}")))
}

/// Seconds, 0 or more, to the nanosecond.
pub(crate) fn wait(name: &str, given: &Bound<PyAny>) -> PyResult<Duration> {
    let expected = "expected seconds, 0 or more, such as 0.002";
    let wait = Duration::try_from_secs_f64(real(name, given, expected)?);
    wait.map_err(|_| invalid(format!("{name}={given}: {expected}")))
}

/// Seconds above 0, to the nanosecond.
pub(crate) fn limit(name: &str, given: &Bound<PyAny>) -> PyResult<Duration> {
    let expected = "expected seconds above 0, such as 2.5";
    let limit = Duration::try_from_secs_f64(real(name, given, expected)?).ok();
    let limit = limit.filter(|limit| !limit.is_zero());
    limit.ok_or_else(|| invalid(format!("{name}={given}: {expected}")))
}

fn real(name: &str, given: &Bound<PyAny>, expected: &str) -> PyResult<f64> {
    match given.extract() {
        Ok(number) if !given.is_instance_of::<PyBool>() => Ok(number),
        _ => Err(wrong_type(name, given, expected)),
    }
}

/// The error that an argument is of the wrong type.
pub(crate) fn wrong_type(name: &str, given: &Bound<PyAny>, expected: &str) -> PyErr {
    let kind = given.get_type();
    let kind = kind
        .name()
        .map_or_else(|_| "this".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{name}: {expected}, not {kind}"))
}
