//! Appends what was measured to a file of `benches/record/`, so that a figure in the docs can be traced
//! to its machine and its commit. Run it after the benchmarks:
//!
//! ```text
//! cargo bench --bench record -- benches/record/zen4.csv "AMD EPYC (Zen 4)"
//! cargo bench --bench record -- benches/record/zen4.csv "AMD EPYC (Zen 4)" "start to one dart" 1.1 ms
//! ```
//!
//! The first takes the median of every benchmark under target/criterion that ran since the last commit;
//! the second, a figure measured in another way.

use std::error::Error;
use std::fs::{self, File};
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pi_mc::Kernel;
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const HEADER: [&str; 7] = ["date", "cpu", "kernel", "what", "value", "unit", "commit"];

/// A figure, in the order of [`HEADER`].
type Row = [String; 7];

fn main() -> Result<()> {
    // cargo bench adds --bench. A run of all benchmarks names no file, and records nothing.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (file, rows) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => return Ok(()),
        [file, cpu] => (file, measured(cpu)?),
        [file, cpu, what, value, unit] => {
            let _: f64 = value.parse()?;
            let row = row(cpu, what, value, unit, SystemTime::now())?;
            (file, vec![row])
        }
        _ => return Err("expected FILE CPU [WHAT VALUE UNIT]".into()),
    };
    // Cargo runs benchmarks in the package's folder, where people type the file's name from.
    let added = append(Path::new(file), &rows)?;
    writeln!(stdout(), "{added} figures added to {file}")?;
    Ok(())
}

/// The medians of criterion's benchmarks. Those before the last commit are of other code: left out.
fn measured(cpu: &str) -> Result<Vec<Row>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    let mut files = Vec::new();
    find(&Path::new(&target).join("criterion"), &mut files)?;
    files.sort();
    let committed = UNIX_EPOCH + Duration::from_secs(git(&["log", "-1", "--format=%ct"])?.parse()?);
    let mut rows = Vec::new();
    for path in files {
        let at = fs::metadata(&path)?.modified()?;
        let benchmark: Value =
            serde_json::from_slice(&fs::read(path.with_file_name("benchmark.json"))?)?;
        let what = benchmark["full_id"].as_str().ok_or("no full_id")?;
        if at < committed {
            writeln!(stdout(), "left out, from before the last commit: {what}")?;
            continue;
        }
        let estimates: Value = serde_json::from_slice(&fs::read(&path)?)?;
        let ns = estimates["median"]["point_estimate"]
            .as_f64()
            .ok_or("no median")?;
        let (value, unit) = match benchmark["throughput"]["Elements"].as_f64() {
            Some(darts) => (format!("{:.4}", darts / ns), "Gdarts/s"),
            None => (format!("{ns:.1}"), "ns"),
        };
        rows.push(row(cpu, what, &value, unit, at)?);
    }
    Ok(rows)
}

/// criterion's latest estimates in `folder`, at any depth.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path.ends_with("new/estimates.json") {
            found.push(path);
        }
    }
    Ok(())
}

fn row(cpu: &str, what: &str, value: &str, unit: &str, at: SystemTime) -> Result<Row> {
    let parts: Vec<_> = what.split('/').collect();
    let kernel = match Kernel::NAMES.iter().find(|name| parts.contains(name)) {
        Some(name) => name,
        None if ["lazy", "half"].contains(&parts[0]) => "lazy",
        None => Kernel::detect().name(),
    };
    let mut commit = git(&["rev-parse", "--short", "HEAD"])?;
    // The records themselves may have changed since.
    if !git(&["diff", "--name-only", "HEAD", "--", ".", ":!benches/record"])?.is_empty() {
        commit += "-dirty";
    }
    let row = [&date(at)?, cpu, kernel, what, value, unit, &commit];
    Ok(row.map(str::to_owned))
}

/// Adds the rows that are not there yet, and says how many.
fn append(file: &Path, rows: &[Row]) -> Result<usize> {
    let mut present = Vec::new();
    if file.exists() {
        let mut reader = csv::Reader::from_path(file)?;
        if *reader.headers()? != HEADER[..] {
            return Err(format!("{} has other columns", file.display()).into());
        }
        present = reader.records().collect::<std::result::Result<_, _>>()?;
    } else {
        csv::Writer::from_path(file)?.write_record(HEADER)?;
    }
    let mut writer = csv::Writer::from_writer(File::options().append(true).open(file)?);
    let mut added = 0;
    for row in rows
        .iter()
        .filter(|row| !present.iter().any(|old| *old == row[..]))
    {
        writer.write_record(row)?;
        added += 1;
    }
    writer.flush()?;
    Ok(added)
}

fn git(arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr)?.into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The day in UTC, as 2026-01-31. By Howard Hinnant's `civil_from_days`, in which a year begins in
/// March, so that a leap day is its last.
fn date(at: SystemTime) -> Result<String> {
    let days = at.duration_since(UNIX_EPOCH)?.as_secs() / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
    let year = era * 400 + year + u64::from(month <= 2);
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}
