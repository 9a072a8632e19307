//! The arguments of a plain `pi-mc`.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use strum::VariantArray as _;

use crate::cli::io::progress::When;
use crate::cli::io::stdout::OutputArgs;
use crate::cli::parse::choice::{self, CounterName};
use crate::cli::parse::number::{self, Workers};
use crate::cli::parse::shard::{self, Shard};
use crate::result::record::Method;

/// The arguments as typed; [`crate::cli::run::job::Job`] checks that they go together.
#[derive(clap::Args)]
pub(crate) struct RunArgs {
    /// Number of darts: 1e7, 2.5e9, 10_000_000, 10M, 2^32 [default: 10000000]
    ///
    /// k, M, G and T are powers of 1000; 2^32-1 works too; in cmd, which drops ^, type 2**32-1. There is no
    /// default with --time-limit or --target-error. A run that resumes a checkpoint takes its number from there.
    #[arg(short = 'n', long, value_name = "N", help_heading = "Run")]
    #[arg(aliases = ["samples", "iterations", "darts"])]
    #[arg(value_parser = number::sims, allow_hyphen_values = true)]
    pub(crate) sims: Option<u64>,

    /// Number of threads; 1 is serial, auto one per core [default: auto]
    ///
    /// The variable PI_MC_WORKERS sets another default.
    #[arg(short, long, value_name = "W", help_heading = "Run")]
    #[arg(aliases = ["threads", "jobs"], short_alias = 'j')]
    #[arg(value_parser = number::workers, allow_hyphen_values = true)]
    pub(crate) workers: Option<Workers>,

    /// Seed, decimal or 0x hex [default: drawn, and printed]
    ///
    /// The same seed and number of darts always give the same hits.
    #[arg(short, long, value_name = "S", help_heading = "Run")]
    #[arg(value_parser = number::seed, allow_hyphen_values = true)]
    pub(crate) seed: Option<u64>,

    /// Stop after this time: 30s, 1.5h, 1h30m
    ///
    /// Chunks of 65,536 darts that are under way are finished. The first limit reached, --sims included,
    /// ends the run.
    #[arg(long, value_name = "TIME", help_heading = "Run")]
    #[arg(value_parser = number::time_limit, allow_hyphen_values = true)]
    pub(crate) time_limit: Option<Duration>,

    /// Stop at this standard error: 1e-6
    ///
    /// It is checked at fixed numbers of darts, so any number of workers stops at the same one.
    #[arg(long, value_name = "ERROR", help_heading = "Run")]
    #[arg(value_parser = number::error, allow_hyphen_values = true)]
    pub(crate) target_error: Option<f64>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// When to show progress on stderr: auto, always or never
    ///
    /// auto shows it if stderr is a terminal, unless --quiet is given; always also writes a line every ten
    /// seconds if it is not. A background job and a run of less than half a second show nothing.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    #[arg(
        help_heading = "Output",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub(crate) progress: When,

    /// Watch the darts land, on the whole terminal; ? shows the keys
    ///
    /// Draws the darts, the estimate as it closes in on π, and what each worker does, on stderr; stdout takes the
    /// result at the end, or after q. Slow motion goes down to one dart a second, and changes no hit. Without a
    /// number of darts or a limit, 10^11 are thrown. Not with --progress, --mpi, --method lazy or a GPU.
    #[arg(long, help_heading = "Output", conflicts_with = "progress")]
    #[arg(hide_short_help = cfg!(not(feature = "live")))]
    pub(crate) live: bool,

    /// Write the estimate after 1, 2, 5, 10, 20, ... darts; - is stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) trace: Option<PathBuf>,

    /// Draw the darts and the estimate's course, as SVG; - is stdout
    ///
    /// On stdout, the picture replaces the result. A lazy run has no darts to draw.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,

    /// Record which worker counts what, and when: .json, .svg, .txt; - is stdout
    ///
    /// The name decides the format: trace events for Perfetto or chrome://tracing (.json), a picture (.svg), or
    /// one line per event (.txt, or stdout). On a terminal, stdout has a lane for each worker instead.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) timeline: Option<PathBuf>,

    /// Save to FILE every few seconds; resume from it if it exists
    ///
    /// A resumed run may use any number of workers, and may go on to more darts. Seed and dart count
    /// default to the checkpoint's.
    #[arg(long, value_name = "FILE")]
    #[arg(help_heading = "Many machines and long runs")]
    pub(crate) checkpoint: Option<PathBuf>,

    /// Count only part I of N; add the parts up with pi-mc merge
    ///
    /// env reads I and N from the variables of a launcher: a job array of Kubernetes (JOB_COMPLETION_INDEX and
    /// JOB_COMPLETIONS), Cloud Run, Google Batch or Slurm, or else the tasks that mpirun or srun started. env/N reads
    /// only I, from these and from arrays of PBS, Grid Engine, LSF and AWS Batch. The result says which.
    #[arg(long, value_name = "I/N", help_heading = "Many machines and long runs")]
    #[arg(value_parser = shard::shard, allow_hyphen_values = true)]
    pub(crate) shard: Option<Shard>,

    /// List the hits by N ranges of darts too, in JSON; pi-mc verify then recounts only some of them
    ///
    /// At most 1000, and at most as many as there are chunks of 65,536 darts. A run that resumes a checkpoint lists
    /// as many as before.
    #[arg(long, value_name = "N", help_heading = "Many machines and long runs")]
    #[arg(value_parser = number::parts, allow_hyphen_values = true, hide_short_help = true)]
    pub(crate) parts: Option<u64>,

    /// Count only darts A to B-1 of the seed: a part of a shard, or more darts for a run
    ///
    /// pi-mc merge adds the range to other parts. One that lies beyond them extends the run to its end.
    #[arg(
        long,
        value_name = "A..B",
        help_heading = "Many machines and long runs",
        hide_short_help = true
    )]
    #[arg(value_parser = number::range, allow_hyphen_values = true, conflicts_with_all = ["sims", "shard"])]
    pub(crate) range: Option<Range<u64>>,

    /// Count nothing; show how many darts, how long and how accurate
    ///
    /// The time follows from a probe of 50 ms. With --shard, the time of all shards is shown too.
    #[arg(
        long,
        help_heading = "Many machines and long runs",
        hide_short_help = true
    )]
    #[arg(conflicts_with_all = ["mpi", "live"])]
    pub(crate) dry_run: bool,

    /// Share the darts among the processes that mpirun started
    ///
    /// With --checkpoint, a killed job is started again and loses seconds; it may then have another number of processes.
    /// Ctrl-C or TERM to any process prints what all have counted. Not with --target-error, --trace, --plot and --parts,
    /// which need the darts in order, and not with --timeline, --shard, --range or --live.
    #[arg(long, help_heading = "Many machines and long runs")]
    #[arg(hide_short_help = cfg!(not(feature = "mpi")))]
    #[arg(conflicts_with_all = ["shard", "range", "timeline", "live"])]
    pub(crate) mpi: bool,

    /// Pin each thread to a core of its own: worker i to the i-th that this process may use (Linux)
    ///
    /// One thread of each physical core comes first, fast cores before slow ones, and the siblings that
    /// share a core with those come last. With more workers than cores, the next starts over at the first.
    #[arg(long, help_heading = "Advanced", hide_short_help = true)]
    pub(crate) pin: bool,

    /// Throw every dart, or draw the number of hits: darts, lazy
    ///
    /// lazy draws the hits from their exact distribution without throwing a dart: a different sample,
    /// just as accurate, and 10^18 darts take a moment.
    #[arg(long, value_name = "METHOD", default_value = "darts")]
    #[arg(value_parser = choice::one_of(Method::VARIANTS.iter().copied(), Method::name))]
    #[arg(help_heading = "Advanced", hide_possible_values = true)]
    pub(crate) method: Method,

    /// Count with: auto (the default), avx512, avx2, sse4.1, neon, portable, gpu
    ///
    /// The result is the same with each. auto is the fastest instruction set of this CPU. gpu is the first
    /// hardware GPU, and gpu:NAME the first GPU whose name contains NAME, even one in software. Both need a pi-mc
    /// built with cargo's '--features gpu'.
    #[arg(long, value_name = "KERNEL", value_parser = CounterName)]
    #[arg(help_heading = "Advanced", hide_possible_values = true)]
    pub(crate) kernel: Option<String>,
}

/// The end of `pi-mc --help`.
pub(crate) const EXAMPLES: &str = "\
Examples:
  pi-mc                                  ten million darts on every core
  pi-mc --sims 1e10 --workers 4          ten billion, on four threads
  pi-mc -n 1e9 -s 42                     785381759 hits, on every machine
  pi-mc -q                               only the estimate, for a script
  pi-mc --format json | jq .hits         everything, for a program
  pi-mc -n 1e13 --checkpoint run.json    a long run; the same command resumes it
  pi-mc --live                           watch them land
  pi-mc --target-error 1e-5              as many darts as that takes
  pi-mc --method lazy -n 1e18            how many that many darts would hit";
