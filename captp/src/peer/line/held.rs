//! Messages that wait for objects of third machines which they name (K6).
//!
//! A program never holds a stand-in for what is handed off: a message with gifts is performed when
//! they are there, and what comes behind it waits behind it.

use std::collections::{HashSet, VecDeque};

use marketplace::View;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::line::heard::promise_of;
use crate::peer::line::running::Running;
use crate::peer::line::world::reference_of;
use crate::peer::line::{Farewell, Line, Over};
use crate::session::{Heard, Target};

/// The messages that wait.
#[derive(Default)]
pub(super) struct Waiting {
    held: VecDeque<Held>,
    bytes: usize,
    /// The most bytes that may wait.
    most: usize,
    /// Gifts that are named in the message that is being read.
    pub(super) named: Vec<Reference>,
    /// Questions by which gifts are asked for. Their answers do not wait.
    withdrawals: HashSet<u64>,
}

struct Held {
    heard: Heard,
    /// Settles the promise of the answer, to which the peer may speak already.
    answers: Option<Resolver<Value>>,
    gifts: Vec<Reference>,
    /// How many of them, from the first on, were there when somebody looked last.
    there: usize,
    bytes: usize,
}

impl Waiting {
    /// Nothing waits. So many bytes may.
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Notes a question, if it asks for a gift.
    pub(super) fn asked(&mut self, to: Target, parts: &[Value], question: u64) {
        if to == Target::Import(0) && is_withdrawal(parts) {
            self.withdrawals.insert(question);
        }
    }

    /// It will never be answered: there may be another question at its place.
    pub(super) fn abandoned(&mut self, promise: Target) {
        if let Target::Question(question) = promise {
            self.withdrawals.remove(&question);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// The first message, if all its gifts are there.
    fn first_if(&mut self, is_there: impl Fn(&Reference) -> bool) -> Option<Held> {
        let first = self.held.front_mut()?;
        // One that is there stays. There may be many, and somebody looks when each has come.
        first.there += first.gifts[first.there..].iter().take_while(|gift| is_there(gift)).count();
        if first.there < first.gifts.len() {
            return None;
        }
        let first = self.held.pop_front()?;
        self.bytes -= first.bytes;
        Some(first)
    }
}

impl Running {
    /// Whether a message has to wait, for gifts or behind others.
    pub(super) fn waits(&mut self, heard: &Heard, gifts: &[Reference]) -> bool {
        let waiting = &mut self.around.waiting;
        // The peer that asks for a gift may be the one for whom we wait.
        let is_urgent = match heard {
            Heard::Deliver { to, parts, .. } => *to == self.around.home && is_withdrawal(parts),
            Heard::Settled { promise: Target::Question(question), .. } => {
                waiting.withdrawals.remove(question)
            }
            _ => false,
        };
        !is_urgent && (!gifts.is_empty() || !waiting.held.is_empty())
    }

    /// Lets a message wait.
    pub(super) fn hold(&mut self, mut heard: Heard, gifts: Vec<Reference>, bytes: usize) -> Result<(), Over> {
        let answer = match &mut heard {
            Heard::Deliver { answer, .. } => answer.take(),
            Heard::Select { answer, .. } => Some(*answer),
            _ => None,
        };
        let answers = answer.map(|answer| {
            let (promise, resolver) = promise::<Value>();
            self.session.answers_with(answer, reference_of(&promise));
            resolver
        });
        for gift in &gifts {
            self.around.ask(when(promise_of(gift), |mut line: Line, _| {
                let performed = line.run(Self::perform_held);
                transition!(line, performed)
            }));
        }
        let bytes = bytes.max(match &heard {
            Heard::Deliver { parts, .. } => parts.iter().map(bytes_of).sum(),
            Heard::Settled { result: Ok(value), .. } => bytes_of(value),
            _ => 0,
        });
        let waiting = &mut self.around.waiting;
        waiting.bytes += bytes;
        waiting.held.push_back(Held { heard, answers, gifts, there: 0, bytes });
        if waiting.bytes > waiting.most {
            let why = "too much waits for objects of other peers".to_string();
            return Err(Over { why, farewell: Farewell::Abort });
        }
        Ok(())
    }

    /// Performs messages whose gifts are there, up to one that still waits.
    fn perform_held(&mut self) {
        let is_there = |gift: &Reference| settlement(gift) != Settlement::Open;
        while let Some(held) = self.around.waiting.first_if(is_there) {
            let gifts: HashSet<_> = held.gifts.into_iter().collect();
            let heard = match held.heard {
                Heard::Deliver { to, parts, answer, resolver } => {
                    let parts = parts.iter().map(|part| with_gifts(part, &gifts)).collect();
                    Heard::Deliver { to, parts, answer, resolver }
                }
                Heard::Settled { promise, result: Ok(value) } => {
                    Heard::Settled { promise, result: Ok(with_gifts(&value, &gifts)) }
                }
                heard => heard,
            };
            self.perform(heard, held.answers);
        }
    }
}

fn is_withdrawal(parts: &[Value]) -> bool {
    parts
        .first()
        .is_some_and(|verb| matches!(verb.view(), View::Symbol(verb) if verb.as_str() == "withdraw-gift"))
}

/// How many bytes a value takes, about: of one byte of a message there may be many.
fn bytes_of(value: &Value) -> usize {
    let within = match value.view() {
        View::Text(text) => text.len(),
        View::Bytes(bytes) => bytes.len(),
        View::Sequence(parts) | View::Record(_, parts) => parts.iter().map(bytes_of).sum(),
        View::Set(set) => set.iter().map(bytes_of).sum(),
        View::Map(map) => map.iter().map(|(key, value)| bytes_of(key) + bytes_of(value)).sum(),
        _ => 0,
    };
    size_of::<Value>() + within
}

/// The value with the gifts in the places of their promises. A promise that is broken stays, and so
/// does one whose place is too deep for the gift.
fn with_gifts(value: &Value, gifts: &HashSet<Reference>) -> Value {
    let within = |value: &Value| with_gifts(value, gifts);
    let replaced = match value.view() {
        _ if gifts.is_empty() => return value.clone(),
        View::Reference(reference) if gifts.contains(reference) => match settlement(reference) {
            Settlement::Object(object) => Ok(object.into()),
            Settlement::Data(value) => Ok(value),
            _ => return value.clone(),
        },
        View::Sequence(items) => Value::try_sequence(items.iter().map(within)),
        View::Record(label, fields) if !fields.is_empty() => {
            Value::try_record(label.clone(), fields.iter().map(within))
        }
        View::Set(set) => Value::set(set.iter().map(within).collect()),
        View::Map(map) => Value::map(map.iter().map(|(key, value)| (within(key), within(value))).collect()),
        _ => return value.clone(),
    };
    replaced.unwrap_or_else(|_| value.clone())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn k10_a_message_with_many_gifts_is_looked_at_once_for_each() {
        let gifts: Vec<_> = (0..1000).map(|_| reference::<()>().0.as_ref().clone()).collect();
        let mut waiting = Waiting::new(0);
        waiting.held.push_back(Held {
            heard: Heard::Nothing,
            answers: None,
            gifts: gifts.clone(),
            there: 0,
            bytes: 0,
        });
        let looks = Cell::new(0);
        for there in 1..=gifts.len() {
            let first = waiting.first_if(|gift| {
                looks.set(looks.get() + 1);
                gifts[..there].contains(gift)
            });
            assert_eq!(first.is_some(), there == gifts.len());
        }
        assert_eq!(looks.get(), 2 * gifts.len() - 1);
    }
}
