//! Gifts that nobody withdraws for a while, or ever (K18).

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::Duration;

use marketplace::objects::*;
use marketplace::sim::Asked;
use marketplace_captp::{Options, enliven};

use crate::things::Counter;
use crate::vats::Vats;

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;
const SECOND: Duration = Duration::from_secs(1);

/// Alice has given Bob an object of Carol's, and keeps nothing of hers. Bob's vat stands still.
struct Given {
    vats: Vats,
    sum: Asked<u64>,
    bob: Far<Counter>,
}

impl Given {
    /// `carol_dials`: it was Carol who dialled Alice.
    fn new(carol_dials: bool) -> Self {
        Self::with("alice", carol_dials, Options::default())
    }

    fn with(alice: &str, carol_dials: bool, options: Options) -> Self {
        let mut vats = Vats::new([]);
        let _vats = [alice, "bob", "carol"].map(|name| vats.another_with(name, options.clone()));
        let at_alice = vats.sim(ALICE).spawn_object(Counter::new(0));
        let at_bob = vats.sim(BOB).spawn_object(Counter::new(0));
        let at_carol = vats.sim(CAROL).spawn_object(Counter::new(7));
        let (bob, carol) = (vats.publish(BOB, &at_bob), vats.publish(CAROL, &at_carol));
        if carol_dials {
            let uri = vats.publish(ALICE, &at_alice);
            let _alice = vats.enliven::<Counter>(CAROL, &uri);
        }
        let bob = vats.enliven::<Counter>(ALICE, &bob);
        let carol = vats.enliven::<Counter>(ALICE, &carol);
        let sum = vats.sim(ALICE).ask(|cx| bob.add_at(cx, &carol, 3));
        let mut given = Self { vats, sum, bob };
        drop(carol);
        given.meet();
        assert_eq!(given.gifts(), Some("1 gifts here, 0 waited for".into()));
        given
    }

    /// Alice and Carol say what they have to say.
    fn meet(&mut self) {
        for _ in 0..4 {
            [ALICE, CAROL].into_iter().for_each(|at| self.vats.sim(at).run());
        }
    }

    /// Alice has another object of Carol's, too.
    fn another(&mut self, value: u64) -> Far<Counter> {
        let object = self.vats.sim(CAROL).spawn_object(Counter::new(value));
        let (carol, alice) = (self.vats.peer(CAROL), self.vats.peer(ALICE));
        let uri = self.vats.sim(CAROL).ask(|cx| carol.publish(cx, &object));
        self.meet();
        let uri = uri.answer().unwrap().unwrap();
        let object = self.vats.sim(ALICE).ask(|cx| enliven::<Counter>(cx, &alice, &uri));
        self.meet();
        object.answer().unwrap().unwrap()
    }

    fn pass(&mut self, time: Duration) {
        [ALICE, CAROL].into_iter().for_each(|at| self.vats.advance(at, time));
        self.meet();
    }

    /// The gifts of Alice at Carol's, if there is a session.
    fn gifts(&mut self) -> Option<String> {
        let hub = self.vats.pids(CAROL, "captp-hub")[0];
        let shown = format!("{:#?}", self.vats.sim(CAROL).peek(&[], hub).unwrap());
        let alice = shown.lines().find(|line| line.contains("ocapn://alice"))?;
        Some(alice.rsplit_once(": ").unwrap().1.to_string())
    }
}

#[test]
fn k18_a_gift_that_waits_is_use() {
    for carol_dials in [false, true] {
        let mut given = Given::new(carol_dials);
        given.pass(59 * SECOND);
        assert_eq!(given.gifts(), Some("1 gifts here, 0 waited for".into()));
        given.vats.run();
        assert_eq!(given.sum.answer(), Some(Ok(10)), "Bob has it all the same");
        assert_eq!(given.gifts(), Some("0 gifts here, 0 waited for".into()));
    }
}

#[test]
fn k18_a_gift_that_nobody_withdraws_lapses_and_keeps_no_session() {
    for (name, carol_dials) in [("alice-1", false), ("alice-2", true)] {
        let log = Log::of_this_program();
        let mut given = Given::with(name, carol_dials, Options::default());
        given.pass(60 * SECOND);
        assert_eq!(given.gifts(), Some("0 gifts here, 0 waited for".into()));
        let lapsed = format!("gifts of a peer were not withdrawn, and are gone gifts=1 peer=ocapn://{name}.");
        assert_eq!(log.text().matches(&lapsed).count(), 1, "{}", log.text());
        given.pass(10 * SECOND - Duration::from_millis(1));
        assert!(given.gifts().is_some(), "nobody has used it for not quite 10 s");
        given.pass(Duration::from_millis(1));
        assert_eq!(given.gifts(), None);
        // Bob is told that it is not there.
        given.vats.run();
        assert!(given.sum.answer().unwrap().is_err());
    }
}

/// Each waits for its time, whatever came before it.
#[test]
fn k18_a_gift_behind_another_has_its_own_time() {
    let mut given = Given::new(false);
    given.pass(30 * SECOND);
    let second = given.another(20);
    let late = given.vats.sim(ALICE).ask(|cx| given.bob.add_at(cx, &second, 1));
    drop(second);
    given.meet();
    assert_eq!(given.gifts(), Some("2 gifts here, 0 waited for".into()));
    given.pass(30 * SECOND);
    assert_eq!(given.gifts(), Some("1 gifts here, 0 waited for".into()), "the first is gone");
    given.pass(59 * SECOND);
    given.vats.run();
    // It may still come, as far as Carol knows: Bob waits for 2 s.
    given.vats.advance(BOB, 2 * SECOND);
    given.vats.run();
    assert!(given.sum.answer().unwrap().is_err());
    assert_eq!(late.answer(), Some(Ok(21)));
}

/// Bob asks for what has lapsed, and then for nothing any more, while Alice goes on using Carol.
#[test]
fn k18_a_gift_that_does_not_come_is_not_waited_for_for_ever() {
    let mut given = Given::new(false);
    let _another = given.another(20);
    given.pass(60 * SECOND);
    given.vats.run();
    assert_eq!(given.gifts(), Some("0 gifts here, 1 waited for".into()));
    given.vats.advance(BOB, 2 * SECOND);
    given.vats.run();
    assert!(given.sum.answer().unwrap().is_err());
    given.pass(59 * SECOND);
    assert_eq!(given.gifts(), Some("0 gifts here, 1 waited for".into()));
    given.pass(SECOND);
    assert_eq!(given.gifts(), Some("0 gifts here, 0 waited for".into()));
    given.vats.run();
    let carol = given.vats.peer(CAROL);
    let sessions = given.vats.answer(CAROL, |cx| carol.sessions(cx)).unwrap();
    assert!(sessions.iter().all(|session| session.answers.is_empty()), "it was answered");
}

#[test]
fn k18_a_setting_says_how_long_a_gift_waits() {
    let mut given = Given::with("alice", false, Options::default().gift_for(3 * SECOND));
    given.pass(3 * SECOND - Duration::from_millis(1));
    assert_eq!(given.gifts(), Some("1 gifts here, 0 waited for".into()));
    given.pass(Duration::from_millis(1));
    assert_eq!(given.gifts(), Some("0 gifts here, 0 waited for".into()));
}

/// The logs of this program.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Log {
    /// From now on.
    fn of_this_program() -> Self {
        let _again = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Self).try_init();
        Self
    }

    fn text(&self) -> String {
        String::from_utf8(LOGGED.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
