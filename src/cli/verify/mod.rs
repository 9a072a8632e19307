//! `pi-mc verify`: known answers, a burn-in, or saved results counted again; a line for each check, and a
//! verdict.

mod recount;
mod watch;

use std::num::NonZero;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::darts::plan::Plan;
use crate::engine::cores::{Pinning, cores};
use crate::engine::counter::Counter;
use crate::engine::progress;
use crate::engine::whole;
use crate::kernel::Kernel;
use crate::report;
use crate::verify::again::{self, Team};
use crate::verify::{self, Class};
use anyhow::Result;
use strum::VariantArray as _;

use crate::cli::io::progress::{Progress, When};
use crate::cli::io::signals::Signals;
use crate::cli::io::stdout::{is_unread, print_lines, print_text};
use crate::cli::parse::choice::{self, CounterName, counter, pinning};
use crate::cli::parse::default;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::number::{self, Workers};
use crate::cli::verify::recount::RecountArgs;
use crate::cli::verify::watch::{interrupted, verdict, watched};

#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    recount: RecountArgs,

    /// Count a known problem with every kernel: 2^24, 2^28, 2^30, 2^32 or 2^36 darts
    #[arg(long, value_name = "CLASS", default_value = "A", ignore_case = true)]
    #[arg(value_parser = choice::one_of(Class::VARIANTS.iter().copied(), Class::name))]
    class: Class,

    /// Burn in: count every chunk twice, for this time: 10m, 1h30m
    #[arg(long = "for", value_name = "TIME", conflicts_with = "class")]
    #[arg(value_parser = number::time_limit, allow_hyphen_values = true)]
    time: Option<Duration>,

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
  pi-mc verify whole.json                    parts of a merged result
  pi-mc verify --all homework/*.json         everything that was handed in";

/// Does the requested checks and prints the verdict.
pub(crate) fn verify(args: &VerifyArgs) -> Result<ExitCode> {
    let pinning = pinning(args.pin)?;
    match args.time {
        Some(time) => burn_in(args, time, pinning.as_ref()),
        None if args.recount.files.is_empty() => known_answers(args, pinning),
        None => {
            let workers = default::workers(args.workers)?;
            recount::recount(&args.recount, args.kernel.as_deref(), workers, pinning)
        }
    }
}

fn known_answers(args: &VerifyArgs, pinning: Option<Pinning>) -> Result<ExitCode> {
    let (class, sims) = (args.class, args.class.answer().sims);
    let plan = Plan::first(Class::SEED, sims)?;
    let workers = whole::workers(&plan, default::workers(args.workers)?);
    let team = Team { workers, pinning };
    let signals = Signals::watch()?;
    let mut right = true;
    print_text(&report::verify::class(class, workers))?;
    for counter in counters(args)? {
        let name = counter.name().to_owned();
        let check = watched(&name, sims, &signals, |watch| {
            again::count(Class::SEED, class.answer(), counter, team.clone(), watch)
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
        Some(cores) => verify::burn::burn_in_by_core(seed, &both, cores, workers, watch),
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
        print_lines(&format!("{mismatch}\n"))?;
        return verdict(false);
    }
    if signals.caught().is_some() && start.elapsed() < time {
        interrupted(&signals, true)
    } else {
        verdict(true)
    }
}
