//! Promises that nobody can settle any more (O15).

use std::collections::HashMap;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Limits, Stats};

use crate::deeds::{Keeper, Notes, answer, decider, holder, inside, keeper, say, sim, waiting, waits};

/// The message was delivered to nobody, since the process quits before.
#[test]
fn o15_the_process_that_was_to_answer_has_ended() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, depth, "it", &notes);
        let kept = sim.ask(|cx| far.later(cx));
        sim.run();
        assert_eq!(answer(&kept), "nothing");
        let answers: Vec<_> = {
            sim.tell(|cx| {
                far.quit(cx);
            });
            (0..3).map(|n| sim.ask(|cx| far.echo(cx, n))).collect()
        };
        sim.run();
        for asked in &answers[1..] {
            assert_eq!(answer(asked), "broken: it is gone (left)", "depth {depth}");
        }
        assert_eq!(answer(&kept), "broken: it is gone (left)", "its resolver went with the process");
        let late = sim.ask(|cx| far.echo(cx, 9));
        sim.run();
        assert_eq!(answer(&late), "broken: it is gone (left)");
    }
}

/// A process is about to send, and ends before it does.
#[test]
fn o15_the_send_was_dropped_with_its_process() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, 0, "it", &notes);
        let (to, noted) = (far.clone(), notes.clone());
        let sender = move || {
            let mut promised = None;
            let sends = tell(|cx| promised = Some(to.echo(cx, 1)));
            let promised: Promise<u64> = promised.unwrap();
            let hands_out = tell(|cx| {
                to.wait_for(cx, promised);
            });
            let _ = noted;
            transition_no_state!(hands_out, quit().because(Reason::value(&Text::from("over"))), sends)
        };
        sim.spawn(inside(depth, spawn!(sender())));
        sim.run();
        assert_eq!(notes.take(), ["it: broken: it is gone (over)"], "depth {depth}");
    }
}

/// A promise that one waits for is one that the process that ends was to settle.
#[test]
fn o15_the_when_was_dropped_with_its_process() {
    let notes = Notes::default();
    let mut sim = sim();
    let (open, _resolver) = promise::<u64>();
    let (a, b) = (keeper(&mut sim, 1, "a", &notes), keeper(&mut sim, 2, "b", &notes));
    let asked = sim.ask(|cx| b.wait_for(cx, a.wait_for(cx, &open)));
    sim.run();
    sim.tell(|cx| {
        a.fail(cx);
    });
    sim.run();
    assert_eq!(answer(&asked), "broken: it is gone (panic: hurt)");
    assert_eq!(notes.take(), ["a drops", "b: broken: it is gone (panic: hurt)"]);
}

/// The last handle of the resolver goes with a state, with its process, or with a message that
/// nobody hears.
#[test]
fn o15_the_last_handle_of_the_resolver_is_gone() {
    let broken = ["it: broken: nobody is left who could answer"];
    let ended = ["it: broken: it is gone (normal)"];
    for depth in 0..3 {
        for (word, broken) in [("let go", broken), ("end", ended)] {
            let (mut sim, notes, resolver) = waiting(depth);
            let more = vec![resolver.clone(), resolver.clone()];
            sim.spawn(spawn!(holder(resolver)));
            sim.spawn(spawn!(holder(more)));
            sim.run();
            assert!(notes.take().is_empty());
            say(&mut sim, word);
            assert_eq!(notes.take(), broken, "depth {depth}, {word}");
        }
        let (mut sim, notes, resolver) = waiting(depth);
        sim.spawn(spawn!(transition_no_state!(send_message!(("nobody hears it", resolver)))));
        // The form has cloned it.
        drop(resolver);
        sim.run();
        assert_eq!(notes.take(), broken, "depth {depth}, in a message");
    }
}

/// A process whose only handle of a resolver is in the handler of an endpoint or in its topic; the
/// endpoint is in its own VM, or in the one around it.
fn holder_by_endpoint(resolver: Resolver<u64>, in_topic: bool, outside: bool) -> Spawn<()> {
    let topic = if in_topic { resolver.to_value().into() } else { Topic::any() };
    let kept = Some(resolver).filter(|_| !in_topic);
    let over = |word: &str| Reason::value(&Text::from(word));
    let holds = AddEndpoint::new(Role::publisher(topic), move |_, turn| {
        let _held = &kept;
        turn.skip()
    });
    let holds = if outside { at_meta_level!(holds) } else { actions![holds] };
    let end = subscriber!("end", on_message!(_ => quit().because(over("over"))));
    let end = if outside { at_meta_level!(end) } else { actions![end] };
    spawn!(transition_no_state!(holds, end))
}

/// A handler or a topic has the last handle of the resolver, and goes with its process.
#[test]
fn o15_a_resolver_goes_with_the_endpoints_of_a_process_that_ends() {
    for depth in 0..3 {
        for (in_topic, outside) in [(false, false), (true, false), (false, true), (true, true)] {
            let (mut sim, notes, resolver) = waiting(depth);
            sim.spawn(inside(usize::from(outside), holder_by_endpoint(resolver, in_topic, outside)));
            sim.run();
            say(&mut sim, "end");
            let case = format!("depth {depth}, in the topic: {in_topic}, outside: {outside}");
            assert_eq!(notes.take(), ["it: broken: it is gone (over)"], "{case}");
        }
    }
}

/// The endpoint is at the level of sources, and in the hands of the host.
#[test]
fn o15_a_resolver_goes_with_a_source_of_a_process_that_ends() {
    let (mut sim, notes, resolver) = waiting(0);
    let holder = move || {
        let source = Topic::record("Ground", [Topic::any(), 5u64.to_value().into()]);
        let listens = AddEndpoint::new(Role::subscriber(source), move |_, turn| {
            let _held = &resolver;
            turn.skip()
        });
        let end = subscriber!("end", on_message!(_ => quit().because(Reason::value(&Text::from("over")))));
        transition_no_state!(at_meta_level!(listens), end)
    };
    sim.spawn(spawn!(holder()));
    sim.run();
    say(&mut sim, "end");
    assert_eq!(notes.take(), ["it: broken: it is gone (over)"]);
}

/// The state of a process that fails goes at once, its handlers at its end: both break for one
/// reason.
#[test]
fn o15_a_resolver_goes_with_a_process_that_fails() {
    for in_state in [false, true] {
        let (mut sim, notes, resolver) = waiting(0);
        let holder = move || {
            let (state, kept) = if in_state { (Some(resolver), None) } else { (None, Some(resolver)) };
            transition!(
                state,
                AddEndpoint::new(Role::publisher(Topic::any()), move |_, turn| {
                    let _held = &kept;
                    turn.skip()
                }),
                subscriber!(
                    "fail",
                    match_state!(_state: &Option<Resolver<u64>> => on_message!(_ => fails()?))
                ),
            )
        };
        sim.spawn(spawn!(holder()));
        sim.run();
        say(&mut sim, "fail");
        let told = notes.take();
        assert_eq!(told, ["it: broken: it is gone (hurt)"], "in its state: {in_state}");
    }
}

fn fails() -> Result<(), Failure> {
    Err(Failure::value(&Text::from("hurt")))
}

/// A resolver is a message: whoever has it last decides.
#[test]
fn o15_a_resolver_is_a_message() {
    for (word, told) in [
        ("fulfil", "it: 7"),
        ("break", "it: broken: broken off"),
        ("let go", "it: broken: nobody is left who could answer"),
    ] {
        let (mut sim, notes, resolver) = waiting(0);
        sim.spawn(spawn!(transition_no_state!(subscriber!(
            ("decide", _),
            on_message!(("decide", resolver): (Text, Resolver<u64>) => spawn!(decider(resolver)))
        ))));
        sim.run();
        sim.spawn(spawn!(transition_no_state!(send_message!(("decide", resolver)))));
        // The form has cloned it.
        drop(resolver);
        sim.run();
        assert!(notes.take().is_empty());
        say(&mut sim, word);
        assert_eq!(notes.take(), [told]);
    }
}

/// Resolvers in a map whose order is another one in each run: whoever waits is told by number.
#[test]
fn o15_the_order_of_a_hash_map_does_not_show() {
    let notes = Notes::default();
    let mut sim = sim();
    let mut resolvers = HashMap::new();
    for n in 0..12 {
        let (open, resolver) = promise::<u64>();
        resolvers.insert(n, resolver);
        let noted = notes.clone();
        sim.spawn(spawn!(transition_no_state!(waits(&n.to_string(), open, &noted))));
    }
    sim.spawn(spawn!(holder(resolvers)));
    sim.run();
    say(&mut sim, "let go");
    let expected: Vec<_> = (0..12).map(|n| format!("{n}: broken: nobody is left who could answer")).collect();
    assert_eq!(notes.take(), expected);
}

/// An object of clauses lets go of the duct, or keeps it and ends.
#[test]
fn o15_an_object_of_clauses_lets_go_of_the_duct() {
    let clauses = |here: Here| {
        transition!(
            Vec::<Duct>::new(),
            marketplace::object_of!(
                here,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(
                    m: Vec<Value> => {
                        if m.len() > 1 {
                            kept.push(duct);
                        }
                        transition!(kept)
                    }
                )))
            ),
            subscriber!("end", match_state!(_kept: &Vec<Duct> => on_message!(_ => quit()))),
        )
    };
    let mut sim = sim();
    let (far, here) = reference::<Keeper>();
    sim.spawn(spawn!(clauses(here)));
    let lets_go = sim.ask(|cx| send(cx, &far, "go", ()));
    let keeps = sim.ask(|cx| send(cx, &far, "keep", (1u64,)));
    sim.run();
    assert_eq!(answer(&lets_go), "broken: nobody answered: the duct of the message was dropped");
    assert_eq!(answer(&keeps), "nothing");
    say(&mut sim, "end");
    assert_eq!(answer(&keeps), "broken: it is gone (normal)");
}

/// The answer is a promise that somebody else decides, so the end of the object says nothing.
#[test]
fn o15_an_answer_that_follows_a_promise_waits_with_that() {
    struct Answers(Promise<u64>);
    #[object]
    impl Answers {
        fn get(&self) -> Promise<u64> {
            self.0.clone()
        }
        fn quit(&self, cx: &Cx<Self>) {
            cx.act(quit());
        }
    }
    for depth in 0..3 {
        let mut sim = sim();
        let (open, resolver) = promise::<u64>();
        let (spawn, far) = spawn_object(Answers(open));
        sim.spawn(inside(depth, spawn));
        let asked = sim.ask(|cx| far.get(cx));
        sim.tell(|cx| {
            far.quit(cx);
        });
        sim.run();
        assert_eq!(answer(&asked), "nothing");
        sim.spawn(spawn!(decider(resolver)));
        say(&mut sim, "fulfil");
        assert_eq!(answer(&asked), "7");
    }
}

/// An object that is to be, and never will.
#[test]
fn o15_an_object_that_is_never_there() {
    let notes = Notes::default();
    let mut sim = sim();
    // Nobody performs the spawn.
    let (spawn, far) = spawn_object::<(), _>(Keeper::new("it", &notes));
    let asked = sim.ask(|cx| far.echo(cx, 1));
    sim.run();
    assert_eq!(answer(&asked), "nothing");
    drop(spawn);
    sim.run();
    assert_eq!(answer(&asked), "broken: the object was never there: the action that spawns it was dropped");
    // The process that was to perform it ends before, and may have sent something.
    for sends in [false, true] {
        let (spawn, far) = spawn_object::<(), _>(Keeper::new("it", &notes));
        let asked = sim.ask(|cx| far.echo(cx, 1));
        let other = far.clone();
        let sent = sends.then(|| {
            tell(|cx| {
                other.echo(cx, 2);
            })
        });
        let over = quit().because(Reason::value(&Text::from("over")));
        sim.spawn(spawn!(transition_no_state!(sent, over, spawn)));
        sim.run();
        let never = "broken: the object was never there: the action that spawns it was dropped";
        assert_eq!(answer(&asked), never, "sends: {sends}");
    }
    // Its place is dropped.
    let (far, here) = reference::<Keeper>();
    let asked = sim.ask(|cx| far.echo(cx, 1));
    sim.spawn(spawn!(holder(here)));
    say(&mut sim, "let go");
    assert_eq!(answer(&asked), "broken: the object was never there: its `Here` was dropped");
    // There is no room for it.
    let Stats { processes, .. } = sim.stats();
    sim.set_limits(Limits { processes: processes + 1, ..Limits::default() });
    let (spawn, far) = spawn_object::<(), _>(Keeper::new("it", &notes));
    sim.spawn(spawn!(transition_no_state!(spawn, subscriber!("stay"))));
    let asked = sim.ask(|cx| far.echo(cx, 1));
    sim.run();
    assert!(answer(&asked).starts_with("broken: "), "{asked:?}");
}

/// A VM dies with objects in it, and with promises that they were to settle.
#[test]
fn o15_a_vm_dies_with_promises_that_wait_in_it() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = {
        let (spawn, far) = spawn_object(Keeper::new("it", &notes));
        let vm = spawn_vm!(
            at_meta_level!(subscriber!(
                "bang",
                on_message!(_ =>
                at_meta_level!(quit().because(Reason::value(&Text::from("bang")))))
            )),
            inside(1, spawn),
        );
        sim.spawn(vm);
        far
    };
    let (open, _resolver) = promise::<u64>();
    let asked = [
        sim.ask(|cx| far.wait_for(cx, &open)),
        sim.ask(|cx| far.later(cx)),
        sim.ask(|cx| far.wait_for(cx, far.later(cx))),
    ];
    sim.run();
    say(&mut sim, "bang");
    assert_eq!(answer(&asked[0]), "broken: it is gone (bang)");
    assert_eq!(answer(&asked[1]), "broken: it is gone (bang)");
    assert_eq!(answer(&asked[2]), "broken: it is gone (bang)");
    assert_eq!(notes.take(), ["it drops"], "no code in it runs");
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

/// Another thread drops the resolver while a promise begins to follow this one, or somebody begins
/// to wait: the reason is heard in either case.
#[test]
fn o15_another_thread_lets_go_of_the_resolver_meanwhile() {
    for round in 0..8_000u32 {
        let mut sim = sim();
        let (open, resolver) = promise::<u64>();
        let asked = if round % 2 == 0 {
            let (first, follows) = promise::<u64>();
            let asked = sim.ask(|_| first);
            sim.run();
            sim.spawn(spawn!(transition_no_state!(follows.follow(open))));
            asked
        } else {
            sim.ask(|_| open)
        };
        let drops = std::thread::spawn(move || {
            (0..round % 400).for_each(|_| std::hint::spin_loop());
            drop(resolver);
        });
        sim.run();
        drops.join().unwrap();
        sim.run();
        assert_eq!(answer(&asked), "broken: nobody is left who could answer", "round {round}");
    }
}
