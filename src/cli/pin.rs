//! `--pin`, which several commands have.

use anyhow::Result;
use pi_mc::pin::Pinning;

use super::failure::Usage;

/// The cores to pin workers to, if that is `asked` for.
pub(super) fn pinning(asked: bool) -> Result<Option<Pinning>> {
    if asked && cfg!(not(target_os = "linux")) {
        let message = "'--pin' needs Linux: elsewhere the system alone decides on cores";
        return Err(Usage(message.to_owned()).into());
    }
    Ok(asked.then(Pinning::of_this_process).transpose()?)
}
