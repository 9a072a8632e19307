//! Records as JSON: one line, read only through [`Record::check`].

use std::sync::Arc;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::darts::contract::CONTRACT;
use crate::darts::tally::{Part, json};
use crate::engine::machine::{self, Machine};
use crate::error::Error;
use crate::result::estimate::Interval;
use crate::result::goal::Goal;
use crate::result::record::{
    FORMAT, Method, PARTS_DIFFER, Record, RecordPart, check_format, require, wrong_contract,
};

/// The fields of a record as they are read, before anything is checked.
#[derive(Deserialize)]
#[serde(remote = "Record")]
struct Fields {
    #[serde(default = "format")]
    format: u32,
    contract: u32,
    method: Method,
    seed: u64,
    first: u64,
    sims: u64,
    hits: u64,
    pi: Option<f64>,
    std_error: Option<f64>,
    ci95: Option<Interval>,
    workers: Option<u64>,
    kernel: Option<String>,
    elapsed_s: Option<f64>,
    cpu_s: Option<f64>,
    sims_per_s: Option<f64>,
    #[serde(default, deserialize_with = "machine")]
    machine: Option<Machine>,
    total: Option<u64>,
    #[serde(default)]
    partial: bool,
    shard: Option<(u64, u64)>,
    range: Option<(u64, u64)>,
    shard_from: Option<String>,
    #[serde(default, deserialize_with = "parts")]
    parts: Vec<RecordPart>,
    #[serde(default, deserialize_with = "goal")]
    goal: Option<Goal>,
}

/// A machine as it is read; the record checks it.
#[derive(Deserialize)]
struct AnyMachine(#[serde(deserialize_with = "machine::unchecked")] Machine);

fn machine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Machine>, D::Error> {
    Ok(Option::<AnyMachine>::deserialize(deserializer)?.map(|machine| machine.0))
}

/// A goal as it is read; the record checks it.
#[derive(Deserialize)]
struct AnyGoal(#[serde(deserialize_with = "GoalFields::deserialize")] Goal);

#[derive(Deserialize)]
#[serde(remote = "Goal")]
struct GoalFields {
    sims: Option<u64>,
    target_error: Option<f64>,
    parts: Option<u64>,
    trace: Option<String>,
    #[serde(default)]
    marks: Vec<(u64, u64)>,
}

fn goal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Goal>, D::Error> {
    Ok(Option::<AnyGoal>::deserialize(deserializer)?.map(|goal| goal.0))
}

/// The version of a record that names none.
fn format() -> u32 {
    FORMAT
}

/// A part as it is read; the record checks it.
#[derive(Deserialize)]
struct PartFields {
    first: u64,
    sims: u64,
    hits: u64,
    from: Option<Arc<str>>,
}

/// The parts of a record, in order. Refuses a list that is present but empty.
fn parts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RecordPart>, D::Error> {
    let parts: Vec<PartFields> = Vec::deserialize(deserializer)?;
    if parts.is_empty() {
        return Err(D::Error::custom(PARTS_DIFFER));
    }
    let part = |fields: PartFields| RecordPart {
        part: Part {
            first: fields.first,
            sims: fields.sims,
            hits: fields.hits,
        },
        from: fields.from,
    };
    let mut parts: Vec<RecordPart> = parts.into_iter().map(part).collect();
    parts.sort_by_key(|one| one.part.first);
    Ok(parts)
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
        let record = Fields::deserialize(deserializer)?;
        record.check().map_err(D::Error::custom)?;
        Ok(record)
    }
}

/// The fields that say which version a record is of, and one of an earlier version.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Version {
    format: Option<u64>,
    contract: u64,
    of: Option<IgnoredAny>,
}

/// An earlier version, of which only checkpoints knew their shard.
#[derive(Deserialize)]
struct Earlier {
    goal: EarlierGoal,
}

#[derive(Deserialize)]
struct EarlierGoal {
    shard: Option<(u64, u64)>,
}

impl Record {
    /// The record as one line of JSON.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// Reads the JSON of a record of thrown darts.
    ///
    /// # Errors
    /// If `text` is not a record of this contract, or fails [`Record::check`].
    pub fn read(text: &str) -> Result<Record, Error> {
        let not_json = |error| {
            Error::Invalid(format!(
                "not a saved result; pi-mc --format json saves one ({error})"
            ))
        };
        // They come first, since a different version may have different fields.
        let Version {
            format,
            contract,
            of,
        } = serde_json::from_str(text).map_err(not_json)?;
        check_format(format)?;
        require(contract == u64::from(CONTRACT), || wrong_contract(contract))?;
        require(
            of.is_none(),
            || "field 'of' is called 'total' now; rename it",
        )?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut record = Fields::deserialize(&mut deserializer).map_err(not_json)?;
        if record.shard.is_none() && record.goal.is_some() {
            let Earlier { goal } = serde_json::from_str(text).map_err(not_json)?;
            record.shard = goal.shard;
        }
        record.check()?;
        Ok(record)
    }
}
