//! `--timeline FILE`: the file, and the format that its name asks for.

use std::io::{self, IsTerminal};
use std::path::Path;

use crate::engine::timeline::Timeline;
use crate::report;
use anyhow::Result;

use crate::cli::io::failure::Usage;
use crate::cli::io::file::Target;
use crate::cli::io::stdout::print_text;
use crate::cli::io::terminal::stdout_columns;

/// A file for timelines, and its format.
#[derive(Clone)]
pub(crate) struct TimelineFile {
    pub(crate) target: Target,
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Svg,
    Text,
}

impl TimelineFile {
    /// The file at `path`.
    ///
    /// # Errors
    /// If the name has no known ending, or cannot be that of a file to write.
    pub(crate) fn of(path: &Path) -> Result<TimelineFile> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let format = match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("json") => Format::Json,
            Some("svg") => Format::Svg,
            Some("txt") => Format::Text,
            None if path == Path::new("-") => Format::Text,
            _ => {
                let path = path.display();
                let message = format!(
                    "'--timeline {path}' has no known ending; name a file that ends in .json, .svg or \
                     .txt, or - for text on stdout"
                );
                return Err(Usage(message).into());
            }
        };
        let target = Target::of(path)?;
        Ok(TimelineFile { target, format })
    }

    /// Whether the timelines need stdout for themselves; text may share it.
    pub(crate) fn takes_stdout(&self) -> bool {
        self.target == Target::Stdout && self.format != Format::Text
    }

    /// Writes the timelines: to a terminal as lanes, and to a picture with the lines that say where they come from.
    pub(crate) fn write(&self, timelines: &[Timeline], origin: &[String]) -> Result<()> {
        if self.format == Format::Text
            && self.target == Target::Stdout
            && io::stdout().is_terminal()
        {
            return print_text(&report::lanes(timelines, stdout_columns()));
        }
        let text = match self.format {
            Format::Json => report::timeline::json(timelines),
            Format::Svg => report::picture::timeline(timelines, origin),
            Format::Text => report::timeline::text(timelines),
        };
        self.target.write(&text)
    }
}
