//! G26, U2: from a turn back to the host, and on to all to which that led, whatever is on the way.

use marketplace::log::LoggedTurn;
use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// A sim whose log is on from the time on when all have booted.
fn logged(actions: impl IntoActionTree<()> + Send + 'static) -> Sim {
    let mut sim = run(actions);
    sim.log_mut().turn_on();
    sim
}

/// How it came to the last turn whose line begins like this: from the host on, who did what.
fn why(sim: &Sim, last: &str) -> Vec<String> {
    let log = sim.log();
    let turn = log.turns().rev().find(|turn| turn.to_string().starts_with(last));
    let trace = log.trace(turn.unwrap_or_else(|| panic!("no {last} in {:#?}", lines(log.turns()))).id);
    assert_eq!(trace.last().map(|first| first.cause), Some(0), "the host is where everything starts");
    for pair in trace.windows(2) {
        assert!(pair[1].stamp < pair[0].stamp && pair[0].cause == pair[1].id);
    }
    lines(trace.into_iter().rev())
}

fn lines<'l>(turns: impl Iterator<Item = &'l LoggedTurn>) -> Vec<String> {
    turns.map(short).collect()
}

/// The process, and the event that it heard.
fn short(turn: &LoggedTurn) -> String {
    let vm: String = turn.vm.iter().map(|pid| format!("{pid}/")).collect();
    format!("{vm}{} {}", turn.pid, turn.heard)
}

fn say(sim: &mut Sim, what: &str) {
    sim.send(&value(what));
    sim.run();
}

#[test]
fn g26_a_trace_goes_out_of_a_vm_and_back_in() {
    let mut sim = logged((
        on_message(subscriber("out"), |_| send("back")),
        spawn_vm(|_, _| {
            let hears = at_meta_level(on_message(subscriber("in"), |_| send("inside")));
            let says = on_message(subscriber("inside"), |_| at_meta_level(send("out")));
            let again = at_meta_level(on_message(subscriber("back"), |_| ()));
            Transition::new((), (hears, says, again))
        }),
    ));
    say(&mut sim, "in");
    assert_eq!(
        why(&sim, "p2/p0 hears message back"),
        [
            "p2 hears message in",
            "p2/p0 hears message in",
            "p2/p0 hears message inside",
            "p0 hears message out",
            "p2 hears message back",
            "p2/p0 hears message back",
        ]
    );
}

#[test]
fn g26_a_trace_crosses_three_levels() {
    let mut sim = logged((
        on_message(subscriber("out"), |_| send("back")),
        spawn_vm(|_, _| {
            Transition::new(
                (),
                spawn_vm(|_, _| {
                    let far = |action: PreAction<()>| action.at_meta_level().at_meta_level();
                    let hears = PreAction::from(on_message(subscriber("in"), move |_| far(send("out"))));
                    Transition::new((), (far(hears), far(on_message(subscriber("back"), |_| ()).into())))
                }),
            )
        }),
    ));
    say(&mut sim, "in");
    assert_eq!(
        why(&sim, "p2/p1/p0 hears message back"),
        [
            "p2 hears message in",
            "p2/p1 hears message in",
            "p2/p1/p0 hears message in",
            "p0 hears message out",
            "p2 hears message back",
            "p2/p1 hears message back",
            "p2/p1/p0 hears message back",
        ]
    );
}

#[test]
fn g26_through_a_boot_and_a_spawn_that_is_continued() {
    let mut sim = logged((
        on_message(subscriber("go"), |_| {
            process(send("booted"))
                .then(|(), child| Transition::new((), child.map(|_| send("continued")).ok()))
        }),
        on_message(subscriber("booted"), |_| ()),
        on_message(subscriber("continued"), |_| ()),
    ));
    say(&mut sim, "go");
    assert_eq!(
        why(&sim, "p0 hears message booted"),
        ["p0 hears message go", "p2 boots", "p0 hears message booted"]
    );
    assert_eq!(
        why(&sim, "p0 hears message continued"),
        ["p0 hears message go", "p0 hears that its child is p2", "p0 hears message continued"]
    );
}

#[test]
fn g26_through_the_boot_of_a_vm_and_of_its_boot_process() {
    let mut sim = logged((
        on_message(subscriber("go"), |_| {
            spawn_vm(|_, _| Transition::new((), process(at_meta_level(send("inside")))))
        }),
        on_message(subscriber("_"), |_| ()),
    ));
    say(&mut sim, "go");
    let vm = ["p0 hears message go", "p2 boots", "p2/p0 boots", "p2/p1 boots"];
    assert_eq!(why(&sim, "p2/p1 boots"), vm);
    assert_eq!(why(&sim, "p0 hears message inside"), [&vm[..], &["p0 hears message inside"]].concat());
}

#[test]
fn g26_through_a_spawn_at_the_meta_level_that_is_continued() {
    let mut sim = logged((
        spawn_vm(|_, _| {
            let child = || {
                process(send("outside")).then(|(), _| Transition::new((), at_meta_level(send("continued"))))
            };
            Transition::new((), at_meta_level(on_message(subscriber("go"), move |_| at_meta_level(child()))))
        }),
        on_message(subscriber("_"), |_| ()),
    ));
    say(&mut sim, "go");
    let start = ["p2 hears message go", "p2/p0 hears message go"];
    assert_eq!(
        why(&sim, "p0 hears message outside"),
        [&start[..], &["p3 boots", "p0 hears message outside"]].concat()
    );
    let told =
        ["p2 hears that its child is p3", "p2/p0 hears that its child is p3", "p0 hears message continued"];
    assert_eq!(why(&sim, "p0 hears message continued"), [&start[..], &told].concat());
}

#[test]
fn g26_through_a_yield() {
    let mut sim = logged((
        on_message(subscriber("go"), |_| yield_now(|()| Transition::new((), send("later")))),
        on_message(subscriber("later"), |_| ()),
    ));
    say(&mut sim, "go");
    assert_eq!(
        why(&sim, "p0 hears message later"),
        ["p0 hears message go", "p0 goes on", "p0 hears message later"]
    );
}

#[test]
fn g26_through_an_endpoint_for_one_message() {
    let mut sim = logged((
        once(on_message(subscriber("go"), |_| send("next"))),
        on_message(subscriber("next"), |_| ()),
        // Sees that one go.
        AddEndpoint::new(publisher("go"), |event, turn| match event.is_absence() {
            true => turn.act(send("gone")),
            false => turn.skip(),
        }),
        on_message(subscriber("gone"), |_| ()),
    ));
    say(&mut sim, "go");
    assert_eq!(why(&sim, "p0 hears message next"), ["p0 hears message go", "p0 hears message next"]);
    // It is gone before its handler runs: the host's message took it.
    let absence = "p0 hears absence of subscriber go (normal)";
    assert_eq!(why(&sim, "p0 hears message gone"), [absence, "p0 hears message gone"]);
}

#[test]
fn g26_through_a_refusal_that_is_not_handled() {
    let mut sim = logged((
        on_message(subscriber("go"), |_| refuse(topic("job"), value("busy"))),
        process::<()>((silent(subscriber("job")), silent(publisher("sign")))),
        AddEndpoint::new(subscriber("sign"), |event, turn| match event.is_absence() {
            true => turn.act(send("mourn")),
            false => turn.skip(),
        }),
        on_message(subscriber("mourn"), |_| ()),
    ));
    say(&mut sim, "go");
    let refused = "p2 hears absence of publisher job (refused: busy)";
    assert_eq!(sim.log().errors().map(short).collect::<Vec<_>>(), [refused]);
    assert_eq!(
        why(&sim, "p0 hears message mourn"),
        [
            "p0 hears message go",
            refused,
            "p0 hears absence of publisher sign (refused: busy)",
            "p0 hears message mourn",
        ]
    );
}

#[test]
fn g26_through_a_refusal_that_is_not_handled_in_a_vm() {
    let mut sim = logged((
        on_message(subscriber("go"), |_| refuse(topic("job"), value("busy"))),
        spawn_vm(|_, _| {
            let job = at_meta_level(silent::<()>(subscriber("job")));
            let sign = at_meta_level(silent::<()>(publisher("sign")));
            Transition::new((), process::<()>((job, sign)))
        }),
        AddEndpoint::new(subscriber("sign"), |_, turn| turn.act(())),
    ));
    say(&mut sim, "go");
    assert_eq!(
        why(&sim, "p0 hears absence"),
        [
            "p0 hears message go",
            "p2 hears absence of publisher job (refused: busy)",
            "p2/p1 hears absence of publisher job (refused: busy)",
            "p0 hears absence of publisher sign (refused: busy)",
        ]
    );
    let failed: Vec<_> = sim.log().errors().map(short).collect();
    assert_eq!(failed, ["p2/p1 hears absence of publisher job (refused: busy)"]);
}

#[test]
fn g26_through_an_endpoint_that_changes() {
    let mut sim = logged((
        name_endpoint(value("e"), silent(publisher("a"))),
        on_message(subscriber("go"), |_| name_endpoint(value("e"), silent(publisher("b")))),
        process::<()>(AddEndpoint::new(subscriber("b"), |event, turn| match event.is_presence() {
            true => turn.act(send("seen")),
            false => turn.skip(),
        })),
        on_message(subscriber("seen"), |_| ()),
    ));
    say(&mut sim, "go");
    assert_eq!(
        why(&sim, "p0 hears message seen"),
        ["p0 hears message go", "p2 hears presence of publisher b", "p0 hears message seen"]
    );
}

#[test]
fn g26_through_the_quit_of_another_and_what_it_had_outside() {
    let mut sim = logged((
        spawn_vm(|_, _| {
            let victim = spawn(|pid| {
                let killed = on_message::<(), _>(subscriber("kill"), move |_| quit().pid(pid));
                let sign = at_meta_level(silent::<()>(publisher("sign")));
                Transition::new((), (sign, process::<()>(at_meta_level(killed))))
            });
            Transition::new((), victim)
        }),
        AddEndpoint::new(subscriber("sign"), |event, turn| match event.is_absence() {
            true => turn.act(send("mourn")),
            false => turn.skip(),
        }),
        on_message(subscriber("mourn"), |_| ()),
    ));
    say(&mut sim, "kill");
    assert_eq!(
        why(&sim, "p0 hears message mourn"),
        [
            "p2 hears message kill",
            "p2/p2 hears message kill",
            "p0 hears absence of publisher sign (killed)",
            "p0 hears message mourn",
        ]
    );
}

#[test]
fn g26_through_a_reply() {
    let mut sim = logged((
        on_message(subscriber("ask"), |_| pass(pid(2), "w", &1u8)),
        AddEndpoint::new(subscriber("x"), |event, turn| match event.reply() {
            Some(_) => turn.act(send("answered")),
            None => turn.skip(),
        }),
        process::<()>(AddEndpoint::new(subscriber("_"), |event, turn| match event.duct().is_empty() {
            false => turn.act(give(event.duct(), &2u8)),
            true => turn.skip(),
        })),
        on_message(subscriber("answered"), |_| ()),
    ));
    say(&mut sim, "ask");
    let chain = why(&sim, "p0 hears message answered");
    assert_eq!(
        chain,
        [
            "p0 hears message ask",
            "p2 hears message 1",
            "p0 hears reply 2 on \"w\"",
            "p0 hears message answered",
        ]
    );
    let asked = sim.log().turns().find(|turn| short(turn) == chain[1]).unwrap();
    assert_eq!(asked.duct.hops().collect::<Vec<_>>(), ["/p0/w"]);
}

#[test]
fn g26_through_a_failure_in_a_vm_that_its_container_sees() {
    let mut sim = logged((
        spawn_vm(|_, _| {
            let sign = at_meta_level(silent::<()>(publisher("sign")));
            let fails = at_meta_level(on_message(subscriber("go"), |_| panic!("oh")));
            Transition::new((), process::<()>((sign, fails)))
        }),
        AddEndpoint::new(subscriber("sign"), |_, turn| turn.act(())),
    ));
    say(&mut sim, "go");
    assert_eq!(
        why(&sim, "p0 hears absence"),
        ["p2 hears message go", "p2/p1 hears message go", "p0 hears absence of publisher sign (panic: oh)",]
    );
}

/// The whole tree, from whichever of its turns one asks.
#[test]
fn g26_a_tree_across_levels() {
    let mut sim = logged((
        on_message(subscriber("go"), |_| (send("a"), send("b"))),
        spawn_vm(|_, _| {
            Transition::new((), at_meta_level(on_message(subscriber("a"), |_| at_meta_level(send("c")))))
        }),
        on_message(subscriber("c"), |_| (send("d"), send("e"))),
        on_message(subscriber("b"), |_| ()),
        on_message(subscriber("d"), |_| ()),
        on_message(subscriber("e"), |_| ()),
    ));
    say(&mut sim, "go");
    let tree = [
        (0, "p0 hears message go"),
        (1, "p2 hears message a"),
        (2, "p2/p0 hears message a"),
        (3, "p0 hears message c"),
        (4, "p0 hears message d"),
        (4, "p0 hears message e"),
        (1, "p0 hears message b"),
    ];
    let log = sim.log();
    for turn in log.turns() {
        let found = log.tree(turn.id).unwrap();
        let found: Vec<_> = found.turns().into_iter().map(|(depth, turn)| (depth, short(turn))).collect();
        assert_eq!(found, tree.map(|(depth, line)| (depth, line.to_string())));
    }
    let below = log.tree_below(log.turns().nth(1).unwrap());
    assert_eq!(below.turns().iter().map(|(depth, _)| *depth).collect::<Vec<_>>(), [0, 1, 2, 3, 3]);
    assert!(log.tree(u64::MAX).is_none());
}

#[test]
fn u02_a_source_is_where_it_starts_too() {
    let source = Sim::source([7u8]);
    let listens = source.clone();
    let mut sim = logged(());
    sim.spawn(spawn(move |_| {
        let ear = Role::subscriber(Ground(listens, 7u8).to_value());
        let app = spawn_vm(|_, _| Transition::new((), at_meta_level(on_message(subscriber("tick"), |_| ()))));
        Transition::new((), (app, at_meta_level(on_message(ear, |_| send("tick")))))
    }));
    sim.run();
    let chain = why(&sim, "p3/p0 hears message tick");
    assert_eq!(chain[1..], ["p3 hears message tick", "p3/p0 hears message tick"]);
    assert!(chain[0].starts_with("p2 hears message Ground("), "{chain:?}");
    // That it is on was the wish of who listens.
    assert!(why(&sim, "p2 hears presence")[0].starts_with("p2 boots"));
}
