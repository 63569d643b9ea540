//! Outgoing connections, before they stand.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use marketplace::ground::Stream;
use marketplace::{Failure, Message, Text, Value};
use tokio::net::{TcpStream, lookup_host};

use crate::tcp::halves::FromSocket;
use crate::tcp::messages::TcpFailure;
use crate::tcp::sockets::gate::Gate;
use crate::tcp::sockets::reader::Reader;
use crate::tcp::sockets::{Options, prepared};

/// Connects, says so, and reads.
pub(super) enum Connecting {
    Connecting(Pin<Box<dyn Future<Output = Result<TcpStream, TcpFailure>> + Send>>, Arc<Gate>, Options),
    Connected(Reader),
}

impl Connecting {
    pub(super) fn new(host: &Text, port: u16, gate: Arc<Gate>, options: Options) -> Self {
        Self::Connecting(Box::pin(connect(host.clone(), port)), gate, options)
    }
}

impl Stream for Connecting {
    type Item = Result<Value, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut *self {
            Self::Connected(reader) => Pin::new(reader).poll_next(cx),
            Self::Connecting(connecting, gate, options) => match ready!(connecting.as_mut().poll(cx)) {
                Err(failure) => Poll::Ready(Some(Err(Failure::value(&failure)))),
                Ok(socket) => {
                    let (read, write) = prepared(socket).into_split();
                    gate.connect(write);
                    let reader = options.reader(read, gate.clone(), None);
                    *self = Self::Connected(reader);
                    Poll::Ready(Some(Ok(FromSocket::Connected.to_value())))
                }
            },
        }
    }
}

/// Tries each address that the host has.
async fn connect(host: Text, port: u16) -> Result<TcpStream, TcpFailure> {
    let unresolved = |error: &dyn std::fmt::Display| TcpFailure {
        kind: "Unresolved".into(),
        text: format!("{host}: {error}").into(),
    };
    let addresses = lookup_host((host.as_str(), port)).await.map_err(|error| unresolved(&error))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(socket) => return Ok(socket),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || unresolved(&"no address"),
        |error: io::Error| TcpFailure::to(format_args!("connect to {host}:{port}"), &error),
    ))
}
