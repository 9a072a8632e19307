//! A validated run: the arguments, once it is known that they go together. Nothing below this sees the command
//! line.

use std::io::{self, IsTerminal};
use std::num::NonZero;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::cli::io::failure::Usage;
use crate::cli::io::file::{Target, not_regular};
use crate::cli::io::picture;
use crate::cli::io::progress::When;
use crate::cli::io::stdout::Format;
use crate::cli::io::terminal::is_dumb;
use crate::cli::io::timeline::TimelineFile;
use crate::cli::parse::choice::pinning;
use crate::cli::parse::default;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::parse::shard::Shard;
use crate::cli::run::args::RunArgs;
use crate::darts::plan::Plan;
use crate::engine::cores::Pinning;
use crate::engine::counter::Counter;
use crate::result::record::Method;

/// How many darts a run throws by default.
pub(crate) const SIMS: u64 = 10_000_000;

/// How many darts a run throws by default if somebody watches: ten million take a moment.
const LIVE_SIMS: u64 = 100_000_000_000;

/// One run to do. A value that was not asked for is `None`.
pub(crate) struct Job {
    pub(crate) mode: Mode,
    pub(crate) seed: Option<u64>,
    pub(crate) sims: Option<u64>,
    pub(crate) workers: Option<NonZero<usize>>,
    /// The name of the counter.
    pub(crate) kernel: Option<String>,
    /// The cores to pin the threads to.
    pub(crate) pinning: Option<Pinning>,
    pub(crate) format: Format,
    pub(crate) progress: When,
    /// Whether to show the run on the whole terminal.
    pub(crate) live: bool,
    pub(crate) shard: Option<Shard>,
    /// How many parts the result is to list.
    pub(crate) parts: Option<u64>,
    pub(crate) range: Option<Range<u64>>,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) target_error: Option<f64>,
    pub(crate) trace: Option<Target>,
    pub(crate) plot: Option<Target>,
    pub(crate) timeline: Option<TimelineFile>,
    /// A regular file, by its name without links.
    pub(crate) checkpoint: Option<PathBuf>,
}

/// The ways to get the hits. Only `Darts` has limits, output files, shards and checkpoints.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    /// Draw them.
    Lazy,
    /// Throw the darts on all ranks of an MPI job.
    #[cfg(feature = "mpi")]
    Mpi,
    /// Show what a run would take.
    DryRun,
    /// Throw the darts in this process.
    Darts,
}

impl Job {
    /// The run that the arguments ask for.
    pub(crate) fn new(args: RunArgs) -> Result<Job> {
        let mode = mode(&args)?;
        if args.live {
            check_live(&args)?;
        }
        let target = |path: &Option<PathBuf>| path.as_deref().map(Target::of).transpose();
        let job = Job {
            mode,
            seed: args.seed,
            sims: args.sims,
            workers: match mode {
                Mode::Lazy => None,
                _ => default::workers(args.workers)?,
            },
            kernel: args.kernel,
            format: args.output.format(),
            live: args.live,
            progress: match args.progress {
                When::Auto if args.output.quiet || args.live => When::Never,
                when => when,
            },
            shard: args.shard,
            parts: args.parts,
            range: args.range,
            time_limit: args.time_limit,
            target_error: args.target_error,
            trace: target(&args.trace)?,
            plot: args.plot.as_deref().map(picture::target).transpose()?,
            timeline: args.timeline.as_deref().map(TimelineFile::of).transpose()?,
            checkpoint: args.checkpoint.map(regular).transpose()?,
            pinning: pinning(args.pin)?,
        };
        job.check_distinct()?;
        Ok(job)
    }

    /// All darts of the run, with a drawn seed and the default number of darts unless others are asked for.
    pub(crate) fn plan(&self) -> Result<Plan> {
        let seed = seed_or_drawn(self.seed)?;
        Ok(Plan::first(seed, self.sims.unwrap_or(self.default_sims()))?)
    }

    /// The number of darts to throw if neither the command line nor a checkpoint has a goal.
    pub(crate) fn default_sims(&self) -> u64 {
        if self.live { LIVE_SIMS } else { SIMS }
    }

    /// Refuses two outputs that are the same file, under whatever names.
    pub(crate) fn check_distinct(&self) -> Result<(), Usage> {
        let checkpoint = self.checkpoint.clone().map(Target::Regular);
        let timeline = self.timeline.as_ref().map(|file| file.target.clone());
        let outputs = [&self.trace, &self.plot, &timeline, &checkpoint];
        let outputs: Vec<&Target> = outputs.into_iter().flatten().collect();
        for (i, output) in outputs.iter().enumerate() {
            if outputs[..i].iter().any(|other| other.is_same(output)) {
                let message = "two of '--trace', '--plot', '--timeline' and '--checkpoint' are the \
                               same file; give each its own";
                return Err(Usage(message.to_owned()));
            }
        }
        Ok(())
    }

    /// Whether something other than the number of darts is to end the run.
    pub(crate) fn has_limit(&self) -> bool {
        self.time_limit.is_some() || self.target_error.is_some()
    }
}

/// The mode that the arguments ask for, if they go with it.
fn mode(args: &RunArgs) -> Result<Mode, Usage> {
    if args.method == Method::Darts {
        return match (args.mpi, args.dry_run) {
            (true, _) => mpi(args),
            (false, true) if matches!(args.output.format(), Format::Text | Format::Json) => {
                Ok(Mode::DryRun)
            }
            (false, true) => Err(Usage(
                "'--dry-run' prints text or JSON; leave '--quiet' or '--format csv' out".to_owned(),
            )),
            (false, false) => Ok(Mode::Darts),
        };
    }
    let thrown = [
        ("time-limit", args.time_limit.is_some()),
        ("target-error", args.target_error.is_some()),
        ("trace", args.trace.is_some()),
        ("timeline", args.timeline.is_some()),
        ("checkpoint", args.checkpoint.is_some()),
        ("shard", args.shard.is_some()),
        ("parts", args.parts.is_some()),
        ("range", args.range.is_some()),
        ("mpi", args.mpi),
        ("dry-run", args.dry_run),
        ("workers", args.workers.is_some()),
        ("kernel", args.kernel.is_some()),
        ("pin", args.pin),
        ("live", args.live),
    ];
    match thrown.iter().find(|(_, given)| *given) {
        None => Ok(Mode::Lazy),
        Some((name, _)) => Err(Usage(format!(
            "'--{name}' is for darts that are thrown; '--method lazy' takes only --sims, --seed, \
             --format, --quiet, --plot and --progress"
        ))),
    }
}

/// Checks that a run can be shown.
fn check_live(args: &RunArgs) -> Result<(), Usage> {
    let kernel = args.kernel.as_deref();
    let problem = if cfg!(not(feature = "live")) {
        "this pi-mc was built without the live view, which '--live' needs; build it with cargo's \
         '--features live'"
    } else if kernel.is_some_and(Counter::is_gpu) {
        "'--live' shows what threads do, and a GPU has none; leave one of '--live' and '--kernel gpu' out"
    } else if !io::stderr().is_terminal() {
        "'--live' draws on stderr, which is not a terminal here; leave '--live' out"
    } else if is_dumb() {
        "'--live' draws on a terminal, and TERM=dumb says that this one takes only lines of text; leave '--live' out"
    } else {
        return Ok(());
    };
    Err(Usage(problem.to_owned()))
}

/// The mode of ranks, which all count at once.
fn mpi(args: &RunArgs) -> Result<Mode, Usage> {
    let in_order = [
        ("target-error", args.target_error.is_some()),
        ("trace", args.trace.is_some()),
        ("plot", args.plot.is_some()),
        ("parts", args.parts.is_some()),
    ];
    match in_order.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Usage(format!(
            "'--{name}' needs the darts in order, and the processes of '--mpi' count different darts at once; \
             leave '--{name}' or '--mpi' out"
        ))),
        None => with_mpi(),
    }
}

#[cfg(feature = "mpi")]
fn with_mpi() -> Result<Mode, Usage> {
    Ok(Mode::Mpi)
}

#[cfg(not(feature = "mpi"))]
fn with_mpi() -> Result<Mode, Usage> {
    let message = "this pi-mc was built without MPI, which '--mpi' needs; build it with cargo's \
                   '--features mpi'";
    Err(Usage(message.to_owned()))
}

/// The regular file that a checkpoint must be.
fn regular(path: PathBuf) -> Result<PathBuf> {
    match Target::of(&path)? {
        Target::Regular(path) => Ok(path),
        _ => Err(not_regular().context(format!("checkpoint '{}'", path.display()))),
    }
}
