//! The direction in.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use marketplace::ground::Stream;
use marketplace::{Failure, Message, Reason, Value};
use tokio::io::{AsyncReadExt, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;

use crate::lines::{Lines, TooLong};
use crate::tcp::halves::{FromSocket, LINE_TOO_LONG, symbol};
use crate::tcp::messages::TcpPacket;
use crate::tcp::sockets::gate::Gate;
use crate::tcp::sockets::patience::{Look, Patience};
use crate::tcp::sockets::places::Place;

/// How much is read at once: little at first, more from a peer that has more to say.
const LEAST: usize = 4 * 1024;
const MOST: usize = 64 * 1024;

/// Packets, and acknowledgements of what the writer wrote. Ends when both directions have.
pub(super) struct Reader {
    half: OwnedReadHalf,
    gate: Arc<Gate>,
    /// What is read lies here, and packets are pieces of it. Only a reader of lines leaves anything in it.
    buffer: BytesMut,
    at_once: usize,
    lines: Lines,
    /// The peer has said everything.
    at_end: bool,
    /// And that was told.
    told_end: bool,
    /// Something came since the last look at who keeps whom waiting.
    progress: bool,
    /// While nothing is read the peer was found to have said something.
    peeked: bool,
    patience: Patience,
    _place: Option<Place>,
}

impl Reader {
    pub(super) fn new(half: OwnedReadHalf, gate: Arc<Gate>, lines: Lines, patience: Patience) -> Self {
        Self {
            half,
            gate,
            buffer: BytesMut::new(),
            at_once: LEAST,
            lines,
            at_end: false,
            told_end: false,
            progress: false,
            peeked: false,
            patience,
            _place: None,
        }
    }

    /// The same, of a listener that has only so many places.
    pub(super) fn at(mut self, place: Place) -> Self {
        self._place = Some(place);
        self
    }

    /// How many bytes are read that nobody has heard.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.buffer.len()
    }
}

impl Stream for Reader {
    type Item = Result<Value, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.poll_item(cx);
        // A line that is here is said without waiting, and so is what its beginning turns out to be.
        let more =
            matches!(next, Poll::Ready(Some(Ok(_)))) && self.gate.is_in_lines() && !self.buffer.is_empty();
        self.gate.expect(more);
        if next.is_pending() {
            if self.gate.release() {
                cx.waker().wake_by_ref();
            }
            self.gate.register(cx);
            if let Poll::Ready(why) = self.poll_patience(cx) {
                return Poll::Ready(Some(Err(why)));
            }
        }
        next
    }
}

impl Reader {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if let Some(bytes) = self.gate.acknowledge() {
            return Poll::Ready(Some(Ok(FromSocket::Written(bytes).to_value())));
        }
        if self.told_end {
            return if self.gate.is_shut() { Poll::Ready(None) } else { Poll::Pending };
        }
        let packet = if self.gate.may_read() {
            ready!(self.poll_packet(cx))
        } else {
            Err(ready!(self.poll_broken(cx)).into())
        };
        Poll::Ready(Some(packet.map(|packet| packet.to_value())))
    }

    fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<TcpPacket, Failure>> {
        let packet = if self.gate.is_in_lines() {
            ready!(self.poll_line(cx))?.inspect(|_| self.gate.spend(1))
        } else {
            ready!(self.poll_bytes(cx))?.inspect(|bytes| self.gate.spend(bytes.len() as u64))
        };
        self.told_end = packet.is_none();
        Poll::Ready(Ok(packet.map_or(TcpPacket::Eof, TcpPacket::Data)))
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        let credit = usize::try_from(self.gate.credit()).unwrap_or(usize::MAX);
        if self.buffer.is_empty() && !self.at_end {
            ready!(self.poll_read(cx, credit))?;
        }
        self.lines.forget();
        let len = self.buffer.len().min(credit);
        Poll::Ready(Ok((len > 0).then(|| self.buffer.split_to(len).freeze())))
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Failure>> {
        let too_long = |TooLong| Failure(Reason::Value(symbol(&LINE_TOO_LONG)));
        loop {
            if let Some(line) = self.lines.split(&mut self.buffer).map_err(too_long)? {
                return Poll::Ready(Ok(Some(line)));
            }
            if self.at_end {
                return Poll::Ready(self.lines.rest(&mut self.buffer).map_err(too_long));
            }
            ready!(self.poll_read(cx, usize::MAX))?;
        }
    }

    /// Reads something into the buffer, but no more than this, or finds that nothing more will come.
    fn poll_read(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<io::Result<()>> {
        if self.buffer.capacity() - self.buffer.len() < self.at_once / 4 {
            // Nothing is kept for a connection that says nothing.
            ready!(self.half.as_ref().poll_read_ready(cx))?;
            self.buffer.reserve(self.at_once);
        }
        let room = self.buffer.capacity() - self.buffer.len();
        let mut buffer = (&mut self.buffer).limit(limit);
        let read = ready!(pin!(self.half.read_buf(&mut buffer)).poll(cx))?;
        if read == room {
            self.at_once = (self.at_once * 2).min(MOST);
        }
        self.at_end = read == 0;
        self.progress = true;
        self.peeked = false;
        Poll::Ready(Ok(()))
    }

    /// Ready if the connection breaks while nothing is read. What the peer says meanwhile stays in the kernel; once it has said anything, a
    /// break is found out only by reading.
    fn poll_broken(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if !self.peeked && !self.at_end {
            let mut first = [0];
            match ready!(self.half.as_ref().poll_peek(cx, &mut ReadBuf::new(&mut first))) {
                Ok(_) => self.peeked = true,
                Err(error) => return Poll::Ready(error),
            }
        }
        Poll::Pending
    }

    /// Ready when it is time to give up.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Failure> {
        let Self { gate, progress, at_end, patience, .. } = self;
        let why = ready!(patience.poll(cx, || {
            if !gate.is_taken() {
                return Look::Untaken;
            }
            let progress = gate.take_progress() | std::mem::take(progress);
            let waits = gate.waiting() > 0 || (gate.may_read() && !*at_end);
            if waits && !progress { Look::Quiet } else { Look::Busy }
        }));
        Poll::Ready(Failure(Reason::Value(symbol(why))))
    }
}
