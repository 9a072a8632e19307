//! Start-up: the program at one dart and at 10^7 beside /bin/true, whole processes in turn, 300 of each. Prints the least
//! and the median time. Arguments are further programs to time, such as an older or a static build.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 300;

fn main() {
    // Cargo passes its own options too.
    let others = std::env::args_os().skip(1).map(PathBuf::from);
    let others = others.filter(|path| path.exists());
    let own = PathBuf::from(env!("CARGO_BIN_EXE_pi-mc"));
    let mut rows: Vec<(String, Command, Vec<Duration>)> = Vec::new();
    rows.push(("true".to_owned(), Command::new("true"), Vec::new()));
    for program in [own].into_iter().chain(others) {
        for (darts, pi) in [("1", "4\n"), ("1e7", "3.1412504\n")] {
            for format in ["text", "json"] {
                let mut command = Command::new(&program);
                command.args(["-n", darts, "-s", "0"]);
                let quiet = command.arg("-q").output().expect("it starts");
                assert_eq!(quiet.stdout, pi.as_bytes(), "{}", program.display());
                let mut command = Command::new(&program);
                command.args(["-n", darts, "-s", "0", "--format", format]);
                let name = format!("{} -n {darts} --format {format}", program.display());
                rows.push((name, command, Vec::new()));
            }
        }
    }
    for (_, command, _) in &mut rows {
        command.stdout(Stdio::null());
    }
    for _ in 0..RUNS {
        for (name, command, times) in &mut rows {
            let start = Instant::now();
            let status = command.status().expect("it starts");
            times.push(start.elapsed());
            assert!(status.success(), "{name}");
        }
    }
    for (name, _, times) in &mut rows {
        times.sort();
        let [least, median] = [times[0], times[RUNS / 2]].map(|time| time.as_micros());
        #[expect(clippy::print_stdout, reason = "a benchmark's result")]
        {
            println!("{least:>6} µs least {median:>6} µs median   {name}");
        }
    }
}
