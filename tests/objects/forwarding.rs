//! Promises that somebody decides elsewhere (O24).

use marketplace::GroundVm;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::deeds::{Keeper, Notes, answer, holder, inside, keeper, say, sim};

fn decided(sim: &mut Sim, action: impl IntoActionTree<()> + Send + 'static) {
    let actions = action.into_action_tree();
    sim.spawn(spawn!(transition_no_state!(actions)));
    sim.run();
}

/// In order, one turn each; and the answer is that of the object.
#[test]
fn o24_what_is_sent_to_it_is_heard_by_the_object_here() {
    for (at, depth) in [(0, 0), (1, 0), (0, 1), (2, 1)] {
        let notes = Notes::default();
        let mut sim = sim();
        let here = keeper(&mut sim, at, "here", &notes);
        let (elsewhere, resolver) = forwarded::<Far<Keeper>>(&here);
        let sent = elsewhere.clone();
        sim.spawn(inside(
            depth,
            spawn!(transition_no_state!(
                (0..3u64)
                    .map(|n| {
                        let sent = sent.clone();
                        tell(move |cx| {
                            sent.echo(cx, n);
                        })
                    })
                    .collect::<ActionTree<()>>()
            )),
        ));
        let asked = sim.ask(|cx| elsewhere.echo(cx, 3));
        sim.run();
        let mut heard = notes.take();
        heard.retain(|note| note != "here: 3");
        assert_eq!(heard, ["here: 0", "here: 1", "here: 2"], "{at} {depth}");
        assert_eq!(answer(&asked), "3");
        drop(resolver);
    }
}

/// Closed, it keeps what is sent, until it is settled.
#[test]
fn o24_closed_it_keeps_what_is_sent() {
    for (at, depth) in [(0, 0), (1, 0), (2, 1)] {
        let notes = Notes::default();
        let mut sim = sim();
        let (here, there) = (keeper(&mut sim, at, "here", &notes), keeper(&mut sim, depth, "there", &notes));
        let (elsewhere, resolver) = forwarded::<Far<Keeper>>(&here);
        let first = sim.ask(|cx| elsewhere.echo(cx, 1));
        sim.run();
        assert_eq!(answer(&first), "1");
        decided(&mut sim, resolver.close());
        let second = sim.ask(|cx| elsewhere.echo(cx, 2));
        let third = sim.ask(|cx| elsewhere.echo(cx, 3));
        sim.run();
        assert_eq!(answer(&second), "nothing");
        decided(&mut sim, resolver.fulfill(there.clone()));
        assert_eq!((answer(&second), answer(&third)), ("2".to_string(), "3".to_string()));
        let fourth = sim.ask(|cx| elsewhere.echo(cx, 4));
        sim.run();
        assert_eq!(answer(&fourth), "4");
        assert_eq!(notes.take(), ["here: 1", "there: 2", "there: 3", "there: 4"], "{at} {depth}");
    }
}

/// Without closing it: what comes later goes to what it was settled with.
#[test]
fn o24_settled_it_is_as_any_promise() {
    let notes = Notes::default();
    let mut sim = sim();
    let (here, there) = (keeper(&mut sim, 1, "here", &notes), keeper(&mut sim, 2, "there", &notes));
    let (elsewhere, resolver) = forwarded::<Far<Keeper>>(&here);
    sim.tell(|cx| {
        elsewhere.note(cx, "before");
    });
    sim.run();
    decided(&mut sim, resolver.fulfill(there.clone()));
    sim.tell(|cx| {
        elsewhere.note(cx, "after");
    });
    sim.run();
    assert_eq!(notes.take(), ["here: before", "there: after"]);
    let asked = sim.ask(|_| elsewhere.clone());
    sim.run();
    assert_eq!(asked.answer(), Some(Ok(there)));
    assert!(Far::<Keeper>::from_value(&elsewhere.to_value()).is_some());
}

/// A send is on its way inward to `here` when the promise is settled: it goes on from there.
#[test]
fn o24_a_send_on_its_way_goes_on() {
    for (at, depth) in [(1, 0), (2, 0), (0, 1), (0, 0), (1, 2)] {
        let notes = Notes::default();
        let mut sim = sim();
        let (here, there) = (keeper(&mut sim, at, "here", &notes), keeper(&mut sim, depth, "there", &notes));
        sim.run();
        let (elsewhere, resolver) = forwarded::<Far<Keeper>>(&here);
        // From inside: the send has to come out, and the promise is settled meanwhile.
        let (sent, to) = (elsewhere.clone(), there.clone());
        sim.spawn(inside(
            3,
            spawn!(transition_no_state!(tell(|cx| {
                sent.echo(cx, 1);
                sent.echo(cx, 2);
            }))),
        ));
        for _ in 0..6 {
            sim.run_steps(1);
        }
        sim.spawn(spawn!(transition_no_state!(resolver.fulfill(to))));
        sim.run();
        let heard = notes.take();
        assert_eq!(heard.len(), 2, "{heard:?}");
        let numbers: Vec<_> = heard.iter().map(|note| note.rsplit(' ').next().unwrap()).collect();
        assert_eq!(numbers, ["1", "2"], "in order, and each once: {heard:?}");
    }
}

/// A process of an inner VM sends, decides, and sends again: the message that is still on its way
/// out to `here` then goes with the others, and comes before them.
#[test]
fn o24_a_send_on_its_way_is_not_overtaken_when_the_promise_is_decided() {
    for closes in [false, true] {
        for depth in [0, 1, 2, 3] {
            let notes = Notes::default();
            let mut sim = sim();
            let here = keeper(&mut sim, 0, "here", &notes);
            let (spawns, there) = spawn_object(Keeper::new("there", &notes));
            let (elsewhere, resolver) = forwarded::<Far<Keeper>>(&here);
            let sent = elsewhere.clone();
            let sends = move |n: u64| {
                let sent = sent.clone();
                tell(move |cx| {
                    sent.echo(cx, n);
                })
            };
            let closing = closes.then(|| resolver.close());
            let settles = resolver.fulfill(there);
            let decides = spawn!(transition_no_state!(
                sends(1),
                sends(2),
                closing,
                sends(3),
                settles,
                sends(4),
                sends(5)
            ));
            sim.spawn(inside(depth, spawn!(transition_no_state!(spawns, decides))));
            sim.run();
            let heard = notes.take();
            let numbers: Vec<_> = heard.iter().map(|note| note.rsplit(' ').next().unwrap()).collect();
            assert_eq!(numbers, ["1", "2", "3", "4", "5"], "{closes} {depth} {heard:?}");
        }
    }
}

/// The VM of the sender ends while a message is on its way out to `here`: it is heard.
#[test]
fn o24_a_send_on_its_way_is_heard_though_the_vm_of_its_sender_ends() {
    for depth in [1, 2, 3] {
        let notes = Notes::default();
        let mut sim = sim();
        let here = keeper(&mut sim, 0, "here", &notes);
        let (elsewhere, _resolver) = forwarded::<Far<Keeper>>(&here);
        sim.spawn(inside(
            depth,
            spawn!(transition_no_state!(
                tell(move |cx| {
                    elsewhere.echo(cx, 1);
                    elsewhere.echo(cx, 2);
                }),
                at_meta_level!(quit()),
            )),
        ));
        sim.run();
        assert_eq!(notes.take(), ["here: 1", "here: 2"], "{depth}");
    }
}

#[test]
fn o24_whens_wait_until_it_is_settled() {
    let notes = Notes::default();
    let mut sim = sim();
    let here = keeper(&mut sim, 0, "here", &notes);
    for word in ["fulfil", "break", "let go"] {
        let (elsewhere, resolver) = forwarded::<u64>(&here);
        let asked = sim.ask(|_| elsewhere.clone());
        sim.run();
        assert_eq!(answer(&asked), "nothing");
        assert!(notes.take().is_empty(), "a `when` is no message");
        sim.spawn(spawn!(crate::deeds::decider(resolver)));
        say(&mut sim, word);
        say(&mut sim, "end");
        let expected = match word {
            "fulfil" => "7",
            "break" => "broken: broken off",
            _ => "broken: nobody is left who could answer",
        };
        assert_eq!(answer(&asked), expected);
    }
}

/// The promise has the object, until it is closed or settled.
#[test]
fn o24_the_promise_keeps_the_object_here() {
    for way in ["close", "fulfil", "let go"] {
        let notes = Notes::default();
        let mut sim = sim();
        let here = keeper(&mut sim, 1, "here", &notes);
        let there = keeper(&mut sim, 0, "there", &notes);
        let (elsewhere, resolver) = forwarded::<Far<Keeper>>(&here);
        drop(here);
        sim.run();
        assert!(notes.take().is_empty());
        match way {
            "close" => decided(&mut sim, resolver.close()),
            "fulfil" => decided(&mut sim, resolver.fulfill(there.clone())),
            _ => {
                sim.spawn(spawn!(holder(resolver)));
                say(&mut sim, "let go");
            }
        }
        assert_eq!(notes.take(), ["here drops"], "{way}");
        drop(elsewhere);
    }
}

/// The object here is gone: what is sent to the promise breaks with its reason.
#[test]
fn o24_the_object_here_is_gone() {
    let notes = Notes::default();
    let mut sim = sim();
    let here = keeper(&mut sim, 1, "here", &notes);
    let (elsewhere, _resolver) = forwarded::<Far<Keeper>>(&here);
    sim.tell(|cx| {
        here.quit(cx);
    });
    let asked = sim.ask(|cx| elsewhere.echo(cx, 1));
    sim.run();
    assert_eq!(answer(&asked), "broken: it is gone (left)");
}

/// Clauses learn whether an answer is wanted, and take the answer's place: the promise of the
/// sender follows.
#[test]
fn o24_clauses_take_the_place_of_the_answer() {
    let notes = Notes::default();
    let mut sim = sim();
    let (far, here) = reference::<Keeper>();
    let (open, resolver) = promise::<u64>();
    let (noted, later) = (notes.clone(), open.clone());
    sim.spawn(spawn!(transition_no_state!(marketplace::object_of!(
        here,
        match_duct!(duct => on_message!(message: Vec<Value> => {
            noted.add(format!("{}, wanted: {}", message[1], duct.is_wanted()));
            give(&duct, &later)
        })),
    ))));
    let (elsewhere, _of_elsewhere) = forwarded::<Far<Keeper>>(&far);
    sim.tell(|cx| {
        elsewhere.echo(cx, 1);
    });
    let asked = sim.ask(|cx| elsewhere.echo(cx, 2));
    sim.run();
    assert_eq!(notes.take(), ["1, wanted: false", "2, wanted: true"]);
    assert_eq!(answer(&asked), "nothing");
    decided(&mut sim, resolver.fulfill(9u64));
    assert_eq!(answer(&asked), "9");
}

/// It is given to a promise that would hear what is sent to it.
#[test]
fn o14_a_promise_that_would_hear_its_own_messages_is_a_cycle() {
    let (mut sim, notes) = (sim(), Notes::default());
    let (here, decides) = promise::<Far<Keeper>>();
    let (between, _resolver) = forwarded::<Far<Keeper>>(&here);
    let (elsewhere, _resolver) = forwarded::<Far<Keeper>>(&between);
    decided(&mut sim, decides.follow(elsewhere.clone()));
    let (other, follows) = promise::<Far<Keeper>>();
    let waits = sim.ask(|cx| other.echo(cx, 1));
    decided(&mut sim, follows.follow(elsewhere.clone()));
    for to in [&here, &between, &elsewhere, &other] {
        let asked = sim.ask(|cx| to.echo(cx, 2));
        sim.run();
        assert_eq!(answer(&asked), "broken: the promise waits for itself");
    }
    assert_eq!(answer(&waits), "broken: the promise waits for itself");
    assert_eq!(notes.take(), [""; 0]);
}

/// The object that hears for the promise is not there yet, or is promised: what has waited at a
/// promise that follows it is heard in its place.
#[test]
fn o24_what_has_waited_is_heard_when_there_is_somebody_to_hear() {
    for depth in [0, 2] {
        let (mut sim, notes) = (sim(), Notes::default());
        let (here, decides) = promise::<Far<Keeper>>();
        let (between, _resolver) = forwarded::<Far<Keeper>>(&here);
        let (elsewhere, _resolver) = forwarded::<Far<Keeper>>(&between);
        let (first, follows) = promise::<Far<Keeper>>();
        let sent = first.clone();
        let sends = move |n: u64| {
            let sent = sent.clone();
            inside(
                depth,
                spawn!(transition_no_state!(tell(move |cx| {
                    sent.echo(cx, n);
                }))),
            )
        };
        sim.spawn(sends(1));
        sim.run();
        decided(&mut sim, follows.follow(elsewhere.clone()));
        sim.spawn(sends(2));
        sim.run();
        assert!(notes.take().is_empty());
        let there = keeper(&mut sim, 1, "there", &notes);
        decided(&mut sim, decides.fulfill(there));
        sim.spawn(sends(3));
        sim.run();
        assert_eq!(notes.take(), ["there: 1", "there: 2", "there: 3"]);
    }
}

/// Data hears for the promise, or a broken promise does: all that has waited says so.
#[test]
fn o24_what_has_waited_for_nobody_says_why() {
    let (mut sim, _notes) = (sim(), Notes::default());
    let (here, decides) = promise::<Value>();
    let here = Promise::<Far<Keeper>>::from_value(&here.to_value()).unwrap();
    let (elsewhere, _resolver) = forwarded::<Far<Keeper>>(&here);
    let (first, follows) = promise::<Far<Keeper>>();
    let waits = sim.ask(|cx| first.echo(cx, 1));
    decided(&mut sim, decides.fulfill(7u64.to_value()));
    decided(&mut sim, follows.follow(elsewhere.clone()));
    let later = sim.ask(|cx| elsewhere.echo(cx, 2));
    sim.run();
    assert_eq!(answer(&waits), answer(&later));
    assert!(answer(&waits).contains("echo"), "{}", answer(&waits));
}

/// Each is decided to be what hears for it, from the last on: whether that leads back is not asked
/// of the whole chain each time.
#[test]
fn o24_a_long_chain_is_settled_with_itself_from_its_end_on() {
    const LENGTH: usize = 30_000;
    let mut vm = GroundVm::new(|_| transition_no_state!());
    let (base, last) = promise::<Value>();
    let (mut chain, mut resolvers) = (vec![base], Vec::new());
    for _ in 0..LENGTH {
        let here = Reference::from_value(&chain[chain.len() - 1].to_value()).unwrap();
        let (next, resolver) = forwarded::<Value>(&here);
        chain.push(next);
        resolvers.push(resolver);
    }
    let end = chain[LENGTH].clone();
    for (resolver, below) in resolvers.into_iter().zip(chain).rev() {
        vm.spawn(spawn(move |_| transition_no_state!(resolver.follow(below))));
    }
    vm.run(usize::MAX);
    let told = std::sync::Arc::new(std::sync::Mutex::new(None));
    let hears = told.clone();
    vm.ask(|_| end, move |got| *hears.lock().unwrap() = Some(got));
    vm.spawn(spawn(move |_| transition_no_state!(last.fulfill(Value::from(7)))));
    vm.run(usize::MAX);
    assert_eq!(*told.lock().unwrap(), Some(Ok(Value::from(7))));
}
