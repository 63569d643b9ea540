//! A client that says nothing.

use std::time::Duration;

use crate::Irc;

impl Irc {
    fn passes(&mut self, who: &str, seconds: u64) -> Vec<String> {
        self.hears(who, |irc| {
            irc.0.advance(Duration::from_secs(seconds));
        })
    }
}

#[test]
fn a_client_that_says_nothing_is_asked_and_then_gone() {
    let mut irc = Irc::with(&["ann", "bob"]);
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
