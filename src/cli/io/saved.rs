//! Reads saved results and comparisons, from files or stdin: the one reader for checkpoints, merge, verify
//! and compare. An input may hold any number of them, one on a line, over several lines, or in an array.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Error, Result, bail, ensure};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::compare::row::Comparison;
use crate::compare::sizes::by_size;
use crate::result::record::Record;

/// The most bytes of a value that are read: a merged result of a million parts.
const MAX_BYTES: usize = 100_000_000;

/// Reads one value from its JSON.
type Parse<T, E> = fn(&str) -> Result<T, E>;

/// Reads all saved results in `paths`, where `-` is stdin, each with the name by which errors call it.
pub fn records(paths: &[impl AsRef<Path>]) -> Result<Vec<(String, Record)>> {
    let mut all = Vec::new();
    each_record(paths, |name, record| {
        all.push((name.to_owned(), record));
        Ok(())
    })?;
    Ok(all)
}

/// Reads the saved results in `paths` as [`records`] does, and gives each to `take` before it reads the next.
pub fn each_record(
    paths: &[impl AsRef<Path>],
    mut take: impl FnMut(&str, Record) -> Result<()>,
) -> Result<()> {
    for path in paths {
        at_least_one(path.as_ref(), "result", Record::read, &mut take)?;
    }
    Ok(())
}

/// Reads the saved comparison in `path`, where `-` is stdin; or several that differ only in their size, the
/// smallest first.
pub fn comparisons(path: &Path) -> Result<Vec<Comparison>> {
    let mut comparisons = Vec::new();
    at_least_one(path, "comparison", Comparison::read, |_, comparison| {
        comparisons.push(comparison);
        Ok(())
    })?;
    by_size(comparisons).with_context(|| could_not_read(path))
}

/// Reads all values in `path`, and gives each to `take`, with its name.
fn at_least_one<T, E: Into<Error>>(
    path: &Path,
    what: &str,
    parse: Parse<T, E>,
    mut take: impl FnMut(&str, T) -> Result<()>,
) -> Result<()> {
    let mut is_empty = true;
    let one = |name: &str, value| {
        is_empty = false;
        take(name, value)
    };
    let read = if path == Path::new("-") {
        read(io::stdin().lock(), "stdin", parse, one)
    } else {
        file(path, parse, one)
    };
    read.with_context(|| could_not_read(path))?;
    ensure!(
        !is_empty,
        "{}: there is no saved {what} in it",
        could_not_read(path)
    );
    Ok(())
}

fn could_not_read(path: &Path) -> String {
    format!("could not read '{}'", path.display())
}

/// Reads the one saved result in `file`.
pub fn record(file: &File) -> Result<Record> {
    // An error is about the file, whose name the caller knows.
    let (mut first, mut records) = (None, 0);
    read(BufReader::new(file), "", Record::read, |_, record| {
        first.get_or_insert(record);
        records += 1;
        Ok(())
    })?;
    match first {
        Some(record) if records == 1 => Ok(record),
        None => bail!("it is empty: expected a saved result"),
        Some(_) => bail!("it has {records} saved results: expected one"),
    }
}

fn file<T, E: Into<Error>>(
    path: &Path,
    parse: Parse<T, E>,
    take: impl FnMut(&str, T) -> Result<()>,
) -> Result<()> {
    let input = BufReader::new(File::open(path)?);
    read(input, &path.display().to_string(), parse, take)
}

/// Reads all values in `input`, and gives each to `take` before it reads the next. Each is named by the input and,
/// unless it begins on the first line, by its line.
pub fn read<T, E: Into<Error>>(
    mut input: impl BufRead,
    name: &str,
    parse: Parse<T, E>,
    mut take: impl FnMut(&str, T) -> Result<()>,
) -> Result<()> {
    if let Some((format, cure)) = foreign(input.fill_buf()?) {
        bail!("not JSON, but {format}; {cure}");
    }
    // Whole lines of the input, the length of what is parsed of them, and the line on which that ends.
    let (mut text, mut done, mut line) = (String::new(), 0, 1);
    loop {
        ensure!(
            text.len() < MAX_BYTES,
            "line {line}: a saved result of more than {MAX_BYTES} bytes"
        );
        let is_end = read_lines(&mut input, &mut text)?;
        let unparsed = &text[done..];
        let mut stream = Deserializer::from_str(unparsed).into_iter::<&RawValue>();
        let rest = loop {
            let rest = unparsed[stream.byte_offset()..].trim_start();
            let values = match stream.next() {
                None => break rest,
                Some(Ok(value)) => elements(value.get()),
                Some(Err(error)) if error.is_eof() && !is_end => break rest,
                // `parse` says what it expected.
                Some(Err(_)) => vec![rest],
            };
            for value in values {
                let start = value.as_ptr().addr() - text.as_ptr().addr();
                line += newlines(&text[done..start]);
                done = start;
                let parsed = parse(value).or_else(|_| {
                    // Once more, with lines and columns counted from the start of the input.
                    let column = text[..start].chars().rev().take_while(|c| *c != '\n');
                    let before = "\n".repeat(line - 1) + &" ".repeat(column.count());
                    let again = parse(&(before + value)).map_err(Into::into);
                    again.with_context(|| format!("line {line}"))
                })?;
                match line {
                    1 => take(name, parsed),
                    line => take(&format!("{name}:{line}"), parsed),
                }?;
            }
        };
        if is_end {
            return Ok(());
        }
        let end = text.len() - rest.len();
        line += newlines(&text[done..end]);
        done = end;
        if rest.is_empty() {
            text.clear();
            done = 0;
        }
    }
}

/// The format that the first bytes show, if it is not text that can be JSON, and the way to such text.
fn foreign(first: &[u8]) -> Option<(&'static str, &'static str)> {
    const DECOMPRESS: &str = "decompress it";
    const RECODE: &str = "save it as UTF-8";
    let formats: [(&[u8], _, _); 9] = [
        (b"\x1f\x8b", "gzip", DECOMPRESS),
        (b"BZh", "bzip2", DECOMPRESS),
        (b"\xfd7zXZ", "xz", DECOMPRESS),
        (b"\x28\xb5\x2f\xfd", "zstd", DECOMPRESS),
        (b"PK\x03\x04", "zip", "unpack it"),
        (b"\xff\xfe", "UTF-16", RECODE),
        (b"\xfe\xff", "UTF-16", RECODE),
        // Without a mark.
        (b"{\0", "UTF-16", RECODE),
        (b"\0{", "UTF-16", RECODE),
    ];
    let found = formats.iter().find(|(bytes, ..)| first.starts_with(bytes));
    found.map(|(_, format, cure)| (*format, *cure))
}

/// Appends lines to `text`, and returns whether the input is at its end. An incomplete value doubles at
/// least, since parsing it again after every line would take quadratic time.
fn read_lines(input: &mut impl BufRead, text: &mut String) -> io::Result<bool> {
    let wanted = (2 * text.len()).min(MAX_BYTES);
    loop {
        let (left, start) = (MAX_BYTES - text.len(), text.len());
        if input.take(left as u64).read_line(text)? == 0 {
            return Ok(true);
        }
        // A byte order mark, at the start of a file or of one that was appended.
        if text[start..].starts_with('\u{feff}') {
            text.remove(start);
        }
        if text.len() >= wanted {
            return Ok(false);
        }
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// The elements of an array, otherwise the value itself.
fn elements(json: &str) -> Vec<&str> {
    match serde_json::from_str::<Vec<&RawValue>>(json) {
        Ok(array) => array.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![json],
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, Result};

    const A: &str = r#"{"contract":1,"method":"darts","seed":7,"first":0,"sims":4,"hits":3}"#;
    const B: &str = r#"{"contract":1,"method":"darts","seed":7,"first":4,"sims":2,"hits":1}"#;

    fn read(input: &[u8]) -> Result<Vec<(String, Record)>> {
        let mut all = Vec::new();
        super::read(input, "x", Record::read, |name, record| {
            all.push((name.to_owned(), record));
            Ok(())
        })?;
        Ok(all)
    }

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
            let read = read(text.as_bytes()).unwrap();
            let names: Vec<_> = read.iter().map(|(name, _)| name).collect();
            assert_eq!(names, lines, "{text}");
            let sims: Vec<_> = read.iter().map(|(_, record)| record.sims).collect();
            assert_eq!(sims, [4, 2], "{text}");
        }
        assert!(read(b"\n []\n").unwrap().is_empty());
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
            let error = format!("{:#}", read(text.as_bytes()).unwrap_err());
            let line = format!("line {line}: ");
            assert!(
                error.starts_with(&line) && error.contains(what),
                "{text}: {error}"
            );
        }
        let error = read(&[0xff, 0xfe]).unwrap_err().to_string();
        assert!(error.contains("UTF-8"), "{error}");
    }
}
