//! The lessons by name: texts, code to read, and the file that runs each.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::cli::learn::room::{Ready, Room};
use crate::cli::learn::text::Text;
use crate::cli::learn::{cost, lock, pi, pool, processes, queue, race, random, threads, waiting};
use crate::compare::strategy::Strategy;

/// A lesson.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Lesson {
    Threads,
    Race,
    Lock,
    Pool,
    Waiting,
    Processes,
    Queue,
    Cost,
    Random,
    Pi,
}

impl Lesson {
    pub(crate) fn all() -> impl Iterator<Item = Lesson> + Clone {
        Self::VARIANTS.iter().copied()
    }

    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// From 1.
    pub(crate) fn number(self) -> usize {
        self as usize + 1
    }

    pub(crate) fn next(self) -> Option<Lesson> {
        Self::VARIANTS.get(self.number()).copied()
    }

    pub(crate) fn text(self) -> Text {
        Text::of(self.name())
    }

    /// The letters of the options.
    pub(crate) fn letters(self) -> Vec<char> {
        let is_option = |letter: &char| self.text().get(&letter.to_string()).is_some();
        ('a'..='d').filter(is_option).collect()
    }

    /// The strategy to read about, and the Python beside it.
    pub(crate) fn code(self) -> (Strategy, &'static str, &'static str) {
        macro_rules! python {
            ($file:literal) => {
                (
                    $file,
                    include_str!(concat!("../../../examples/python/", $file)),
                )
            };
        }
        let (strategy, (file, text)) = match self {
            Lesson::Threads => (Strategy::Threads, python!("01_threads.py")),
            Lesson::Race => (Strategy::Race, python!("02_race.py")),
            Lesson::Lock => (Strategy::Lock, python!("03_lock.py")),
            Lesson::Pool => (Strategy::Queue, python!("04_pool.py")),
            Lesson::Waiting => (Strategy::Gil, python!("05_waiting.py")),
            Lesson::Processes => (Strategy::Processes, python!("06_processes.py")),
            Lesson::Queue => (Strategy::Queue, python!("07_queue.py")),
            Lesson::Cost => (Strategy::Processes, python!("08_cost.py")),
            Lesson::Random => (Strategy::SameSeed, python!("09_random.py")),
            Lesson::Pi => (Strategy::Pool, python!("10_pi.py")),
        };
        (strategy, file, text)
    }

    /// Measures what the question needs.
    pub(crate) fn ready(self, room: &Room) -> Result<Ready> {
        Ok(match self {
            Lesson::Threads => threads::ready(room),
            Lesson::Race => race::ready(room)?,
            Lesson::Lock => lock::ready(room),
            Lesson::Pool => pool::ready(room),
            Lesson::Waiting => waiting::ready(room),
            Lesson::Processes => processes::ready(room)?,
            Lesson::Queue => queue::ready(room),
            Lesson::Cost => cost::ready(room)?,
            Lesson::Random => random::ready(room),
            Lesson::Pi => pi::ready(room),
        })
    }
}
