//! Listeners, who can be dialled in a network.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::sim::StandIn;
use marketplace::{Failure, Message, Source, Text, Value};

use crate::netlayer::FromListener;
use crate::netlayer::memory::{Network, TRANSPORT, lock};

/// How many connections may wait to be accepted.
const BACKLOG: usize = 128;

/// Connections that wait to be accepted.
#[derive(Default)]
pub(super) struct Listener(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    lines: VecDeque<Source>,
    waker: Option<Waker>,
}

impl Listener {
    /// Adds one.
    ///
    /// # Errors
    /// If too many wait.
    pub(super) fn accept(&self, line: Source) -> Result<(), ()> {
        let mut waiting = lock(&self.0);
        if waiting.lines.len() == BACKLOG {
            return Err(());
        }
        waiting.lines.push_back(line);
        if let Some(waker) = waiting.waker.take() {
            waker.wake();
        }
        Ok(())
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Source> {
        let mut waiting = lock(&self.0);
        match waiting.lines.pop_front() {
            Some(line) => Poll::Ready(line),
            None => {
                waiting.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_ready(&self) -> bool {
        !lock(&self.0).lines.is_empty()
    }
}

/// A source that listens under this name.
pub(super) fn source(network: Network, name: String) -> Source {
    Source::outer(Listening { network, name, listener: None })
}

struct Listening {
    network: Network,
    name: String,
    listener: Option<Arc<Listener>>,
}

impl OuterHalf for Listening {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if let Some(listener) = &self.listener {
            return listener.poll(cx).map(|line| Some(Ok(FromListener::Accepted { line }.into_value())));
        }
        Poll::Ready(Some(match self.network.join(&self.name) {
            Ok(listener) => {
                self.listener = Some(listener);
                Ok(listening(&self.name))
            }
            Err(why) => Err(Failure::value(&Text::from(why))),
        }))
    }

    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        let listener = self.network.join(&self.name).ok()?;
        Some(Box::new(Virtual { name: Some(self.name.clone()), listener }))
    }
}

fn listening(name: &str) -> Value {
    FromListener::Listening { hints: vec![(TRANSPORT.to_string(), name.to_string())] }.into_value()
}

/// In a sim. The name is there until it was told that it listens.
struct Virtual {
    name: Option<String>,
    listener: Arc<Listener>,
}

impl StandIn for Virtual {
    fn due(&self) -> Option<Duration> {
        (self.name.is_some() || self.listener.is_ready()).then_some(Duration::ZERO)
    }

    fn item(&mut self, _: Duration) -> Value {
        if let Some(name) = self.name.take() {
            return listening(&name);
        }
        match self.listener.poll(&Context::from_waker(Waker::noop())) {
            Poll::Ready(line) => FromListener::Accepted { line }.into_value(),
            Poll::Pending => unreachable!("it was due"),
        }
    }
}
