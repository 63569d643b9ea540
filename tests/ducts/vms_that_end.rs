//! The VM ends in which somebody could have answered.

use marketplace::prelude::*;
use marketplace::{GroundVm, Output};

use crate::gone::{hander, heard, nothing};
use crate::{Notes, ask, asker, doubler, keeper, pid, sim_of};

/// Nothing can happen to it any more, seen from outside its VM.
#[test]
fn a_process_inside_is_dropped() {
    let inside = || {
        transition!(
            None::<Duct>,
            at_meta_level!(name_endpoint(
                "ear",
                subscriber!(
                    _,
                    match_duct!(duct => match_state!(_kept: Option<Duct> => on_message!(_n: u32 => transition!(Some(duct))))),
                    match_state!(_kept: &Option<Duct> => on_message!("leave" => at_meta_level!(delete_endpoint("ear")))),
                )
            )),
        )
    };
    let nested = move || vec![spawn_vm!(subscriber!("stay"), spawn!(inside()))];
    assert_eq!(heard(nested, &["leave"]), nothing("normal"));
}

/// The VM goes in which the duct was: in the state of one who was asked, of an heir, or below one
/// who asks others.
#[test]
fn a_vm_goes_with_all_that_is_in_it() {
    let inside = |process: fn() -> Spawn<()>| {
        move || {
            let mut notes_and_all = vec![spawn!(hander(false))];
            notes_and_all.push(spawn_vm!(process()));
            notes_and_all
        }
    };
    let heir_inside = || {
        spawn!(transition!(
            None::<Duct>,
            at_meta_level!(subscriber!(
                _,
                match_state!(_kept: Option<Duct> => on_message!(("duct", duct): (Text, Duct) => transition!(Some(duct)))),
            )),
        ))
    };
    let killed = |processes: Vec<Spawn<()>>, vm: u64| {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || {
            let mut all = vec![spawn!(asker(&noted))];
            all.extend(processes);
            all
        });
        ask(&mut sim, 3, "w", 7u32);
        assert_eq!(notes.take(), [""; 0]);
        sim.kill(pid(vm), Reason::value(&Text::from("bang")));
        sim.run();
        notes.take()
    };
    assert_eq!(killed(inside(heir_inside)(), 4), nothing("bang"));
    let asks_outside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            on_message!(n: u32 => at_meta_level!(pass(pid(4), "on", &n)))
        )))
    };
    assert_eq!(killed(vec![spawn_vm!(spawn!(asks_outside())), spawn!(keeper())], 3), nothing("bang"));
}

/// An answer that is on its way out of a VM when its giver ends still arrives.
#[test]
fn an_answer_on_its_way_arrives() {
    let inside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => (give(&duct, &(n + 1)), quit())))
        )))
    };
    let nested = move || vec![spawn_vm!(subscriber!("stay"), spawn!(inside()))];
    assert_eq!(heard(nested, &[]), ["\"w\": 8"]);
}

/// The answers of a process in a VM that answers and goes on, if the VM is killed after so many
/// steps, and so many more that it takes out of turn.
fn killed_after(steps: usize, out_of_turn: usize) -> Vec<Result<Value, Reason>> {
    let inside = || {
        transition_no_state!(
            at_meta_level!(subscriber!(_, on_message!(n: u32 => pass(pid(2), "on", &n)))),
            replies!(
                match_duct!(duct => on_reply!("on", n: u32 => (give(&duct, &n), send_message!("done"))))
            ),
        )
    };
    let mut vm = GroundVm::new(move |_| transition_no_state!(spawn_vm!(spawn!(inside()), spawn!(doubler()))));
    vm.run(usize::MAX);
    vm.pass(pid(2), "w", &7u32);
    if out_of_turn == 0 {
        vm.run(steps);
        vm.kill(pid(2), Reason::value(&Text::from("bang")));
    } else {
        vm.kill(pid(2), Reason::value(&Text::from("bang")));
        vm.run(1);
        for _ in 0..out_of_turn {
            vm.step_in(&[pid(2)]);
        }
    }
    vm.run(usize::MAX);
    let answers = std::iter::from_fn(|| vm.poll()).filter_map(|output| match output {
        Output::Reply(reply) => Some(reply.into_answer()),
        _ => None,
    });
    answers.collect()
}

/// Whenever a VM is killed, whoever waits for somebody in it hears something: the answer if that
/// was given outside, or else that there will be none.
#[test]
fn a_vm_is_killed_at_any_step() {
    let answer = [Ok(14u32.to_value())];
    assert_eq!(killed_after(20, 0), answer, "in the end it is given");
    let mut heard: Vec<_> = (0..8).map(|steps| killed_after(steps, 0)).collect();
    heard.extend((1..6).map(|steps| killed_after(1, steps)));
    heard.retain(|heard| **heard != answer);
    assert!(heard.len() > 6, "{heard:?}");
    for nothing in heard {
        assert_eq!(nothing.len(), 1);
        assert!(
            nothing[0].as_ref().is_err_and(|why| ["bang", "gone"].contains(&why.to_string().as_str())),
            "{nothing:?}"
        );
    }
}
