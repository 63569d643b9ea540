//! The clock half: one sleep of tokio, until the next timer.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use marketplace::ground::{Sink, Stream};
use marketplace::{Message, Source, Value};
use tokio::time::{Instant, Sleep, sleep};

use crate::timer::halves::{Ask, Clock, Time};

/// The longest sleep. After it, the time is looked at again.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The clock of a program: it starts when it is made.
pub(super) struct Monotonic(Instant);

impl Monotonic {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Monotonic {
    fn source(&self) -> Source {
        let asked = Arc::new(Asked::default());
        Source::duplex(Times { start: self.0, asked: asked.clone(), sleep: None }, Asks(asked))
    }
}

/// What the sink was told and the stream has not answered.
#[derive(Default)]
struct Asked {
    ask: Mutex<Option<Ask>>,
    stream: AtomicWaker,
}

impl Asked {
    fn ask(&self) -> MutexGuard<'_, Option<Ask>> {
        self.ask.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Times {
    start: Instant,
    asked: Arc<Asked>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Stream for Times {
    type Item = Result<Time, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.asked.stream.register(cx.waker());
        loop {
            let Some(ask) = *self.asked.ask() else { return Poll::Pending };
            // In 584 years this stands still.
            let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            if ask.at <= now {
                *self.asked.ask() = None;
                return Poll::Ready(Some(Ok(Time { now, set: ask.set })));
            }
            let pause = Duration::from_nanos(ask.at - now).min(LONGEST);
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(pause)));
            sleep.as_mut().reset(Instant::now() + pause);
            ready!(sleep.as_mut().poll(cx));
        }
    }
}

struct Asks(Arc<Asked>);

impl Sink<Value> for Asks {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, said: Value) -> Result<(), Infallible> {
        if let Some(ask) = Ask::from_value(&said) {
            *self.0.ask() = Some(ask);
            self.0.stream.wake();
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}
