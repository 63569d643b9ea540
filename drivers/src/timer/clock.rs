//! The clock half: one sleep of tokio, until the next timer. In a sim, the sim's time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::sim::StandIn;
use marketplace::{Failure, Message, Source, Value};
use tokio::time::{Instant, Sleep, sleep};

use crate::timer::halves::{Ask, Clock, Time};

/// The longest sleep. After it, the clock looks at the time again.
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
        Source::outer(Times { start: self.0, asked: None, sleep: None })
    }
}

/// Tells the time when it was asked to.
struct Times {
    start: Instant,
    /// The request that it has not answered yet.
    asked: Option<Ask>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl OuterHalf for Times {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        loop {
            let Some(ask) = self.asked else { return Poll::Pending };
            // In 584 years this stands still.
            let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            if ask.at <= now {
                self.asked = None;
                return Poll::Ready(Some(Ok(Time { now, set: ask.set }.to_value())));
            }
            let pause = Duration::from_nanos(ask.at - now).min(LONGEST);
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(pause)));
            sleep.as_mut().reset(Instant::now() + pause);
            ready!(sleep.as_mut().poll(cx));
        }
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        if let Some(ask) = Ask::from_value(&said) {
            self.asked = Some(ask);
            cx.waker().wake_by_ref();
        }
        Ok(())
    }

    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        Some(Box::new(Virtual(None)))
    }
}

/// The clock of a sim, which shows how much time has passed in there. It has the request that it
/// has not answered yet.
struct Virtual(Option<Ask>);

impl StandIn for Virtual {
    fn due(&self) -> Option<Duration> {
        self.0.map(|ask| Duration::from_nanos(ask.at))
    }

    fn item(&mut self, now: Duration) -> Value {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        Time { now, set: self.0.take().map_or(0, |ask| ask.set) }.to_value()
    }

    fn give(&mut self, said: &Value, _: Duration) {
        self.0 = Ask::from_value(said).or(self.0);
    }
}
