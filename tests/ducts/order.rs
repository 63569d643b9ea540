//! Processes that wait are told in the order of their passes, in whatever order a state lets go of
//! its ducts.

use std::collections::HashMap;

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::pid;

/// Keeps each duct under its number, in a map whose order is another one in each run.
fn holder() -> Transition<HashMap<u64, Duct>> {
    transition!(
        HashMap::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: HashMap<u64, Duct> => on_message!(n: u64 => {
                held.insert(n, duct);
                transition!(held)
            }))),
            match_state!(_held: &HashMap<u64, Duct> => on_message!(
                "quit" => quit(),
                "fail" => Err::<(), _>(Failure::value(&Text::from("failed")))?,
            )),
            match_state!(held: HashMap<u64, Duct> => on_message!("fail with it" => {
                drop(held);
                Err::<Transition<_>, _>(Failure::value(&Text::from("failed")))?
            })),
        ),
    )
}

/// Passes twelve numbers to 2, and says which of them nobody answers.
fn asker() -> Transition<()> {
    transition_no_state!(
        subscriber!(
            "ask",
            on_message!(_ =>
            (0..12u64).map(|n| pass(pid(2), n.to_value(), &n)).collect::<ActionTree<_>>())
        ),
        replies!(match_wire!(n: u64 => on_duct_absence!(send_message!(("gone", n))))),
    )
}

/// In which order the numbers are told, when this has been done to the process that holds their
/// ducts.
fn told(boot: fn() -> Transition<()>, end: fn(&mut Sim)) -> Vec<u64> {
    let mut sim = Sim::new(move |_| boot());
    sim.run();
    sim.send(&Text::from("ask"));
    sim.run();
    end(&mut sim);
    sim.run();
    sim.messages_of::<(Text, u64)>().into_iter().map(|(_, n)| n).collect()
}

#[test]
fn r12_the_order_of_a_hash_map_does_not_show() {
    let here = || transition_no_state!(spawn!(holder()), spawn!(asker()));
    let ends: [fn(&mut Sim); 4] = [
        |sim| sim.send(&Text::from("quit")),
        |sim| sim.send(&Text::from("fail")),
        |sim| sim.send(&Text::from("fail with it")),
        |sim| sim.kill(pid(2), Reason::Killed(None)),
    ];
    for end in ends {
        assert!(told(here, end).into_iter().eq(0..12));
    }
}

/// Holds the ducts of what is passed to its VM.
fn holder_inside() -> Transition<HashMap<u64, Duct>> {
    transition!(
        HashMap::new(),
        at_meta_level!(subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: HashMap<u64, Duct> => on_message!(n: u64 => {
                held.insert(n, duct);
                transition!(held)
            }))),
        )),
    )
}

/// It goes with its VM.
#[test]
fn r12_nor_does_it_in_a_vm() {
    let inside = || transition_no_state!(spawn_vm!(spawn!(holder_inside())), spawn!(asker()));
    assert!(told(inside, |sim| sim.kill(pid(2), Reason::Normal)).into_iter().eq(0..12));
}

/// Keeps ducts until it has twelve, and then in an endpoint.
fn collector() -> Transition<HashMap<u64, Duct>> {
    transition!(
        HashMap::<u64, Duct>::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: HashMap<u64, Duct> => on_message!(n: u64 => {
                held.insert(n, duct);
                let full = held.len() == 12;
                let had = if full { std::mem::take(&mut held) } else { HashMap::new() };
                transition!(held, full.then(|| subscriber!("now", on_message!(_ => {
                    let _ = had.len();
                }))))
            }))),
            match_state!(_held: &HashMap<u64, Duct> => on_message!("quit" => quit())),
        ),
    )
}

/// An endpoint has the map.
#[test]
fn r12_nor_does_it_in_an_endpoint() {
    let boot = || transition_no_state!(spawn!(collector()), spawn!(asker()));
    assert!(told(boot, |sim| sim.send(&Text::from("quit"))).into_iter().eq(0..12));
}
