//! Compares your own strategy with serial, as `pi-mc compare` does: no speed-up without serial's hits.

use std::error::Error;
use std::io::{Write, stdout};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::thread;

use pi_mc::compare::strategy::{Strategy, Task};
use pi_mc::compare::{self, Lineup, Setup};

/// The strategy: one thread counts the even chunks, another the odd ones.
fn even_and_odd(task: &Task) -> Result<u64, pi_mc::Error> {
    let chunks = |first| task.plan.chunks().skip(first).step_by(2);
    let count = |first| -> u64 { chunks(first).map(|chunk| task.hits(chunk)).sum() };
    Ok(thread::scope(|scope| {
        let odd = scope.spawn(|| count(1));
        count(0) + odd.join().unwrap()
    }))
}

/// Its mistake: it forgets the last chunk.
fn hasty(task: &Task) -> Result<u64, pi_mc::Error> {
    let most = task.plan.chunks().end - 1;
    Ok((0..most).map(|chunk| task.hits(chunk)).sum())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut lineup = Lineup::default()
        .with("even and odd", even_and_odd)
        .with("hasty", hasty);
    lineup.strategies = vec![Strategy::Pool];
    lineup.workers = vec![NonZero::<usize>::MIN.saturating_add(1)];
    let sizes = [100_000_000];
    let go_on = |_| ControlFlow::Continue(());
    let outcome = compare::run(&Setup::default(), &sizes, &lineup, None, go_on)?;
    for row in &outcome.comparisons[0].rows {
        write!(stdout(), "{:<12}  {}", row.strategy, row.verdict)?;
        match row.speed_up.and_then(|speed_up| speed_up.ci95) {
            Some(ci) => writeln!(stdout(), ", {:.2} to {:.2} times", ci.low, ci.high)?,
            None => writeln!(stdout())?,
        }
    }
    Ok(())
}
