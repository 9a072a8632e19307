//! `pi-mc verify`: known answers, a burn-in, or saved results counted again; a line for each check, and a
//! verdict.

use std::io;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::darts::plan::Plan;
use crate::darts::tally::Tally;
use crate::engine::cores::{Pinning, cores};
use crate::engine::counter::Counter;
use crate::engine::progress;
use crate::engine::walk::{self, Team};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::report;
use crate::result::record::Record;
use crate::verify::{self, Check, Class};
use anyhow::{Result, bail};
use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;
use strum::VariantArray as _;

use crate::cli::io::progress::{Progress, When};
use crate::cli::io::saved;
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::{is_unread, print_text};
use crate::cli::parse::choice::{self, CounterName, counter, pinning};
use crate::cli::parse::default;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::number::{self, Workers};

/// Check that this machine counts right: known answers, a burn-in, or saved results
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct VerifyArgs {
    /// Recount these saved results, with another kernel; - is stdin
    #[arg(value_name = "FILE", conflicts_with_all = ["class", "time"])]
    files: Vec<PathBuf>,

    /// Count a known problem with every kernel: 2^24, 2^28, 2^30, 2^32 or 2^36 darts
    #[arg(long, value_name = "CLASS", default_value = "A", ignore_case = true)]
    #[arg(value_parser = choice::one_of(Class::VARIANTS.iter().copied(), Class::name))]
    class: Class,

    /// Burn in: count every chunk twice, for this time: 10m, 1h30m
    #[arg(long = "for", value_name = "TIME", conflicts_with = "class")]
    #[arg(value_parser = number::time_limit, allow_hyphen_values = true)]
    time: Option<Duration>,

    /// Parts of each file to recount, picked at random
    #[arg(long, value_name = "K", default_value = "2", requires = "files")]
    #[arg(value_parser = sample, allow_hyphen_values = true)]
    sample: NonZero<usize>,

    /// Recount all parts of each file
    #[arg(long, requires = "files", conflicts_with = "sample")]
    all: bool,

    /// Number of threads; auto is one per core [default: auto]
    ///
    /// The variable PI_MC_WORKERS sets another default.
    #[arg(short, long, value_name = "W", aliases = ["threads", "jobs"], short_alias = 'j')]
    #[arg(value_parser = number::workers, allow_hyphen_values = true)]
    workers: Option<Workers>,

    /// Check only this kernel, named as for a run [default: all of them]
    ///
    /// A burn-in alternates it with the CPU's fastest. A recount uses it.
    #[arg(long, value_name = "KERNEL", value_parser = CounterName)]
    #[arg(hide_possible_values = true)]
    kernel: Option<String>,
    /// Pin each thread to a core of its own; a burn-in goes core by core and reports each rate (Linux)
    ///
    /// Worker i is on the i-th core that this process may use: one thread of each physical core first, fast
    /// cores before slow ones, and siblings that share a core with those last.
    #[arg(long)]
    pin: bool,

    /// Seed of a burn-in [default: drawn, and printed]
    #[arg(short, long, value_name = "S", requires = "time")]
    #[arg(value_parser = number::seed, allow_hyphen_values = true)]
    seed: Option<u64>,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc verify                               a billion darts, with each kernel
  pi-mc verify --for 10m                     check every count on all cores
  pi-mc verify --for 10m --pin               core by core, with its rate
  pi-mc verify --sample 5 whole.json         five parts of a merged result";

/// Does the requested checks and prints the verdict.
pub(crate) fn verify(args: &VerifyArgs) -> Result<ExitCode> {
    let pinning = pinning(args.pin)?;
    match args.time {
        Some(time) => burn_in(args, time, pinning.as_ref()),
        None if args.files.is_empty() => known_answers(args, pinning),
        None => saved_results(args, pinning),
    }
}

fn known_answers(args: &VerifyArgs, pinning: Option<Pinning>) -> Result<ExitCode> {
    let (class, sims) = (args.class, args.class.answer().sims);
    let plan = Plan::first(Class::SEED, sims)?;
    let workers = walk::workers(&plan, default::workers(args.workers)?);
    let team = Team { workers, pinning };
    let signals = Signals::watch()?;
    let mut right = true;
    print_text(&report::verify::class(class, workers))?;
    for counter in counters(args)? {
        let name = counter.name().to_owned();
        let check = watched(&name, sims, &signals, |watch| {
            verify::known(class, counter, team.clone(), watch)
        })?;
        let Some(check) = check else {
            return interrupted(&signals, right);
        };
        right &= check.is_right();
        print_text(&report::verify::known(&check))?;
    }
    verdict(right)
}

/// The kernel that the arguments name, otherwise all kernels of this machine.
fn counters(args: &VerifyArgs) -> Result<Vec<Counter>> {
    match &args.kernel {
        Some(name) => Ok(vec![counter(Some(name))?]),
        None => Ok(Counter::available()?),
    }
}

/// Does `check` with a progress display. It ends early once nobody reads stdout. `None` after a signal, which is
/// printed.
fn watched(
    name: &str,
    all: u64,
    signals: &Signals,
    check: impl FnOnce(
        &mut dyn FnMut(progress::Progress) -> ControlFlow<()>,
    ) -> Result<Option<Check>, Error>,
) -> Result<Option<Check>> {
    let mut progress = Progress::new(When::Auto);
    let start = Instant::now();
    let mut reached = 0;
    let checked = check(&mut |done| {
        let (sims, hits) = (done.done, done.hits);
        let tally = Tally { sims, hits };
        reached = sims;
        progress.show(|| {
            let rate = tally.sims as f64 / start.elapsed().as_secs_f64();
            let left = Duration::try_from_secs_f64((all - tally.sims) as f64 / rate).ok();
            let mut parts = report::progress(tally, Some(all), rate, left);
            parts[0] = format!("{name}: {}", parts[0]);
            parts
        });
        if is_unread() || signals.caught().is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    progress.end();
    match checked? {
        None if signals.caught().is_some() => {
            print_text(&report::verify::unfinished(name, reached, all))?;
            Ok(None)
        }
        None => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        check => Ok(check),
    }
}

/// The verdict on the checks before a signal.
fn interrupted(signals: &Signals, right: bool) -> Result<ExitCode> {
    if !right {
        return verdict(false);
    }
    print_text("Verification: INTERRUPTED, no mismatch so far\n")?;
    Ok(signals.caught().map_or(ExitCode::FAILURE, ExitCode::from))
}

fn saved_results(args: &VerifyArgs, pinning: Option<Pinning>) -> Result<ExitCode> {
    // All files are read before the first count, so that an error comes at once.
    let records = saved::records(&args.files)?;
    if records.iter().all(|(_, record)| record.sims == 0) {
        bail!("nothing to recount: no darts were counted");
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed_or_drawn(None)?);
    let named = args.kernel.as_deref();
    let named = named.map(|name| counter(Some(name))).transpose()?;
    let workers = default::workers(args.workers)?;
    let signals = Signals::watch()?;
    let mut right = true;
    for (name, record) in &records {
        let mut parts = record.ranges();
        parts.retain(|part| part.sims > 0);
        let wanted = if args.all {
            parts.len()
        } else {
            args.sample.get().min(parts.len())
        };
        let mut chosen = index::sample(&mut rng, parts.len(), wanted).into_vec();
        chosen.sort_unstable();
        let mut is_right = true;
        for part in chosen.into_iter().map(|i| parts[i]) {
            let plan = Plan::from_start(record.seed, part.first, part.sims)?;
            let team = Team {
                workers: walk::workers(&plan, workers),
                pinning: pinning.clone(),
            };
            let counter = named.clone().unwrap_or_else(|| different(record).into());
            let check = watched(&format!("{name}: {part}"), part.sims, &signals, |watch| {
                verify::recount(record.seed, part, counter, team, watch)
            })?;
            let Some(check) = check else {
                return interrupted(&signals, right && is_right);
            };
            is_right &= check.is_right();
            print_text(&report::verify::part(name, &check))?;
        }
        if !is_right {
            print_text(&report::verify::made_on(name, record))?;
        }
        right &= is_right;
        print_text(&report::verify::sample(name, wanted, parts.len()))?;
    }
    verdict(right)
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

fn burn_in(args: &VerifyArgs, time: Duration, pinning: Option<&Pinning>) -> Result<ExitCode> {
    let seed = seed_or_drawn(args.seed)?;
    let mut counters = counters(args)?;
    if args.kernel.is_some() {
        let named = counters[0].name().to_owned();
        let other = Kernel::available().find(|kernel| kernel.name() != named);
        counters.extend(other.map(Counter::from));
    }
    // Two on a single core too, since two workers are to count each chunk.
    let two = NonZero::<usize>::MIN.saturating_add(1);
    let workers = default::workers(args.workers)?.unwrap_or(cores().max(two));
    // Core by core, there is one worker on each core.
    let workers = pinning.map_or(workers, |cores| cores.at_most(workers));
    let signals = Signals::watch()?;
    let start = Instant::now();
    let mut progress = Progress::new(When::Auto);
    let summary =
        |chunks| report::verify::burn_in(chunks, seed, &counters, workers, start.elapsed());
    let watch = |checked: progress::Progress| {
        progress.show(|| report::verify::burn_in_progress(checked.done, start.elapsed()));
        if start.elapsed() >= time || signals.caught().is_some() || is_unread() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let both = match &counters[..] {
        [only] => vec![only.clone(); 2],
        _ => counters.clone(),
    };
    let (burn_in, tallies) = match pinning {
        None => verify::burn_in(seed, &both, workers, watch).map(|found| (found, vec![])),
        Some(cores) => verify::burn_in_by_core(seed, &both, cores, workers, watch),
    }?;
    progress.end();
    print_text(&summary(burn_in.chunks))?;
    print_text(&report::verify::cores(&tallies, &counters, &burn_in))?;
    if workers.get() == 1 {
        print_text(match pinning {
            Some(cores) if cores.cores_of(2).len() == 1 => {
                "One core made both counts: this process may use no other to pin a worker to\n"
            }
            _ => "One worker made both counts; use -w 2 or more to compare two workers\n",
        })?;
    }
    if let Some(mismatch) = &burn_in.mismatch {
        print_text(&format!("{mismatch}\n"))?;
        return verdict(false);
    }
    if signals.caught().is_some() && start.elapsed() < time {
        interrupted(&signals, true)
    } else {
        verdict(true)
    }
}

fn verdict(right: bool) -> Result<ExitCode> {
    if right {
        print_text("Verification: SUCCESSFUL\n")?;
        Ok(ExitCode::SUCCESS)
    } else {
        print_text("Verification: FAILED\n")?;
        Ok(ExitCode::FAILURE)
    }
}

fn sample(text: &str) -> Result<NonZero<usize>, String> {
    let parts = text.parse().ok();
    parts.ok_or_else(|| "a whole number of parts, 1 or more".to_owned())
}
