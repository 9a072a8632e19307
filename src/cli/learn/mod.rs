//! `pi-mc learn`: the Python notebook that our users come from, as ten lessons that run. A lesson asks, runs, shows, and
//! ends with a sentence to take home. All texts are in texts.txt; the files here run the lessons and fill them in.

mod answers;
mod cost;
mod lesson;
mod lock;
mod pi;
mod pool;
mod processes;
mod question;
mod queue;
mod race;
mod random;
mod room;
mod session;
mod tasks;
mod text;
mod threads;
mod waiting;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::cli::explain;
use crate::cli::io::signals;
use crate::cli::io::stdout::print_text;
use crate::cli::learn::answers::{Answer, Answers};
use crate::cli::learn::lesson::Lesson;
use crate::cli::learn::question::Question;
use crate::cli::learn::room::{Ready, Room};
use crate::cli::learn::session::Session;
use crate::cli::learn::text::{Text, wrapped};
use crate::cli::parse::choice;

#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct LearnArgs {
    /// Lesson [default: list them, and begin with the first]
    #[arg(value_name = "LESSON", value_parser = choice::one_of(Lesson::all(), Lesson::name))]
    lesson: Option<Lesson>,

    /// All lessons, one after the other
    #[arg(long, conflicts_with = "lesson")]
    all: bool,

    /// List the lessons: number, name and question
    #[arg(long, conflicts_with_all = ["lesson", "all"])]
    list: bool,

    /// Ask nothing: print straight through
    #[arg(long)]
    no_questions: bool,

    /// Append a line of JSON for each lesson: vote, second vote, and what was measured
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,

    /// Name to write into the answers
    #[arg(long = "as", value_name = "NAME", requires = "answers")]
    name: Option<String>,

    /// Draw a bar for each option from files of answers
    #[arg(long, value_name = "FILE", num_args = 1.., exclusive = true)]
    tally: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  pi-mc learn                                the list, and the first lesson
  pi-mc learn race                           one lesson
  pi-mc learn --all --no-questions           all of them, straight through
  pi-mc learn race --answers votes.jsonl     a vote to collect
  pi-mc learn --tally *.jsonl                a bar for each option";

/// Lists, teaches, or draws the tally.
pub(crate) fn learn(args: &LearnArgs) -> Result<ExitCode> {
    if !args.tally.is_empty() {
        print_text(&answers::tally(&answers::read(&args.tally)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.list {
        print_text(&list())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut answers = args.answers.as_deref().map(Answers::open).transpose()?;
    signals::exit_at_first()?;
    let room = Room::enter()?;
    let mut session = Session::begin(!args.no_questions);
    let lessons: Vec<Lesson> = match args.lesson {
        _ if args.all => Lesson::all().collect(),
        Some(lesson) => vec![lesson],
        None => {
            let intro = Text::of("all").say("intro", &[]);
            print_text(&format!("{}\n{intro}\n", list()))?;
            vec![Lesson::Threads]
        }
    };
    for (lesson, i) in lessons.iter().zip(0..) {
        if i > 0 {
            session.pause(&|| code(*lesson))?;
            print_text("\n")?;
        }
        let mut answer = teach(*lesson, &room, &mut session, answers.is_some())?;
        answer.name.clone_from(&args.name);
        if let Some(answers) = &mut answers {
            answers.append(&answer)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each lesson: number, name and question.
fn list() -> String {
    let line = |lesson: Lesson| {
        let (number, name) = (lesson.number(), lesson.name());
        format!("{number:>2}  {name:<9}  {}\n", lesson.text().raw("list"))
    };
    Lesson::all().map(line).collect()
}

/// One lesson. If answers are kept, people vote again after the run.
fn teach(
    lesson: Lesson,
    room: &Room,
    session: &mut Session,
    keeps_answers: bool,
) -> Result<Answer> {
    let all = Text::of("all");
    let code = || code(lesson);
    let letters = lesson.letters();
    let Ready {
        asked,
        variant,
        run,
    } = lesson.ready(room)?;
    let question = Question {
        lesson,
        values: asked,
        variant,
    };
    let judge = |vote| print_text(&format!("\n{}", question.verdict(vote)));

    print_text(&(heading(lesson, 1) + &question.text()))?;
    let vote = session.vote(&all.raw("vote"), &letters, &code)?;
    // A second vote means something only as long as the answer is not out.
    let votes_again = keeps_answers && session.asks;
    if !votes_again {
        judge(vote)?;
    }

    let shown = run()?;
    let last = shown.pages.len() - 1;
    for (page, i) in shown.pages.iter().zip(0..) {
        print_text(&format!("\n{}{page}", heading(lesson, i + 2)))?;
        if i < last {
            session.pause(&code)?;
        }
    }

    let mut second = None;
    if votes_again {
        second = session.vote(&all.raw("second"), &letters, &code)?;
        judge(second.or(vote))?;
    }
    let home = wrapped(
        &format!("{} {}", all.raw("home"), lesson.text().raw("home")),
        "",
    );
    let (strategy, ..) = lesson.code();
    let next = match lesson.next() {
        Some(next) => all.say("next", &[("next", &next.name()), ("explain", &strategy)]),
        None => all.say("last", &[]),
    };
    print_text(&format!("\n{home}{next}"))?;
    Ok(Answer {
        lesson,
        vote,
        second,
        measured: shown.measured,
        cores: room.cores,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: None,
    })
}

/// The first line of a page.
fn heading(lesson: Lesson, page: usize) -> String {
    let cells = lesson.text().raw("cells");
    Text::of("all").say(
        "head",
        &[
            ("number", &lesson.number()),
            ("name", &lesson.name()),
            ("cells", &cells),
            ("page", &page),
        ],
    )
}

/// The page of `pi-mc explain`, and the Python beside it.
fn code(lesson: Lesson) -> Result<String> {
    let (strategy, file, python) = lesson.code();
    let head = Text::of("all").say("python", &[("file", &file)]);
    Ok(format!(
        "{}\n{head}\n{python}\n",
        explain::screen(strategy)?
    ))
}
