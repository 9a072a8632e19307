//! The saved form of a result: what `--format json` prints, read again. A finished run, a shard, a
//! checkpoint and what was merged are all this. Not here: files, which only the program opens, and
//! writing, which is [`crate::report::json`].
//!
//! A line of JSON, of which `contract`, `method`, `seed`, `first`, `sims` and `hits` must be there; the
//! other fields of [`crate::Record`] may be, and no others. `parts` lists the ranges that a merged
//! result was added up from; without it there is one range.

use serde::{Deserialize, Serialize};

use crate::dart::CONTRACT;
use crate::error::Error;
use crate::estimate::Estimate;
use crate::run::Tally;

/// The hits of a range of darts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The number of the first dart.
    pub first: u64,
    /// The darts; none if this was a shard of a run with fewer chunks than shards.
    pub sims: u64,
    /// Those of them that hit.
    pub hits: u64,
}

impl Part {
    /// The number of the dart after the last.
    fn end(&self) -> u64 {
        self.first + self.sims
    }
}

/// A saved result that was read and found possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The seed of the darts.
    pub seed: u64,
    /// The ranges that were counted, in order, none of them overlapping.
    pub parts: Vec<Part>,
    /// The darts of the whole that this is a part of, where it is known to be one.
    pub of: Option<u64>,
    /// Seconds that the count took, where that is known.
    pub elapsed_s: Option<f64>,
    /// The kernel that counted, where that is known.
    pub kernel: Option<String>,
}

/// What every version of a line has.
#[derive(Deserialize)]
struct Version {
    contract: u64,
}

/// The line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "some fields are only there to be allowed")]
struct Line {
    contract: u64,
    method: String,
    seed: u64,
    first: u64,
    sims: u64,
    hits: u64,
    pi: Option<f64>,
    std_error: Option<f64>,
    ci95: Option<[f64; 2]>,
    workers: Option<u64>,
    kernel: Option<String>,
    elapsed_s: Option<f64>,
    sims_per_s: Option<f64>,
    of: Option<u64>,
    partial: Option<bool>,
    parts: Option<Vec<Part>>,
}

impl Saved {
    /// Reads a line.
    ///
    /// # Errors
    /// [`Error::Saved`] if it is not a whole saved result of this contract's darts, or one that cannot
    /// be: more hits than darts, an estimate that is not that of the hits, parts that do not add up.
    pub fn read(line: &str) -> Result<Saved, Error> {
        let not_saved = |error| wrong(format!("not a saved result ({error})"));
        // First of all: another version may have other fields.
        let Version { contract } = serde_json::from_str(line).map_err(not_saved)?;
        if contract != u64::from(CONTRACT) {
            return Err(wrong(format!(
                "contract {contract}, but this pi-mc counts by contract {CONTRACT}"
            )));
        }
        let line: Line = serde_json::from_str(line).map_err(not_saved)?;
        if line.method != "darts" {
            return Err(wrong(format!(
                "method '{}', but only thrown darts ('darts') can be saved and added up",
                line.method
            )));
        }
        let whole = Part {
            first: line.first,
            sims: line.sims,
            hits: line.hits,
        };
        let mut parts = line.parts.unwrap_or_else(|| vec![whole]);
        parts.sort_by_key(|part| part.first);
        for part in parts.iter().chain([&whole]) {
            if part.hits > part.sims {
                return Err(wrong(format!(
                    "{} hits among {} darts",
                    part.hits, part.sims
                )));
            }
            if part.first.checked_add(part.sims).is_none() {
                return Err(wrong(format!(
                    "{} darts from dart {} on end beyond dart 2^64",
                    part.sims, part.first
                )));
            }
        }
        if let Some([a, b]) = parts.array_windows().find(|[a, b]| a.end() > b.first) {
            return Err(wrong(format!("its parts {a} and {b} overlap")));
        }
        let saved = Saved {
            seed: line.seed,
            parts,
            of: line.of,
            elapsed_s: line.elapsed_s,
            kernel: line.kernel,
        };
        // Without overlaps the parts' sums are below 2^64, as their ends are.
        let tally = saved.tally();
        if (saved.first(), tally.sims, tally.hits) != (line.first, line.sims, line.hits)
            || saved.parts.is_empty()
        {
            return Err(wrong("its parts do not add up to the whole".to_owned()));
        }
        let end = saved.end();
        if let Some(of) = saved.of.filter(|of| end > *of) {
            return Err(wrong(format!("{end} darts of a whole of {of}")));
        }
        // Reading a number may be off by its last bit.
        if let Some(pi) = line.pi
            && (pi - Estimate::of(tally).pi).abs() > 1e-12
        {
            return Err(wrong(format!(
                "pi {pi} is not that of {} hits among {} darts",
                line.hits, line.sims
            )));
        }
        Ok(saved)
    }

    /// The number of the first dart.
    pub fn first(&self) -> u64 {
        self.parts.first().map_or(0, |part| part.first)
    }

    /// Where the last part ends.
    pub fn end(&self) -> u64 {
        self.parts.last().map_or(0, Part::end)
    }

    /// Darts and hits of all parts.
    pub fn tally(&self) -> Tally {
        Tally {
            sims: self.parts.iter().map(|part| part.sims).sum(),
            hits: self.parts.iter().map(|part| part.hits).sum(),
        }
    }

    /// Whether darts are missing between its parts.
    pub fn has_gaps(&self) -> bool {
        self.tally().sims != self.end() - self.first()
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.sims {
            0 => write!(f, "no darts at {}", self.first),
            sims => write!(f, "darts {} to {}", self.first, self.first + (sims - 1)),
        }
    }
}

/// Adds up saved results, in any order, each with the name that an error calls it by. The whole begins
/// at dart 0, and ends where the results say that it does, or else where the last of them ends.
///
/// # Errors
/// [`Error::Merge`] if there is none, if they are of several seeds or of wholes of several sizes, if
/// any two overlap, or, unless `partial`, if darts are missing.
pub fn merge(saved: &[(String, Saved)], partial: bool) -> Result<Saved, Error> {
    let Some((first_name, first)) = saved.first() else {
        return Err(Error::Merge("no saved result to merge".to_owned()));
    };
    if let Some((name, other)) = saved.iter().find(|(_, other)| other.seed != first.seed) {
        return Err(Error::Merge(format!(
            "{first_name} is of seed {}, {name} of seed {}; only one seed's darts add up",
            first.seed, other.seed
        )));
    }
    let mut wholes = saved.iter().filter_map(|(name, one)| Some((name, one.of?)));
    let whole = wholes.next();
    if let (Some((name, of)), Some((other_name, other))) = (
        whole,
        wholes.find(|(_, of)| whole.is_some_and(|(_, whole)| whole != *of)),
    ) {
        return Err(Error::Merge(format!(
            "{name} is part of {of} darts, {other_name} of {other}; shards of one run belong together"
        )));
    }

    let mut parts: Vec<(&str, Part)> = saved
        .iter()
        .flat_map(|(name, one)| one.parts.iter().map(move |part| (name.as_str(), *part)))
        .filter(|(_, part)| part.sims > 0)
        .collect();
    if parts.is_empty() {
        return Err(Error::Merge("there is no dart in any of them".to_owned()));
    }
    parts.sort_by_key(|(_, part)| part.first);
    let mut end = 0;
    let mut before: Option<(&str, Part)> = None;
    let gap = |end: u64, first: u64, before: Option<(&str, Part)>, after: &str| {
        let sides = match before {
            Some((name, _)) => format!("between {name} and {after}"),
            None => format!("before {after}"),
        };
        Error::Merge(format!(
            "darts {end} to {} are missing, {sides}; run that part, or add up what is there with \
             --partial",
            first - 1
        ))
    };
    for (name, part) in &parts {
        match before {
            Some((other_name, other)) if part.first < end => {
                return Err(Error::Merge(format!(
                    "{other_name} ({other}) and {name} ({part}) overlap"
                )));
            }
            _ if part.first > end && !partial => return Err(gap(end, part.first, before, name)),
            _ => {}
        }
        end = part.end();
        before = Some((name, *part));
    }
    match whole {
        Some((name, of)) if end > of => {
            return Err(Error::Merge(format!(
                "{name} is part of {of} darts, but {} ends at dart {end}",
                before.map_or("another", |(name, _)| name)
            )));
        }
        Some((_, of)) if end < of && !partial => return Err(gap(end, of, before, "the end")),
        _ => {}
    }
    Ok(Saved {
        seed: first.seed,
        parts: parts.into_iter().map(|(_, part)| part).collect(),
        of: whole.map(|(_, of)| of),
        elapsed_s: None,
        kernel: None,
    })
}

fn wrong(what: String) -> Error {
    Error::Saved(what)
}
