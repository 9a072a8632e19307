//! A validated run: what was typed, once it is known to go together. Nothing after this sees the
//! command line.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use pi_mc::{Kernel, Method, Plan};

use super::args::RunArgs;
use crate::cli::failure::Usage;
use crate::cli::output::Format;
use crate::cli::progress::When;
use crate::cli::seed::seed_or_drawn;

/// The darts of a run that nothing says the number of.
const SIMS: u64 = 10_000_000;

/// One run to do.
pub(super) struct Job {
    /// The seed asked for.
    pub(super) seed: Option<u64>,
    /// The darts asked for; all there are, if something else is to end the run.
    pub(super) sims: Option<u64>,
    /// The threads asked for.
    pub(super) workers: Option<NonZero<usize>>,
    pub(super) kernel: Kernel,
    pub(super) format: Format,
    pub(super) work: Work,
}

/// The ways to get the hits, each with what only it can do.
pub(super) enum Work {
    /// Draw them.
    Lazy,
    /// Throw the darts on all ranks of an MPI job.
    Mpi,
    /// Throw the darts in this process.
    Darts(Options),
}

/// What can be asked of a run that throws its darts one after the other.
pub(super) struct Options {
    /// Part I of N.
    pub(super) shard: Option<(u64, u64)>,
    pub(super) time_limit: Option<Duration>,
    pub(super) target_error: Option<f64>,
    pub(super) trace: Option<PathBuf>,
    pub(super) plot: Option<PathBuf>,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) progress: When,
}

impl Job {
    /// The run that the arguments ask for.
    pub(super) fn new(args: RunArgs) -> Result<Job, Usage> {
        let options = Options {
            shard: args.shard,
            time_limit: args.time_limit,
            target_error: args.target_error,
            trace: args.trace,
            plot: args.plot,
            checkpoint: args.checkpoint,
            progress: args.progress,
        };
        let has_limit = options.time_limit.is_some() || options.target_error.is_some();
        let sims = args.sims.or(has_limit.then_some(u64::MAX));
        let work = match args.method {
            Method::Lazy => lazy(&options, args.mpi)?,
            Method::Darts if args.mpi => mpi()?,
            Method::Darts => Work::Darts(options.check()?),
        };
        Ok(Job {
            seed: args.seed,
            sims,
            workers: args.workers,
            kernel: args.kernel,
            format: args.output.format(),
            work,
        })
    }

    /// All darts of the run, with a drawn seed and the default number where nothing else is asked for.
    pub(super) fn plan(&self) -> Result<Plan> {
        Ok(Plan::new(
            seed_or_drawn(self.seed)?,
            self.sims.unwrap_or(SIMS),
        )?)
    }
}

fn lazy(options: &Options, mpi: bool) -> Result<Work, Usage> {
    let thrown = [
        ("time-limit", options.time_limit.is_some()),
        ("target-error", options.target_error.is_some()),
        ("trace", options.trace.is_some()),
        ("plot", options.plot.is_some()),
        ("checkpoint", options.checkpoint.is_some()),
        ("shard", options.shard.is_some()),
        ("mpi", mpi),
    ];
    match thrown.iter().find(|(_, given)| *given) {
        None => Ok(Work::Lazy),
        Some((name, _)) => Err(Usage(format!(
            "'--{name}' is for darts that are thrown one after the other; '--method lazy' takes only \
             --sims, --seed and the output options"
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
    fn check(self) -> Result<Options, Usage> {
        let outputs = [&self.trace, &self.plot, &self.checkpoint];
        let outputs: Vec<&Path> = outputs.into_iter().flatten().map(|path| &**path).collect();
        let is_twice = |(i, path): (usize, &&Path)| outputs[..i].contains(path);
        if outputs.iter().enumerate().any(is_twice) {
            return Err(Usage(
                "of '--trace', '--plot' and '--checkpoint' two are the same file; give each its own"
                    .to_owned(),
            ));
        }
        Ok(self)
    }
}
