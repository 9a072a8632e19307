//! `--timeline FILE`: the file, and the form that its name tells.

use std::path::Path;

use crate::engine::timeline::Timeline;
use crate::report;
use anyhow::Result;

use crate::cli::io::failure::Usage;
use crate::cli::io::file::Target;

/// A file for timelines.
#[derive(Clone)]
pub(crate) struct TimelineFile {
    pub(crate) target: Target,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Svg,
    Text,
}

impl TimelineFile {
    /// What `path` stands for.
    ///
    /// # Errors
    /// If its name tells no form, or it is nothing that can be written to.
    pub(crate) fn of(path: &Path) -> Result<TimelineFile> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let form = match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("json") => Form::Json,
            Some("svg") => Form::Svg,
            Some("txt") => Form::Text,
            None if path == Path::new("-") => Form::Text,
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
        Ok(TimelineFile { target, form })
    }

    /// Whether it takes stdout for itself. Text may share it.
    pub(crate) fn takes_stdout(&self) -> bool {
        self.target == Target::Stdout && self.form != Form::Text
    }

    /// Whether the output of `option` is another file, under whatever names.
    pub(crate) fn check_apart_from(
        &self,
        other: Option<&Target>,
        option: &str,
    ) -> Result<(), Usage> {
        if other.is_some_and(|other| other.is_same(&self.target)) {
            let message =
                format!("'--timeline' and '{option}' are the same file; give each its own");
            return Err(Usage(message));
        }
        Ok(())
    }

    /// Writes the timelines.
    pub(crate) fn write(&self, timelines: &[Timeline]) -> Result<()> {
        let text = match self.form {
            Form::Json => report::timeline::json(timelines)?,
            Form::Svg => report::picture::timeline(timelines)?,
            Form::Text => report::timeline::text(timelines),
        };
        self.target.write(&text)
    }
}
