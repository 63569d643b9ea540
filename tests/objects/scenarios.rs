//! The scenarios of SwingSet and E about objects: in one VM, and with the objects on other levels.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Heard, Performed, What};

use crate::notes::{Doer, Notes, Scribe, answer, empty, reason, spawned, step};

/// Where the objects of a scenario live: so many VMs further in.
const PLACES: [(u32, u32); 5] = [(0, 0), (0, 2), (2, 0), (1, 2), (2, 2)];

struct Left {
    notes: Notes,
}

#[object]
impl Left {
    #[method(name = "callRight")]
    fn call_right(&mut self, cx: &Cx<Self>, arg: u32, right: Far<Right>) -> u32 {
        self.notes.add(format!("left.callRight {arg}"));
        let called = right.bar(cx, 2);
        cx.when(called, |left, _, a| {
            left.notes.add(format!("left.then {}", a?));
            Ok(())
        });
        3
    }
}

struct Right {
    notes: Notes,
}

#[object]
impl Right {
    fn bar(&mut self, arg: u32) -> u32 {
        self.notes.add(format!("right {arg}"));
        4
    }
}

#[test]
fn s_s05_call_right() {
    for (near, far) in PLACES {
        let notes = Notes::default();
        let mut sim = empty();
        let left = spawned(&mut sim, near, Left { notes: notes.clone() });
        let right = spawned(&mut sim, far, Right { notes: notes.clone() });
        let told = notes.clone();
        let bootstrap = Doer::quiet(move |cx| {
            let told = told.clone();
            let b = left.call_right(cx, 1, &right);
            cx.when(b, move |_, _, b| {
                told.add(format!("b.resolved {}", b?));
                Ok(())
            });
        });
        let bootstrap = spawned(&mut sim, 0, bootstrap);
        answer(&mut sim, |cx| bootstrap.go(cx)).unwrap();
        let mut heard = notes.take();
        let golden = ["left.callRight 1", "right 2", "b.resolved 3", "left.then 4"];
        if (near, far) != (0, 0) {
            // Between levels only what one causes in the other has an order.
            assert_eq!(heard[0], golden[0]);
            heard.sort_by_key(|it| golden.iter().position(|golden| golden == it));
        }
        assert_eq!(heard, golden, "left at {near}, right at {far}");
    }
}

#[test]
fn s_s08_later_turn() {
    let notes = Notes::default();
    let mut sim = empty();
    let told = notes.clone();
    let vat = Doer::quiet(move |cx| {
        let t1 = cx.make(told.scribe());
        t1.note(cx, "foo called");
        told.add("wavy dot called");
    });
    let vat = spawned(&mut sim, 0, vat);
    answer(&mut sim, |cx| vat.go(cx)).unwrap();
    assert_eq!(notes.take(), ["wavy dot called", "foo called"]);
}

#[test]
fn s_s10_wrong_target() {
    for (near, far) in PLACES {
        let notes = Notes::default();
        let mut sim = empty();
        let target = spawned(&mut sim, far, notes.scribe());
        let (missing, data) = (target.clone(), target.clone());
        let sender =
            spawned(&mut sim, near, Doer::new(move |cx| Ok(send(cx, &missing, "foo", ()).to_value())));
        let why = reason(&mut sim, |cx| sender.go(cx));
        assert!(why.to_string().contains("no method `foo`"), "{why}");
        let sender = Doer::new(move |cx| Ok(send(cx, &data.note(cx, "data"), "foo", ()).to_value()));
        let sender = spawned(&mut sim, near, sender);
        let why = reason(&mut sim, |cx| sender.go(cx));
        assert!(matches!(Broken::of(&why), Some(Broken::NotCallable { .. })), "{why}");
        assert_eq!(why.to_string(), "\"data\" hears no messages, so not `foo` either");
    }
}

struct Pipe {
    notes: Notes,
}

#[object]
impl Pipe {
    fn pipe(&mut self, cx: &Cx<Self>, n: u32) -> Far<Self> {
        self.notes.add(format!("pipe{n}"));
        cx.make(Self { notes: self.notes.clone() })
    }
}

#[test]
fn s_s11_pipelining() {
    for (near, far) in PLACES {
        let notes = Notes::default();
        let mut sim = empty();
        let db = spawned(&mut sim, far, Pipe { notes: notes.clone() });
        let told = notes.clone();
        let client = Doer::quiet(move |cx| {
            let p1 = db.pipe(cx, 1);
            let p2 = p1.pipe(cx, 2);
            let p3 = p2.pipe(cx, 3);
            for (n, promise) in (1..).zip([p1, p2, p3]) {
                let told = told.clone();
                cx.when(promise, move |_, _, got| {
                    got?;
                    told.add(format!("p{n}.then"));
                    Ok(())
                });
            }
        });
        let client = spawned(&mut sim, near, client);
        sim.tell(|cx| {
            client.go(cx);
        });
        let before = sim.trace().records().len();
        sim.run();
        let sends: Vec<_> = sim.trace().records()[before..]
            .iter()
            .filter_map(|record| match &record.what {
                What::Performed { cause, action: Performed::SendTo(..), .. } => Some(*cause),
                _ => None,
            })
            .collect();
        let heard = notes.take();
        if near == far && near == 0 {
            assert_eq!(heard, ["pipe1", "p1.then", "pipe2", "p2.then", "pipe3", "p3.then"]);
            // All three left in one turn.
            assert!(sends[1] == sends[2] && sends[2] == sends[3], "{sends:?}");
        } else {
            let of =
                |what: &str| -> Vec<_> { heard.iter().filter(|it| it.contains(what)).cloned().collect() };
            assert_eq!(of("pipe"), ["pipe1", "pipe2", "pipe3"]);
            assert_eq!(of("then"), ["p1.then", "p2.then", "p3.then"]);
        }
    }
}

/// Compares what it is told with what it was told before.
#[derive(Default)]
struct Bob(Option<Value>);

#[object]
impl Bob {
    fn look(&mut self, it: Value) -> Text {
        let same = self.0.as_ref().is_some_and(|before| *before == it);
        self.0 = Some(it);
        if same { "the same".into() } else { "another".into() }
    }

    fn look_at_far(&mut self, it: Far<Scribe>) -> Text {
        self.look(it.to_value())
    }

    fn is_me(&self, cx: &Cx<Self>, it: Far<Self>) -> bool {
        it == cx.me()
    }

    fn yourself(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }

    /// Waits for the two, and compares them as they are, and what they give.
    fn compare(&self, cx: &Cx<Self>, p: Promise<Far<Scribe>>, far: Far<Scribe>) -> Promise<(bool, bool)> {
        let as_they_are = p.to_value() == far.to_value();
        cx.when(p, move |_, _, given| Ok((as_they_are, given? == far)))
    }
}

#[test]
fn s_s12_identity_same() {
    for (near, far) in PLACES {
        let mut sim = empty();
        let amy = spawned(&mut sim, near, Notes::default().scribe());
        let bob = spawned(&mut sim, far, Bob::default());
        let first = answer(&mut sim, |cx| bob.look_at_far(cx, &amy));
        let second = answer(&mut sim, |cx| bob.look_at_far(cx, &amy));
        assert_eq!((first, second), (Ok("another".into()), Ok("the same".into())));
    }
}

#[test]
fn s_s13_identity_home() {
    for (near, far) in PLACES {
        let mut sim = empty();
        let bob = spawned(&mut sim, far, Bob::default());
        let held = bob.clone();
        let sender = spawned(&mut sim, near, Doer::new(move |cx| Ok(held.is_me(cx, &held).to_value())));
        assert_eq!(answer(&mut sim, |cx| sender.go(cx)), Ok(true.to_value()));
        assert_eq!(answer(&mut sim, |cx| bob.yourself(cx)), Ok(bob));
    }
}

#[test]
fn s_s15_promise_no_identity() {
    for (near, far) in PLACES {
        let mut sim = empty();
        let amy = spawned(&mut sim, near, Notes::default().scribe());
        let bob = spawned(&mut sim, far, Bob::default());
        // P(amy), settled or not, is never amy herself; what it gives is.
        let open = answer(&mut sim, |cx| bob.compare(cx, amy.me(cx), &amy));
        assert_eq!(open, Ok((false, true)));
        let settled = sim.ask(|cx| amy.me(cx));
        sim.run();
        assert_eq!(settled.answer(), Some(Ok(amy.clone())));
        let (p, resolver) = promise::<Far<Scribe>>();
        let target = amy.clone();
        sim.spawn(spawn!(transition_no_state!(resolver.fulfill(&target))));
        sim.run();
        assert_eq!(answer(&mut sim, |cx| bob.compare(cx, &p, &amy)), Ok((false, true)));
        let first = answer(&mut sim, |cx| bob.look(cx, amy.to_value()));
        let second = answer(&mut sim, |cx| bob.look(cx, p.to_value()));
        assert_eq!((first, second), (Ok("another".into()), Ok("another".into())));
    }
}

#[test]
fn e_s09_intra_vat() {
    let notes = Notes::default();
    let mut sim = empty();
    let told = notes.clone();
    let vat = Doer::quiet(move |cx| {
        let near = cx.make(told.scribe());
        near.note(cx, "delivered");
        told.add("turn over");
    });
    let vat = spawned(&mut sim, 0, vat);
    sim.tell(|cx| {
        vat.go(cx);
    });
    step(&mut sim);
    assert_eq!((notes.take(), sim.stats().queued), (vec!["turn over".to_string()], 1));
    let records = step(&mut sim);
    assert_eq!(notes.take(), ["delivered"]);
    let [What::Performed { action: Performed::SendTo(..), .. }, What::Turn { heard: Heard::Sent(..), .. }] =
        &records[..2]
    else {
        panic!("{records:?}")
    };
    // No answer comes back.
    assert!(!sim.step());
}

#[test]
fn e_s10_copies() {
    for (near, far) in PLACES {
        let mut sim = empty();
        let target = spawned(&mut sim, far, Bag::default());
        let arguments = (3, Text::from("x"), vec![1, 2]);
        let sent = arguments.clone();
        let sender = Doer::new(move |cx| {
            let kept = target.keep(cx, sent.clone());
            let changed = target.change(cx);
            Ok(cx.when(kept, move |_, _, kept| Ok((kept?, changed))).to_value())
        });
        let sender = spawned(&mut sim, near, sender);
        let kept = answer(&mut sim, |cx| {
            let went = sender.go(cx);
            Promise::<(Things, Promise<Things>)>::from_value(&went.to_value()).unwrap()
        });
        let (kept, changed) = kept.unwrap();
        let changed = answer(&mut sim, |_| changed).unwrap();
        assert_eq!(kept, arguments, "what was sent is as it was");
        assert_eq!(changed, (4, "y".into(), vec![1, 2, 3]));
    }
}

type Things = (u32, Text, Vec<u32>);

#[derive(Default)]
struct Bag(Things);

#[object]
impl Bag {
    fn keep(&mut self, it: Things) -> Things {
        self.0 = it;
        self.0.clone()
    }

    fn change(&mut self) -> Things {
        let (n, text, list) = &mut self.0;
        *n += 1;
        *text = "y".into();
        list.push(3);
        self.0.clone()
    }
}

#[test]
fn e_s16_static() {
    let notes = Notes::default();
    for (waits, answers) in [(false, 0), (true, 1)] {
        let mut sim: Sim = empty();
        let bob = spawned(&mut sim, 0, Bob::default());
        let carol = spawned(&mut sim, 0, notes.scribe());
        let target = bob.clone();
        let sender = Doer::quiet(move |cx| {
            if waits {
                let p = target.look_at_far(cx, &carol);
                cx.when(p, |_, _, _: Result<Text, Reason>| ());
            } else {
                target.look_at_far(cx, &carol);
            }
        });
        let sender = spawned(&mut sim, 0, sender);
        let before = sim.trace().records().len();
        sim.tell(|cx| {
            sender.go(cx);
        });
        sim.run();
        let records = &sim.trace().records()[before..];
        let of_bob: Vec<_> = records
            .iter()
            .filter_map(|record| match &record.what {
                What::Turn { id, heard: Heard::Sent(to, _), .. } if to == bob.as_ref() => Some(*id),
                _ => None,
            })
            .collect();
        let given = records
            .iter()
            .filter(|record| {
                matches!(&record.what,
                What::Performed { cause, action: Performed::Answer(..), .. } if of_bob.contains(cause))
            })
            .count();
        assert_eq!((of_bob.len(), given), (1, answers));
    }
}
