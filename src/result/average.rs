//! The mean of the estimates of several runs, each with its own seed or its own darts: what a pool of
//! processes with a seed each computes. It differs from the estimate of one long run, which throws other
//! darts. [`merge`](crate::merge()) adds up the shards of one run.

use serde::Serialize;

use crate::result::estimate::{Interval, Z95};
use crate::result::merge::{MergeError, NOTHING, check_each, parts_in_order};
use crate::result::record::Record;

/// The mean of the estimates of several runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Average {
    /// The mean of the estimates, in which each run has the same weight.
    pub pi: f64,
    /// The standard error of the mean: the root of the sum of the squared errors, over the number of
    /// runs. `None` if the error of a run is unknown.
    pub std_error: Option<f64>,
    /// The 95 % interval, the mean ± 1.96 standard errors.
    pub ci95: Option<Interval>,
    /// The darts of all runs together.
    pub sims: u64,
    /// The runs, in the order in which they were given.
    pub runs: Vec<AveragedRun>,
}

/// One of the runs that were averaged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AveragedRun {
    /// The run's seed.
    pub seed: u64,
    /// The number of the first dart.
    pub first: u64,
    /// Darts thrown.
    pub sims: u64,
    /// The hits among them.
    pub hits: u64,
    /// The run's estimate of pi.
    pub pi: f64,
    /// The standard error of the estimate; `None` if all darts hit or none does.
    pub std_error: Option<f64>,
}

/// Averages the estimates of `records`, each with the name by which errors call it.
///
/// # Errors
/// If there are no records, if one holds no dart, if two share darts, which would count twice, if all
/// darts together are too many to be numbered, or if a record fails [`Record::check`].
pub fn average(records: &[(String, Record)]) -> Result<Average, MergeError> {
    check_each(records)?;
    if let Some((name, _)) = records.iter().find(|(_, record)| record.sims == 0) {
        return Err(MergeError::Other(format!(
            "{name} holds no darts, so it has no estimate to average"
        )));
    }
    let mut sims = records.iter().map(|(_, record)| record.sims);
    let sims = sims
        .try_fold(0, u64::checked_add)
        .ok_or_else(|| MergeError::Other("all darts together must stay below 2^64".into()))?;
    if records.is_empty() {
        return Err(MergeError::Other(NOTHING.to_owned()));
    }
    parts_in_order(records)?;

    let runs: Vec<AveragedRun> = records.iter().map(|(_, record)| averaged(record)).collect();
    let n = runs.len() as f64;
    let pi = runs.iter().map(|run| run.pi).sum::<f64>() / n;
    let squares = runs.iter().map(|run| Some(run.std_error?.powi(2)));
    let std_error = squares.sum::<Option<f64>>().map(|sum| sum.sqrt() / n);
    Ok(Average {
        pi,
        std_error,
        ci95: std_error.map(|error| [pi - Z95 * error, pi + Z95 * error].into()),
        sims,
        runs,
    })
}

fn averaged(record: &Record) -> AveragedRun {
    let estimate = record.estimate();
    AveragedRun {
        seed: record.seed,
        first: record.first,
        sims: record.sims,
        hits: record.hits,
        pi: estimate.pi,
        std_error: estimate.known_error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::darts::plan::Plan;
    use crate::darts::tally::Tally;
    use crate::result::record::Method;

    fn record(seed: u64, first: u64, sims: u64, hits: u64) -> (String, Record) {
        let plan = Plan::range(seed, first, sims).unwrap();
        let record = Record::new(&plan, Tally { sims, hits }, Method::Darts);
        (format!("{seed}.json"), record)
    }

    /// 3.2 ± 0.016 and 3.0 ± 0.0173205: the mean is 3.1, and its error half the root of 0.000256 + 0.0003.
    #[test]
    fn an_average_worked_by_hand() {
        let records = [record(1, 0, 10_000, 8_000), record(2, 0, 10_000, 7_500)];
        let average = average(&records).unwrap();
        assert!((average.pi - 3.1).abs() < 1e-12);
        let error = (0.000_256f64 + 0.000_3).sqrt() / 2.0;
        assert!((average.std_error.unwrap() - error).abs() < 1e-12);
        let Interval { low, high } = average.ci95.unwrap();
        assert!((high - low - 2.0 * 1.959_963_984_540_054 * error).abs() < 1e-12);
        let seeds: Vec<u64> = average.runs.iter().map(|run| run.seed).collect();
        assert_eq!((average.sims, seeds), (20_000, vec![1, 2]));
    }

    /// Each run counts alike, however many darts it has.
    #[test]
    fn it_is_not_weighted() {
        let records = [record(1, 0, 10, 8), record(2, 0, 10_000, 7_500)];
        assert!((average(&records).unwrap().pi - 3.1).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_averaged_is_named() {
        let message = |records: &[_]| average(records).unwrap_err().to_string();
        let same = [record(1, 0, 100, 80), record(1, 50, 100, 80)];
        assert!(message(&same).contains("overlap"), "{}", message(&same));
        assert!(average(&[record(1, 0, 100, 80), record(1, 100, 100, 80)]).is_ok());
        assert!(average(&[record(1, 0, 100, 80), record(2, 0, 100, 80)]).is_ok());
        let hits = (u64::MAX as f64 * std::f64::consts::FRAC_PI_4) as u64;
        let all = [record(1, 0, u64::MAX, hits), record(2, 0, 1, 1)];
        assert!(message(&all).contains("2^64"), "{}", message(&all));
        let every = average(&[record(1, 0, 4, 4), record(2, 0, 4, 3)]).unwrap();
        assert_eq!((every.std_error, every.ci95), (None, None));
        assert!(average(&[]).is_err());
    }
}
