//! Ducts through nested VMs: in, out, and across.

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{Notes, asker, doubler, keeper, pid, say, sim_of};

/// Three levels down, somebody passes to a process of the outermost VM; the answer finds its way
/// in.
#[test]
fn from_three_levels_in_and_back() {
    let innermost = || {
        transition_no_state!(
            at_meta_level!(at_meta_level!(at_meta_level!(pass(pid(2), "w", &21u32)))),
            replies!(
                on_reply!("w", n: u32 => at_meta_level!(at_meta_level!(at_meta_level!(send_message!(("answer", n))))))
            ),
        )
    };
    let mut sim = sim_of(move || {
        vec![
            spawn!(doubler()),
            spawn_vm!(
                at_meta_level!(publisher!("a")),
                spawn_vm!(
                    at_meta_level!(publisher!("b")),
                    spawn_vm!(at_meta_level!(publisher!("c")), spawn!(innermost()),)
                )
            ),
        ]
    });
    sim.run();
    assert_eq!(sim.messages_of::<(Text, u32)>(), [("answer".into(), 42)], "{}", sim.trace());
}

/// From outside to an endpoint that a process deep inside has at the meta level; it answers without
/// knowing where the question came from.
#[test]
fn into_a_vm_and_back_out() {
    let inner = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => give(&duct, &(n + 1))))
        )))
    };
    let mut sim = sim_of(move || vec![spawn_vm!(spawn!(inner()))]);
    sim.pass(pid(2), "w", &41u32);
    sim.run();
    assert_eq!(sim.replies(), [("w".into(), Ok(42u32.to_value()))]);
}

/// From one VM to its sibling: the question goes by their container, the answer back the same way.
#[test]
fn across_siblings() {
    let asks = || {
        transition_no_state!(
            at_meta_level!(pass(pid(2), "w", &20u32)),
            replies!(on_reply!("w", n: u32 => at_meta_level!(send_message!(("answer", n))))),
        )
    };
    let answers = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => give(&duct, &(n * 2))))
        )))
    };
    let mut sim = sim_of(move || vec![spawn_vm!(spawn!(answers()))]);
    sim.spawn(spawn_vm!(at_meta_level!(publisher!("up")), spawn!(asks())));
    sim.run();
    assert_eq!(sim.messages_of::<(Text, u32)>(), [("answer".into(), 40)], "{}", sim.trace());
}

/// A VM dies in which somebody owes an answer.
#[test]
fn a_vm_that_is_killed_owes_nothing() {
    let notes = Notes::default();
    let noted = notes.clone();
    let inner = || {
        transition!(
            Vec::<Duct>::new(),
            at_meta_level!(subscriber!(
                _,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> =>
            on_message!(_n: u32 => { kept.push(duct); transition!(kept) })))
            ))
        )
    };
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn_vm!(spawn!(inner()))]);
    crate::ask(&mut sim, 3, "w", 7u32);
    assert_eq!(notes.take(), [""; 0]);
    sim.kill(pid(3), Reason::value(&"hit".to_string()));
    sim.run();
    assert_eq!(notes.take(), ["\"w\": nothing (hit)"]);
}

/// The process inside dies, its VM lives on.
#[test]
fn a_process_inside_that_ends_is_told_outside() {
    let notes = Notes::default();
    let noted = notes.clone();
    let inner = || {
        transition!(
            Vec::<Duct>::new(),
            at_meta_level!(subscriber!(
                _,
                match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(_n: u32 => { kept.push(duct); transition!(kept) }))),
                match_state!(_kept: &Vec<Duct> => on_message!("quit" => quit().because("tired"))),
            ))
        )
    };
    let mut sim = sim_of(move || {
        vec![spawn!(asker(&noted)), spawn_vm!(at_meta_level!(publisher!("alive")), spawn!(inner()))]
    });
    crate::ask(&mut sim, 3, "w", 7u32);
    sim.send(&"quit".to_string());
    sim.run();
    assert_eq!(notes.take(), ["\"w\": nothing (tired)"]);
}

/// The passer's VM has gone: the giver is told, also from the outside in.
#[test]
fn a_give_into_a_vm_that_has_gone_comes_back() {
    let inner = || {
        transition_no_state!(
            at_meta_level!(pass(pid(2), "w", &7u32)),
            at_meta_level!(publisher!("alive")),
            subscriber!("x")
        )
    };
    let mut sim = sim_of(move || vec![spawn!(keeper()), spawn_vm!(spawn!(inner()))]);
    sim.kill(pid(3), Reason::Normal);
    sim.run();
    sim.log_mut().turn_on();
    say(&mut sim, "hello");
    let told: Vec<_> = sim.log().turns().map(ToString::to_string).collect();
    assert!(told.iter().any(|turn| turn.contains("what it gave did not arrive (gone)")), "{told:#?}");
}

/// Stepping, slices and one run give the same trace.
#[test]
fn stepping_and_running_are_the_same() {
    let boot = || {
        let inner = || {
            transition_no_state!(
                subscriber!("go", on_message!(_ => at_meta_level!(pass(pid(2), "w", &1u32)))),
                send_message!("go"),
                send_message!("go"),
                send_message!("go"),
                replies!(on_reply!("w", n: u32 => (n > 4).then(|| send_message!("go")))),
            )
        };
        transition_no_state!(
            spawn!(doubler()),
            spawn_vm!(at_meta_level!(publisher!("up")), spawn!(inner())),
            spawn_vm!(spawn!(inner()))
        )
    };
    let mut whole = Sim::new(move |_| boot());
    whole.run();
    let mut stepped = Sim::new(move |_| boot());
    while stepped.step() {}
    let mut sliced = Sim::new(move |_| boot());
    while sliced.run_steps(3) {}
    assert_eq!(whole.trace(), stepped.trace());
    assert_eq!(whole.trace(), sliced.trace());
    assert!(whole.trace().to_string().contains("hears reply 2 on \"w\""));
}

/// Outside there is other work when the answer comes in.
#[test]
fn a_vm_is_dropped_when_its_last_process_has_its_answer() {
    let asks = || {
        transition_no_state!(
            at_meta_level!(publisher!("holds the VM"), pass(pid(2), "w", &1u32)),
            replies!(on_reply!("w", _n: u32 => quit())),
        )
    };
    let answers = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 =>
                (give(&duct, &n), send_message!("more"), send_message!("work"))))
        ))
    };
    let sim = sim_of(move || vec![spawn!(answers()), spawn_vm!(spawn!(asks()))]);
    assert_eq!(sim.stats().processes, 2, "the relay, and the one who answers");
}
