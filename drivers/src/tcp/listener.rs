//! The process of a listener.

use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::open::say_while_open;
use crate::tcp::connection;
use crate::tcp::halves::FromListener;
use crate::tcp::messages::{TcpAddress, TcpChannel, TcpFailure, TcpListening};

pub(super) fn spawn<S>(listener: TcpAddress, source: Source) -> Spawn<S> {
    name_process(Symbol::new("tcp-listener"), spawn!(transition_no_state!(listen(listener, source))))
}

fn listen(listener: TcpAddress, source: Source) -> ActionTree<()> {
    at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(
            Ground(_, FromListener::Listening { local, closed }) =>
                say_while_open("tcp-listening", topic!(TcpListening { listener, local }), &closed),
            Ground(_, FromListener::Accepted { connection, remote }) =>
                connection::accepted(remote, listener.clone(), connection),
        ),
        match_reason!(
            why: TcpFailure => on_absence!((
                refuse(topic!(TcpListening { listener, local: _ }), &why),
                refuse(topic!(TcpChannel(_, listener, _)), &why),
                quit().because(why),
            )),
        ),
        match_reason!(reason: Reason => on_absence!(quit().because(reason))),
    ))
}
