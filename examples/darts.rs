//! Follows the first thousand darts of a seed, one by one.

use std::error::Error;
use std::io::{Write, stdout};

use pi_mc::Plan;

fn main() -> Result<(), Box<dyn Error>> {
    for dart in Plan::first(42, 1_000)?.darts() {
        writeln!(stdout(), "{:+.6} {:+.6} {}", dart.x, dart.y, dart.hit)?;
    }
    Ok(())
}
