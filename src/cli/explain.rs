//! `pi-mc explain`: a strategy of compare on one screen, with the code that runs. All of it is ASCII, which
//! any terminal can show.

use std::process::ExitCode;

use crate::compare::strategy::Strategy;
use anyhow::{Context, Result};

use crate::cli::io::stdout::print_text;
use crate::cli::parse::choice;

#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// Strategy to explain [default: list them all]
    #[arg(value_name = "STRATEGY", value_parser = choice::one_of(Strategy::every(), Strategy::name))]
    strategy: Option<Strategy>,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc explain                                  what strategies there are
  pi-mc explain race                             how a race loses hits
  pi-mc compare --strategy race -w 2 -n 1e8      and watch it lose them";

/// The screen of a strategy.
struct Lesson {
    /// A few words, for the list.
    title: &'static str,
    what: &'static str,
    /// A line per worker, with time from left to right.
    drawing: &'static str,
    /// The text of its source file, and what to show of it.
    source: &'static str,
    code: &'static [Excerpt],
    see: &'static str,
    instead: &'static str,
}

/// A part of a source file, named by how its first line begins, up to the brace that closes it.
enum Excerpt {
    Whole(&'static str),
    /// Without its first line and its brace.
    Inside(&'static str),
}

/// Prints the list of strategies, or the screen of one.
pub(crate) fn explain(args: &ExplainArgs) -> Result<ExitCode> {
    match args.strategy {
        None => print_text(&list())?,
        Some(strategy) => print_text(&screen(strategy)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list() -> String {
    let mut out = "Ways to count the same darts, which pi-mc compare times:\n\n".to_owned();
    for strategy in Strategy::every() {
        out += &format!("  {:<9}  {}\n", strategy.name(), lesson(strategy).title);
    }
    out + "\nRead them in this order. For details: pi-mc explain race\n"
}

pub(crate) fn screen(strategy: Strategy) -> Result<String> {
    let lesson = lesson(strategy);
    let file = strategy.name().replace('-', "_");
    let mut out = format!("{strategy}: {}\n\n{}\n\n", lesson.title, lesson.what);
    for line in lesson.drawing.lines() {
        out += &format!("  {line}\n");
    }
    out += &format!("\nThe code, from src/compare/strategy/{file}.rs:\n");
    for (number, excerpt) in lesson.code.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for line in lines(lesson.source, excerpt)? {
            out += format!("  {line}").trim_end();
            out.push('\n');
        }
    }
    out += &format!("\nSee: {}\nInstead: {}\n", lesson.see, lesson.instead);
    Ok(out + &format!("Try: pi-mc compare --strategy {strategy} -w 1,2\n"))
}

/// The lines of an excerpt, without the indentation of the first.
fn lines<'a>(source: &'a str, excerpt: &Excerpt) -> Result<Vec<&'a str>> {
    let (Excerpt::Whole(start) | Excerpt::Inside(start)) = *excerpt;
    let missing = || format!("the source has no '{start}'");
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_first = |line: &&str| {
        let text = line.trim_start();
        text.trim_start_matches("pub(crate) ").starts_with(start)
    };
    let mut rest = source.lines().skip_while(|line| !is_first(line));
    let first = rest.next().with_context(missing)?;
    let mut found = vec![first];
    let is_last = |line: &str| indent(line) == indent(first) && line.trim_start().starts_with('}');
    for line in rest {
        found.push(line);
        if is_last(line) {
            break;
        }
    }
    if let Excerpt::Inside(_) = excerpt {
        found = found[1..found.len() - 1].to_vec();
    }
    let shift = found.first().map_or(0, |line| indent(line));
    let lines = found.into_iter();
    Ok(lines.map(|line| line.get(shift..).unwrap_or("")).collect())
}

fn lesson(strategy: Strategy) -> Lesson {
    match strategy {
        Strategy::Serial => Lesson {
            title: "one loop on one thread: the baseline",
            what: "\
Counts chunk after chunk of 65,536 darts. Nothing can go wrong in a plain loop,
so its hits are the right ones, and its time is the one to beat.",
            drawing: "\
main   [chunk 0][chunk 1][chunk 2][chunk 3]
       ----------------------------------------> time",
            source: include_str!("../compare/strategy/serial.rs"),
            code: &[Excerpt::Inside("fn count(")],
            see: "the first row. Every other row is compared with it, hits first.",
            instead: "pool, once a run takes longer than a few milliseconds.",
        },
        Strategy::Pool => Lesson {
            title: "threads that take the next chunk: what pi-mc itself does",
            what: "\
Threads share one number: the next chunk. Each takes it and adds 1, in one
atomic step, counts the chunk, and comes back. A fast thread takes more chunks
than a slow one, and they meet only once for 65,536 darts.",
            drawing: "\
worker 1  [chunk 0][chunk 2][chunk 3 ][chunk 5]
worker 2  [chunk 1   ][chunk 4       ][chunk 6]
          ---------------------------------------> time",
            source: include_str!("../compare/strategy/pool.rs"),
            code: &[Excerpt::Inside("fn count(")],
            see: "a speed-up near the number of cores, and on 1 worker about that of serial.",
            instead: "nothing; this is the one to use.",
        },
        Strategy::Threads => Lesson {
            title: "one thread per worker, started and joined by hand",
            what: "\
Cuts the darts into one share for each thread beforehand, starts the threads,
and waits for all of them. The slowest share decides when it is over.",
            drawing: "\
main      start............................join
worker 1       [share 1      ]                |
worker 2       [share 2                      ]|   on a busy core",
            source: include_str!("../compare/strategy/threads.rs"),
            code: &[Excerpt::Whole("thread::scope(")],
            see: "about the speed-up of pool, less where a core is busy.",
            instead: "pool, which shares out the work as it goes.",
        },
        Strategy::Gil => Lesson {
            title: "threads that take turns at one lock, as CPython's do",
            what: "\
A model of CPython's interpreter lock; no Python runs here. A thread counts only
while it holds the lock, lets go of it while it waits for input, and hands it
over once another has waited 5 ms. NumPy lets go of it while it computes.",
            drawing: "\
thread 1  [count 5 ms](waits   )[count 5 ms]
thread 2  (waits   ) [count 5 ms](waits   )[count 5 ms]
          -----------------------------------------------> time",
            source: include_str!("../compare/strategy/gil.rs"),
            code: &[Excerpt::Whole("for chunk in share.chunks()")],
            see: "one core's speed on any number of workers; with --io-wait, that of threads.",
            instead: "processes or NumPy in Python; a Python without the lock (3.14t).",
        },
        Strategy::Queue => Lesson {
            title: "workers take chunk numbers from a queue",
            what: "\
The main thread puts the numbers of the chunks into a queue, first in, first
out. Workers take the next when they are free: the pattern for work that
arrives over time, or whose parts differ in length.",
            drawing: "\
main      0 1 2 3 4 5 6 > queue
worker 1  take 0 [count   ] take 2 [count   ] take 3 [count   ]
worker 2    take 1 [count           ] take 4 [count  ] take 5 ...",
            source: include_str!("../compare/strategy/queue.rs"),
            code: &[Excerpt::Inside("fn work("), Excerpt::Whole("fn take(")],
            see: "a speed-up a little below that of pool: each chunk locks the queue.",
            instead: "pool, where all the work is known beforehand.",
        },
        Strategy::Processes => Lesson {
            title: "one child process per worker: nothing is shared",
            what: "\
Starts a program for each share, and reads its hits from a pipe: processes share
no memory. In Python, under its lock, this is the usual way to use all cores.",
            drawing: "\
main       start 1, start 2 .......... read 1, read 2, add
process 1      (starting)[share 1   ] > pipe
process 2         (starting)[share 2   ] > pipe",
            source: include_str!("../compare/strategy/processes.rs"),
            code: &[
                Excerpt::Whole("for (number, share) in"),
                Excerpt::Whole("for number in"),
            ],
            see: "slower than serial in short runs: starting takes milliseconds. Try -n 1e10.",
            instead: "pool, unless crashes or memory must be kept apart.",
        },
        Strategy::Lock => Lesson {
            title: "one counter under a lock: right, and slow",
            what: "\
Adding 1 is three steps: read, add, write. The lock lets one thread at a time
take all three, so no hit is lost. It is locked for every single hit.",
            drawing: "\
worker 1  lock, +1, unlock        (waits)        lock, +1, unlock
worker 2        (waits)   lock, +1, unlock            (waits)
          -------------------------------------------------------> time",
            source: include_str!("../compare/strategy/lock.rs"),
            code: &[Excerpt::Whole("on_threads(")],
            see: "the right hits, far below serial's speed; more workers wait more.",
            instead: "threads or pool: add up your own hits, and share one number at the end.",
        },
        Strategy::Atomic => Lesson {
            title: "one counter, added to atomically: right, less slow",
            what: "\
fetch_add is one step for the CPU: no thread gets between its read and its
write, and none waits for a lock. But the counter travels between the cores'
caches, hit by hit.",
            drawing: "\
counter   1    2    3    4    5
worker 1  +1        +1        +1
worker 2       +1        +1         one step each, but the counter travels",
            source: include_str!("../compare/strategy/atomic.rs"),
            code: &[Excerpt::Whole("on_threads(")],
            see: "the right hits, faster than lock, and still slower than serial.",
            instead: "pool, which adds atomically once a chunk instead of once a hit.",
        },
        Strategy::Race => Lesson {
            title: "one counter without protection: wrong on purpose",
            what: "\
Each hit loads the counter and stores one more. If both workers load the same
number, both store the same number, and one hit is lost.",
            drawing: "\
counter   7         7         7         8         8
worker 1  load 7              store 8
worker 2            load 7              store 8     two hits, one more
          ------------------------------------------> time",
            source: include_str!("../compare/strategy/race.rs"),
            code: &[Excerpt::Whole("for hits in share.hits()")],
            see: "hits lost, so pi is too small. A run that loses none was lucky.",
            instead: "atomic or lock; or better threads or pool, which share no counter.",
        },
        Strategy::SameSeed => Lesson {
            title: "every worker throws the same darts: wrong on purpose",
            what: "\
All workers start their random numbers at the same place, as processes do that
are given one seed, or that copy a generator when they fork.",
            drawing: "\
should be  worker 1  [dart 0, 1, 2, ...]   worker 2  [dart 500, 501, 502, ...]
here       worker 1  [dart 0, 1, 2, ...]   worker 2  [dart 0, 1, 2, ...]",
            source: include_str!("../compare/strategy/same_seed.rs"),
            code: &[
                Excerpt::Inside("fn count("),
                Excerpt::Whole("fn from_the_start("),
            ],
            see: "a plausible pi, and an error bar that is too small: 2 workers throw half as
  many different darts, so the honest error is 1.4 times the claimed one.",
            instead: "a random stream for each part of the work: here each chunk has its own.",
        },
        #[cfg(feature = "gpu")]
        Strategy::Gpu => Lesson {
            title: "thousands of threads on a graphics card",
            what: "\
The card counts many chunks at a time and lists the few darts that only a closer
look decides. The CPU settles these while the card counts the next chunks.",
            drawing: "\
card   launch [chunks 0 to 999   ][chunks 1000 to 1999 ][chunks 2000 to ...]
CPU                               [settle]             [settle]
       ----------------------------------------> time",
            source: include_str!("../compare/strategy/gpu.rs"),
            code: &[Excerpt::Inside("fn count(")],
            see: "far faster than any CPU for long runs, and slower for short ones: the
  launch alone takes as long as a million darts do here.",
            instead: "pool, for short runs and where there is no card.",
        },
    }
}
