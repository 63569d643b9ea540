//! However a process fails to answer: whoever waits hears that.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{GroundVm, Limits, MAX_HOPS, Output, VmError};

use crate::gone::{forwarder, hander, heard, nothing};
use crate::{Notes, ask, asker, keeper, pid, sim_of};

/// Passes to itself until the duct is too long.
fn looper() -> Transition<()> {
    transition_no_state!(subscriber!(_, on_message!(n: u32 => pass(pid(3), "w", &n))))
}

/// The process fails over the hop that is one too many; whoever passed at first hears why.
#[test]
fn a_duct_gets_too_long() {
    let why = VmError::DuctTooLong.to_string();
    assert_eq!(heard(|| vec![spawn!(looper())], &[]), nothing(&why));
    // From one to the other, and from further in.
    let back_and_forth =
        |to: u64| move || transition_no_state!(subscriber!(_, on_message!(n: u32 => pass(pid(to), "w", &n))));
    let both = move || vec![spawn!(back_and_forth(4)()), spawn!(back_and_forth(3)())];
    assert_eq!(heard(both, &[]), nothing(&why));
    let inside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            on_message!(n: u32 => at_meta_level!(pass(pid(3), "w", &n)))
        )))
    };
    let nested = move || vec![spawn_vm!(subscriber!("stay"), spawn!(inside()))];
    assert_eq!(heard(nested, &[]), nothing(&why));
    assert_eq!(MAX_HOPS, 256);
}

/// A process takes a duct out of a message for the first time, and fails in that turn.
#[test]
fn an_heir_fails_as_it_inherits() {
    let fails = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(("duct", _duct): (Text, Duct) => Err::<(), _>(Failure::value(&Text::from("hurt")))?)
        ))
    };
    assert_eq!(heard(move || vec![spawn!(hander(false)), spawn!(fails())], &[]), nothing("hurt"));
    let inside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            on_message!(("duct", _duct): (Text, Duct) => Err::<(), _>(Failure::value(&Text::from("hurt")))?)
        )))
    };
    let nested = move || vec![spawn!(hander(false)), spawn_vm!(subscriber!("stay"), spawn!(inside()))];
    assert_eq!(heard(nested, &[]), nothing("hurt"));
    let later = || {
        transition!(
            None::<Value>,
            subscriber!(
                _,
                match_state!(_none: Option<Value> => on_message!(("duct", duct): (Text, Value) => transition!(Some(duct)))),
                match_state!(duct: &Option<Value> => on_message!("now" => {
                    let _duct = duct.as_ref().and_then(Duct::from_value);
                    Err::<(), _>(Failure::value(&Text::from("hurt")))?
                })),
            )
        )
    };
    // Nobody has it in between: but the hander has not ended, so nobody has been told.
    assert_eq!(heard(move || vec![spawn!(hander(false)), spawn!(later())], &["now"]), nothing("hurt"));
}

/// A yield's continuation does.
#[test]
fn a_continuation_fails_as_it_inherits() {
    let yields = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(("duct", duct): (Text, Value) => yield_now(move |(): ()| {
                let _duct = Duct::from_value(&duct);
                Err::<Transition<()>, _>(Failure::value(&Text::from("hurt")))
            }))
        ))
    };
    assert_eq!(heard(move || vec![spawn!(hander(false)), spawn!(yields())], &[]), nothing("hurt"));
}

/// The asker has passed something, and the host has the duct on which it waits; with the asker's
/// notes.
fn asked() -> (Sim, Notes, Duct) {
    let (sender, ducts) = std::sync::mpsc::channel();
    let hands_out = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => { let _ = sender.send(duct); }))
        ))
    };
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(hands_out())]);
    ask(&mut sim, 3, "w", 7u32);
    let duct = ducts.recv().unwrap();
    (sim, notes, duct)
}

/// The host gives a process a duct, of which nobody else knows; the process fails in the turn in
/// which it takes its state.
#[test]
fn a_process_of_the_host_fails() {
    let (mut sim, notes, duct) = asked();
    sim.spawn(spawn!(transition!(
        duct,
        subscriber!(
            "fail",
            match_state!(_duct: Duct => on_message!(_ =>
                Err::<Transition<_>, _>(Failure::value(&Text::from("hurt")))?))
        )
    )));
    sim.run();
    assert_eq!(notes.take(), [""; 0]);
    sim.send(&Text::from("fail"));
    sim.run();
    assert_eq!(notes.take(), nothing("hurt"));
}

/// Limits that 200 long answers cross, and what the process that gives them fails with.
fn too_low() -> [(Limits, VmError); 2] {
    let (queued, queued_bytes) = (100, 10_000);
    [
        (Limits { queued, ..Limits::default() }, VmError::QueueFull { limit: queued }),
        (Limits { queued_bytes, ..Limits::default() }, VmError::QueueTooLarge { limit: queued_bytes }),
    ]
}

/// An answer of 100 bytes.
fn long(n: u32) -> String {
    format!("{n:0100}")
}

/// The first actions of a process are too many for its VM, which lets go of them all.
#[test]
fn the_first_actions_are_too_many() {
    let parent = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => spawn!({
                let answers = (0..200).map(|_| give(&duct, &long(n))).collect::<ActionTree<_>>();
                transition_no_state!(answers)
            })))
        ))
    };
    for (limits, error) in too_low() {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(parent())]);
        sim.set_limits(limits);
        ask(&mut sim, 3, "w", 7u32);
        assert_eq!(notes.take(), nothing(&error.to_string()));
    }
}

/// An heir answers more often than there is room for, in the turn in which it inherits, or in a
/// continuation.
#[test]
fn the_answers_are_too_many() {
    let at_once = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(("duct", duct): (Text, Duct) =>
                (0..200).map(|n| give(&duct, &long(n))).collect::<ActionTree<_>>())
        ))
    };
    let later = || {
        transition_no_state!(subscriber!(
            _,
            on_message!(("duct", duct): (Text, Value) => yield_now(move |(): ()| {
                let duct = Duct::from_value(&duct).unwrap_or_default();
                transition!((), (0..200).map(|n| give(&duct, &long(n))).collect::<ActionTree<_>>())
            }))
        ))
    };
    for (heir, (limits, error)) in
        [at_once, later].into_iter().flat_map(|heir| too_low().map(|low| (heir, low)))
    {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(hander(false)), spawn!(heir())]);
        sim.set_limits(limits);
        ask(&mut sim, 3, "w", 7u32);
        assert_eq!(notes.take(), nothing(&error.to_string()));
    }
}

/// Answers of processes in a VM go out with the VM's turn: more than there is room for outside.
#[test]
fn the_answers_of_a_vm_are_too_many() {
    let inside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 =>
                (0..200).map(|n| give(&duct, &long(n))).collect::<ActionTree<_>>()))
        )))
    };
    for (limits, error) in too_low() {
        let notes = Notes::default();
        let noted = notes.clone();
        let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn_vm!(spawn!(inside()))]);
        sim.set_limits(limits);
        ask(&mut sim, 3, "w", 7u32);
        assert_eq!(notes.take(), nothing(&error.to_string()));
    }
}

/// A process of the ground VM wants to pass something one level out, where nobody is.
#[test]
fn what_is_passed_to_the_host_goes_nowhere() {
    let outwards = || {
        transition_no_state!(subscriber!(_, on_message!(n: u32 => at_meta_level!(pass(pid(9), "on", &n)))))
    };
    let heard = heard(move || vec![spawn!(outwards())], &[]);
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("\"w\": nothing ("), "{heard:?}");
}

/// The actions that wait in a VM when one of its processes ends it.
#[test]
fn a_vm_is_ended_from_inside_before_an_answer_is_given() {
    let inside = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => (at_meta_level!(quit()), give(&duct, &n))))
        )))
    };
    assert_eq!(heard(move || vec![spawn_vm!(spawn!(inside()))], &[]), nothing("normal"));
}

/// The reaction of a process two levels in to a message that is passed to it.
#[derive(Clone, Copy, Debug)]
enum Then {
    Give,
    Fail,
    PassOn,
    Keep,
}

/// The answers that the host hears if the outer one of two VMs is killed when so many steps have
/// been taken.
fn killed_after(then: Then, steps: usize) -> Vec<Result<Value, Reason>> {
    let innermost = move || {
        transition!(
            None::<Duct>,
            at_meta_level!(at_meta_level!(subscriber!(
                _,
                match_duct!(duct => match_state!(_none: Option<Duct> => on_message!(n: u32 => match then {
                    Then::Give => transition!(None, give(&duct, &n)),
                    Then::Fail => Err(Failure::value(&Text::from("failed")))?,
                    Then::PassOn => transition!(None, pass(pid(1), "on", &n)),
                    Then::Keep => transition!(Some(duct)),
                })))
            ))),
        )
    };
    let middle = move || {
        let (boots, stays) = (innermost(), subscriber!("stay"));
        transition_no_state!(stays, spawn_vm!(subscriber!("stay"), spawn!(boots)))
    };
    let mut vm = GroundVm::new(move |_| {
        transition_no_state!(spawn_vm!(at_meta_level!(publisher!("up")), spawn!(middle())))
    });
    vm.run(usize::MAX);
    vm.pass(pid(2), "w", &7u32);
    vm.run(steps);
    vm.kill(pid(2), Reason::value(&Text::from("bang")));
    vm.run(usize::MAX);
    let answers = std::iter::from_fn(|| vm.poll()).filter_map(|output| match output {
        Output::Reply(reply) => Some(reply.into_answer()),
        _ => None,
    });
    answers.collect()
}

/// Whenever the VM around the VM is killed, the host hears one thing.
#[test]
fn a_vm_with_vms_in_it_is_killed_at_any_step() {
    let mut failures = Vec::new();
    for then in [Then::Give, Then::Fail, Then::PassOn, Then::Keep] {
        for steps in 0..12 {
            let heard = killed_after(then, steps);
            if heard.len() != 1 {
                failures.push((then, steps, heard));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A process in a VM has failed, and the VM is killed before it has quit.
#[test]
fn a_vm_is_killed_with_a_process_that_has_failed() {
    let fails = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            on_message!(_n: u32 => Err::<(), _>(Failure::value(&Text::from("failed")))?)
        )))
    };
    let asks = |notes: &Notes| {
        let lost = notes.clone();
        transition_no_state!(
            subscriber!("go", on_message!(_ => (pass(pid(2), "w", &7u32), quit().pid(pid(2))))),
            replies!(match_reason!(reason: Reason => on_duct_absence!(lost.add(format!("{reason}"))))),
        )
    };
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || {
        vec![spawn_vm!(at_meta_level!(publisher!("up")), spawn!(fails())), spawn!(asks(&noted))]
    });
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(notes.take(), ["killed"]);
}

/// There is no room for the process that was to answer.
#[test]
fn the_process_that_was_to_answer_is_one_too_many() {
    let parent = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => spawn!(transition_no_state!(give(&duct, &n)))))
        ))
    };
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(parent())]);
    sim.run();
    let processes = sim.stats().processes;
    sim.set_limits(Limits { processes, ..Limits::default() });
    ask(&mut sim, 3, "w", 7u32);
    let error = VmError::TooManyProcesses { limit: processes };
    assert_eq!(notes.take(), nothing(&error.to_string()));
}

/// There is no room for the endpoint that was to answer.
#[test]
fn the_endpoint_that_was_to_answer_is_one_too_many() {
    let callee = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => {
                let duct = duct.clone();
                subscriber!("later", on_message!(_ => give(&duct, &n)))
            }))
        ))
    };
    let notes = Notes::default();
    let noted = notes.clone();
    let mut sim = sim_of(move || vec![spawn!(asker(&noted)), spawn!(callee())]);
    sim.run();
    let endpoints = sim.stats().endpoints;
    sim.set_limits(Limits { endpoints, ..Limits::default() });
    ask(&mut sim, 3, "w", 7u32);
    let error = VmError::TooManyEndpoints { limit: endpoints };
    assert_eq!(notes.take(), nothing(&error.to_string()));
}

/// A process that has asked somebody else has failed, and not quit yet, when the one ends whom it
/// asked.
#[test]
fn whoever_asked_has_failed_when_it_is_told() {
    let hurt = || Err::<(), _>(Failure::value(&"hurt".to_string()));
    let middle = move || {
        transition_no_state!(subscriber!(
            _,
            // So that it hears that it is to fail after the other one hears that it is to quit.
            on_message!(n: u32 => (pass(pid(4), "on", &n), subscriber!("quit", on_message!(_ => hurt()?)))),
        ))
    };
    assert_eq!(heard(move || vec![spawn!(middle()), spawn!(keeper())], &["quit"]), nothing("hurt"));
}

/// Its VM has stopped, and not ended yet.
#[test]
fn the_vm_of_whoever_asked_has_stopped_when_it_is_told() {
    let middle = || {
        transition_no_state!(at_meta_level!(subscriber!(
            _,
            on_message!(n: u32 => at_meta_level!(pass(pid(4), "on", &n))),
            on_message!("quit" => at_meta_level!(quit())),
        )))
    };
    let asked = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => subscriber!("never", on_message!(_ => give(&duct, &1u8))))),
            // One step later.
            on_message!("quit" => send_message!("now")),
            on_message!("now" => quit()),
        ))
    };
    let both = move || vec![spawn_vm!(subscriber!("stay"), spawn!(middle())), spawn!(asked())];
    assert_eq!(heard(both, &["quit"]), nothing("normal"));
}

/// The process that takes the duct along has nothing to do, so that it goes as it boots, and so
/// does the VM around it.
#[test]
fn the_vm_of_the_heir_is_gone_at_once() {
    let asked = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => spawn_vm(move |_, _| transition!(duct))))
        ))
    };
    assert_eq!(heard(move || vec![spawn!(asked())], &[]), nothing("normal"));
}

/// A duct is in an endpoint of a process that ends, and in the state of one that lets go of it when
/// it hears of that end.
#[test]
fn it_is_let_go_of_in_the_step_in_which_it_is_lost() {
    let holder = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => (
                send_message!(("duct", duct.clone())),
                subscriber!("never", on_message!(_ => give(&duct, &1u8))),
                publisher!("here"),
            ))),
            on_message!("quit" => quit()),
        ))
    };
    let fickle = || {
        transition!(
            None,
            subscriber!(
                ("duct", _),
                match_state!(_kept: Option<Duct> => on_message!(("duct", duct): (Text, Duct) => transition!(Some(duct)))),
            ),
            subscriber!("here", match_state!(_kept: Option<Duct> => on_absence!(transition!(None)))),
        )
    };
    let all = move || vec![spawn!(forwarder(4)), spawn!(holder()), spawn!(fickle())];
    assert_eq!(heard(all, &["quit"]), nothing("normal"));
}

/// A yield's continuation has it, and fails.
#[test]
fn a_continuation_fails_with_it() {
    let yields = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => yield_now(move |(): ()| {
                let _duct = duct;
                Err::<Transition<()>, _>(Failure::value(&Text::from("hurt")))
            })))
        ))
    };
    assert_eq!(heard(move || vec![spawn!(yields())], &[]), nothing("hurt"));
}

/// The one who was to spawn whoever has it is killed before.
#[test]
fn a_spawn_that_would_have_taken_it_is_not_performed() {
    let heirs_parent = |duct: Duct| {
        spawn(move |_| {
            let heir = spawn(move |_| Transition::new(duct, subscriber!("never")));
            Transition::new((), (subscriber!("never"), heir))
        })
    };
    let kills = move || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => (
                heirs_parent(duct),
                quit().pid(pid(4)).because("killed"),
            )))
        ))
    };
    assert_eq!(heard(move || vec![spawn!(kills())], &[]), nothing("killed"));
}

/// A process that the host makes has it, and is killed before.
#[test]
fn a_spawn_that_the_host_wanted_is_not_performed() {
    let (mut sim, notes, duct) = asked();
    sim.spawn(spawn(move |_| {
        let heir = spawn(move |_| Transition::new(duct, subscriber!("never")));
        Transition::new((), (subscriber!("never"), heir))
    }));
    sim.kill(pid(4), Reason::value(&Text::from("killed")));
    sim.run();
    assert_eq!(notes.take(), nothing("killed"));
}
