//! The event relay: brings ground events from the level outside to the processes of a VM.

use std::collections::BTreeMap;

use crate::conversation::event::Event;
use crate::conversation::role::Role;
use crate::data::driver::Driver;
use crate::data::reason::Reason;
use crate::data::symbol::Symbol;
use crate::data::value::Value;
use crate::ground_vm::source::{Source, ground_topic};
use crate::process::Turn;
use crate::process::action::act::{delete_endpoint, refuse, send_feedback, send_message};
use crate::process::action::meta_level::at_meta_level;
use crate::process::action::{AddEndpoint, Spawn, name_endpoint, name_process, spawn};
use crate::process::transition::Transition;

/// The process that brings ground events into a VM.
pub(super) const RELAY: Driver = Driver { kind: "event relay", action: "event_relay()", relay: None };

/// The sources that processes in this VM want.
#[derive(Default)]
struct Relay(BTreeMap<Source, Wanted>);

#[derive(Default)]
struct Wanted {
    /// How many endpoints want it.
    by: usize,
    /// Why nothing more comes from it, once it has ended.
    spent: Option<Value>,
}

/// The process that mirrors subscriptions to `Ground(source, _)` one level out, and brings items,
/// ends and feedback across.
///
/// The host of a ground VM spawns it as PID 1. In a nested VM whose processes listen to sources,
/// spawn one there too. A second in the same VM fails.
pub fn event_relay<S>() -> Spawn<S> {
    name_process(
        Symbol::new("event-relay"),
        spawn(|_| {
            let listeners = Role::observer_of_subscribers(ground_topic(None));
            Transition::new(Relay::default(), AddEndpoint::new(listeners, demand))
        }),
    )
    .only(RELAY.kind)
}

type Answer = crate::process::action::Outcome<Relay>;

/// A listener in this VM comes or goes. It counts only if it names a source.
fn demand(event: &Event<'_>, turn: &mut Turn<'_, Relay>) -> Answer {
    let Some(source) = event.conversation().field(0).and_then(|part| part.decode::<Source>()) else {
        return turn.skip();
    };
    if event.is_presence() {
        turn.transition(|relay| wanted(relay, source))
    } else if event.is_absence() {
        turn.transition(|relay| unwanted(relay, &source))
    } else {
        turn.skip()
    }
}

fn wanted(mut relay: Relay, source: Source) -> Transition<Relay> {
    let wanted = relay.0.entry(source.clone()).or_default();
    wanted.by += 1;
    let late = wanted.spent.clone().map(|why| refuse(ground_topic(Some(&source)), why));
    let subscribe = (wanted.by == 1).then(|| {
        let role = Role::subscriber(ground_topic(Some(&source)));
        let endpoint = AddEndpoint::new(role, {
            let source = source.clone();
            move |event: &Event<'_>, turn: &mut Turn<'_, Relay>| from_outside(&source, event, turn)
        });
        at_meta_level(name_endpoint(&source, endpoint))
    });
    Transition::new(relay, (late, subscribe))
}

fn unwanted(mut relay: Relay, source: &Source) -> Transition<Relay> {
    let Some(wanted) = relay.0.get_mut(source) else { unreachable!("a listener that goes had come") };
    wanted.by -= 1;
    let unsubscribe = (wanted.by == 0).then(|| {
        relay.0.remove(source);
        (delete_endpoint(source), at_meta_level(delete_endpoint(source)))
    });
    Transition::new(relay, unsubscribe)
}

/// The source comes, gives an item, or ends.
fn from_outside(source: &Source, event: &Event<'_>, turn: &mut Turn<'_, Relay>) -> Answer {
    if let Some(item) = event.body() {
        return turn.act(send_message(item));
    }
    let (topic, refused) = (|| ground_topic(Some(source)), event.is_refusal());
    match event.reason().cloned() {
        // Nobody may want the source any more. Then our own endpoint is about to leave already, and
        // a deletion would find nothing.
        None if event.is_presence() && turn.state().0.contains_key(source) => {
            turn.act(name_endpoint(source, AddEndpoint::new(Role::publisher(topic()), to_outside)))
        }
        None => turn.skip(),
        Some(reason) => turn.transition(|mut relay| {
            // Nobody may be left who wants the source: then this answers our own leaving.
            let Some(wanted) = relay.0.get_mut(source) else {
                return Transition::new(relay, ());
            };
            wanted.spent = Some(Value::from(&reason.to_string()));
            let tell = match reason {
                Reason::Refused(why) if refused => refuse(topic(), why),
                ended => delete_endpoint(source).because(ended),
            };
            Transition::new(relay, tell)
        }),
    }
}

/// Feedback for the source.
fn to_outside(event: &Event<'_>, turn: &mut Turn<'_, Relay>) -> Answer {
    match event.body() {
        Some(feedback) => turn.act(at_meta_level(send_feedback(feedback))),
        None => turn.skip(),
    }
}
