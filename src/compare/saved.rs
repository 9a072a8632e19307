//! A comparison as JSON, written and read again. What is read is computed again from its runs: means, hits and
//! ratios must agree with the file, and verdicts replace those in the file, so that no file can make one up.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::laws::{self, Law};
use crate::compare::row::{Comparison, Row, Scaling, Trial};
use crate::compare::strategy::Strategy;
use crate::darts::contract::CONTRACT;
use crate::darts::plan::Plan;
use crate::error::{Error, RecordError};

/// The most workers of a row that is read, as many as can be asked for: each is a share of the darts.
const MAX_WORKERS: usize = 4096;
/// The times that a run may have taken, in seconds: what clocks can see, and 30 years.
const TIMES: std::ops::RangeInclusive<f64> = 1e-9..=1e9;
/// How far, as a share, a number may be from what its runs make: a program that wrote it anew may have
/// rounded it.
const ROUNDED: f64 = 1e-6;
/// What a later version may judge otherwise, by the name of its field.
const JUDGED: [&str; 6] = ["status", "reason", "verdict", "p", "ci95", "laws"];

/// Why a text is not a comparison, or not one that can be.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// It is not JSON, or not that of a comparison.
    #[error("not a saved comparison ({0})")]
    Json(serde_json::Error),

    /// It is the result of a run.
    #[error("a saved run, not a comparison; pi-mc compare --format json saves one")]
    Run,

    /// Its machine, its waits or its probe cannot be.
    #[error("field '{0}' holds what cannot be")]
    Impossible(&'static str),

    /// It has no rows, or the first is not serial.
    #[error("its first row is not serial on 1 worker, which the others are held to")]
    NoSerial,

    /// A row cannot be.
    #[error("row {number} ({name}) {what}")]
    Row {
        /// Which of them, from 1.
        number: usize,
        /// Its strategy and workers.
        name: String,
        /// What is wrong with it.
        what: String,
    },

    /// A field has another value than its runs make.
    #[error("field '{field}' is {is}, but its runs make it {should}")]
    Field {
        /// Where it is, as `rows.2.mean_s`, counted from 0.
        field: String,
        /// Its value.
        is: String,
        /// That of its runs.
        should: String,
    },

    /// No comparison has such a field.
    #[error("unknown field '{0}'")]
    Unknown(String),

    /// Two comparisons of the same size.
    #[error("two comparisons of {0} darts; name each size once")]
    Twice(u64),

    /// Two comparisons that differ in more than their size.
    #[error("several comparisons that differ in '{0}', not in their number of darts alone")]
    Mixed(&'static str),
}

/// A comparison and what follows from it, as they are printed.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    comparison: &'a Comparison,
    laws: Vec<Law>,
}

/// What tells a comparison from other JSON.
#[derive(Deserialize)]
struct Kind {
    contract: u64,
    method: Option<IgnoredAny>,
}

impl Comparison {
    /// The comparison as one line of JSON: its fields, with the time of every run, and its [`laws::laws`].
    ///
    /// # Errors
    /// Those of serde_json, which do not occur for numbers and plain strings.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let printed = Printed {
            comparison: self,
            laws: laws::laws(self),
        };
        Ok(serde_json::to_string(&printed)? + "\n")
    }

    /// Reads what [`Comparison::to_json`] writes, and judges its rows anew.
    ///
    /// # Errors
    /// [`Error::Comparison`] if it is no comparison, or none that can be; [`RecordError::Contract`] if it
    /// is of another contract; those of [`Plan::range`].
    pub fn read(json: &str) -> Result<Comparison, Error> {
        // First of all: another version may have other fields.
        let Kind { contract, method } =
            serde_json::from_str(json).map_err(ComparisonError::Json)?;
        if contract != u64::from(CONTRACT) {
            return Err(RecordError::Contract { contract }.into());
        }
        if method.is_some() {
            return Err(ComparisonError::Run.into());
        }
        let mut read: Comparison = serde_json::from_str(json).map_err(ComparisonError::Json)?;
        read.check()?;
        let trials: Result<Vec<Trial>, Error> =
            read.rows.iter().map(|row| read.trial_of(row)).collect();
        let judged = Row::judge_all(&trials?, read.scaling);
        #[cfg(feature = "gpu")]
        let judged = crate::compare::launch::keep(&read.rows, judged);
        read.rows = judged;

        let saved = serde_json::from_str(json).map_err(ComparisonError::Json)?;
        let made = read.to_json().and_then(|made| serde_json::from_str(&made));
        hold(&saved, &made.map_err(ComparisonError::Json)?, "")?;
        Ok(read)
    }

    fn trial_of(&self, row: &Row) -> Result<Trial, Error> {
        let workers = NonZero::new(row.workers).unwrap_or(NonZero::<usize>::MIN);
        let plan = Plan::range(self.seed, self.first, row.sims)?;
        let runs = row.runs.clone();
        Ok(Trial {
            cores_wanted: row.cores_wanted,
            runs,
            ..Trial::new(row.strategy, plan, workers, row.serial_hits)
        })
    }

    /// Whether it can be judged: what the rows are made of, and what they have in common.
    fn check(&self) -> Result<(), ComparisonError> {
        if !self.machine.is_possible() {
            return Err(ComparisonError::Impossible("machine"));
        }
        if !(0.0..=*TIMES.end()).contains(&self.io_wait_s) {
            return Err(ComparisonError::Impossible("io_wait_s"));
        }
        if self.probed_sims_per_s.is_some_and(|rate| rate <= 0.0) {
            return Err(ComparisonError::Impossible("probed_sims_per_s"));
        }
        let first = self.rows.first().map(|row| (row.strategy, row.workers));
        if first != Some((Strategy::Serial, 1)) {
            return Err(ComparisonError::NoSerial);
        }
        let (mut seen, mut hits) = (BTreeSet::new(), HashMap::new());
        for (row, number) in self.rows.iter().zip(1..) {
            let is_new = seen.insert((row.strategy.name(), row.workers));
            let serial_hits = *hits.entry(row.sims).or_insert(row.serial_hits);
            let what = if is_new {
                self.wrong_with(row, serial_hits)
            } else {
                Some("is there twice".to_owned())
            };
            if let Some(what) = what {
                let name = format!("{} on {}", row.strategy, row.workers);
                return Err(ComparisonError::Row { number, name, what });
            }
        }
        Ok(())
    }

    /// What is wrong with what a row is made of. Rows of as many darts have these serial hits.
    fn wrong_with(&self, row: &Row, serial_hits: u64) -> Option<String> {
        let sims = match self.scaling {
            Scaling::Strong => Some(self.sims),
            Scaling::Weak => self.sims.checked_mul(row.workers as u64),
        };
        let runs = self.rows[0].runs.len();
        if !(1..=MAX_WORKERS).contains(&row.workers) {
            return Some(format!("has not 1 to {MAX_WORKERS} workers"));
        }
        if row.strategy == Strategy::Serial && row.workers > 1 {
            return Some("is serial, which has 1 worker".to_owned());
        }
        if sims != Some(row.sims) {
            return Some(format!("has {} darts, which are not its share", row.sims));
        }
        if row.serial_hits != serial_hits {
            return Some("has other serial hits than a row of as many darts".to_owned());
        }
        if row.runs.is_empty() || row.runs.len() != runs {
            let its = row.runs.len();
            return Some(format!(
                "has {its} runs, serial {runs}; each row has as many, 1 or more"
            ));
        }
        let all_hits = row.runs.iter().map(|run| run.hits);
        if let Some(hits) = all_hits.chain([serial_hits]).find(|hits| *hits > row.sims) {
            return Some(format!("has {hits} hits among {} darts", row.sims));
        }
        let wanted = row.cores_wanted.unwrap_or(1.0);
        if !(0.0..=MAX_WORKERS as f64).contains(&wanted) {
            return Some(format!("wants {wanted:?} cores"));
        }
        let cpu = row.runs.iter().filter_map(|run| run.cpu_s);
        let most = TIMES.end() * MAX_WORKERS as f64;
        if let Some(cpu_s) = cpu.into_iter().find(|cpu_s| !(0.0..=most).contains(cpu_s)) {
            return Some(format!("has a run of {cpu_s:?} s of processor time"));
        }
        #[cfg(feature = "gpu")]
        if row.launch.as_ref().is_some_and(|l| !l.is_possible()) {
            return Some("has a launch of a GPU that cannot be".to_owned());
        }
        let mut times = row.runs.iter().map(|run| run.elapsed_s);
        let elapsed_s = times.find(|elapsed_s| !TIMES.contains(elapsed_s))?;
        Some(format!(
            "has a run of {elapsed_s:?} s; a run takes from 1e-9 s to 1e9 s"
        ))
    }
}

/// Whether all that is `saved` is what was `made` of it, but for what is judged.
fn hold(saved: &Value, made: &Value, path: &str) -> Result<(), ComparisonError> {
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match (saved, made) {
        (Value::Object(saved), Value::Object(made)) => {
            for (name, value) in saved {
                let field = inside(name);
                match made.get(name) {
                    Some(_) if JUDGED.contains(&name.as_str()) => {}
                    Some(made) => hold(value, made, &field)?,
                    // What is unknown may be left out or be null.
                    None if value.is_null() => {}
                    None => return Err(ComparisonError::Unknown(field)),
                }
            }
            Ok(())
        }
        (Value::Array(saved), Value::Array(made)) if saved.len() == made.len() => {
            let pairs = saved.iter().zip(made).enumerate();
            pairs
                .into_iter()
                .try_for_each(|(i, (saved, made))| hold(saved, made, &inside(&i.to_string())))
        }
        _ if is_near(saved, made) => Ok(()),
        _ => Err(ComparisonError::Field {
            field: path.to_owned(),
            is: saved.to_string(),
            should: made.to_string(),
        }),
    }
}

/// Whether they are the same, or two numbers that rounding tells apart. Whole numbers are not rounded.
fn is_near(saved: &Value, made: &Value) -> bool {
    let is_whole = |value: &Value| value.is_u64() || value.is_i64();
    match (saved.as_f64(), made.as_f64()) {
        (Some(a), Some(b)) if !(is_whole(saved) && is_whole(made)) => {
            (a - b).abs() <= ROUNDED * a.abs().max(b.abs())
        }
        _ => saved == made,
    }
}

/// Puts comparisons of several sizes in order, the smallest first.
///
/// # Errors
/// [`ComparisonError::Mixed`] if they differ in more than their size, or two have the same.
pub fn by_size(mut comparisons: Vec<Comparison>) -> Result<Vec<Comparison>, ComparisonError> {
    comparisons.sort_by_key(|comparison| comparison.sims);
    for [a, b] in comparisons.array_windows() {
        let rows = |one: &Comparison| -> Vec<_> {
            let rows = one.rows.iter();
            rows.map(|row| (row.strategy, row.workers)).collect()
        };
        for (field, same) in [
            ("seed", a.seed == b.seed && a.first == b.first),
            ("scaling", a.scaling == b.scaling),
            ("io_wait_s", a.io_wait_s == b.io_wait_s),
            ("warmup", a.warmup == b.warmup),
            ("machine", a.machine.is_same(&b.machine)),
            ("rows", rows(a) == rows(b)),
            ("runs", a.rows[0].runs.len() == b.rows[0].runs.len()),
        ] {
            if !same {
                return Err(ComparisonError::Mixed(field));
            }
        }
        if a.sims == b.sims {
            return Err(ComparisonError::Twice(a.sims));
        }
    }
    Ok(comparisons)
}
