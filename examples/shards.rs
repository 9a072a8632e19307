//! Counts a plan in four shards, as four machines would, and adds up their records. The sum has the hits of
//! the whole plan. Each record is one line of JSON.

use std::error::Error;
use std::io::{Write, stdout};

use pi_mc::{Plan, Record, estimate, merge};

fn main() -> Result<(), Box<dyn Error>> {
    let whole = Plan::first(42, 100_000_000)?;
    let mut records = Vec::new();
    for shard in whole.shards(4) {
        let json = estimate(shard)?.to_json();
        write!(stdout(), "{json}")?;
        records.push(Record::read(&json)?);
    }
    let sum = merge(records.iter().enumerate())?;
    writeln!(stdout(), "{}", sum.tally())?;
    Ok(())
}
