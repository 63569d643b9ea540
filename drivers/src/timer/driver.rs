//! The driver's process: it hears which timers are wanted, and tells when one has expired.

use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::timer::halves::{Ask, Clock, TIMERS, Time};
use crate::timer::messages::{TimerExpired, When};
use crate::timer::schedule::{Schedule, Timer};

struct Driver {
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    /// The clock half, while any timer waits.
    running: Option<Running>,
}

struct Running {
    source: Source,
    is_on: bool,
    /// The time for which the clock half was asked.
    asked: Option<u64>,
}

pub(super) fn spawn<S>(clock: impl FnOnce() -> Arc<dyn Clock> + Send + 'static) -> Spawn<S> {
    name_process(Symbol::new("timer-driver"), spawn!(boot(clock()))).only(TIMERS)
}

fn boot(clock: Arc<dyn Clock>) -> Transition<Driver> {
    transition!(
        Driver { clock, schedule: Schedule::default(), running: None },
        publisher!(
            TimerExpired { .. },
            match_conversation!(TimerExpired { label, when, .. } => match_state!(driver: Driver =>
                on_presence!(driver.on_set(Timer { label, when })),
                on_absence!(driver.on_unset(&Timer { label, when })),
            )),
        ),
    )
}

/// The endpoint, one level out, that hears the clock half.
fn listen(source: &Source) -> ActionTree<Driver> {
    at_meta_level!(name_endpoint(
        source,
        subscriber!(
            Ground::<Time>(source, _),
            match_state!(driver: Driver if driver.listens_to(&source) =>
                on_presence!(driver.on_clock()),
                on_message!(Ground::<Time>(_, time) => driver.on_time(time)),
            ),
            match_state!(driver: &Driver if driver.listens_to(&source) =>
                match_reason!(reason: Reason => on_absence!(quit().because(reason)))),
            // It was turned off.
            on_absence!(),
        ),
    ))
}

impl Driver {
    fn on_set(mut self, timer: Timer) -> Transition<Self> {
        if timer.when == (When::Every { nanos: 0 }) {
            let Timer { label, when } = timer;
            let refused = refuse(topic!(TimerExpired { label, when, now: _ }), "a period of 0");
            return transition!(self, refused);
        }
        self.schedule.set(timer);
        self.attend()
    }

    fn on_unset(mut self, timer: &Timer) -> Transition<Self> {
        self.schedule.unset(timer);
        self.attend()
    }

    fn on_clock(mut self) -> Transition<Self> {
        if let Some(running) = &mut self.running {
            running.is_on = true;
        }
        self.attend()
    }

    fn on_time(mut self, time: Time) -> Transition<Self> {
        if let Some(running) = &mut self.running {
            running.asked = None;
        }
        let expired: Vec<_> = self.schedule.expire(time).iter().map(send_message).collect();
        let next = self.attend();
        Transition::new(next.state, (expired, next.actions))
    }

    /// Sees to it that the clock half is on while any timer waits, and tells the time early enough.
    /// It may tell it too early, because cancelling a timer does not tell the clock half.
    fn attend(mut self) -> Transition<Self> {
        match (self.schedule.ask(), &mut self.running) {
            (Some(_), None) => {
                let source = self.clock.source();
                let listen = listen(&source);
                self.running = Some(Running { source, is_on: false, asked: None });
                transition!(self, listen)
            }
            (Some(ask), Some(running))
                if running.is_on && running.asked.is_none_or(|asked| ask.at < asked) =>
            {
                running.asked = Some(ask.at);
                let ask = Ground::<Ask>(running.source.clone(), ask);
                transition!(self, at_meta_level(send_feedback(&ask)))
            }
            (None, Some(_)) => {
                let off = self.running.take().map(|off| at_meta_level(delete_endpoint(&off.source)));
                transition!(self, off)
            }
            _ => transition!(self),
        }
    }

    fn listens_to(&self, source: &Source) -> bool {
        self.running.as_ref().is_some_and(|running| running.source == *source)
    }
}
