//! A turn that fails has a resolver in its hands: the promise breaks with the reason (O15).

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{GroundVm, IntoActionTree, Limits};

use crate::deeds::{said, say, waiting};

type Has = Option<Resolver<u64>>;

/// Makes a process that has the resolver in a way of its own.
type Way = fn(Resolver<u64>) -> Spawn<()>;

fn hurt<T>() -> T {
    panic!("hurt")
}

/// It takes the resolver out of its state, and does this.
fn takes<T: IntoActionTree<Has> + 'static>(
    resolver: Resolver<u64>,
    does: fn(Resolver<u64>) -> T,
) -> Spawn<()> {
    spawn!(transition!(
        Some(resolver),
        subscriber!("fail", match_state!(has: &mut Has => on_message!(_ => has.take().map(does))))
    ))
}

/// Its state is moved into the clause, or what it takes out of that is.
fn by_state(resolver: Resolver<u64>) -> Spawn<()> {
    spawn!(transition!(
        Some(resolver),
        subscriber!(
            "fail",
            match_state!(has: Has => on_message!(_ => {
                let _has = has;
                hurt::<Transition<Has>>()
            }))
        )
    ))
}

fn by_what_it_takes(resolver: Resolver<u64>) -> Spawn<()> {
    takes(resolver, |_taken| hurt::<()>())
}

/// It gives an error, after it has dropped the state.
fn by_error(resolver: Resolver<u64>) -> Spawn<()> {
    spawn!(transition!(
        Some(resolver),
        subscriber!(
            "fail",
            match_state!(_has: Has => on_message!(_ => {
                Err::<Transition<Has>, _>(Failure::value(&Text::from("hurt")))?
            }))
        )
    ))
}

/// The action that would settle the promise never comes to be.
fn by_action(resolver: Resolver<u64>) -> Spawn<()> {
    takes(resolver, |taken| actions![taken.fulfill(7u64), hurt::<()>()])
}

/// It is in the message.
fn by_message(resolver: Resolver<u64>) -> Spawn<()> {
    let takes = || {
        transition_no_state!(subscriber!(
            ("take", _),
            on_message!(("take", _taken): (Text, Resolver<u64>) => hurt::<()>())
        ))
    };
    spawn!(transition!(
        Some(resolver),
        spawn!(takes()),
        subscriber!(
            "fail",
            match_state!(has: &mut Has => on_message!(_ => has.take().map(|has| send_message!(("take", has)))))
        )
    ))
}

/// An endpoint that is for one message holds it.
fn by_once(resolver: Resolver<u64>) -> Spawn<()> {
    spawn!(transition_no_state!(once(subscriber!(
        "fail",
        on_message!(_ => {
            let _held = &resolver;
            hurt::<()>()
        })
    ))))
}

/// A continuation holds it: that of a yield, or of a spawn.
fn by_yield(resolver: Resolver<u64>) -> Spawn<()> {
    takes(resolver, |taken| {
        yield_now!(|_state: Has| {
            let _held = taken;
            hurt::<Transition<Has>>()
        })
    })
}

fn by_continuation(resolver: Resolver<u64>) -> Spawn<()> {
    takes(resolver, |taken| {
        spawn_continue!(child: transition_no_state!(), parent: |_state: Has, _child| {
            let _held = taken;
            hurt::<Transition<Has>>()
        })
    })
}

/// A closure that waits for a promise holds it, or is given it.
fn by_when(resolver: Resolver<u64>) -> Spawn<()> {
    let (open, opens) = promise::<u64>();
    spawn!(transition!(
        opens,
        when(open, move |_state: Resolver<u64>, _got| {
            let _held = resolver;
            hurt::<Transition<Resolver<u64>>>()
        }),
        subscriber!("fail", match_state!(opens: &Resolver<u64> => on_message!(_ => opens.fulfill(1u64))))
    ))
}

fn by_answer(resolver: Resolver<u64>) -> Spawn<()> {
    let (open, opens) = promise::<Resolver<u64>>();
    type Opens = (Resolver<Resolver<u64>>, Has);
    spawn!(transition!(
        (opens, Some(resolver)),
        when(open, move |_state: Opens, _got| hurt::<Transition<Opens>>()),
        subscriber!(
            "fail",
            match_state!(state: &mut Opens => on_message!(_ => state.1.take().map(|has| state.0.fulfill(has))))
        )
    ))
}

struct Hurt(Option<Resolver<u64>>);

#[object]
impl Hurt {
    fn take(&self, _resolver: Resolver<u64>) -> u64 {
        hurt()
    }

    fn fail(&mut self) -> u64 {
        let _has = self.0.take();
        hurt()
    }
}

/// An object is given it, or has it.
fn by_argument(resolver: Resolver<u64>) -> Spawn<()> {
    takes(resolver, |taken| {
        let (spawn, far) = spawn_object(Hurt(None));
        actions![
            spawn,
            tell(move |cx| {
                far.take(cx, taken);
            })
        ]
    })
}

fn by_object(resolver: Resolver<u64>) -> Spawn<()> {
    let (spawn, far) = spawn_object(Hurt(Some(resolver)));
    spawn!(transition_no_state!(
        spawn,
        subscriber!(
            "fail",
            on_message!(_ => tell(|cx| {
                far.fail(cx);
            }))
        )
    ))
}

/// The boot of a child holds it.
fn by_boot(resolver: Resolver<u64>) -> Spawn<()> {
    takes(resolver, |taken| {
        spawn!({
            let _held = taken;
            hurt::<Transition<()>>()
        })
    })
}

/// Somebody waits for a promise, at each of several depths. The process that has the resolver hears
/// this word, in the ground VM.
fn breaks_with(word: &str, has: Way, case: &str, told: &str) {
    for depth in 0..3 {
        let (mut sim, notes, resolver) = waiting(depth);
        sim.spawn(has(resolver));
        sim.run();
        assert!(notes.take().is_empty(), "{case}");
        say(&mut sim, word);
        assert_eq!(notes.take(), [format!("it: broken: it is gone ({told})")], "depth {depth}: {case}");
    }
}

#[test]
fn o15_a_turn_that_fails_gives_its_reason_to_what_it_had() {
    let panics: [(&str, Way); 13] = [
        ("state", by_state),
        ("what it takes", by_what_it_takes),
        ("action", by_action),
        ("message", by_message),
        ("once", by_once),
        ("yield", by_yield),
        ("continuation", by_continuation),
        ("when", by_when),
        ("answer", by_answer),
        ("argument", by_argument),
        ("object", by_object),
        ("boot", by_boot),
        ("outer", |resolver| spawn_vm!(outside(resolver))),
    ];
    for (case, has) in panics {
        breaks_with("fail", has, case, "panic: hurt");
    }
    breaks_with("fail", by_error, "error", "hurt");
}

/// The turn is one of another tower.
#[test]
fn o15_a_turn_of_another_tower_that_fails_gives_its_reason_too() {
    let ways: [Way; 4] = [by_state, by_what_it_takes, by_message, by_once];
    for (case, has) in ways.into_iter().enumerate() {
        for depth in 0..2 {
            let (mut sim, notes, resolver) = waiting(depth);
            sim.run();
            let mut other = crate::deeds::sim();
            other.spawn(has(resolver));
            other.run();
            say(&mut other, "fail");
            sim.run();
            assert_eq!(notes.take(), ["it: broken: it is gone (panic: hurt)"], "{case} {depth}");
        }
    }
}

/// It hears in the VM around it that it is to fail.
fn outside(resolver: Resolver<u64>) -> Spawn<()> {
    spawn!(transition!(
        Some(resolver),
        at_meta_level!(subscriber!(
            "fail",
            match_state!(has: Has => on_message!(_ => {
                let _has = has;
                hurt::<Transition<Has>>()
            }))
        ))
    ))
}

/// The process that has the resolver fails, and another one that was told the same lives on.
#[test]
fn o15_who_lives_on_lets_go_for_its_own_reasons() {
    let lets_go = |resolver| {
        spawn!(transition!(
            Some(resolver),
            subscriber!("fail", on_message!(_ => hurt::<()>())),
            subscriber!("fail", match_state!(_has: Has => on_message!(_ => transition!(None)))),
        ))
    };
    breaks_with("fail", lets_go, "the endpoints of one process", "panic: hurt");
    for first in [true, false] {
        let (mut sim, notes, resolver) = waiting(0);
        let fails = || spawn!(transition_no_state!(subscriber!(_, on_message!("fail" => hurt::<()>()))));
        if first {
            sim.spawn(fails());
        }
        sim.spawn(spawn!(transition!(
            Some(resolver),
            subscriber!("fail", match_state!(_has: Has => on_message!(_ => transition!(None)))),
        )));
        if !first {
            sim.spawn(fails());
        }
        say(&mut sim, "fail");
        assert_eq!(notes.take(), ["it: broken: nobody is left who could answer"], "first: {first}");
    }
}

/// An endpoint is deleted, and a peer fails that hears of it.
#[test]
fn o15_what_is_deleted_is_not_blamed_on_a_peer_that_fails() {
    for in_topic in [true, false] {
        let (mut sim, notes, resolver) = waiting(0);
        let hurts = observe_publishers!(_, on_absence!(hurt::<()>()));
        sim.spawn(spawn!(transition_no_state!(hurts)));
        let topic = if in_topic { resolver.to_value() } else { Value::from("there") };
        let held = Some(resolver).filter(|_| !in_topic);
        let holds = AddEndpoint::new(Role::publisher(topic), move |_, turn| {
            let _held = &held;
            turn.skip()
        });
        let deletes = subscriber!("fail", on_message!(_ => delete_endpoint("it")));
        sim.spawn(spawn!(transition_no_state!(name_endpoint("it", holds), deletes)));
        say(&mut sim, "fail");
        let told = notes.take();
        assert_eq!(told, ["it: broken: nobody is left who could answer"], "in its topic: {in_topic}");
    }
}

/// The actions behind its quit are never performed.
#[test]
fn o15_what_a_process_still_wanted_to_do_goes_with_it() {
    let sends = |resolver: Resolver<u64>| {
        spawn!(transition!(
            Some(resolver),
            subscriber!(
                "end",
                match_state!(has: &mut Has => on_message!(_ => {
                    let has = has.take();
                    actions![quit().because(Reason::value(&Text::from("over"))), send_message!(("take", has))]
                }))
            )
        ))
    };
    breaks_with("end", sends, "a message", "over");
    let spawns = |resolver: Resolver<u64>| {
        spawn!(transition!(
            Some(resolver),
            subscriber!(
                "end",
                match_state!(has: &mut Has => on_message!(_ => {
                    let has = has.take();
                    actions![
                        quit().because(Reason::value(&Text::from("over"))),
                        spawn!({
                            let _has = has;
                            transition_no_state!()
                        })
                    ]
                }))
            )
        ))
    };
    breaks_with("end", spawns, "a spawn", "over");
}

/// Somebody waits for a promise, in the ground VM. The process that has the resolver hears "fail"
/// when these limits are in force.
fn told_within(limits: Limits, has: Way) -> Vec<String> {
    let (mut sim, notes, resolver) = waiting(0);
    sim.spawn(has(resolver));
    sim.run();
    sim.set_limits(limits);
    say(&mut sim, "fail");
    notes.take()
}

/// On hearing "fail", it asks for this.
fn asks<A: IntoActionTree<Has> + 'static>(
    resolver: Resolver<u64>,
    what: impl Fn(Option<Resolver<u64>>) -> A + Send + 'static,
) -> Spawn<()> {
    spawn!(transition!(
        Some(resolver),
        subscriber!("fail", match_state!(has: &mut Has => on_message!(_ => what(has.take()))))
    ))
}

/// A limit leaves no room for what holds the resolver: for actions, at first and later, and for an
/// endpoint.
#[test]
fn o15_a_limit_that_a_process_crosses_is_the_reason() {
    let few = Limits { queued: 12, ..Limits::default() };
    let at_first = |resolver| {
        asks(resolver, |has| {
            spawn!(transition_no_state!(
                (0..20).map(|n: u64| send_message!((n, has.clone()))).collect::<Vec<_>>()
            ))
        })
    };
    let later = |resolver| {
        asks(resolver, |has| (0..20).map(|n: u64| send_message!((n, has.clone()))).collect::<Vec<_>>())
    };
    for has in [at_first as fn(_) -> _, later] {
        assert_eq!(
            told_within(few, has),
            ["it: broken: it is gone (queue full: 12 actions are waiting already)"]
        );
    }
    let none = Limits { endpoints: 0, ..Limits::default() };
    let inside = |resolver| {
        asks(resolver, |held| {
            AddEndpoint::new(Role::subscriber(Value::from("new")), move |_, turn| {
                let _held = &held;
                turn.skip()
            })
        })
    };
    let outside = |resolver| {
        asks(resolver, |held| {
            let source = Topic::record("Ground", [Topic::any(), held.to_value().into()]);
            at_meta_level!(AddEndpoint::new(Role::subscriber(source), |_, turn| turn.skip()))
        })
    };
    for has in [inside as fn(_) -> _, outside] {
        assert_eq!(
            told_within(none, has),
            ["it: broken: it is gone (too many endpoints: 0 are there already)"]
        );
    }
}

/// Outside of the ground VM there are no processes.
#[test]
fn o15_a_deed_that_nobody_can_do_is_the_reason() {
    let spawns = |resolver| {
        asks(resolver, |held| {
            at_meta_level!(spawn!({
                let _held = held;
                transition_no_state!()
            }))
        })
    };
    let [told] = &told_within(Limits::default(), spawns)[..] else { panic!("it is told once") };
    assert!(told.starts_with("it: broken: it is gone (") && told.contains("spawn"), "{told}");
}

/// Nobody looks on.
#[test]
fn o15_a_turn_that_is_not_recorded_gives_its_reason_too() {
    for has in [by_state, by_message, by_argument] {
        let mut vm = GroundVm::new(|_| transition_no_state!());
        let (open, resolver) = promise::<u64>();
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = told.clone();
        vm.ask(|_| open, move |got: Result<u64, Reason>| hears.lock().unwrap().push(said(&got)));
        vm.spawn(has(resolver));
        vm.run(usize::MAX);
        vm.send(&Text::from("fail"));
        vm.run(usize::MAX);
        assert_eq!(*told.lock().unwrap(), ["broken: it is gone (panic: hurt)"]);
    }
}

/// The boot of the outermost VM holds it.
#[test]
fn o15_a_ground_vm_that_does_not_boot_says_why() {
    let (open, resolver) = promise::<u64>();
    let mut vm = GroundVm::new(move |_| {
        let _held = resolver;
        hurt::<Transition<()>>()
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = told.clone();
    vm.ask(|_| open, move |got: Result<u64, Reason>| hears.lock().unwrap().push(said(&got)));
    vm.run(usize::MAX);
    assert_eq!(*told.lock().unwrap(), ["broken: it is gone (panic: hurt)"]);
}
