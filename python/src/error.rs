//! The library's errors as Python's exceptions, whose classes are in pi_mc/_errors.py.

use std::error::Error as _;

use pi_mc::Error;
use pi_mc::compare::measure::CompareError;
use pi_mc::result::MergeError;
use pyo3::PyErr;

/// The exceptions.
mod raised {
    pyo3::import_exception!(pi_mc._errors, FailedError);
    pyo3::import_exception!(pi_mc._errors, InvalidError);
    pyo3::import_exception!(pi_mc._errors, MergeError);
    pyo3::import_exception!(pi_mc._errors, MissingError);
}

/// A value out of range, or values that do not go together.
pub(crate) fn invalid(message: impl Into<String>) -> PyErr {
    raised::InvalidError::new_err(message.into())
}

/// A failure of the machine.
pub(crate) fn failed(message: impl Into<String>) -> PyErr {
    raised::FailedError::new_err(message.into())
}

/// An error of the library.
pub(crate) fn of_library(error: Error) -> PyErr {
    let source = error.source().map(|source| format!(": {source}"));
    let message = format!("{error}{}", source.unwrap_or_default());
    match error {
        Error::Invalid(_) => invalid(message),
        _ => failed(message),
    }
}

/// An error of a comparison, or of its baseline.
pub(crate) fn of_comparison(error: CompareError) -> PyErr {
    match error {
        CompareError::Strategy(error) => of_library(error),
        error => invalid(error.to_string()),
    }
}

/// An error of a merge.
pub(crate) fn of_merge(error: MergeError) -> PyErr {
    let message = error.to_string();
    match error {
        MergeError::Missing(_) => raised::MissingError::new_err(message),
        _ => raised::MergeError::new_err(message),
    }
}
