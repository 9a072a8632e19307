//! The Python module `pi_mc`. It adds no way to count: every function calls the library's, with the interpreter's
//! lock released, and looks for Ctrl-C between two steps.

mod compare;
mod dart;
mod error;
mod estimate;
mod many;
mod number;
mod plot;
mod result;
mod run;

use pyo3::prelude::*;

/// The compiled part of `pi_mc`.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::compare::{Comparison, compare};
    #[pymodule_export]
    use crate::dart::darts;
    #[pymodule_export]
    use crate::estimate::{Walk, estimate};
    #[pymodule_export]
    use crate::many::{Average, average, merge, missing};
    #[pymodule_export]
    use crate::plot::Plot;
    #[pymodule_export]
    use crate::result::RunResult;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
