//! Shows how far a count is, and stops at Ctrl-C with the estimate so far.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use pi_mc::{Plan, Walk};

/// A real program sets it in a handler, such as that of crate ctrlc.
static STOPPED: AtomicBool = AtomicBool::new(false);

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Plan::first(42, 1_000_000_000)?;
    let mut walk = Walk::of(plan).start()?;
    while let Some(tally) = walk.step(u64::MAX, || STOPPED.load(Relaxed))? {
        let percent = 100.0 * tally.sims as f64 / plan.sims() as f64;
        write!(stderr(), "\r{percent:5.1} %")?;
    }
    let record = walk.record();
    let note = if record.partial { ", stopped" } else { "" };
    writeln!(stdout(), "\nπ ≈ {}{note}", record.estimate())?;
    Ok(())
}
