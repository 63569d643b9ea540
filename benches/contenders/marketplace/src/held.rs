//! How much memory objects take, promises, and messages that wait.

use std::hint::black_box;

use harness::{MANY, Run, resident};
use marketplace::GroundVm;
use marketplace::objects::*;

use crate::{churn, empty};

struct Thing(u64);

#[object]
impl Thing {
    fn value(&self) -> u64 {
        self.0
    }
}

/// Keeps what it is asked to make.
#[derive(Default)]
struct Keeper {
    things: Vec<Far<Thing>>,
    promises: Vec<(Promise<u64>, Resolver<u64>)>,
    /// Decides the promise at which the messages wait.
    resolver: Option<Resolver<Far<Thing>>>,
}

#[object]
impl Keeper {
    fn things(&mut self, cx: &Cx<Self>) {
        self.things = (0..MANY).map(|n| cx.make(Thing(n))).collect();
    }

    fn promises(&mut self) {
        self.promises = (0..MANY).map(|_| promise()).collect();
    }

    fn messages(&mut self, cx: &Cx<Self>) {
        let (thing, resolver) = promise::<Far<Thing>>();
        (0..MANY).for_each(|_| drop(thing.value(cx)));
        self.resolver = Some(resolver);
    }
}

pub(crate) fn run(run: &Run) {
    // All stay until the last was measured: what one frees would be the next one's memory.
    let (objects, of_objects) = by_keeper(|cx, keeper| keeper.things(cx));
    let (promises, of_promises) = by_keeper(|cx, keeper| keeper.promises(cx));
    let (messages, of_messages) = by_keeper(|cx, keeper| keeper.messages(cx));
    let (processes, of_processes) = processes();
    run.record_bytes(&[("of", "object".into())], "object", of_objects);
    run.record_bytes(&[("of", "process with an object".into())], "process", of_processes);
    run.record_bytes(&[("of", "promise".into())], "promise", of_promises);
    run.record_bytes(&[("of", "waiting message".into())], "message", of_messages);
    black_box((objects, promises, messages, processes));
}

fn by_keeper(make: fn(&Asker, &Far<Keeper>) -> Promise<()>) -> ((GroundVm, Far<Keeper>), f64) {
    let mut vm = empty();
    let keeper = vm.spawn_object(Keeper::default());
    churn(&mut vm);
    let before = resident();
    vm.tell(|cx| make(cx, &keeper));
    churn(&mut vm);
    let bytes = resident().saturating_sub(before);
    ((vm, keeper), bytes as f64 / MANY as f64)
}

fn processes() -> ((GroundVm, Vec<Far<Thing>>), f64) {
    let mut vm = empty();
    churn(&mut vm);
    let before = resident();
    let mut things = Vec::with_capacity(MANY as usize);
    for n in 0..MANY {
        things.push(vm.spawn_object(Thing(n)));
        if n % 1000 == 999 {
            churn(&mut vm);
        }
    }
    let bytes = resident().saturating_sub(before);
    ((vm, things), bytes as f64 / MANY as f64)
}
