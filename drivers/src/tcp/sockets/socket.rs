//! A connection that stands: both directions, in one task.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Reason, Value};
use tokio::net::TcpStream;

use crate::tcp::halves::{FromSocket, ToSocket, symbol};
use crate::tcp::messages::TcpPacket;
use crate::tcp::sockets::Options;
use crate::tcp::sockets::patience::{Look, Patience};
use crate::tcp::sockets::places::Place;
use crate::tcp::sockets::reader::Reader;
use crate::tcp::sockets::writer::Writer;

/// Reading stops while more bytes than this wait to be written.
pub(super) const CONGESTED: usize = 64 * 1024;

/// Gives packets, and acknowledgements of written bytes; takes packets and the other messages of
/// the process half. It ends when both directions have.
// It begins with a cache line and has four (if tokio is built with few features): a packet touches
// each of them.
#[repr(align(64))]
pub(super) struct Socket {
    stream: TcpStream,
    reader: Reader,
    writer: Writer,
    patience: Patience,
    /// A participant has the connection.
    taken: bool,
    /// Nothing could be read until now: the time in which the peer keeps the connection waiting
    /// begins now.
    waits_anew: bool,
    /// The next item is here, and will be given at once. Until then, packets to be written may be
    /// held back.
    more: bool,
    /// Nothing more is to be heard now, and the waker is registered for the time when there is.
    waiting: bool,
    _place: Option<Place>,
}

impl Socket {
    /// A connection that a participant has to take in this time, if one is given.
    pub(super) fn new(stream: TcpStream, options: &Options, take_up: Option<Duration>) -> Self {
        // Bytes that are written go out at once. (If the socket is broken already, its use will
        // tell.)
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            reader: Reader::new(options.line_limit),
            writer: Writer::new(options.write_limit, options.acknowledge_every),
            patience: Patience::new(take_up, options.idle),
            taken: false,
            waits_anew: false,
            more: false,
            waiting: false,
            _place: None,
        }
    }

    /// The socket with its place at a listener that has only so many.
    pub(super) fn at(mut self, place: Place) -> Self {
        self._place = Some(place);
        self
    }

    fn may_read(&self) -> bool {
        self.reader.is_wanted() && self.writer.waiting() <= CONGESTED
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if let Some(bytes) = self.writer.acknowledge() {
            return Poll::Ready(Some(Ok(FromSocket::Written(bytes).to_value())));
        }
        if self.reader.has_ended() {
            return if self.writer.is_shut() { Poll::Ready(None) } else { Poll::Pending };
        }
        let packet = if self.may_read() {
            ready!(self.reader.poll_packet(&mut self.stream, cx))
        } else {
            Err(ready!(self.reader.poll_broken(&self.stream, cx)).into())
        };
        Poll::Ready(Some(packet.map(TcpPacket::make_value)))
    }

    /// Whether polling again would find nothing, and the waker is registered for everything that
    /// polling would wait for. Asking this costs a third of polling.
    fn waits(&mut self, cx: &mut Context<'_>) -> bool {
        let is_all_done = self.may_read() && !self.writer.holds_back() && self.patience.is_set();
        is_all_done && self.reader.waits(&self.stream, cx)
    }

    /// Ready when it is time to give up.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Failure> {
        let may_read = self.may_read();
        let Self { reader, writer, patience, taken, waits_anew, .. } = self;
        let why = ready!(patience.poll(cx, || {
            if !*taken {
                return Look::Untaken;
            }
            let progress = writer.take_progress() | reader.take_progress() | std::mem::take(waits_anew);
            let waits = writer.waiting() > 0 || (may_read && !reader.is_at_end());
            if waits && !progress { Look::Quiet } else { Look::Busy }
        }));
        Poll::Ready(Failure(Reason::Value(symbol(why))))
    }

    fn hear(&mut self, told: ToSocket) {
        let could = self.may_read();
        match told {
            ToSocket::Read => self.reader.want(true),
            ToSocket::Rest => self.reader.want(false),
            ToSocket::Credit(more) => self.reader.extend(more),
            ToSocket::Mode(mode) => self.reader.switch(mode),
        }
        self.taken |= matches!(told, ToSocket::Read | ToSocket::Rest);
        self.waits_anew |= !could && self.may_read();
    }

    #[cfg(test)]
    pub(super) fn parts(&mut self) -> (&mut Reader, &mut Writer) {
        (&mut self.reader, &mut self.writer)
    }
}

impl OuterHalf for Socket {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let next = self.poll_item(cx);
        // If the beginning of another line is here, the next item may come without waiting for the
        // peer.
        let has_given = matches!(next, Poll::Ready(Some(Ok(_))));
        self.more = has_given && self.reader.has_begun_a_line();
        self.waiting = has_given && self.waits(cx);
        if next.is_pending() {
            if let Poll::Ready(Err(error)) = self.writer.poll_held(&mut self.stream, cx) {
                return Poll::Ready(Some(Err(error.into())));
            }
            if let Poll::Ready(why) = self.poll_patience(cx) {
                return Poll::Ready(Some(Err(why)));
            }
        }
        next
    }

    fn is_waiting(&self) -> bool {
        self.waiting
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        let said = match TcpPacket::take_data(said) {
            Ok(bytes) => return self.writer.push(bytes, &mut self.stream, cx),
            Err(said) => said,
        };
        match TcpPacket::from_value(&said) {
            Some(TcpPacket::Data(bytes)) => self.writer.push(bytes, &mut self.stream, cx)?,
            Some(TcpPacket::Eof) => self.writer.finish(),
            // It stands for bytes that are gone: there are none to write.
            Some(TcpPacket::Skipped(_)) => {}
            None => {
                if let Some(told) = ToSocket::from_value(&said) {
                    self.hear(told);
                    // The amount that may be read has changed.
                    cx.waker().wake_by_ref();
                }
            }
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.writer.poll_flush(self.more, &mut self.stream, cx).map_err(Failure::from)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.writer.finish();
        ready!(self.writer.poll_write(&mut self.stream, cx))?;
        if !self.writer.is_lost() {
            ignore_rest(&self.stream);
        }
        Poll::Ready(Ok(()))
    }
}

/// Throws away bytes that have come and that nobody reads. Closing the socket over them would reset
/// the connection, and written bytes might not arrive.
fn ignore_rest(stream: &TcpStream) {
    let mut rest = [0; 4096];
    for _ in 0..64 {
        match stream.try_read(&mut rest) {
            Ok(1..) => {}
            Ok(0) | Err(_) => break,
        }
    }
}
