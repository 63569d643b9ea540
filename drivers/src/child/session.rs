//! The process of a child.

use marketplace::prelude::*;
use marketplace::{Event, Ground, Outcome, Source, Turn};

use crate::child::halves::{CLOSED, FromChild, ToChild, Wants};
use crate::child::messages::{ChildFailure, ChildInput, ChildOutput, ChildStream, ChildWritten, Command};

/// The name of the endpoint that hears what is for the child.
const INPUT: &str = "input";

/// The participants of the conversation.
struct Session {
    source: Source,
    /// Participants that send to the child.
    writers: usize,
    /// Participants that hear its standard output, and its standard error stream.
    readers: usize,
    error_readers: usize,
}

pub(super) fn spawn<S>(command: &Command, source: &Source) -> Spawn<S> {
    let session = Session { source: source.clone(), writers: 0, readers: 0, error_readers: 0 };
    // The source is on first: no news for it about participants may be lost.
    let endpoints = actions![child(command, source), who_is_there(command)];
    name_process(Symbol::new("child"), spawn!(transition!(session, endpoints)))
}

/// The endpoint, one level out, that hears the outer half.
fn child(command: &Command, source: &Source) -> ActionTree<Session> {
    let command = command.clone();
    at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(
            Ground(_, FromChild::Said(stream, packet)) => send_message!(ChildOutput(command, stream, packet)),
            Ground(_, FromChild::Written(bytes)) => send_feedback!(ChildWritten(command, bytes)),
            Ground(_, FromChild::Closed) =>
                delete_endpoint(INPUT).because(Reason::Value(Symbol::from_label(&CLOSED).into())),
            Ground(_, FromChild::Started { hears }) =>
                actions![publisher!(ChildOutput(command, _, _)), hears.then(|| input(&command))],
        ),
        match_reason!(
            why: ChildFailure => on_absence!((
                refuse(topic!(ChildOutput(command, _, _)), &why),
                quit().because(why),
            )),
        ),
        match_reason!(why: Reason => on_absence!(quit().because(why))),
    ))
}

/// The endpoint that hears packets for the child.
fn input(command: &Command) -> AddEndpoint<Session> {
    name_endpoint(
        INPUT,
        subscriber!(
            ChildInput(command, _),
            match_state!(session: &Session => on_message!(
                ChildInput(_, packet) => session.tell_child(&ToChild::Say(packet)),
            )),
            // A process refuses others' messages: no publisher has gone.
            on_refusal!(),
        ),
    )
}

/// Observers of the participants, whether the child runs already or not.
fn who_is_there(command: &Command) -> ActionTree<Session> {
    let output = |stream| topic!(ChildOutput(command, stream, _));
    actions![
        look(Role::observer_of_publishers(topic!(ChildInput(command, _))), |session| &mut session.writers),
        look(Role::observer_of_subscribers(output(ChildStream::Stdout)), |session| { &mut session.readers }),
        look(Role::observer_of_subscribers(output(ChildStream::Stderr)), |session| {
            &mut session.error_readers
        }),
    ]
}

fn look(role: Role, count: fn(&mut Session) -> &mut usize) -> AddEndpoint<Session> {
    AddEndpoint::new(role, move |event, turn| counted(event, turn, count)).without_messages()
}

/// Counts one more, or one less. The outer half is told if that changes the set of wanted streams.
fn counted(
    event: &Event<'_>,
    turn: &mut Turn<'_, Session>,
    count: fn(&mut Session) -> &mut usize,
) -> Outcome<Session> {
    let comes = event.is_presence();
    if !comes && (!event.is_absence() || event.is_refusal()) {
        return turn.act(());
    }
    turn.transition(|mut session: Session| {
        let before = session.wants();
        let count = count(&mut session);
        *count = if comes { *count + 1 } else { count.saturating_sub(1) };
        let now = session.wants();
        let tell = (now != before).then(|| session.tell_child(&ToChild::Wanted(now)));
        transition!(session, tell)
    })
}

impl Session {
    const fn wants(&self) -> Wants {
        Wants { stdin: self.writers > 0, stdout: self.readers > 0, stderr: self.error_readers > 0 }
    }

    fn tell_child(&self, what: &ToChild) -> ActionTree<Self> {
        let source = &self.source;
        at_meta_level!(send_feedback!(Ground(source, what)))
    }
}
