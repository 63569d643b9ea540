//! R90: ids, causes, and the record.

use std::collections::BTreeMap;

use marketplace::prelude::{publisher, subscriber};
use marketplace::*;

use crate::support::*;

/// Each action's and turn's cause, with a line about it.
fn causes(trace: &Trace) -> BTreeMap<u64, (u64, String)> {
    let mut causes = BTreeMap::new();
    for record in trace.records() {
        let (id, cause) = match &record.what {
            What::Performed { id, cause, .. } | What::Turn { id, cause, .. } => (*id, *cause),
            _ => continue,
        };
        // Several endpoints are told in one step, but each is told in a turn of its own.
        if let Some((known, line)) = causes.insert(id, (cause, record.to_string())) {
            assert_eq!(
                (known, line.contains("goes on")),
                (cause, true),
                "{id} is used twice: {line}, {record}"
            );
        }
    }
    causes
}

/// From the last record whose line is this one back to the host.
fn chain(trace: &Trace, line: &str) -> Vec<String> {
    let causes = causes(trace);
    let (mut id, _) = causes.iter().rev().find(|(_, (_, found))| found == line).expect(line);
    let mut lines = Vec::new();
    while let Some((cause, line)) = causes.get(id) {
        assert!(cause < id, "a cause comes first: {line}");
        lines.push(line.clone());
        id = cause;
    }
    assert_eq!(*id, 0, "the host is where everything starts");
    lines
}

#[test]
fn r90_every_turn_and_action_knows_its_cause() {
    let mut sim = run((
        on_message(subscriber("x"), |_| send("y")),
        process(on_message(subscriber("y"), |_| yield_now(|()| Transition::new((), process(()))))),
    ));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(
        chain(sim.trace(), "p3 boots"),
        [
            "p3 boots",
            "p2 spawns a process",
            "p2 goes on",
            "p2 goes on",
            "p2 hears message y",
            "p0 sends message y",
            "p0 hears message x",
            "host sends message x",
        ]
    );
}

#[test]
fn r90_ids_are_from_one_counter_of_the_outermost_vm() {
    let sim = run((
        spawn_vm(|_, _| {
            let deeper = spawn_vm(|_, _| Transition::new((), (send("a"), at_meta_level(send("b")))));
            Transition::new((), (deeper, send("c"), silent(subscriber("_"))))
        }),
        send("d"),
        silent(subscriber("_")),
    ));
    let causes = causes(sim.trace());
    assert!(causes.len() > 10);
    for (id, (cause, line)) in &causes {
        assert!(cause < id, "{line}");
        // A nested VM's turn in its container is not recorded, but what its processes do in it is.
        let vm = line == "p2 goes on" || line == "p2/p1 goes on";
        assert!(vm || *cause == 0 || causes.contains_key(cause), "nobody knows what caused {line}");
    }
}

#[test]
fn r90_causes_cross_levels() {
    let mut sim = run((
        on_message(subscriber("out"), |_| send("done")),
        spawn_vm(|_, _| {
            let hears = at_meta_level(on_message(subscriber("in"), |_| send("inside")));
            Transition::new((), (hears, on_message(subscriber("inside"), |_| at_meta_level(send("out")))))
        }),
    ));
    sim.send(&value("in"));
    sim.run();
    let chain = chain(sim.trace(), "p0 sends message done");
    // Out of the VM, through what its process did inside, and in again at what it heard.
    let through = [
        "p0 sends message done",
        "p0 hears message out",
        "p2 sends message out",
        "p2/p0 at meta level: send message out",
        "p2/p0 hears message inside",
        "p2/p0 sends message inside",
        "p2/p0 hears message in",
        "host sends message in",
    ];
    let found: Vec<_> = chain.iter().filter(|line| through.contains(&line.as_str())).collect();
    assert_eq!(found, through, "{chain:#?}");
}

#[test]
fn r90_causes_cross_two_levels_and_an_end() {
    let mut sim = run((
        on_message(subscriber("x"), |_| ()),
        spawn_vm(|_, _| {
            let deeper = spawn_vm(|_, _| {
                let sign = silent::<()>(publisher("sign"));
                let far = PreAction::from(sign).at_meta_level().at_meta_level();
                let dies = on_message::<(), _>(subscriber("die"), |_| quit());
                let die = PreAction::from(dies).at_meta_level().at_meta_level();
                Transition::new((), (far, die))
            });
            Transition::new((), deeper)
        }),
        AddEndpoint::new(subscriber("sign"), |event, turn| match event.is_absence() {
            true => turn.act(send("mourn")),
            false => turn.skip(),
        }),
    ));
    sim.send(&value("die"));
    sim.run();
    let chain = chain(sim.trace(), "p0 sends message mourn");
    assert_eq!(chain.last().unwrap(), "host sends message die");
    assert!(chain.contains(&"p2/p1/p0 quits".to_string()), "{chain:#?}");
}

#[test]
fn r90_a_turn_knows_its_own_numbers() {
    let log = Log::default();
    let noted = log.clone();
    let endpoint = AddEndpoint::new(subscriber("x"), move |event, turn| {
        if event.body().is_some() {
            noted.note(format!("{} {}", turn.id(), turn.cause()));
        }
        turn.skip()
    });
    let sim = run((endpoint, send("x"), send("x")));
    let recorded: Vec<_> = sim
        .trace()
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Turn { id, cause, heard: Heard::Message(..), .. } => Some(format!("{id} {cause}")),
            _ => None,
        })
        .collect();
    assert_eq!(recorded.len(), 2);
    assert_eq!(log.take(), recorded);
}

#[test]
fn r90_numbers_are_there_when_nothing_is_recorded() {
    let log = Log::default();
    let noted = log.clone();
    let mut vm = GroundVm::new(move |_| {
        let endpoint = AddEndpoint::new(subscriber("x"), move |event, turn| {
            if event.body().is_some() {
                noted.note(format!("{} {}", turn.id(), turn.cause()));
            }
            turn.skip()
        });
        Transition::new((), (endpoint, send("x")))
    });
    while vm.run(usize::MAX) {}
    assert!(vm.trace().is_none());
    let line = log.take().remove(0);
    let (id, cause) = line.split_once(' ').unwrap();
    assert!(cause.parse::<u64>().unwrap() > 0 && id.parse::<u64>().unwrap() > cause.parse().unwrap());
}

/// Handlers are not called for what no clause is about; who looks on is shown those turns too, and
/// numbers nothing otherwise.
#[test]
fn r90_a_turn_for_which_there_is_no_clause_takes_its_number_whoever_looks_on() {
    let numbers = |looks_on: bool| {
        let log = Log::default();
        let noted = log.clone();
        let mut vm = GroundVm::new(move |_| {
            let reads = AddEndpoint::new(subscriber("y"), move |event, turn| {
                if event.body().is_some() {
                    noted.note(turn.id().to_string());
                }
                turn.skip()
            });
            let deaf = || process((publisher!(topic = topic("x")), subscriber!(topic = topic("z"))));
            // The second endpoint is told nothing any more.
            let fails = process((
                AddEndpoint::new(subscriber("x"), |event, turn| {
                    assert!(!event.is_presence());
                    turn.skip()
                }),
                subscriber!(topic = topic("x")),
            ));
            let comes_and_goes = process((
                name_endpoint("s", subscriber!(topic = topic("x"))),
                send("y"),
                name_endpoint("s", subscriber!(topic = topic("z"))),
                send("y"),
                delete_endpoint("s"),
                send("y"),
                quit(),
            ));
            let inside = (deaf(), at_meta_level(subscriber!(topic = topic("x"))), at_meta_level(send("y")));
            let vm = spawn_vm(move |_, _| Transition::new((), inside));
            Transition::new((), (reads, fails, deaf(), comes_and_goes, vm))
        });
        if looks_on {
            vm.log_mut().turn_on();
        }
        while vm.run(usize::MAX) {}
        let logged = vm.log().len();
        // Logical time has gone on, too.
        vm.log_mut().turn_on();
        vm.send(&value("y"));
        while vm.run(usize::MAX) {}
        let stamp = vm.log().turns().last().map(|turn| turn.stamp);
        (logged, (log.take(), vm.counter(), stamp))
    };
    let (logged, shown) = numbers(true);
    assert_eq!(shown.0.len(), 5);
    assert!(logged > 10, "vacancies, presences and absences: {logged}");
    assert_eq!(numbers(false), (0, shown));
}

#[test]
fn r90_a_turn_says_what_it_led_to() {
    let sim = run((on_message(subscriber("x"), |_| [send("y"), send("y")]), send("x")));
    let outcomes: Vec<_> = sim
        .trace()
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Turn { heard: Heard::Message(..), outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
        .collect();
    assert!(matches!(outcomes[..], [TurnOutcome::Done { actions: 2 }]), "{outcomes:?}");
}
