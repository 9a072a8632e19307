//! The answers of a room: a line of JSON for each lesson, and their tally. A name is written only if it is given; no
//! points are.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::io::failure::Usage;
use crate::cli::io::file::{Target, could_not_write};
use crate::cli::learn::lesson::Lesson;
use crate::cli::learn::text::Text;
use crate::darts::tally::counted;

/// One answer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) lesson: Lesson,
    /// The letter; `None` if there was no vote.
    pub(crate) vote: Option<char>,
    /// The vote after the run.
    pub(crate) second: Option<char>,
    /// The figures of the run.
    pub(crate) measured: Value,
    pub(crate) cores: usize,
    pub(crate) version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A file that answers are appended to.
pub(crate) struct Answers {
    path: PathBuf,
    file: File,
}

impl Answers {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// If it cannot be written: before the first lesson.
    pub(crate) fn open(path: &Path) -> Result<Answers> {
        let target = Target::of(path)?;
        let (Target::Regular(path) | Target::Stream(path)) = &target else {
            let message = "'--answers' needs a file of its own: stdout has the lessons";
            return Err(Usage(message.to_owned()).into());
        };
        // A read-only file, too, which root could write.
        target.check()?;
        let file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(path);
        Ok(Answers {
            file: file.with_context(|| could_not_write(path))?,
            path: path.clone(),
        })
    }

    /// Appends an answer as one line.
    pub(crate) fn append(&mut self, answer: &Answer) -> Result<()> {
        let line = serde_json::to_string(answer)? + "\n";
        let mut write = || -> io::Result<()> {
            // A line that an earlier program left without an end stays a line.
            let start = if self.ends_within_a_line()? { "\n" } else { "" };
            self.file.write_all(format!("{start}{line}").as_bytes())
        };
        write().with_context(|| could_not_write(&self.path))
    }

    fn ends_within_a_line(&mut self) -> io::Result<bool> {
        let mut last = [b'\n'];
        if self.file.metadata()?.is_file() && self.file.seek(SeekFrom::End(0))? > 0 {
            self.file.seek(SeekFrom::End(-1))?;
            self.file.read_exact(&mut last)?;
        }
        Ok(last != [b'\n'])
    }
}

/// Reads the answers in files.
///
/// # Errors
/// The first line that is no answer, by its file and number.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for path in paths {
        let shown = path.display();
        let bytes = std::fs::read(path).with_context(|| format!("could not read '{shown}'"))?;
        let text = String::from_utf8_lossy(&bytes);
        for (line, number) in text
            .lines()
            .zip(1..)
            .filter(|(line, _)| !line.trim().is_empty())
        {
            let broken = || format!("'{shown}', line {number}, is not an answer of pi-mc learn");
            let answer: Answer = serde_json::from_str(line).with_context(broken)?;
            let letters = answer.lesson.letters();
            let votes = [answer.vote, answer.second];
            if let Some(vote) = votes.iter().flatten().find(|vote| !letters.contains(vote)) {
                bail!(
                    "{}: lesson {} has no option '{vote}'",
                    broken(),
                    answer.lesson.name()
                );
            }
            answers.push(answer);
        }
    }
    Ok(answers)
}

/// The most columns of a bar.
const BAR: usize = 30;

/// A bar for each option of each lesson that was answered.
pub(crate) fn tally(answers: &[Answer]) -> String {
    let texts = Text::of("tally");
    let mut out = String::new();
    for lesson in Lesson::all() {
        let of_lesson: Vec<&Answer> = answers.iter().filter(|one| one.lesson == lesson).collect();
        if of_lesson.is_empty() {
            continue;
        }
        let count = |letter, of: fn(&Answer) -> Option<char>| {
            of_lesson.iter().filter(|one| of(one) == letter).count()
        };
        let votes = of_lesson.len() - count(None, |one| one.vote);
        let text = lesson.text();
        let answers = counted(of_lesson.len(), "answer");
        let skipped = of_lesson.len() - votes;
        let head: [(&str, &dyn std::fmt::Display); 4] = [
            ("number", &lesson.number()),
            ("question", &text.raw("list")),
            ("answers", &answers),
            ("skipped", &skipped),
        ];
        out += if out.is_empty() { "" } else { "\n" };
        out += &texts.say("lesson", &head);
        let has_second = of_lesson.iter().any(|one| one.second.is_some());
        for letter in lesson.letters() {
            let first = count(Some(letter), |one| one.vote);
            let bar = "#".repeat((first * BAR).div_ceil(of_lesson.len().max(1)));
            let mut line = format!("  {letter}  {bar} {first}");
            if has_second {
                let second = count(Some(letter), |one| one.second);
                line = format!("{line:<40}");
                line += &texts.fill("second", &[("n", &second)]);
            }
            if text.raw("right") == letter.to_string() {
                line += &format!("  {}", texts.raw("right"));
            }
            out += &format!("{}\n", line.trim_end());
        }
    }
    if out.is_empty() {
        out = texts.say("none", &[]);
    }
    out
}
