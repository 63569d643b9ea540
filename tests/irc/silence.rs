//! A client that says nothing.

use marketplace::prelude::*;
use marketplace_drivers::timer::{TimerExpired, When};

use crate::Irc;

/// An order of the test to the clock: so many ms pass.
#[derive(Message, Clone, Debug, PartialEq)]
struct Pass(u64);

struct Clock {
    now: u64,
    set: Vec<(u64, TimerExpired)>,
}

/// Stands for the timer driver.
fn clock() -> Transition<Clock> {
    transition!(
        Clock { now: 0, set: Vec::new() },
        observe_subscribers!(
            TimerExpired { .. },
            match_conversation!(TimerExpired { label, when, .. } => match_state!(clock: &mut Clock =>
                on_presence!({
                    let When::After(ms) = when else { unreachable!("the server sets no others") };
                    clock.set.push((clock.now + ms, TimerExpired { label, when, now: 0 }));
                }),
                on_absence!(clock.set.retain(|(_, timer)| timer.label != label)),
            )),
        ),
        subscriber!(
            Pass(_),
            match_state!(clock: &mut Clock => on_message!(Pass(ms) => {
                clock.now += ms;
                let due = clock.set.extract_if(.., |(at, _)| *at <= clock.now);
                due.map(|(_, timer)| send_message(&timer)).collect::<ActionTree<_>>()
            }))
        ),
    )
}

impl Irc {
    fn passes(&mut self, who: &str, seconds: u64) -> Vec<String> {
        self.hears(who, |irc| {
            irc.0.send(&Pass(seconds * 1000));
            irc.0.run();
        })
    }
}

#[test]
fn a_client_that_says_nothing_is_asked_and_then_gone() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.0.spawn(spawn!(clock()));
    irc.all_say(&["ann", "bob"], "JOIN #tea");
    assert_eq!(irc.passes("ann", 59), [""; 0]);
    irc.say("bob", "PING x");
    assert_eq!(irc.passes("ann", 1), ["PING irc.example"]);
    assert_eq!(irc.passes("bob", 58), [""; 0]);
    assert_eq!(irc.passes("bob", 1), ["PING irc.example"]);
    irc.say("bob", "PONG irc.example");
    assert_eq!(irc.passes("bob", 1), [":ann!ann@ann QUIT :Ping timeout"]);
    assert_eq!(irc.passes("bob", 58), [""; 0]);
}
