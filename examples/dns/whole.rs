//! Asks again by TCP (RFC 7766), of the same upstream, for an answer that was cut off to fit into a
//! datagram.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpPacket};
use marketplace_drivers::timer;
use marketplace_drivers::udp::UdpAddress;

use super::message::{Known, framed, numbered, take_frame};
use super::resolver::{Resolver, stop};

impl Resolver {
    /// Asks for all of an answer. If that does not succeed, what came must do.
    pub(crate) fn ask_whole(mut self, cut: Known) -> Transition<Self> {
        let UdpAddress::Remote(host, port) = self.upstream() else { return self.learn(cut) };
        self.cut = Some(cut);
        self.heard.clear();
        let (us, upstream) = (TcpAddress::Handle(Fresh::new().to_value()), TcpAddress::Remote(host, port));
        let query = framed(&numbered(&self.question, self.id));
        let asking = publisher!(
            TcpChannel(us, upstream, _),
            on_presence!(send_message!(TcpChannel(us, upstream, TcpPacket::Data(query)))),
        );
        let hearing = subscriber!(
            TcpChannel(upstream, us, _),
            match_state!(resolver: Self => on_absence!(resolver.make_do())),
            match_state!(resolver: Self => on_message!(
                TcpChannel(_, _, TcpPacket::Data(bytes)) => resolver.on_bytes(&bytes),
                TcpChannel(_, _, TcpPacket::Eof) => resolver.make_do(),
            )),
        );
        let (tries, patience) = (self.tries, self.patience());
        transition!(
            self,
            name_endpoint("hear whole", hearing),
            name_endpoint("ask whole", asking),
            name_endpoint("wait", timer::after(patience, Self::make_do)),
            stop(tries),
        )
    }

    fn on_bytes(mut self, bytes: &[u8]) -> Transition<Self> {
        self.heard.extend_from_slice(bytes);
        while let Some(frame) = take_frame(&mut self.heard) {
            if let Some(known) = Known::read(&frame, self.id, &self.question) {
                self.say_answered();
                return self.learn(known);
            }
        }
        transition!(self)
    }

    fn make_do(mut self) -> Transition<Self> {
        match self.cut.take() {
            Some(cut) => self.learn(cut),
            None => transition!(self),
        }
    }
}
