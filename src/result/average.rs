//! The mean of the estimates of several runs, each with its own seed or its own darts: what a pool of processes
//! with a seed each computes. It differs from the estimate of one long run, which throws other darts. To add up
//! the shards of one run, use [`merge`](crate::merge()).

use serde::Serialize;

use crate::darts::tally::Part;
use crate::error::{Error, MergeError};
use crate::result::estimate::{Estimate, Z95};
use crate::result::record::Record;

/// The mean of the estimates of several runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Average {
    /// The mean of the estimates, each counted alike.
    pub pi: f64,
    /// Its standard error: the root of the sum of the squared errors, over the number of runs. Unknown if
    /// that of a run is.
    pub std_error: Option<f64>,
    /// The ends of the 95 % interval that follows from it.
    pub ci95: Option<[f64; 2]>,
    /// All darts together.
    pub sims: u64,
    /// The runs, in the order in which they came.
    pub runs: Vec<Run>,
}

/// One of the runs that were averaged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// The number of its first dart.
    pub first: u64,
    /// Its darts.
    pub sims: u64,
    /// Those that hit.
    pub hits: u64,
    /// Its estimate.
    pub pi: f64,
    /// The standard error of that; unknown if all darts hit or none does.
    pub std_error: Option<f64>,
}

/// Averages the estimates of `records`, each with the name that an error calls it by.
///
/// # Errors
/// [`Error::Merge`] if there are none, if one holds no dart, if two share darts, which would count twice,
/// or if all together are too many to be numbered. [`Error::Record`] if one is none that [`Record::read`]
/// would give.
pub fn average(records: &[(String, Record)]) -> Result<Average, Error> {
    let mut runs = Vec::new();
    let mut sims: u64 = 0;
    for (name, record) in records {
        record.check()?;
        if record.sims == 0 {
            return Err(MergeError::Empty { name: name.clone() }.into());
        }
        let more = sims.checked_add(record.sims);
        sims = more.ok_or(MergeError::TooManyDarts)?;
        let estimate = Estimate::of(record.tally());
        runs.push(Run {
            seed: record.seed,
            first: record.first,
            sims: record.sims,
            hits: record.hits,
            pi: estimate.pi,
            std_error: estimate.known_error(),
        });
    }
    if runs.is_empty() {
        return Err(MergeError::Nothing.into());
    }
    no_dart_twice(records)?;

    let n = runs.len() as f64;
    let pi = runs.iter().map(|run| run.pi).sum::<f64>() / n;
    let squares = runs.iter().map(|run| Some(run.std_error?.powi(2)));
    let std_error = squares.sum::<Option<f64>>().map(|sum| sum.sqrt() / n);
    Ok(Average {
        pi,
        std_error,
        ci95: std_error.map(|error| [pi - Z95 * error, pi + Z95 * error]),
        sims,
        runs,
    })
}

/// Whether no dart of any seed is in two records.
fn no_dart_twice(records: &[(String, Record)]) -> Result<(), Error> {
    let mut parts: Vec<(u64, Part, &str)> = Vec::new();
    for (name, record) in records {
        let ranges = record.ranges().into_iter().filter(|part| part.sims > 0);
        parts.extend(ranges.map(|part| (record.seed, part, name.as_str())));
    }
    parts.sort_by_key(|(seed, part, _)| (*seed, part.first));
    let overlap = parts
        .array_windows()
        .find(|[(seed, a, _), (other, b, _)]| seed == other && a.end() > Some(b.first));
    match overlap {
        None => Ok(()),
        Some([(_, part, name), (_, other_part, other)]) => Err(MergeError::Overlap {
            name: (*name).to_owned(),
            part: *part,
            other: (*other).to_owned(),
            other_part: *other_part,
        }
        .into()),
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
        let [low, high] = average.ci95.unwrap();
        assert!((high - low - 2.0 * 1.959_963_984_540_054 * error).abs() < 1e-12);
        let seeds: Vec<u64> = average.runs.iter().map(|run| run.seed).collect();
        assert_eq!((average.sims, seeds), (20_000, vec![1, 2]));
    }

    /// Each run counts alike, however many darts it has.
    #[test]
    fn it_is_not_weighted() {
        let records = [record(1, 0, 10, 8), record(2, 0, 1_000_000, 750_000)];
        assert!((average(&records).unwrap().pi - 3.1).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_averaged_is_named() {
        let message = |records: &[_]| average(records).unwrap_err().to_string();
        let same = [record(1, 0, 100, 80), record(1, 50, 100, 80)];
        assert!(message(&same).contains("overlap"), "{}", message(&same));
        assert!(average(&[record(1, 0, 100, 80), record(1, 100, 100, 80)]).is_ok());
        assert!(average(&[record(1, 0, 100, 80), record(2, 0, 100, 80)]).is_ok());
        let all = [record(1, 0, u64::MAX, 1), record(2, 0, 1, 1)];
        assert!(message(&all).contains("2^64"), "{}", message(&all));
        let every = average(&[record(1, 0, 4, 4), record(2, 0, 4, 3)]).unwrap();
        assert_eq!((every.std_error, every.ci95), (None, None));
        assert!(average(&[]).is_err());
    }
}
