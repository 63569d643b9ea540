//! The end of a session that nobody uses (K18).

use marketplace::Ground;

use super::*;

const IDLE_END: [&str; 2] = ["<8'op:abort4\"idle>", "close"];

/// A session that we have dialled, and in which nothing is used from the first second on.
fn script() -> Script {
    Script::new().says_bytes(1, hello(&THEIRS))
}

#[test]
fn k18_a_session_that_nobody_uses_ends_after_10_s() {
    let mut talk = script().dialled();
    talk.until(10);
    assert!(talk.said().is_empty());
    talk.until(11);
    assert_eq!(talk.said(), IDLE_END);
}

impl Talk {
    /// Lets the first time be over at this second, and sends something to the peer when a process
    /// hears of that, which does so before the one of the session.
    fn rings_at(&mut self, second: u64) {
        let source = Sim::timeline([(Duration::from_secs(second), Value::UNIT)], Reason::Normal);
        let (first, further) = (Mutex::new(Some(source.clone())), self.after.clone());
        self.after = Arc::new(move |time| first.lock().unwrap().take().unwrap_or_else(|| further(time)));
        let roster = self.roster.clone();
        self.sim.spawn(spawn!(transition_no_state!(at_meta_level!(subscriber!(
            Ground::<Value>(source, _),
            on_message!(_ => {
                let standing = roster.lock().unwrap().values().next().cloned();
                standing.map(|Standing { bootstrap, .. }| tell(|cx| send(cx, &bootstrap, "ring", ())))
            }),
        )))));
        self.sim.run();
    }
}

/// Nobody knew yet that the session might be ending.
#[test]
fn k18_what_is_sent_just_before_an_idle_end_keeps_the_session() {
    let mut talk = Talk::new();
    talk.rings_at(11);
    talk.connect(script(), true, Spelling::Framed);
    let ring = "<10'op:deliver<11'desc:export0+>[4'ring]ff>";
    talk.until(11);
    assert_eq!(talk.said(), [ring]);
    assert!(!talk.standing(0).ending.may_be(), "it goes on");
    talk.until(20);
    assert_eq!(talk.said(), [ring]);
    talk.until(21);
    assert_eq!(talk.said()[1..], IDLE_END);
}
