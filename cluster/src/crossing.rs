//! Records of several machines, put together where something has crossed (C4).

use marketplace::log::{Log, LoggedTurn, Produced};
use marketplace::{Ground, Heard, Message, Performed, Reason, Text, Topic, Value};
use marketplace_captp::value::Room;

use crate::engine::EngineEvent;
use crate::gateway::{ClusterState, machine_of};
use crate::half::{Happened, Item};
use crate::wire::{Frame, Packet};

/// Something that happened here because of something on another machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The other machine.
    pub machine: Text,
    /// Its epoch.
    pub epoch: u64,
    /// The action there by which it happened; 0 for an endpoint that was there before the link
    /// stood. [`Crossing::cause`] says who asked for it.
    pub said: u64,
    /// The turn here in which the gateway heard of it.
    pub heard: u64,
    /// The actions by which it was performed here.
    pub actions: Vec<u64>,
}

impl Crossing {
    /// The turn on the other machine that led to it, from the log of that machine. `None` if the
    /// log does not have it, or nobody but the host asked for it.
    #[must_use]
    pub fn cause<'l>(&self, there: &'l Log) -> Option<&'l LoggedTurn> {
        match there.action(self.said) {
            Some((asked, _)) => Some(asked),
            // It came out of a nested VM: those who heard it there know.
            None => there.get(there.turns().find(|turn| turn.action == self.said)?.cause),
        }
    }
}

/// The things in a machine's log that came from other machines, in the order in which they came.
///
/// So the causes of a turn lead to another machine: from the turn to the action that led to it
/// ([`LoggedTurn::action`]), by the crossing that has this action to its
/// [cause](Crossing::cause) in the log of the other machine, and on there. Both logs have to be on
/// before.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace_cluster::{self as cluster, Config, crossings};
///
/// fn hears(config: Config) -> Spawn<()> {
///     let config = config.peers(["ann", "bob"]).share(topic!(("said", _)));
///     cluster::join(config, spawn!(transition_no_state!(subscriber!(("said", _)))))
/// }
///
/// let mut sim = cluster::sim(1);
/// for name in ["ann", "bob"] {
///     sim.start(name, hears);
///     sim.at(name).log_mut().turn_on();
/// }
/// sim.advance(Duration::from_secs(1));
/// sim.at("ann").spawn(spawn!(transition_no_state!(send_message!(("said", "hello")))));
/// sim.advance(Duration::from_secs(1));
///
/// let bob = sim.at("bob").log();
/// let last = bob.turns().rfind(|turn| turn.heard.to_string().contains("hello")).unwrap();
/// let crossings = crossings(bob);
/// let hello = crossings.iter().find(|crossing| crossing.actions.contains(&last.action)).unwrap();
/// assert_eq!(hello.machine, Text::from("ann"));
/// let said = hello.cause(sim.at("ann").log()).unwrap();
/// assert_eq!(said.to_string(), r#"p4 boots, sends message ["said", "hello"]"#);
/// ```
#[must_use]
pub fn crossings(log: &Log) -> Vec<Crossing> {
    log.turns().filter_map(of_turn).flatten().collect()
}

/// The things that crossed in one turn of a gateway.
fn of_turn(turn: &LoggedTurn) -> Option<Vec<Crossing>> {
    let state: &ClusterState = turn.snapshot.as_ref()?.downcast_ref()?;
    let Heard::Message(_, body) = &turn.heard else { return None };
    let Ground(_, item) = Ground::<Value>::from_value(body)?;
    let Happened::Event(EngineEvent::From(machine, epoch, packet)) = Item::read(&item)?.what else {
        return None;
    };
    let Ok(Packet::Frames { numbers, first, mut frames, .. }) = Packet::decode(&packet) else { return None };
    let taken = state.taken(&(machine.clone(), epoch), numbers)?;
    // Those behind a gap are not taken.
    let known = usize::try_from(taken.saturating_add(1).checked_sub(first)?).ok()?;
    let mut produced = &turn.produced[..];
    let mut crossings = Vec::new();
    for _ in 0..known {
        if !frames.skip().ok()? {
            break;
        }
    }
    let mut room = Room::default();
    while let Ok(Some((frame, said, _))) = frames.next_with_cause(&mut room) {
        let actions = performed(&frame, &machine, &state.shared, &mut produced);
        crossings.push(Crossing { machine: machine.clone(), epoch, said, heard: turn.id, actions });
        if matches!(frame, Frame::Leave(_)) {
            break;
        }
    }
    Some(crossings)
}

/// The actions by which a frame was performed, of those that were asked for after the actions of
/// the frame before.
fn performed(frame: &Frame, machine: &Text, shared: &[Topic], produced: &mut &[Produced]) -> Vec<u64> {
    let parts = |topic: &Topic| shared.iter().filter(|shared| shared.meets(topic)).count();
    // The next frame may have brought such actions, too.
    let mut most = match frame {
        Frame::Message(..) => 1,
        Frame::Refuse(topic, _) => parts(topic),
        Frame::Announce(_, role) | Frame::Change(_, role) => parts(&role.topic),
        Frame::Withdraw(..) | Frame::Leave(_) | Frame::Picture => usize::MAX,
    };
    let mut actions = Vec::new();
    let mut rest = *produced;
    while let [first, others @ ..] = rest {
        rest = others;
        let goes = matches!(&first.action, Performed::DeleteEndpoint(_, Reason::Changed));
        if brings(frame, machine, &first.action) && (most > 0 || goes) {
            most -= usize::from(!goes);
            actions.push(first.id);
            *produced = rest;
        } else if !actions.is_empty() {
            break;
        }
    }
    actions
}

fn brings(frame: &Frame, machine: &Text, action: &Performed) -> bool {
    let is_its = |name: &Value, id: u64| machine_of(name).is_some_and(|(vm, of)| vm == *machine && of == id);
    match (frame, action) {
        (Frame::Message(from, body), Performed::Send(side, sent)) => (from, body) == (side, sent),
        (Frame::Refuse(_, why), Performed::Refuse(_, refused)) => why == refused,
        (Frame::Announce(id, _) | Frame::Change(id, _), Performed::AddEndpoint(Some(name), _)) => {
            is_its(name, *id)
        }
        (Frame::Change(id, _) | Frame::Withdraw(id, _), Performed::DeleteEndpoint(name, _)) => {
            is_its(name, *id)
        }
        (Frame::Leave(_), Performed::DeleteEndpoint(name, _)) => {
            machine_of(name).is_some_and(|(vm, _)| vm == *machine)
        }
        _ => false,
    }
}
