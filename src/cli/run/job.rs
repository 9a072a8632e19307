//! A validated run: what was typed, once it is known to go together. Nothing after this sees the
//! command line.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use crate::darts::plan::Plan;
use crate::engine::cores::Pinning;
use crate::kernel::Kernel;
use crate::result::record::Method;
use anyhow::Result;

use crate::cli::io::failure::Usage;
use crate::cli::io::file::{Target, not_regular};
use crate::cli::io::progress::When;
use crate::cli::io::stdout::Format;
use crate::cli::io::timeline::TimelineFile;
use crate::cli::parse::choice::Counting;
use crate::cli::parse::choice::pinning;
use crate::cli::parse::number::seed_or_drawn;
use crate::cli::run::args::RunArgs;

/// The darts of a run that nothing says the number of.
pub(crate) const SIMS: u64 = 10_000_000;

/// One run to do.
pub(crate) struct Job {
    /// The seed asked for.
    pub(crate) seed: Option<u64>,
    /// The darts asked for.
    pub(crate) sims: Option<u64>,
    /// The threads asked for.
    pub(crate) workers: Option<NonZero<usize>>,
    pub(crate) kernel: Counting,
    /// The cores to pin the threads to, if they are to be pinned.
    pub(crate) pinning: Option<Pinning>,
    pub(crate) format: Format,
    pub(crate) work: Work,
}

/// The ways to get the hits, each with what only it can do.
pub(crate) enum Work {
    /// Draw them.
    Lazy,
    /// Throw the darts on all ranks of an MPI job.
    Mpi,
    /// Throw the darts in this process.
    Darts(Box<Options>),
}

/// What can be asked of a run that throws its darts one after the other.
#[derive(Clone)]
pub(crate) struct Options {
    /// Part I of N.
    pub(crate) shard: Option<(u64, u64)>,
    /// The variables that told it, with their values.
    pub(crate) shard_from: Option<String>,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) target_error: Option<f64>,
    pub(crate) trace: Option<Target>,
    pub(crate) plot: Option<Target>,
    pub(crate) timeline: Option<TimelineFile>,
    /// A regular file, by its name without links.
    pub(crate) checkpoint: Option<PathBuf>,
    pub(crate) progress: When,
}

impl Job {
    /// The run that the arguments ask for.
    pub(crate) fn new(args: RunArgs) -> Result<Job> {
        let work = match args.method {
            Method::Lazy => lazy(&args)?,
            Method::Darts if args.mpi => mpi()?,
            Method::Darts => Work::Darts(Box::new(Options::new(&args)?)),
        };
        Ok(Job {
            seed: args.seed,
            sims: args.sims,
            workers: args.workers.flatten(),
            kernel: args
                .kernel
                .unwrap_or_else(|| Counting::Kernel(Kernel::detect())),
            pinning: pinning(args.pin)?,
            format: args.output.format(),
            work,
        })
    }

    /// All darts of the run, with a drawn seed and the default number where nothing else is asked for.
    pub(crate) fn plan(&self) -> Result<Plan> {
        Ok(Plan::new(
            seed_or_drawn(self.seed)?,
            self.sims.unwrap_or(SIMS),
        )?)
    }
}

fn lazy(args: &RunArgs) -> Result<Work, Usage> {
    let thrown = [
        ("time-limit", args.time_limit.is_some()),
        ("target-error", args.target_error.is_some()),
        ("trace", args.trace.is_some()),
        ("plot", args.plot.is_some()),
        ("timeline", args.timeline.is_some()),
        ("checkpoint", args.checkpoint.is_some()),
        ("shard", args.shard.is_some()),
        ("mpi", args.mpi),
        ("workers", args.workers.is_some()),
        ("kernel", args.kernel.is_some()),
        ("pin", args.pin),
    ];
    match thrown.iter().find(|(_, given)| *given) {
        None => Ok(Work::Lazy),
        Some((name, _)) => Err(Usage(format!(
            "'--{name}' is for darts that are thrown; '--method lazy' takes only --sims, --seed, \
             --format, --quiet and --progress"
        ))),
    }
}

fn mpi() -> Result<Work, Usage> {
    if cfg!(feature = "mpi") {
        Ok(Work::Mpi)
    } else {
        Err(Usage(
            "this pi-mc was built without MPI, which '--mpi' needs; build it with cargo's \
             '--features mpi'"
                .to_owned(),
        ))
    }
}

impl Options {
    fn new(args: &RunArgs) -> Result<Options> {
        let target = |path: &Option<PathBuf>| path.as_deref().map(Target::of).transpose();
        let trace = target(&args.trace)?;
        let plot = target(&args.plot)?;
        let timeline = args.timeline.as_deref().map(TimelineFile::of).transpose()?;
        let checkpoint = target(&args.checkpoint)?;
        let checkpoint = match (checkpoint, &args.checkpoint) {
            (None, _) => None,
            (Some(Target::Regular(path)), _) => Some(path),
            (Some(_), typed) => {
                let name = typed.as_deref().map(|path| path.display().to_string());
                let name = format!("checkpoint '{}'", name.unwrap_or_default());
                return Err(not_regular().context(name));
            }
        };
        let options = Options {
            shard: args.shard.as_ref().map(|shard| (shard.number, shard.of)),
            shard_from: args.shard.as_ref().and_then(|shard| shard.from.clone()),
            time_limit: args.time_limit,
            target_error: args.target_error,
            trace,
            plot,
            timeline,
            checkpoint,
            progress: args.progress,
        };
        options.check_distinct()?;
        Ok(options)
    }

    /// Whether no two outputs are the same file, under whatever names.
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
