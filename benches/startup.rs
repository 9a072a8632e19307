//! Whole processes in turn, since the program's start counts where a run takes milliseconds. Arguments are further
//! programs to time, such as an older or a static build.
//!
//! - Start-up: one dart and 10^7, 300 of each, beside /bin/true. Prints the least and the median time.
//! - The default number of workers beside `--workers 1`, in pairs: whether more workers repay their start. Prints the
//!   median times, and the median of the ratios.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 300;
/// Darts, and how many pairs of runs.
const PAIRS: [(&str, usize); 6] = [
    ("65537", 101),
    ("1e6", 101),
    ("1e7", 101),
    ("1e8", 61),
    ("1e9", 21),
    ("1e10", 9),
];

fn main() {
    // Cargo passes its own options too.
    let others = std::env::args_os().skip(1).map(PathBuf::from);
    let others = others.filter(|path| path.exists());
    let own = PathBuf::from(env!("CARGO_BIN_EXE_pi-mc"));
    let programs: Vec<PathBuf> = [own.clone()].into_iter().chain(others).collect();
    start_up(&programs);
    for (darts, pairs) in PAIRS {
        workers(&own, darts, pairs);
    }
}

fn start_up(programs: &[PathBuf]) {
    let mut rows: Vec<(String, Command, Vec<Duration>)> = Vec::new();
    rows.push(("true".to_owned(), Command::new("true"), Vec::new()));
    for program in programs {
        for (darts, pi) in [("1", "4\n"), ("1e7", "3.1412504\n")] {
            let quiet = run(program, darts)
                .arg("-q")
                .stdout(Stdio::piped())
                .output()
                .expect("it starts");
            assert_eq!(quiet.stdout, pi.as_bytes(), "{}", program.display());
            for format in ["text", "json"] {
                let mut command = run(program, darts);
                command.args(["--format", format]);
                let name = format!("{} -n {darts} --format {format}", program.display());
                rows.push((name, command, Vec::new()));
            }
        }
    }
    rows[0].1.stdout(Stdio::null());
    for _ in 0..RUNS {
        for (_, command, times) in &mut rows {
            times.push(time(command));
        }
    }
    for (name, _, times) in &mut rows {
        let least = times.iter().min().expect("there are runs").as_micros();
        let median = median(times).as_micros();
        print(&format!(
            "{least:>6} µs least {median:>6} µs median   {name}"
        ));
    }
}

fn workers(program: &Path, darts: &str, pairs: usize) {
    let mut default = run(program, darts);
    let mut one = run(program, darts);
    one.args(["--workers", "1"]);
    let mut times: Vec<(Duration, Duration)> = (0..pairs)
        .map(|_| (time(&mut default), time(&mut one)))
        .collect();
    let [of_default, of_one] = [0, 1].map(|i| {
        let mut side: Vec<Duration> = times.iter().map(|pair| [pair.0, pair.1][i]).collect();
        median(&mut side).as_secs_f64() * 1e3
    });
    let ratio = |(default, one): &(Duration, Duration)| default.as_secs_f64() / one.as_secs_f64();
    times.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let ratio = ratio(&times[pairs / 2]);
    print(&format!(
        "{darts:>6} darts, {pairs:>3} pairs: {of_default:>9.3} ms by default, {of_one:>9.3} ms on one worker, ratio {ratio:.2}"
    ));
}

fn run(program: &Path, darts: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-n", darts, "-s", "0"]).stdout(Stdio::null());
    command
}

fn time(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.status().expect("it starts");
    let time = start.elapsed();
    assert!(status.success(), "{command:?}");
    time
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn print(line: &str) {
    println!("{line}");
}
