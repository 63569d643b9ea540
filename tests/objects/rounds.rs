//! How far the rounds of one step go (O18): what is made while they are dealt with, and falls,
//! waits for a step of its own.

use marketplace::objects::*;

use crate::deeds::{Notes, inside, sim};

/// Makes another one in its last turn, which nobody has.
struct Again {
    left: u64,
    notes: Notes,
}

#[object]
impl Again {
    #[method(released)]
    fn released(&mut self, cx: &Cx<Self>) {
        self.notes.add(format!("released {}", self.left));
        if self.left > 0 {
            drop(cx.make(Self { left: self.left - 1, notes: self.notes.clone() }));
        }
    }
}

#[test]
fn o18_a_last_turn_that_makes_another_last_turn_does_not_hold_the_step() {
    for depth in [0, 1, 2] {
        let notes = Notes::default();
        let mut sim = sim();
        let (spawn, far) = spawn_object(Again { left: 999, notes: notes.clone() });
        sim.spawn(inside(depth, spawn));
        sim.run();
        drop(far);
        assert!(sim.run_steps(10), "{depth}: work is left");
        let so_far = notes.take().len();
        assert!((1..=30).contains(&so_far), "{depth}: {so_far}");
        sim.run();
        assert_eq!(so_far + notes.take().len(), 1000, "{depth}");
        assert_eq!(sim.dump().processes.len(), 1, "{depth}: {}", sim.dump());
    }
}

/// Waits for a promise that nobody can settle, again and again.
struct Waits {
    left: u64,
    notes: Notes,
}

#[object]
impl Waits {
    fn wait(&mut self, cx: &Cx<Self>) {
        let (never, _) = cx.promise::<u64>();
        drop(cx.when(&never, |waits, cx, _| {
            waits.notes.add("broken");
            if waits.left > 0 {
                waits.left -= 1;
                waits.wait(cx);
            }
            Ok(())
        }));
    }
}

#[test]
fn o18_one_who_waits_for_what_falls_and_waits_again_does_not_hold_the_step() {
    for depth in [0, 1] {
        let notes = Notes::default();
        let mut sim = sim();
        let (spawn, far) = spawn_object(Waits { left: 999, notes: notes.clone() });
        sim.spawn(inside(depth, spawn));
        sim.run();
        sim.tell(|cx| {
            far.wait(cx);
        });
        assert!(sim.run_steps(10), "{depth}: work is left");
        let so_far = notes.take().len();
        assert!((1..=30).contains(&so_far), "{depth}: {so_far}");
        sim.run();
        assert_eq!(so_far + notes.take().len(), 1000, "{depth}");
    }
}
