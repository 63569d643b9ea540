//! The things that a prompt has of its own: the references that it holds, and the answers that are
//! to come.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::data::lock::lock;
use crate::data::one_line::one_line;
use crate::data::reason::Reason;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::value::{Value, View};

/// So long a prompt waits for an answer before it goes on without.
const PATIENCE: Duration = Duration::from_millis(250);

/// The references that a prompt holds, by the numbers with which they print.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(BTreeMap<ReferenceId, Reference>);

impl Held {
    pub(super) fn get(&self, shown: &Reference) -> Option<Reference> {
        self.0.get(&shown.id()).cloned()
    }

    pub(super) fn hold(&mut self, reference: Reference) {
        self.0.insert(reference.id(), reference);
    }

    /// Says whether it was held.
    pub(super) fn let_go(&mut self, shown: &Reference) -> bool {
        self.0.remove(&shown.id()).is_some()
    }

    /// Holds the references in an answer: nobody else may have them. Gives their texts.
    fn take_all(&mut self, answer: &Value) -> Vec<String> {
        let mut taken = Vec::new();
        answer.with_references(&mut |reference| {
            taken.push(format!("{reference:?}"));
            self.hold(reference.clone());
            reference.clone()
        });
        taken.sort();
        taken.dedup();
        taken
    }
}

/// The answers to what a prompt has sent. A clone of the prompt has sent nothing.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// How many messages have been sent.
    sent: u64,
    arrived: Arc<Arrived>,
}

impl Clone for Answers {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The answers that have come and have not been said, with the numbers of their messages.
#[derive(Debug, Default)]
struct Arrived {
    answers: Mutex<Vec<(u64, Result<Value, Reason>)>>,
    comes: Condvar,
}

impl Answers {
    /// The number of one more message, and what takes the answer to it.
    pub(super) fn expect(&mut self) -> (u64, impl FnOnce(Result<Value, Reason>) + Send + 'static + use<>) {
        self.sent += 1;
        let (number, arrived) = (self.sent, self.arrived.clone());
        let answer = move |result| {
            lock(&arrived.answers).push((number, result));
            arrived.comes.notify_all();
        };
        (number, answer)
    }

    /// Waits a moment for the answer to this message. Says whether it has come.
    pub(super) fn comes_soon(&self, number: u64) -> bool {
        let end = Instant::now() + PATIENCE;
        let mut answers = lock(&self.arrived.answers);
        while answers.iter().all(|(answered, _)| *answered != number) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.arrived.comes.wait_timeout(answers, left);
            answers = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Takes the answers that have come, as text, a line each. The references in them are held from
    /// now on.
    pub(super) fn take_lines(&self, held: &mut Held) -> String {
        let arrived = std::mem::take(&mut *lock(&self.arrived.answers));
        let mut text = String::new();
        for (number, result) in arrived {
            let _ = match &result {
                Ok(value) => {
                    let taken = held.take_all(value);
                    let held = match taken.is_empty() {
                        true => String::new(),
                        false => format!("; this prompt holds {}", taken.join(", ")),
                    };
                    match value.view() {
                        // A prompt that asks for a secret is told it.
                        View::Text(answer) => {
                            let answer = one_line(Value::from(answer.as_str()));
                            writeln!(text, "answer to message {number}: {answer}")
                        }
                        _ => writeln!(text, "answer to message {number}: {}{held}", one_line(value)),
                    }
                }
                Err(reason) => {
                    writeln!(text, "no answer to message {number}: {}", one_line(reason))
                }
            };
        }
        text
    }
}
