//! Estimates π on every core. The hits, and so the estimate, are the same on every machine.

use std::error::Error;
use std::io::{Write, stdout};

use pi_mc::engine::walk;
use pi_mc::{Estimate, Kernel, Plan};

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Plan::first(42, 1_000_000_000)?;
    let workers = walk::workers(&plan, None);
    let tally = walk::count(&plan, Kernel::detect(), workers)?;
    let Estimate { pi, std_error, .. } = Estimate::of(tally);
    writeln!(stdout(), "hits  {} of {}", tally.hits, tally.sims)?;
    writeln!(stdout(), "π ≈   {pi:.6} ± {std_error:.6}")?;
    Ok(())
}
