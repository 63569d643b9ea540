//! Errors of which nobody hears (O17).

use marketplace::GroundVm;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::deeds::{Keeper, Notes, answer, holder, keeper, say, sim, told};

/// An error that nobody hears is counted.
#[test]
fn o17_an_error_that_no_promise_takes_is_counted() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, depth, "it", &notes);
        told(&mut sim, |cx| {
            far.refuse(cx);
        });
        assert_eq!(sim.stats().unheard_errors, 1);
        told(&mut sim, |cx| {
            far.echo(cx, 1);
        });
        assert_eq!(sim.stats().unheard_errors, 1, "no error");
        told(&mut sim, |cx| {
            send(cx, &far, "dance", ());
        });
        assert_eq!(sim.stats().unheard_errors, 2, "no such method");
        let asked = sim.ask(|cx| far.refuse(cx));
        sim.run();
        assert_eq!(answer(&asked), "broken: refused");
        assert_eq!(sim.stats().unheard_errors, 2, "the host has heard it");
        told(&mut sim, |cx| {
            far.quit(cx);
        });
        told(&mut sim, |cx| {
            far.echo(cx, 1);
        });
        assert_eq!(sim.stats().unheard_errors, 3, "it is gone, depth {depth}");
    }
}

/// Somebody holds the promise, but never asks.
#[test]
fn o17_a_broken_promise_of_which_nobody_has_heard_is_counted() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "it", &notes);
    let mut promised = None;
    told(&mut sim, |cx| promised = Some(far.refuse(cx)));
    sim.spawn(spawn!(holder(promised)));
    sim.run();
    assert_eq!(sim.stats().unheard_errors, 0, "it may be heard of yet");
    say(&mut sim, "let go");
    assert_eq!(sim.stats().unheard_errors, 1);
}

/// A `when`, a message that waits, and a promise that follows take the reason. Then it is theirs.
#[test]
fn o17_a_reason_that_somebody_has_taken_is_not_counted() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "it", &notes);
    let asked = sim.ask(|cx| far.wait_for(cx, far.refuse(cx)));
    sim.run();
    assert_eq!(answer(&asked), "broken: refused");
    assert_eq!(sim.stats().unheard_errors, 0, "a `when` has heard it");
    let (open, resolver) = promise::<Far<Keeper>>();
    let asked = sim.ask(|cx| open.echo(cx, 1));
    drop(open);
    sim.spawn(spawn!(transition_no_state!(resolver.break_because(Reason::value(&Text::from("no"))))));
    sim.run();
    assert_eq!(answer(&asked), "broken: no");
    assert_eq!(sim.stats().unheard_errors, 0, "a message has taken it");
    let (open, resolver) = promise::<u64>();
    let (follows, of_follows) = promise::<u64>();
    let asked = sim.ask(|_| follows);
    sim.spawn(spawn!(transition_no_state!(of_follows.follow(open))));
    sim.run();
    sim.spawn(spawn!(transition_no_state!(resolver.break_because(Reason::value(&Text::from("no"))))));
    sim.run();
    assert_eq!(answer(&asked), "broken: no");
    assert_eq!(sim.stats().unheard_errors, 0, "a promise that follows has taken it");
    // A message that waited without a promise loses its own answer.
    let (open, resolver) = promise::<Far<Keeper>>();
    told(&mut sim, |cx| {
        open.echo(cx, 1);
    });
    drop(open);
    sim.spawn(spawn!(transition_no_state!(resolver.break_because(Reason::value(&Text::from("no"))))));
    sim.run();
    assert_eq!(sim.stats().unheard_errors, 1, "an error that no promise takes");
}

/// A process that is no object ends by an error of its continuation, and its exit says so: there is
/// no promise that somebody could have kept.
#[test]
fn o17_an_error_that_ends_a_process_is_not_counted() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, depth, "it", &notes);
        let asks = far.clone();
        sim.spawn(spawn!(transition_no_state!(ask(
            |cx| asks.refuse(cx),
            |(), refused: Result<u64, Reason>| {
                refused?;
                Ok(transition_no_state!())
            }
        ))));
        sim.run();
        assert_eq!(sim.exits().len(), 1, "{}", sim.trace());
        assert_eq!(sim.exits()[0].reason.to_string(), "refused");
        assert_eq!(sim.stats().unheard_errors, 0, "depth {depth}");
    }
}

#[test]
fn o17_the_log_has_what_nobody_heard() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "it", &notes);
    sim.log_mut().turn_on();
    told(&mut sim, |cx| {
        far.echo(cx, 1);
    });
    assert_eq!(sim.log().errors().count(), 0);
    told(&mut sim, |cx| {
        far.refuse(cx);
    });
    let errors: Vec<_> = sim.log().errors().map(|turn| format!("{:?}", turn.failed)).collect();
    assert_eq!(errors.len(), 1, "{}", sim.trace());
}

/// The promise that a message brings along breaks for the reason for which the message does.
#[test]
fn o17_a_pipeline_that_breaks_is_told_once() {
    // The promise to which all is sent breaks afterwards, or has been broken before.
    for is_broken in [false, true] {
        for heard in [true, false] {
            let mut sim = sim();
            let (open, resolver) = promise::<Far<Keeper>>();
            let breaks = |sim: &mut Sim, resolver: Resolver<Far<Keeper>>| {
                let why = Reason::value(&Text::from("no line"));
                sim.spawn(spawn!(transition_no_state!(resolver.break_because(why))));
                sim.run();
            };
            if is_broken {
                let seen = sim.ask(|_| open.clone());
                breaks(&mut sim, resolver.clone());
                assert_eq!(answer(&seen), "broken: no line");
            }
            let last = |cx: &Asker| open.spawn(cx, "till").wait_for(cx, open.echo(cx, 10));
            let asked = if heard { Some(sim.ask(last)) } else { None };
            if !heard {
                sim.tell(|cx| drop(last(cx)));
            }
            sim.run();
            breaks(&mut sim, resolver);
            if let Some(asked) = asked {
                assert_eq!(answer(&asked), "broken: no line");
            }
            assert_eq!(sim.stats().unheard_errors, u64::from(!heard), "{is_broken}");
        }
    }
}

/// A promise that is brought along and breaks for another reason is an error of its own.
#[test]
fn o17_another_error_in_a_pipeline_is_counted() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "it", &notes);
    let (open, resolver) = promise::<Far<Keeper>>();
    let asked = sim.ask(|cx| open.wait_for(cx, far.refuse(cx)));
    sim.run();
    sim.spawn(spawn!(transition_no_state!(resolver.break_because(Reason::value(&Text::from("no line"))))));
    sim.run();
    assert_eq!(answer(&asked), "broken: no line");
    assert_eq!(sim.stats().unheard_errors, 1);
}

/// Also of a promise that somebody kept, and dropped without a look at it.
#[test]
fn o17_an_unheard_error_names_the_type_and_the_verb() {
    let notes = Notes::default();
    let mut vm = GroundVm::new(|_| transition_no_state!());
    let far = vm.spawn_object(Keeper::new("it", &notes));
    let (gone, here) = reference::<Keeper>();
    drop(here);
    let mut told = |send: &dyn Fn(&Asker) -> Value| {
        let mut kept = None;
        vm.tell(|cx| kept = Some(send(cx)));
        vm.spawn(spawn!(holder(kept)));
        vm.run(usize::MAX);
        assert_eq!(vm.take_unheard_errors().len(), 0, "it may be heard of yet");
        vm.send(&Text::from("let go"));
        vm.run(usize::MAX);
        let errors = vm.take_unheard_errors();
        assert_eq!(errors.len(), 1);
        (errors[0].object, errors[0].verb.clone(), errors[0].reason.to_string())
    };
    let keeper = "Keeper";
    let refuses = told(&|cx| far.refuse(cx).into_value());
    assert_eq!(refuses, (Some(keeper), Some(Symbol::new("refuse")), "refused".into()));
    let no_method = told(&|cx| send(cx, &far, "dance", ()).into_value());
    assert_eq!((no_method.0, no_method.1), (Some(keeper), Some(Symbol::new("dance"))));
    let never = told(&|cx| gone.echo(cx, 1).into_value());
    assert_eq!((never.0, never.1), (None, Some(Symbol::new("echo"))));
    // A continuation failed because the promise broke for which it waited.
    let waited = told(&|cx| far.wait_for(cx, far.refuse(cx)).into_value());
    assert_eq!((waited.0, waited.1), (Some(keeper), Some(Symbol::new("when"))));
}

/// No turn runs when the host lets go of it, perhaps on another thread.
#[test]
fn o17_a_broken_promise_that_the_host_drops_between_turns_is_counted() {
    for depth in [0, 1] {
        for elsewhere in [false, true] {
            let notes = Notes::default();
            let mut sim = sim();
            let far = keeper(&mut sim, depth, "it", &notes);
            let mut promised = None;
            told(&mut sim, |cx| promised = Some(far.refuse(cx)));
            sim.run();
            assert_eq!(sim.stats().unheard_errors, 0, "it may be heard of yet");
            match elsewhere {
                true => std::thread::spawn(move || drop(promised)).join().unwrap(),
                false => drop(promised),
            }
            sim.run();
            assert_eq!(sim.stats().unheard_errors, 1, "{depth} {elsewhere}");
        }
    }
}
