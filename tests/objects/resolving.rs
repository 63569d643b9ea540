//! Rules O14 and O15 for an object of clauses that settles the promise of its sender by a resolver.

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Performed, What};

use crate::notes::{Doer, Notes, act, answer, empty, reason, spawned};

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
    let notes = Notes::default();
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

/// A resolver is a message like any other: it is neither an object nor a promise.
#[test]
fn o11_a_bare_resolver_is_an_answer() {
    let (number, of_number) = promise::<u32>();
    let mut sim = empty();
    // A process, the host and a method hear it: before the promise is settled, and afterwards.
    let (carries, carrier) = promise::<Resolver<u32>>();
    let notes = Notes::default();
    let (early, late) = (notes.clone(), notes.clone());
    let before = carries.clone();
    act(&mut sim, move || {
        actions!(when(before, move |(): (), got: Result<Resolver<u32>, Reason>| {
            early.add(format!("{got:?}"));
            transition_no_state!()
        }))
    });
    let asked = sim.ask(|_| carries.clone());
    let carried = of_number.clone();
    act(&mut sim, move || actions!(carrier.fulfill(carried)));
    assert!(matches!(asked.answer(), Some(Ok(_))), "{asked:?}");
    let after = carries.clone();
    act(&mut sim, move || {
        actions!(when(after, move |(): (), got: Result<Resolver<u32>, Reason>| {
            late.add(format!("{got:?}"));
            transition_no_state!()
        }))
    });
    assert_eq!(notes.take(), ["Ok(resolver)", "Ok(resolver)"]);
    let echoes = of_number.clone();
    let doer = spawned(&mut sim, 1, Doer::new(move |_| Ok(echoes.to_value())));
    let arrived = answer(&mut sim, |cx| doer.go(cx)).unwrap();
    let arrived = Resolver::<u32>::from_value(&arrived).expect("it arrives as it is");
    assert!(answer(&mut sim, |_| Promise::from(arrived.clone())).is_ok(), "it is given with no turn between");
    act(&mut sim, move || actions!(arrived.fulfill(7u32)));
    assert_eq!(answer(&mut sim, |_| number.clone()), Ok(7));
}

/// On a duct, and as the one that follows.
#[test]
fn o11_a_bare_resolver_passes_as_data() {
    let (_number, of_number) = promise::<u32>();
    let mut sim = empty();
    let notes = Notes::default();
    let (heard, echoes) = (notes.clone(), of_number.clone());
    let doer = spawned(&mut sim, 0, Doer::new(move |_| Ok(echoes.to_value())));
    act(&mut sim, move || {
        actions!(
            replies!(
                on_reply!("w", got: Resolver<u32> => heard.add(format!("{got:?}"))),
                on_duct_absence!(heard.add("none")),
            ),
            pass(&doer, "w", &(Symbol::new("go"),)),
        )
    });
    assert_eq!(notes.take(), ["resolver"]);
    let (follows, of_follows) = promise::<Resolver<u32>>();
    let (carries, carrier) = promise::<Resolver<u32>>();
    let told = follows.clone();
    act(&mut sim, move || actions!(of_follows.follow(carries), carrier.fulfill(of_number)));
    assert!(answer(&mut sim, |_| told).is_ok());
    // It hears no messages.
    let why = reason(&mut sim, |cx| send(cx, &follows, "shout", ()));
    assert!(matches!(Broken::of(&why), Some(Broken::NotCallable { .. })), "{why:?}");
}

/// So is a reference that is only shown: it compares as the live one does.
#[test]
fn o23_a_shown_reference_is_an_answer() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    let shown = scribe.as_ref().shown();
    let doer = spawned(&mut sim, 0, Doer::new(move |_| Ok(shown.clone().into())));
    assert_eq!(answer(&mut sim, |cx| doer.go(cx)), Ok(scribe.as_ref().clone().into()));
}
