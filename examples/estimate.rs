//! Estimates π on every core. The hits, and so the estimate, are the same on every machine.

use std::error::Error;
use std::io::{Write, stdout};

use pi_mc::{Plan, estimate};

fn main() -> Result<(), Box<dyn Error>> {
    let record = estimate(Plan::first(42, 1_000_000_000)?)?;
    writeln!(stdout(), "hits  {} of {}", record.hits, record.sims)?;
    writeln!(stdout(), "π ≈   {}", record.estimate())?;
    Ok(())
}
