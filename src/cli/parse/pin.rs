//! `--pin`, which several commands have.

use crate::engine::cores::Pinning;
use anyhow::Result;

use crate::cli::io::failure::Usage;

/// The cores to pin workers to, if that is `asked` for.
pub(crate) fn pinning(asked: bool) -> Result<Option<Pinning>> {
    if asked && cfg!(not(target_os = "linux")) {
        let message = "'--pin' needs Linux: elsewhere the system alone decides on cores";
        return Err(Usage(message.to_owned()).into());
    }
    Ok(asked.then(Pinning::of_this_process).transpose()?)
}
