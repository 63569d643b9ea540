//! Messages of the peer, and what becomes of them.

use marketplace::View;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::line::parts::part_of;
use crate::peer::line::running::Running;
use crate::peer::line::world::{is_deposit, reference_of};
use crate::peer::line::{Farewell, Line, Over};
use crate::session::{Heard, Part};
use crate::value::Secret;

impl Running {
    /// Hears one message.
    pub(super) fn hear(&mut self, message: &[u8]) -> Result<(), Over> {
        if self.around.listeners > self.around.most_listeners {
            let why = "more answers are waited for than may be".to_string();
            return Err(Over { why, farewell: Farewell::Abort });
        }
        let heard = self.session.hear(message, &mut self.around);
        for promise in std::mem::take(&mut self.around.to_listen) {
            self.session.listen(promise);
        }
        let gifts = std::mem::take(&mut self.around.waiting.named);
        match heard {
            Err(error) => Err(Over { why: error.to_string(), farewell: Farewell::Abort }),
            Ok(Heard::Aborted(why)) => Err(Over { why, farewell: Farewell::None }),
            Ok(Heard::Nothing) => Ok(()),
            Ok(Heard::Abandoned(promises)) => {
                for promise in promises {
                    self.around.waiting.abandoned(promise);
                    let resolver = self.around.deciding.take(promise);
                    self.around.ask(resolver.map(|resolver| resolver.break_because(Broken::Abandoned)));
                }
                Ok(())
            }
            Ok(heard) if self.waits(&heard, &gifts) => self.hold(heard, gifts, message.len()),
            Ok(heard) => {
                self.perform(heard, None);
                Ok(())
            }
        }
    }

    /// Does what a message says. `answers` settles the promise of its answer, if there is one
    /// already.
    pub(super) fn perform(&mut self, heard: Heard, answers: Option<Resolver<Value>>) {
        match heard {
            Heard::Deliver { to, parts, answer, resolver } => {
                let parts = if to == self.around.home { self.at_home(parts) } else { parts };
                let mut sent = None;
                self.around.ask(tell(|cx| sent = Some(send_parts(cx, &to, parts))));
                // If the peer asks for no answer, nobody here does.
                if let (None, None, None) = (answer, resolver, &answers) {
                    return;
                }
                let answered = self.answered(sent);
                if let Some(answer) = answer {
                    self.session.answers_with(answer, reference_of(&answered));
                }
                if let Some(answers) = answers {
                    self.around.ask(answers.follow(&answered));
                }
                if let Some(resolver) = resolver {
                    self.tells(resolver, answered);
                }
            }
            Heard::Select { of, part, answer } => {
                let answers = answers.unwrap_or_else(|| {
                    let (selected, answers) = promise::<Value>();
                    self.session.answers_with(answer, reference_of(&selected));
                    answers
                });
                self.around.ask(selects(&of, part, answers));
            }
            Heard::Listen { to, listener } => self.tells(listener, promise_of(&to)),
            Heard::Settled { promise, result } => self.settled(promise, result),
            Heard::Abandoned(_) | Heard::Nothing | Heard::Aborted(_) => {}
        }
    }

    /// A message to our export 0.
    fn at_home(&mut self, parts: Vec<Value>) -> Vec<Value> {
        self.around.gave |= is_deposit(&parts);
        without_secrets(parts)
    }

    /// The promise of the answer to a message that was sent; a broken one, if it could not be.
    fn answered<E: std::error::Error + Send + Sync + 'static>(
        &mut self,
        sent: Option<Result<Promise<Value>, E>>,
    ) -> Promise<Value> {
        match sent {
            Some(Ok(answered)) => answered,
            Some(Err(error)) => {
                let (broken, resolver) = promise();
                self.around.ask(resolver.break_because(Reason::error(error)));
                broken
            }
            None => unreachable!("what is to be told is sent at once"),
        }
    }

    /// Settles the promise of a part of an answer. A resolver is an object there, too.
    fn select(&mut self, selected: Result<Value, Reason>, answers: &Resolver<Value>) {
        let settler = match selected.as_ref().map(Value::view) {
            Ok(View::Reference(selected)) => self.around.settlers.of(selected),
            _ => None,
        };
        let settled = match settler {
            Some((settler, spawn)) => {
                self.around.ask(spawn);
                answers.fulfill(settler)
            }
            None => match selected {
                Ok(selected) => answers.fulfill(selected),
                Err(reason) => answers.break_because(reason),
            },
        };
        self.around.ask(settled);
    }

    /// Tells an object of the peer how a promise is settled, when it is.
    fn tells(&mut self, resolver: u64, promise: Promise<Value>) {
        self.around.listeners += 1;
        self.around.ask(settles(resolver, promise));
    }

    /// Tells the peer how a promise of ours was settled.
    fn settle(&mut self, resolver: u64, result: &Result<Value, Reason>) {
        self.around.listeners -= 1;
        self.session.settle(resolver, result.as_ref(), &mut self.around);
        self.post();
    }
}

/// A message to our export 0, with the number of a `fetch` as something that no log shows (K11).
fn without_secrets(mut parts: Vec<Value>) -> Vec<Value> {
    if let [verb, swiss, ..] = &mut parts[..]
        && matches!(verb.view(), View::Symbol(verb) if verb.as_str() == "fetch")
        && let Some(secret) = Secret::said(swiss)
    {
        *swiss = secret.into();
    }
    parts
}

/// Settles a promise with a part of a value, when that is there.
fn selects(of: &Reference, part: Part, answers: Resolver<Value>) -> Action<Line> {
    when(promise_of(of), move |mut line: Line, whole| {
        let selected = whole.and_then(|whole: Value| part_of(&whole, &part));
        let settled = line.run(|running| running.select(selected, &answers));
        transition!(line, settled)
    })
}

/// Tells an object of the peer how a promise is settled: after a yield, so that what has waited at
/// the promise is written before.
fn settles(resolver: u64, promise: Promise<Value>) -> Action<Line> {
    when(promise, move |line: Line, result| {
        transition!(
            line,
            yield_now!(|mut line: Line| {
                let told = line.run(|running| running.settle(resolver, &result));
                transition!(line, told)
            })
        )
    })
}

/// The thing for which a reference stands, as something that one can wait for.
pub(super) fn promise_of(reference: &Reference) -> Promise<Value> {
    let value = reference.to_value();
    Promise::from_value(&value).unwrap_or_else(|| Promise::from(value))
}
