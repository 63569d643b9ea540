//! Gates in a sim.

mod membranes;
mod revoking;
mod windows;

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::lock::lock;

/// The things that the objects of a test have heard, in order.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl ToString) {
        lock(&self.0).push(note.to_string());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.0))
    }
}

/// Somebody behind a gate.
struct Friend {
    name: Text,
    notes: Notes,
    kept: Vec<Value>,
    waiting: Vec<Resolver<Text>>,
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("ask another one")]
struct AskAnother(Far<Friend>);

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("it is over")]
struct Over;

#[object]
impl Friend {
    fn name(&self) -> Text {
        self.name.clone()
    }

    /// Notes it.
    fn hear(&mut self, what: u64) -> u64 {
        self.notes.add(format!("{}: {what}", self.name));
        what
    }

    /// Answers when it is told to.
    fn wait(&mut self, what: u64) -> Promise<Text> {
        self.notes.add(format!("{} waits: {what}", self.name));
        let (answer, resolver) = promise::<Text>();
        self.waiting.push(resolver);
        answer
    }

    /// Answers the first who waits.
    fn next(&mut self, cx: &Cx<Self>) {
        let name = self.name.clone();
        cx.act((!self.waiting.is_empty()).then(|| self.waiting.remove(0).fulfill(name)));
    }

    fn me(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }

    fn is_me(&self, cx: &Cx<Self>, who: Far<Self>) -> bool {
        who == cx.me()
    }

    fn echo(&self, what: Value) -> Value {
        what
    }

    fn says_me(&self, cx: &Cx<Self>, to: Resolver<Far<Self>>) {
        cx.act(to.fulfill(cx.me()));
    }

    fn keep(&mut self, what: Value) {
        self.kept.push(what);
    }

    fn let_go(&mut self) {
        self.kept.clear();
    }

    /// Whether all that it has been given is one and the same.
    fn has_one(&self) -> bool {
        self.kept.iter().all(|kept| *kept == self.kept[0])
    }

    fn name_of(&self, cx: &Cx<Self>, who: Promise<Far<Self>>) -> Promise<Text> {
        who.name(cx)
    }

    fn fail(&self, cx: &Cx<Self>) -> Result<(), AskAnother> {
        Err(AskAnother(cx.me()))
    }

    fn end(&self, cx: &Cx<Self>) {
        cx.act(quit().because(Reason::from(Over)));
    }
}

fn friend(sim: &mut Sim, name: &str, notes: &Notes) -> Far<Friend> {
    sim.spawn_object(Friend {
        name: name.into(),
        notes: notes.clone(),
        kept: Vec::new(),
        waiting: Vec::new(),
    })
}

/// A thing that is made where there is a `cx`.
fn made<G>(sim: &mut Sim, make: impl FnOnce(&Asker) -> G) -> G {
    let mut made = None;
    sim.tell(|cx| made = Some(make(cx)));
    sim.run();
    made.unwrap()
}

/// The answer that is there when the sim has run.
fn answer<T: Message>(sim: &mut Sim, send: impl FnOnce(&Asker) -> Promise<T>) -> Result<T, Reason> {
    let asked = sim.ask(send);
    sim.run();
    asked.answer().expect("there is an answer")
}

/// The reason for which something behind the gate is gone.
fn gone(why: &Reason) -> Reason {
    match Broken::of(why) {
        Some(Broken::Gone(reason)) => reason.clone(),
        _ => panic!("it is not gone: {why}"),
    }
}

/// An object of clauses, which notes each message and whether its answer is wanted.
fn listener(sim: &mut Sim, notes: &Notes) -> Far<Friend> {
    let (far, here) = reference();
    let notes = notes.clone();
    sim.spawn(spawn!(transition_no_state!(object_of!(
        here,
        match_duct!(duct => on_message!(message: Vec<Value> => {
            notes.add(format!("{}, wanted: {}", message[1], duct.is_wanted()));
            give(&duct, &message[1])
        })),
    ))));
    sim.run();
    far
}
