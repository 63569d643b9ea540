//! Objects that stand for what is the peer's: each hears what is sent to it, and the session writes
//! that in the same turn.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{View, object_of};

use crate::peer::line::Line;
use crate::peer::line::running::{Around, Running};
use crate::peer::line::world::{is_deposit, reference_of};
use crate::session::{Session, Target};
use crate::syrup::Writer;
use crate::value::{self, Describe, Unpassable};

/// Stands for an import. `number` tells it from those that stood there before.
pub(super) fn of_import(here: Here, position: u64, number: u64) -> Action<Line> {
    object_of!(
        here,
        match_duct!(duct => match_state!(line: &mut Line => on_message!(
            message: Value => line.pass_on(Target::Import(position), &message, &duct),
        ))),
        match_state!(line: &mut Line => on_release!(
            line.run(|running| running.session.released(position, number))
        )),
    )
}

/// Stands for the answer to a question, until that is there.
fn of_question(here: Here, question: u64) -> Action<Line> {
    object_of!(
        here,
        match_duct!(duct => match_state!(line: &mut Line => on_message!(
            message: Value => line.pass_on(Target::Question(question), &message, &duct),
        ))),
        match_state!(line: &mut Line => on_release!(
            line.run(|running| running.session.question_released(question))
        )),
    )
}

impl Line {
    fn pass_on(&mut self, to: Target, message: &Value, duct: &Duct) -> ActionTree<Self> {
        if let Some(ended) = &self.over {
            return refuse(duct, Broken::Gone(ended.clone()).into());
        }
        if self.congested {
            return refuse(duct, Broken::TooMany.into());
        }
        let parts = match message.view() {
            View::Sequence(parts) => parts,
            _ => std::slice::from_ref(message),
        };
        self.run(|running| running.deliver(to, parts, duct))
    }
}

impl Running {
    /// Writes a message. If an answer is wanted, a promise of it takes the place of the answer;
    /// what is sent to that promise is written at once, too.
    fn deliver(&mut self, to: Target, parts: &[Value], duct: &Duct) {
        let Self { session, around, .. } = self;
        let deposits = to == Target::Import(0) && is_deposit(parts);
        around.gave |= deposits;
        match session.deliver(to, parts, duct.is_wanted(), around) {
            Ok(None) => {
                around.deciding.sent(to, None);
                if deposits && around.deposits.is_empty() {
                    self.post_deposit();
                }
            }
            Ok(Some(question)) => {
                around.waiting.asked(to, parts, question);
                let promise = around.question(session, question);
                around.deciding.sent(to, Some(question));
                around.ask(give_when(duct, &promise));
            }
            Err(Unpassable { what }) => {
                let place = place_of_unpassable(parts);
                around.ask(refuse(duct, Broken::NotPassable { place, what: what.into() }.into()));
            }
        }
    }
}

impl Around {
    /// The promise of the answer to a question.
    fn question(&mut self, session: &mut Session, question: u64) -> Promise<Value> {
        let (far, here) = reference::<()>();
        let promise = self.deciding.promise(Target::Question(question), &far);
        session.asks_with(question, &reference_of(&promise));
        self.ask(of_question(here, question));
        promise
    }
}

/// Breaks the answer that is to be given on the duct. If nobody wants it, that is recorded (O17).
fn refuse(duct: &Duct, why: Reason) -> ActionTree<Line> {
    let (promise, resolver) = promise::<Value>();
    actions![resolver.break_because(why), give_when(duct, &promise)]
}

/// The place of the first part that cannot travel: arguments are counted from 1 on; 0 if it is none
/// of the parts alone.
fn place_of_unpassable(parts: &[Value]) -> u32 {
    let verbs = usize::from(parts.first().is_some_and(|first| matches!(first.view(), View::Symbol(_))));
    let unpassable = |part| value::write(part, &mut Writer::new(), &mut Anywhere).is_err();
    let place = parts.iter().position(unpassable).map_or(0, |at| at + 1 - verbs);
    place.try_into().unwrap_or(u32::MAX)
}

/// Takes every reference.
struct Anywhere;

impl Describe for Anywhere {
    fn describe(&mut self, _: &Reference, _: &mut Writer) -> Result<(), Unpassable> {
        Ok(())
    }
}
