//! What the marks of a comparison look like, and the legend that says what they mean.

use crate::compare::laws::Law;
use crate::compare::row::{Comparison, Row, Status};
use crate::darts::tally::counted;
use crate::report::picture::page::{Page, Path, Point, SAMPLE};
use crate::report::picture::paint::{Paint, Pen};
use crate::report::picture::ratios::WHISKER;

pub(crate) const IDEAL: Pen = Pen::line(Paint::Ink, 3.0);
pub(crate) const LAW: Pen = Pen::line(Paint::Purple, 2.5);
pub(crate) const WRONG: Pen = Pen::line(Paint::Vermilion, 2.5);

/// How a row's bar looks: filled with the colour of its verdict, or dashed and hollow where the interval is unknown.
pub(crate) fn pen(status: Status, is_known: bool) -> Pen {
    let paint = match status {
        Status::Faster => Paint::Blue,
        Status::Slower => Paint::Vermilion,
        _ => Paint::Grey,
    };
    if is_known {
        Pen::fill(paint)
    } else {
        Pen {
            fill: Some(Paint::Paper),
            ..Pen::dashed(paint, 1.5)
        }
    }
}

/// The speed-up of a row whose workers hold each other up at nothing. More workers than cores gain nothing, unless they
/// wait for something other than a core.
pub(crate) fn ideal(comparison: &Comparison, row: &Row) -> Option<f64> {
    let most = if comparison.setup.io_wait.is_zero() {
        comparison.machine.cores
    } else {
        usize::MAX
    };
    (!row.strategy.has_one_row()).then(|| row.workers.min(most) as f64)
}

/// The samples of the legend.
#[derive(Clone, Copy)]
pub(crate) enum Sample {
    Bar(Status, bool),
    Interval,
    Ideal,
    Law,
    Wrong,
}

/// Everything that occurs, in words.
pub(crate) fn legend(
    comparison: &Comparison,
    rows: &[&Row],
    laws: &[Law],
) -> Vec<(Sample, String)> {
    let rows = || rows.iter();
    let shown = || rows().filter_map(|row| Some((row.status, row.speed_up?.ci95)));
    let has =
        |is: &dyn Fn(Status) -> bool| shown().any(|(status, ci95)| ci95.is_some() && is(status));
    let is_open = |status| !matches!(status, Status::Faster | Status::Slower);
    let ideals = || rows().filter_map(|row| ideal(comparison, row));
    let cores = comparison.machine.cores;
    let ideal_name = if rows().any(|row| row.workers > cores) && comparison.setup.io_wait.is_zero()
    {
        format!("ideal on {}", counted(cores, "core"))
    } else {
        "ideal".to_owned()
    };
    let samples = [
        (
            has(&|status| status == Status::Faster),
            Sample::Bar(Status::Faster, true),
            "faster than serial",
        ),
        (
            has(&|status| status == Status::Slower),
            Sample::Bar(Status::Slower, true),
            "slower",
        ),
        (
            has(&is_open),
            Sample::Bar(Status::Same, true),
            "the same, or cannot tell",
        ),
        (
            shown().any(|(_, ci95)| ci95.is_none()),
            Sample::Bar(Status::Same, false),
            "interval unknown",
        ),
        (
            shown().any(|(_, ci95)| ci95.is_some()),
            Sample::Interval,
            "95 % interval",
        ),
        (ideals().next().is_some(), Sample::Ideal, &ideal_name),
        (!laws.is_empty(), Sample::Law, "fitted law"),
        (
            rows().any(|row| row.status.is_wrong()),
            Sample::Wrong,
            "wrong answer, so no speed-up",
        ),
    ];
    let shown = samples.into_iter().filter(|(is_shown, ..)| *is_shown);
    shown
        .map(|(_, sample, name)| (sample, name.to_owned()))
        .collect()
}

impl Sample {
    pub(crate) fn draw(self, page: &mut Page, (x, y): Point) {
        let middle = x + SAMPLE / 2.0;
        let line = || Path::through([(x + 4.0, y), (x + SAMPLE - 4.0, y)]);
        match self {
            Sample::Bar(status, is_known) => {
                let (top, bottom) = if status == Status::Slower {
                    (y - 2.0, y + 8.0)
                } else {
                    (y - 8.0, y + 2.0)
                };
                let corners = Path::rectangle((x + 5.0, top), (x + SAMPLE - 5.0, bottom));
                page.draw(corners, pen(status, is_known));
            }
            Sample::Interval => {
                let ends = [y - 7.0, y + 7.0];
                let tips = ends.map(|y| Path::through([(middle - 3.0, y), (middle + 3.0, y)]));
                page.draw(Path::through(ends.map(|y| (middle, y))), WHISKER);
                page.draw(tips.into_iter().collect(), WHISKER);
            }
            Sample::Ideal => page.draw(line(), IDEAL),
            Sample::Law => page.draw(line(), LAW),
            Sample::Wrong => page.draw(Path::cross((middle, y), 6.0), WRONG),
        }
    }
}
