//! The question of a lesson, and the verdict on a vote.

use std::fmt::Display;

use crate::cli::learn::lesson::Lesson;
use crate::cli::learn::text::{Text, wrapped};

/// A question that is filled in.
pub(crate) struct Question {
    pub(crate) lesson: Lesson,
    /// The values of the names in the question and the answers.
    pub(crate) values: Vec<(&'static str, String)>,
    /// The end of the keys of other texts for this machine; empty if there are none.
    pub(crate) variant: &'static str,
}

impl Question {
    /// The question, and its options.
    pub(crate) fn text(&self) -> String {
        let mut text = self.lesson.text().say("ask", &self.values());
        text.push('\n');
        for letter in self.lesson.letters() {
            let option = self.fill(&letter.to_string());
            text += &wrapped(&format!("  {letter}) {option}"), "     ");
        }
        text
    }

    /// The verdict on a vote, by the principle. Without a vote, it refutes every wrong option.
    pub(crate) fn verdict(&self, vote: Option<char>) -> String {
        let all = Text::of("all");
        let right = self.lesson.text().raw("right");
        let is_wrong = |letter: &char| letter.to_string() != right;
        let refute = |letter: char| wrapped(&self.fill(&format!("not-{letter}")), "");
        let answer = all.say("answer", &[("letter", &right)]);
        match vote {
            None => {
                let letters = self.lesson.letters().into_iter();
                answer + &letters.filter(is_wrong).map(refute).collect::<String>()
            }
            Some(vote) if is_wrong(&vote) => {
                all.say("miss", &[("letter", &vote)]) + &refute(vote) + &answer
            }
            Some(vote) => all.say("hit", &[("letter", &vote)]),
        }
    }

    /// The text of a key, filled in; the one for this machine, if it has one.
    fn fill(&self, key: &str) -> String {
        let text = self.lesson.text();
        let own = format!("{key}{}", self.variant);
        let key = text.get(&own).map_or(key, |_| &own);
        text.fill(key, &self.values())
    }

    fn values(&self) -> Vec<(&str, &dyn Display)> {
        let values = self.values.iter();
        values
            .map(|(name, value)| (*name, value as &dyn Display))
            .collect()
    }
}
