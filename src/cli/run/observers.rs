//! The observers of a run: its progress display, trace, checkpoint, picture and timeline.

use std::io::{self, IsTerminal};
use std::mem;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::io::failure::print_error;
use crate::cli::io::file::Target;
use crate::cli::io::progress::{Progress, When};
use crate::cli::io::stdout::is_unread;
use crate::cli::io::timeline::TimelineFile;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::parts::in_parts;
use crate::cli::run::start::Run;
use crate::cli::run::trace::{Trace, earlier};
use crate::darts::tally::Tally;
use crate::engine::timeline::Timeline;
use crate::engine::walk::Walk;
use crate::report;
use crate::result::record::Record;

/// The observers of one run.
pub(crate) struct Observers<'a> {
    run: &'a Run,
    start: Instant,
    /// Where the run stood at each mark, those before it was resumed included.
    marks: Vec<Tally>,
    /// Where the run stood at each cut between its parts.
    cuts: Vec<Tally>,
    /// The first tally that is known of a run whose checkpoint lacks earlier marks.
    begins_at: Option<Tally>,
    progress: Progress,
    trace: Option<Trace>,
    /// Whether the trace waits for the end, since its terminal shows the run.
    holds_trace: bool,
    checkpoint: Option<Checkpoint>,
    /// Whether an error of the checkpoint was printed.
    has_complained: bool,
    /// Errors that wait for the end, since the whole terminal shows the run.
    held: Vec<String>,
    /// The picture to be drawn at the end.
    picture: Option<Target>,
    timeline: Option<TimelineFile>,
}

impl Observers<'_> {
    /// Opens or checks the files of the observers, so that a bad path fails before the run starts.
    pub(crate) fn open(run: &Run, checkpoint: Option<Checkpoint>) -> Result<Observers<'_>> {
        let (job, resumed) = (&run.job, run.resumed);
        if let Some(plot) = &job.plot {
            plot.check()?;
        }
        if let Some(timeline) = &job.timeline {
            timeline.target.check()?;
        }
        // On one terminal a trace and a picture drawn over and over would spoil each other.
        let shares_terminal = job.trace == Some(Target::Stdout) && io::stdout().is_terminal();
        let progress = if shares_terminal {
            When::Never
        } else {
            job.progress
        };
        let held = checkpoint.as_ref().and_then(|open| open.held.as_ref());
        let mut marks = held.map_or(Vec::new(), Record::marks);
        let earlier = held.map(earlier);
        let trace = job.trace.as_ref();
        let trace = trace.map(|target| Trace::open(target, earlier.as_deref()));
        if marks.is_empty() && resumed.is_mark() && run.is_in_order {
            marks.push(resumed);
        }
        let first = marks.first().copied().unwrap_or(resumed);
        let begins_at = Some(first).filter(|first| resumed.sims > 0 && first.sims > 1);
        Ok(Observers {
            run,
            start: Instant::now(),
            marks,
            cuts: held.map_or(Vec::new(), |held| run.passed(held)),
            begins_at,
            progress: Progress::new(progress),
            trace: trace.transpose()?,
            holds_trace: shares_terminal && job.live,
            checkpoint,
            has_complained: false,
            held: Vec::new(),
            picture: job.plot.clone(),
            timeline: job.timeline.clone(),
        })
    }

    /// Begins to write: first the checkpoint, so that nothing is lost if that fails.
    pub(crate) fn begin(&mut self, walk: &Walk) -> Result<()> {
        self.save(&self.record_so_far(walk))?;
        if let Some(trace) = &mut self.trace {
            let shown = if self.holds_trace {
                0
            } else {
                self.marks.len()
            };
            trace.begin(&self.marks[..shown])?;
        }
        if let Some(first) = self.begins_at
            && (self.trace.is_some() || self.picture.is_some())
        {
            self.print_error(format!(
                "the checkpoint has no estimates before {} darts; trace and picture begin there",
                first.sims
            ));
        }
        Ok(())
    }

    /// The record of a run that goes on.
    fn record_so_far(&self, walk: &Walk) -> Record {
        self.record(walk, walk.tally().sims < self.run.plan.sims())
    }

    /// The record of the run, with its parts if they were asked for. It may have reached its goal before the end of
    /// its plan.
    pub(crate) fn record(&self, walk: &Walk, partial: bool) -> Record {
        let record = self.run.record(walk, partial);
        if self.run.goal.parts.is_some() && record.sims > 0 {
            in_parts(record, &self.cuts)
        } else {
            record
        }
    }

    /// Saves a checkpoint, if there is one.
    pub(crate) fn save(&mut self, record: &Record) -> Result<()> {
        match &mut self.checkpoint {
            Some(checkpoint) => checkpoint.save(record, &self.run.goal, &self.marks),
            None => Ok(()),
        }
    }

    /// Looks at a run after a step.
    pub(crate) fn observe(&mut self, walk: &Walk) {
        let run = self.run;
        let tally = walk.tally();
        if tally.is_mark() && run.is_in_order {
            self.marks.push(tally);
        }
        if run.is_cut(tally.sims) {
            self.cuts.push(tally);
        }
        // A trace in a file never runs ahead of the checkpoint, so that a resumed run knows all its lines.
        let mut lines = if self.holds_trace {
            0
        } else {
            self.marks.len()
        };
        let mut complaint = None;
        let is_due = self.checkpoint.as_mut().is_some_and(Checkpoint::is_due);
        let record = is_due.then(|| self.record_so_far(walk));
        if let Some(checkpoint) = &mut self.checkpoint {
            if let Some(record) = record
                && let Err(error) = checkpoint.save(&record, &run.goal, &self.marks)
                && !mem::replace(&mut self.has_complained, true)
            {
                complaint = Some(format!("{error:#}; the run goes on and will try again"));
            }
            if self.trace.as_ref().is_some_and(Trace::is_file) {
                lines = checkpoint.saved_marks;
            }
        }
        if let Some(complaint) = complaint {
            self.print_error(complaint);
        }
        if let Some(trace) = &mut self.trace {
            trace.write(&self.marks[..lines]);
        }
        let start = self.start;
        self.progress.show(|| {
            let counted = tally.sims - run.resumed.sims;
            let rate = counted as f64 / start.elapsed().as_secs_f64();
            report::progress(
                tally,
                run.sims(),
                rate,
                run.left(tally, rate, Duration::ZERO),
            )
        });
    }

    /// Whether the reader of the run went away: the reader of its trace, or if it writes no file, that of its
    /// result.
    pub(crate) fn is_unread(&self) -> bool {
        let writes_files = self.trace.is_some()
            || self.checkpoint.is_some()
            || self.picture.is_some()
            || self.timeline.is_some();
        self.trace.as_ref().is_some_and(Trace::is_unread) || (!writes_files && is_unread())
    }

    /// Whether the end of the run takes more than a line to write.
    pub(crate) fn draws(&self) -> bool {
        self.picture.is_some() || self.timeline.is_some()
    }

    /// Prints an error, or keeps it until the terminal is free.
    pub(crate) fn print_error(&mut self, message: String) {
        if self.run.job.live {
            self.held.push(message);
        } else {
            self.progress.print_error(&message);
        }
    }

    /// The errors that wait for the end.
    #[cfg(feature = "live")]
    pub(crate) fn held(&self) -> &[String] {
        &self.held
    }

    /// Where the run stood at each mark, those before it was resumed included.
    #[cfg(feature = "live")]
    pub(crate) fn marks(&self) -> &[Tally] {
        &self.marks
    }

    /// Removes the progress display, and prints the errors that waited for that.
    pub(crate) fn end_progress(&mut self) {
        self.progress.end();
        for message in self.held.drain(..) {
            print_error(&message);
        }
    }

    /// Whether a picture takes stdout, where the result would spoil it.
    pub(crate) fn takes_stdout(&self) -> bool {
        let timeline = self.timeline.as_ref();
        self.picture == Some(Target::Stdout) || timeline.is_some_and(TimelineFile::takes_stdout)
    }

    /// Writes everything that comes at the end, whatever fails. `timeline` is the run's.
    pub(crate) fn finish(mut self, record: &Record, timeline: Timeline) -> Vec<Result<()>> {
        let tally = record.tally();
        let mut results = vec![self.save(record)];
        results.extend(self.trace.map(|trace| trace.finish(&self.marks, tally)));
        if let Some(target) = &self.picture {
            let mut points: Vec<Tally> = self.begins_at.into_iter().collect();
            points.extend(self.marks.into_iter().chain([tally]));
            // The end may be a mark, and so may the beginning.
            points.dedup();
            results.push(target.write(&report::picture::run(record, &points)));
        }
        results.extend(
            self.timeline
                .map(|file| file.write(&[timeline], &report::origin::record(record))),
        );
        results
    }
}
