//! `ask`, `tell` and `spawn_object`, on ordinary threads.

use std::cell::Cell;
use std::thread;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatEvent, VatOptions};
use marketplace::{Ground, Source};

use crate::{Counter, TooMuch, counter, processes, vat, why, with_counter};

#[test]
fn a_thread_asks_and_waits() {
    let (vat, far) = with_counter();
    vat.tell(|cx| far.add(cx, 3)).unwrap();
    assert_eq!(vat.ask(|cx| far.add(cx, 4)).wait(), Ok(7));
    let another = vat.ask(|cx| far.another(cx)).wait().unwrap();
    assert_ne!(another, far);
    assert_eq!(vat.ask(|cx| another.add(cx, 1)).wait(), Ok(1));
}

/// The closure is called at once, on this thread: it may borrow, and what it sends stays together.
#[test]
fn what_the_closure_sends_goes_to_the_vat_together() {
    let (vat, far) = with_counter();
    let (numbers, sum) = ([1, 2, 3], Cell::new(0));
    let asked = vat.ask(|cx| {
        for n in &numbers {
            sum.set(sum.get() + n);
            far.add(cx, *n);
        }
        far.count(cx)
    });
    assert_eq!(sum.get(), 6);
    assert_eq!(asked.wait(), Ok(6));
    // Others send meanwhile, and nothing of theirs comes between.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let counts = vat.ask(|cx| {
                        let before = far.count(cx);
                        far.add(cx, 1);
                        all(cx, [before, far.count(cx)])
                    });
                    let counts = counts.wait().unwrap();
                    assert_eq!(counts[0] + 1, counts[1]);
                }
            });
        }
    });
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(406));
}

#[test]
fn o6_what_a_thread_sends_is_heard_in_order() {
    struct Heard(Vec<u32>);
    #[object]
    impl Heard {
        fn hear(&mut self, n: u32) {
            self.0.push(n);
        }
        fn all(&self) -> Vec<u32> {
            self.0.clone()
        }
    }
    let vat = vat();
    let heard = vat.spawn_object(Heard(Vec::new())).unwrap();
    for n in 0..1000 {
        match n % 3 {
            0 => vat.tell(|cx| heard.hear(cx, n)).unwrap(),
            1 => drop(vat.ask(|cx| heard.hear(cx, n))),
            _ => vat.ask(|cx| heard.hear(cx, n)).wait().unwrap(),
        }
    }
    assert_eq!(vat.ask(|cx| heard.all(cx)).wait(), Ok((0..1000).collect()));
}

#[test]
fn a_pipeline_is_asked_for_in_one_go() {
    let (vat, far) = with_counter();
    let counted = vat.ask(|cx| far.another(cx).another(cx).add(cx, 5));
    assert_eq!(counted.wait(), Ok(5));
}

/// A reason is taken apart by a program, whether the object gave it or could not answer.
#[test]
fn o10_errors_are_told_to_the_thread() {
    let (vat, far) = with_counter();
    let too_much = why(vat.ask(|cx| far.add(cx, 2000)).wait());
    assert_eq!(too_much.decode(), Some(TooMuch(2000)));
    let unknown = why(vat.ask(|cx| send(cx, &far, "sing", ())).wait());
    assert!(matches!(Broken::of(&unknown), Some(Broken::NoMethod { .. })), "{unknown}");
    let other_type = why(vat.ask(|cx| cast::<dyn Singer>(&far).count(cx)).wait());
    assert!(matches!(Broken::of(&other_type), Some(Broken::BadAnswer { .. })), "{other_type}");
    let failed = vat.ask(|cx| far.fail(cx)).wait().unwrap_err();
    assert_eq!(failed.to_string(), "there is no answer: it is gone (panic: it fails)");
    let gone = why(vat.ask(|cx| far.count(cx)).wait());
    assert!(matches!(Broken::of(&gone), Some(Broken::Gone(_))), "{gone}");
}

#[object]
trait Singer {
    fn count(&self) -> Text;
}

/// A turn is told so, though what it asked for is heard. It would wait for itself, or another vat
/// for it.
#[test]
fn a_turn_does_not_wait_for_an_object() {
    let ((vat, far), (other, elsewhere)) = (with_counter(), with_counter());
    for (asked, far) in [(vat.clone(), far.clone()), (other, elsewhere)] {
        let of_turn = (asked.clone(), far.clone());
        let waited = vat.call(move |_| of_turn.0.ask(|cx| of_turn.1.add(cx, 1)).wait()).unwrap();
        assert_eq!(waited, Err(VatError::InsideVat));
        assert_eq!(asked.ask(|cx| far.count(cx)).wait(), Ok(1), "it was heard");
    }
}

/// But it sends, and takes an object that it has made: in its own vat and in another one.
#[test]
fn a_turn_tells_and_makes_objects() {
    let ((vat, far), (other, elsewhere)) = (with_counter(), with_counter());
    for (asked, far) in [(vat.clone(), far), (other, elsewhere)] {
        let of_turn = (asked.clone(), far.clone());
        let made = vat.call(move |_| {
            of_turn.0.tell(|cx| of_turn.1.add(cx, 2)).unwrap();
            of_turn.0.spawn_object(counter()).unwrap()
        });
        assert_eq!(asked.ask(|cx| far.count(cx)).wait(), Ok(2));
        assert_eq!(asked.ask(|cx| made.unwrap().count(cx)).wait(), Ok(0));
    }
}

/// A program with a VM that is no vat asks vats, too.
#[test]
fn a_turn_of_another_host_asks() {
    let (vat, far) = with_counter();
    let (asks, asked) = (vat.clone(), far.clone());
    let mut sim = marketplace::sim::Sim::new(move |_| {
        transition_no_state!(subscriber!(
            "go",
            on_message!(_ => {
                asks.tell(|cx| asked.add(cx, 2))?;
                drop(asks.ask(|cx| asked.another(cx).add(cx, 1)));
                let made = asks.spawn_object(counter())?;
                asks.tell(|cx| made.add(cx, 1))?;
                send_message!("gone")
            })
        ))
    });
    sim.run();
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["go", "gone"]);
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(2));
}

/// In a turn, an answer comes as an event: it is a future, so it is a source.
#[test]
fn a_turn_hears_the_answer_of_another_vat_as_an_event() {
    let (bank, far) = with_counter();
    let vat = Vat::spawn(VatOptions::default(), move |_| {
        transition_no_state!(subscriber!(
            "go",
            on_message!(_ => {
                let asked = Source::future(bank.ask(|cx| far.add(cx, 7)));
                at_meta_level!(subscriber!(
                    Ground::<u64>(asked, _),
                    on_message!(Ground::<u64>(_, n) => send_message!(("counted", n))),
                ))
            })
        ))
    })
    .unwrap();
    let mut heard = vat.subscribe::<(Text, u64)>(topic!(("counted", _))).unwrap();
    vat.send(&Text::from("go")).unwrap();
    loop {
        match heard.wait().unwrap() {
            Some(VatEvent::Message(counted)) => break assert_eq!(counted, ("counted".into(), 7)),
            Some(_) => {}
            None => panic!("the vat has ended"),
        }
    }
}

/// The object hears it all the same, and nothing stays in the vat.
#[test]
fn an_answer_that_nobody_waits_for_any_more_is_nothing() {
    let (vat, far) = with_counter();
    let before = processes(&vat);
    for _ in 0..100 {
        drop(vat.ask(|cx| far.add(cx, 1)));
        drop(vat.ask(|cx| far.later(cx)));
    }
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(100));
    vat.tell(|cx| far.now(cx)).unwrap();
    assert_eq!(processes(&vat), before);
    drop(far);
    assert_eq!(processes(&vat), before - 1);
}

/// A reference that goes out as an answer nobody takes does not stay.
#[test]
fn o18_an_object_in_an_answer_that_nobody_takes_goes() {
    struct Maker(Option<crate::Life>);
    #[object]
    impl Maker {
        fn make(&mut self, cx: &Cx<Self>) -> Far<Counter> {
            cx.spawn(Counter { life: self.0.take(), ..counter() })
        }
    }
    let vat = vat();
    let (counter, told) = crate::watched();
    let maker = vat.spawn_object(Maker(counter.life)).unwrap();
    drop(vat.ask(|cx| maker.make(cx)));
    assert_eq!(crate::next(&told), Ok("released"));
    assert_eq!(crate::next(&told), Ok("dropped"));
}

/// An object is made by whoever has the handle of the vat, in whatever thread, at once.
#[test]
fn threads_make_objects_at_the_same_time() {
    let vat = vat();
    let before = processes(&vat);
    let made: Vec<Far<Counter>> = thread::scope(|scope| {
        let makers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| (0..50).map(|_| vat.spawn_object(counter()).unwrap()).collect::<Vec<_>>())
            })
            .collect();
        makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect()
    });
    let different: std::collections::BTreeSet<_> = made.iter().cloned().collect();
    assert_eq!(different.len(), 400);
    for far in &made {
        assert_eq!(vat.ask(|cx| far.add(cx, 1)).wait(), Ok(1));
    }
    assert_eq!(processes(&vat), before + 400);
    drop((made, different));
    assert_eq!(processes(&vat), before);
}
