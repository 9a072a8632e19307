//! What may be typed, and what is wrong with it in one line. Not here: how numbers are read.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use pi_mc::Kernel;
use pi_mc::compare::strategy::Strategy;

use super::number;

/// The most threads that can be asked for; far more than any machine has cores.
const MAX_WORKERS: usize = 4096;

/// Estimates π by throwing darts at a square and counting those in its circle, on all cores.
///
/// One seed gives the same hits, to the last one, for any number of workers, on any machine.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_long_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// What a plain run takes.
#[derive(clap::Args)]
pub(super) struct RunArgs {
    /// Darts to throw: 1e7, 2.5e9, 10_000_000, 10M, 2^32 [default: 10000000]
    ///
    /// k, M, G and T are powers of 1000. With a limit the default is no end but that; with a checkpoint it
    /// is what that was for.
    #[arg(short = 'n', long, value_name = "N", help_heading = "Run")]
    #[arg(value_parser = number::sims, allow_negative_numbers = true)]
    pub(super) sims: Option<u64>,

    /// Threads that share the work; 1 is serial [default: the cores]
    #[arg(short, long, value_name = "W", help_heading = "Run")]
    #[arg(value_parser = workers, allow_negative_numbers = true)]
    pub(super) workers: Option<NonZero<usize>>,

    /// Which darts, decimal or 0x hex [default: drawn anew, and printed]
    #[arg(short, long, value_name = "S", help_heading = "Run")]
    #[arg(value_parser = number::seed, allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,

    /// End after this time: 30s, 10m, 1.5h
    ///
    /// The chunks of 65,536 darts that were begun by then are counted. Of all limits and --sims, the first
    /// to be reached ends the run.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    #[arg(value_parser = time_limit, allow_negative_numbers = true)]
    pub(super) time_limit: Option<Duration>,

    /// End at this standard error: 1e-6
    ///
    /// It is judged at fixed numbers of darts, so that the same darts are thrown by any number of workers.
    #[arg(long, value_name = "ERROR", help_heading = "Limits")]
    #[arg(value_parser = number::error, allow_negative_numbers = true)]
    pub(super) target_error: Option<f64>,

    #[command(flatten)]
    pub(super) output: OutputArgs,

    /// auto, always or never show on stderr how the run goes
    ///
    /// auto does so while stderr is a terminal; always writes a line every ten seconds where it is none.
    /// A run of less than half a second shows nothing.
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    #[arg(hide_possible_values = true)]
    pub(super) progress: When,

    /// Write the estimate at 1, 2, 5, 10, 20 ... darts; - is stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) trace: Option<PathBuf>,

    /// Draw the first darts and the estimate on its way, as SVG
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) plot: Option<PathBuf>,

    /// Go on from FILE if it exists; save to it every few seconds
    ///
    /// Any number of workers may go on, and to more darts. What the command line does not say, the file
    /// does: seed and sims.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Many machines and long runs"
    )]
    pub(super) checkpoint: Option<PathBuf>,

    /// Throw part I of N; see pi-mc merge
    #[arg(long, value_name = "I/N", help_heading = "Many machines and long runs")]
    #[arg(value_parser = number::shard, allow_negative_numbers = true)]
    pub(super) shard: Option<(u64, u64)>,

    /// Share the darts among the processes that mpirun started
    #[arg(long, help_heading = "Many machines and long runs")]
    #[arg(hide_short_help = cfg!(not(feature = "mpi")))]
    #[arg(conflicts_with_all = ["shard", "checkpoint", "trace", "plot", "time_limit", "target_error"])]
    pub(super) mpi: bool,

    /// darts throws them; lazy only draws how many hit
    ///
    /// Lazy hits have exactly the distribution of thrown ones: another sample, as accurate, and of 10^18 in
    /// a moment.
    #[arg(long, value_enum, value_name = "METHOD", default_value = "darts")]
    #[arg(help_heading = "Advanced", hide_possible_values = true)]
    pub(super) method: Method,

    /// auto, avx512, avx2, sse4.1 or portable; all hit alike
    ///
    /// The code that counts; auto is the fastest that this CPU has.
    #[arg(long, value_name = "KERNEL", default_value = "auto", value_parser = kernels())]
    #[arg(help_heading = "Advanced", hide_possible_values = true)]
    pub(super) kernel: Kernel,
}

impl RunArgs {
    /// What is wrong with the options together that clap cannot see.
    pub(super) fn check(&self) -> Result<(), String> {
        let thrown = [
            ("time-limit", self.time_limit.is_some()),
            ("target-error", self.target_error.is_some()),
            ("trace", self.trace.is_some()),
            ("plot", self.plot.is_some()),
            ("checkpoint", self.checkpoint.is_some()),
            ("shard", self.shard.is_some()),
            ("mpi", self.mpi),
        ];
        let outputs = [&self.trace, &self.plot, &self.checkpoint];
        let outputs: Vec<_> = outputs.into_iter().flatten().collect();
        match thrown.iter().find(|(_, given)| *given) {
            Some((name, _)) if self.method == Method::Lazy => Err(format!(
                "'--{name}' is for darts that are thrown one after the other; '--method lazy' takes only \
                 --sims, --seed and the output options"
            )),
            _ if outputs.iter().enumerate().any(|(i, path)| outputs[..i].contains(path)) => Err(
                "of '--trace', '--plot' and '--checkpoint' two are the same file; give each its own"
                    .to_owned(),
            ),
            _ if self.mpi && cfg!(not(feature = "mpi")) => Err(
                "this pi-mc was built without MPI, which '--mpi' needs; build it with cargo's \
                 '--features mpi'"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  pi-mc                                throw ten million darts
  pi-mc --sims 1e10 --workers 4        ten thousand million, on four threads
  pi-mc -n 1e9 -s 42                   the same hits on every machine: 785381759
  pi-mc -q                             the estimate alone, for a script
  pi-mc --format json | jq .hits       everything, for a program
  pi-mc -n 1e13 --checkpoint day.json  hours of it, and go on if anything ends it
  pi-mc --target-error 1e-5            as many as that takes
  pi-mc --method lazy -n 1e18          what a quintillion darts would hit, without throwing them";

/// What else the program does.
#[derive(Subcommand)]
pub(super) enum Command {
    Compare(CompareArgs),
    Merge(MergeArgs),
    Verify(VerifyArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Add up saved results: the shards of one run, in any order
///
/// A saved result is what --format json prints, and what a checkpoint holds.
#[derive(clap::Args)]
#[command(after_long_help = MERGE_EXAMPLES)]
pub(super) struct MergeArgs {
    /// Files of saved results, one a line; - is stdin
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,

    /// Add up what is there, though darts are missing
    #[arg(long)]
    pub(super) partial: bool,

    #[command(flatten)]
    pub(super) output: OutputArgs,
}

const MERGE_EXAMPLES: &str = "\
Examples:
  pi-mc merge shard-*.json                   the whole, once all shards are there
  pi-mc merge --partial shard-*.json         what there is so far
  cat shard-*.json | pi-mc merge - -q        from a pipe, the estimate alone";

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_long_help = COMPLETIONS_EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(super) shell: Shell,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  pi-mc completions bash > /usr/share/bash-completion/completions/pi-mc
  pi-mc completions fish > ~/.config/fish/completions/pi-mc.fish";

/// Print the manual page, in roff
#[derive(clap::Args)]
#[command(after_long_help = MAN_EXAMPLES)]
pub(super) struct ManArgs {
    /// Of this command, not of pi-mc as a whole
    #[arg(value_name = "COMMAND", value_parser = ["compare", "merge", "verify"])]
    pub(super) command: Option<String>,
}

const MAN_EXAMPLES: &str = "\
Examples:
  pi-mc man | man -l -
  pi-mc man > /usr/share/man/man1/pi-mc.1
  pi-mc man compare > /usr/share/man/man1/pi-mc-compare.1";

/// Check that this machine counts right: known answers, a burn-in, or saved results
#[derive(clap::Args)]
#[command(after_long_help = VERIFY_EXAMPLES)]
pub(super) struct VerifyArgs {
    /// Count these saved results again, on another kernel; - is stdin
    #[arg(value_name = "FILE", conflicts_with_all = ["class", "time"])]
    pub(super) files: Vec<PathBuf>,

    /// Count a known problem with every kernel: 2^24, 28, 30, 32, 36 darts
    #[arg(
        long,
        value_enum,
        value_name = "CLASS",
        default_value = "A",
        ignore_case = true
    )]
    pub(super) class: Class,

    /// Burn-in: count every chunk twice for this time, as 10m
    #[arg(long = "for", value_name = "TIME", conflicts_with = "class")]
    #[arg(value_parser = time_limit, allow_negative_numbers = true)]
    pub(super) time: Option<Duration>,

    /// Of each file, count this many of its parts again, picked at random
    #[arg(long, value_name = "K", default_value = "2", requires = "files")]
    #[arg(value_parser = sample, allow_negative_numbers = true)]
    pub(super) sample: NonZero<usize>,

    /// Of each file, count all parts again
    #[arg(long, requires = "files", conflicts_with = "sample")]
    pub(super) all: bool,

    /// Threads that share the work [default: the cores]
    #[arg(short, long, value_name = "W")]
    #[arg(value_parser = workers, allow_negative_numbers = true)]
    pub(super) workers: Option<NonZero<usize>>,

    /// The chunks of a burn-in [default: drawn anew, and printed]
    #[arg(short, long, value_name = "S", requires = "time")]
    #[arg(value_parser = number::seed, allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  pi-mc verify                               a thousand million darts, with each kernel
  pi-mc verify --for 10m                     keep all cores busy, and believe none of them
  pi-mc verify --sample 5 whole.json         count five parts of a merged result again";

/// See [`pi_mc::verify::Class`].
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "verbatim")]
pub(super) enum Class {
    S,
    W,
    A,
    B,
    C,
}

impl From<Class> for pi_mc::verify::Class {
    fn from(class: Class) -> pi_mc::verify::Class {
        match class {
            Class::S => pi_mc::verify::Class::S,
            Class::W => pi_mc::verify::Class::W,
            Class::A => pi_mc::verify::Class::A,
            Class::B => pi_mc::verify::Class::B,
            Class::C => pi_mc::verify::Class::C,
        }
    }
}

/// How a result is printed.
#[derive(clap::Args)]
pub(super) struct OutputArgs {
    /// How to print the result
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Output"
    )]
    pub(super) format: Format,

    /// Print the estimate alone
    #[arg(short, long, conflicts_with = "format", help_heading = "Output")]
    pub(super) quiet: bool,
}

/// Time serial against parallel on the same darts, and check every answer first
///
/// Strategies: serial (the baseline, always there), pool (the program's own engine), threads, queue,
/// processes, lock, atomic, and two that are wrong to show how: race and same-seed.
#[derive(clap::Args)]
#[command(after_long_help = COMPARE_EXAMPLES)]
pub(super) struct CompareArgs {
    /// Darts to throw; with weak scaling, by each worker
    #[arg(short = 'n', long, value_name = "N", default_value = "1e8")]
    #[arg(value_parser = number::sims, allow_negative_numbers = true)]
    pub(super) sims: u64,

    /// Numbers of workers, as 1,2,4 [default: 1, 2, 4 ... up to the cores]
    #[arg(short, long, value_name = "LIST")]
    #[arg(value_parser = worker_list, allow_negative_numbers = true)]
    pub(super) workers: Option<WorkerList>,

    /// Strategies, as serial,pool,race; or all
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "serial,pool"
    )]
    #[arg(value_parser = strategies(), hide_possible_values = true)]
    strategy: Vec<Option<Strategy>>,

    /// Timed runs of each
    #[arg(long, value_name = "R", default_value = "7")]
    #[arg(value_parser = runs, allow_negative_numbers = true)]
    pub(super) runs: NonZero<usize>,

    /// Untimed runs of each before them
    #[arg(long, value_name = "R", default_value = "1")]
    #[arg(value_parser = warmup, allow_negative_numbers = true)]
    pub(super) warmup: usize,

    /// Which darts, decimal or 0x hex [default: drawn anew, and printed]
    #[arg(short, long, value_name = "S")]
    #[arg(value_parser = number::seed, allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,

    /// Whether the darts stay the same (strong) or grow with the workers (weak)
    #[arg(long, value_enum, value_name = "SCALING", default_value = "strong")]
    pub(super) scaling: Scaling,

    /// Let every chunk of 65,536 darts wait first, as if for a network: 2ms, 1.5s
    #[arg(long, value_name = "TIME", default_value = "0s")]
    #[arg(value_parser = number::duration, allow_negative_numbers = true)]
    pub(super) io_wait: Duration,

    /// How to print the table
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TableFormat,

    /// auto, avx512, avx2, sse4.1 or portable
    #[arg(long, value_name = "KERNEL", default_value = "auto", value_parser = kernels())]
    #[arg(hide_possible_values = true)]
    pub(super) kernel: Kernel,

    /// Draw the speed-ups by workers, as SVG
    #[arg(long, value_name = "FILE")]
    pub(super) plot: Option<PathBuf>,

    /// Here to say why not.
    #[arg(long, hide = true, value_name = "METHOD", value_parser = thrown)]
    pub(super) method: Option<()>,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  pi-mc compare                              serial against the pool, 1 to all cores
  pi-mc compare --strategy all -n 1e7        every way, the wrong ones with what they get wrong
  pi-mc compare --scaling weak               twice the workers, twice the darts
  pi-mc compare --io-wait 2ms -w 1,2,8 -n 1e7    more workers than cores pay off";

/// `pi-mc range`, which a worker process of compare is: counts one range on the calling thread and
/// prints its hits. It ends when its stdin does. It is no [`Command`], as nobody else is to find it.
#[derive(Parser)]
#[command(no_binary_name = true)]
pub(super) struct RangeArgs {
    #[arg(long, value_parser = number::seed)]
    pub(super) seed: u64,
    #[arg(long, value_parser = number::seed)]
    pub(super) first: u64,
    #[arg(long, value_parser = number::sims)]
    pub(super) sims: u64,
    #[arg(long, value_parser = kernels())]
    pub(super) kernel: Kernel,
    #[arg(long, value_parser = number::duration)]
    pub(super) io_wait: Duration,
}

/// Numbers of workers separated by commas, as one value to clap.
#[derive(Clone)]
pub(super) struct WorkerList(pub(super) Vec<NonZero<usize>>);

/// See [`pi_mc::compare::Scaling`].
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Scaling {
    /// The same darts, however many workers
    Strong,
    /// The same darts for each worker
    Weak,
}

/// The formats of a table.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum TableFormat {
    /// Aligned columns for a person
    Text,
    /// One object on one line, with every single run
    Json,
    /// A header and a row a row
    Csv,
    /// A table to paste
    Markdown,
}

/// The formats of a result.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// Aligned lines for a person
    Text,
    /// One object on one line
    Json,
    /// A header and a row
    Csv,
}

/// When to show progress.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// If stderr is a terminal
    Auto,
    /// Also if it is not: a line every ten seconds
    Always,
    /// Not at all
    Never,
}

/// How to get the hits.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    /// Throw every dart
    Darts,
    /// Draw the hits with the same distribution, without throwing: another sample, as accurate
    Lazy,
}

fn workers(text: &str) -> Result<NonZero<usize>, String> {
    let workers = text
        .parse()
        .ok()
        .filter(|workers: &NonZero<usize>| workers.get() <= MAX_WORKERS);
    workers.ok_or_else(|| format!("a whole number from 1 to {MAX_WORKERS}"))
}

fn worker_list(text: &str) -> Result<WorkerList, String> {
    let mut list = Vec::new();
    for part in text.split(',') {
        let number = workers(part).and_then(|number| match list.contains(&number) {
            true => Err(format!("'{part}' is there twice; name each once")),
            false => Ok(number),
        });
        list.push(number.map_err(|error| format!("{error}; or several, as 1,2,4"))?);
    }
    Ok(WorkerList(list))
}

/// A strategy's name, or `all`, which is none.
fn strategies() -> impl TypedValueParser<Value = Option<Strategy>> {
    let names = Strategy::ALL.map(Strategy::name);
    let names = PossibleValuesParser::new(names.into_iter().chain(["all"]));
    names.map(|name| {
        let mut all = Strategy::ALL.into_iter();
        all.find(|strategy| strategy.name() == name)
    })
}

impl CompareArgs {
    /// The strategies asked for, or what is wrong with them.
    pub(super) fn strategies(&self) -> Result<Vec<Strategy>, String> {
        if self.strategy == [None] {
            return Ok(Strategy::ALL.to_vec());
        }
        let mut named = Vec::new();
        for strategy in &self.strategy {
            match strategy {
                None => return Err("'--strategy all' has them all; name no others".to_owned()),
                Some(strategy) if named.contains(strategy) => {
                    return Err(format!("'--strategy' has {strategy} twice; name each once"));
                }
                Some(strategy) => named.push(*strategy),
            }
        }
        Ok(named)
    }
}

/// The most runs of each row: beyond it a person has mistyped.
const MAX_RUNS: usize = 10_000;

fn runs(text: &str) -> Result<NonZero<usize>, String> {
    let runs = text
        .parse()
        .ok()
        .filter(|runs: &NonZero<usize>| runs.get() <= MAX_RUNS);
    runs.ok_or_else(|| format!("a whole number from 1 to {MAX_RUNS}"))
}

fn sample(text: &str) -> Result<NonZero<usize>, String> {
    let parts = text.parse().ok();
    parts.ok_or_else(|| "a whole number of parts from 1 on".to_owned())
}

fn warmup(text: &str) -> Result<usize, String> {
    let runs = text.parse().ok().filter(|runs| *runs <= MAX_RUNS);
    runs.ok_or_else(|| format!("a whole number from 0 to {MAX_RUNS}"))
}

fn time_limit(text: &str) -> Result<Duration, String> {
    match number::duration(text)? {
        Duration::ZERO => Err("a time above 0, such as 30s or 1.5h".to_owned()),
        limit => Ok(limit),
    }
}

fn thrown(method: &str) -> Result<(), String> {
    match method {
        "darts" => Ok(()),
        "lazy" => {
            Err("lazy darts are not thrown, so there is no speed to compare; only darts".into())
        }
        _ => Err("only darts".into()),
    }
}

/// A kernel that this CPU has, or `auto`.
fn kernels() -> impl TypedValueParser<Value = Kernel> {
    let names = ["auto"].into_iter().chain(Kernel::NAMES.iter().copied());
    PossibleValuesParser::new(names).try_map(|name| match name.as_str() {
        "auto" => Ok(Kernel::detect()),
        name => Kernel::named(name),
    })
}

/// clap's message without its advice on usage, folded into one line.
pub(super) fn one_line(error: &clap::Error) -> String {
    let message = error.render().to_string();
    let lines = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty());
    let folded = lines.collect::<Vec<_>>().join(" ");
    folded.strip_prefix("error: ").unwrap_or(&folded).to_owned()
}
