//! R50: destructors of objects that fail, wherever they run.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{AddEndpoint, GroundVm, Opaque, Output, Role, Transition, yield_now};

use crate::notes::{answer, empty, reason, spawned};

/// Its destructor panics.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

/// The action that makes a process, whose boot has captured a bomb.
fn boots<S>(text: &'static str) -> Spawn<S> {
    let bomb = Bomb(text);
    spawn(move |_| {
        let _ = &bomb;
        transition_no_state!()
    })
}

/// An object that is dropped with a bomb, if there is one in it.
struct Armed(#[expect(dead_code, reason = "it is dropped with the object")] Option<Bomb>);

#[object]
impl Armed {
    fn fail(&mut self) {
        panic!("the method");
    }

    fn act_and_fail(&mut self, cx: &Cx<Self>) {
        cx.act(actions![boots("one"), boots("two")]);
        panic!("the method");
    }

    fn let_fail(&mut self, cx: &Cx<Self>, other: Far<Self>) {
        cx.near(&other, |_, _| -> () { panic!("the other") }).unwrap();
    }

    fn fail_on_message(&mut self, cx: &Cx<Self>) {
        cx.act(AddEndpoint::new(Role::subscriber(topic!("fail")), |event, turn| match event.body() {
            Some(_) => panic!("the handler"),
            None => turn.skip(),
        }));
    }

    fn quit(&mut self, cx: &Cx<Self>) {
        cx.act(quit().because("enough"));
    }

    fn beside(&mut self, cx: &Cx<Self>) -> Far<Self> {
        cx.make(Self(Some(Bomb("beside"))))
    }
}

/// The reason for which the one process has ended that has. Others live on.
fn ended(mut sim: Sim) -> String {
    let other = spawned(&mut sim, 0, Armed(None));
    answer(&mut sim, |cx| other.beside(cx)).map(drop).unwrap();
    let [exit, ..] = sim.exits() else { panic!("none has ended") };
    exit.reason.to_string()
}

#[test]
fn r50_an_object_whose_method_panics_goes_by_itself() {
    let mut sim = empty();
    let armed = spawned(&mut sim, 0, Armed(Some(Bomb("the object"))));
    reason(&mut sim, |cx| armed.fail(cx));
    assert_eq!(ended(sim), "panic: the method");
    // So does all that it has asked for.
    let mut sim = empty();
    let armed = spawned(&mut sim, 0, Armed(None));
    reason(&mut sim, |cx| armed.act_and_fail(cx));
    assert_eq!(ended(sim), "panic: the method");
    // And one that is called near.
    let mut sim = empty();
    let armed = spawned(&mut sim, 0, Armed(None));
    let beside = answer(&mut sim, |cx| armed.beside(cx)).unwrap();
    reason(&mut sim, |cx| armed.let_fail(cx, &beside));
    assert_eq!(ended(sim), "panic: the other");
    // And one that is the state of a handler.
    let mut sim = empty();
    let armed = spawned(&mut sim, 0, Armed(Some(Bomb("the object"))));
    answer(&mut sim, |cx| armed.fail_on_message(cx)).unwrap();
    sim.send(&Text::from("fail"));
    sim.run();
    assert_eq!(ended(sim), "panic: the handler");
}

#[test]
fn r50_each_object_of_a_process_that_ends_goes_by_itself() {
    let mut sim = empty();
    let armed = spawned(&mut sim, 0, Armed(Some(Bomb("the object"))));
    let _beside = answer(&mut sim, |cx| armed.beside(cx)).unwrap();
    answer(&mut sim, |cx| armed.quit(cx)).unwrap();
    assert_eq!(ended(sim), "enough");
}

/// Holds a promise until somebody says so.
fn holder(promise: Promise<Value>, until: &'static str) -> Spawn<()> {
    let role = Role::subscriber(Value::from(until));
    let lets_go = AddEndpoint::new(role, |event, turn| match event.body() {
        Some(_) => turn.transition(|held: Option<Promise<Value>>| {
            drop(held);
            Transition::new(None, ())
        }),
        None => turn.skip(),
    });
    spawn(move |_| Transition::new(Some(promise), lets_go))
}

/// A promise is dropped in a turn, with what it was settled with.
#[test]
fn o18_a_value_that_panics_in_a_turn_keeps_nothing_else_from_falling() {
    let mut vm = GroundVm::new(|_| transition_no_state!(subscriber!("stay")));
    for (until, bomb) in [("first", true), ("second", false)] {
        let (spawn, far) = spawn_object(Armed(None));
        let (promise, resolver) = promise::<Value>();
        let bomb: Option<Value> = bomb.then(|| Opaque::new(Bomb("the value")).into());
        let value = Value::sequence(bomb.into_iter().chain([far.to_value()]));
        vm.spawn(spawn);
        vm.spawn(holder(promise, until));
        vm.spawn(spawn!(transition_no_state!(resolver.fulfill(value))));
    }
    vm.run(usize::MAX);
    assert_eq!(vm.object_stats().objects, 2);
    for (until, left) in [("first", 1), ("second", 0)] {
        vm.send(&Text::from(until));
        vm.run(usize::MAX);
        assert_eq!(vm.object_stats().objects, left);
    }
    assert_eq!(reasons(&mut vm), ["panic: the value"]);
}

/// Why those have ended that have.
fn reasons(vm: &mut GroundVm) -> Vec<String> {
    let outputs = std::iter::from_fn(|| vm.poll());
    outputs
        .filter_map(
            |output| if let Output::Exit(exit) = output { Some(exit.reason.to_string()) } else { None },
        )
        .collect()
}

#[test]
fn r50_no_process_is_to_blame_for_what_the_host_lets_go_of() {
    let (promise, resolver) = promise::<Value>();
    let mut vm = GroundVm::new(|_| {
        let sends =
            tell(move |cx| drop(send_parts(cx, &promise, vec![Opaque::new(Bomb("argument")).into()])));
        let works = AddEndpoint::new(Role::subscriber(topic!("work")), |event, turn| {
            turn.act(event.body().map(|_| yield_now(|()| Transition::new((), send_message!("done")))))
        });
        Transition::new((), (sends, works))
    });
    vm.run(usize::MAX);
    vm.send(&Text::from("work"));
    vm.run(1);
    drop(resolver);
    vm.run(usize::MAX);
    assert_eq!(reasons(&mut vm), [""; 0]);
    assert!(vm.outcome().is_ok());
}

/// An object whose copies have bombs.
struct Copied(Option<Bomb>);

impl Clone for Copied {
    fn clone(&self) -> Self {
        Self(Some(Bomb("a copy")))
    }
}

#[object(transactional)]
impl Copied {
    fn change(&mut self, cx: &Cx<Self>, fails: bool) -> Result<(), Failure> {
        self.0 = None;
        let other = cx.make(Self(None));
        cx.near(&other, |_, _| ())?;
        cx.act(actions![boots("one"), boots("two")]);
        if fails { Err(Failure::value(&"undo".to_string())) } else { Ok(()) }
    }
}

#[test]
fn r50_each_thing_that_is_undone_goes_by_itself() {
    for (fails, why) in [(true, "panic: one"), (false, "panic: a copy")] {
        let mut sim = empty();
        let copied = spawned(&mut sim, 0, Copied(None));
        reason(&mut sim, |cx| copied.change(cx, fails));
        assert_eq!(ended(sim), why);
    }
}
