//! Each thing that falls has the reason for which it fell, and not that of another one (O15).

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Ground, GroundVm, Source};

use crate::deeds::{Keeper, keeper, said, told, waiting};

/// Told of a promise.
type Said = Arc<Mutex<Vec<String>>>;

const NOBODY: &str = "nobody is left who could answer";

fn hurt<T>() -> T {
    panic!("hurt")
}

/// It is in a message to an object that is gone.
#[test]
fn o15_a_message_to_nobody_gives_its_reason_to_the_promises_that_it_held() {
    let (mut sim, notes, held) = waiting(0);
    let here = keeper(&mut sim, 0, "here", &notes);
    told(&mut sim, |cx| drop(here.quit(cx)));
    told(&mut sim, move |cx| drop(here.keep(cx, held.to_value())));
    assert_eq!(notes.take(), ["here drops", "it: broken: it is gone (left)"]);
}

/// It is in a message that waits at a promise, of which nothing comes.
#[test]
fn o15_a_message_that_waits_in_vain_gives_its_reason_to_the_promises_that_it_held() {
    let (mut sim, notes, held) = waiting(0);
    let (later, resolver) = promise::<Far<Keeper>>();
    told(&mut sim, move |cx| drop(later.keep(cx, held.to_value())));
    assert!(notes.take().is_empty());
    let breaks = resolver.break_because(Reason::value(&Text::from("broken off")));
    sim.spawn(spawn!(transition_no_state!(breaks)));
    sim.run();
    assert_eq!(notes.take(), ["it: broken: it is gone (broken off)"]);
}

/// A promise in a ground VM that this boots, whose resolver it has; and what it was told of it.
fn promised(boot: impl FnOnce() -> Transition<()> + Send + 'static) -> (GroundVm, Resolver<u64>, Said) {
    let mut vm = GroundVm::new(|_| boot());
    let (open, resolver) = promise::<u64>();
    let told = Said::default();
    let hears = told.clone();
    vm.ask(|_| open, move |got: Result<u64, Reason>| hears.lock().unwrap().push(said(&got)));
    vm.run(usize::MAX);
    (vm, resolver, told)
}

/// A process fails outside, before the message of the host reaches nobody.
#[test]
fn o15_a_failure_outside_is_no_reason_for_what_falls_in_the_next_step() {
    let (mut vm, held, told) = promised(|| {
        let spawns = || at_meta_level!(spawn!(transition_no_state!()));
        transition_no_state!(spawn!(transition_no_state!(subscriber!("go", on_message!(_ => spawns())))))
    });
    vm.send(&Text::from("go"));
    // The action of the first is performed in the step before that of the second.
    vm.spawn(spawn!(transition_no_state!(send_message!((Text::from("take"), held)))));
    drop(held);
    vm.run(usize::MAX);
    assert_eq!(*told.lock().unwrap(), [format!("broken: {NOBODY}")]);
}

/// A process fails of what a source gives, before the message of the host reaches nobody.
#[test]
fn o15_a_failure_of_an_input_is_no_reason_for_what_falls_in_the_next_step() {
    let source = Source::new(());
    let heard = source.clone();
    let (mut vm, held, told) = promised(move || {
        transition_no_state!(spawn!(transition_no_state!(at_meta_level!(subscriber!(
            Ground::<u64>(heard, _),
            on_message!(_ => hurt::<()>()),
        )))))
    });
    vm.send(&(Text::from("take"), held));
    vm.item(&source, Value::from(7u64));
    vm.run(usize::MAX);
    assert_eq!(*told.lock().unwrap(), [format!("broken: {NOBODY}")]);
}

/// A process fails of what a promise gives, and in the same step a message that waited there is not
/// heard, since the promise gives data.
#[test]
fn o15_a_message_has_its_own_reason_beside_a_failure_in_that_step() {
    let (mut sim, notes, held) = waiting(0);
    let (later, resolver) = promise::<Value>();
    let fails = when(&later, |(): (), _| hurt::<Transition<()>>());
    sim.spawn(spawn!(transition_no_state!(fails)));
    let later = Promise::<Far<Keeper>>::from_value(&later.to_value()).unwrap();
    told(&mut sim, move |cx| drop(later.keep(cx, held.to_value())));
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(7u64.to_value()))));
    sim.run();
    let [told] = &notes.take()[..] else { panic!("it is told once") };
    assert!(told.starts_with("it: broken: it is gone (") && !told.contains("hurt"), "{told}");
}

/// Stepping and running are the same, also for what a process has asked for behind its quit.
#[test]
fn o15_what_falls_on_the_way_to_the_next_action_has_its_reason() {
    let runs: [fn(&mut Sim); 3] = [Sim::run, |sim| while sim.step() {}, |sim| while sim.run_steps(1) {}];
    for (way, run) in runs.into_iter().enumerate() {
        let (mut sim, notes, held) = waiting(0);
        let leaves = quit().because(Reason::value(&Text::from("left")));
        sim.spawn(spawn!(transition_no_state!(leaves, send_message!((Text::from("take"), held)))));
        drop(held);
        run(&mut sim);
        assert_eq!(notes.take(), ["it: broken: it is gone (left)"], "way {way}");
    }
}

/// All that falls in a step is dealt with when that is over, also what falls with a process that is
/// dropped then: so stepping and running are the same.
#[test]
fn o18_what_falls_with_a_process_that_is_dropped_falls_in_that_step() {
    let runs: [fn(&mut Sim); 3] = [Sim::run, |sim| while sim.step() {}, |sim| while sim.run_steps(1) {}];
    for depth in [0, 1] {
        for (way, run) in runs.into_iter().enumerate() {
            let (mut sim, notes, held) = waiting(depth);
            sim.run();
            sim.spawn(spawn!(transition!(held, send_message!("done"))));
            run(&mut sim);
            assert_eq!(notes.take(), ["it: broken: it is gone (normal)"], "depth {depth} way {way}");
        }
    }
}

/// A process fails of a message that has waited until its first actions were performed, before the
/// message of another one reaches nobody.
#[test]
fn o15_a_failure_behind_an_action_is_no_reason_for_what_falls_in_the_next_step() {
    let (mut sim, notes, held) = waiting(0);
    sim.spawn(spawn!(transition_no_state!(spawn_continue!(
        child: transition_no_state!(callee!(on_message!(_ => hurt::<()>()))),
        parent: |(), child: Result<Pid, Reason>| {
            transition_no_state!(pass(child.unwrap(), "w", &Text::from("go")))
        }
    ))));
    // Performed in the step behind that of the callee.
    let takes = spawn!(transition_no_state!(send_message!((Text::from("take"), held))));
    sim.spawn(spawn!(transition_no_state!(takes)));
    drop(held);
    sim.run();
    assert_eq!(notes.take(), [format!("it: broken: {NOBODY}")]);
}
