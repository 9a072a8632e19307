//! `pi-mc verify`: known answers, a burn-in, or saved results counted again; a line for each, and a
//! verdict. Not here: the counting.

use std::io::{self, IsTerminal};
use std::num::NonZero;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::ProgressBar;
use pi_mc::saved::{Part, Saved};
use pi_mc::verify::{self, Class, Counter};
use pi_mc::{Kernel, Plan, report, run};
use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::args::VerifyArgs;
use super::merge::read_saved;
use super::output::{complain, to_line_start, write_stdout};
use super::run::seed_or_drawn;
use super::signals::Signals;

/// Between two lines of a burn-in on a terminal.
const MINUTE: Duration = Duration::from_secs(60);

/// Checks what `args` asks for and says whether it is right.
pub(super) fn verify(args: &VerifyArgs) -> Result<ExitCode> {
    match args.time {
        Some(time) => burn_in(args, time),
        None if args.files.is_empty() => known_answers(args),
        None => saved_results(args),
    }
}

fn known_answers(args: &VerifyArgs) -> Result<ExitCode> {
    let class: Class = args.class.into();
    let plan = Plan::new(Class::SEED, class.sims())?;
    let workers = run::workers(&plan, args.workers);
    let mut right = true;
    write_stdout(&report::verify::class(class, workers))?;
    for kernel in Kernel::available() {
        let check = verify::known(class, &kernel.into(), workers)?;
        right &= check.is_right();
        write_stdout(&report::verify::known(&check))?;
    }
    verdict(right)
}

fn saved_results(args: &VerifyArgs) -> Result<ExitCode> {
    // Read all before the first is counted: an error then comes at once.
    let mut all = Vec::new();
    for path in &args.files {
        read_saved(path, &mut all)?;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed_or_drawn(None)?);
    let mut right = true;
    for (name, saved) in &all {
        let kernel = another(saved);
        let counted = saved.parts.iter().filter(|part| part.sims > 0);
        let parts: Vec<&Part> = counted.collect();
        let wanted = match args.all {
            true => parts.len(),
            false => args.sample.get().min(parts.len()),
        };
        let mut chosen = index::sample(&mut rng, parts.len(), wanted).into_vec();
        chosen.sort_unstable();
        for i in &chosen {
            let part = *parts[*i];
            let workers = run::workers(
                &Plan::range(saved.seed, part.first, part.sims)?,
                args.workers,
            );
            let bar = ProgressBar::new_spinner().with_message(format!("{name}: {part}"));
            bar.tick();
            let check = verify::recount(saved.seed, part, &kernel.into(), workers);
            bar.finish_and_clear();
            let check = check?;
            right &= check.is_right();
            write_stdout(&report::verify::part(name, &check))?;
        }
        write_stdout(&report::verify::sample(name, chosen.len(), parts.len()))?;
    }
    verdict(right)
}

/// A kernel that did not count this result, if the CPU has one. Where nobody knows which did, it was
/// probably the fastest.
fn another(saved: &Saved) -> Kernel {
    let fastest = Kernel::detect();
    let before = saved.kernel.as_deref().unwrap_or(fastest.name());
    Kernel::available()
        .find(|kernel| kernel.name() != before)
        .unwrap_or(fastest)
}

fn burn_in(args: &VerifyArgs, time: Duration) -> Result<ExitCode> {
    let seed = seed_or_drawn(args.seed)?;
    let counters: Vec<Counter> = Kernel::available().map(Counter::from).collect();
    // On a single core too, since two workers are to count each chunk.
    let two = NonZero::<usize>::MIN.saturating_add(1);
    let workers = args.workers.unwrap_or(run::cores().max(two));
    let signals = Signals::watch()?;
    let (start, on_terminal) = (Instant::now(), io::stderr().is_terminal());
    let mut due = start + MINUTE;
    let summary =
        |chunks| report::verify::burn_in(chunks, seed, &counters, workers, start.elapsed());
    let burn_in = verify::burn_in(
        seed,
        &counters,
        workers,
        || start.elapsed() >= time || signals.caught().is_some(),
        |chunks| {
            if on_terminal && Instant::now() >= due {
                due += MINUTE;
                complain(summary(chunks).trim_end());
            }
        },
    )?;
    if on_terminal && signals.caught().is_some() {
        to_line_start();
    }
    write_stdout(&summary(burn_in.chunks))?;
    if let Some(mismatch) = &burn_in.mismatch {
        write_stdout(&format!("{mismatch}\n"))?;
        return verdict(false);
    }
    match signals.caught().filter(|_| start.elapsed() < time) {
        Some(code) => {
            write_stdout("Verification: INTERRUPTED, no mismatch so far\n")?;
            Ok(code.into())
        }
        None => verdict(true),
    }
}

fn verdict(right: bool) -> Result<ExitCode> {
    let (word, code) = match right {
        true => ("SUCCESSFUL", ExitCode::SUCCESS),
        false => ("FAILED", ExitCode::FAILURE),
    };
    write_stdout(&format!("Verification: {word}\n"))?;
    Ok(code)
}
