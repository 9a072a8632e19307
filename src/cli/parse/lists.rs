//! Values of `pi-mc compare`: lists of numbers of darts, workers and strategies, and numbers of runs.

use std::num::NonZero;

use crate::compare::lineup::Lineup;
use crate::compare::row::MAX_RUNS;
use crate::compare::strategy::Strategy;
use crate::engine::cores::cores;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::cli::io::failure::Usage;
use crate::cli::parse::number;

/// Numbers of darts separated by commas, as one value to clap, the smallest first.
#[derive(Clone)]
pub(crate) struct SimsList(pub(crate) Vec<u64>);

/// Numbers of workers separated by commas, as one value to clap.
#[derive(Clone)]
pub(crate) struct WorkerList(pub(crate) Vec<NonZero<usize>>);

/// The most numbers of darts: nobody reads a longer table.
const MAX_SIZES: usize = 100;

pub(crate) fn sims_list(text: &str) -> Result<SimsList, String> {
    let mut list = each_once(text, |part| {
        number::sims(part).map_err(|error| format!("{error}; or several, as 1e4,1e6"))
    })?;
    if list.len() > MAX_SIZES {
        return Err(format!("expected at most {MAX_SIZES} numbers of darts"));
    }
    list.sort_unstable();
    Ok(SimsList(list))
}

pub(crate) fn worker_list(text: &str) -> Result<WorkerList, String> {
    if text == "auto" {
        return Ok(WorkerList(Lineup::doubling_up_to(cores())));
    }
    let list = each_once(text, |part| {
        let workers = number::workers(part);
        let workers = workers.map_err(|error| format!("{error}; or several, as 1,2,4"))?;
        workers.ok_or("'auto' stands alone; or name the numbers, as 1,2,4".into())
    });
    list.map(WorkerList)
}

/// Parses the values between the commas of `text`, which must all differ.
fn each_once<T: PartialEq>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let mut list = Vec::new();
    for part in text.split(',') {
        let value = parse(part)?;
        if list.contains(&value) {
            return Err(format!("'{part}' is given twice; name each once"));
        }
        list.push(value);
    }
    Ok(list)
}

/// Parses a strategy's name; `None` for `all`.
pub(crate) fn strategies() -> impl TypedValueParser<Value = Option<Strategy>> {
    let names = Strategy::every().map(Strategy::name);
    let names = PossibleValuesParser::new(names.chain(["all"]));
    names.map(|name| {
        let mut all = Strategy::every();
        all.find(|strategy| strategy.name() == name)
    })
}

/// The strategies in `list`. `all` must stand alone, and no name may be there twice.
pub(crate) fn named(list: &[Option<Strategy>]) -> Result<Vec<Strategy>, Usage> {
    if list == [None] {
        return Ok(Strategy::ALL.to_vec());
    }
    let mut named = Vec::new();
    for strategy in list {
        match strategy {
            None => {
                let message = "'--strategy all' already has every strategy; name no others";
                return Err(Usage(message.to_owned()));
            }
            Some(strategy) if named.contains(strategy) => {
                let message = format!("'--strategy' has {strategy} twice; name each once");
                return Err(Usage(message));
            }
            Some(strategy) => named.push(*strategy),
        }
    }
    Ok(named)
}

pub(crate) fn runs(text: &str) -> Result<NonZero<usize>, String> {
    let runs = text
        .parse()
        .ok()
        .filter(|runs: &NonZero<usize>| runs.get() <= MAX_RUNS);
    runs.ok_or_else(|| format!("expected a whole number from 1 to {MAX_RUNS}"))
}

pub(crate) fn warmup(text: &str) -> Result<usize, String> {
    let runs = text.parse().ok().filter(|runs| *runs <= MAX_RUNS);
    runs.ok_or_else(|| format!("expected a whole number from 0 to {MAX_RUNS}"))
}
