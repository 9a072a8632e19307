//! Counts a plan in four shards, as four machines would, and adds up their records. The sum has the hits of
//! the whole plan. Each record is one line of JSON.

use std::error::Error;
use std::io::{Write, stdout};

use pi_mc::{Plan, Record, Walk, merge};

/// One machine's part: counts a shard and writes its record.
fn count(whole: &Plan, number: u64, shards: u64) -> Result<String, Box<dyn Error>> {
    let shard = whole.shard(number, shards)?;
    let mut walk = Walk::of(shard).start()?;
    while walk.step(u64::MAX, || false)?.is_some() {}
    Ok(walk.record().to_json()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let whole = Plan::first(42, 100_000_000)?;
    let mut records = Vec::new();
    for number in 1..=4 {
        let json = count(&whole, number, 4)?;
        write!(stdout(), "{json}")?;
        records.push((format!("shard {number}"), Record::read(&json)?));
    }
    let sum = merge(&records, false)?;
    writeln!(stdout(), "{} hits among {} darts", sum.hits, sum.sims)?;
    Ok(())
}
