//! `pi-mc merge`: saved results, from files or stdin, added up. Not here: what adds up with what.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use pi_mc::Record;
use pi_mc::saved::{self, Saved};

use super::MAX_LINE;
use super::args::MergeArgs;
use super::output::{colour, print};

/// Adds up the results in all files and prints the whole.
pub(super) fn merge(args: &MergeArgs) -> Result<ExitCode> {
    let mut all = Vec::new();
    for path in &args.files {
        read_saved(path, &mut all)?;
    }
    let record = Record::merged(saved::merge(&all, args.partial)?);
    print(&record, &args.output, colour())
}

/// Reads the saved results in the file `path`, or if that is `-`, from stdin, each with its name.
pub(super) fn read_saved(path: &Path, all: &mut Vec<(String, Saved)>) -> Result<()> {
    let read = match path == Path::new("-") {
        true => read(io::stdin().lock(), "stdin", all),
        false => {
            let name = path.display().to_string();
            File::open(path)
                .map_err(Into::into)
                .and_then(|file| read(BufReader::new(file), &name, all))
        }
    };
    read.with_context(|| format!("could not read '{}'", path.display()))
}

/// Reads saved results, one a line, each named by its file, and if it is not the first, by its line.
fn read(mut lines: impl BufRead, name: &str, all: &mut Vec<(String, Saved)>) -> Result<()> {
    let before = all.len();
    for number in 1.. {
        let mut line = String::new();
        if lines.by_ref().take(MAX_LINE).read_line(&mut line)? == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let one = Saved::read(&line).with_context(|| format!("line {number}"))?;
        let place = match number {
            1 => name.to_owned(),
            number => format!("{name}:{number}"),
        };
        all.push((place, one));
    }
    match all.len() == before {
        true => bail!("there is no saved result in it"),
        false => Ok(()),
    }
}
