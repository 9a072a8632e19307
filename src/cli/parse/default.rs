//! The variable `PI_MC_WORKERS`: the number of workers where the command line names none.

use std::env;

use crate::cli::io::failure::Usage;
use crate::cli::parse::lists::WorkerList;
use crate::cli::parse::number::{self, Workers};
use crate::compare::lineup::Lineup;
use crate::engine::cores::cores;

const VARIABLE: &str = "PI_MC_WORKERS";

/// The number of threads `asked` for, otherwise the variable's.
pub(crate) fn workers(asked: Option<Workers>) -> Result<Workers, Usage> {
    asked.map_or_else(variable, Ok)
}

/// The numbers of workers `asked` for, otherwise 1, 2, 4 and so on up to the variable's, or up to the cores.
pub(crate) fn worker_list(asked: Option<&WorkerList>) -> Result<WorkerList, Usage> {
    if let Some(list) = asked {
        return Ok(list.clone());
    }
    let most = variable()?.unwrap_or_else(cores);
    Ok(WorkerList(Lineup::doubling_up_to(most)))
}

/// The variable's number; an empty variable counts as none.
fn variable() -> Result<Workers, Usage> {
    let Some(value) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let workers = number::workers(&value);
    workers.map_err(|error| Usage(format!("invalid value '{value}' of {VARIABLE}: {error}")))
}
