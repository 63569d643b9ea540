//! Data, references, errors and resolvers pass a membrane.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Limits, View};

use crate::gate::tests::{AskAnother, Friend, Notes, Over, answer, friend, gone, listener, made};
use crate::gate::{Revoker, membrane};

/// Ann is inside of a membrane, Bob outside.
struct Wall {
    sim: Sim,
    notes: Notes,
    ann: Far<Friend>,
    bob: Far<Friend>,
    /// Ann, as she is seen outside.
    gate: Far<Friend>,
    revoker: Revoker,
}

fn wall() -> Wall {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let (ann, bob) = (friend(&mut sim, "ann", &notes), friend(&mut sim, "bob", &notes));
    let (gate, revoker) = made(&mut sim, |cx| membrane(cx, &ann));
    Wall { sim, notes, ann, bob, gate, revoker }
}

#[test]
fn order_and_data_pass() {
    let Wall { mut sim, notes, gate, .. } = wall();
    sim.tell(|cx| {
        for n in 0..5 {
            gate.hear(cx, n);
        }
    });
    assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 5)), Ok(5));
    assert_eq!(notes.take(), (0..6).map(|n| format!("ann: {n}")).collect::<Vec<_>>());
    let data = (vec![1u8, 2], Text::from("three"), Some(4.5f64)).to_value();
    assert_eq!(answer(&mut sim, |cx| gate.echo(cx, &data)), Ok(data));
    let why = answer(&mut sim, |cx| send(cx, &gate, "sing", ())).unwrap_err();
    assert!(matches!(Broken::of(&why), Some(Broken::NoMethod { .. })), "{why}");
}

/// The same in, the same out; and what comes home is the object itself.
#[test]
fn identity_is_kept_inside_and_outside() {
    let Wall { mut sim, ann, bob, gate, .. } = wall();
    assert_ne!(gate, ann);
    assert_eq!(answer(&mut sim, |cx| gate.me(cx)), Ok(gate.clone()), "outside she is always the same");
    assert_eq!(answer(&mut sim, |cx| gate.is_me(cx, &gate)), Ok(true), "inside she is herself");
    assert_eq!(answer(&mut sim, |cx| gate.echo(cx, &bob)), Ok(bob.to_value()), "and so is Bob outside");
    for _ in 0..3 {
        sim.tell(|cx| {
            gate.keep(cx, &bob);
            gate.keep(cx, &bob);
        });
        sim.run();
    }
    assert_eq!(answer(&mut sim, |cx| ann.has_one(cx)), Ok(true), "inside Bob is always the same");
    sim.tell(|cx| {
        ann.keep(cx, &bob);
    });
    sim.run();
    assert_eq!(answer(&mut sim, |cx| ann.has_one(cx)), Ok(false), "but not Bob himself");
    // In data, too.
    let several = (vec![bob.clone(), gate.clone()], Some(bob.clone())).to_value();
    assert_eq!(answer(&mut sim, |cx| gate.echo(cx, &several)), Ok(several));
}

/// An argument is spoken to from inside, and an answer from outside.
#[test]
fn what_has_passed_is_spoken_to_through_the_membrane() {
    let Wall { mut sim, notes, bob, gate, .. } = wall();
    assert_eq!(answer(&mut sim, |cx| gate.name_of(cx, &bob)), Ok("bob".into()));
    assert_eq!(answer(&mut sim, |cx| gate.name_of(cx, &gate)), Ok("ann".into()));
    // A pipeline: the answer is spoken to before it is there.
    assert_eq!(answer(&mut sim, |cx| gate.me(cx).me(cx).hear(cx, 1)), Ok(1));
    assert_eq!(notes.take(), ["ann: 1"]);
}

#[test]
fn o9_an_answer_that_nobody_wants_is_not_asked_for_behind_a_membrane() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let far = listener(&mut sim, &notes);
    let (gate, _revoker) = made(&mut sim, |cx| membrane(cx, &far));
    sim.tell(|cx| {
        gate.hear(cx, 1);
    });
    assert_eq!(answer(&mut sim, |cx| gate.hear(cx, 2)), Ok(2));
    assert_eq!(notes.take(), ["1, wanted: false", "2, wanted: true"]);
}

/// A promise passes before it is settled, and what settles it passes then.
#[test]
fn promises_pass() {
    let Wall { mut sim, ann, bob, gate, .. } = wall();
    let (later, resolver) = promise::<Far<Friend>>();
    let asked = sim.ask(|cx| gate.name_of(cx, &later));
    sim.tell(|cx| {
        gate.keep(cx, later.to_value());
        gate.keep(cx, later.to_value());
    });
    sim.run();
    assert_eq!(asked.answer(), None);
    assert_eq!(answer(&mut sim, |cx| ann.has_one(cx)), Ok(true), "the same promise is the same inside");
    let to = bob.clone();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(to))));
    sim.run();
    assert_eq!(asked.answer(), Some(Ok("bob".into())));
}

/// A resolver goes in, and what it says comes out.
#[test]
fn resolvers_pass() {
    let Wall { mut sim, gate, .. } = wall();
    let (later, resolver) = promise::<Far<Friend>>();
    sim.tell(|cx| {
        gate.says_me(cx, resolver.clone());
    });
    assert_eq!(answer(&mut sim, |_| later.clone()), Ok(gate.clone()), "she is who she is outside");
    let (later, resolver) = promise::<Value>();
    sim.tell(|cx| {
        gate.keep(cx, resolver.to_value());
    });
    drop(resolver);
    sim.run();
    sim.tell(|cx| gate.let_go(cx));
    let why = answer(&mut sim, |_| later.clone()).unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::Abandoned));
}

/// The other side lets go of a resolver: who has it on this side still decides.
#[test]
fn a_resolver_that_is_let_go_inside_decides_nothing() {
    let Wall { mut sim, gate, .. } = wall();
    let (later, resolver) = promise::<u64>();
    sim.tell(|cx| {
        gate.keep(cx, resolver.to_value());
    });
    sim.run();
    sim.tell(|cx| gate.let_go(cx));
    sim.run();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(7u64))));
    assert_eq!(answer(&mut sim, |_| later.clone()), Ok(7));
}

/// A reason that has references is one outside, too, and its references are of outside.
#[test]
fn reasons_pass() {
    let Wall { mut sim, gate, .. } = wall();
    let why = answer(&mut sim, |cx| gate.fail(cx)).unwrap_err();
    assert_eq!(why.to_string(), "ask another one");
    assert_eq!(why.decode(), Some(AskAnother(gate)));
}

/// A host value could carry anything: it does not pass.
#[test]
fn what_cannot_pass_is_told() {
    let Wall { mut sim, notes, gate, .. } = wall();
    let host_value = marketplace::Opaque::new(7u8).to_value();
    let why = answer(&mut sim, |cx| gate.echo(cx, vec![host_value].to_value())).unwrap_err();
    assert!(matches!(Broken::of(&why), Some(Broken::NotPassable { place: 1, .. })), "{why}");
    assert!(notes.take().is_empty());
}

/// All that has passed is gone at once, each way, and what is under way breaks.
#[test]
fn all_is_taken_back_at_once() {
    let Wall { mut sim, notes, ann, bob, gate, revoker } = wall();
    let other: Far<Friend> = made(&mut sim, |_| bob.clone());
    sim.tell(|cx| {
        gate.keep(cx, &bob);
    });
    let under_way = sim.ask(|cx| gate.wait(cx, 1));
    let (later, _resolver) = promise::<Far<Friend>>();
    let waits = sim.ask(|cx| gate.name_of(cx, &later));
    sim.run();
    assert_eq!(answer(&mut sim, |cx| revoker.revoke(cx, Over)), Ok(()));
    for asked in [under_way, waits] {
        assert_eq!(gone(&asked.answer().unwrap().unwrap_err()).decode(), Some(Over));
    }
    assert_eq!(gone(&answer(&mut sim, |cx| gate.hear(cx, 2)).unwrap_err()).decode(), Some(Over));
    // Nobody is hurt.
    assert_eq!(answer(&mut sim, |cx| ann.hear(cx, 3)), Ok(3));
    assert_eq!(answer(&mut sim, |cx| other.hear(cx, 4)), Ok(4));
    assert_eq!(notes.take(), ["ann waits: 1", "ann: 3", "bob: 4"]);
}

/// Two membranes, one around the other: what passes both comes home through both.
#[test]
fn a_membrane_around_a_membrane() {
    let Wall { mut sim, ann, bob, gate, revoker, .. } = wall();
    let (outer, _of_outer) = made(&mut sim, |cx| membrane(cx, &gate));
    assert_eq!(answer(&mut sim, |cx| outer.me(cx)), Ok(outer.clone()));
    assert_eq!(answer(&mut sim, |cx| outer.is_me(cx, &outer)), Ok(true));
    assert_eq!(answer(&mut sim, |cx| outer.echo(cx, &bob)), Ok(bob.to_value()));
    assert_eq!(answer(&mut sim, |cx| outer.name_of(cx, &bob)), Ok("bob".into()));
    sim.tell(|cx| revoker.revoke(cx, Over));
    let why = answer(&mut sim, |cx| outer.name(cx)).unwrap_err();
    assert_eq!(gone(&why).decode(), Some(Over), "{why}");
    assert_eq!(answer(&mut sim, |cx| ann.name(cx)), Ok("ann".into()));
}

#[test]
fn nothing_is_left_of_a_membrane() {
    let notes = Notes::default();
    let mut sim = Sim::new(|_| transition_no_state!());
    let empty = sim.stats().processes;
    let (ann, bob) = (friend(&mut sim, "ann", &notes), friend(&mut sim, "bob", &notes));
    let (gate, revoker) = made(&mut sim, |cx| membrane(cx, &ann));
    sim.tell(|cx| {
        gate.keep(cx, &bob);
    });
    assert_eq!(answer(&mut sim, |cx| gate.name_of(cx, &bob)), Ok("bob".into()));
    drop(revoker);
    // Bob is kept inside.
    drop(bob);
    sim.run();
    assert_eq!(sim.stats().processes, empty + 3);
    answer(&mut sim, |cx| gate.let_go(cx)).unwrap();
    assert_eq!(sim.stats().processes, empty + 2, "Bob goes");
    // Ann is kept outside.
    drop(ann);
    sim.run();
    assert_eq!(sim.stats().processes, empty + 2);
    drop(gate);
    sim.run();
    assert_eq!(sim.stats().processes, empty);
}

/// A thing that has gone and comes again has a new stand-in, and the old one takes nothing from it.
#[test]
fn what_passes_again_and_again_leaves_nothing() {
    let Wall { mut sim, ann, bob, gate, .. } = wall();
    let before = (sim.stats().processes, sim.object_stats());
    for _ in 0..50 {
        sim.tell(|cx| {
            gate.keep(cx, &bob);
            gate.let_go(cx);
            gate.keep(cx, &bob);
        });
        sim.run();
        assert_eq!(answer(&mut sim, |cx| gate.name_of(cx, &bob)), Ok("bob".into()));
        sim.tell(|cx| {
            gate.let_go(cx);
        });
        sim.run();
    }
    assert_eq!((sim.stats().processes, sim.object_stats()), before);
    assert_eq!(answer(&mut sim, |cx| ann.name(cx)), Ok("ann".into()));
}

/// A part that a value shares with itself passes once: 60 lists are not 2^60.
#[test]
fn a_value_shares_on_the_other_side_what_it_shared() {
    let Wall { mut sim, bob, gate, .. } = wall();
    sim.set_limits(Limits { queued_bytes: usize::MAX, ..Limits::default() });
    let wraps: [fn(Value) -> Value; 3] = [
        |half| Value::sequence([half.clone(), half]),
        |half| Value::record("both", [half.clone(), half]),
        |half| {
            Value::map([(Value::from(0), half.clone()), (Value::from(1), half)].into_iter().collect())
                .unwrap()
        },
    ];
    let (twenty, sixty) = (20, 60);
    for wrap in wraps {
        let shared = |depth: u32| (0..depth).fold(bob.to_value(), |half, _| wrap(half));
        let mut passed = answer(&mut sim, |cx| gate.echo(cx, shared(twenty))).unwrap();
        for _ in 0..twenty {
            let (first, second) = match passed.view() {
                View::Sequence([first, second]) | View::Record(_, [first, second]) => (first, second),
                View::Map(map) => (&map[&Value::from(0)], &map[&Value::from(1)]),
                other => panic!("{other:?}"),
            };
            let at = |value: &Value| match value.view() {
                View::Sequence(items) | View::Record(_, items) => items.as_ptr().addr(),
                View::Map(map) => std::ptr::from_ref(map).addr(),
                _ => 0,
            };
            assert_eq!(at(first), at(second));
            passed = first.clone();
        }
        assert_eq!(passed, bob.to_value());
        assert!(answer(&mut sim, |cx| gate.echo(cx, shared(sixty))).is_ok());
    }
}
