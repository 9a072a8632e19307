//! Puts a function on trial: does it count the hits of the darts that it is given?

use std::error::Error;
use std::io::{Write, stdout};
use std::num::NonZero;
use std::ops::ControlFlow;

use pi_mc::Counter;
use pi_mc::darts::contract;
use pi_mc::verify::{self, Class};

fn main() -> Result<(), Box<dyn Error>> {
    let right = Counter::new("reference", |key, chunk, places| {
        contract::count_chunk(key.seed(), chunk, places)
    });
    let wrong = Counter::new("without fine words", |key, chunk, places| {
        contract::words(key.seed(), chunk, places)
            .map(|[coarse, ..]| u32::from(contract::is_hit(coarse, 0, 0)))
            .sum()
    });
    for counter in [right, wrong] {
        let workers = NonZero::<usize>::MIN;
        let check = verify::known(Class::S, counter, workers, |_| ControlFlow::Continue(()))?;
        let Some(check) = check else { break };
        let verdict = if check.is_right() { "right" } else { "WRONG" };
        writeln!(
            stdout(),
            "{}: {} hits, {verdict}",
            check.counter,
            check.hits
        )?;
    }
    Ok(())
}
