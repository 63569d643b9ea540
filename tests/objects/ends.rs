//! References and promises, when processes and VMs end (O15, O16).

use marketplace::Limits;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::notes::Doer;

use crate::deeds::{Keeper, Notes, answer, holder, inside, keeper, made, say, sim, told, waits, watches};

/// A process with an endpoint that others see.
struct Present(Notes);

#[object]
impl Present {
    fn appear(&mut self, cx: &Cx<Self>) {
        cx.act(publisher!("here"));
    }
    fn make(&mut self, cx: &Cx<Self>, name: Text) -> Far<Keeper> {
        cx.make(Keeper::new(name.as_str(), &self.0))
    }
    fn wait_for(&mut self, cx: &Cx<Self>, on: Promise<u64>) -> Promise<u64> {
        cx.when(on, |_, _, got| got.map_err(Failure))
    }
    fn quit(&mut self, cx: &Cx<Self>) {
        cx.act(quit().because(Reason::value(&Text::from("left"))));
    }
    fn fail(&mut self) {
        panic!("hurt")
    }
}

/// Endpoints, objects by number, whens; in whatever order others have asked to be told.
#[test]
fn o16_the_order_at_the_end_of_a_process() {
    for (end, why) in [("quit", "left"), ("fail", "panic: hurt")] {
        let notes = Notes::default();
        let mut sim = sim();
        let main = sim.spawn_object(Present(notes.clone()));
        told(&mut sim, |cx| {
            main.appear(cx);
        });
        let (open, _resolver) = promise::<u64>();
        let mut objects = Vec::new();
        for name in ["a", "b", "c"] {
            let asked = sim.ask(|cx| main.make(cx, name));
            sim.run();
            objects.push(asked.answer().unwrap().unwrap());
        }
        let whens: Vec<_> = [main.clone(), main.clone()]
            .map(|main| {
                let (mut promised, on) = (None, open.clone());
                told(&mut sim, |cx| promised = Some(main.wait_for(cx, on)));
                promised.unwrap()
            })
            .into();
        let (noted, watched) = (notes.clone(), objects.clone());
        sim.spawn(spawn!({
            let absent = noted.clone();
            transition_no_state!(
                waits("second when", whens[1].clone(), &noted),
                waits("first when", whens[0].clone(), &noted),
                watches("c", &watched[2], &noted),
                watches("a", &watched[0], &noted),
                watches("b", &watched[1], &noted),
                subscriber!(
                    "here",
                    on_absence!({
                        absent.add("absence");
                    })
                ),
                subscriber!(
                    "do it",
                    on_message!(_ => tell(|cx| {
                        match end {
                            "quit" => main.quit(cx),
                            _ => main.fail(cx),
                        };
                    }))
                ),
            )
        }));
        sim.run();
        assert!(notes.take().is_empty());
        say(&mut sim, "do it");
        let mut got = notes.take();
        got.retain(|note| !note.ends_with(" drops"));
        assert_eq!(
            got,
            [
                "absence".to_string(),
                format!("a: it is gone ({why})"),
                format!("b: it is gone ({why})"),
                format!("c: it is gone ({why})"),
                format!("first when: broken: it is gone ({why})"),
                format!("second when: broken: it is gone ({why})"),
            ]
        );
    }
}

#[test]
#[allow(clippy::mutable_key_type, reason = "the identity of a reference never changes")]
fn o16_references_stay_equal_to_themselves() {
    let notes = Notes::default();
    let mut sim = sim();
    let (a, b) = (keeper(&mut sim, 0, "a", &notes), keeper(&mut sim, 1, "b", &notes));
    sim.run();
    let before = (a.clone(), b.clone());
    for far in [&a, &b] {
        told(&mut sim, |cx| {
            far.quit(cx);
        });
    }
    assert_eq!((&a, &b), (&before.0, &before.1));
    assert_ne!(a, b);
    let map: std::collections::HashMap<_, _> = [(a.clone(), "a"), (b.clone(), "b")].into();
    assert_eq!(map[&before.1], "b");
    assert_eq!(Far::<Keeper>::from_value(&a.to_value()), Some(a), "it is an object's still");
}

/// Before and after; whatever level each of the two is at.
#[test]
fn o16_when_broken_hears_it_once() {
    for (far_depth, depth) in [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (1, 1), (2, 1), (1, 2)] {
        for end in ["quit", "fail"] {
            let notes = Notes::default();
            let mut sim = sim();
            let far = keeper(&mut sim, far_depth, "it", &notes);
            let watcher = |name: &'static str| {
                let (far, noted) = (far.clone(), notes.clone());
                inside(depth, spawn!(transition_no_state!(watches(name, &far, &noted))))
            };
            sim.spawn(watcher("early"));
            sim.spawn(watcher("early, too"));
            sim.run();
            assert!(notes.take().is_empty());
            told(&mut sim, |cx| match end {
                "quit" => {
                    far.quit(cx);
                }
                _ => {
                    far.fail(cx);
                }
            });
            let why = if end == "quit" { "left" } else { "panic: hurt" };
            let mut heard = notes.take();
            heard.retain(|note| note != "it drops");
            assert_eq!(
                heard,
                [format!("early: it is gone ({why})"), format!("early, too: it is gone ({why})"),],
                "{far_depth} {depth}"
            );
            sim.spawn(watcher("late"));
            sim.run();
            assert_eq!(notes.take(), [format!("late: it is gone ({why})")]);
            let late = sim.ask(|cx| far.echo(cx, 1));
            sim.run();
            assert_eq!(answer(&late), format!("broken: it is gone ({why})"));
            assert!(notes.take().is_empty());
            assert_eq!(sim.stats().processes, 1, "the event relay's");
        }
    }
}

/// Another process kills it.
#[test]
fn o16_when_broken_hears_why_it_was_killed() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = sim.spawn_object(Pids);
    let asked = sim.ask(|cx| far.pid(cx));
    let (watched, noted) = (far.clone(), notes.clone());
    sim.spawn(spawn!(transition_no_state!(watches("it", &watched, &noted))));
    sim.run();
    let pid = asked.answer().unwrap().unwrap();
    sim.spawn(spawn!(transition_no_state!(quit().pid(pid))));
    sim.run();
    assert_eq!(notes.take(), ["it: it is gone (killed)"]);
}

struct Pids;
#[object]
impl Pids {
    fn pid(&self, cx: &Cx<Self>) -> Pid {
        cx.pid()
    }
}

/// It is over when the reference is gone, and then nothing is left of the process that asked.
#[test]
fn o16_when_broken_keeps_the_process_and_not_the_object() {
    for (far_depth, depth) in [(0, 0), (0, 1), (1, 0), (2, 1), (1, 2)] {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, far_depth, "it", &notes);
        let (watched, noted) = (weak(&far), notes.clone());
        sim.spawn(spawn!(holder(far)));
        sim.run();
        sim.spawn(inside(
            depth,
            spawn!({
                let far = watched.upgrade().unwrap();
                transition_no_state!(watches("never", &far, &noted))
            }),
        ));
        sim.run();
        assert_eq!(sim.stats().processes, 4, "the relay, the holder, the keeper, and who watches");
        say(&mut sim, "let go");
        assert_eq!(notes.take(), ["it drops"], "{far_depth} {depth}");
        assert_eq!(sim.stats().processes, 2, "the relay and the holder");
    }
}

/// An object that watches another one keeps neither of the two.
#[test]
fn o16_an_object_watches() {
    for (a, b) in [(0, 0), (0, 1), (1, 0), (2, 1)] {
        let notes = Notes::default();
        let mut sim = sim();
        let (watching, far) = (keeper(&mut sim, a, "w", &notes), keeper(&mut sim, b, "it", &notes));
        told(&mut sim, |cx| {
            watching.watch(cx, &far);
        });
        told(&mut sim, |cx| {
            far.quit(cx);
        });
        let mut heard = notes.take();
        heard.retain(|note| note != "it drops");
        assert_eq!(heard, ["w: it is broken: it is gone (left)"], "{a} {b}");
        let far = keeper(&mut sim, b, "it", &notes);
        told(&mut sim, |cx| {
            watching.watch(cx, &far);
        });
        sim.spawn(spawn!(holder(watching)));
        say(&mut sim, "let go");
        assert_eq!(notes.take(), ["w drops"], "it watches, and nobody has it");
        told(&mut sim, |cx| {
            far.quit(cx);
        });
        assert_eq!(notes.take(), ["it drops"]);
    }
}

/// The watching process is gone, or is the object's own.
#[test]
fn o16_nobody_is_there_to_hear_it() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "it", &notes);
    let (watched, noted) = (far.clone(), notes.clone());
    sim.spawn(spawn!(transition_no_state!(
        watches("gone", &watched, &noted),
        subscriber!("go", on_message!(_ => quit())),
    )));
    say(&mut sim, "go");
    let beside = made(&mut sim, &far, "beside");
    told(&mut sim, |cx| {
        far.watch(cx, &beside);
    });
    told(&mut sim, |cx| {
        far.quit(cx);
    });
    assert_eq!(notes.take(), ["it drops", "beside drops"]);
}

/// It is not there yet when somebody begins to watch it.
#[test]
fn o16_an_object_that_is_to_be_is_watched() {
    let notes = Notes::default();
    let mut sim = sim();
    type Way = fn(&mut Sim, Spawn<()>, &Far<Keeper>);
    let ways: [(&str, Way); 3] = [
        ("it: the object was never there: the action that spawns it was dropped", |_, spawn, _| drop(spawn)),
        ("it: the object was never there: the action that spawns it was dropped", |sim, spawn, _| {
            let over = || Reason::value(&Text::from("over"));
            sim.spawn(spawn!(transition_no_state!(quit().because(over()), spawn)));
        }),
        ("it: it is gone (left)", |sim, spawn, far| {
            sim.spawn(spawn);
            sim.tell(|cx| {
                far.quit(cx);
            });
        }),
    ];
    for (expected, way) in ways {
        let (spawn, far) = spawn_object::<(), _>(Keeper::new("keeper", &notes));
        let (watched, noted) = (far.clone(), notes.clone());
        sim.spawn(spawn!(transition_no_state!(watches("it", &watched, &noted))));
        sim.run();
        assert!(notes.take().is_empty());
        way(&mut sim, spawn, &far);
        sim.run();
        let mut heard = notes.take();
        heard.retain(|note| note != "keeper drops");
        assert_eq!(heard, [expected]);
    }
}

/// From the turn that failed on, though the quit is performed later.
#[test]
fn o16_a_process_that_has_failed_hears_nothing() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, depth, "it", &notes);
        let beside = made(&mut sim, &far, "beside");
        sim.tell(|cx| {
            far.fail(cx);
        });
        let asked: Vec<_> =
            (0..3).map(|n| sim.ask(|cx| if n == 1 { beside.echo(cx, n) } else { far.echo(cx, n) })).collect();
        sim.run();
        for asked in &asked {
            assert_eq!(answer(asked), "broken: it is gone (panic: hurt)", "depth {depth}");
        }
        assert_eq!(notes.take(), ["it drops", "beside drops"]);
    }
}

/// Messages wait at an object that is not there yet, and its process fails in the first of them.
#[test]
fn o16_what_waits_at_an_object_is_answered() {
    let notes = Notes::default();
    let mut sim = sim();
    let (spawn, far) = spawn_object::<(), _>(Keeper::new("it", &notes));
    let asked = [sim.ask(|cx| far.fail(cx)), sim.ask(|cx| far.echo(cx, 1)), sim.ask(|cx| far.echo(cx, 2))];
    sim.run();
    sim.spawn(spawn);
    sim.run();
    for asked in &asked {
        assert_eq!(answer(asked), "broken: it is gone (panic: hurt)");
    }
}

/// The outer ones first; no code in it runs.
#[test]
fn o16_a_vm_ends() {
    let notes = Notes::default();
    let mut sim = sim();
    let made: Vec<_> = (0..3).map(|_| spawn_object::<(), _>(Keeper::new("it", &notes))).collect();
    let fars: Vec<_> = made.iter().map(|(_, far)| far.clone()).collect();
    let mut spawns: Vec<_> = made.into_iter().map(|(spawn, _)| spawn).collect();
    // The first one made is the innermost.
    let (c, b, a) = (spawns.remove(0), spawns.remove(0), spawns.remove(0));
    sim.spawn(spawn_vm!(
        spawn_vm!(inside(1, c), b),
        a,
        at_meta_level!(subscriber!(
            "bang",
            on_message!(_ => at_meta_level!(quit().because(Reason::value(&Text::from("bang")))))
        )),
    ));
    sim.run();
    // Those in it that wait for each other hear nothing.
    told(&mut sim, |cx| {
        fars[0].watch(cx, &fars[2]);
        fars[2].watch(cx, &fars[0]);
        fars[1].watch(cx, &fars[2]);
    });
    let (watched, noted) = (fars.clone(), notes.clone());
    sim.spawn(spawn!(transition_no_state!(
        watches("inner", &watched[0], &noted),
        watches("middle", &watched[1], &noted),
        watches("outer", &watched[2], &noted),
    )));
    sim.run();
    say(&mut sim, "bang");
    let mut heard = notes.take();
    heard.retain(|note| note != "it drops");
    assert_eq!(heard, ["outer: it is gone (bang)", "middle: it is gone (bang)", "inner: it is gone (bang)"]);
    let late = sim.ask(|cx| fars[0].echo(cx, 1));
    sim.run();
    assert_eq!(answer(&late), "broken: it is gone (bang)");
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

/// A VM quits with messages to its objects on their way.
#[test]
fn o16_a_vm_ends_with_messages_on_their_way() {
    let notes = Notes::default();
    for steps in 0..30 {
        let mut sim = sim();
        let (spawn, far) = spawn_object::<(), _>(Keeper::new("it", &notes));
        sim.spawn(spawn_vm!(inside(1, spawn)));
        sim.run();
        let asked: Vec<_> = (0..4).map(|n| sim.ask(|cx| far.echo(cx, n))).collect();
        let waits = sim.ask(|cx| far.wait_for(cx, far.echo(cx, 7)));
        sim.run_steps(steps);
        let vm =
            sim.dump().processes.iter().find(|process| process.inside.is_some()).map(|process| process.pid);
        sim.kill(vm.unwrap(), Reason::value(&Text::from("bang")));
        sim.run();
        for (n, asked) in asked.iter().enumerate() {
            let answer = answer(asked);
            assert!(answer == n.to_string() || answer == "broken: it is gone (bang)", "{steps}: {answer}");
        }
        let answer = answer(&waits);
        assert!(answer == "8" || answer == "broken: it is gone (bang)", "{steps}: {answer}");
        assert_eq!(sim.stats().processes, 1);
    }
}

/// A promise is settled in a VM with an object further out, of which nobody else has a reference.
/// The VM is killed at any step: whoever waits is told, what waited is answered, and the object
/// goes.
#[test]
fn o16_a_vm_ends_that_was_to_carry_something_out() {
    let mut delivered = 0;
    for steps in 0..24 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, 0, "it", &notes);
        let (open, resolver) = promise::<Far<Keeper>>();
        let asked = [sim.ask(|cx| open.echo(cx, 1)), sim.ask(|cx| open.echo(cx, 2))];
        let gives = sim.ask(|_| open.clone());
        drop(open);
        sim.run();
        sim.spawn(inside(2, spawn!(transition_no_state!(resolver.fulfill(far)))));
        sim.run_steps(steps);
        let vm =
            sim.dump().processes.iter().find(|process| process.inside.is_some()).map(|process| process.pid);
        if let Some(vm) = vm {
            sim.kill(vm, Reason::value(&Text::from("bang")));
        }
        sim.run();
        let answers: Vec<_> = asked.iter().map(answer).collect();
        match &*answers {
            [one, two] if one == "1" && two == "2" => delivered += 1,
            _ => assert!(answers.iter().all(|answer| answer.starts_with("broken: ")), "{steps}: {answers:?}"),
        }
        assert_ne!(answer(&gives), "nothing", "{steps}");
        drop(gives);
        sim.run();
        assert_eq!(notes.take().last().map(String::as_str), Some("it drops"), "{steps}: {}", sim.trace());
        assert_eq!(sim.stats().processes, 1);
    }
    assert!(delivered > 0);
}

/// The turn that was to answer is undone, so its process owes the answer until it ends.
#[test]
fn o15_whoever_asks_hears_of_a_limit_that_the_answering_turn_crossed() {
    const MOST: usize = 20;
    let many = Limits { queued: MOST, ..Limits::default() };
    let large = Limits { queued_bytes: 10_000, ..Limits::default() };
    // The process quits behind the answer, or does not.
    for (limits, count, quits) in [(many, MOST, false), (many, MOST - 1, true), (large, 15, false)] {
        for on_duct in [false, true] {
            let notes = Notes::default();
            let mut sim = sim();
            let doer = sim.spawn_object(Doer::quiet(move |cx| {
                for _ in 0..count {
                    cx.act(send_message!("x".repeat(if limits.queued == MOST { 1 } else { 900 })));
                }
                if quits {
                    cx.act(quit());
                }
            }));
            sim.run();
            let (heard, asks) = (notes.clone(), doer.clone());
            let asked = if on_duct {
                sim.spawn(spawn!(transition_no_state!(
                    replies!(
                        match_reason!(reason: Reason => on_duct_absence!(heard.add(format!("{reason}"))))
                    ),
                    pass(&asks, "w", &(Symbol::new("go"),)),
                )));
                None
            } else {
                Some(sim.ask(|cx| asks.go(cx)))
            };
            sim.set_limits(limits);
            sim.run();
            assert_eq!(sim.exits().len(), 1, "{}", sim.trace());
            let why = match asked {
                Some(asked) => asked.answer().unwrap().unwrap_err().to_string(),
                None => {
                    let told = notes.take();
                    assert_eq!(told.len(), 1, "it is told once: {told:?}");
                    told.concat()
                }
            };
            assert!(why.starts_with("it is gone (queue "), "{why}");
        }
    }
}
