//! Reads saved results, from files or stdin: the one reader for checkpoints, merge and verify.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use pi_mc::Record;

/// The most bytes of a saved result that are read: a merged one of a million parts.
const MAX_LINE: u64 = 100_000_000;

/// Reads all saved results in `paths`, where `-` is stdin, each with the name that an error calls it by.
pub(super) fn records(paths: &[impl AsRef<Path>]) -> Result<Vec<(String, Record)>> {
    let mut all = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let context = || format!("could not read '{}'", path.display());
        let records = if path == Path::new("-") {
            lines(io::stdin().lock(), "stdin")
        } else {
            file(path)
        };
        let records = records.with_context(context)?;
        if records.is_empty() {
            return Err(anyhow::anyhow!("there is no saved result in it")).with_context(context);
        }
        all.extend(records);
    }
    Ok(all)
}

/// Reads the one saved result in the file `path`.
pub(super) fn record(path: &Path) -> Result<Record> {
    let mut records = file(path)?;
    match (records.pop(), records.len()) {
        (Some((_, record)), 0) => Ok(record),
        (None, _) => bail!("not a saved result, but empty"),
        (Some(_), others) => bail!("not a saved result, but {} of them", others + 1),
    }
}

fn file(path: &Path) -> Result<Vec<(String, Record)>> {
    lines(
        BufReader::new(File::open(path)?),
        &path.display().to_string(),
    )
}

/// Reads saved results, one a line, each named by its file, and if it is not the first, by its line.
fn lines(mut lines: impl BufRead, name: &str) -> Result<Vec<(String, Record)>> {
    let mut records = Vec::new();
    for number in 1.. {
        let mut line = String::new();
        if lines.by_ref().take(MAX_LINE).read_line(&mut line)? == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let record = Record::read(&line).with_context(|| format!("line {number}"))?;
        let name = match number {
            1 => name.to_owned(),
            number => format!("{name}:{number}"),
        };
        records.push((name, record));
    }
    Ok(records)
}
