//! `--plot FILE`: the file that a picture goes to.

use std::path::Path;

use anyhow::Result;

use crate::cli::io::failure::Usage;
use crate::cli::io::file::Target;

/// The endings of other pictures. Any other name is fine for SVG.
const OTHERS: [&str; 14] = [
    "avif", "bmp", "eps", "gif", "heic", "jpeg", "jpg", "jxl", "pdf", "png", "ps", "tif", "tiff",
    "webp",
];

/// The file at `path`, for a picture, which is SVG.
///
/// # Errors
/// If the name ends as those of other pictures do, or cannot be that of a file to write.
pub(crate) fn target(path: &Path) -> Result<Target> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let ending = ending.as_ref().and_then(|ending| ending.to_str());
    if let Some(ending) = ending.filter(|ending| OTHERS.contains(ending)) {
        let svg = path.with_extension("svg");
        let (path, svg) = (path.display(), svg.display());
        let convert = match ending {
            "eps" | "pdf" | "png" | "ps" => format!("rsvg-convert -f {ending} -o {path} {svg}"),
            _ => format!("magick {svg} {path}"),
        };
        return Err(Usage(format!(
            "'--plot {path}' does not end in .svg, and pictures are SVG; draw '{svg}', and convert it: {convert}"
        ))
        .into());
    }
    Target::of(path)
}
