//! Every form of the DSL, every kind of pattern, and what is captured, on a VM in virtual time.

mod captures;
mod clauses;
mod ducts;
mod levels;
mod patterns;
mod processes;
mod state;
mod state_in_place;
mod templates;

use marketplace::prelude::*;
use marketplace::sim::Sim;

#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Says {
    pub(crate) who: Symbol,
    pub(crate) what: Text,
}

#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Reply<T> {
    pub(crate) id: u64,
    pub(crate) body: T,
}

#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) enum Address {
    Remote { host: String, port: u16 },
    Listener(u16),
    Nowhere,
}

#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Channel(pub(crate) Address, pub(crate) Address, pub(crate) Value);

#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Ping;

/// A message of a test's processes.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Heard<T>(pub(crate) T);

pub(crate) fn heard<S>(what: &impl Message) -> PreAction<S> {
    let what = what.to_value();
    send_message!(Heard(what))
}

/// Everything that was heard.
pub(crate) fn all_heard(sim: &Sim) -> Vec<Value> {
    sim.messages().iter().filter_map(Heard::<Value>::from_value).map(|Heard(what)| what).collect()
}

/// A process with these actions, to which these messages are sent; what was heard.
pub(crate) fn tell<S: Send + 'static>(process: Transition<S>, messages: &[Value]) -> Vec<Value> {
    let mut sim = Sim::new(move |_| process);
    sim.run();
    for message in messages {
        sim.send(message);
        sim.run();
    }
    all_heard(&sim)
}

pub(crate) fn says(who: &str, what: &str) -> Value {
    Says { who: who.into(), what: what.into() }.to_value()
}

pub(crate) fn values<M: Message>(messages: impl IntoIterator<Item = M>) -> Vec<Value> {
    messages.into_iter().map(|message| message.to_value()).collect()
}
