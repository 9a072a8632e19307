//! A comparison as JSON, written and read again. Only facts are read: the header, and of each row the strategy,
//! workers, darts, serial's hits, cores wanted and runs. The rest follows from them and is judged again, so no
//! file can make up a verdict. All other fields are for readers of the file, and ignored.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use crate::compare::laws::Law;
use crate::compare::own::StrategyName;
use crate::compare::row::{Comparison, MAX_RUNS, Row, Scaling, Setup, TimedRun};
use crate::compare::strategy::Strategy;
use crate::compare::trial::Trial;
use crate::darts::contract::CONTRACT;
use crate::darts::plan::Plan;
use crate::darts::tally::{Tally, json};
use crate::engine::machine::{self, Machine};
use crate::error::Error;
use crate::result::estimate::absurdity;
use crate::result::record::{FORMAT, check_format};

/// The most workers of a row, the same limit as on the command line: each worker is a share of the darts.
const MAX_WORKERS: usize = 4096;

/// The seconds that a run may take: from what clocks can resolve to 30 years.
const TIMES: RangeInclusive<f64> = 1e-9..=1e9;

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).or_else(|error| {
        impossible(format!(
            "not a saved comparison; pi-mc compare --format json saves one ({error})"
        ))
    })
}

/// The error that the fields have impossible values, or do not fit each other.
pub(crate) fn impossible<T>(message: impl Into<String>) -> Result<T, Error> {
    Err(Error::Invalid(message.into()))
}

/// The first fields of a saved comparison.
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(default)]
    format: u32,
    contract: u32,
    seed: u64,
    first: u64,
    sims: u64,
    scaling: Scaling,
    io_wait_s: f64,
    warmup: usize,
    #[serde(deserialize_with = "machine::unchecked")]
    machine: Machine,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
}

/// A comparison as it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    header: Header,
    rows: &'a [Row],
    laws: Vec<Law>,
}

/// The fields that other versions of the format, and saved runs, have too.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Format {
    format: Option<u64>,
    contract: u64,
    method: Option<IgnoredAny>,
}

/// The rows of a comparison as they are read.
#[derive(Deserialize)]
struct Rows {
    rows: Vec<Facts>,
}

/// The facts of a row.
#[derive(Deserialize)]
struct Facts {
    #[serde(flatten, deserialize_with = "strategy")]
    strategy: StrategyName,
    workers: usize,
    sims: u64,
    serial_hits: u64,
    cores_wanted: Option<f64>,
    #[serde(deserialize_with = "runs")]
    runs: Vec<TimedRun>,
}

/// The strategy of a row. A name that this version does not know is refused unless the row says that the
/// strategy was the caller's own.
fn strategy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StrategyName, D::Error> {
    #[derive(Deserialize)]
    struct Saved {
        strategy: String,
        #[serde(default)]
        own: bool,
    }
    let Saved { strategy, own } = Saved::deserialize(deserializer)?;
    if own {
        StrategyName::own(&strategy).map_err(D::Error::custom)
    } else {
        let known = Strategy::try_from(strategy).map_err(D::Error::custom)?;
        Ok(known.into())
    }
}

/// A run as it is read; [`Facts::fault`] checks it.
#[derive(Deserialize)]
struct Run {
    elapsed_s: f64,
    cpu_s: Option<f64>,
    hits: u64,
    hand_overs: Option<u64>,
}

fn runs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TimedRun>, D::Error> {
    let runs: Vec<Run> = Vec::deserialize(deserializer)?;
    let timed = |run: Run| TimedRun {
        elapsed_s: run.elapsed_s,
        cpu_s: run.cpu_s,
        hits: run.hits,
        hand_overs: run.hand_overs,
    };
    Ok(runs.into_iter().map(timed).collect())
}

impl Comparison {
    /// The comparison as one line of JSON: header, rows with every run, and [`laws`](Comparison::laws).
    pub fn to_json(&self) -> String {
        let written = Written {
            header: Header {
                format: FORMAT,
                contract: CONTRACT,
                seed: self.setup.seed,
                first: self.setup.first,
                sims: self.sims,
                scaling: self.setup.scaling,
                io_wait_s: self.setup.io_wait.as_secs_f64(),
                warmup: self.setup.warmup,
                machine: self.machine.clone(),
                partial: self.partial,
            },
            rows: &self.rows,
            laws: self.laws(),
        };
        json(&written)
    }

    /// Reads the output of [`Comparison::to_json`], and judges its rows again.
    ///
    /// # Errors
    /// If the text is not a comparison, is one of another contract, or has impossible facts.
    pub fn read(text: &str) -> Result<Comparison, Error> {
        // Checked before the other fields, which may differ between versions.
        let Format {
            format,
            contract,
            method,
        } = parse(text)?;
        check_format(format)?;
        if contract != u64::from(CONTRACT) {
            return impossible(format!(
                "contract {contract}, but this pi-mc counts by contract {CONTRACT}"
            ));
        }
        if method.is_some() {
            return impossible(
                "a saved run, not a comparison; pi-mc compare --format json saves one",
            );
        }
        let header: Header = parse(text)?;
        let Rows { rows } = parse(text)?;
        if !header.machine.is_possible() {
            return impossible("field 'machine' has an impossible value");
        }
        if header.warmup > MAX_RUNS {
            return impossible("field 'warmup' has an impossible value");
        }
        if !(0.0..=*TIMES.end()).contains(&header.io_wait_s) {
            return impossible("field 'io_wait_s' has an impossible value");
        }
        check_rows(&header, &rows)?;
        let trials = rows.into_iter().map(|row| row.trial(&header));
        let trials = trials.collect::<Result<Vec<Trial>, _>>()?;
        Ok(Comparison {
            rows: Row::judge_all(&trials, header.scaling, header.machine.cores),
            setup: Setup {
                seed: header.seed,
                first: header.first,
                scaling: header.scaling,
                io_wait: Duration::from_secs_f64(header.io_wait_s),
                warmup: header.warmup,
            },
            sims: header.sims,
            machine: header.machine,
            partial: header.partial,
        })
    }
}

/// Whether the rows are those of one comparison, and each is possible.
fn check_rows(header: &Header, rows: &[Facts]) -> Result<(), Error> {
    let serial = match rows.first() {
        Some(first) if first.strategy == Strategy::Serial && first.workers == 1 => first,
        _ => {
            return impossible(
                "its first row is not serial on 1 worker, with which the others are compared",
            );
        }
    };
    let (mut seen, mut hits) = (BTreeSet::new(), HashMap::new());
    for (row, number) in rows.iter().zip(1..) {
        let is_new = seen.insert((row.strategy.name(), row.workers));
        let serial_hits = *hits.entry(row.sims).or_insert(row.serial_hits);
        let fault = if is_new {
            row.fault(header, serial, serial_hits)
        } else {
            Some("is there twice".to_owned())
        };
        if let Some(fault) = fault {
            let name = format!("{} on {}", row.strategy, row.workers);
            return impossible(format!("row {number} ({name}) {fault}"));
        }
    }
    Ok(())
}

impl Facts {
    /// The trial that the facts are of. For a row without a fault.
    fn trial(self, header: &Header) -> Result<Trial, Error> {
        let plan = Plan::from_start(header.seed, header.first, self.sims);
        Ok(Trial {
            strategy: self.strategy,
            plan: plan.or_else(|error| impossible(error.to_string()))?,
            workers: NonZero::new(self.workers).unwrap_or(NonZero::<usize>::MIN),
            serial_hits: self.serial_hits,
            cores_wanted: self.cores_wanted,
            runs: self.runs,
        })
    }

    /// The first impossible fact, if there is one. Other rows of as many darts have `serial_hits`.
    fn fault(&self, header: &Header, serial: &Facts, serial_hits: u64) -> Option<String> {
        let sims = match header.scaling {
            Scaling::Strong => Some(header.sims),
            Scaling::Weak => header.sims.checked_mul(self.workers as u64),
        };
        if !(1..=MAX_WORKERS).contains(&self.workers) {
            return Some(format!("has not 1 to {MAX_WORKERS} workers"));
        }
        if self.strategy == Strategy::Serial && self.workers > 1 {
            return Some("is serial, which has 1 worker".to_owned());
        }
        if sims != Some(self.sims) {
            return Some(format!("has {} darts, which are not its share", self.sims));
        }
        if self.serial_hits != serial_hits {
            return Some("has other serial hits than a row of as many darts".to_owned());
        }
        let (own, expected) = (self.runs.len(), serial.runs.len());
        if own == 0 || own != expected {
            return Some(format!(
                "has {own} runs, serial {expected}; each row has as many, 1 or more"
            ));
        }
        let mut all_hits = self.runs.iter().map(|run| run.hits).chain([serial_hits]);
        if let Some(hits) = all_hits.find(|hits| *hits > self.sims) {
            return Some(format!("has {hits} hits among {} darts", self.sims));
        }
        // Rows without these hits are wrong, and called so.
        let (sims, hits) = (self.sims, serial_hits);
        if let Some(absurdity) = absurdity(Tally { sims, hits }) {
            return Some(format!(
                "has {hits} hits among {sims} darts, {:.0} standard deviations off; no count gives them",
                absurdity.abs()
            ));
        }
        let hands_over = self.runs.iter().any(|run| run.hand_overs.is_some());
        if hands_over && self.strategy != Strategy::Gil {
            return Some("has hand-overs, which only gil counts".to_owned());
        }
        let wanted = self.cores_wanted.unwrap_or(1.0);
        if !(0.0..=MAX_WORKERS as f64).contains(&wanted) {
            return Some(format!("wants {wanted:?} cores"));
        }
        let most_cpu_s = TIMES.end() * MAX_WORKERS as f64;
        let mut cpu = self.runs.iter().filter_map(|run| run.cpu_s);
        if let Some(cpu_s) = cpu.find(|cpu_s| !(0.0..=most_cpu_s).contains(cpu_s)) {
            return Some(format!("has a run of {cpu_s:?} s of processor time"));
        }
        let mut times = self.runs.iter().map(|run| run.elapsed_s);
        let elapsed_s = times.find(|elapsed_s| !TIMES.contains(elapsed_s))?;
        Some(format!(
            "has a run of {elapsed_s:?} s; a run takes from 1e-9 s to 1e9 s"
        ))
    }
}
