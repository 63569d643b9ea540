//! The direction in.

use std::io;
use std::mem::{self, MaybeUninit};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{BufMut, BytesMut};
use marketplace::{Failure, Reason};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::net::TcpStream;

use crate::lines::{Lines, TooLong};
use crate::tcp::halves::{LINE_TOO_LONG, symbol};
use crate::tcp::messages::{TcpMode, TcpPacket};
use crate::tcp::sockets::little;

/// How much is read at once: little at first, more from a peer that has more to say.
const LEAST: usize = 4 * 1024;
const MOST: usize = 64 * 1024;

/// The credit that is no limit.
const UNLIMITED: u64 = u64::MAX;

/// Reads the peer's bytes, and gives them as packets.
pub(super) struct Reader {
    /// A participant wants packets.
    wanted: bool,
    /// How much more may be read, in bytes or in lines. [`UNLIMITED`] before the first credit.
    credit: u64,
    mode: TcpMode,
    /// The bytes that are read lie here, and packets are pieces of it. Only a reader of lines
    /// leaves any in it.
    buffer: BytesMut,
    /// How much is read next.
    at_once: usize,
    lines: Lines,
    /// The last read has taken all that had come.
    emptied: bool,
    /// The buffer is in room of its own since the last read that put something into it.
    moved: bool,
    /// The peer has ended its direction.
    at_end: bool,
    /// And that was told.
    told_end: bool,
    /// Bytes came since the last question.
    progress: bool,
    /// The peer was found to have sent something while nothing is read.
    peeked: bool,
}

impl Reader {
    /// A reader whose lines, in line mode, have at most so many bytes.
    pub(super) fn new(line_limit: usize) -> Self {
        Self {
            wanted: false,
            credit: UNLIMITED,
            mode: TcpMode::Bytes,
            buffer: BytesMut::new(),
            at_once: LEAST,
            lines: Lines::new(line_limit),
            emptied: false,
            moved: false,
            at_end: false,
            told_end: false,
            progress: false,
            peeked: false,
        }
    }

    /// Notes whether a participant wants packets.
    pub(super) const fn want(&mut self, wanted: bool) {
        self.wanted = wanted;
    }

    /// Adds credit. The first credit takes the place of no limit.
    pub(super) fn extend(&mut self, more: u64) {
        let credit = if self.credit == UNLIMITED { 0 } else { self.credit };
        self.credit = credit.saturating_add(more).min(UNLIMITED - 1);
    }

    /// Sets the kind of packet from now on.
    pub(super) const fn switch(&mut self, mode: TcpMode) {
        self.mode = mode;
    }

    /// Whether a participant wants packets, and gives credit for them.
    pub(super) const fn is_wanted(&self) -> bool {
        self.wanted && self.credit != 0
    }

    /// Whether the peer has ended its direction.
    pub(super) const fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Whether that was told.
    pub(super) const fn has_ended(&self) -> bool {
        self.told_end
    }

    /// Whether a line, or its beginning, is here.
    pub(super) fn has_begun_a_line(&self) -> bool {
        self.mode != TcpMode::Bytes && !self.buffer.is_empty()
    }

    /// Whether any bytes came since the last call.
    pub(super) const fn take_progress(&mut self) -> bool {
        mem::replace(&mut self.progress, false)
    }

    /// How many bytes are read that nobody has heard.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.buffer.len()
    }

    /// How many bytes fit into the buffer.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.buffer.capacity()
    }

    pub(super) fn poll_packet(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<TcpPacket, Failure>> {
        let packet = match self.mode {
            TcpMode::Lines | TcpMode::ShortLines => self.poll_line(stream, cx),
            TcpMode::Bytes => self.poll_bytes(stream, cx).map_err(Failure::from),
        };
        let Poll::Ready(packet) = packet else {
            self.give_up_room();
            return Poll::Pending;
        };
        let packet = packet?;
        let cost = match &packet {
            TcpPacket::Data(bytes) if self.mode == TcpMode::Bytes => bytes.len() as u64,
            TcpPacket::Data(_) | TcpPacket::Skipped(_) => 1,
            TcpPacket::Eof => {
                self.told_end = true;
                0
            }
        };
        if self.credit != UNLIMITED {
            self.credit = self.credit.saturating_sub(cost);
        }
        Poll::Ready(Ok(packet))
    }

    fn poll_bytes(&mut self, stream: &mut TcpStream, cx: &mut Context<'_>) -> Poll<io::Result<TcpPacket>> {
        // The beginning of a line is gone; its rest is bytes.
        let skipped = self.lines.forget();
        if skipped > 0 {
            return Poll::Ready(Ok(TcpPacket::Skipped(skipped)));
        }
        let credit = usize::try_from(self.credit).unwrap_or(usize::MAX);
        if self.buffer.is_empty() && !self.at_end {
            if self.at_once == LEAST {
                return self.poll_little(credit, stream, cx, |_, bytes| match bytes {
                    [] => TcpPacket::Eof,
                    bytes => TcpPacket::Data(little::copy(bytes)),
                });
            }
            ready!(self.poll_read(credit, stream, cx))?;
        }
        let len = self.buffer.len().min(credit);
        if len == 0 {
            return Poll::Ready(Ok(TcpPacket::Eof));
        }
        // A packet of its own shares its bytes with nothing that may come.
        let is_all = len == self.buffer.len() && self.at_once == LEAST;
        let packet = if is_all { mem::take(&mut self.buffer) } else { self.buffer.split_to(len) };
        Poll::Ready(Ok(TcpPacket::Data(packet.freeze())))
    }

    fn poll_line(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<TcpPacket, Failure>> {
        let too_long = || Poll::Ready(Err(Failure(Reason::Value(symbol(&LINE_TOO_LONG)))));
        let skips = self.mode == TcpMode::ShortLines;
        let mut has_read = false;
        loop {
            match self.lines.split(&mut self.buffer) {
                Ok(Some(line)) => return Poll::Ready(Ok(TcpPacket::Data(line))),
                Ok(None) => {}
                Err(TooLong) if !skips => return too_long(),
                Err(TooLong) => {
                    if let Some(len) = self.lines.skip(&mut self.buffer) {
                        return Poll::Ready(Ok(TcpPacket::Skipped(len)));
                    }
                    if has_read {
                        // However long the line is, other connections have their turn.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
            if self.at_end {
                return match self.lines.rest(&mut self.buffer) {
                    Ok(line) => Poll::Ready(Ok(line.map_or(TcpPacket::Eof, TcpPacket::Data))),
                    Err(TooLong) if !skips => too_long(),
                    Err(TooLong) => {
                        Poll::Ready(Ok(TcpPacket::Skipped(self.lines.skip_rest(&mut self.buffer))))
                    }
                };
            }
            ready!(self.poll_read(usize::MAX, stream, cx))?;
            has_read = true;
        }
    }

    /// Reads something into the buffer, but no more than this, or finds that nothing more will
    /// come.
    fn poll_read(
        &mut self,
        limit: usize,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at_once == LEAST {
            return self.poll_little(limit, stream, cx, |buffer, bytes| buffer.extend_from_slice(bytes));
        }
        if self.buffer.capacity() - self.buffer.len() < self.at_once / 4 {
            ready!(stream.poll_read_ready(cx))?;
            self.buffer.reserve(self.at_once);
        }
        let room = limit.min(self.buffer.capacity() - self.buffer.len());
        let read = ready!(pin!(stream.read_buf(&mut (&mut self.buffer).limit(room))).poll(cx))?;
        self.note_read(read, room);
        Poll::Ready(Ok(()))
    }

    /// Reads little, and hands it out. These bytes are to be copied: a copy takes little more
    /// memory than they need, in the reader and in a process that keeps them.
    fn poll_little<R>(
        &mut self,
        limit: usize,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
        take: impl FnOnce(&mut BytesMut, &[u8]) -> R,
    ) -> Poll<io::Result<R>> {
        let room = limit.min(LEAST);
        let mut bytes = [const { MaybeUninit::uninit() }; LEAST];
        let mut bytes = ReadBuf::uninit(&mut bytes[..room]);
        ready!(Pin::new(stream).poll_read(cx, &mut bytes))?;
        let taken = take(&mut self.buffer, bytes.filled());
        self.note_read(bytes.filled().len(), room);
        Poll::Ready(Ok(taken))
    }

    /// So many bytes were read, where there was room for so many.
    fn note_read(&mut self, read: usize, room: usize) {
        if read >= self.at_once {
            self.at_once = (self.at_once * 2).min(MOST);
        } else if read < self.at_once / 4 {
            self.at_once = (self.at_once / 2).max(LEAST);
        }
        self.emptied = read < room;
        // Bytes that are given as they are read have not come into it.
        self.moved &= self.buffer.is_empty();
        self.at_end = read == 0;
        self.progress = true;
        self.peeked = false;
    }

    /// Whether a packet would have to wait for the peer. If so, the waker is registered.
    pub(super) fn waits(&mut self, stream: &TcpStream, cx: &mut Context<'_>) -> bool {
        let has_none = self.emptied && !self.at_end && self.buffer.is_empty();
        let waits = has_none && stream.poll_read_ready(cx).is_pending();
        if waits {
            self.give_up_room();
        }
        waits
    }

    /// While it waits for the peer, it keeps no room for what may come. The beginning of a line
    /// moves into room of its own.
    fn give_up_room(&mut self) {
        if self.buffer.is_empty() && self.buffer.capacity() > 0 {
            self.buffer = BytesMut::new();
        } else if self.buffer.len() < LEAST && !self.moved {
            self.buffer = BytesMut::from(&self.buffer[..]);
            self.moved = true;
        }
    }

    /// Ready if the connection breaks while nothing is read. Bytes that the peer sends meanwhile
    /// stay in the kernel; once it has sent any, a break is found out only by reading.
    pub(super) fn poll_broken(&mut self, stream: &TcpStream, cx: &mut Context<'_>) -> Poll<io::Error> {
        if !self.peeked && !self.at_end {
            let mut first = [0];
            match ready!(stream.poll_peek(cx, &mut ReadBuf::new(&mut first))) {
                Ok(_) => self.peeked = true,
                Err(error) => return Poll::Ready(error),
            }
        }
        Poll::Pending
    }
}
