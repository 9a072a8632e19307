//! `pi-mc verify FILE...`: saved results counted again, all of them or parts that are drawn by their darts.

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::cli::io::failure::print_error;
use crate::cli::io::saved;
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::print_lines;
use crate::cli::parse::choice::counter;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::verify::watch::{interrupted, verdict, watched};
use crate::darts::plan::Plan;
use crate::darts::tally::Part;
use crate::engine::cores::Pinning;
use crate::engine::counter::Counter;
use crate::engine::walk::Walk;
use crate::engine::whole;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::report;
use crate::result::record::Record;
use crate::verify::again::{self, Check, Team};
use crate::verify::twice::counted_twice;

/// A recount of this time or more is announced.
const LONG: Duration = Duration::from_secs(10);

/// The darts that any machine counts in less than [`LONG`].
const FEW: u64 = 100_000_000;

/// The most samples.
const MOST: usize = 1_000_000;

#[derive(clap::Args)]
pub(crate) struct RecountArgs {
    /// Recount these saved results, with another kernel; - is stdin
    #[arg(value_name = "FILE", conflicts_with_all = ["class", "time"])]
    pub(crate) files: Vec<PathBuf>,

    /// Draw K darts, and recount the parts that hold them
    ///
    /// Every dart of all files together is equally likely. A forged share f of the darts is missed with a chance of
    /// (1 - f)^K: 299 samples find a forged hundredth, and 29 a forged tenth, with 95 %.
    #[arg(long, value_name = "K", default_value = "299", requires = "files")]
    #[arg(value_parser = sample, allow_hyphen_values = true)]
    sample: NonZero<usize>,

    /// Recount everything
    #[arg(long, requires = "files", conflicts_with = "sample")]
    all: bool,
}

fn sample(text: &str) -> Result<NonZero<usize>, String> {
    let samples = text.parse().ok();
    samples
        .filter(|samples: &NonZero<usize>| samples.get() <= MOST)
        .ok_or_else(|| format!("expected a whole number of samples from 1 to {MOST}"))
}

/// A part of one of the results.
struct Listed<'a> {
    name: &'a str,
    record: &'a Record,
    part: Part,
    /// The result that it was merged from.
    from: Option<Arc<str>>,
}

impl Listed<'_> {
    fn plan(&self) -> Result<Plan, Error> {
        Plan::from_start(self.record.seed, self.part.first, self.part.sims)
    }
}

/// Recounts parts of the results in the files, and compares results of the same darts with each other.
pub(crate) fn recount(
    args: &RecountArgs,
    kernel: Option<&str>,
    workers: Option<NonZero<usize>>,
    pinning: Option<Pinning>,
) -> Result<ExitCode> {
    // All files are read before the first count, so that an error comes at once. The samples are drawn after that,
    // so that no file can know them.
    let records = saved::records(&args.files)?;
    let parts = listed(&records);
    if parts.is_empty() {
        bail!("nothing to recount: no darts were counted");
    }
    let mut chosen = if args.all {
        vec![true; parts.len()]
    } else {
        drawn(&parts, args.sample.get())?
    };
    let common = counted_twice(records.iter().map(|(_, record)| record));
    for (one, chosen) in parts.iter().zip(&mut chosen) {
        // A recount says which of two counts is wrong.
        let (seed, first) = (one.record.seed, one.part.first);
        *chosen |= common.iter().any(|common| common.is_disputed(seed, first));
    }
    let chosen = parts.iter().zip(chosen).filter(|(_, is_chosen)| *is_chosen);
    let chosen: Vec<&Listed> = chosen.map(|(one, _)| one).collect();

    let signals = Signals::watch()?;
    let mut right = true;
    for (name, _) in records.iter().filter(|(_, record)| record.sims == 0) {
        print_lines(&report::verify::empty(name))?;
    }
    for common in &common {
        right &= common.disputed.is_empty();
        print_lines(&report::verify::common(common, &records))?;
    }
    let recounter = Recounter {
        counter: kernel.map(|name| counter(Some(name))).transpose()?,
        workers,
        pinning,
    };
    recounter.announce(&chosen, args)?;
    for result in chosen.chunk_by(|a, b| std::ptr::eq(a.record, b.record)) {
        let mut is_right = true;
        for one in result {
            let Some(check) = recounter.check(one, &signals)? else {
                return interrupted(&signals, right && is_right);
            };
            is_right &= check.is_right();
            print_lines(&report::verify::part(one.name, one.from.as_deref(), &check))?;
        }
        if let Some(one) = result.first().filter(|_| !is_right) {
            print_lines(&report::verify::made_on(one.name, one.record))?;
        }
        right &= is_right;
    }
    let samples = (!args.all).then_some(args.sample.get());
    print_lines(&report::verify::recounted(
        size(chosen),
        size(&parts),
        samples,
    ))?;
    verdict(right)
}

/// The parts of all results that hold darts.
fn listed(records: &[(String, Record)]) -> Vec<Listed<'_>> {
    let mut all = Vec::new();
    for (name, record) in records {
        for (i, part) in record.ranges().into_iter().enumerate() {
            let from = record.parts.get(i).and_then(|one| one.from.clone());
            all.push(Listed {
                name,
                record,
                part,
                from,
            });
        }
    }
    all.retain(|one| one.part.sims > 0);
    all
}

/// Which parts hold at least one of `samples` darts, of which each is any dart of all parts with the same chance.
fn drawn(parts: &[Listed], samples: usize) -> Result<Vec<bool>> {
    let mut ends = Vec::new();
    let mut end = 0;
    for one in parts {
        end += u128::from(one.part.sims);
        ends.push(end);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed_or_drawn(None)?);
    let mut chosen = vec![false; parts.len()];
    for _ in 0..samples {
        let dart = rng.random_range(0..end);
        chosen[ends.partition_point(|end| *end <= dart)] = true;
    }
    Ok(chosen)
}

/// The number of parts, and of their darts.
fn size<'a>(parts: impl IntoIterator<Item = &'a Listed<'a>>) -> (usize, u128) {
    let sizes = parts.into_iter().map(|one| u128::from(one.part.sims));
    sizes.fold((0, 0), |(parts, darts), sims| (parts + 1, darts + sims))
}

/// What counts again.
struct Recounter {
    /// The kernel that the arguments name.
    counter: Option<Counter>,
    workers: Option<NonZero<usize>>,
    pinning: Option<Pinning>,
}

impl Recounter {
    /// Counts a part again; `None` after a signal.
    fn check(&self, one: &Listed, signals: &Signals) -> Result<Option<Check>> {
        let (seed, part) = (one.record.seed, one.part);
        let (counter, team) = (self.counter(one.record), self.team(&one.plan()?));
        watched(
            &format!("{}: {part}", one.name),
            part.sims,
            signals,
            |watch| again::count(seed, part, counter, team, watch),
        )
    }

    /// Says how long the recount takes, if that is long.
    fn announce(&self, chosen: &[&Listed], args: &RecountArgs) -> Result<()> {
        let (_, darts) = size(chosen.iter().copied());
        let largest = chosen.iter().max_by_key(|one| one.part.sims);
        let Some(largest) = largest.filter(|_| darts > FEW.into()) else {
            return Ok(());
        };
        let plan = largest.plan()?;
        let Team { workers, pinning } = self.team(&plan);
        let walk = Walk::of(plan).counter(self.counter(largest.record));
        let mut walk = walk.workers(workers).pinned(pinning).start()?;
        walk.step(u64::MAX, || false)?;
        let rate = walk.tally().sims as f64 / walk.spent().elapsed.as_secs_f64();
        let time =
            Duration::try_from_secs_f64((darts as f64 / rate).round()).unwrap_or(Duration::MAX);
        if time > LONG {
            print_error(&report::verify::takes_long(darts, time, !args.all));
        }
        Ok(())
    }

    fn counter(&self, record: &Record) -> Counter {
        self.counter
            .clone()
            .unwrap_or_else(|| different(record).into())
    }

    fn team(&self, plan: &Plan) -> Team {
        Team {
            workers: whole::workers(plan, self.workers),
            pinning: self.pinning.clone(),
        }
    }
}

/// A kernel that did not count this result, if the CPU has one. A result that names no kernel was probably
/// counted by the fastest.
fn different(record: &Record) -> Kernel {
    let fastest = Kernel::detect();
    let before = record.kernel.as_deref().unwrap_or(fastest.name());
    Kernel::available()
        .find(|kernel| kernel.name() != before)
        .unwrap_or(fastest)
}
