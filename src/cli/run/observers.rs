//! What looks at a run as it goes: its progress display, trace, checkpoint, picture and timeline.

use std::io::{self, IsTerminal};
use std::mem;
use std::time::Instant;

use crate::darts::tally::Tally;
use crate::engine::timeline::Timeline;
use crate::report;
use crate::result::milestones;
use crate::result::record::Record;
use anyhow::Result;

use crate::cli::io::file::Target;
use crate::cli::io::progress::{Progress, When};
use crate::cli::io::stdout::is_unread;
use crate::cli::io::timeline::TimelineFile;
use crate::cli::run::checkpoint::Checkpoint;
use crate::cli::run::job::Options;
use crate::cli::run::limits::Limits;
use crate::cli::run::start::Run;
use crate::cli::run::trace::Trace;

/// The observers of one run.
pub(crate) struct Observers {
    start: Instant,
    /// What was counted before this run.
    resumed: Tally,
    progress: Progress,
    trace: Option<Trace>,
    checkpoint: Option<Checkpoint>,
    /// Whether it was said that the checkpoint cannot be written.
    said: bool,
    picture: Option<Picture>,
    timeline: Option<TimelineFile>,
}

/// A picture to be drawn at the end.
struct Picture {
    target: Target,
    /// Where the run was at each mark.
    milestones: Vec<Tally>,
}

impl Observers {
    /// Opens or checks what they are to write to, so that a bad path fails before the run starts.
    pub(crate) fn open(
        options: &Options,
        checkpoint: Option<Checkpoint>,
        run: &Run,
    ) -> Result<Observers> {
        let resumed = run.resumed;
        if let Some(plot) = &options.plot {
            plot.check()?;
        }
        if let Some(timeline) = &options.timeline {
            timeline.target.check()?;
        }
        let held = checkpoint.as_ref().and_then(Checkpoint::held);
        let is_resumed = held.is_some();
        let trace = options.trace.as_ref();
        // On one terminal a trace and a line drawn over and over would spoil each other.
        let on_stdout = trace == Some(&Target::Stdout);
        let progress = if on_stdout && io::stdout().is_terminal() {
            When::Never
        } else {
            options.progress
        };
        Ok(Observers {
            start: Instant::now(),
            resumed,
            progress: Progress::new(progress)?,
            trace: trace
                .map(|target| Trace::open(target, &run.plan, is_resumed.then_some(resumed)))
                .transpose()?,
            checkpoint,
            said: false,
            picture: options.plot.clone().map(|target| Picture {
                target,
                milestones: vec![resumed],
            }),
            timeline: options.timeline.clone(),
        })
    }

    /// Begins to write: first the checkpoint, if there is one. If that cannot be written, nothing is lost.
    pub(crate) fn begin(&mut self, record: impl FnOnce() -> Record) -> Result<()> {
        self.save(record)?;
        self.trace.as_mut().map_or(Ok(()), Trace::begin)
    }

    /// Saves a checkpoint, if there is one.
    pub(crate) fn save(&mut self, record: impl FnOnce() -> Record) -> Result<()> {
        match &mut self.checkpoint {
            Some(checkpoint) => checkpoint.save(&record()),
            None => Ok(()),
        }
    }

    /// Looks at a run that holds `tally`, of which `record` makes a record.
    pub(crate) fn observe(
        &mut self,
        tally: Tally,
        limits: &Limits,
        record: impl FnOnce() -> Record,
    ) {
        if let Some(trace) = &mut self.trace {
            trace.observe(tally);
        }
        if let Some(picture) = &mut self.picture
            && milestones::is_mark(tally.sims)
        {
            picture.milestones.push(tally);
        }
        if let Some(checkpoint) = &mut self.checkpoint
            && let Err(error) = checkpoint.save_if_due(record)
            && !mem::replace(&mut self.said, true)
        {
            let message = format!("{error:#}; the run goes on and will try again");
            self.progress.print_error(&message);
        }
        let (start, resumed) = (self.start, self.resumed);
        self.progress.show(|| {
            let rate = (tally.sims - resumed.sims) as f64 / start.elapsed().as_secs_f64();
            report::progress(tally, limits.sims(), rate, limits.left(tally, rate))
        });
    }

    /// Whether the run is for a reader that went away: that of its trace, or if it writes no file, that
    /// of its result.
    pub(crate) fn is_unread(&self) -> bool {
        let writes_files = self.trace.is_some()
            || self.checkpoint.is_some()
            || self.picture.is_some()
            || self.timeline.is_some();
        self.trace.as_ref().is_some_and(Trace::is_unread) || (!writes_files && is_unread())
    }

    /// Whether it takes more than a line to write what comes at the end.
    pub(crate) fn draws(&self) -> bool {
        self.picture.is_some() || self.timeline.is_some()
    }

    /// Removes the progress display.
    pub(crate) fn end_progress(&self) {
        self.progress.end();
    }

    /// Whether a picture takes stdout, where the result would spoil it.
    pub(crate) fn takes_stdout(&self) -> bool {
        let target = self.picture.as_ref().map(|picture| &picture.target);
        let timeline = self.timeline.as_ref();
        target == Some(&Target::Stdout) || timeline.is_some_and(TimelineFile::takes_stdout)
    }

    /// Writes what comes at the end, all of it, whatever fails. `timeline` is the run's.
    pub(crate) fn finish(self, record: &Record, timeline: Timeline) -> Vec<Result<()>> {
        let tally = record.tally();
        let mut results = Vec::new();
        results.extend(
            self.checkpoint
                .map(|mut checkpoint| checkpoint.save(record)),
        );
        results.extend(self.trace.map(|trace| trace.finish(tally)));
        results.extend(self.picture.map(|picture| picture.draw(record)));
        results.extend(self.timeline.map(|file| file.write(&[timeline])));
        results
    }
}

impl Picture {
    fn draw(mut self, record: &Record) -> Result<()> {
        self.milestones.push(record.tally());
        // The end may be a mark, or where this run began.
        self.milestones.dedup();
        let svg = report::picture::run(record, &self.milestones)?;
        self.target.write(&svg)
    }
}
