//! Single darts, as arrays.

use pi_mc::Plan;
use pi_mc::darts::contract::CHUNK_DARTS;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;

use crate::error::of_library;
use crate::number::{self, from_zero, given};

/// The three arrays, as bytes.
#[derive(Default)]
struct Columns {
    x: Vec<u8>,
    y: Vec<u8>,
    hit: Vec<u8>,
}

impl Columns {
    /// Makes room for `n` darts.
    fn reserve(&mut self, n: usize) -> Option<()> {
        let coordinates = n.checked_mul(size_of::<f64>())?;
        self.x.try_reserve_exact(coordinates).ok()?;
        self.y.try_reserve_exact(coordinates).ok()?;
        self.hit.try_reserve_exact(n).ok()
    }

    fn extend(&mut self, plan: &Plan) {
        for dart in plan.darts() {
            self.x.extend(dart.x.to_ne_bytes());
            self.y.extend(dart.y.to_ne_bytes());
            self.hit.push(u8::from(dart.hit));
        }
    }
}

/// Returns where darts land, as three numpy arrays of n elements: x and y, from -1 to 1, and whether each dart hits
/// the disc.
///
/// seed: from 0 to 2^64-1.
/// n: the number of darts, from 1. Each takes 17 bytes.
/// first: the number of the first dart.
///
/// Needs numpy. Raises InvalidError for a value out of range, and MemoryError if the darts do not fit.
#[pyfunction]
#[pyo3(signature = (seed, n, first=None))]
pub(crate) fn darts<'py>(
    py: Python<'py>,
    seed: &Bound<'py, PyAny>,
    n: &Bound<'py, PyAny>,
    first: Option<&Bound<'py, PyAny>>,
) -> PyResult<[Bound<'py, PyAny>; 3]> {
    let numpy = py.import("numpy")?;
    let seed = from_zero("seed", seed)?;
    let n = number::sims("n", n)?;
    let first = given("first", first, from_zero)?.unwrap_or(0);
    let plan = Plan::new(seed, first..first.saturating_add(n)).map_err(of_library)?;

    let mut columns = Columns::default();
    let room = usize::try_from(n).ok().and_then(|n| columns.reserve(n));
    room.ok_or_else(|| PyMemoryError::new_err(format!("no room for {n} darts of 17 bytes")))?;
    let mut at = 0;
    while at < plan.sims() {
        let end = plan.sims().min(at + u64::from(CHUNK_DARTS));
        let part = plan.part(at..end).map_err(of_library)?;
        py.detach(|| columns.extend(&part));
        py.check_signals()?;
        at = end;
    }
    // Arrays over a bytearray can be written to.
    let array = |bytes: Vec<u8>, kind: &str| {
        numpy.call_method1("frombuffer", (PyByteArray::new(py, &bytes), kind))
    };
    let Columns { x, y, hit } = columns;
    Ok([array(x, "f8")?, array(y, "f8")?, array(hit, "?")?])
}
