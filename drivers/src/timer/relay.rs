//! The timer relay: the timers of a nested VM, set one level out.

use std::collections::HashMap;

use marketplace::prelude::*;

use crate::timer::halves::TIMERS;
use crate::timer::messages::{TimerExpired, When};
use crate::timer::schedule::Timer;

/// The timers that processes in this VM want.
type Relay = HashMap<Timer, Wanted>;

struct Wanted {
    /// How many endpoints want it.
    by: usize,
    /// Its label outside, where labels of this VM mean nothing. It is the name of the endpoint,
    /// too.
    outside: Fresh,
}

pub(super) fn spawn<S>() -> Spawn<S> {
    name_process(Symbol::new("timer-relay"), spawn!(boot())).only(TIMERS)
}

fn boot() -> Transition<Relay> {
    let inside = Symbol::new("inside");
    transition!(
        Relay::new(),
        // A driver outside, or the relay of the level outside, is shown inside as a publisher.
        at_meta_level!(observe_publishers!(
            TimerExpired { .. },
            on_first_presence!(name_endpoint(inside.clone(), demand())),
            match_reason!(reason: Reason => on_last_absence!(delete_endpoint(inside.clone()).because(reason))),
            on_absence!(),
        )),
    )
}

/// Hears which endpoints in this VM want which timer. When this endpoint goes, no timer is wanted.
fn demand() -> AddEndpoint<Relay> {
    publisher!(
        TimerExpired { .. },
        match_conversation!(TimerExpired { label, when, .. } => match_state!(relay: Relay =>
            on_presence!(set(relay, Timer { label, when })),
            on_absence!(unset(relay, &Timer { label, when })),
        )),
    )
}

/// Whenever a timer gets one more owner it is set anew: as in the driver, it is early for nobody.
fn set(mut relay: Relay, timer: Timer) -> Transition<Relay> {
    let by = relay.get(&timer).map_or(0, |wanted| wanted.by);
    let wanted = Wanted { by: by + 1, outside: Fresh::new() };
    let mirrored = mirror(&timer, wanted.outside);
    let before = relay.insert(timer, wanted).map(|before| at_meta_level(delete_endpoint(before.outside)));
    transition!(relay, before, mirrored)
}

fn unset(mut relay: Relay, timer: &Timer) -> Transition<Relay> {
    let left = relay.get_mut(timer).map_or(1, |wanted| {
        wanted.by -= 1;
        wanted.by
    });
    let gone = if left == 0 { relay.remove(timer) } else { None };
    transition!(relay, gone.map(|gone| at_meta_level(delete_endpoint(gone.outside))))
}

fn mirror(timer: &Timer, outside: Fresh) -> ActionTree<Relay> {
    let Timer { label, when } = timer.clone();
    let name = outside.to_value();
    let mirror = subscriber!(
        TimerExpired { label: name, when, now: _ },
        on_message!(TimerExpired { now, .. } => send_message!(TimerExpired { label, when, now })),
        match_reason!(Reason::Refused(why) =>
            on_refusal!(refuse(topic!(TimerExpired { label, when, now: _ }), why))),
        on_absence!(),
    );
    let comes_again = matches!(when, When::Every { .. });
    at_meta_level!(name_endpoint(outside, if comes_again { mirror } else { once(mirror) }))
}
