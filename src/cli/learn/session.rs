//! A lesson with a person: asks, waits for lines, and shows page by page. Without a terminal, or where nobody can
//! type, it shows the same straight through.

use std::fmt::Display;
use std::io::{self, IsTerminal};

use anyhow::{Context, Result};

use crate::cli::io::stdout::print_text;
use crate::cli::learn::text::{Text, listed};

/// Jupyter sets this. There all streams look like terminals, and nobody can type.
const JUPYTER: &str = "JPY_PARENT_PID";

/// A person at a terminal, or nobody.
pub(crate) struct Session {
    /// Whether to ask. False once the input has ended.
    pub(crate) asks: bool,
}

/// A line that a person typed.
pub(crate) enum Typed {
    /// Enter alone, the end of the input, or nobody to type.
    Nothing,
    /// `p`: the code, please.
    Code,
    /// Anything else.
    Word(String),
}

impl Session {
    /// A session that asks if there is somebody to ask, and questions are wanted.
    pub(crate) fn begin(wants_questions: bool) -> Session {
        let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        let is_notebook = std::env::var_os(JUPYTER).is_some();
        Session {
            asks: wants_questions && is_terminal && !is_notebook,
        }
    }

    /// Shows a prompt and reads a line.
    fn read(&mut self, prompt: &str) -> Result<Typed> {
        if !self.asks {
            return Ok(Typed::Nothing);
        }
        print_text(&format!("{} ", prompt.trim_end()))?;
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) => {
                self.asks = false;
                print_text("\n")?;
            }
            // A line that is not text is no option.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => line = "?".to_owned(),
            outcome => drop(outcome.context("could not read your answer")?),
        }
        Ok(match line.trim().to_lowercase().as_str() {
            "" => Typed::Nothing,
            "p" => Typed::Code,
            word => Typed::Word(word.to_owned()),
        })
    }

    /// Reads a vote for one of `letters`; a word that is no option is asked again, once. `code` is what `p` shows.
    pub(crate) fn vote(
        &mut self,
        prompt: &str,
        letters: &[char],
        code: &dyn Fn() -> Result<String>,
    ) -> Result<Option<char>> {
        let (mut asked, mut may_ask_again) = (prompt.to_owned(), true);
        loop {
            match self.read(&asked)? {
                Typed::Nothing => return Ok(None),
                Typed::Code => print_text(&code()?)?,
                Typed::Word(word) => {
                    let letter = letters.iter().find(|letter| word == letter.to_string());
                    if letter.is_some() || !may_ask_again {
                        return Ok(letter.copied());
                    }
                    may_ask_again = false;
                    let options = listed(letters);
                    let values: [(&str, &dyn Display); 2] =
                        [("typed", &word), ("letters", &options)];
                    asked = Text::of("all").fill("again", &values);
                }
            }
        }
    }

    /// Waits for Enter.
    pub(crate) fn pause(&mut self, code: &dyn Fn() -> Result<String>) -> Result<()> {
        let prompt = Text::of("all").raw("more");
        while let Typed::Code = self.read(&prompt)? {
            print_text(&code()?)?;
        }
        Ok(())
    }
}
