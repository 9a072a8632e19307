//! The looks and the names of what workers do, the same in every form of a timeline. A new activity needs a row here
//! and nothing else.

use crate::engine::timeline::Activity;
use crate::report::picture::paint::Paint;

/// How an activity is shown.
pub(crate) struct Kind {
    /// What a worker does: "waits for the lock".
    pub(crate) does: &'static str,
    /// What it spends its time on: "waiting for the lock".
    pub(crate) doing: &'static str,
    /// The letter of a lane in characters.
    pub(crate) letter: char,
    /// The colour of its boxes in a picture, and their height as a share of the lane's, so that no two kinds differ in
    /// colour alone.
    pub(crate) paint: Paint,
    pub(crate) height: f64,
}

/// The looks of an activity.
#[rustfmt::skip]
pub(crate) fn kind(activity: Activity) -> Kind {
    use Activity::{Add, Count, Gil, Io, Join, Lock, Queue, Start};
    let (does, doing, letter, paint, height) = match activity {
        Start => ("starts",                         "starting",                         '.', Paint::Grey,      0.3),
        Count => ("counts",                         "counting",                         '█', Paint::Blue,      1.0),
        Add   => ("adds to the counter",            "adding to the counter",            '+', Paint::Purple,    0.8),
        Lock  => ("waits for the lock",             "waiting for the lock",             'L', Paint::Vermilion, 0.6),
        Gil   => ("waits for the interpreter lock", "waiting for the interpreter lock", 'G', Paint::Ink,       0.45),
        Queue => ("waits for the queue",            "waiting for the queue",            'Q', Paint::Green,     0.5),
        Io    => ("waits for input",                "waiting for input",                '~', Paint::Orange,    0.4),
        Join  => ("done, waits for others",         "waiting for others",               '-', Paint::LightGrey, 0.15),
    };
    Kind { does, doing, letter, paint, height }
}
