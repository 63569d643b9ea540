//! Turns are seen while they run, and told when they are over, if somebody asks. Here the time at
//! which somebody looks is a line of the handler.

use std::sync::{Arc, Mutex};

use marketplace::prelude::*;
use marketplace::{Ground, GroundVm, Output, SlowTurn, Source, TurnWatch};

/// Somebody who looks at a VM from elsewhere.
#[derive(Clone, Default)]
struct Looker {
    watch: Arc<Mutex<Option<TurnWatch>>>,
    /// The processes that were seen.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Looker {
    /// Looks, and asks to be told when the turn is over.
    fn looks(&self) {
        let watch = self.watch.lock().unwrap();
        let watch = watch.as_ref().expect("it is there");
        let turn = watch.look().expect("a turn is running");
        let path = turn.vm.iter().chain([&turn.pid]).map(Pid::to_string).collect::<Vec<_>>().join("/");
        self.seen.lock().unwrap().push(format!("{path} {}", turn.process));
        watch.tell_of(turn.id);
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    fn watches(&self, vm: &mut GroundVm) {
        *self.watch.lock().unwrap() = Some(vm.watch_turns());
    }
}

/// Runs until there is nothing left to do. Gives the turns that were told.
fn run(vm: &mut GroundVm) -> Vec<SlowTurn> {
    let mut told = Vec::new();
    let mut goes_on = true;
    while goes_on {
        goes_on = vm.run(usize::MAX);
        while let Some(output) = vm.poll() {
            if let Output::SlowTurn(turn) = output {
                told.push(*turn);
            }
        }
    }
    told
}

fn shown(told: &[SlowTurn]) -> Vec<String> {
    let shown = |turn: &SlowTurn| {
        format!("{} {} from {}", turn.process, turn.heard, turn.from.as_deref().unwrap_or("-"))
    };
    told.iter().map(shown).collect()
}

/// Runs the processes that this makes for somebody who looks.
fn told(
    prepare: fn(&mut GroundVm),
    make: impl FnOnce(Looker) -> Transition<()> + Send + 'static,
) -> (Vec<String>, Vec<String>) {
    let looker = Looker::default();
    let mut vm = {
        let looker = looker.clone();
        GroundVm::new(move |_| make(looker))
    };
    prepare(&mut vm);
    looker.watches(&mut vm);
    let told = run(&mut vm);
    (looker.seen(), shown(&told))
}

fn hears(looker: Looker) -> Transition<()> {
    transition_no_state!(
        subscriber!("think", on_message!(_ => looker.looks())),
        subscriber!("rest", on_message!(_ => ())),
    )
}

fn says(what: &'static str) -> Transition<()> {
    transition_no_state!(send_message!(what))
}

fn at_all_times(make: fn(Looker) -> Transition<()>, seen: &str, heard: &str) {
    let prepared: [fn(&mut GroundVm); 3] = [|_| (), |vm| vm.log_mut().turn_on(), |vm| vm.set_verb(true)];
    for prepare in prepared {
        assert_eq!(told(prepare, make), (vec![seen.to_string()], vec![heard.to_string()]));
    }
}

#[test]
fn a_turn_is_seen_with_its_process_and_told_with_what_that_heard_from_whom() {
    fn make(looker: Looker) -> Transition<()> {
        transition_no_state!(
            name_process("ann", spawn!(hears(looker))),
            spawn!(says("rest")),
            spawn!(says("think")),
        )
    }
    at_all_times(make, "p2 hears()", r#"ann hears message "think" from says()"#);
}

#[test]
fn a_turn_in_a_nested_vm_is_that_of_the_process_in_there() {
    fn make(looker: Looker) -> Transition<()> {
        transition_no_state!(spawn_vm!(name: "room"; spawn!(hears(looker)), spawn!(says("think"))))
    }
    at_all_times(make, "p2/p1 room/hears()", r#"room/hears() hears message "think" from room/says()"#);
}

#[test]
fn a_turn_because_of_a_vm_around_is_that_of_the_process_in_there() {
    fn hears_outside(looker: Looker) -> Transition<()> {
        transition_no_state!(at_meta_level!(subscriber!("think", on_message!(_ => looker.looks()))))
    }
    fn make(looker: Looker) -> Transition<()> {
        transition_no_state!(
            spawn_vm!(name: "room"; spawn!(hears_outside(looker))),
            spawn!(transition_no_state!(yield_now!(|()| transition_no_state!(yield_now!(|()| says(
                "think"
            )))))),
        )
    }
    at_all_times(make, "p2/p1 room/hears_outside()", r#"room/hears_outside() hears message "think" from -"#);
}

#[test]
fn boots_and_yields_are_turns() {
    fn boots(looker: Looker) -> Transition<()> {
        looker.looks();
        transition_no_state!()
    }
    at_all_times(
        |looker| transition_no_state!(spawn!(boots(looker))),
        "p2 boots()",
        "boots() boots from boot",
    );
    fn yields(looker: Looker) -> Transition<()> {
        transition_no_state!(yield_now!(|()| {
            looker.looks();
            transition_no_state!()
        }))
    }
    at_all_times(
        |looker| transition_no_state!(spawn!(yields(looker))),
        "p2 yields()",
        "yields() goes on from yields()",
    );
}

#[test]
fn a_turn_in_which_its_process_fails_is_told_too() {
    fn fails(looker: Looker) -> Transition<()> {
        transition_no_state!(subscriber!(
            "think",
            on_message!(_ => {
                looker.looks();
                Err::<(), _>(Failure::value(&"no idea".to_string()))?;
            })
        ))
    }
    at_all_times(
        |looker| transition_no_state!(spawn!(fails(looker)), spawn!(says("think"))),
        "p2 fails()",
        r#"fails() hears message "think" from says()"#,
    );
}

/// The time may be that of printing a backtrace.
#[test]
fn a_turn_that_panics_is_not_told() {
    fn panics(looker: &Looker) {
        looker.looks();
        panic!("no idea");
    }
    fn hears_and_panics(looker: Looker) -> Transition<()> {
        transition_no_state!(subscriber!("think", on_message!(_ => panics(&looker))), send_message!("think"))
    }
    fn boots_and_panics(looker: Looker) -> Transition<()> {
        panics(&looker);
        transition_no_state!()
    }
    fn yields_and_panics(looker: Looker) -> Transition<()> {
        transition_no_state!(yield_now!(|()| boots_and_panics(looker)))
    }
    let makes: [fn(Looker) -> Transition<()>; 3] = [
        |looker| transition_no_state!(spawn!(hears_and_panics(looker))),
        |looker| transition_no_state!(spawn!(boots_and_panics(looker))),
        |looker| transition_no_state!(spawn!(yields_and_panics(looker))),
    ];
    let prepared: [fn(&mut GroundVm); 2] = [|_| (), |vm| vm.log_mut().turn_on()];
    for (make, prepare) in makes.into_iter().flat_map(|make| prepared.map(|prepare| (make, prepare))) {
        let (seen, told) = told(prepare, make);
        assert_eq!((seen.len(), told), (1, Vec::new()), "{seen:?}");
    }
}

#[test]
fn a_turn_because_of_a_source_is_told() {
    fn hears_source(looker: Looker, source: Source) -> Transition<()> {
        transition_no_state!(at_meta_level!(subscriber!(
            Ground::<u64>(source, _),
            on_message!(_ => looker.looks()),
        )))
    }
    let (looker, source) = (Looker::default(), Source::new(()));
    let mut vm = {
        let (looker, source) = (looker.clone(), source.clone());
        GroundVm::new(move |_| transition_no_state!(spawn!(hears_source(looker, source))))
    };
    looker.watches(&mut vm);
    assert_eq!(run(&mut vm), []);
    vm.item(&source, Value::from(7u64));
    let told = run(&mut vm);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].process, "hears_source()");
}

#[test]
fn the_host_is_told_before_anything_else_is_performed() {
    let looker = Looker::default();
    let mut vm = {
        let looker = looker.clone();
        GroundVm::new(move |_| transition_no_state!(spawn!(hears(looker))))
    };
    looker.watches(&mut vm);
    run(&mut vm);
    for what in ["rest", "rest", "think", "rest"] {
        vm.send(&what.to_string());
    }
    let steps = vm.steps();
    assert!(vm.run(usize::MAX), "one more waits");
    assert_eq!(vm.steps() - steps, 3);
    assert!(matches!(vm.poll(), Some(Output::SlowTurn(_))));
    assert!(!vm.run(usize::MAX));
    assert_eq!(vm.steps() - steps, 4);
}

#[test]
fn nothing_is_seen_between_turns_and_nothing_told_of_turns_that_nobody_asks_for() {
    let looker = Looker::default();
    let mut vm = {
        let looker = looker.clone();
        GroundVm::new(move |_| transition_no_state!(spawn!(hears(looker))))
    };
    looker.watches(&mut vm);
    run(&mut vm);
    vm.send(&"rest".to_string());
    assert_eq!(run(&mut vm), []);
    let watch = vm.watch_turns();
    assert_eq!(watch.look(), None);
    // Of a turn that is over nothing is told.
    watch.tell_of(1);
    vm.send(&"rest".to_string());
    assert_eq!(run(&mut vm), []);
}
