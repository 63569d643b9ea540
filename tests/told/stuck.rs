//! Processes that wait for promises which nobody settles are named.
#![cfg(debug_assertions)]

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::{logs, told};

struct Counter(u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
}

fn adds(counter: Far<Counter>) -> Transition<()> {
    transition_no_state!(ask(
        |cx| counter.add(cx, 2),
        |(), sum| {
            sum?;
            Ok(transition_no_state!())
        }
    ))
}

#[test]
fn o15_an_object_that_was_never_spawned_is_told_when_the_program_ends() {
    assert_eq!(logs(&told("stuck::never_spawned")), [format!("WARN marketplace: adds() {VAIN}")]);
    assert_eq!(
        logs(&told("stuck::never_spawned_in_sight")),
        [
            "WARN marketplace: adds() waits for the answer to `add`, whose object was never spawned: its spawn is not \
             among the actions"
        ]
    );
}

const VAIN: &str = "waits for a promise that nobody has settled: is the spawn of its object among the actions, \
                    or was its resolver kept and never used?";

#[test]
#[ignore = "run by other tests"]
fn never_spawned_in_sight() {
    fn shows(counter: Far<Counter>) -> Transition<()> {
        transition_no_state!(publisher!(("counter", counter)))
    }
    let (_spawn, counter) = spawn_object::<(), _>(Counter(0));
    let shown = counter.clone();
    assert_eq!(ground_vm!(spawn!(shows(shown)), spawn!(adds(counter))), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn never_spawned() {
    let (_spawn, counter) = spawn_object::<(), _>(Counter(0));
    assert_eq!(ground_vm!(spawn!(adds(counter))), Ok(()));
}

#[test]
fn o15_a_promise_that_nobody_settles_is_told_when_the_program_ends() {
    assert_eq!(logs(&told("stuck::never_settled")), [format!("WARN marketplace: waits() {VAIN}")]);
}

fn waits(promise: Promise<u64>) -> Transition<()> {
    transition_no_state!(when(&promise, |(), _| transition_no_state!()))
}

#[test]
#[ignore = "run by other tests"]
fn never_settled() {
    let (promise, _resolver) = promise::<u64>();
    assert_eq!(ground_vm!(spawn!(waits(promise))), Ok(()));
}

struct Left(Option<Promise<u64>>);

#[object]
impl Left {
    fn begin(&mut self, cx: &Cx<Self>, right: Far<Right>) {
        let theirs = right.done(cx);
        self.0 = Some(cx.when(theirs, |_, _, theirs| Ok(theirs? + 1)));
    }
    fn done(&self) -> Result<Promise<u64>, Failure> {
        self.0.clone().ok_or_else(|| Failure::value(&Text::from("not yet")))
    }
}

struct Right(Option<Promise<u64>>);

#[object]
impl Right {
    fn begin(&mut self, cx: &Cx<Self>, left: Far<Left>) {
        let theirs = left.done(cx);
        self.0 = Some(cx.when(theirs, |_, _, theirs| Ok(theirs? + 1)));
    }
    fn done(&self) -> Result<Promise<u64>, Failure> {
        self.0.clone().ok_or_else(|| Failure::value(&Text::from("not yet")))
    }
}

fn pair() -> Transition<()> {
    let ((spawn_left, left), (spawn_right, right)) = (spawn_object(Left(None)), spawn_object(Right(None)));
    transition_no_state!(
        spawn_left,
        spawn_right,
        tell(move |cx| {
            left.begin(cx, &right);
            right.begin(cx, &left)
        })
    )
}

const RING: &str = "promises wait for each other, so none is ever settled: Left() waits for Right(), \
                    Right() waits for Left(); let one of them answer without waiting for the other";

#[test]
fn o15_a_ring_of_promises_is_told_once() {
    assert_eq!(logs(&told("stuck::ring")), [format!("WARN marketplace: {RING}")]);
    assert_eq!(logs(&told("stuck::ring_in_a_program_that_goes_on")), [format!("WARN marketplace: {RING}")]);
}

#[test]
#[ignore = "run by other tests"]
fn ring() {
    assert_eq!(ground_vm!(pair().actions), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn ring_in_a_program_that_goes_on() {
    use marketplace::vat::{Vat, VatOptions};
    let vat = Vat::spawn(VatOptions::default(), |_| pair()).expect("a thread");
    // It is idle in between.
    for _ in 0..10 {
        vat.call(|_| ()).expect("it is running");
    }
    vat.shutdown().expect("it is running");
    vat.join().expect("it is running").expect("it ends in order");
}

/// Waits for another one, and for a promise beside, by `all` or by `race`.
struct Several {
    by: fn(&Cx<'_, Self>, Vec<Promise<u64>>) -> Promise<u64>,
    done: Option<Promise<u64>>,
}

#[object]
impl Several {
    fn begin(&mut self, cx: &Cx<'_, Self>, other: Far<Self>, beside: Option<Promise<u64>>) {
        let both = [other.done(cx)].into_iter().chain(beside).collect();
        self.done = Some((self.by)(cx, both));
    }
    fn done(&self) -> Result<Promise<u64>, Failure> {
        self.done.clone().ok_or_else(|| Failure::value(&Text::from("not yet")))
    }
}

fn by_all(cx: &Cx<'_, Several>, promises: Vec<Promise<u64>>) -> Promise<u64> {
    cx.when(all(cx, promises), |_, _, all| Ok(all?.into_iter().sum::<u64>()))
}

fn by_race(cx: &Cx<'_, Several>, promises: Vec<Promise<u64>>) -> Promise<u64> {
    cx.when(race(cx, promises), |_, _, first| Ok(first?))
}

/// How many rings are told when two of these are idle, of which one also waits for a promise beside
/// that this resolver settles.
fn rings_of(
    by: fn(&Cx<'_, Several>, Vec<Promise<u64>>) -> Promise<u64>,
    beside: Option<Promise<u64>>,
    settles: Option<Resolver<u64>>,
) -> usize {
    let mut vm = marketplace::GroundVm::new(move |_| {
        let ((spawn_one, one), (spawn_other, other)) =
            (spawn_object(Several { by, done: None }), spawn_object(Several { by, done: None }));
        transition_no_state!(
            spawn_one,
            spawn_other,
            settles.map(|resolver| resolver.fulfill(1u64)),
            tell(move |cx| {
                one.begin(cx, &other, beside);
                other.begin(cx, &one, None)
            })
        )
    });
    vm.run(usize::MAX);
    vm.stuck().iter().filter(|stuck| stuck.to_string().starts_with("promises wait for each other")).count()
}

#[test]
fn o15_a_ring_through_all_or_race_is_found_unless_another_promise_may_end_it() {
    for by in [by_all, by_race] {
        assert_eq!(rings_of(by, None, None), 1);
        // The first that is settled ends a `race`, and a broken one `all`.
        let (beside, resolver) = promise::<u64>();
        assert_eq!(rings_of(by, Some(beside), None), 0);
        drop(resolver);
    }
    let (settled, resolver) = promise::<u64>();
    assert_eq!(rings_of(by_all, Some(settled), Some(resolver)), 1, "the one that is left waits in vain");
}

#[test]
fn promises_that_somebody_may_settle_yet_are_not_told() {
    assert_eq!(told("stuck::in_order"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn in_order() {
    use marketplace::vat::{Vat, VatOptions};
    let (spawn, counter) = spawn_object(Counter(0));
    assert_eq!(ground_vm!(spawn, spawn!(adds(counter))), Ok(()));
    // Another thread has the resolver, while the vat is idle.
    let (promise, resolver) = promise::<u64>();
    let vat = Vat::spawn(VatOptions::default(), move |_| waits(promise)).expect("a thread");
    for _ in 0..10 {
        vat.call(|_| ()).expect("it is running");
    }
    drop(resolver);
    vat.shutdown().expect("it is running");
    vat.join().expect("it is running").expect("it ends in order");
}
