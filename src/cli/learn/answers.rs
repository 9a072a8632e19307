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
    let lessons = Lesson::all().filter_map(|lesson| {
        let own = answers.iter().filter(|answer| answer.lesson == lesson);
        let own: Vec<&Answer> = own.collect();
        (!own.is_empty()).then(|| bars(lesson, &own))
    });
    let lessons: Vec<String> = lessons.collect();
    if lessons.is_empty() {
        return Text::of("tally").say("none", &[]);
    }
    lessons.join("\n")
}

/// A bar for each option of a lesson, from the answers to it.
fn bars(lesson: Lesson, answers: &[&Answer]) -> String {
    let (texts, text) = (Text::of("tally"), lesson.text());
    let first = |letter| answers.iter().filter(|one| one.vote == letter).count();
    let second = |letter| answers.iter().filter(|one| one.second == letter).count();
    let mut out = texts.say(
        "lesson",
        &[
            ("number", &lesson.number()),
            ("question", &text.raw("list")),
            ("answers", &counted(answers.len(), "answer")),
            ("skipped", &first(None)),
        ],
    );
    let has_second = second(None) < answers.len();
    for letter in lesson.letters() {
        let votes = first(Some(letter));
        let bar = "#".repeat((votes * BAR).div_ceil(answers.len()));
        let mut line = format!("  {letter}  {bar} {votes}");
        if has_second {
            line = format!("{line:<40}");
            line += &texts.fill("second", &[("n", &second(Some(letter)))]);
        }
        if text.raw("right") == letter.to_string() {
            line += &format!("  {}", texts.raw("right"));
        }
        out += &format!("{}\n", line.trim_end());
    }
    out
}
