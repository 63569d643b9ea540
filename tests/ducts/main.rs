//! Ducts: the rows of Arvo, by number, and what becomes of answers when processes end.

mod callees;
mod ends;
mod gone;
mod heirs;
mod levels;
mod looking;
mod lost;
mod networks;
mod opaque;
mod order;
mod protocols;
mod seed;
mod shared;
mod threads;
mod vms_that_end;

use std::sync::{Arc, Mutex};

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Heard, What};

/// The notes of a test's processes.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Passes what it is told to pass, keeps the answers' notes.
#[derive(Message, Clone, Debug, PartialEq)]
struct Ask {
    whom: Pid,
    wire: Text,
    what: Value,
}

/// Notes every answer and every absence.
fn asker(notes: &Notes) -> Transition<()> {
    let (replied, lost) = (notes.clone(), notes.clone());
    transition_no_state!(
        subscriber!(Ask { .. }, on_message!(Ask { whom, wire, what } => pass(whom, wire, &what))),
        replies!(
            on_reply!(wire: Value, body: Value => replied.add(format!("{wire}: {body}"))),
            match_wire!(wire: Value => match_reason!(reason: Reason =>
                on_duct_absence!(lost.add(format!("{wire}: nothing ({reason})"))))),
        ),
    )
}

/// Answers with the double.
fn doubler() -> Transition<()> {
    transition_no_state!(subscriber!(_, match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))))
}

/// Keeps every duct, and gives this on all of them when it is told to say it.
fn keeper() -> Transition<Vec<Duct>> {
    transition!(
        Vec::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(_ => {
                kept.push(duct);
                transition!(kept)
            }))),
            match_state!(kept: &Vec<Duct> => on_message!(("say", what): (Text, Value) =>
                kept.iter().map(|duct| give(duct, &what)).collect::<ActionTree<_>>())),
            match_state!(_kept: Vec<Duct> => on_message!("forget" => transition!(Vec::new()))),
            match_state!(_kept: &Vec<Duct> => on_message!("quit" => quit())),
            match_state!(_kept: &Vec<Duct> => on_message!("fail" => Err::<(), _>(Failure::value(&"failed".to_string()))?)),
        ),
    )
}

/// A sim with these processes from PID 2 on (0 boots them, 1 is the relay).
fn sim_of(processes: impl FnOnce() -> Vec<Spawn<()>> + Send + 'static) -> Sim {
    let mut sim = Sim::new(move |_| transition_no_state!(processes()));
    sim.run();
    sim
}

fn pid(number: u64) -> Pid {
    Pid::from_value(&number.to_value()).unwrap()
}

fn ask(sim: &mut Sim, whom: u64, wire: &str, what: impl Message) {
    sim.send(&Ask { whom: pid(whom), wire: wire.into(), what: what.to_value() });
    sim.run();
}

fn say(sim: &mut Sim, what: &str) {
    sim.send(&("say".to_string(), what.to_string()));
    sim.run();
}

/// The processes that took a turn because of something, in order, with what they heard.
fn turns_of(sim: &Sim, from: usize, about: impl Fn(&Heard) -> bool) -> Vec<String> {
    sim.trace().records()[from..]
        .iter()
        .filter_map(|record| match &record.what {
            What::Turn { heard, .. } if about(heard) => Some(record.to_string()),
            _ => None,
        })
        .collect()
}
