//! A connection that is a stream of bytes, as an outer half.

mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Source, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Sleep, sleep};

use crate::netlayer::stream::reader::{Read, Reader};
use crate::netlayer::stream::writer::Writer;
use crate::netlayer::{FromLine, Known, ToLine, seed};

/// How long the peer has, after our direction has ended, to end its own.
const LINGER: Duration = Duration::from_secs(2);

/// A stream to a peer.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// The source of a connection that stands.
pub(super) fn connected(stream: impl Stream, known: Known) -> Source {
    Source::outer(Line::new(stream, Some(known)))
}

/// The source of a connection that is still to be made.
pub(super) fn connecting<T: Stream>(
    connecting: impl Future<Output = Result<(T, Known), Failure>> + Send + 'static,
) -> Source {
    Source::outer(Half::Connecting(Box::pin(connecting)))
}

type Connecting<T> = dyn Future<Output = Result<(T, Known), Failure>> + Send;

enum Half<T> {
    Connecting(Pin<Box<Connecting<T>>>),
    Connected(Line<T>),
}

impl<T: Stream> OuterHalf for Half<T> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if let Self::Connecting(connecting) = self {
            match ready!(connecting.as_mut().poll(cx)) {
                Ok((stream, known)) => *self = Self::Connected(Line::new(stream, Some(known))),
                Err(failure) => return Poll::Ready(Some(Err(failure))),
            }
        }
        match self {
            Self::Connected(line) => line.poll_next(cx),
            Self::Connecting(_) => Poll::Pending,
        }
    }

    /// Nothing is said before the connection stands.
    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        match self {
            Self::Connected(line) => line.give(said, cx),
            Self::Connecting(_) => Ok(()),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match self {
            Self::Connected(line) => line.poll_flush(cx),
            Self::Connecting(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match self {
            Self::Connected(line) => line.poll_close(cx),
            Self::Connecting(_) => Poll::Ready(Ok(())),
        }
    }
}

/// A connection that stands.
struct Line<T> {
    stream: T,
    reader: Reader,
    writer: Writer,
    /// It was said that it stands.
    announced: bool,
    /// The things that are known of the peer, until they were said.
    known: Option<Known>,
    /// It was said that too much waits.
    congested: bool,
    /// It was said that the peer says nothing more.
    ended: bool,
    /// The peer's time to end its direction.
    linger: Option<Pin<Box<Sleep>>>,
}

impl<T: Stream> Line<T> {
    fn new(stream: T, known: Option<Known>) -> Self {
        Self {
            stream,
            reader: Reader::new(),
            writer: Writer::default(),
            announced: false,
            known,
            congested: false,
            ended: false,
            linger: None,
        }
    }

    /// Reads and forgets what the peer still says, until it ends or its time is over. A connection
    /// that is closed over unread bytes is reset, and what was written last might not arrive.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // First: a peer that says something for ever uses up the time that tokio lends to the task,
        // and then no sleep is over.
        let linger = self.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if linger.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        while matches!(ready!(self.reader.poll(&mut self.stream, cx)), Ok(Read::Bytes(_))) {}
        Poll::Ready(())
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<FromLine, Failure>>> {
        if !std::mem::replace(&mut self.announced, true) {
            return Poll::Ready(Some(seed::fresh().map(FromLine::Connected)));
        }
        if let Some(known) = self.known.take() {
            return Poll::Ready(Some(Ok(FromLine::Known(known))));
        }
        if self.writer.is_closing() {
            // The flush says when everything is written.
            if !self.writer.is_shut() {
                return Poll::Pending;
            }
            ready!(self.poll_linger(cx));
            return Poll::Ready(None);
        }
        if self.congested != self.writer.is_congested(self.congested) {
            self.congested = !self.congested;
            return Poll::Ready(Some(Ok(FromLine::Congested(self.congested))));
        }
        if self.ended {
            return Poll::Pending;
        }
        let read = ready!(self.reader.poll(&mut self.stream, cx));
        Poll::Ready(Some(read.map_err(Failure::from).map(|read| match read {
            Read::Bytes(bytes) => FromLine::Heard(bytes),
            Read::End => {
                self.ended = true;
                FromLine::Ended
            }
        })))
    }
}

impl<T: Stream> OuterHalf for Line<T> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| item.map(|item| item.map(Message::into_value)))
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        match ToLine::from_value(&said) {
            Some(ToLine::Say(bytes)) => self.writer.push(bytes)?,
            Some(ToLine::Close) => self.writer.close(),
            None => {}
        }
        if self.congested != self.writer.is_congested(self.congested) {
            cx.waker().wake_by_ref();
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let was_shut = self.writer.is_shut();
        let flushed = self.writer.poll(&mut self.stream, cx);
        if was_shut != self.writer.is_shut() || self.congested != self.writer.is_congested(self.congested) {
            // There is something to tell.
            cx.waker().wake_by_ref();
        }
        flushed
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.writer.close();
        ready!(self.writer.poll(&mut self.stream, cx))?;
        if !self.ended {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
