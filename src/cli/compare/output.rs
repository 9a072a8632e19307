//! Where the results of a comparison go, and in which form: the table, the picture and the timelines.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;

use crate::cli::io::failure::{self, Usage};
use crate::cli::io::file::Target;
use crate::cli::io::picture;
use crate::cli::io::stdout::{ascii, colour, print_data, print_text};
use crate::cli::io::timeline::TimelineFile;
use crate::compare::measure::Outcome;
use crate::compare::row::Comparison;
use crate::darts::tally::json;
use crate::engine::timeline::Timeline;
use crate::report;
use crate::report::columns::TextStyle;

/// The formats of a table.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for a person
    Text,
    /// One object on one line for each number of darts, with every single run
    Json,
    /// A header, and one line per row
    Csv,
    /// A table to paste
    Markdown,
}

/// Where the results go.
#[derive(Clone)]
pub(crate) struct Output {
    format: Format,
    /// Whether text has all columns.
    wide: bool,
    plot: Option<Target>,
    pub(crate) timeline: Option<TimelineFile>,
}

impl Output {
    /// The output to these files.
    ///
    /// # Errors
    /// If one cannot be that of a picture or a timeline, or a picture could not be written.
    pub(crate) fn of(
        format: Format,
        wide: bool,
        plot: Option<&Path>,
        timeline: Option<&Path>,
    ) -> Result<Output> {
        let plot = plot.map(picture::target).transpose()?;
        if let Some(plot) = &plot {
            plot.check()?;
        }
        Ok(Output {
            format,
            wide,
            plot,
            timeline: timeline.map(TimelineFile::of).transpose()?,
        })
    }

    /// Refuses to replace a file that is read, whatever name it is given. `read` names the option and the file.
    pub(crate) fn spare(&self, read: [(&str, Option<&Path>); 2]) -> Result<(), Usage> {
        let timeline = self.timeline.as_ref().map(|file| &file.target);
        for output in self.plot.iter().chain(timeline) {
            for (option, path) in read {
                if path.is_some_and(|path| output.is_file(path)) {
                    let message = format!(
                        "'{option}' reads the file that a picture or timeline would replace"
                    );
                    return Err(Usage(message + "; give that another name"));
                }
            }
        }
        Ok(())
    }

    /// Checks, before a comparison of so many `sizes` runs, that its timelines can be written.
    pub(crate) fn check_timeline(&self, sizes: usize) -> Result<()> {
        let Some(timeline) = &self.timeline else {
            return Ok(());
        };
        if sizes > 1 {
            let message = "'--timeline' shows one number of darts; name one with -n";
            return Err(Usage(message.to_owned()).into());
        }
        timeline.target.check()?;
        let plot = self.plot.as_ref();
        if plot.is_some_and(|plot| plot.is_same(&timeline.target)) {
            let message = "'--timeline' and '--plot' are the same file; give each its own";
            return Err(Usage(message.to_owned()).into());
        }
        Ok(())
    }

    /// Whether all results go to stdout.
    pub(crate) fn is_for_stdout(&self) -> bool {
        self.plot.is_none() && self.timeline.is_none()
    }

    /// Writes all results, even if one fails. Returns the exit code of an error.
    pub(crate) fn write(
        &self,
        outcome: &Outcome,
        timelines: Option<&[Timeline]>,
    ) -> Option<ExitCode> {
        let timeline = self.timeline.as_ref();
        let code = self.print(outcome, timeline.is_some_and(TimelineFile::takes_stdout));
        let (Some(file), Some(timelines), [one]) = (timeline, timelines, &outcome.comparisons[..])
        else {
            return code;
        };
        let origin = report::origin::timelines(one);
        failure::report_all(vec![file.write(timelines, &origin)]).or(code)
    }

    /// Prints the table, unless stdout `is_taken`, and draws the picture, on stdout in place of the table. Returns the
    /// exit code of an error.
    pub(crate) fn print(&self, outcome: &Outcome, is_taken: bool) -> Option<ExitCode> {
        let mut results = Vec::new();
        if self.plot != Some(Target::Stdout) && !is_taken {
            let print = match self.format {
                Format::Text => print_text,
                _ => print_data,
            };
            results.push(self.table(outcome).and_then(|text| print(&text)));
        }
        if let Some(plot) = &self.plot {
            results.push(plot.write(&report::picture::comparison(&outcome.comparisons)));
        }
        failure::report_all(results)
    }

    /// The table. With a baseline all formats but text show only the changes.
    fn table(&self, outcome: &Outcome) -> Result<String> {
        let style = TextStyle {
            colour: colour(),
            ascii: ascii(),
            wide: self.wide,
        };
        let Outcome {
            comparisons,
            baseline,
        } = outcome;
        let each = comparisons.iter();
        Ok(match (self.format, baseline) {
            (Format::Text, baseline) => {
                let mut out = if comparisons.len() > 1 && !self.wide {
                    report::comparison::curve(comparisons, style)
                } else {
                    let tables = each.map(|one| report::comparison::text(one, style));
                    tables.collect::<Vec<_>>().join("\n")
                };
                out += &report::comparison::scaling(comparisons, style);
                if let Some(baseline) = baseline {
                    out += &report::comparison::changes(baseline, style);
                }
                out
            }
            (Format::Json, Some(baseline)) => json(baseline),
            (Format::Json, None) => each.map(Comparison::to_json).collect(),
            (Format::Csv, Some(baseline)) => report::csv::baseline(baseline),
            (Format::Csv, None) => report::csv::comparisons(comparisons),
            (Format::Markdown, Some(baseline)) => report::comparison::changes_markdown(baseline),
            (Format::Markdown, None) => {
                let tables = each.map(report::comparison::markdown);
                tables.collect::<Vec<_>>().join("\n")
            }
        })
    }
}
