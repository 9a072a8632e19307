//! The protocol between [`crate::compare::run`] and its worker processes. The caller provides the
//! command that starts one; this module writes the arguments after it, reads them in the worker
//! process, and does the same for the answer.
//!
//! ```text
//! arguments   seed=42 first=0 sims=65536 kernel=avx2 io-wait-ns=0     each once, in this order
//!             noted-since-ns=1767225600000000000                      only to ask for a timeline
//! answer      51738                                                   a line on stdout
//!             count,1290021,1313377,0,1,51738                         a line for each span, if asked for
//!             cores,0,1                                               the cores it ran on, if known
//! ```
//!
//! With `by-chunk` as the last argument, the process counts only the chunks that it reads from stdin, a line each, and
//! adds their hits to a number x, which it writes after each. Its answer follows when stdin ends:
//!
//! ```text
//! stdin       3 20000000                                              a chunk, and its wait in nanoseconds
//! stdout      51738                                                   x
//! ```
//!
//! A timeline is asked for with the start of the run, in nanoseconds since 1970. A span has its activity, its
//! start and end in nanoseconds after that, its first chunk, its chunks and its hits.
//!
//! Without it, a worker process should end when its stdin closes: its parent is gone then.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

use crate::compare::strategy::task::Task;
use crate::darts::plan::Plan;
use crate::engine::recorder::Recorder;
use crate::engine::timeline::{Lane, Span};
use crate::error::Error;
use crate::kernel::Kernel;

/// The argument that asks for single chunks.
#[cfg(feature = "cli")]
pub(crate) const BY_CHUNK: &str = "by-chunk";

/// The arguments that ask for the hits of `share`, and for its timeline if `log` is on.
pub fn write_arguments(share: &Task, log: &Recorder) -> Vec<String> {
    let since = log.unix().map(|since| since.as_nanos());
    let task = [
        format!("seed={}", share.plan.seed()),
        format!("first={}", share.plan.start()),
        format!("sims={}", share.plan.sims()),
        format!("kernel={}", share.kernel.name()),
        format!("io-wait-ns={}", share.io_wait.as_nanos()),
    ];
    let since = since.map(|since| format!("noted-since-ns={since}"));
    task.into_iter().chain(since).collect()
}

/// The task that the arguments ask for, to be counted as by
/// [`Strategy::Serial`](crate::compare::strategy::Strategy::Serial), and its recorder.
///
/// # Errors
/// Names the first argument that [`write_arguments`] would not have written there. Also if there are no such
/// darts, or no such kernel here.
pub fn read_arguments(
    words: impl IntoIterator<Item = OsString>,
) -> Result<(Task, Recorder), Error> {
    let mut words = words.into_iter().map(|word| word.to_string_lossy().into());
    let seed = number(words.next(), "seed=", "seed=N, a whole number below 2^64")?;
    let first = number(words.next(), "first=", "first=N, a whole number below 2^64")?;
    let sims = number(words.next(), "sims=", "sims=N, a whole number below 2^64")?;
    let kernel = value(words.next(), "kernel=", "kernel=NAME")?;
    let io_wait = number::<u128>(words.next(), "io-wait-ns=", IO_WAIT)?;
    let log = match words.next() {
        None => Recorder::off(),
        since => Recorder::in_process(number(since, "noted-since-ns=", SINCE)?),
    };
    if let Some(word) = words.next() {
        return Err(refused(&word, "no more words"));
    }
    if io_wait > Duration::MAX.as_nanos() {
        return Err(refused(&format!("io-wait-ns={io_wait}"), IO_WAIT));
    }
    let plan = Plan::from_start(seed, first, sims)?;
    let task = Task {
        io_wait: Duration::from_nanos_u128(io_wait),
        ..Task::new(plan, Kernel::named(&kernel)?, NonZero::<usize>::MIN)
    };
    Ok((task, log))
}

const IO_WAIT: &str = "io-wait-ns=N, whole nanoseconds of less than 2^64 seconds";

const SINCE: &str = "no more words, or noted-since-ns=N, a whole number below 2^64";

/// The text after `key` in `word`.
fn value(word: Option<String>, key: &str, accepted: &str) -> Result<String, Error> {
    let word = word.unwrap_or_default();
    match word.strip_prefix(key) {
        Some(value) => Ok(value.to_owned()),
        None => Err(refused(&word, accepted)),
    }
}

/// The number after `key` in `word`, spelled as [`write_arguments`] spells it: without a sign or a
/// leading zero.
fn number<N: FromStr + ToString>(
    word: Option<String>,
    key: &str,
    accepted: &str,
) -> Result<N, Error> {
    let value = value(word, key, accepted)?;
    canonical(&value).ok_or_else(|| refused(&format!("{key}{value}"), accepted))
}

/// The number that prints as `text`.
fn canonical<N: FromStr + ToString>(text: &str) -> Option<N> {
    let number: N = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// The error that a worker process got `word`, empty if it is missing.
pub(crate) fn refused(word: &str, accepted: &str) -> Error {
    Error::Invalid(format!(
        "'{word}' given to a worker process, which expects {accepted}"
    ))
}

/// The text that a worker process writes to stdout: its hits, and the spans and the cores of its timeline.
pub fn write_answer(hits: u64, lane: &Lane) -> String {
    let mut answer = format!("{hits}\n");
    for span in &lane.spans {
        let Span {
            activity,
            start_ns,
            end_ns,
            first_chunk,
            chunks,
            hits,
        } = span;
        let activity = activity.name();
        answer += &format!("{activity},{start_ns},{end_ns},{first_chunk},{chunks},{hits}\n");
    }
    if !lane.cores.is_empty() {
        let cores: Vec<String> = lane.cores.iter().map(ToString::to_string).collect();
        answer += &format!("{CORES}{}\n", cores.join(","));
    }
    answer
}

/// The beginning of the line of cores.
const CORES: &str = "cores,";

/// The hits in the answer of a worker process, and its lane without ids; `None` if [`write_answer`] writes no such text.
pub fn read_answer(text: &str) -> Option<(u64, Lane)> {
    let mut lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
    let cores = lines.pop_if(|line| line.starts_with(CORES));
    let cores = cores.map_or(Some(BTreeSet::new()), |line| {
        line[CORES.len()..].split(',').map(canonical).collect()
    });
    let (first, spans) = lines.split_first()?;
    let spans: Option<Vec<Span>> = spans.iter().map(|line| read_span(line)).collect();
    let lane = Lane {
        spans: spans?,
        cores: cores?,
        ..Lane::default()
    };
    Some((canonical(first)?, lane))
}

fn read_span(line: &str) -> Option<Span> {
    let (name, numbers) = line.split_once(',')?;
    let numbers: Option<Vec<u64>> = numbers.split(',').map(canonical).collect();
    let [start_ns, end_ns, first_chunk, chunks, hits] = numbers?.try_into().ok()?;
    let activity = name.parse().ok()?;
    (start_ns <= end_ns).then_some(Span {
        activity,
        start_ns,
        end_ns,
        first_chunk,
        chunks,
        hits,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::engine::timeline::Activity;

    const WORDS: [&str; 5] = [
        "seed=42",
        "first=1000",
        "sims=65536",
        "kernel=portable",
        "io-wait-ns=0",
    ];

    fn read(words: &[&str]) -> Result<Task, Error> {
        read_arguments(words.iter().map(OsString::from)).map(|(task, _)| task)
    }

    fn refusal(words: &[&str]) -> String {
        read(words).unwrap_err().to_string()
    }

    #[test]
    fn written_arguments_read_back_to_the_same_task() {
        let last = u64::MAX - 1;
        for (seed, first, sims) in [
            (0, 0, 1),
            (42, 1_000, 65_536),
            (u64::MAX, last, 1),
            (7, 0, last),
        ] {
            for kernel in Kernel::available() {
                for io_wait in [
                    Duration::ZERO,
                    Duration::from_nanos(1_500_000),
                    Duration::MAX,
                ] {
                    let plan = Plan::new(seed, first..first + sims).unwrap();
                    let task = Task {
                        io_wait,
                        ..Task::new(plan, kernel, NonZero::<usize>::MIN)
                    };
                    let words = write_arguments(&task, &Recorder::off());
                    let words: Vec<_> = words.iter().map(String::as_str).collect();
                    assert_eq!(read(&words).unwrap(), task);
                }
            }
        }
    }

    /// The arguments are those documented above: a different version of the program may read them.
    #[test]
    fn the_words_are_those_of_the_documentation() {
        let task = read(&WORDS).unwrap();
        assert_eq!(task.plan, Plan::new(42, 1_000..1_000 + 65_536).unwrap());
        assert_eq!(write_arguments(&task, &Recorder::off()), WORDS);
    }

    /// A recorder begins at the start of the run, however long the process took to start.
    #[test]
    fn a_recorder_starts_with_the_run() {
        let task = read(&WORDS).unwrap();
        let log = Recorder::new(1, Instant::now() - Duration::from_secs(5));
        let words = write_arguments(&task, &log);
        assert_eq!(words[..5], WORDS);
        let (again, log) = read_arguments(words.iter().map(OsString::from)).unwrap();
        assert_eq!(again, task);
        log.worker(0);
        let start = log.lane(0).unwrap().spans[0];
        assert_eq!(start.activity, Activity::Start);
        // Someone may set the clock meanwhile, so allow a second.
        assert!((4_000_000_000..6_000_000_000).contains(&start.ns()));
    }

    #[test]
    fn a_bad_word_is_refused_by_name() {
        let [seed, first, sims] =
            ["seed", "first", "sims"].map(|key| format!("{key}=N, a whole number below 2^64"));
        for (place, word, accepted) in [
            (0, "seed=", &*seed),
            (0, "seed=-1", &seed),
            (0, "seed=+1", &seed),
            (0, "seed=042", &seed),
            (0, "seed= 42", &seed),
            (0, "seed=18446744073709551616", &seed),
            (0, "--seed=42", &seed),
            (0, "42", &seed),
            (0, "", &seed),
            (1, "seed=42", &first),
            (1, "first=1e3", &first),
            (2, "sims=1_000", &sims),
            (3, "Kernel=portable", "kernel=NAME"),
            (4, "io-wait-ns=2ms", IO_WAIT),
            (4, "io-wait-ns=18446744073709551616000000000", IO_WAIT),
            (5, "seed=42", SINCE),
        ] {
            let rest = &WORDS[WORDS.len().min(place + 1)..];
            let words = [&WORDS[..place], &[word], rest].concat();
            assert_eq!(
                refusal(&words),
                format!("'{word}' given to a worker process, which expects {accepted}")
            );
        }
        for (place, word) in WORDS.into_iter().enumerate() {
            let (key, _) = word.split_once('=').unwrap();
            let expected = format!("'' given to a worker process, which expects {key}=");
            let message = refusal(&WORDS[..place]);
            assert!(message.starts_with(&expected), "{message}");
        }
        let more = [&WORDS[..], &["noted-since-ns=1", "seed=42"]].concat();
        assert_eq!(
            refusal(&more),
            "'seed=42' given to a worker process, which expects no more words"
        );
    }

    #[test]
    fn darts_and_kernels_that_there_are_not_are_refused() {
        let no_dart = "0 darts from dart 1000 on: a range holds at least 1 dart";
        let no_number =
            "65536 darts from dart 18446744073709551615 on: a range holds at least 1 dart";
        for (place, word, expected) in [
            (2, "sims=0", no_dart),
            (1, "first=18446744073709551615", no_number),
            (3, "kernel=auto", "this CPU has no kernel 'auto', only "),
            (3, "kernel=AVX2", "this CPU has no kernel 'AVX2', only "),
            (3, "kernel=", "this CPU has no kernel '', only "),
        ] {
            let mut words = WORDS;
            words[place] = word;
            let message = refusal(&words);
            assert!(message.starts_with(expected), "{word}: {message}");
        }
    }

    #[test]
    fn an_answer_is_one_number_then_spans_and_the_end_of_its_line() {
        let span = |activity| Span {
            activity,
            start_ns: 7,
            end_ns: u64::MAX,
            first_chunk: 3,
            chunks: 2,
            hits: 1,
        };
        let spans: Vec<Span> = Activity::ALL.iter().copied().map(span).collect();
        for hits in [0, 51_738, u64::MAX] {
            for spans in [&[][..], &spans] {
                for cores in [&[][..], &[0], &[1, 4_095]] {
                    let lane = Lane {
                        spans: spans.to_vec(),
                        cores: cores.iter().copied().collect(),
                        ..Lane::default()
                    };
                    let answer = read_answer(&write_answer(hits, &lane)).unwrap();
                    assert_eq!(answer, (hits, lane));
                }
            }
        }
        // A number that is cut short has no end of line.
        for text in [
            "",
            "\n",
            "517",
            "-1\n",
            "+1\n",
            "01\n",
            "1 \n",
            "1\n\n",
            "1\n2\n",
            "1.0\n",
            "1\ncount,1,2,3,4,5",
            "1\ncount,1,2,3,4\n",
            "1\ncount,1,2,3,4,5,6\n",
            "1\ncounts,1,2,3,4,5\n",
            "1\ncount,2,1,3,4,5\n",
            "1\ncount,1,2,3,4,05\n",
            "1\ncores,\n",
            "1\ncores,01\n",
            "1\ncores,1\ncount,1,2,3,4,5\n",
            "cores,1\n",
        ] {
            assert_eq!(read_answer(text), None, "{text:?}");
        }
    }
}
