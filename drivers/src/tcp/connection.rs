//! The process of a connection: packets in, packets out, one turn each.

use marketplace::__private::{FEEDBACK, MESSAGE, Sharing, label_of, never, record, send};
use marketplace::prelude::*;
use marketplace::{Ground, Label, PreAction, Source};

use crate::tcp::halves::{FromSocket, ToSocket, symbol};
use crate::tcp::messages::{
    TcpAddress, TcpChannel, TcpFailure, TcpFeedback, TcpListening, TcpPacket, TcpSignal,
};

/// A [`TcpChannel`] whose parts nobody looks at.
#[derive(Message, Clone)]
#[message(label = TcpChannel)]
struct Channel(Value, Value, Value);

static LISTENER: Label = Label::new("listener");

/// The process of a connection that was accepted. It ends if its listener does before anybody takes
/// it.
pub(super) fn accepted<S>(remote: TcpAddress, listener: TcpAddress, source: Source) -> Spawn<S> {
    name_process(
        Symbol::new("tcp-connection"),
        spawn!(transition!(
            Session::new(source.clone(), [&remote, &listener]),
            conversation(&remote, &listener, &source),
            socket(&remote, &listener, &source),
            name_endpoint(
                symbol(&LISTENER),
                observe_publishers!(
                    TcpListening { listener: listener, local: _ },
                    on_refusal!(),
                    match_state!(session: &Session if !session.taken => on_absence!(quit()), on_vacancy!(quit())),
                ),
            ),
        )),
    )
}

/// The process of a connection that somebody wants.
pub(super) fn wanted<S>(remote: TcpAddress, handle: TcpAddress, source: Source) -> Spawn<S> {
    name_process(
        Symbol::new("tcp-connection"),
        spawn!(transition!(
            Session::new(source.clone(), [&remote, &handle]),
            socket(&remote, &handle, &source),
        )),
    )
}

/// The endpoint, one level out, that hears the socket half.
fn socket(remote: &TcpAddress, local: &TcpAddress, source: &Source) -> ActionTree<Session> {
    let (remote, local, source) = (remote.clone(), local.clone(), source.clone());
    let (from, to) = (remote.to_value(), local.to_value());
    at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(Ground::<Value>(_, said) => match from_socket(&said) {
            None => channel(&from, &to, said).into_action_tree(),
            Some(FromSocket::Written(bytes)) => {
                send_feedback!(TcpFeedback(local, remote, TcpSignal::Written(bytes))).into_action_tree()
            }
            Some(FromSocket::Connected) => conversation(&remote, &local, &source),
        }),
        match_reason!(
            why: TcpFailure => on_absence!((
                refuse(topic!(TcpChannel(remote, local, _)), &why),
                quit().because(why),
            )),
        ),
        match_reason!(reason: Reason => on_absence!(quit().because(reason))),
    ))
}

/// The two endpoints at which the connection takes part in its conversation: there once it stands.
fn conversation(remote: &TcpAddress, local: &TcpAddress, source: &Source) -> ActionTree<Session> {
    let (from, to, source) = (remote.to_value(), local.to_value(), source.clone());
    actions![
        publisher!(
            Channel(from, to, _),
            match_state!(session: Session =>
                on_message!(TcpFeedback(_, _, signal) => session.on_signal(signal)),
                on_presence!(session.on_reader()),
                on_absence!(session.on_reader_gone()),
            ),
        ),
        subscriber!(
            Channel(to, from, _),
            on_message!(Channel(_, _, packet) => to_socket(&source, packet).at_meta_level()),
            // A process refuses others' messages: no writer has gone.
            on_refusal!(),
            match_state!(session: Session =>
                on_presence!(session.on_writer()),
                on_absence!(session.on_writer_gone()),
            ),
        ),
    ]
}

/// A message of the socket half that is no packet.
fn from_socket(said: &Value) -> Option<FromSocket> {
    // Most of what it says is packets, which are known at a glance: 30 instructions less.
    if TcpPacket::is_data(said) { None } else { FromSocket::from_value(said) }
}

// The next two move the packet, which the forms would share with the message that has come: a round
// trip takes 150 instructions and four atomic operations less.

/// Says a packet of the peer.
fn channel(from: &Value, to: &Value, packet: Value) -> PreAction<Session> {
    let body = record(label_of::<Channel>(), [Value::UNIT, from.clone(), to.clone(), packet]);
    send(body, MESSAGE, never::<Session>)
}

/// Hands a packet to the socket half.
fn to_socket(source: &Source, packet: Value) -> PreAction<Session> {
    let body = record(label_of::<Ground<Value>>(), [Value::UNIT, source.to_value(), packet]);
    send(body, FEEDBACK, never::<Session>)
}

/// The participants on the other side of the conversation.
pub(super) struct Session {
    source: Source,
    /// Participants that hear packets from the peer.
    readers: usize,
    /// Participants that send packets to the peer.
    writers: usize,
    /// A participant asked that nothing be read for now.
    paused: bool,
    /// A participant has been there.
    taken: bool,
    /// The values of the addresses are shared with the participants, who make them for each packet.
    _sharing: [Sharing; 2],
}

impl Session {
    fn new(source: Source, addresses: [&TcpAddress; 2]) -> Self {
        let _sharing = addresses.map(Sharing::of);
        Self { source, readers: 0, writers: 0, paused: false, taken: false, _sharing }
    }

    fn on_reader(mut self) -> Transition<Self> {
        self.readers += 1;
        let read = (self.readers == 1 && !self.paused).then(|| self.tell(&ToSocket::Read));
        self.take().and(read)
    }

    fn on_reader_gone(mut self) -> Transition<Self> {
        self.readers -= 1;
        match (self.readers, self.writers) {
            (0, 0) => transition!(self, quit()),
            (0, _) => {
                let rest = self.tell(&ToSocket::Rest);
                transition!(self, rest)
            }
            _ => transition!(self),
        }
    }

    fn on_writer(mut self) -> Transition<Self> {
        self.writers += 1;
        let rest = (self.readers == 0 && !self.taken).then(|| self.tell(&ToSocket::Rest));
        self.take().and(rest)
    }

    /// When no publisher is left, this direction ends.
    fn on_writer_gone(mut self) -> Transition<Self> {
        self.writers -= 1;
        match (self.writers, self.readers) {
            (0, 0) => transition!(self, quit()),
            (0, _) => {
                let eof = self.tell(&TcpPacket::Eof);
                transition!(self, eof)
            }
            _ => transition!(self),
        }
    }

    fn on_signal(mut self, signal: TcpSignal) -> Transition<Self> {
        let was_paused = self.paused;
        match signal {
            TcpSignal::Pause => self.paused = true,
            TcpSignal::Resume => self.paused = false,
            // These are passed on before there is a reader, too: feedback that a process sends
            // before it subscribes holds from its first packet on.
            TcpSignal::Credit(more) => {
                let credit = self.tell(&ToSocket::Credit(more));
                return transition!(self, credit);
            }
            TcpSignal::Mode(mode) => {
                let mode = self.tell(&ToSocket::Mode(mode));
                return transition!(self, mode);
            }
            TcpSignal::Written(_) => {}
        }
        let told = if self.paused { ToSocket::Rest } else { ToSocket::Read };
        let tell = (self.paused != was_paused && self.readers > 0).then(|| self.tell(&told));
        transition!(self, tell)
    }

    /// From the first participant on, the connection does not depend on its listener.
    fn take(mut self) -> Transition<Self> {
        let first = !std::mem::replace(&mut self.taken, true);
        transition!(self, first.then(|| delete_endpoint(symbol(&LISTENER))))
    }

    fn tell(&self, what: &impl Message) -> ActionTree<Self> {
        at_meta_level(send_feedback(&Ground(self.source.clone(), what.to_value())))
    }
}
