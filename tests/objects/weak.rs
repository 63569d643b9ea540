//! Weak references: they keep nothing, and lead to nothing else (O18).

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::deeds::{Notes, answer, holder, keeper, say, sim};

#[test]
fn o18_a_weak_reference_keeps_nothing() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 1, "it", &notes);
    let weakly = weak(&far);
    sim.run();
    assert_eq!(weakly.upgrade(), Some(far.clone()));
    sim.spawn(spawn!(holder(far)));
    say(&mut sim, "let go");
    assert_eq!(notes.take(), ["it drops"]);
    assert_eq!(weakly.upgrade(), None);
}

struct Room;

#[object]
impl Room {
    fn next(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }
}

/// Has weak references to promises that nobody has any more.
struct Watcher {
    room: Far<Room>,
    weakly: Vec<WeakFar<Room>>,
    held: Vec<Promise<Far<Room>>>,
}

impl Watcher {
    fn watch(&mut self, promise: &Promise<Far<Room>>) {
        self.weakly.push(weak(&cast(promise)));
    }
}

#[object]
impl Watcher {
    fn ask_for_no_answer(&mut self, cx: &Cx<Self>) {
        let promise = self.room.next(cx);
        self.watch(&promise);
    }

    fn wait(&mut self, cx: &Cx<Self>) {
        let promise = self.room.next(cx);
        self.watch(&promise);
        cx.when(promise, |_, _, room| room.map(|_| ()).map_err(Failure::from));
    }

    fn send_on(&mut self, cx: &Cx<Self>) {
        let promise = self.room.next(cx);
        self.watch(&promise);
        promise.next(cx);
    }

    /// Holds new promises, and counts the old ones that are there.
    fn hold(&mut self, cx: &Cx<Self>) -> usize {
        self.held.extend((0..100).map(|_| self.room.next(cx)));
        self.weakly.iter().filter(|weakly| weakly.upgrade().is_some()).count()
    }
}

/// However the promise was used: what stands for it is not used for another one, as long as a weak
/// reference would bring that to light.
#[test]
fn o18_a_weak_reference_to_a_promise_is_to_no_later_one() {
    let mut sim = sim();
    let room = sim.spawn_object(Room);
    let watcher = sim.spawn_object(Watcher { room, weakly: Vec::new(), held: Vec::new() });
    for _ in 0..3 {
        sim.tell(|cx| {
            watcher.ask_for_no_answer(cx);
            watcher.wait(cx);
            watcher.send_on(cx);
        });
        sim.run();
        let there = sim.ask(|cx| watcher.hold(cx));
        sim.run();
        assert_eq!(answer(&there), "0");
    }
}
