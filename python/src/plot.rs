//! Pictures, which a notebook shows.

use std::path::PathBuf;

use pyo3::prelude::*;

/// A picture as SVG. In a notebook, a cell that ends with it shows it.
#[pyclass(frozen, module = "pi_mc")]
pub(crate) struct Plot {
    /// The SVG document.
    #[pyo3(get)]
    svg: String,
}

impl Plot {
    pub(crate) fn new(svg: String) -> Plot {
        Plot { svg }
    }
}

#[pymethods]
impl Plot {
    /// The picture without a width and height, so that it fits its cell: notebooks cut off a wider one.
    fn _repr_svg_(&self) -> String {
        let (head, body) = self.svg.split_once('>').unwrap_or_default();
        let (head, sizes) = head.split_once(" width=").unwrap_or((head, ""));
        let style = sizes.find(" style=").map_or("", |at| &sizes[at..]);
        format!("{head}{style}>{body}")
    }

    /// Writes the picture to a file, such as run.svg, and replaces it if it exists.
    ///
    /// Raises OSError if it cannot be written.
    fn save(&self, path: PathBuf) -> PyResult<()> {
        Ok(std::fs::write(path, &self.svg)?)
    }

    fn __repr__(&self) -> String {
        format!("<pi_mc.Plot, {} bytes of SVG>", self.svg.len())
    }
}
