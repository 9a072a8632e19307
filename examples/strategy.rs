//! Judges your own strategy as `compare` does: no speed-up without serial's hits.

use std::error::Error;
use std::io::{Write, stdout};
use std::num::NonZero;
use std::thread;

use pi_mc::compare::row::{Row, Scaling, TimedRun, Trial};
use pi_mc::compare::strategy::{Strategy, Task};
use pi_mc::engine::clock::Stopwatch;
use pi_mc::{Kernel, Plan};

/// The strategy: one thread counts the even chunks, another the odd ones.
fn even_and_odd(task: &Task) -> u64 {
    let chunks = |first| task.plan.chunks().skip(first).step_by(2);
    let count = |first| -> u64 { chunks(first).map(|chunk| task.hits(chunk)).sum() };
    thread::scope(|scope| {
        let odd = scope.spawn(|| count(1));
        count(0) + odd.join().unwrap()
    })
}

fn timed(count: impl Fn() -> u64) -> TimedRun {
    let stopwatch = Stopwatch::start();
    let hits = count();
    let spent = stopwatch.spent();
    TimedRun {
        elapsed_s: spent.elapsed.as_secs_f64(),
        cpu_s: spent.cpu.map(|time| time.as_secs_f64()),
        hits,
        hand_overs: None,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Plan::first(42, 1_000_000_000)?;
    let one = NonZero::<usize>::MIN;
    let two = one.saturating_add(1);
    let task = Task::new(plan, Kernel::detect(), one);
    let hits = task.count_here();
    let mut serial = Trial::new(Strategy::Serial, plan, one, hits);
    let mut own = Trial::new(Strategy::Threads, plan, two, hits);
    for _ in 0..5 {
        serial.runs.push(timed(|| task.count_here()));
        own.runs.push(timed(|| even_and_odd(&task)));
    }
    let row = Row::judge(
        &own,
        &serial,
        Scaling::Strong,
        pi_mc::engine::cores::cores().get(),
    );
    writeln!(stdout(), "{}: {:?}", row.verdict, row.speed_up)?;
    Ok(())
}
