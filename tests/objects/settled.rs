//! Rules O14 and O20: a promise is settled once; chains of promises need no stack, and what waits
//! is bounded.

use std::thread;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{GroundVm, Performed, What};

use crate::notes::{Notes, act, answer, empty};

#[test]
fn o14_a_promise_is_settled_once() {
    let notes = Notes::default();
    let mut sim = empty();
    let (later, resolver) = promise::<u32>();
    let (again, told) = (later.clone(), notes.clone());
    act(&mut sim, move || {
        actions!(
            when(again, move |(): (), got: Result<u32, Reason>| {
                told.add(format!("{got:?}"));
                transition_no_state!()
            }),
            resolver.fulfill(1u32),
            resolver.fulfill(2u32),
            resolver.break_because(Reason::value(&Text::from("no"))),
        )
    });
    assert_eq!(notes.take(), ["Ok(1)"]);
    assert_eq!(answer(&mut sim, |_| later.clone()), Ok(1));
    let settlings = sim
        .trace()
        .records()
        .iter()
        .filter(|it| matches!(it.what, What::Performed { action: Performed::Answer(..), .. }))
        .count();
    assert_eq!(settlings, 3, "what came later is in the record");
}

#[test]
fn o14_promises_that_follow_each_other_in_a_ring_break_at_whatever_length() {
    for length in [1, 2, 3, 1_000] {
        let mut sim = empty();
        let pairs: Vec<_> = (0..length).map(|_| promise::<u32>()).collect();
        let promises: Vec<_> = pairs.iter().map(|(promise, _)| promise.clone()).collect();
        let asked: Vec<_> = promises.iter().map(|promise| sim.ask(|_| promise.clone())).collect();
        sim.run();
        act(&mut sim, move || {
            let mut all = ActionTree::new();
            for (at, (_, resolver)) in pairs.iter().enumerate() {
                all = actions!(all, resolver.follow(&promises[(at + 1) % length]));
            }
            all
        });
        for asked in asked {
            let why = asked.answer().unwrap().unwrap_err();
            assert_eq!(Broken::of(&why), Some(&Broken::Cycle), "{length}");
        }
    }
}

/// Runs on a stack on which nothing can recurse deeply.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(128 * 1024).spawn(work).unwrap().join().unwrap();
}

/// If there were recursion over a chain, this would need more than the stack many times over.
const LENGTH: usize = 100_000;

/// The promises of a chain, each of which follows the next, and what settles the last.
fn chain(vm: &mut GroundVm, length: usize, backwards: bool) -> (Vec<Promise<u32>>, Resolver<u32>) {
    let (promises, mut resolvers): (Vec<_>, Vec<_>) = (0..length).map(|_| promise::<u32>()).unzip();
    let last = resolvers.pop().unwrap();
    let mut follows: Vec<PreAction<()>> =
        resolvers.iter().zip(&promises[1..]).map(|(resolver, next)| resolver.follow(next)).collect();
    if backwards {
        follows.reverse();
    }
    vm.spawn(spawn(move |_| transition_no_state!(follows)));
    vm.run(usize::MAX);
    (promises, last)
}

#[test]
fn o20_a_long_chain_settles_on_a_small_stack() {
    for backwards in [false, true] {
        on_a_small_stack(move || {
            let mut vm = GroundVm::new(|_| transition_no_state!());
            let (promises, last) = chain(&mut vm, LENGTH, backwards);
            let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
            for promise in [&promises[0], &promises[LENGTH / 2]] {
                let told = told.clone();
                vm.ask(|_| promise.clone(), move |got| told.lock().unwrap().push(got));
            }
            vm.run(usize::MAX);
            vm.spawn(spawn(move |_| transition_no_state!(last.fulfill(7u32))));
            vm.run(usize::MAX);
            assert_eq!(*told.lock().unwrap(), [Ok(7), Ok(7)]);
        });
    }
}

#[test]
fn o20_a_long_chain_drops_on_a_small_stack() {
    on_a_small_stack(|| {
        let mut vm = GroundVm::new(|_| transition_no_state!());
        let (promises, last) = chain(&mut vm, LENGTH, true);
        let first = promises[0].clone();
        drop(promises);
        drop(first);
        vm.run(usize::MAX);
        drop(last);
        vm.run(usize::MAX);
    });
    // With the vat.
    on_a_small_stack(|| {
        let mut vm = GroundVm::new(|_| transition_no_state!());
        let kept = chain(&mut vm, LENGTH, true);
        drop(vm);
        drop(kept);
    });
}

/// The promises of such a chain hold each other by what waits at them. Nobody deals with that any
/// more once the vat has ended.
#[test]
fn o20_what_waits_in_a_long_chain_drops_on_a_small_stack() {
    type Next = fn(&Asker, Promise<Value>) -> Promise<Value>;
    let by_race: Next = |cx, last| race(cx, [last]);
    let by_send: Next = |cx, last| send(cx, &last, "go", ());
    for next in [by_race, by_send] {
        for ends_first in [true, false] {
            on_a_small_stack(move || {
                let mut vm = GroundVm::new(|_| transition_no_state!());
                let (first, resolver) = promise::<Value>();
                let ask = |cx: &Asker| (0..LENGTH).fold(first, |last, _| next(cx, last));
                vm.ask(ask, drop);
                vm.run(usize::MAX);
                if ends_first {
                    drop(vm);
                    drop(resolver);
                } else {
                    let holder = || transition!(resolver, subscriber!("stay"));
                    vm.spawn(spawn!(holder()));
                    vm.run(usize::MAX);
                    drop(vm);
                }
            });
        }
    }
}

#[test]
fn o20_a_long_pipeline_breaks_on_a_small_stack() {
    on_a_small_stack(|| {
        let mut vm = GroundVm::new(|_| transition_no_state!());
        let (first, resolver) = promise::<Value>();
        let told = std::sync::Arc::new(std::sync::Mutex::new(None));
        let hears = told.clone();
        vm.ask(
            |cx| {
                let mut last = first;
                for _ in 0..100_000 {
                    last = send(cx, &last, "go", ());
                }
                last
            },
            move |got| *hears.lock().unwrap() = Some(got),
        );
        vm.run(usize::MAX);
        drop(resolver);
        vm.run(usize::MAX);
        let why = told.lock().unwrap().take().unwrap().unwrap_err();
        assert_eq!(Broken::of(&why), Some(&Broken::Abandoned));
    });
}

#[test]
fn o20_too_many_messages_at_one_promise_are_refused() {
    let mut vm = GroundVm::new(|_| transition_no_state!());
    let (later, resolver) = promise::<Value>();
    let refused = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    // In parts, so that the queue stays small.
    for _ in 0..10 {
        vm.tell(|cx| {
            for _ in 0..100_000 {
                send(cx, &later, "go", ());
            }
        });
        vm.run(usize::MAX);
    }
    let hears = refused.clone();
    vm.ask(|cx| send(cx, &later, "go", ()), move |got| hears.lock().unwrap().push(got));
    vm.run(usize::MAX);
    let why = refused.lock().unwrap().pop().unwrap().unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::TooMany));
    assert_eq!(why.to_string(), "too many messages wait there");
    // Nor has it room for what has waited at a promise that follows it.
    let (follower, follows) = promise::<Value>();
    let hears = refused.clone();
    vm.ask(|cx| send(cx, &follower, "go", ()), move |got| hears.lock().unwrap().push(got));
    vm.run(usize::MAX);
    vm.spawn(spawn!(transition_no_state!(follows.follow(later))));
    vm.run(usize::MAX);
    let why = refused.lock().unwrap().pop().unwrap().unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::TooMany));
    drop(resolver);
    vm.run(usize::MAX);
}

/// A chain that grows at its end, as a loop does whose answer is that of its next turn, while
/// others send to its beginning. Each send would go through all of it.
#[test]
fn o20_what_is_sent_to_the_beginning_of_a_chain_that_grows_goes_through_it_once() {
    const LENGTH: usize = 20_000;
    let mut vm = GroundVm::new(|_| transition_no_state!());
    let (first, mut last) = promise::<Value>();
    let told = std::sync::Arc::new(std::sync::Mutex::new(0));
    for _ in 0..LENGTH {
        let (next, resolver) = promise::<Value>();
        let follows: PreAction<()> = std::mem::replace(&mut last, resolver).follow(next);
        vm.spawn(spawn(move |_| transition_no_state!(follows)));
        vm.run(usize::MAX);
        for send_it in [true, false] {
            let told = told.clone();
            let asks = |cx: &Asker| if send_it { send(cx, &first, "go", ()) } else { first.clone() };
            vm.ask(asks, move |_| *told.lock().unwrap() += 1);
        }
        vm.run(usize::MAX);
    }
    vm.spawn(spawn(move |_| transition_no_state!(last.fulfill(Value::from(7)))));
    vm.run(usize::MAX);
    assert_eq!(*told.lock().unwrap(), 2 * LENGTH);
}
