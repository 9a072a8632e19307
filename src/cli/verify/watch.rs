//! What all checks share: progress, signals, a reader that went away, and the verdict.

use std::io;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::io::progress::{Progress, When};
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::{is_unread, print_text};
use crate::darts::tally::Tally;
use crate::engine::progress;
use crate::error::Error;
use crate::report;
use crate::verify::Check;

/// Does `check` with a progress display. It ends early once nobody reads stdout. `None` after a signal, which is
/// printed.
pub(crate) fn watched(
    name: &str,
    all: u64,
    signals: &Signals,
    check: impl FnOnce(
        &mut dyn FnMut(progress::Progress) -> ControlFlow<()>,
    ) -> Result<Option<Check>, Error>,
) -> Result<Option<Check>> {
    let mut progress = Progress::new(When::Auto);
    let start = Instant::now();
    let mut reached = 0;
    let checked = check(&mut |done| {
        let (sims, hits) = (done.done, done.hits);
        let tally = Tally { sims, hits };
        reached = sims;
        progress.show(|| {
            let rate = tally.sims as f64 / start.elapsed().as_secs_f64();
            let left = Duration::try_from_secs_f64((all - tally.sims) as f64 / rate).ok();
            let mut parts = report::progress(tally, Some(all), rate, left);
            parts[0] = format!("{name}: {}", parts[0]);
            parts
        });
        if is_unread() || signals.caught().is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    progress.end();
    match checked? {
        None if signals.caught().is_some() => {
            print_text(&report::verify::unfinished(name, reached, all))?;
            Ok(None)
        }
        None => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        check => Ok(check),
    }
}

/// The verdict on the checks before a signal.
pub(crate) fn interrupted(signals: &Signals, right: bool) -> Result<ExitCode> {
    if !right {
        return verdict(false);
    }
    print_text("Verification: INTERRUPTED, no mismatch so far\n")?;
    Ok(signals.caught().map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Prints the verdict.
pub(crate) fn verdict(right: bool) -> Result<ExitCode> {
    if right {
        print_text("Verification: SUCCESSFUL\n")?;
        Ok(ExitCode::SUCCESS)
    } else {
        print_text("Verification: FAILED\n")?;
        Ok(ExitCode::FAILURE)
    }
}
