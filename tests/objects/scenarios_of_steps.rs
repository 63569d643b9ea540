//! Scenarios of SwingSet and of E, as far as they are about steps and outcomes.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::deeds::{Notes, keeper};

struct Left(Notes);
struct Right(Notes);

#[object]
impl Left {
    /// Asks `right`, which is given itself.
    fn foo(&mut self, cx: &Cx<Self>, _n: u64, right: Far<Right>) {
        self.0.add("left.foo 1");
        let barred = right.bar(cx, 2, &right);
        cx.when(barred, |left, _, n| left.0.add(format!("left.then {}", n.unwrap())));
    }
}

#[object]
impl Right {
    fn bar(&mut self, cx: &Cx<Self>, n: u64, right: Far<Self>) -> u64 {
        self.0.add(format!("right.bar {n} {}", cx.me() == right));
        3
    }
}

fn steps(notes: &Notes) -> Sim {
    let noted = notes.clone();
    Sim::new(move |_| {
        let (left_spawn, left) = spawn_object(Left(noted.clone()));
        let (right_spawn, right) = spawn_object(Right(noted.clone()));
        transition_no_state!(
            left_spawn,
            right_spawn,
            ask(
                |cx| left.foo(cx, 1, &right),
                move |(): (), done: Result<(), Reason>| {
                    noted.add(format!("boot.resolved {done:?}"));
                    transition_no_state!()
                }
            ),
        )
    })
}

/// The actions that wait, in short.
fn queue(sim: &mut Sim) -> Vec<String> {
    sim.dump()
        .queue
        .iter()
        .map(|action| match &action.action {
            marketplace::Performed::SendTo(_, message) => format!("send {message}"),
            other => format!("{other:?}").split(['(', ' ', '{']).next().unwrap().to_string(),
        })
        .collect()
}

const SAID: [&str; 4] = ["left.foo 1", "right.bar 2 true", "boot.resolved Ok(())", "left.then 3"];

/// The queue after each step: a send, an answer, a `when` is one.
#[test]
fn s_s06_step_and_dump() {
    let notes = Notes::default();
    let mut sim = steps(&notes);
    // The two spawns, and what the processes of the host do.
    let mut queues = vec![queue(&mut sim)];
    while sim.step() {
        queues.push(queue(&mut sim));
    }
    assert_eq!(notes.take(), SAID);
    assert_eq!(queues.last(), Some(&vec![]));
    let shown = queues.iter().map(|queue| queue.join(", ")).collect::<Vec<_>>();
    let sends = |verb: &str| {
        shown
            .iter()
            .position(|queue| queue.contains(&format!("send ['{verb},")))
            .unwrap_or_else(|| panic!("{shown:#?}"))
    };
    assert!(sends("foo") < sends("bar"), "{shown:#?}");
    assert!(!sim.step(), "one more changes nothing");
    assert!(notes.take().is_empty());
}

/// From each of those states, a run ends with an empty queue, and has said the same.
#[test]
fn s_s07_run_from_any_step() {
    let whole = {
        let notes = Notes::default();
        let mut sim = steps(&notes);
        sim.run();
        format!("{}", sim.trace())
    };
    for before in 0..20 {
        let notes = Notes::default();
        let mut sim = steps(&notes);
        for _ in 0..before {
            sim.step();
        }
        sim.run();
        assert_eq!(notes.take(), SAID, "after {before} steps");
        assert!(queue(&mut sim).is_empty());
        assert_eq!(format!("{}", sim.trace()), whole);
    }
}

/// Nobody wants the outcome: the failure is noted where the object is, and nowhere else.
#[test]
fn e_s06_outcome_discarded() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = crate::deeds::sim();
        let (alice, bob) = (keeper(&mut sim, 0, "alice", &notes), keeper(&mut sim, depth, "bob", &notes));
        sim.log_mut().turn_on();
        let sender = bob.clone();
        sim.spawn(spawn!(transition_no_state!(subscriber!(
            "go",
            on_message!(_ => tell(|cx| { sender.refuse(cx); }))
        ))));
        sim.run();
        crate::deeds::say(&mut sim, "go");
        assert_eq!(sim.stats().unheard_errors, 1);
        assert_eq!(sim.log().errors().count(), 1);
        assert!(sim.exits().is_empty(), "nobody has failed");
        let (a, b) = (sim.ask(|cx| alice.echo(cx, 1)), sim.ask(|cx| bob.echo(cx, 2)));
        sim.run();
        assert_eq!((a.answer(), b.answer()), (Some(Ok(1)), Some(Ok(2))));
        notes.take();
    }
}
