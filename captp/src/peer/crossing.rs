//! Two records, put together where operations have crossed from one to the other (K13).

use marketplace::log::{Log, LoggedTurn};
use marketplace::{Heard, Performed, Text};

use crate::peer::shown::SessionState;

/// An operation that went out in a turn of one log, and was heard in a turn of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The name of the session.
    pub session: Text,
    /// How many operations went out before it in this session.
    pub number: u64,
    /// The turn in which it went out, in the log of those who said it.
    pub said: u64,
    /// The turn in which it was heard, in the log of those who heard it.
    pub heard: u64,
}

/// The operations that both logs know: they went out in turns of `near`, and were heard in turns of
/// `far`, in whose order they are. Both logs are of vats with peers, and were on.
///
/// So a trace goes on in another program: from a turn of `far` back to the turn of a session, by
/// the crossing to the turn of `near`, and on.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_captp::netlayer::memory::Network;
/// use marketplace_captp::{crossings, enliven, peer};
///
/// struct Bell;
///
/// #[object]
/// impl Bell {
///     fn ring(&self) {}
/// }
///
/// let network = Network::new();
/// let [(mut tower, of_tower), (mut town, of_town)] = ["tower", "town"].map(|name| {
///     let (spawn, peer) = peer(network.netlayer(name));
///     (Sim::new(|_| transition_no_state!(spawn)), peer)
/// });
/// let bell = tower.spawn_object(Bell);
/// let address = tower.ask(|cx| of_tower.publish(cx, &bell));
/// tower.run();
/// town.log_mut().turn_on();
/// tower.log_mut().turn_on();
/// let rung = town.ask(|cx| enliven::<Bell>(cx, &of_town, address.answer().unwrap().unwrap()).ring(cx));
/// for _ in 0..9 {
///     town.run();
///     tower.run();
/// }
/// assert_eq!(rung.answer(), Some(Ok(())));
/// let there = crossings(town.log(), tower.log());
/// let ring = tower.log().turns().find(|turn| turn.heard.to_string().contains("ring()")).unwrap();
/// assert!(there.iter().any(|crossing| crossing.heard == ring.cause), "{there:?}");
/// ```
#[must_use]
pub fn crossings(near: &Log, far: &Log) -> Vec<Crossing> {
    let said: Vec<_> = spans(near, |state| state.said, said_in).collect();
    let mut crossings = Vec::new();
    for heard in spans(far, |state| state.heard, heard_in) {
        let meets = |said: &&Span<'_>| said.session == heard.session;
        for said in said.iter().filter(meets) {
            for number in said.from.max(heard.from)..said.to.min(heard.to) {
                let session = heard.session.clone();
                crossings.push(Crossing { session, number, said: said.turn, heard: heard.turn });
            }
        }
    }
    crossings
}

/// The operations of one turn of a session.
struct Span<'l> {
    session: &'l Text,
    turn: u64,
    from: u64,
    to: u64,
}

/// The operations of each turn: `count` of them were there before it. `least` says how many there
/// were in a turn of which no later one says it.
fn spans<'l>(
    log: &'l Log,
    count: impl Fn(&SessionState) -> u64 + 'l,
    least: impl Fn(&LoggedTurn) -> u64 + 'l,
) -> impl Iterator<Item = Span<'l>> {
    log.turns().filter_map(move |turn| {
        let state = state_of(turn)?;
        let next = log.of_process(&turn.vm, turn.pid).find(|later| later.id > turn.id);
        let from = count(state);
        let to = next.and_then(state_of).map_or_else(|| from + least(turn), &count);
        Some(Span { session: &state.session, turn: turn.id, from, to })
    })
}

fn state_of(turn: &LoggedTurn) -> Option<&SessionState> {
    let state: &SessionState = turn.snapshot.as_ref()?.downcast_ref()?;
    (!state.session.is_empty()).then_some(state)
}

/// How many operations went out in a turn.
fn said_in(turn: &LoggedTurn) -> u64 {
    turn.produced.iter().filter(|produced| produced.action.to_string().contains("ToLine.Say(")).count() as u64
}

/// How many operations were heard in a turn, at least: those that were delivered.
fn heard_in(turn: &LoggedTurn) -> u64 {
    let is_delivery = |action: &Performed| matches!(action, Performed::SendTo(..));
    match &turn.heard {
        Heard::Message(..) => {
            turn.produced.iter().filter(|produced| is_delivery(&produced.action)).count() as u64
        }
        _ => 0,
    }
}
