//! The pace of a run that is watched: from a dart a second to full speed. No clock: the caller says how much time has
//! passed.

use std::time::Duration;

/// How fast darts are thrown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many darts a second.
    Darts(u32),
    /// So many chunks a second on each worker.
    Chunks(u32),
    /// As fast as the machine can.
    Full,
}

/// All paces, the slowest first.
pub(crate) const PACES: [Pace; 10] = [
    Pace::Darts(1),
    Pace::Darts(10),
    Pace::Darts(100),
    Pace::Darts(1_000),
    Pace::Darts(10_000),
    Pace::Chunks(1),
    Pace::Chunks(5),
    Pace::Chunks(20),
    Pace::Chunks(100),
    Pace::Full,
];

impl Pace {
    /// The pace in words.
    pub(crate) fn name(self) -> String {
        match self {
            Pace::Darts(1) => "1 dart/s".to_owned(),
            Pace::Darts(n) => format!("{n} darts/s"),
            Pace::Chunks(1) => "1 chunk/s a worker".to_owned(),
            Pace::Chunks(n) => format!("{n} chunks/s a worker"),
            Pace::Full => "full speed".to_owned(),
        }
    }

    /// How often in a second something is due; `None` at full speed.
    fn per_s(self) -> Option<f64> {
        match self {
            Pace::Darts(n) | Pace::Chunks(n) => Some(f64::from(n)),
            Pace::Full => None,
        }
    }
}

/// What may be thrown now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing for this long.
    Nothing(Duration),
    /// So many darts.
    Darts(u64),
    /// A chunk on each worker.
    Round,
    /// All that there are.
    All,
}

/// The pace, and what of it is due.
pub(crate) struct Tempo {
    /// Its place among [`PACES`].
    place: usize,
    pub(crate) is_paused: bool,
    /// The darts or rounds that may be thrown.
    credit: f64,
}

impl Tempo {
    /// Full speed.
    pub(crate) fn new() -> Tempo {
        Tempo {
            place: PACES.len() - 1,
            is_paused: false,
            credit: 0.0,
        }
    }

    pub(crate) fn pace(&self) -> Pace {
        PACES[self.place]
    }

    /// Whether time that passes between two steps is no time of the run.
    pub(crate) fn stands_still(&self) -> bool {
        self.is_paused || self.pace() != Pace::Full
    }

    /// Goes to the next faster or slower pace, whose first dart lands at once.
    pub(crate) fn change(&mut self, is_faster: bool) {
        self.place = if is_faster {
            (self.place + 1).min(PACES.len() - 1)
        } else {
            self.place.saturating_sub(1)
        };
        self.credit = 1.0;
    }

    /// What is due after the time `passed` since the last call. What is not thrown at once is forgiven.
    pub(crate) fn due(&mut self, passed: Duration) -> Due {
        if self.is_paused {
            return Due::Nothing(Duration::MAX);
        }
        let Some(per_s) = self.pace().per_s() else {
            return Due::All;
        };
        self.credit += passed.as_secs_f64() * per_s;
        let whole = self.credit.floor();
        if whole < 1.0 {
            return Due::Nothing(Duration::from_secs_f64((1.0 - self.credit) / per_s));
        }
        self.credit -= whole;
        match self.pace() {
            Pace::Chunks(_) => Due::Round,
            // After a stop, no more than what falls in a second.
            _ => Due::Darts(whole.min(per_s) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pace_throws_as_many_as_its_name_says() {
        let mut tempo = Tempo::new();
        assert_eq!(tempo.due(Duration::ZERO), Due::All);
        for pace in PACES.iter().rev().skip(1) {
            tempo.change(false);
            assert_eq!(tempo.pace(), *pace);
            let mut sum = 0;
            for _ in 0..1_000 {
                sum += match tempo.due(Duration::from_millis(10)) {
                    Due::Nothing(wait) => {
                        assert!(wait <= Duration::from_secs(1), "{wait:?}");
                        0
                    }
                    Due::Darts(darts) => darts,
                    Due::Round => 1,
                    Due::All => panic!("{pace:?}"),
                };
            }
            let wanted = 10.0 * pace.per_s().unwrap();
            assert!((sum as f64 - wanted).abs() <= 1.0, "{pace:?}: {sum}");
        }
        tempo.change(false);
        assert_eq!(tempo.pace(), Pace::Darts(1), "there is no slower one");
    }

    #[test]
    fn a_pause_throws_nothing_and_owes_nothing() {
        let mut tempo = Tempo::new();
        tempo.is_paused = true;
        assert_eq!(
            tempo.due(Duration::from_secs(9)),
            Due::Nothing(Duration::MAX)
        );
        assert!(tempo.stands_still());
        tempo.is_paused = false;
        tempo.change(false);
        assert_eq!(tempo.due(Duration::ZERO), Due::Round);
        // An hour asleep is no reason to throw an hour's darts.
        for _ in 0..5 {
            tempo.change(false);
        }
        assert_eq!(tempo.pace(), Pace::Darts(1_000));
        assert_eq!(tempo.due(Duration::from_secs(3_600)), Due::Darts(1_000));
    }
}
