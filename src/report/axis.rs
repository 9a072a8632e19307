//! The one axis of time that all timelines of a comparison share.
//!
//! On one scale a run that takes 50 times as long as another leaves no room for that other one. Then the axis has a
//! break: both sides of it begin and end with the runs that they show, and each has a scale of its own.

use std::ops::Range;

use crate::engine::timeline::Timeline;
use crate::report::numbers::ticks;

/// How many times as long as the shortest run the longest may take without a break.
const MOST: f64 = 50.0;

/// The share of the axis before a break.
const BEFORE: f64 = 0.6;

/// An axis from 0 to the end of the longest timeline.
#[derive(Clone, Copy)]
pub(crate) struct TimeAxis {
    end_ns: f64,
    /// The time of the break, if there is one.
    break_ns: Option<f64>,
}

impl TimeAxis {
    pub(crate) fn of(timelines: &[Timeline]) -> TimeAxis {
        let ends = || timelines.iter().map(|one| one.elapsed_ns.max(1) as f64);
        let shortest = ends().fold(f64::INFINITY, f64::min);
        let end_ns = ends().fold(1.0, f64::max);
        let short = ends().filter(|end| *end <= MOST * shortest);
        let break_ns = (end_ns > MOST * shortest).then(|| 1.05 * short.fold(0.0, f64::max));
        TimeAxis { end_ns, break_ns }
    }

    /// The place of a time, from 0 at the left end to 1 at the right end.
    pub(crate) fn share(self, ns: f64) -> f64 {
        match self.break_ns {
            None => ns / self.end_ns,
            Some(at) if ns <= at => BEFORE * ns / at,
            Some(at) => BEFORE + (1.0 - BEFORE) * (ns - at) / (self.end_ns - at),
        }
    }

    /// The place of the break.
    pub(crate) fn break_share(self) -> Option<f64> {
        self.break_ns.map(|_| BEFORE)
    }

    /// The time of the break, in nanoseconds, and how many times as long a stretch after it is as one before.
    pub(crate) fn at_break(self) -> Option<(f64, f64)> {
        let at = self.break_ns?;
        let after = (self.end_ns - at) / (1.0 - BEFORE);
        Some((at, after / (at / BEFORE)))
    }

    /// The parts of the axis, each with one scale, in nanoseconds.
    pub(crate) fn parts(self) -> Vec<Range<f64>> {
        match self.break_ns {
            None => vec![0.0..self.end_ns],
            Some(at) => vec![0.0..at, at..self.end_ns],
        }
    }

    /// Round times in ascending order, each in nanoseconds and with its unit, at most `most` if they were on all of the
    /// axis.
    pub(crate) fn ticks(self, most: f64) -> Vec<(f64, String)> {
        let parts = self.parts().into_iter();
        let of_part = |Range { start, end }: Range<f64>| {
            let (unit_ns, unit) = unit(end);
            let room = most * (self.share(end) - self.share(start)) * end / (end - start);
            let ticks = ticks(end / unit_ns, room).into_iter();
            ticks
                .map(move |(time, label)| (time * unit_ns, format!("{label} {unit}")))
                .filter(move |(ns, _)| *ns > start || start == 0.0)
        };
        parts.flat_map(of_part).collect()
    }
}

/// The unit in which a time has digits before the point, in nanoseconds, and its name.
fn unit(ns: f64) -> (f64, &'static str) {
    const UNITS: [(f64, &str); 3] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let fits = |(unit, _): &(f64, &str)| ns >= 2.0 * unit;
    UNITS.into_iter().find(fits).unwrap_or((1.0, "ns"))
}
