//! Whether a row got the cores that it would keep busy on an idle machine.
//!
//! Processor time over elapsed time is the number of cores that a run got; the time that other programs, a
//! hypervisor or a quota took is not in it. A shortfall is the machine's fault only if the strategy's workers
//! neither sleep nor wait for a lock; for such strategies the sizes of the shares give the cores wanted.
//!
//! Two measures were rejected. Involuntary context switches (ru_nivcsw) do not show how long a thread was away.
//! The time on Linux's run queue (schedstat) does, but workers beyond the cores wait there for each other, and
//! a hypervisor's share is not in it.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZero;

use crate::compare::own::StrategyName;
use crate::compare::row::{Row, SHORT_S};
use crate::compare::strategy::Strategy;
use crate::compare::trial::Trial;
use crate::darts::plan::Plan;
use crate::darts::tally::counted;

/// A row that got less than this share of the cores wanted was on a busy machine: starting threads and waiting
/// for the last share cost less than the rest.
const LEAST: f64 = 0.8;

/// A ratio is told from 1 on a busy machine if it is this many times beyond all that missing cores explain.
const BEYOND: f64 = 2.0;

/// A row is judged only if its runs take this many times as long as the start of its workers.
const LONG_BESIDE_STARTS: f64 = 20.0;

/// The cores that a row got on average, and the cores that it wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cores {
    /// Processor time over elapsed time.
    pub got: f64,
    /// The cores that it would keep busy on an idle machine.
    pub wanted: f64,
}

/// `1.3 of 2 cores`.
impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted = (self.wanted * 10.0).round() / 10.0;
        write!(f, "{:.1} of {}", self.got, counted(wanted, "core"))
    }
}

/// How many of `cores` a strategy keeps busy from start to end: fewer than all if shares differ, since some are
/// done before the others. `None` if workers wait for one another by design, and for a
/// caller's own strategy, which is `None`.
pub(crate) fn cores_wanted(
    strategy: Option<Strategy>,
    plan: &Plan,
    workers: NonZero<usize>,
    cores: NonZero<usize>,
) -> Option<f64> {
    match strategy? {
        Strategy::Serial => Some(1.0),
        Strategy::Pool
        | Strategy::Threads
        | Strategy::Processes
        | Strategy::Atomic
        | Strategy::Race
        | Strategy::SameSeed => {
            // With more workers than cores, as if each worker stayed on one core: the least that they want.
            let mut darts = vec![0; cores.min(workers).get()];
            let places = darts.len();
            for (worker, share) in plan.shares(workers).enumerate() {
                darts[worker % places] += share.sims();
            }
            let most = darts.iter().max()?;
            Some(plan.sims() as f64 / *most as f64)
        }
        _ => None,
    }
}

/// The cores of a row that got far fewer than it wanted; `None` if it got them, or if it is unknown.
pub fn shortfall(row: &Row) -> Option<Cores> {
    let (got, wanted) = (row.cores()?, row.cores_wanted?);
    let cores = Cores { got, wanted };
    is_short(cores, &row.strategy, row.workers, row.mean_s).then_some(cores)
}

/// [`shortfall`] of a trial.
pub(crate) fn shortfall_of_trial(trial: &Trial) -> Option<Cores> {
    let (got, wanted) = (trial.cores()?, trial.cores_wanted?);
    let (cores, workers) = (Cores { got, wanted }, trial.workers.get());
    is_short(cores, &trial.strategy, workers, trial.times().mean_s).then_some(cores)
}

/// The most that a busy machine can have stretched the times of a trial on a machine of `cores`: the cores that
/// it wanted over those that it got, at least 1. A strategy whose workers wait for each other wants at most a core
/// for each.
pub(crate) fn stretch(trial: &Trial, cores: usize) -> f64 {
    stretched(
        trial.cores(),
        trial.cores_wanted,
        trial.workers.get(),
        cores,
    )
}

/// [`stretch`] of a row.
pub(crate) fn stretch_of_row(row: &Row, cores: usize) -> f64 {
    stretched(row.cores(), row.cores_wanted, row.workers, cores)
}

fn stretched(got: Option<f64>, wanted: Option<f64>, workers: usize, cores: usize) -> f64 {
    let wanted = wanted.unwrap_or(workers.min(cores) as f64);
    let got = got.filter(|got| *got > 0.0);
    got.map_or(1.0, |got| (wanted / got).max(1.0))
}

/// Whether a ratio of two speeds is above 1 or below it on a busy machine too. On an idle one it could be up to `own`
/// times larger, as often as its numerator was stretched, and up to `other` times smaller. `None` where it is no more
/// than twice beyond that.
pub(crate) fn told_from_1(ratio: f64, own: f64, other: f64) -> Option<Ordering> {
    if ratio * own < 1.0 / BEYOND {
        Some(Ordering::Less)
    } else if ratio > BEYOND * other {
        Some(Ordering::Greater)
    } else {
        None
    }
}

fn is_short(cores: Cores, strategy: &StrategyName, workers: usize, mean_s: f64) -> bool {
    let start_s = if *strategy == Strategy::Processes {
        2e-3
    } else {
        4e-5
    };
    mean_s >= SHORT_S
        && mean_s >= LONG_BESIDE_STARTS * start_s * workers as f64
        && cores.got < LEAST * cores.wanted
}

/// The row with the largest shortfall, if there is one.
pub fn worst<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<(&'a Row, Cores)> {
    let short = rows
        .into_iter()
        .filter_map(|row| Some((row, shortfall(row)?)));
    let share = |(_, Cores { got, wanted }): &(&Row, Cores)| got / wanted;
    short.min_by(|a, b| share(a).total_cmp(&share(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::row::{Reason, Scaling, Status, TimedRun};

    const CHUNK: u64 = 65_536;

    fn some(n: usize) -> NonZero<usize> {
        NonZero::new(n).unwrap()
    }

    #[test]
    fn what_is_wanted_follows_from_the_shares() {
        for (strategy, sims, workers, cores, wanted) in [
            (Strategy::Serial, 10 * CHUNK, 1, 2, Some(1.0)),
            (Strategy::Pool, 10 * CHUNK, 2, 2, Some(2.0)),
            // Shares of 4, 3 and 3 chunks, of which the first and the last are on one core.
            (Strategy::Threads, 10 * CHUNK, 3, 2, Some(10.0 / 7.0)),
            (Strategy::Threads, 10 * CHUNK, 3, 64, Some(2.5)),
            // No more workers than chunks, and the last chunk has one dart.
            (Strategy::Processes, 3 * CHUNK, 8, 64, Some(3.0)),
            (Strategy::Race, CHUNK + 1, 2, 2, Some(1.0 + 1.0 / 65_536.0)),
            (Strategy::Atomic, 10 * CHUNK, 4_096, 1, Some(1.0)),
            // Their workers wait for each other.
            (Strategy::Lock, 10 * CHUNK, 2, 2, None),
            (Strategy::Queue, 10 * CHUNK, 2, 2, None),
        ] {
            let plan = Plan::first(1, sims).unwrap();
            let found = cores_wanted(Some(strategy), &plan, some(workers), some(cores));
            assert_eq!(found, wanted, "{strategy}, {sims} on {workers}");
        }
    }

    /// Three runs of the same elapsed and processor time.
    fn trial(strategy: Strategy, workers: usize, elapsed_s: f64, cpu_s: Option<f64>) -> Trial {
        let plan = Plan::first(1, 100 * CHUNK).unwrap();
        let hits = 5_000_000;
        let run = TimedRun {
            elapsed_s,
            cpu_s,
            hits,
            hand_overs: None,
        };
        Trial {
            cores_wanted: cores_wanted(Some(strategy), &plan, some(workers), some(2)),
            runs: vec![run; 3],
            ..Trial::new(strategy, plan, some(workers), hits)
        }
    }

    #[test]
    fn a_row_that_got_too_few_cores_is_not_judged() {
        let quiet = trial(Strategy::Serial, 1, 0.2, Some(0.199));
        let faster = "faster than serial";
        let of_2 = "cannot tell: the machine was busy (1.3 of 2 cores)";
        for (strategy, workers, elapsed_s, cpu_s, verdict) in [
            (Strategy::Pool, 2, 0.1, Some(0.198), faster),
            (Strategy::Pool, 2, 0.1, Some(0.13), of_2),
            (Strategy::Processes, 2, 0.1, Some(0.13), of_2),
            (Strategy::Atomic, 4, 0.1, Some(0.13), of_2),
            // A fifth less is tolerated.
            (Strategy::Threads, 2, 0.1, Some(0.161), faster),
            (
                Strategy::Threads,
                2,
                0.1,
                Some(0.159),
                "cannot tell: the machine was busy (1.6 of 2 cores)",
            ),
            (
                Strategy::Pool,
                1,
                0.21,
                Some(0.147),
                "cannot tell: the machine was busy (0.7 of 1 core)",
            ),
            // The cores that they got, or wanted, are unknown.
            (Strategy::Pool, 2, 0.1, None, faster),
            (Strategy::Lock, 2, 0.1, Some(0.1), faster),
            (Strategy::Queue, 2, 0.1, Some(0.1), faster),
            // Too short compared with the system's ticks, or with the start of the workers.
            (Strategy::Pool, 2, 0.03, Some(0.03), faster),
            (Strategy::Pool, 2, 0.019, Some(0.019), faster),
            (Strategy::Processes, 2, 0.07, Some(0.07), faster),
            (Strategy::Threads, 128, 0.1, Some(0.1), faster),
        ] {
            let trial = trial(strategy, workers, elapsed_s, cpu_s);
            let row = Row::judge(&trial, &quiet, Scaling::Strong, 2);
            assert_eq!(row.verdict, verdict, "{strategy} ({workers}) {cpu_s:?}");
            let busy = Some(Reason::BusyMachine);
            assert_eq!(row.reason == busy, row.status == Status::CannotTell);
            assert_eq!(row.cpu_s.map(|s| (s * 1e6).round() / 1e6), cpu_s);
        }
        // If one run is unknown, so is the mean.
        let mut half = trial(Strategy::Pool, 2, 0.1, Some(0.13));
        half.runs[1].cpu_s = None;
        let row = Row::judge(&half, &quiet, Scaling::Strong, 2);
        assert_eq!((row.cpu_s, row.status), (None, Status::Faster));
        // A wrong answer is wrong on any machine.
        let mut race = trial(Strategy::Race, 2, 0.1, Some(0.13));
        race.runs[1].hits -= 1;
        let row = Row::judge(&race, &quiet, Scaling::Strong, 2);
        assert_eq!(row.status, Status::Lost);
    }

    /// Missing cores explain at most that factor; far beyond it a row is slower or faster whatever else ran.
    #[test]
    fn a_busy_machine_explains_only_so_much() {
        let busy_serial = trial(Strategy::Serial, 1, 0.117, Some(0.08));
        let quiet = trial(Strategy::Serial, 1, 0.117, Some(0.117));
        for (strategy, workers, elapsed_s, cpu_s, serial, status) in [
            // Two workers at the lock got 1.4 of 2 cores: at most 1.4 times slower for that.
            (Strategy::Lock, 2, 1.38, 1.98, &busy_serial, Status::Slower),
            // At most twice as slow for that, which is not enough.
            (
                Strategy::Lock,
                2,
                0.3,
                0.3,
                &busy_serial,
                Status::CannotTell,
            ),
            // More workers than cores want no more than the cores.
            (
                Strategy::Lock,
                4_096,
                1.38,
                1.98,
                &busy_serial,
                Status::Slower,
            ),
            (Strategy::Pool, 2, 0.7, 0.7, &quiet, Status::Slower),
            (Strategy::Pool, 2, 0.4, 0.4, &quiet, Status::CannotTell),
            // Serial lacked a third of its core, which explains a factor of 1.5.
            (
                Strategy::Pool,
                2,
                0.021,
                0.042,
                &busy_serial,
                Status::Faster,
            ),
            (
                Strategy::Pool,
                2,
                0.04,
                0.08,
                &busy_serial,
                Status::CannotTell,
            ),
        ] {
            let trial = trial(strategy, workers, elapsed_s, Some(cpu_s));
            let row = Row::judge(&trial, serial, Scaling::Strong, 2);
            let name = format!("{strategy} ({workers}) {elapsed_s}: {}", row.verdict);
            assert_eq!(
                (row.status, row.reason),
                (status, Some(Reason::BusyMachine)),
                "{name}"
            );
        }
    }

    /// If serial got too few cores, all other rows look faster than they are.
    #[test]
    fn nothing_is_told_beside_a_serial_that_got_too_little() {
        let trials = [
            trial(Strategy::Serial, 1, 0.3, Some(0.2)),
            trial(Strategy::Pool, 2, 0.12, Some(0.198)),
            trial(Strategy::Threads, 2, 0.12, Some(0.12)),
            trial(Strategy::Lock, 2, 0.5, Some(0.6)),
        ];
        let rows = Row::judge_all(&trials, Scaling::Strong, 2);
        let of_serial = "cannot tell: the machine was busy (serial: 0.7 of 1 core)";
        let own = "cannot tell: the machine was busy (1.0 of 2 cores)";
        let verdicts = rows.iter().map(|row| row.verdict.as_str());
        let expected = ["the baseline", of_serial, own, of_serial];
        assert_eq!(verdicts.collect::<Vec<_>>(), expected);
        let (row, cores) = worst(&rows).unwrap();
        let shown = (row.strategy.known(), cores.to_string());
        assert_eq!(
            shown,
            (Some(Strategy::Threads), "1.0 of 2 cores".to_owned())
        );
        assert!(worst(&rows[1..2]).is_none());
    }

    #[test]
    fn cores_are_named_with_no_digit_too_many() {
        for (got, wanted, shown) in [
            (1.34, 2.0, "1.3 of 2 cores"),
            (0.66, 1.0, "0.7 of 1 core"),
            (0.9, 10.0 / 7.0, "0.9 of 1.4 cores"),
            (1.0, 1.9999, "1.0 of 2 cores"),
            (0.5, 1.0001, "0.5 of 1 core"),
        ] {
            assert_eq!(Cores { got, wanted }.to_string(), shown);
        }
    }
}
