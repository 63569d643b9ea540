//! The listener.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::{OuterHalf, SocketFile};
use marketplace::{Failure, Message, Source, Value};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Sleep, sleep};

use crate::netlayer::unix::{as_failure, known};
use crate::netlayer::{FromListener, stream};

/// How long accepting pauses after an error, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A source that listens at this path, if it is one.
pub(super) fn source(path: PathBuf, is_path: bool) -> Source {
    Source::outer(listening(path, is_path))
}

pub(super) const fn listening(path: PathBuf, is_path: bool) -> Listening {
    Listening { path, is_path, listener: None, paused: None }
}

pub(super) struct Listening {
    path: PathBuf,
    is_path: bool,
    listener: Option<Bound>,
    paused: Option<Pin<Box<Sleep>>>,
}

/// A socket, whose file is taken away when nobody listens any more.
struct Bound {
    /// Dropped before the listener.
    _file: SocketFile,
    listener: UnixListener,
}

impl Listening {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<FromListener, Failure>> {
        let Some(bound) = &self.listener else {
            return Poll::Ready(
                self.listen().map_err(|error| {
                    as_failure(format!("cannot listen at {}: {error}", self.path.display()))
                }),
            );
        };
        loop {
            if let Some(paused) = &mut self.paused {
                ready!(paused.as_mut().poll(cx));
                self.paused = None;
            }
            let accepted = ready!(bound.listener.poll_accept(cx)).and_then(|(stream, _)| line(stream));
            match accepted {
                Ok(line) => return Poll::Ready(Ok(FromListener::Accepted { line })),
                // The peer was gone before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, pause = ?PAUSE, "accepting pauses");
                    self.paused = Some(Box::pin(sleep(PAUSE)));
                }
            }
        }
    }

    fn listen(&mut self) -> io::Result<FromListener> {
        let path = self.path.to_str().filter(|_| self.is_path);
        let path = path.ok_or_else(|| io::Error::other("that is no name of a socket"))?.to_string();
        self.listener = Some(bind(&self.path)?);
        Ok(FromListener::Listening { hints: vec![("path".to_string(), path)] })
    }
}

fn line(stream: UnixStream) -> io::Result<Source> {
    let known = known(&stream)?;
    Ok(stream::connected(stream, known))
}

/// A socket that a program has left behind when it was killed is made anew.
fn bind(path: &Path) -> io::Result<Bound> {
    let (file, listener) = SocketFile::bind(path, None)?;
    Ok(Bound { _file: file, listener: UnixListener::from_std(listener)? })
}

impl OuterHalf for Listening {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.poll_item(cx).map(|item| Some(item.map(Message::into_value)))
    }
}
