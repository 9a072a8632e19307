//! Reads saved results, from files or stdin: the one reader for checkpoints, merge, verify and compare. A text may
//! hold any number of results, each on a line, over several lines, or in an array.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::compare::row::Comparison;
use crate::compare::saved::by_size;
use crate::result::record::Record;
use anyhow::{Context, Error, Result, anyhow, bail};
use serde_json::Deserializer;
use serde_json::value::RawValue;

/// The most bytes of a saved result that are read: a merged one of a million parts.
const MAX_BYTES: u64 = 100_000_000;

/// Reads one value from its JSON.
pub type Parse<T, E> = fn(&str) -> Result<T, E>;

/// Reads all saved results in `paths`, where `-` is stdin, each with the name that an error calls it by.
pub fn records(paths: &[impl AsRef<Path>]) -> Result<Vec<(String, Record)>> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(some(path.as_ref(), "result", Record::read)?);
    }
    Ok(all)
}

/// Reads the saved comparison in `path`, where `-` is stdin; or several that differ in their size only, the
/// smallest first.
pub fn comparisons(path: &Path) -> Result<Vec<Comparison>> {
    let comparisons = some(path, "comparison", Comparison::read)?;
    let comparisons = comparisons.into_iter().map(|(_, comparison)| comparison);
    by_size(comparisons.collect()).with_context(|| could_not_read(path))
}

/// Reads what is saved in `path`, one or more, each with its name.
fn some<T, E: Into<Error>>(
    path: &Path,
    what: &str,
    parse: Parse<T, E>,
) -> Result<Vec<(String, T)>> {
    let all = if path == Path::new("-") {
        read(io::stdin().lock(), "stdin", parse)
    } else {
        file(path, parse)
    };
    let all = all.with_context(|| could_not_read(path))?;
    if all.is_empty() {
        return Err(anyhow!("there is no saved {what} in it"))
            .with_context(|| could_not_read(path));
    }
    Ok(all)
}

fn could_not_read(path: &Path) -> String {
    format!("could not read '{}'", path.display())
}

/// Reads the one saved result in the file `path`.
pub fn record(path: &Path) -> Result<Record> {
    let mut records = file(path, Record::read)?;
    match (records.pop(), records.len()) {
        (Some((_, record)), 0) => Ok(record),
        (None, _) => bail!("not a saved result, but empty"),
        (Some(_), others) => bail!("not a saved result, but {} of them", others + 1),
    }
}

fn file<T, E: Into<Error>>(path: &Path, parse: Parse<T, E>) -> Result<Vec<(String, T)>> {
    let input = BufReader::new(File::open(path)?);
    read(input, &path.display().to_string(), parse)
}

/// Reads saved results, each named by its input, and if it does not begin on the first line, by its line.
pub fn read<T, E: Into<Error>>(
    mut input: impl BufRead,
    name: &str,
    parse: Parse<T, E>,
) -> Result<Vec<(String, T)>> {
    let mut records = Vec::new();
    // What is read and not taken apart yet: lines up to one that ends no value.
    let (mut text, mut depth) = (String::new(), 0);
    let mut line = 1;
    loop {
        let before = text.len();
        let left = MAX_BYTES - before as u64;
        let is_end = input.by_ref().take(left).read_line(&mut text)? == 0;
        if left == 0 {
            bail!("line {line}: a saved result of more than {MAX_BYTES} bytes");
        }
        depth += opened(&text[before..]);
        if depth > 0 && !is_end {
            continue;
        }
        let mut seen = 0;
        for value in values(&text) {
            let at = value.as_ptr().addr() - text.as_ptr().addr();
            line += newlines(&text[seen..at]);
            seen = at;
            let record = parse(value).or_else(|_| {
                // Once more, where its errors count lines and columns from the start of the input.
                let column = text[..at].chars().rev().take_while(|c| *c != '\n').count();
                let before = "\n".repeat(line - 1) + &" ".repeat(column);
                parse(&(before + value))
                    .map_err(Into::into)
                    .with_context(|| format!("line {line}"))
            })?;
            let name = match line {
                1 => name.to_owned(),
                line => format!("{name}:{line}"),
            };
            records.push((name, record));
        }
        if is_end {
            return Ok(records);
        }
        line += newlines(&text[seen..]);
        text.clear();
        depth = 0;
    }
}

/// How many more brackets a line opens than it closes. No string goes on in the next line.
fn opened(line: &str) -> i64 {
    let (mut opened, mut is_string, mut is_escaped) = (0, false, false);
    for byte in line.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => opened += 1,
            b']' | b'}' if !is_string => opened -= 1,
            _ => {}
        }
    }
    opened
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// The JSON values in `text`, those in an array one by one. From the first error on, all of the rest is
/// one value.
fn values(text: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut stream = Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let at = stream.byte_offset();
        match stream.next() {
            None => return values,
            Some(Ok(value)) => match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                Ok(array) => values.extend(array.into_iter().map(RawValue::get)),
                Err(_) => values.push(value.get()),
            },
            Some(Err(_)) => {
                values.push(text[at..].trim_start());
                return values;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, read};

    const A: &str = r#"{"contract":1,"method":"darts","seed":7,"first":0,"sims":4,"hits":3}"#;
    const B: &str = r#"{"contract":1,"method":"darts","seed":7,"first":4,"sims":2,"hits":1}"#;

    #[test]
    fn results_stand_on_a_line_on_several_or_in_an_array() {
        let pretty = A.replace(',', ",\n  ").replace('{', "{\n  ");
        for (text, lines) in [
            (format!("{A}\n{B}"), ["x", "x:2"]),
            (format!("\n\n{A}\n \n{B}\n"), ["x:3", "x:5"]),
            (format!("{A}{B}"), ["x", "x"]),
            (format!("{A}\r\n{B}\r\n"), ["x", "x:2"]),
            (format!("{pretty}\n{B}\n"), ["x", "x:8"]),
            (format!("{pretty}{B}\n"), ["x", "x:7"]),
            (format!("[{A},{B}]\n"), ["x", "x"]),
            (format!("[\n{pretty},\n{B}\n]\n"), ["x:2", "x:9"]),
            (format!("[{A}]\n[{B}]"), ["x", "x:2"]),
            (format!("[] {A}[\n{B}]"), ["x", "x:2"]),
        ] {
            let read = read(text.as_bytes(), "x", Record::read).unwrap();
            let names: Vec<_> = read.iter().map(|(name, _)| name).collect();
            assert_eq!(names, lines, "{text}");
            let sims: Vec<_> = read.iter().map(|(_, record)| record.sims).collect();
            assert_eq!(sims, [4, 2], "{text}");
        }
        assert!(read(&b"\n []\n"[..], "x", Record::read).unwrap().is_empty());
    }

    /// The line on which the value begins, and the one where the error is.
    #[test]
    fn errors_have_the_lines_of_the_input() {
        let cut = &A[..50];
        let wrong = B.replace("\"hits\":1", "\"hits\":3");
        for (text, line, what) in [
            (format!("{A}\n\n{cut}"), 3, "at line 3 column 50"),
            (format!("{A}\n\n{{\n{cut}\n{B}"), 3, "at line 4 column 1"),
            (format!("[\n{A},\n {wrong}]"), 3, "3 hits among 2 darts"),
            (format!("{A}\n[{A},\n {{}}]\n{B}"), 3, "at line 3 column 3"),
            (format!("{A}]"), 1, "at line 1 column"),
            (format!("{A}\nHello.\n{B}"), 2, "at line 2 column 1"),
            (format!("{A}\n[[{B}]]"), 2, "at line 2 column"),
            (format!("{A}\n\u{e9}"), 2, "at line 2 column 1"),
        ] {
            let error = format!(
                "{:#}",
                read(text.as_bytes(), "x", Record::read).unwrap_err()
            );
            let line = format!("line {line}: ");
            assert!(
                error.starts_with(&line) && error.contains(what),
                "{text}: {error}"
            );
        }
        let error = read(&[0xff, 0xfe][..], "x", Record::read)
            .unwrap_err()
            .to_string();
        assert!(error.contains("UTF-8"), "{error}");
    }
}
