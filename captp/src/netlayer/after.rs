//! One item, when some time has passed. In a sim, the sim's time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::sim::StandIn;
use marketplace::{Failure, Source, Value};
use tokio::time::{Sleep, sleep};

/// A source of one item, `()`, so long after it was turned on.
pub(super) fn source(time: Duration) -> Source {
    Source::outer(After { time, waits: Waits::Not })
}

struct After {
    time: Duration,
    waits: Waits,
}

enum Waits {
    Not,
    For(Pin<Box<Sleep>>),
    Over,
}

impl OuterHalf for After {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if matches!(self.waits, Waits::Not) {
            self.waits = Waits::For(Box::pin(sleep(self.time)));
        }
        let Waits::For(sleep) = &mut self.waits else { return Poll::Ready(None) };
        ready!(sleep.as_mut().poll(cx));
        self.waits = Waits::Over;
        Poll::Ready(Some(Ok(Value::UNIT)))
    }

    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        Some(Box::new(Virtual { time: self.time, due: None }))
    }
}

struct Virtual {
    time: Duration,
    due: Option<Duration>,
}

impl StandIn for Virtual {
    fn started(&mut self, now: Duration) {
        self.due = Some(now.saturating_add(self.time));
    }

    fn due(&self) -> Option<Duration> {
        self.due
    }

    fn item(&mut self, _: Duration) -> Value {
        self.due = None;
        Value::UNIT
    }
}

#[cfg(test)]
mod tests {
    use marketplace::prelude::*;
    use marketplace::sim::Sim;
    use marketplace::{Ground, ground};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn waits(source: Source) -> Transition<()> {
        transition_no_state!(at_meta_level!(once(subscriber!(
            Ground::<Value>(source, _),
            on_message!(_ => send_message!("over")),
        ))))
    }

    #[test]
    fn in_a_sim_it_counts_from_when_it_is_turned_on() {
        let mut sim = Sim::new(|_| transition_no_state!());
        sim.advance(5 * SECOND);
        sim.spawn(spawn!(waits(source(SECOND))));
        sim.advance(SECOND - Duration::from_millis(1));
        assert_eq!(sim.messages_of::<Text>(), [""; 0]);
        sim.advance(Duration::from_millis(1));
        assert_eq!(sim.messages_of::<Text>(), ["over"]);
        sim.advance(5 * SECOND);
        assert_eq!(sim.messages_of::<Text>(), ["over"]);
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_program_it_is_over_after_that_time() {
        let began = tokio::time::Instant::now();
        let ended = ground::run(|_| waits(source(SECOND)), std::future::pending()).await;
        assert!(ended.is_ok(), "the source has ended, and nobody listens any more");
        assert_eq!(began.elapsed(), SECOND);
    }
}
