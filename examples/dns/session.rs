//! A client on a TCP connection (RFC 7766): it may ask much before anything is answered, and hears
//! answers in the order in which they come.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use marketplace::prelude::*;
use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpFeedback, TcpPacket, TcpSignal};

use super::message::{Query, Rejected, Via, framed, take_frame};
use super::resolver::Config;
use super::{Waiting, client};

/// So many queries of a connection may wait for an answer. Until one has it, nothing more is read.
const PIPELINED: usize = 100;

pub(crate) struct Session {
    config: Arc<Config>,
    client: TcpAddress,
    us: TcpAddress,
    /// The bytes that were read and are not taken yet.
    heard: BytesMut,
    waiting: usize,
    paused: bool,
    /// Nothing more will be asked.
    ended: bool,
}

pub(crate) fn session(client: TcpAddress, us: TcpAddress, config: Arc<Config>) -> Transition<Session> {
    let (from, to, who) = (client.clone(), us.clone(), client.to_value());
    transition!(
        Session { config, client, us, heard: BytesMut::new(), waiting: 0, paused: false, ended: false },
        observe_publishers!(
            Waiting(who),
            on_refusal!(),
            match_state!(session: Session => on_absence!(session.answered())),
        ),
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            match_state!(session: Session => on_message!(
                TcpChannel(_, _, TcpPacket::Data(bytes)) => session.hears(&bytes),
                TcpChannel(_, _, TcpPacket::Eof) => session.hears_the_end(),
            )),
        ),
    )
}

impl Session {
    fn hears(mut self, bytes: &[u8]) -> Transition<Self> {
        self.heard.extend_from_slice(bytes);
        self.take()
    }

    fn hears_the_end(mut self) -> Transition<Self> {
        self.ended = true;
        self.take()
    }

    fn answered(mut self) -> Transition<Self> {
        self.waiting -= 1;
        self.take()
    }

    /// Takes as many queries as may wait.
    fn take(mut self) -> Transition<Self> {
        let mut queries = Vec::new();
        while self.waiting < PIPELINED
            && let Some(frame) = take_frame(&mut self.heard)
        {
            queries.push(self.query(&frame));
        }
        let is_full = self.waiting == PIPELINED;
        let signal = (is_full != self.paused).then(|| {
            let signal = if is_full { TcpSignal::Pause } else { TcpSignal::Resume };
            send_feedback(&TcpFeedback(self.client.clone(), self.us.clone(), signal))
        });
        self.paused = is_full;
        let end = (self.ended && self.waiting == 0).then(quit);
        transition!(self, queries, signal, end)
    }

    fn query(&mut self, frame: &[u8]) -> ActionTree<Self> {
        let (from, to) = (self.client.clone(), self.us.clone());
        let who = from.to_value();
        match Query::read(frame, Via::Tcp) {
            Ok(query) => {
                self.config.say(format_args!("query by TCP from {from}: {query}"));
                self.waiting += 1;
                actions![spawn!(client(who, query, move |answer| say(&to, &from, &answer)))]
            }
            Err(Rejected::With(error)) => actions![say(&to, &from, &error)],
            Err(Rejected::Ignored) => actions![],
        }
    }
}

fn say<S>(us: &TcpAddress, client: &TcpAddress, message: &Bytes) -> PreAction<S> {
    send_message(&TcpChannel(us.clone(), client.clone(), framed(message).into()))
}
