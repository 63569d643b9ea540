//! What the tests share: callees of every kind, and callers that write down what they hear.

use std::sync::{Arc, Mutex, PoisonError};

use marketplace::prelude::*;
use marketplace::sim::Sim;

/// What was noted, in order.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    /// What was noted since this was last asked.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An endpoint that notes the answers that a process gets, and that there are none: `name <- wire: body`, `name <- wire! reason`.
pub(crate) fn noting<S>(name: &str, notes: &Notes) -> AddEndpoint<S> {
    let (name, notes) = (name.to_string(), notes.clone());
    replies!(
        match_wire!(wire: Value => match_reason!(reason: Reason => on_duct_absence!({
            notes.note(format!("{name} <- {}! {reason}", shown(&wire)));
        }))),
        match_reason!(reason: Reason => on_duct_absence!(notes.note(format!("{name} <- back! {reason}")))),
        on_reply!(wire: Value, body: Value => notes.note(format!("{name} <- {}: {}", shown(&wire), shown(&body)))),
    )
}

fn shown(value: &Value) -> String {
    Text::from_value(value).map_or_else(|| value.to_string(), |text| text.to_string())
}

/// A process that keeps the ducts of what it is passed and does what it is told: `"give"` answers on all of them, `"drop"` lets go of them,
/// `"quit"`, `"fail"`, `"panic"` and `"leave"` (its endpoints go, and so it is garbage) end it.
pub(crate) fn keeper() -> Transition<Vec<Duct>> {
    transition!(
        Vec::new(),
        peekable(),
        name_endpoint(
            &"orders",
            subscriber!(
                _,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(_ => {
                    kept.push(duct);
                    transition!(kept)
                }))),
                match_state!(kept: Vec<Duct> => on_message!("drop" => {
                    drop(kept);
                    transition!(Vec::new())
                })),
                match_state!(kept: &Vec<Duct> => on_message!(
                    "give" => kept.iter().map(|duct| give(duct, &Text::from("given"))).collect::<Vec<_>>(),
                    "quit" => quit(),
                    "because" => quit().because(Reason::value(&Text::from("had enough"))),
                    "leave" => delete_endpoint(&"orders"),
                    "fail" => Err::<ActionTree<_>, _>(Failure::value(&Text::from("failed")))?,
                    "panic" => {
                        assert!(kept.is_empty(), "panicked");
                    }
                )),
            )
        ),
    )
}

/// The PIDs of processes that a sim's boot process spawns, in order: the boot process is 0, the relay 1.
pub(crate) fn pid(number: u64) -> Pid {
    Pid::from_value(&number.to_value()).expect("a number is a PID")
}

pub(crate) fn tell(sim: &mut Sim, what: &str) {
    sim.send(&Text::from(what));
    sim.run();
}
