//! Rules O14 and O15 for an object of clauses that settles the promise of its sender by a resolver.

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Performed, What};

use crate::notes::empty;

/// The promises and the resolvers that came with messages.
type Kept = Arc<Mutex<Vec<Option<(Promise<Value>, Resolver<Value>)>>>>;

/// An object that keeps what its ducts settle.
fn keeper(sim: &mut Sim) -> (Far<()>, Kept) {
    let (far, here) = reference::<()>();
    let kept = Kept::default();
    let keeps = kept.clone();
    sim.spawn(spawn!(transition_no_state!(object_of!(
        here,
        match_duct!(duct => on_message!(_message: Value => {
            keeps.lock().unwrap().push(duct.resolver());
            ActionTree::new()
        })),
    ))));
    sim.run();
    (far, kept)
}

fn reference_of(promise: &Promise<Value>) -> Reference {
    Reference::from_value(&promise.to_value()).unwrap()
}

#[test]
fn o14_the_resolver_of_a_duct_settles_the_promise_of_the_sender() {
    let mut sim = empty();
    let (far, kept) = keeper(&mut sim);
    let mut sent = None;
    let asked = sim.ask(|cx| {
        let promise = send(cx, &far, "ask", ());
        sent = Some(reference_of(&promise));
        promise
    });
    sim.run();
    let (promise, resolver) = kept.lock().unwrap().pop().unwrap().unwrap();
    assert_eq!(Some(reference_of(&promise)), sent, "it is one promise");
    assert_eq!(asked.answer(), None);
    let first = resolver.clone();
    sim.spawn(spawn!(transition_no_state!(first.fulfill(1u32), resolver.fulfill(2u32))));
    sim.run();
    assert_eq!(asked.answer(), Some(Ok(1u32.to_value())));
}

#[test]
fn o14_a_duct_on_which_nobody_waits_settles_nothing() {
    let mut sim = empty();
    let (far, kept) = keeper(&mut sim);
    sim.tell(|cx| send(cx, &far, "tell", ()));
    sim.run();
    assert!(kept.lock().unwrap().pop().unwrap().is_none());
}

#[test]
fn o15_a_promise_breaks_whose_resolver_nobody_has() {
    let mut sim = empty();
    let (far, kept) = keeper(&mut sim);
    let asked = sim.ask(|cx| send(cx, &far, "ask", ()));
    sim.run();
    kept.lock().unwrap().clear();
    sim.run();
    let Some(Err(why)) = asked.answer() else { panic!("it is broken") };
    assert_eq!(why.decode(), Some(Broken::Unanswered));
}

#[test]
fn a_dumped_action_knows_the_promise_that_it_settles() {
    let mut sim = empty();
    let (far, kept) = keeper(&mut sim);
    let mut sent = None;
    let _asked = sim.ask(|cx| {
        let promise = send(cx, &far, "ask", ());
        sent = Some(reference_of(&promise));
        promise
    });
    assert_eq!(sim.dump().queue[0].promise, sent, "the message is to settle it");
    sim.run();
    let (_, resolver) = kept.lock().unwrap().remove(0).unwrap();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(1u32))));
    // The process boots, and its action waits.
    while !sim.dump().queue.iter().any(|queued| matches!(queued.action, Performed::Answer(..))) {
        assert!(sim.step());
    }
    assert_eq!(sim.dump().queue[0].promise, sent, "the answer settles it");
}

#[test]
fn a_message_that_is_told_now_is_heard_before_what_waits() {
    let mut vm = marketplace::GroundVm::recorded(|_| transition_no_state!());
    let notes = crate::notes::Notes::default();
    let scribe = vm.spawn_object(notes.scribe());
    vm.run(usize::MAX);
    vm.tell(|cx| scribe.note(cx, "first"));
    vm.tell(|cx| scribe.note(cx, "second"));
    vm.tell_now(|cx| {
        scribe.note(cx, "now");
        scribe.note(cx, "and now");
    });
    assert_eq!(notes.take(), ["now", "and now"], "nothing else has run");
    vm.run(usize::MAX);
    assert_eq!(notes.take(), ["first", "second"]);
    let heard = vm
        .trace()
        .unwrap()
        .records()
        .iter()
        .filter(|record| matches!(record.what, What::Turn { .. }))
        .count();
    assert!(heard >= 4, "each is a turn like any other");
}
